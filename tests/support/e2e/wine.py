"""Programs of the Windows build under Wine: a prefix of the test's own, and every call under a time limit.

UNDERSTUDY_WINDOWS_BIN is the folder of the cross-built programs; tests/windows/CMakeLists.txt sets it. Wine is headless here:
no display, no dialogs for Mono or Gecko, no menu entries.
"""
import os
import shutil
import subprocess
import sys
import tempfile

from . import case, processes

WINE = "/usr/lib/wine/wine64"
SERVER = "/usr/lib/wine/wineserver64"
CALL_SECONDS = 60
BOOT_SECONDS = 180


def program(name):
    """Path of a cross-built program, such as understudy-agent.exe."""
    folder = os.environ.get("UNDERSTUDY_WINDOWS_BIN") or os.path.join(case.ROOT, "build", "windows", "bin")
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} is not there: build it first (cmake --build --preset windows)")
    return path


def windows_path(path):
    """Wine shows the host's files on drive Z."""
    return "Z:" + os.path.abspath(path).replace("/", "\\")


def environment_of(prefix, overrides=""):
    """`overrides` are further WINEDLLOVERRIDES, such as "wpcap=n"."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    # Wine takes names of files for ASCII in the plain C locale, which a fresh machine has.
    environment.update(LC_ALL="C.UTF-8", WINEPREFIX=prefix, WINEDEBUG="-all", WINESERVER=SERVER, HOME=os.path.dirname(prefix),
                       WINEDLLOVERRIDES=";".join(filter(None, ["mscoree,mshtml=", "winemenubuilder.exe=d", overrides])))
    return environment


def make_prefix(prefix):
    """A new, empty Windows; takes some ten seconds."""
    environment = environment_of(prefix)
    for seconds, command in ((BOOT_SECONDS, [WINE, "wineboot", "-i"]), (30, [SERVER, "-w"])):
        subprocess.run(["timeout", str(seconds), *command], env=environment, check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _copy_of_template(template, prefix):
    """By hard links where both are on one file system. The registry is copied: Wine writes into a file with several links."""
    if subprocess.run(["cp", "-al", template, prefix], capture_output=True, check=False).returncode != 0:
        shutil.rmtree(prefix, ignore_errors=True)
        subprocess.run(["cp", "-a", template, prefix], check=True)
        return
    for name in os.listdir(prefix):
        if name.endswith(".reg"):
            os.remove(os.path.join(prefix, name))
            shutil.copy2(os.path.join(template, name), prefix)


class Wine:
    """A Windows of its own. Ended, and removed, by stop().

    Its network is that of `namespace`, since Wine's server opens the sockets of all its programs.
    """

    def __init__(self, overrides="", namespace=None):
        self.folder = tempfile.mkdtemp(prefix="understudy-wine-")
        self.prefix = os.path.join(self.folder, "prefix")
        template = os.environ.get("UNDERSTUDY_WINE_TEMPLATE", "")
        if os.path.isdir(template):
            _copy_of_template(template, self.prefix)
        else:
            make_prefix(self.prefix)
        self.environment = environment_of(self.prefix, overrides)
        # Without -p services end with the last client.
        self.namespace = namespace
        subprocess.run(self._inside(["timeout", "30", SERVER, "-p"]), env=self.environment, check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _inside(self, command):
        return ["ip", "netns", "exec", self.namespace, *command] if self.namespace else command

    @property
    def drive_c(self):
        return os.path.join(self.prefix, "drive_c")

    def command(self, words, seconds):
        return self._inside(["timeout", "--kill-after=5", str(seconds), WINE, *[str(word) for word in words]])

    def run(self, *words, seconds=CALL_SECONDS, environment=None, **options):
        """A program to its end, with text output.

        Through files: the first program of a prefix starts services that keep its standard output open, so that a pipe would
        not end with the program.
        """
        options.setdefault("stdin", subprocess.DEVNULL)
        with tempfile.TemporaryFile(dir=self.folder) as out, tempfile.TemporaryFile(dir=self.folder) as err:
            done = subprocess.run(self.command(words, seconds), env={**self.environment, **(environment or {})}, stdout=out,
                                  stderr=err, check=False, **options)
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode("utf-8", errors="replace").replace("\r\n", "\n"))
            return subprocess.CompletedProcess(done.args, done.returncode, *texts)

    def start(self, *words, directory, name, seconds=CALL_SECONDS, environment=None):
        """A running program."""
        return processes.Process(self.command(words, seconds), directory, name,
                                 environment={**self.environment, **(environment or {})})

    def feed(self, *words, directory, name, seconds=CALL_SECONDS):
        """A running program whose standard input is written by the test."""
        return Fed(self.command(words, seconds), directory, name, self.environment)

    def stop(self):
        subprocess.run(["timeout", "30", SERVER, "-k"], env=self.environment, check=False, capture_output=True)
        subprocess.run(["timeout", "30", SERVER, "-w"], env=self.environment, check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class Fed:
    """See Wine.feed()."""

    def __init__(self, command, directory, name, environment):
        self.stderr_path = os.path.join(directory, name + ".stderr")
        with open(self.stderr_path, "ab") as err:
            self.popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=err, env=environment)

    def write(self, content):
        self.popen.stdin.write(content)
        self.popen.stdin.flush()

    def wait(self, seconds):
        """The exit code; an AssertionError when it does not end."""
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end within {seconds} s: {self.stderr[-3000:]}") from None

    @property
    def running(self):
        return self.popen.poll() is None

    @property
    def stderr(self):
        with open(self.stderr_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        self.popen.stdin.close()
        if self.running:
            self.popen.terminate()
        self.popen.wait(20)


class WineCase(case.Case):
    """Tests of one class share a Windows."""
    overrides = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wine = Wine(cls.overrides)
        cls.addClassCleanup(cls.wine.stop)

    def agent(self, *words, **options):
        """The Windows agent to its end: a finished process."""
        return self.wine.run(program("understudy-agent.exe"), *words, **options)

    def replay(self, *words, **options):
        """The same for understudy-replay."""
        return self.wine.run(program("understudy-replay.exe"), *words, **options)


def main(needs_network=False):
    """As case.main(), for tests that need Wine as well."""
    if not os.access(WINE, os.X_OK):
        print(f"skipped: {WINE} is not installed (scripts/dependencies.sh windows-test)")
        sys.exit(case.SKIPPED)
    case.main(needs_network)
