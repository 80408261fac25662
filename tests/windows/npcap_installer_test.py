#!/usr/bin/env python3
"""A customer's Npcap installer: only the file that was named is run, within a time limit, and its work is verified."""
import hashlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import processes, wine  # noqa: E402

USAGE = 2
SERVICE_MISSING = 26
INSTALLER_FAILED = 32


class NpcapInstaller(wine.WineCase):
    overrides = "wpcap=n"

    def setUp(self):
        super().setUp()
        self.installer = wine.program("installer-double.exe")
        with open(self.installer, "rb") as file:
            self.sha256 = hashlib.sha256(file.read()).hexdigest()
        self.mark = self.path("ran")
        self.addCleanup(self.remove_library)

    def remove_library(self):
        path = os.path.join(self.wine.drive_c, "windows", "system32", "Npcap", "wpcap.dll")
        if os.path.exists(path):
            os.unlink(path)

    def install(self, sha256=None, milliseconds=30_000, **double):
        environment = {"INSTALLER_DOUBLE_" + name.upper(): str(value) for name, value in double.items()}
        environment["INSTALLER_DOUBLE_MARK"] = wine.windows_path(self.mark)
        return self.wine.run(wine.program("installer-program.exe"), wine.windows_path(self.installer), sha256 or self.sha256,
                             milliseconds, environment=environment)

    def fails(self, words, **options):
        done = self.install(**options)
        self.assertEqual(done.returncode, INSTALLER_FAILED, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stdout)
        return done.stdout

    def test_a_success_is_verified_by_loading_the_library(self):
        done = self.install(sha256=self.sha256.upper(), library=wine.windows_path(wine.program("wpcap-double.dll")))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("Npcap version 1.79 (test double)", done.stdout)
        self.assertTrue(os.path.exists(self.mark))

    def test_a_success_that_leaves_no_library_is_a_failure(self):
        self.fails(["reported success", "left nothing that works"])

    def test_a_success_that_leaves_a_broken_library_is_a_failure(self):
        with open(self.path("broken.dll"), "wb") as file:
            file.write(b"MZ" + b"no library" * 100)
        self.fails(["reported success", "cannot be loaded"], library=wine.windows_path(self.path("broken.dll")))

    def test_a_success_after_a_restart_says_so(self):
        done = self.install(code=3010)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("must be restarted", done.stdout)

    def test_its_exit_codes_have_words(self):
        self.fails(["aborted (1)", "OEM"], code=1)
        self.fails(["failed (2)"], code=2)
        self.fails(["restarted first (350)"], code=350)
        self.fails(["77"], code=77)

    def test_another_file_is_not_run(self):
        text = self.fails([self.sha256, "not the one that was given"], sha256="0" * 64)
        self.assertIn("not run", text)
        self.assertFalse(os.path.exists(self.mark))

    def test_a_hash_that_is_none_and_a_file_that_is_not_there(self):
        done = self.install(sha256="abc")
        self.assertEqual(done.returncode, USAGE, done.stdout)
        self.installer = self.path("nothing.exe")
        self.fails(["nothing.exe", "cannot be opened"])

    def test_what_is_no_program_cannot_be_started(self):
        self.installer = self.path("text.exe")
        with open(self.installer, "wb") as file:
            file.write(b"this is no program")
        self.fails(["cannot be started"], sha256=hashlib.sha256(b"this is no program").hexdigest())

    def test_a_service_is_not_installed_without_the_driver_that_was_asked_for(self):
        def install(sha256):
            return self.agent("service", "install", "--port", "80", "--to", "http://127.0.0.1:9", "--npcap-installer",
                              wine.windows_path(self.installer), "--npcap-sha256", sha256,
                              environment={"INSTALLER_DOUBLE_CODE": "2", "INSTALLER_DOUBLE_MARK": wine.windows_path(self.mark)})

        refused = install("0" * 64)
        self.assertEqual(refused.returncode, INSTALLER_FAILED, refused.stdout + refused.stderr)
        self.assertFalse(os.path.exists(self.mark))
        failed = install(self.sha256)
        self.assertEqual(failed.returncode, INSTALLER_FAILED, failed.stdout + failed.stderr)
        self.assertIn("failed (2)", failed.stdout + failed.stderr)
        self.assertTrue(os.path.exists(self.mark))
        self.assertEqual(self.agent("service", "status").returncode, SERVICE_MISSING)
        alone = self.agent("service", "install", "--port", "80", "--npcap-installer", wine.windows_path(self.installer))
        self.assertEqual(alone.returncode, USAGE, alone.stdout + alone.stderr)

    def test_one_that_waits_for_an_answer_is_ended_with_all_that_it_started(self):
        hanging = self.wine.start(wine.program("installer-program.exe"), wine.windows_path(self.installer), self.sha256, 3000,
                                  directory=self.directory, name="hanging",
                                  environment={"INSTALLER_DOUBLE_HANG": "1", "INSTALLER_DOUBLE_MARK": wine.windows_path(self.mark)})
        self.start(hanging)
        processes.wait_until(lambda: self.running_installers() == 2, 20, "the installer and its child run")
        self.assertEqual(hanging.wait(30), INSTALLER_FAILED, hanging.stdout)
        for word in ("did not end within 3000 ms", "was ended", "OEM"):
            self.assertIn(word, hanging.stdout)
        processes.wait_until(lambda: self.running_installers() == 0, 20, "the installer and its child are gone")

    def running_installers(self):
        """Of this prefix, by what the host knows of its processes."""
        count = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as words, open(f"/proc/{pid}/environ", "rb") as settings:
                    is_installer = words.read().split(b"\0")[0].strip(b'"').endswith(b"installer-double.exe")
                    count += is_installer and self.wine.prefix.encode() in settings.read()
            except OSError:
                pass  # it has ended
        return count


if __name__ == "__main__":
    wine.main()
