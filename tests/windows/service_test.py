#!/usr/bin/env python3
"""The agent as a Windows service under Wine: installed, upgraded, restarted with Windows, stopped, removed; bad input."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import wine  # noqa: E402
from e2e.windows_service import (SELF_TEST_FAILED, SERVICE_MISSING, SERVICE_STOPPED, SERVICE_UNSUPPORTED,  # noqa: E402
                                 TARGET_INVALID, ServiceCase)


class Service(ServiceCase):
    def test_life_cycle(self):
        report = self.install()
        self.assertEqual(report["service"]["state"], "running", report)
        self.assertEqual(report["service"]["start"], "automatic", report)
        self.assertEqual(report["outage_ms"], 0)  # none ran before
        self.assertTrue(os.path.exists(self.installed))
        self.wait_healthy()
        self.assert_mirrors("/first")

        # Twice is the same as once, and an upgrade is a short interruption.
        with open(os.path.join(self.data, "agent.toml"), encoding="utf-8") as file:
            configuration = file.read()
        self.assertIn(f'to = "{self.shadow.url}"', configuration)
        report = self.install()
        self.assertGreater(report["outage_ms"], 0)
        print(f"not running in an upgrade for {report['outage_ms']:.0f} ms")
        with open(os.path.join(self.data, "agent.toml"), encoding="utf-8") as file:
            self.assertEqual(file.read(), configuration)
        self.wait_healthy()
        self.assert_mirrors("/upgraded")

        self.restart_windows()
        self.wait_healthy()
        self.assert_mirrors("/restarted")

        self.assertEqual(self.service("stop")["service"]["state"], "stopped")
        self.assertFalse(self.healthy())
        self.service("status", code=SERVICE_STOPPED)
        self.assertEqual(self.service("start")["service"]["state"], "running")
        self.assertGreater(self.service("restart")["outage_ms"], 0)
        self.wait_healthy()

        # What its owner made stays, and nothing else.
        self.service("uninstall")
        self.assertFalse(self.healthy())
        self.assertFalse(os.path.exists(os.path.dirname(self.installed)))
        self.assertEqual(sorted(os.listdir(self.data)), ["agent.toml", "logs"])
        self.service("status", code=SERVICE_MISSING)
        self.service("uninstall")

    def test_an_installation_that_sees_nothing_fails_and_leaves_nothing(self):
        report = self.service("install", "--port", "8099", "--to", self.shadow.url, "--self-test-time", "3s",
                              code=SELF_TEST_FAILED)
        self.assertIn("nothing listened on port 8099", report["message"])
        self.assertIn("not installed", report["message"])
        self.service("status", code=SERVICE_MISSING)
        self.assertFalse(os.path.exists(self.installed))
        self.assertFalse(os.path.exists(os.path.join(self.data, "agent.toml")))

    def test_a_failed_upgrade_puts_the_former_service_back(self):
        self.install()
        report = self.service("install", "--port", "8099", "--self-test-time", "3s", code=SELF_TEST_FAILED)
        self.assertIn("back in place", report["message"])
        self.assertEqual(report["service"]["state"], "running")
        self.wait_healthy()
        self.assert_mirrors("/after")

    def test_bad_input(self):
        done = self.wine.run(wine.program("understudy-agent.exe"), "service", "run")
        self.assertEqual(done.returncode, SERVICE_UNSUPPORTED, done.stderr)
        self.assertIn("1063", done.stderr)
        for action in ("start", "stop", "restart", "status"):
            self.service(action, code=SERVICE_MISSING)
        self.service("install", "--port", "8080", "--to", "ftp://shadow", code=TARGET_INVALID)
        self.service("status", code=SERVICE_MISSING)
        # Without an output there is nothing to start, whatever else is set.
        report = self.service("install")
        self.assertEqual(report["service"]["start"], "manual", report)
        report = self.service("install", "--port", "8080")
        self.assertEqual((report["service"]["state"], report["service"]["start"]), ("stopped", "manual"), report)
        self.assertIn("neither a shadow nor a recording", report["message"])
        # A start that fails says why.
        report = self.install("--status-address", "127.0.0.1:8080", code=27)
        self.assertIn("8080", report["message"])
        self.assertEqual(report["service"]["state"], "stopped")


if __name__ == "__main__":
    wine.main(needs_network=True)
