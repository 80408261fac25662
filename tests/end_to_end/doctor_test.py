#!/usr/bin/env python3
"""`understudy-agent check` says whether a mirror would work, and if not, why."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, network, servers, tools  # noqa: E402

SHADOW = network.Network.SHADOW
CHECK_FAILED = 13


class Doctor(case.NetworkCase):
    def check(self, *options, port=8080):
        return self.network.production.run(tools.tool("understudy-agent"), "check", "--port", port, *options, timeout=60)

    def with_traffic(self, **load):
        """Traffic for longer than the doctor looks."""
        return self.start_load(count=100_000, rate=100, deadline=25, **load)

    def healthy(self, *options, **keywords):
        done = self.check(*options, "--duration", "2s", **keywords)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def ill(self, words, *options, **keywords):
        done = self.check(*options, "--duration", "2s", **keywords)
        self.assertEqual(done.returncode, CHECK_FAILED, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word.lower(), done.stdout.lower())
        return done.stdout

    def test_all_is_well(self):
        shadow = self.start_shadow()
        self.with_traffic()
        text = self.healthy("--to", shadow.url)
        self.assertIn("HTTP", text)
        self.assertIn("client", text)  # the interface
        self.assertIn(SHADOW, text)

    def test_json(self):
        shadow = self.start_shadow()
        self.with_traffic()
        document = json.loads(self.healthy("--to", shadow.url, "--json"))
        self.assertIsInstance(document, dict)
        engines = [item for item in document["checks"] if item["name"] == "engine"]
        self.assertEqual([(item["about"], item["status"]) for item in engines], [("pcap", "ok")])
        self.assertIn("libpcap", engines[0]["found"])
        done = self.check("--to", "http://10.77.2.2:8099", "--json", "--duration", "1s")
        self.assertEqual(done.returncode, CHECK_FAILED)
        self.assertIsInstance(json.loads(done.stdout), dict)

    def test_through_proxy_and_tls(self):
        self.start(servers.start_squid(self.network.shadow, self.directory, SHADOW, 3128, names={"shadow.test": SHADOW},
                                       user="user", password="secret"))
        authority = servers.make_authority(self.directory, "authority")
        certificate, key = servers.make_certificate(self.directory, "shadow", authority, "DNS:shadow.test")
        self.start(servers.start_tls_front(self.network.shadow, self.directory, SHADOW, 8443, certificate, key, 8081))
        self.start_shadow()
        self.with_traffic()
        text = self.healthy("--to", "https://shadow.test:8443", "--proxy", f"http://user:secret@{SHADOW}:3128", "--ca-file",
                            authority[0])
        self.assertNotIn("secret", text)
        self.ill(["407"], "--to", "https://shadow.test:8443", "--proxy", f"http://{SHADOW}:3128", "--ca-file", authority[0])
        self.ill(["certificate"], "--to", "https://shadow.test:8443", "--proxy", f"http://user:secret@{SHADOW}:3128")

    def test_no_traffic(self):
        self.ill(["8080"], port=8080)

    def test_traffic_on_another_interface(self):
        self.with_traffic()
        self.ill(["lo"], "--interface", "lo")

    def test_dead_shadow(self):
        self.with_traffic()
        self.ill(["refused", "10.77.2.2:8099"], "--to", "http://10.77.2.2:8099")

    def test_unknown_host(self):
        self.with_traffic()
        self.ill(["no-such-host.test"], "--to", "http://no-such-host.test/")

    def test_hung_shadow(self):
        shadow = self.start_shadow(mode="hung")
        self.with_traffic()
        self.ill([shadow.url.partition("//")[2]], "--to", shadow.url)

    def test_http2_on_the_port(self):
        self.start(servers.start_http2_production(self.network.production, self.directory, "0.0.0.0", 8090))
        script = "while :; do curl -s --max-time 5 --http2-prior-knowledge http://10.77.1.1:8090/a?id=7; sleep 0.1; done"
        self.start(case.processes.Process(["timeout", "20", "sh", "-c", script], self.directory, "loop",
                                          self.network.client.name))
        self.ill(["HTTP/2"], port=8090)

    def test_tls_on_the_port(self):
        authority = servers.make_authority(self.directory, "authority")
        certificate, key = servers.make_certificate(self.directory, "service", authority, "IP:10.77.1.1")
        self.start(servers.start_tls_front(self.network.production, self.directory, network.Network.PRODUCTION, 8443,
                                           certificate, key, 8080))
        script = "while :; do curl -sk --max-time 5 https://10.77.1.1:8443/a?id=7; sleep 0.1; done"
        self.start(case.processes.Process(["timeout", "20", "sh", "-c", script], self.directory, "loop",
                                          self.network.client.name))
        self.ill(["TLS"], port=8443)


if __name__ == "__main__":
    case.main()
