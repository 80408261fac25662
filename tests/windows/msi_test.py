#!/usr/bin/env python3
"""The .msi under Wine: unattended installation with properties, mirroring, upgrade, removal.

UNDERSTUDY_PACKAGES names a folder of packages to test; without it the .msi is made of the program under test.
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import windows_packages, wine  # noqa: E402
from e2e.windows_service import SERVICE_MISSING, ServiceCase  # noqa: E402


class Msi(ServiceCase):
    def setUp(self):
        super().setUp()
        self.packages = os.environ.get("UNDERSTUDY_PACKAGES") or windows_packages.make(self.directory)
        self.msi = windows_packages.find(self.packages, "*.msi")

    def msiexec(self, *words):
        return self.wine.run("msiexec", *words, "/qn", seconds=180)

    def test_unattended(self):
        done = self.msiexec("/i", wine.windows_path(self.msi), "SHADOW_URL=" + self.shadow.url, "PORT=8080")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr + self.log())
        self.assertTrue(os.path.exists(self.installed))
        self.wait_healthy()
        self.assert_mirrors("/by-msi")
        # The properties went through a file that is gone.
        self.assertEqual(sorted(os.listdir(self.data)), ["agent.toml", "logs"])
        with open(os.path.join(self.data, "agent.toml"), encoding="utf-8") as file:
            configuration = file.read()
        self.assertIn(f'to = "{self.shadow.url}"', configuration)
        self.assertIn('port = "8080"', configuration)

        self.restart_windows()
        self.wait_healthy()

        done = self.msiexec("/x", wine.windows_path(self.msi))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertFalse(self.healthy())
        self.service("status", code=SERVICE_MISSING)
        left = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.dirname(self.installed)) for name in names]
        self.assertEqual(left, [])  # Wine leaves empty folders
        self.assertEqual(sorted(os.listdir(self.data)), ["agent.toml", "logs"])

    @unittest.skipIf(os.environ.get("UNDERSTUDY_PACKAGES"), "needs packages of two versions")
    def test_upgrade_and_rollback(self):
        """Wine's installer forgets to count a replaced version's components down, so the removal is the other test's."""
        newer = windows_packages.find(windows_packages.make(self.directory, "1.3.0"), "*.msi")
        words = ["SHADOW_URL=" + self.shadow.url, "PORT=8080"]
        for package, path in ((self.msi, "/first"), (newer, "/upgraded"), (self.msi, "/rolled-back")):
            done = self.msiexec("/i", wine.windows_path(package), *words)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr + self.log())
            self.wait_healthy()
            self.assert_mirrors(path)
            words = []  # the configuration stays
        with open(os.path.join(self.data, "agent.toml"), encoding="utf-8") as file:
            self.assertIn(f'to = "{self.shadow.url}"', file.read())


if __name__ == "__main__":
    wine.main(needs_network=True)
