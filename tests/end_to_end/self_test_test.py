#!/usr/bin/env python3
"""`check --self-test`, the last step of an installation, and the watchdog that turns /health to 503."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, processes, tools  # noqa: E402

SELF_TEST_FAILED = 29
SERVICE_UNSUPPORTED = 28
INTERFACE = "client"  # production's, on the way to the client


class SelfTest(case.NetworkCase):
    def self_test(self, *options, code=0, port=8080):
        done = self.network.production.run(tools.tool("understudy-agent"), "check", "--port", port, "--self-test", "--json",
                                           *options, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["would_work"], code == 0)
        return {item["name"]: item for item in document["checks"]}

    def test_the_running_agent_sees_the_probe_and_sends_it_nowhere(self):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url)
        items = self.self_test()
        self.assertEqual(items["probe"]["status"], "ok", items)
        ledger = self.finish(running)
        self.assertEqual(ledger["capture"]["filtered"]["self_traffic"], 1, ledger)
        self.assertEqual(shadow.arrivals()["unique"], 0)

    def test_an_agent_that_looks_elsewhere_fails_with_the_reason(self):
        self.start_agent("--interface", INTERFACE)
        items = self.self_test("--self-test-time", "2s", code=SELF_TEST_FAILED)
        self.assertEqual(items["probe"]["status"], "failed", items)
        self.assertIn("interface", items["traffic"]["advice"])
        self.assertIn("sockets", items)  # the doctor's own findings

    def test_requests_of_others_are_enough_where_the_probe_cannot_be_seen(self):
        self.start_agent("--interface", INTERFACE)
        self.start_load(count=100_000, rate=50, deadline=20)
        items = self.self_test("--self-test-time", "15s")
        self.assertEqual(items["probe"]["status"], "warning", items)

    def test_without_an_agent_a_capture_sees_the_probe(self):
        items = self.self_test("--self-test-time", "10s")
        self.assertIn("no agent answers", items["agent"]["found"])
        self.assertEqual(items["packets"]["status"], "ok", items)

    def test_a_service_that_is_not_there(self):
        self.start_agent()
        items = self.self_test("--self-test-time", "1s", code=SELF_TEST_FAILED, port=8099)
        self.assertIn("nothing listened on port 8099", items["service"]["found"])


class Watchdog(case.NetworkCase):
    def test_connections_without_packets_make_health_503_until_packets_come(self):
        running = self.start_agent("--interface", "lo")
        # A connection from outside that stays: its packets do not pass loopback.
        script = "exec 3<>/dev/tcp/10.77.1.1/8080; printf 'GET /a HTTP/1.1\\r\\nHost: a\\r\\n' >&3; sleep 60"
        self.start(processes.Process(["bash", "-c", script], self.directory, "client", self.network.client.name))
        processes.wait_until(lambda: running.get("/health")[0] == 503, 30, "/health is 503")
        self.assertIn("no packets", json.dumps(running.get("/health")[1]))
        self.assertIn("'understudy-agent check' looks into it", running.log)
        tools.curl(self.network.production, "-fsS", "-o", os.devnull, "http://127.0.0.1:8080/b")
        processes.wait_until(lambda: running.get("/health")[0] == 200, 10, "/health is 200 again")


class Service(case.Case):
    def test_without_systemd_the_command_says_so(self):
        if os.path.isdir("/run/systemd/system"):
            self.skipTest("systemd runs here")
        for action in ("install", "start", "status", "uninstall", "run"):
            done = self.run_agent("service", action)
            self.assertEqual(done.returncode, SERVICE_UNSUPPORTED, (action, done.stdout, done.stderr))
            self.assertIn("systemd", done.stdout + done.stderr)


if __name__ == "__main__":
    case.main()
