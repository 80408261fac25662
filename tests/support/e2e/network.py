"""Network namespaces joined by veth pairs, made for one test and removed after it."""
import contextlib
import ctypes
import itertools
import os
import shutil
import socket
import subprocess
import threading

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_serial = itertools.count()


def may_make_namespaces():
    """None, or the reason why this machine does not let us."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    probe = subprocess.run(["ip", "netns", "add", f"usprobe{os.getpid()}"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        return "network namespaces cannot be made here: " + probe.stderr.strip()
    subprocess.run(["ip", "netns", "del", f"usprobe{os.getpid()}"], check=False)
    return None


def _run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")


class Namespace:
    """One host. `name` is what `ip netns` calls it."""

    def __init__(self, role):
        self.role = role
        self.name = f"us{os.getpid()}n{next(_serial)}{role[:4]}"
        self._etc = os.path.join("/etc/netns", self.name)
        _run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words):
        _run("ip", "-n", self.name, *words)

    def run(self, *command, **options):
        """A short command inside, to its end."""
        options.setdefault("timeout", 60)
        return subprocess.run(["ip", "netns", "exec", self.name, *map(str, command)], capture_output=True, text=True,
                              check=False, **options)

    def set_hosts(self, names):
        """/etc/hosts as this host sees it: a dictionary of name and address."""
        os.makedirs(self._etc, exist_ok=True)
        with open(os.path.join(self._etc, "hosts"), "w", encoding="ascii") as file:
            file.write("127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in names.items()))

    @contextlib.contextmanager
    def inside(self):
        """Sockets that this thread makes meanwhile belong to this namespace."""
        assert threading.current_thread() is threading.main_thread(), "one thread moves between namespaces"
        with open("/proc/thread-self/ns/net", encoding="ascii") as home, \
                open(f"/run/netns/{self.name}", encoding="ascii") as there:
            if _libc.setns(there.fileno(), _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                yield
            finally:
                if _libc.setns(home.fileno(), _CLONE_NEWNET) != 0:
                    os._exit(70)  # never go on in the wrong network

    def connect(self, address, port, timeout=5):
        """A TCP connection from this host."""
        with self.inside():
            return socket.create_connection((address, port), timeout=timeout)

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True, check=False)
        shutil.rmtree(self._etc, ignore_errors=True)


class Network:
    """client --- production --- shadow: two veth pairs; production does not route between them.

    client 10.77.1.2 - 10.77.1.1 production 10.77.2.1 - 10.77.2.2 shadow. Interfaces are named after the host that they
    lead to, for example `client` and `shadow` on production.
    """

    CLIENT = "10.77.1.2"
    PRODUCTION = "10.77.1.1"
    PRODUCTION_TO_SHADOW = "10.77.2.1"
    SHADOW = "10.77.2.2"

    def __init__(self):
        self._made = []
        try:
            self.client = self._make("client")
            self.production = self._make("production")
            self.shadow = self._make("shadow")
            self._join(self.client, self.CLIENT, self.production, self.PRODUCTION)
            self._join(self.shadow, self.SHADOW, self.production, self.PRODUCTION_TO_SHADOW)
        except BaseException:
            self.close()
            raise

    def _make(self, role):
        namespace = Namespace(role)
        self._made.append(namespace)
        return namespace

    @staticmethod
    def _join(a, a_address, b, b_address):
        _run("ip", "link", "add", b.role, "netns", a.name, "type", "veth", "peer", "name", a.role, "netns", b.name)
        a.ip("addr", "add", a_address + "/24", "dev", b.role)
        b.ip("addr", "add", b_address + "/24", "dev", a.role)
        a.ip("link", "set", b.role, "up")
        b.ip("link", "set", a.role, "up")

    def wire_sized_segments(self):
        """Segments on the client's link are cut to the MTU by the sender, as on a real wire."""
        self.client.run("ethtool", "-K", "production", "tso", "off", "gso", "off")
        self.production.run("ethtool", "-K", "client", "tso", "off", "gso", "off", "gro", "off")

    def close(self):
        for namespace in self._made:
            namespace.remove()
        self._made = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
