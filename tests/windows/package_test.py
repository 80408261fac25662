#!/usr/bin/env python3
"""The Windows packages: the .nupkg by a real NuGet client, its scripts by PowerShell's grammar, the .zip, signatures.

UNDERSTUDY_PACKAGES names a folder of packages to test; without it they are made of the program under test.
"""
import filecmp
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, windows_packages  # noqa: E402

SCRIPT_LINES_MAX = 40
STEPS = ["PreDeploy.ps1", "Deploy.ps1", "PostDeploy.ps1", "DeployFailed.ps1"]


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="understudy-packages-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.packages = os.environ.get("UNDERSTUDY_PACKAGES") or windows_packages.make(cls.folder)
        cls.nupkg = windows_packages.find(cls.packages, "*.nupkg")

    def path(self, name):
        path = os.path.join(self.folder, self.id().rsplit(".", 1)[1])
        os.makedirs(path, exist_ok=True)
        return os.path.join(path, name)

    def nuget_install(self, package):
        """`nuget install` out of a folder with this package alone: the finished process and where it was unpacked to."""
        feed = self.path("feed")
        os.makedirs(feed)
        shutil.copy(package, feed)
        installed = self.path("installed")
        # It would ask on a terminal, and never end on some pipes.
        done = subprocess.run(["timeout", "120", "nuget", "install", "understudy-agent", "-Prerelease", "-NonInteractive", "-Source",
                               feed, "-OutputDirectory", installed], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, env={**os.environ, "HOME": self.path("")})
        found = glob.glob(os.path.join(installed, "understudy-agent.*"))
        return done, found[0] if found else None

    def test_a_nuget_client_installs_the_package(self):
        done, installed = self.nuget_install(self.nupkg)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIsNotNone(installed, done.stdout)
        for name in ["understudy-agent.exe", "agent.toml", "docs/install-octopus.md", *STEPS]:
            self.assertTrue(os.path.exists(os.path.join(installed, name)), (name, os.listdir(installed)))

    def test_a_zip_without_the_parts_of_a_package_is_refused(self):
        bare = self.path(os.path.basename(self.nupkg))
        with zipfile.ZipFile(self.nupkg) as package, zipfile.ZipFile(bare, "w") as copy:
            for name in package.namelist():
                if not name.startswith(("_rels/", "[Content_Types]", "package/")) and not name.endswith(".nuspec"):
                    copy.writestr(name, package.read(name))
        _, installed = self.nuget_install(bare)
        self.assertIsNone(installed)

    def test_every_part_has_a_type(self):
        with zipfile.ZipFile(self.nupkg) as package:
            names = package.namelist()
            types = package.read("[Content_Types].xml").decode()
            self.assertEqual(package.testzip(), None)
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            if name != "[Content_Types].xml":
                extension = os.path.basename(name).rpartition(".")[2]
                self.assertTrue(f'Extension="{extension}"' in types or f'PartName="/{name}"' in types, name)

    def test_octopus_finds_its_scripts_and_they_are_powershell(self):
        parser = windows_packages.powershell_parser()
        with zipfile.ZipFile(self.nupkg) as package:
            package.extractall(self.path("package"))
        scripts = [self.path(os.path.join("package", step)) for step in STEPS]
        for script in scripts:
            with open(script, encoding="ascii") as file:
                lines = file.read().splitlines()
            self.assertLessEqual(len(lines), SCRIPT_LINES_MAX, script)
            self.assertTrue(lines[-1].startswith("exit $LASTEXITCODE"), script)
        done = subprocess.run([*parser, *scripts], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

        broken = self.path("Broken.ps1")
        with open(scripts[1], encoding="ascii") as file, open(broken, "w", encoding="ascii") as copy:
            copy.write(file.read().replace("{", "", 1))
        done = subprocess.run([*parser, broken], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("not PowerShell", done.stdout)

    def test_each_zip_has_everything_in_one_folder(self):
        for program, others in (("understudy-agent", ["agent.toml"]), ("understudy-replay", ["docs/replay.md"])):
            with zipfile.ZipFile(windows_packages.find(self.packages, program + "-*-windows-x86_64.zip")) as archive:
                self.assertEqual(archive.testzip(), None)
                names = archive.namelist()
                folder = names[0].split("/")[0]
                self.assertTrue(all(name.startswith(folder + "/") for name in names))
                for name in (program + ".exe", "LICENSE", "sbom.cdx.json", "docs/install-windows.md", *others):
                    self.assertIn(f"{folder}/{name}", names)

    @unittest.skipIf(os.environ.get("UNDERSTUDY_PACKAGES"), "these packages were made elsewhere")
    def test_two_runs_make_the_same_bytes(self):
        again = windows_packages.make(self.path("again"))
        names = sorted(os.listdir(self.packages))
        self.assertEqual(sorted(os.listdir(again)), names)
        self.assertEqual(filecmp.cmpfiles(self.packages, again, names, shallow=False), (names, [], []))

    def test_program_and_msi_are_signed_with_a_key_and_verified(self):
        key, certificate = self.path("key.pem"), self.path("certificate.pem")
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                               "-days", "3650", "-subj", "/CN=Understudy test", "-addext", "extendedKeyUsage=codeSigning"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(made.returncode, 0, made.stderr)
        with zipfile.ZipFile(self.nupkg) as package:
            package.extract("understudy-agent.exe", self.path(""))
        msi = self.path("agent.msi")
        shutil.copy(windows_packages.find(self.packages, "*.msi"), msi)
        sign = os.path.join(windows_packages.WINDOWS, "sign.sh")
        for path in (self.path("understudy-agent.exe"), msi):
            with open(path, "rb") as file:
                plain = file.read()
            unsigned = subprocess.run([sign, path], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False)
            with open(path, "rb") as file:
                self.assertEqual(file.read(), plain)  # no key, no change
            self.assertEqual(unsigned.returncode, 0, unsigned.stderr)
            done = subprocess.run([sign, path], capture_output=True, text=True, check=False, env={
                **os.environ, "PACKAGE_SIGN_KEY": key, "PACKAGE_SIGN_CERTIFICATE": certificate})
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            verify = ["osslsigncode", "verify", "-CAfile", certificate, "-in", path]
            done = subprocess.run(verify, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            with open(path, "r+b") as file:
                file.seek(2000)
                byte = file.read(1)
                file.seek(2000)
                file.write(bytes([byte[0] ^ 1]))
            done = subprocess.run(verify, capture_output=True, text=True, check=False)
            self.assertNotEqual(done.returncode, 0, "a changed file still verifies: " + path)


if __name__ == "__main__":
    case.main(needs_network=False)
