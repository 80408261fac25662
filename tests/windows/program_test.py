#!/usr/bin/env python3
"""What the Windows programs are made of, what they print, and what bad input gets: the same codes as on Linux."""
import os
import re
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, tools, wine  # noqa: E402

# Every Windows since 10 and Server 2016 has these.
SYSTEM_LIBRARIES = {"advapi32.dll", "bcrypt.dll", "crypt32.dll", "iphlpapi.dll", "kernel32.dll", "mswsock.dll", "msvcrt.dll",
                    "ole32.dll", "psapi.dll", "secur32.dll", "shell32.dll", "user32.dll", "ws2_32.dll"}
USAGE, CONFIGURATION, UNREADABLE, DAMAGED, TARGET, TLS, OUTPUT, ADDRESS_IN_USE = 2, 3, 7, 8, 9, 10, 11, 12
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\S+ (info|warning) ")


class AgentExecutable(unittest.TestCase):
    NAME = "understudy-agent.exe"

    @classmethod
    def setUpClass(cls):
        cls.path = wine.program(cls.NAME)
        cls.headers = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", cls.path], capture_output=True, text=True,
                                     check=True).stdout

    def test_it_imports_system_libraries_only(self):
        imported = {name.lower() for name in re.findall(r"DLL Name: (\S+)", self.headers)}
        self.assertIn("kernel32.dll", imported)
        self.assertEqual(imported - SYSTEM_LIBRARIES, set())

    def test_it_has_what_makes_attacks_harder_and_no_time_stamp(self):
        for flag in ("HIGH_ENTROPY_VA", "DYNAMIC_BASE", "NX_COMPAT"):
            self.assertIn(flag, self.headers)
        # 32 bit zero: the linker left it out, so that two builds are the same.
        self.assertRegex(self.headers, r"Time/Date\s+(Thu Jan  1 00:00:00 1970|00000000|0)")

    def test_it_names_no_folder_of_the_build(self):
        with open(self.path, "rb") as file:
            content = file.read()
        self.assertNotIn(case.ROOT.encode(), content)
        self.assertNotIn(b"windows-libraries", content)
        self.assertIn(b"<activeCodePage", content)  # the manifest
        self.assertIn("ProductVersion".encode("utf-16-le"), content)


class ReplayExecutable(AgentExecutable):
    NAME = "understudy-replay.exe"


class CommandLine(wine.WineCase):
    def test_version(self):
        done = self.agent("--version")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"\Aunderstudy-agent \S+ \(commit [0-9a-f]{12}, \d{4}-\S+\)\n\Z")

    def test_help_and_completions_are_those_of_linux(self):
        for words in (["--help"], ["completion", "bash"], ["completion", "zsh"], ["completion", "fish"]):
            with self.subTest(words=words):
                done = self.agent(*words)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout, self.run_agent(*words).stdout)

    def test_print_config_reads_flags_environment_and_file(self):
        path = self.path("agent.toml")
        with open(path, "w", encoding="ascii") as file:
            file.write('max-memory = "96MiB"\n')
        done = self.agent("run", "--port", "8080", "--to", "http://user:opensesame@shadow/", "--config", wine.windows_path(path),
                          "--print-config", environment={"UNDERSTUDY_MAX_CPU": "30%"})
        self.assertEqual(done.returncode, 0, done.stderr)
        for line in ('port = "8080"', 'max-cpu = "30%"', 'max-memory = "96MiB"'):
            self.assertIn(line, done.stdout)
        self.assertNotIn("opensesame", done.stdout)


class BadInput(wine.WineCase):
    def refused(self, code, words, *options):
        done = self.agent("run", *options)
        self.assertEqual(done.returncode, code, (options, done.stderr))
        lines = [line for line in done.stderr.splitlines() if not LOG_LINE.match(line)]
        self.assertEqual(len(lines), 1, (options, done.stderr))
        self.assertTrue(lines[0].startswith("understudy-agent: "), lines)
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, lines[0])

    def capture(self, count=10):
        path = self.path("made.pcap")
        made = tools.run([tools.tool("capture-generator"), "--out", path, "--count", count])
        self.assertEqual(made.returncode, 0, made.stderr)
        return path

    def test_command_line_and_configuration(self):
        self.refused(USAGE, ["--port", "missing"])
        self.refused(USAGE, ["70000", "1 to 65535"], "--port", "70000")
        self.refused(USAGE, ["--no-such-flag"], "--port", "8080", "--no-such-flag")
        self.refused(TARGET, ["ftp"], "--port", "8080", "--to", "ftp://shadow/")
        path = self.path("agent.toml")
        with open(path, "w", encoding="ascii") as file:
            file.write("port = [8080]\nno-such-key = 1\n")
        self.refused(CONFIGURATION, ["no-such-key", "agent.toml", "2"], "--config", wine.windows_path(path))
        self.refused(CONFIGURATION, ["missing.toml"], "--config", wine.windows_path(self.path("missing.toml")))

    def test_a_user_to_become_is_refused_instead_of_ignored(self):
        self.refused(USAGE, ["--user", "service"], "--port", "80", "--read", wine.windows_path(self.capture()), "--user", "nobody")

    def test_capture_files(self):
        self.refused(UNREADABLE, ["missing.pcap"], "--port", "80", "--read", wine.windows_path(self.path("missing.pcap")))
        self.refused(UNREADABLE, ["directory"], "--port", "80", "--read", wine.windows_path(self.directory))
        text = self.path("text.pcap")
        with open(text, "w", encoding="ascii") as file:
            file.write("this is no capture file")
        self.refused(UNREADABLE, ["neither pcap nor pcapng"], "--port", "80", "--read", wine.windows_path(text))

    def test_a_cut_capture_file_is_used_up_to_the_damage(self):
        path = self.capture(2000)
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) // 2 + 7)
        done = self.agent("run", "--port", "80", "--read", wine.windows_path(path), "--record",
                          wine.windows_path(self.path("out.jsonl")))
        self.assertEqual(done.returncode, DAMAGED, done.stderr)
        with open(self.path("out.jsonl"), encoding="utf-8") as file:
            self.assertGreater(len(file.readlines()), 950)

    def test_outputs(self):
        capture = wine.windows_path(self.capture())
        self.refused(OUTPUT, ["no-such-folder"], "--port", "80", "--read", capture, "--record",
                     wine.windows_path(self.path("no-such-folder/out.take")))
        self.refused(TLS, ["missing.crt"], "--port", "80", "--read", capture, "--to", "https://127.0.0.1:9/", "--ca-file",
                     wine.windows_path(self.path("missing.crt")))

    def test_an_address_that_is_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.refused(ADDRESS_IN_USE, [str(taken.getsockname()[1])], "--port", "80", "--read", wine.windows_path(self.capture()),
                         "--status-address", f"127.0.0.1:{taken.getsockname()[1]}")


if __name__ == "__main__":
    wine.main()
