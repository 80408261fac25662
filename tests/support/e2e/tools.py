"""The shadow server and the load generator of tests/support/tools, driven from Python."""
import array
import http.client
import json
import os
import subprocess

from . import processes


def tool(name):
    """Path of a built tool or of the agent."""
    folder = os.environ.get("UNDERSTUDY_BIN")
    if not folder:
        root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
        folder = os.path.join(root, "build", "release", "bin")
    path = os.path.join(folder, name)
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"{path} is not there: build it first (cmake --build --preset release), or set UNDERSTUDY_BIN")
    return path


def get_json(namespace, address, port, target, timeout=10):
    """GET from inside a namespace: (status, parsed body)."""
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    connection.sock = namespace.connect(address, port, timeout)
    try:
        connection.request("GET", target, headers={"Connection": "close"})
        response = connection.getresponse()
        body = response.read()
        return response.status, json.loads(body) if body else None
    finally:
        connection.close()


class Shadow:
    """A shadow that counts requests by id; see tests/support/tools/shadow_server_main.cpp for what it can be told."""

    def __init__(self, namespace, directory, address, port=8081, mode="normal", delay_ms=1000, name="shadow"):
        self.namespace, self.address, self.port, self.control_port = namespace, address, port, port + 100
        self.process = processes.Process(
            [tool("shadow-server"), "--listen", f"{address}:{port}", "--control", f"{address}:{self.control_port}",
             "--mode", mode, "--delay-ms", delay_ms], directory, name, namespace.name)
        processes.wait_until(lambda: "ready" in self.process.stdout or not self.process.running, 10, "the shadow is ready")
        if not self.process.running:
            raise AssertionError("the shadow ended at start: " + self.process.stderr)

    @property
    def url(self):
        return f"http://{self.address}:{self.port}"

    def ask(self, target):
        status, body = get_json(self.namespace, self.address, self.control_port, target)
        assert status == 200, (target, status)
        return body

    def set_mode(self, name, delay_ms=None, status=None):
        words = [f"name={name}"]
        words += [f"delay_ms={delay_ms}"] if delay_ms is not None else []
        words += [f"status={status}"] if status is not None else []
        self.ask("/mode?" + "&".join(words))

    def stats(self, expect=0, first=0):
        return self.ask(f"/stats?first={first}&expect={expect}")

    def arrivals(self, expect=0, first=0):
        return self.stats(expect, first)["arrivals"]

    def heads(self):
        """The last heads, as text of Latin-1 characters."""
        return self.ask("/heads")

    def clear(self):
        self.ask("/clear")

    def times(self, path):
        """Arrival time by id, in nanoseconds since the epoch, 0 where none."""
        self.ask(f"/times?file={path}")
        return read_times(path)

    def stop(self):
        self.process.stop()


def read_times(path):
    times = array.array("Q")
    with open(path, "rb") as file:
        times.frombytes(file.read())
    return times


def start_load(namespace, directory, address, port=8080, name="load", **options):
    """Starts the load generator; its JSON comes on standard output. Options as its flags, with underscores."""
    command = [tool("load-generator"), "--to", f"{address}:{port}"]
    for option, value in options.items():
        command += ["--" + option.replace("_", "-"), str(value)]
    stdout = os.path.join(directory, f"{name}.json")
    if os.path.exists(stdout):
        os.remove(stdout)
    return processes.Process(command, directory, name, namespace.name, stdout=stdout)


def finish_load(process, seconds=180):
    """Waits for the load's end and returns its result."""
    if process.wait(seconds) is None:
        process.stop()
        raise AssertionError(f"the load did not end within {seconds} s: {process.stderr}")
    return json.loads(process.stdout)


def run_load(namespace, directory, address, port=8080, **options):
    return finish_load(start_load(namespace, directory, address, port, **options))


def curl(namespace, *words):
    """curl's result, silent, with errors shown."""
    return namespace.run("curl", "-sS", "--max-time", "20", *words)


def run(command, **options):
    options.setdefault("timeout", 60)
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace", check=False,
                          **options)
