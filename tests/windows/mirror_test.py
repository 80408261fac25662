#!/usr/bin/env python3
"""The Windows agent mirrors: plainly, through squid with CONNECT and TLS, with the roots that Windows trusts; it serves its
status, and drains on Ctrl-C."""
import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, case, network, processes, servers, tools, wine  # noqa: E402

SHADOW = network.Network.SHADOW
MIX = "get=60,post/4096=20,post/65536=5,chunked/9000=10"
COUNT = 1000
TLS = 10
ROOTS = "/etc/ssl/certs/ca-certificates.crt"  # from which Wine fills the store ROOT


class Mirror(case.NetworkCase):
    def setUp(self):
        super().setUp()
        self.shadow = self.start_shadow()
        self.wine = self.start(wine.Wine(namespace=self.network.production.name))
        self.summary = self.path("summary.json")

    def capture(self, count=COUNT, mix=MIX):
        path = self.path("made.pcap")
        made = tools.run([tools.tool("capture-generator"), "--out", path, "--count", count, "--mix", mix])
        self.assertEqual(made.returncode, 0, made.stderr)
        return path

    def command(self, *options):
        return [wine.program("understudy-agent.exe"), "run", "--port", "80", "--summary", wine.windows_path(self.summary), *options]

    def mirror(self, *options):
        """Reads a capture with these options to its end: (finished process, ledger)."""
        done = self.wine.run(*self.command("--read", wine.windows_path(self.capture()), *options))
        with open(self.summary, encoding="utf-8") as file:
            return done, agent.ledger_of(json.load(file))

    def delivers(self, *options):
        done, ledger = self.mirror(*options)
        self.assertEqual(done.returncode, 0, done.stderr)
        agent.assert_adds_up(ledger)
        self.assertEqual(ledger["outputs"][0]["delivered"], COUNT, ledger)
        arrivals = self.shadow.arrivals(COUNT)
        self.assertEqual((arrivals["missing"], arrivals["duplicates"], arrivals["corrupt"]), (0, 0, 0), arrivals)
        return done

    def start_tls(self):
        authority = servers.make_authority(self.directory, "authority")
        certificate, key = servers.make_certificate(self.directory, "shadow", authority, f"DNS:shadow.test,IP:{SHADOW}")
        self.start(servers.start_tls_front(self.network.shadow, self.directory, SHADOW, 8443, certificate, key, self.shadow.port))
        return authority[0]

    def test_every_request_of_a_capture_arrives(self):
        self.delivers("--to", self.shadow.url)

    def test_through_squid_with_connect_and_tls(self):
        self.start(servers.start_squid(self.network.shadow, self.directory, SHADOW, 3128, names={"shadow.test": SHADOW},
                                       user="agent", password="opensesame"))
        authority = self.start_tls()
        self.delivers("--to", "https://shadow.test:8443", "--proxy", f"http://agent:opensesame@{SHADOW}:3128", "--ca-file",
                      wine.windows_path(authority))
        with open(self.path("squid.access"), encoding="utf-8") as file:
            self.assertIn(" CONNECT shadow.test:8443", file.read())

    def test_the_store_root_is_trusted_and_nothing_else(self):
        authority = self.start_tls()
        target = ["--to", f"https://{SHADOW}:8443"]
        done, ledger = self.mirror(*target)
        self.assertEqual(ledger["outputs"][0]["delivered"], 0, ledger)
        self.assertIn("issuer is not trusted", done.stderr)
        self.assertEqual(done.returncode, TLS)
        # The same with an authority that the system knows: a mount of its own over Wine's list of them.
        self.wine.stop()
        self.wine = self.start(wine.Wine(namespace=self.network.production.name))
        inside = f"mount --bind {authority} {ROOTS} || exit 99; exec \"$@\""
        command = ["unshare", "--mount", "sh", "-c", inside, "sh",
                   *self.wine.command(self.command("--read", wine.windows_path(self.capture()), *target), 60)]
        done = self.start(processes.Process(command, self.directory, "trusting", environment=self.wine.environment))
        self.assertEqual(done.wait(90), 0, done.stderr)
        self.assertEqual(self.shadow.arrivals(COUNT)["missing"], 0)

    def test_it_serves_its_status_and_drains_on_ctrl_c(self):
        # A slow shadow and a full queue keep it reading.
        self.shadow.set_mode("slow", delay_ms=200)
        capture = self.capture(3000, "post/65536")
        running = self.start(self.wine.start(*self.command("--read", wine.windows_path(capture), "--to", self.shadow.url,
                                                           "--max-memory", "64MiB", "--status-address", "127.0.0.1:9600"),
                                             directory=self.directory, name="agent"))

        def status(target):
            return tools.get_json(self.network.production, "127.0.0.1", 9600, target)

        def delivered():
            try:
                return agent.ledger_of(status("/status")[1])["outputs"][0]["delivered"]
            except OSError:
                return 0

        processes.wait_until(lambda: delivered() > 20, 30, "some requests are delivered: " + running.stderr)
        code, health = status("/health")
        self.assertEqual(code, 200, health)
        self.assertGreater(status("/status")[1]["resident_bytes"], 1 << 20)
        self.shadow.set_mode("normal")
        running.signal(signal.SIGINT)  # Wine makes Ctrl-C of it
        self.assertEqual(running.wait(30), 0, running.stderr)
        with open(self.summary, encoding="utf-8") as file:
            ledger = agent.ledger_of(json.load(file))
        agent.assert_adds_up(ledger)
        output = ledger["outputs"][0]
        self.assertLess(ledger["capture"]["seen"], 3000, "it ended before it had read everything")
        self.assertEqual(output["delivered"], output["offered"], ledger)
        self.assertEqual(self.shadow.arrivals()["unique"], output["delivered"])


if __name__ == "__main__":
    wine.main(needs_network=True)
