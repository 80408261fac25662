#!/usr/bin/env python3
"""The Packet Monitor engine, with a test double of Pktmonapi.dll: each packet comes from several components, and counts once.

What the double cannot show is whether a real Windows does as Microsoft's documentation says.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import wine, wine_capture  # noqa: E402

PERMISSION, NO_INTERFACE, ENGINE_MISSING = 4, 5, 14


class Pktmon(wine_capture.DoubleCase):
    overrides = "pktmonapi=n;wpcap="
    engine = "pktmon"
    variables = "PKTMON_DOUBLE_"
    library = ("pktmonapi.dll",)

    def setUp(self):
        super().setUp()
        self.use("pktmon-double.dll")

    def test_each_packet_counts_once(self):
        log, document = self.capture(
            missed=3, until=lambda document: document["capture_engine"]["packets_received"] == document["packets"])
        self.assertEqual(document["capture_engine"]["dropped_by_kernel"], 3, document)
        self.assertIn("never run on a real Windows", document["engine_choice"]["caveat"])
        self.assertIn("never run on a real Windows", log)

    def test_auto_takes_it_where_npcap_does_not_work(self):
        self.engine = "auto"
        _, document = self.capture()
        choice = document["engine_choice"]
        self.assertEqual((choice["asked"], choice["chosen"]), ("auto", "pktmon"), choice)
        self.assertEqual([refusal["engine"] for refusal in choice["refused"]], ["npcap"], choice)
        self.assertIn("wpcap.dll", choice["refused"][0]["reason"])

    def test_a_stream_that_breaks_off_ends_the_agent_with_the_reason(self):
        running = self.start_exe(end=1)
        self.assertEqual(running.wait(40), ENGINE_MISSING, running.stderr)
        self.assertIn("ended its packet stream", running.stderr)

    def test_what_it_refuses(self):
        self.fails(PERMISSION, ["administrator"], "--engine", "pktmon", refuse="initialize")
        self.fails(ENGINE_MISSING, ["PacketMonitorAddCaptureConstraint", "0x80004001"], "--engine", "pktmon", refuse="constraint")
        self.fails(NO_INTERFACE, ["--address"], "--engine", "pktmon", "--interface", "Ethernet")
        self.fails(PERMISSION, ["no capture engine works here", "npcap: ", "raw: "], "--engine", "auto", refuse="initialize")


if __name__ == "__main__":
    wine.main()
