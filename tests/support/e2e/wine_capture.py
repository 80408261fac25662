"""The Windows agent with a test double of a capture library, which plays a capture file."""
import json
import os
import shutil
import signal
import socket

from . import agent, processes, tools, wine

COUNT = 500  # requests in the capture
STATUS_PORT = 9611


class Host:
    """This host itself, where tools.get_json() wants a network namespace."""

    @staticmethod
    def connect(address, port, timeout):
        return socket.create_connection((address, port), timeout)


class DoubleCase(wine.WineCase):
    """`engine` is tried; `variables` begins the names of what its double understands."""
    engine = ""
    variables = ""
    library = ()  # its path in C:\\windows\\system32

    def setUp(self):
        super().setUp()
        self.library_path = os.path.join(self.wine.drive_c, "windows", "system32", *self.library)
        os.makedirs(os.path.dirname(self.library_path), exist_ok=True)
        self.addCleanup(lambda: os.path.exists(self.library_path) and os.unlink(self.library_path))

    def use(self, name):
        """Installs a double."""
        shutil.copyfile(wine.program(name), self.library_path)

    def settings(self, double):
        return {self.variables + name.upper(): str(value) for name, value in double.items()}

    def run_exe(self, *options, command="run", **double):
        return self.agent(command, "--port", "80", *options, environment=self.settings(double))

    def fails(self, code, words, *options, **double):
        """`run` must end with this code, and with these words on standard error, which are returned."""
        done = self.run_exe(*options, **double)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        return done.stderr

    def make_capture(self):
        path = self.path("made.pcap")
        made = tools.run([tools.tool("capture-generator"), "--out", path, "--count", COUNT, "--mix",
                          "get=60,post/4096=20,chunked/9000=10"])
        self.assertEqual(made.returncode, 0, made.stderr)
        return path

    def start_exe(self, *options, **double):
        double["file"] = wine.windows_path(self.make_capture())
        return self.start(self.wine.start(
            wine.program("understudy-agent.exe"), "run", "--port", "80", "--engine", self.engine, "--status-address",
            f"127.0.0.1:{STATUS_PORT}", *options, directory=self.directory, name="agent", environment=self.settings(double)))

    def capture(self, *options, until=lambda document: True, **double):
        """Until each request of the capture was seen, and until(/status): (the log, /status); then Ctrl-C, which must end it."""
        running = self.start_exe(*options, **double)
        document = {}

        def all_seen():
            self.assertTrue(running.running, running.stderr)
            try:
                document.update(tools.get_json(Host(), "127.0.0.1", STATUS_PORT, "/status")[1])
            except OSError:
                return False
            return agent.ledger_of(document)["capture"]["published"] >= COUNT and until(document)

        try:
            processes.wait_until(all_seen, 40, "every request is seen, and the rest is so")
        except AssertionError as failure:
            raise AssertionError(f"{failure}; {json.dumps(document)}; {running.stderr[-3000:]}") from None
        running.signal(signal.SIGINT)
        self.assertEqual(running.wait(20), 0, running.stderr)
        ledger = agent.ledger_of(document)
        self.assertEqual((ledger["capture"]["seen"], ledger["capture"]["published"]), (COUNT, COUNT), ledger)
        return running.stderr, document
