#!/usr/bin/env python3
"""Middleware on Windows: a child process with pipes that edits, dies, or will not end; and what becomes of its children."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, processes, recordings, tools, wine  # noqa: E402

COUNT = 500
CONFIGURATION = 3


class Middleware(wine.WineCase):
    def mirror(self, *arguments):
        """A capture through the program with these arguments: (finished agent, shadow, ledger)."""
        shadow = self.start(tools.Shadow(recordings.Loopback, self.directory, "127.0.0.1", recordings.unused_port()))
        path, summary = self.path("made.pcap"), self.path("summary.json")
        made = tools.run([tools.tool("capture-generator"), "--out", path, "--count", COUNT])
        self.assertEqual(made.returncode, 0, made.stderr)
        command = " ".join(f"'{word}'" for word in [wine.windows_path(wine.program("middleware-program.exe")), *arguments])
        done = self.agent("run", "--read", wine.windows_path(path), "--port", "80", "--to", shadow.url, "--middleware", command,
                          "--summary", wine.windows_path(summary))
        with open(summary, encoding="utf-8") as file:
            return done, shadow, agent.ledger_of(json.load(file))

    def test_it_edits_and_omits(self):
        done, shadow, ledger = self.mirror("edit", "an argument", 'with "quotes" and \\', "")
        self.assertEqual(done.returncode, 0, done.stderr)
        agent.assert_adds_up(ledger)
        output = ledger["outputs"][0]
        self.assertEqual((output["delivered"], output["filtered"]["middleware"]), (COUNT * 9 // 10, COUNT // 10), ledger)
        self.assertEqual(shadow.arrivals(COUNT)["unique"], COUNT * 9 // 10)
        self.assertTrue(all("X-Edited: by middleware" in head for head in shadow.heads()))
        for argument in ("an argument", 'with "quotes" and \\', ""):
            self.assertIn(f"argument=[{argument}]", done.stderr)

    def test_it_dies_and_requests_pass_unchanged(self):
        done, shadow, ledger = self.mirror("die")
        self.assertEqual(done.returncode, 0, done.stderr)
        agent.assert_adds_up(ledger)
        self.assertIn("exit code 7", done.stderr)
        self.assertEqual(shadow.arrivals(COUNT)["duplicates"], 0)

    def test_one_that_will_not_end_is_ended_with_its_children(self):
        done, _, ledger = self.mirror("hang")
        self.assertEqual(done.returncode, 0, done.stderr)
        agent.assert_adds_up(ledger)
        self.assertIn("child=", done.stderr)
        processes.wait_until(lambda: not self.left_over(), 10, f"no middleware is left: {self.left_over()}")

    @staticmethod
    def left_over():
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    if b"middleware-program.exe" in file.read().split(b"\0")[0]:
                        found.append(pid)
            except OSError:
                pass  # it has ended meanwhile
        return found

    def test_a_program_that_is_not_there(self):
        path = self.path("made.pcap")
        tools.run([tools.tool("capture-generator"), "--out", path, "--count", 1])
        done = self.agent("run", "--read", wine.windows_path(path), "--port", "80", "--to", "http://127.0.0.1:9/", "--middleware",
                          "no-such-program.exe")
        self.assertEqual(done.returncode, CONFIGURATION, done.stderr)
        self.assertIn("no-such-program.exe", done.stderr)


if __name__ == "__main__":
    wine.main()
