#!/usr/bin/env python3
"""The Windows agent captures real traffic and mirrors it: Wine's wpcap.dll reads this host's network by its own libpcap.

client, production with nginx and the agent, and shadow with squid are network namespaces.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, case, network, processes, servers, tools, wine  # noqa: E402

PRODUCTION = network.Network.PRODUCTION
SHADOW = network.Network.SHADOW
COUNT = 1000
MIX = "get=60,post/4096=20,post/65536=5,chunked/9000=10"
CHECK_FAILED = 13


class Capture(case.NetworkCase):
    def setUp(self):
        super().setUp()
        self.shadow = self.start_shadow()
        self.wine = self.start(wine.Wine(namespace=self.network.production.name))
        self.summary = self.path("summary.json")

    def status(self, target="/status"):
        return tools.get_json(self.network.production, "127.0.0.1", 9600, target)

    def answers(self):
        try:
            return self.status("/health")[0] in (200, 503)
        except (OSError, ValueError):
            return False

    def start_agent(self, *options):
        running = self.start(self.wine.start(
            wine.program("understudy-agent.exe"), "run", "--port", "8080", "--summary", wine.windows_path(self.summary), *options,
            directory=self.directory, name="agent", seconds=90))
        processes.wait_until(lambda: self.answers() or not running.running, 30, "the agent's /health answers")
        self.assertTrue(running.running, running.stderr)
        return running

    def mirrors(self, running, count=COUNT):
        """The load, each request once at the shadow, and an end in good order: /status as it was before."""
        self.load(count=count, mix=MIX, rate=400)

        def settled():
            ledger = agent.ledger_of(self.status()[1])
            return ledger["capture"]["seen"] >= count and agent.settled(ledger)

        processes.wait_until(settled, 30, "every request is settled")
        document = self.status()[1]
        running.signal(2)
        self.assertEqual(running.wait(30), 0, running.stderr)
        with open(self.summary, encoding="utf-8") as file:
            ledger = agent.ledger_of(json.load(file))
        agent.assert_adds_up(ledger)
        self.assertEqual(ledger["capture"]["seen"], count, ledger)
        self.assertEqual(ledger["outputs"][0]["delivered"], count, ledger)
        arrivals = self.shadow.arrivals(count)
        self.assertEqual((arrivals["missing"], arrivals["duplicates"], arrivals["corrupt"]), (0, 0, 0), arrivals)
        return document

    def test_real_packets_through_squid_with_connect_and_tls(self):
        self.start(servers.start_squid(self.network.shadow, self.directory, SHADOW, 3128, names={"shadow.test": SHADOW},
                                       user="agent", password="opensesame"))
        authority = servers.make_authority(self.directory, "authority")
        certificate, key = servers.make_certificate(self.directory, "shadow", authority, "DNS:shadow.test")
        self.start(servers.start_tls_front(self.network.shadow, self.directory, SHADOW, 8443, certificate, key, self.shadow.port))
        running = self.start_agent("--to", "https://shadow.test:8443", "--proxy", f"http://agent:opensesame@{SHADOW}:3128",
                                   "--ca-file", wine.windows_path(authority[0]))
        document = self.mirrors(running)
        self.assertEqual(document["engine_choice"]["asked"], "auto", document)
        self.assertEqual(document["engine_choice"]["chosen"], "npcap", document)
        with open(self.path("squid.access"), encoding="utf-8") as file:
            self.assertIn(" CONNECT shadow.test:8443", file.read())

    def test_real_packets_of_one_interface_and_of_loopback(self):
        running = self.start_agent("--engine", "npcap", "--interface", "client,lo", "--to", self.shadow.url)
        done = self.network.production.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:8080/loopback")
        self.assertEqual(done.stdout, "200", done.stderr)
        processes.wait_until(lambda: agent.ledger_of(self.status()[1])["capture"]["seen"] == 1, 15, "loopback's request is seen")
        self.load(count=50, rate=100)
        processes.wait_until(lambda: agent.ledger_of(self.status()[1])["outputs"][0]["delivered"] == 51, 15, "all are delivered")
        running.signal(2)
        self.assertEqual(running.wait(30), 0, running.stderr)

    def test_the_doctor(self):
        load = self.start_load(count=100_000, rate=100, deadline=60)
        done = self.wine.run(wine.program("understudy-agent.exe"), "check", "--port", "8080", "--to", self.shadow.url, "--json",
                             "--duration", "3s")
        document = json.loads(done.stdout)
        items = {item["name"]: item for item in document["checks"]}
        self.assertEqual(done.returncode, 0, json.dumps(document, indent=1) + done.stderr)
        self.assertTrue(document["would_work"])
        self.assertIn("HTTP", items["packets"]["found"])
        self.assertIn("8080 is listened on", items["sockets"]["found"], items["sockets"])
        self.assertTrue(any("client" in line for line in items["interfaces"]["details"]), items["interfaces"])
        load.stop()
        done = self.wine.run(wine.program("understudy-agent.exe"), "check", "--port", "8099", "--duration", "1s")
        self.assertEqual(done.returncode, CHECK_FAILED, done.stdout)
        self.assertIn("nothing listens on port 8099", done.stdout)
        self.assertIn("no packet", done.stdout)


if __name__ == "__main__":
    wine.main(needs_network=True)
