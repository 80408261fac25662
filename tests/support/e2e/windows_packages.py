"""The Windows packages: those that scripts/package.sh left, or made of the program under test by the same scripts."""
import filecmp
import glob
import os
import shutil
import subprocess
import sys
import unittest

from . import case, wine

WINDOWS = os.path.join(case.ROOT, "packaging", "windows")
VERSION = "1.2.3-dev.7+abcdef012345"
TIME = "1767225600"  # of everything inside, where nothing else says


def find(folder, pattern):
    found = glob.glob(os.path.join(folder, pattern))
    assert len(found) == 1, (pattern, os.listdir(folder))
    return found[0]


def _run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **options)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def make(folder, version=VERSION):
    """Stages and packs build/windows' programs: the folder with the packages."""
    output = os.path.join(folder, version)
    os.makedirs(output)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": TIME}
    for name in ("understudy-agent", "understudy-replay"):
        stage = os.path.join(folder, "stage-" + name)
        _run(os.path.join(WINDOWS, "stage.sh"), wine.program(name + ".exe"), stage, env=environment)
        with open(os.path.join(stage, "sbom.cdx.json"), "w", encoding="ascii") as file:
            file.write("{}\n")
        _run(os.path.join(WINDOWS, "archive.py"), name, stage, version, output, env=environment)
        if name == "understudy-agent":
            for script in ("msi.sh", "nupkg.py"):
                _run(os.path.join(WINDOWS, script), stage, version, output, env=environment)
    return output


def powershell_parser():
    """The command that says whether files are PowerShell. Its grammar comes from PyPI, once, into build/powershell-parser."""
    source = os.path.join(case.ROOT, "tests", "support", "powershell")
    folder = os.path.join(case.ROOT, "build", "powershell-parser")
    requirements, installed = os.path.join(source, "requirements.txt"), os.path.join(folder, "requirements.txt")
    if not os.path.exists(installed) or not filecmp.cmp(requirements, installed, shallow=False):
        _run(sys.executable, "-m", "venv", "--clear", folder)
        made = subprocess.run([os.path.join(folder, "bin", "pip"), "install", "--quiet", "--only-binary", ":all:", "-r",
                               requirements], capture_output=True, text=True, check=False, timeout=300)
        if made.returncode != 0:
            raise unittest.SkipTest(f"PowerShell's grammar cannot be installed: {made.stderr[-300:]}")
        shutil.copy(requirements, installed)
    return [os.path.join(folder, "bin", "python"), os.path.join(source, "parse.py")]
