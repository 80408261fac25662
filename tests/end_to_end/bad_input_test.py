#!/usr/bin/env python3
"""Each wrong input gets one line that says what to do, and its own exit code."""
import os
import re
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, tools  # noqa: E402

USAGE, CONFIGURATION, PERMISSION, NO_INTERFACE, BAD_FILTER, UNREADABLE = 2, 3, 4, 5, 6, 7
TARGET, TLS, OUTPUT, ADDRESS_IN_USE = 9, 10, 11, 12
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\S+ (info|warning) ")


class RefusalCase(case.Case):
    def refused(self, code, words, *options, user=None):
        """One error with each of `words` in it, nothing on standard output, and that exit code.

        What the log told before, such as that root was given up, may stand above.
        """
        done = self.run_agent("run", *options, **({"user": user} if user is not None else {}))
        self.assertEqual(done.returncode, code, (options, done.stderr))
        lines = [line for line in done.stderr.splitlines() if not LOG_LINE.match(line)]
        self.assertEqual(len(lines), 1, (options, done.stderr))
        self.assertTrue(lines[0].startswith("understudy-agent: "), lines)
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, lines[0])


class BadInput(RefusalCase):
    def test_command_line(self):
        for words, options in (
                (["--port", "missing"], []),
                (["0", "1 to 65535"], ["--port", "0"]),
                (["70000", "1 to 65535"], ["--port", "70000"]),
                (["http"], ["--port", "http"]),
                (["--no-such-flag"], ["--port", "8080", "--no-such-flag"]),
                (["sample", "200%"], ["--port", "8080", "--sample", "200%"]),
                (["limit", "fast"], ["--port", "8080", "--limit", "fast"]),
                (["--max-memory", "lots"], ["--port", "8080", "--max-memory", "lots"]),
                (["--workers"], ["--port", "8080", "--workers", "0"]),
                (["--policy", "no-such"], ["--port", "8080", "--policy", "no-such=on"]),
                (["--address", "elsewhere"], ["--port", "8080", "--address", "elsewhere"]),
                (["deny"], ["--port", "8080", "--deny", "path=~("]),
                (["rewrite-url"], ["--port", "8080", "--rewrite-url", "no arrow"]),
                (["--log-format"], ["--port", "8080", "--log-format", "xml"]),
        ):
            with self.subTest(options=options):
                self.refused(USAGE, words, *options)

    def test_no_command(self):
        done = self.run_agent()
        self.assertEqual(done.returncode, USAGE, done.stderr)

    def test_targets_and_proxies(self):
        for words, options in (
                (["--to", "shadow.example.com"], ["--to", "shadow.example.com"]),
                (["ftp"], ["--to", "ftp://shadow/"]),
                (["--to"], ["--to", "http://"]),
                (["--to"], ["--to", "http://shadow:99999/"]),
                (["--proxy"], ["--to", "http://shadow/", "--proxy", "nonsense at all"]),
        ):
            with self.subTest(options=options):
                self.refused(TARGET, words, "--port", "8080", *options)

    def test_configuration_file(self):
        def config(text):
            path = self.path("agent.toml")
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            return path

        self.refused(CONFIGURATION, ["no-such-key", "agent.toml", "3"], "--config",
                     config('# a comment\nport = [8080]\nno-such-key = 1\n'))
        self.refused(CONFIGURATION, ["agent.toml", "2"], "--config", config('port = [8080]\nthis is no TOML\n'))
        self.refused(CONFIGURATION, ["agent.toml"], "--config", config('port = [8080]\n[section]\nto = "http://a/"\n'))
        self.refused(CONFIGURATION, ["absent.toml"], "--config", self.path("absent.toml"))

    def test_capture_files(self):
        self.refused(UNREADABLE, ["absent.pcap"], "--port", "80", "--status-address", "off", "--read", self.path("absent.pcap"))
        for name, content in (("text.pcap", b"this is a text and no capture at all\n"), ("empty.pcap", b"")):
            with open(self.path(name), "wb") as file:
                file.write(content)
            with self.subTest(name=name):
                self.refused(UNREADABLE, [name], "--port", "80", "--status-address", "off", "--read", self.path(name))

    def test_certificates(self):
        for option in ("--ca-file", "--client-cert"):
            other = ["--client-key", self.path("absent.pem")] if option == "--client-cert" else []
            with self.subTest(option=option):
                self.refused(TLS, ["absent.pem"], "--port", "8080", "--to", "https://127.0.0.1:1/", option,
                             self.path("absent.pem"), *other, *self.capture_nothing())

    def capture_nothing(self):
        """Capture from a file, so that the error needs no root."""
        path = self.path("one.pcap")
        tools.run([tools.tool("capture-generator"), "--out", path, "--count", "1"])
        return ["--read", path, "--status-address", "off"]

    def test_recording_that_cannot_be_written(self):
        self.refused(OUTPUT, ["no/such/folder"], "--port", "80", "--record", self.path("no/such/folder/out.jsonl"),
                     *self.capture_nothing())

    def test_status_address_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            path = self.capture_nothing()[1]
            self.refused(ADDRESS_IN_USE, [str(port)], "--port", "80", "--read", path, "--status-address", f"127.0.0.1:{port}")


@unittest.skipUnless(os.geteuid() == 0, "opening a capture needs root")
class BadCapture(RefusalCase):
    """The same, of live captures. On loopback; nothing is sent."""

    LIVE = ["--port", "8080", "--status-address", "off"]

    def test_no_such_interface(self):
        self.refused(NO_INTERFACE, ["nosuch0"], *self.LIVE, "--interface", "nosuch0")

    def test_bad_filter(self):
        self.refused(BAD_FILTER, ["tcp port ("], *self.LIVE, "--interface", "lo", "--bpf", "tcp port (")

    def test_no_permission(self):
        # A copy that the other user can reach and that carries no capabilities.
        program = self.path("understudy-agent")
        subprocess.run(["cp", tools.tool("understudy-agent"), program], check=True)
        os.chmod(program, 0o755)
        done = tools.run([program, "run", *self.LIVE, "--interface", "lo"], user=65534, group=65534, extra_groups=[])
        self.assertEqual(done.returncode, PERMISSION, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertIn("setcap", done.stderr)


if __name__ == "__main__":
    case.main(needs_network=False)
