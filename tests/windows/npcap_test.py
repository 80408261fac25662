#!/usr/bin/env python3
"""What the Windows agent does with Npcap's library, played by a test double: loopback's link type NULL, time-outs, drop
counters, a device that goes away, and libraries that are missing, broken or too old."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import wine, wine_capture  # noqa: E402

PERMISSION, NO_INTERFACE, ENGINE_MISSING, CHECK_FAILED, LIBRARY = 4, 5, 14, 13, 31


class NpcapCase(wine_capture.DoubleCase):
    overrides = "wpcap=n"
    engine = "npcap"
    variables = "WPCAP_DOUBLE_"
    library = ("Npcap", "wpcap.dll")


class Capture(NpcapCase):
    """The double plays a capture; the agent must see each request of it once."""

    def test_ethernet(self):
        self.use("wpcap-double.dll")
        log, document = self.capture(idle_reads=3)
        self.assertIn("Npcap version 1.79 (test double)", document["engines"][0])
        self.assertEqual(document["engine_choice"]["chosen"], "npcap")
        self.assertIn("Capture engine: npcap", log)

    def test_loopback_in_this_hosts_byte_order(self):
        self.use("wpcap-double.dll")
        self.capture(link="null-host")

    def test_loopback_in_the_other_byte_order(self):
        self.use("wpcap-double.dll")
        self.capture(link="null-swapped")

    def test_drop_counters_also_over_the_end_of_32_bits(self):
        self.use("wpcap-double.dll")
        _, document = self.capture(drops=17, until=lambda document: document["capture_engine"]["dropped_by_kernel"] > 0)
        engine = document["capture_engine"]
        self.assertEqual((engine["dropped_by_kernel"], engine["dropped_by_interface"]), (17, 1), engine)
        self.assertTrue(engine["counts_drops"])

    def test_a_device_that_goes_away_and_comes_back(self):
        self.use("wpcap-double.dll")
        log, _ = self.capture(break_at=300)
        self.assertIn("broke off: The interface disappeared", log)
        self.assertIn("again", log)

    def test_a_library_without_the_functions_that_may_be_absent(self):
        self.use("wpcap-double-minimal.dll")
        _, document = self.capture(until=lambda document: not document["capture_engine"]["counts_drops"])
        self.assertFalse(document["capture_engine"]["counts_drops"])


class Trouble(NpcapCase):
    def test_missing_library(self):
        shared = os.path.join(self.wine.drive_c, "windows", "system32", "wpcap.dll")
        os.rename(shared, shared + ".away")
        self.addCleanup(os.rename, shared + ".away", shared)
        self.fails(LIBRARY, ["Npcap is not installed", r"Npcap\wpcap.dll", "npcap.com", "--engine auto"], "--engine", "npcap")

    def test_disabled_library(self):
        self.fails(LIBRARY, ["cannot be loaded", "installation is broken"], "--engine", "npcap")

    def test_broken_library(self):
        with open(self.library_path, "wb") as file:
            file.write(b"MZ" + b"no library" * 100)
        self.fails(LIBRARY, ["cannot be loaded"], "--engine", "npcap")

    def test_old_library(self):
        self.use("wpcap-double-old.dll")
        self.fails(LIBRARY, ["too old", "pcap_create"], "--engine", "npcap")

    def test_driver_that_does_not_run(self):
        self.use("wpcap-double.dll")
        self.fails(LIBRARY, ["finds nothing to capture from", "sc query npcap"], "--engine", "npcap", refuse="devices")

    def test_for_administrators_only(self):
        self.use("wpcap-double.dll")
        self.fails(PERMISSION, ["not permitted", "Access is denied", "administrator"], "--engine", "npcap", refuse="permission")

    def test_a_status_in_words(self):
        self.use("wpcap-double.dll")
        self.fails(NO_INTERFACE, ["a status in words"], "--engine", "npcap", refuse="activation")
        self.use("wpcap-double-minimal.dll")
        self.fails(NO_INTERFACE, ["pcap_activate failed with"], "--engine", "npcap", refuse="activation")

    def test_unknown_interface(self):
        self.use("wpcap-double.dll")
        self.fails(NO_INTERFACE, ["'Ethernet 9'", "there are:"], "--engine", "npcap", "--interface", "Ethernet 9")

    def test_bad_filter(self):
        self.use("wpcap-double.dll")
        self.fails(6, ["tcp prot 80"], "--engine", "auto", "--bpf", "tcp prot 80")

    def test_unknown_engine(self):
        self.fails(2, ["auto, npcap, pktmon, raw"], "--engine", "pcap")

    def test_several_workers(self):
        self.use("wpcap-double.dll")
        self.fails(2, ["--workers"], "--engine", "auto", "--workers", "2")

    def test_raw_sockets_and_packet_monitor_say_what_they_lack(self):
        self.fails(ENGINE_MISSING, ["SIO_RCVALL", "raw sockets"], "--engine", "raw")
        self.fails(LIBRARY, ["Pktmonapi.dll", "Windows Server 2022"], "--engine", "pktmon")

    def test_auto_without_any_engine_tells_every_reason(self):
        text = self.fails(ENGINE_MISSING, ["no capture engine works here", "npcap: ", "pktmon: ", "raw: "], "--engine", "auto")
        self.assertEqual(len(text.strip().splitlines()), 1, text)

    def test_the_doctor_has_an_item_for_each_engine(self):
        done = self.run_exe("--json", "--duration", "100ms", command="check")
        self.assertEqual(done.returncode, CHECK_FAILED, done.stdout + done.stderr)
        engines = {item["about"]: item for item in json.loads(done.stdout)["checks"] if item["name"] == "engine"}
        self.assertEqual(list(engines), ["npcap", "pktmon", "raw"])
        self.assertEqual({item["status"] for item in engines.values()}, {"failed"})
        self.use("wpcap-double.dll")
        done = self.run_exe("--json", "--duration", "100ms", command="check")
        items = json.loads(done.stdout)["checks"]
        engines = {item["about"]: item for item in items if item["name"] == "engine"}
        self.assertEqual(engines["npcap"]["status"], "warning", engines)
        for engine in engines.values():  # until they have
            self.assertIn("never run on a real Windows", engine["details"][0])
        self.assertIn("test double", engines["npcap"]["found"])
        self.assertEqual(engines["raw"]["status"], "skipped", engines)
        self.assertEqual({item["name"] for item in items} & {"permission", "interfaces", "sockets", "packets"},
                         {"permission", "interfaces", "sockets", "packets"})


if __name__ == "__main__":
    wine.main()
