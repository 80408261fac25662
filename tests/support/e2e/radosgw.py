"""An object store of the test's own: Ceph's radosgw over one monitor and one OSD that keeps its data in memory.

From Debian's packages ceph-mon, ceph-osd and radosgw. Everything lies below the test's folder and listens on loopback, on
ports picked at run time; the daemons run in the foreground as children of the test.
"""
import json
import os
import socket
import subprocess
import tempfile
import uuid

from . import processes

ACCESS_KEY, SECRET_KEY = "UNDERSTUDYTESTKEY000", "understudy/test+secret0000000000000000000"

_CONFIGURATION = """[global]
fsid = {fsid}
mon initial members = a
mon host = [v2:127.0.0.1:{mon_port}]
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {folder}/keyring
run dir = {folder}
admin socket =
log file = {folder}/$name.log
log to stderr = false
err to stderr = true
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr1 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail crit = 1
mon max pg per osd = 1000
auth allow insecure global id reclaim = false
mon warn on pool no redundancy = false
paxos propose interval = 0.05
paxos min wait = 0.01
osd class update on start = false
[mon.a]
mon data = {folder}/mon
[osd.0]
osd data = {folder}/osd
keyring = {folder}/osd/keyring
osd objectstore = memstore
memstore device bytes = {bytes}
osd op num shards = 2
ms bind port min = {port_min}
ms bind port max = {port_max}
[client.rgw]
keyring = {folder}/rgw.keyring
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw enable usage log = false
rgw enable ops log = false
rgw enable gc threads = false
rgw enable quota threads = false
rgw thread pool size = 128
rgw dns name = {dns_name}
rgw multipart min part size = 65536
rgw override bucket index max shards = 1
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def available():
    return all(os.access(os.path.join("/usr/bin", name), os.X_OK)
               for name in ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool"))


class Radosgw:
    """A running store with one user. Ends its daemons in __exit__."""

    def __init__(self, directory, memory_bytes=2 << 30, dns_name="localhost"):
        # Short, for the paths of sockets below it are limited.
        self.folder = tempfile.mkdtemp(prefix="rgw-", dir=directory)
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._processes = []
        port_min = 6800 + free_port() % 20000
        self._fsid = str(uuid.uuid4())
        with open(self._path("ceph.conf"), "w", encoding="ascii") as file:
            file.write(_CONFIGURATION.format(
                folder=self.folder, fsid=self._fsid, mon_port=free_port(), port=self.port, port_min=port_min,
                port_max=port_min + 200, bytes=memory_bytes, dns_name=dns_name))

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _run(self, *words, text=None):
        ended = subprocess.run([*words], input=text, capture_output=True, text=True, timeout=60, check=False,
                               env={**os.environ, "CEPH_CONF": self._path("ceph.conf")})
        if ended.returncode != 0:
            raise AssertionError(f"{' '.join(words)} failed: {ended.stderr[-2000:]}")
        return ended.stdout

    def _ceph(self, *words, text=None):
        return self._run("ceph", "-c", self._path("ceph.conf"), *words, text=text)

    def _start(self, name, *words):
        process = processes.Process([*words, "-f", "-c", self._path("ceph.conf")], self.folder, name)
        self._processes.append(process)
        return process

    def __enter__(self):
        try:
            self._start_monitor()
            self._start_osd()
            self._start_gateway()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            process.stop(3)
        self._processes.clear()

    def _start_monitor(self):
        keyring, monmap = self._path("keyring"), self._path("monmap")
        self._run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        self._run("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", "--cap", "mon", "allow *", "--cap", "osd",
                  "allow *", "--cap", "mgr", "allow *")
        with open(self._path("ceph.conf"), encoding="ascii") as file:
            address = next(line for line in file if line.startswith("mon host")).split("=", 1)[1].strip()
        self._run("monmaptool", "--create", "--fsid", self._fsid, "--addv", "a", address, monmap)
        os.mkdir(self._path("mon"))
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring, "-c", self._path("ceph.conf"))
        self._start("mon", "ceph-mon", "-i", "a")

    def _start_osd(self):
        os.mkdir(self._path("osd"))
        osd_uuid = str(uuid.uuid4())
        key = self._run("ceph-authtool", "--gen-print-key").strip()
        self._ceph("osd", "new", osd_uuid, "-i", "-", text=json.dumps({"cephx_secret": key}))
        self._run("ceph-authtool", "--create-keyring", self._path("osd/keyring"), "-n", "osd.0", "--add-key", key)
        self._run("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", osd_uuid, "-c", self._path("ceph.conf"))
        self._start("osd", "ceph-osd", "-i", "0")

    def _start_gateway(self):
        self._ceph("auth", "get-or-create", "client.rgw", "mon", "allow rw", "osd", "allow rwx", "-o",
                   self._path("rgw.keyring"))
        os.mkdir(self._path("rgw"))
        gateway = self._start("rgw", "radosgw", "-n", "client.rgw")

        def answers():
            if not gateway.running:
                raise AssertionError("radosgw ended: " + gateway.stderr[-2000:])
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        processes.wait_until(answers, 60, "radosgw listens")
        self._run("radosgw-admin", "-n", "client.rgw", "-c", self._path("ceph.conf"), "user", "create", "--uid", "test",
                  "--display-name", "test", "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)

    def environment(self):
        """What the AWS tools and understudy-replay take their keys from."""
        # What this machine says about AWS is not meant for the test's store.
        rest = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**rest, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/nonexistent",
                "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}
