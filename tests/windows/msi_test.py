#!/usr/bin/env python3
"""The .msi under Wine: unattended installation with properties, mirroring, upgrade, removal.

UNDERSTUDY_PACKAGES names a folder of packages to test; without it the .msi is made of the program under test.
"""
import os
import sys

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

        # Another version, with no properties: the configuration stays. A later one is replaced as well: a rollback.
        if not os.environ.get("UNDERSTUDY_PACKAGES"):
            newer = windows_packages.find(windows_packages.make(self.directory, "1.3.0"), "*.msi")
            for package in (newer, self.msi):
                done = self.msiexec("/i", wine.windows_path(package))
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr + self.log())
                self.wait_healthy()
            with open(os.path.join(self.data, "agent.toml"), encoding="utf-8") as file:
                self.assertEqual(file.read(), configuration)

        done = self.msiexec("/x", wine.windows_path(self.msi))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertFalse(self.healthy())
        self.service("status", code=SERVICE_MISSING)
        self.assertFalse(os.path.exists(os.path.dirname(self.installed)))
        self.assertEqual(sorted(os.listdir(self.data)), ["agent.toml", "logs"])


if __name__ == "__main__":
    wine.main(needs_network=True)
