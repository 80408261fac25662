#!/usr/bin/env python3
"""Capture files into recordings by the Windows agent: what Linux makes of the same capture, byte for byte where it can be."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, case, processes, tools, wine  # noqa: E402

MIX = "get=60,head=5,post/4096=20,post/65536=5,chunked/9000=10"
OUTPUT_FAILED = 11


def lines_of(path):
    """In order, without what each run draws by lot: the first part of its sessions' names."""
    with open(path, encoding="utf-8", newline="") as file:
        return sorted(re.sub(r'"session":"[0-9a-f]+-', '"session":"', line) for line in file.read().split("\n"))


def dump(path):
    """(exchanges, report) of a .take, by the reader of the Linux build."""
    done = tools.run([tools.tool("take-dump"), path])
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for line in lines[:-1]:
        del line["session"]  # drawn by lot in each run
    return lines[:-1], lines[-1]


class Recording(wine.WineCase):
    def capture(self, count, name="made.pcap", **options):
        path = self.path(name)
        words = [word for option, value in options.items() for word in ("--" + option.replace("_", "-"), value)]
        made = tools.run([tools.tool("capture-generator"), "--out", path, "--count", count, *words])
        self.assertEqual(made.returncode, 0, made.stderr)
        return path

    def both_read(self, capture, name):
        """The capture into a recording of that name, on Windows and on Linux: their paths."""
        windows, linux = self.path("windows-" + name), self.path("linux-" + name)
        for run, path, shown in ((self.agent, windows, wine.windows_path), (self.run_agent, linux, str)):
            done = run("run", "--read", shown(capture), "--port", "80", "--record", shown(path), "--summary",
                       shown(path + ".json"))
            self.assertEqual(done.returncode, 0, done.stderr)
        return windows, linux

    def assert_same_lines(self, first, second):
        """Without a difference of thousands of lines in the failure's text."""
        lines, others = lines_of(first), lines_of(second)
        self.assertEqual(len(lines), len(others))
        for line, other in zip(lines, others):
            if line != other:
                self.assertEqual(line[:2000], other[:2000])
                self.fail("they differ behind 2,000 characters")

    def ledger(self, path):
        with open(path + ".json", encoding="utf-8") as file:
            ledger = agent.ledger_of(json.load(file))
        agent.assert_adds_up(ledger)
        return ledger

    def test_json_lines_are_the_same_as_on_linux(self):
        windows, linux = self.both_read(self.capture(2000, mix=MIX), "out.jsonl")
        self.assertEqual(self.ledger(windows)["outputs"][0]["delivered"], 2000)
        self.assert_same_lines(windows, linux)

    def test_a_take_is_read_by_linux_as_its_own(self):
        windows, linux = self.both_read(self.capture(2000, mix=MIX), "out.take")
        (exchanges, report), (expected, expected_report) = dump(windows), dump(linux)
        self.assertEqual(len(exchanges), 2000)
        self.assertTrue(exchanges == expected, (exchanges[0], expected[0]))
        self.assertEqual(report["completeness"], "complete", report)
        self.assertEqual(report["damage"], [])
        for key in ("ledger", "out_of_order"):
            self.assertEqual(report[key], expected_report[key])

    def test_names_outside_of_ascii(self):
        name = "Aufnahme-\u00e4\u20ac\u6620"
        windows, linux = self.both_read(self.capture(50, name + ".pcap"), name + ".jsonl")
        self.assertEqual(len(lines_of(windows)), 51)
        self.assert_same_lines(windows, linux)

    def test_a_second_run_appends_and_mends_a_cut_line(self):
        path = self.path("out.jsonl")
        for run in range(2):
            done = self.agent("run", "--read", wine.windows_path(self.capture(100, first_id=100 * run)), "--port", "80", "--record",
                              wine.windows_path(path))
            self.assertEqual(done.returncode, 0, done.stderr)
            if run == 0:
                with open(path, "a", encoding="ascii") as file:
                    file.write('{"cut')
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        self.assertEqual(lines[100], '{"cut')
        targets = [json.loads(line)["request"]["target"] for line in lines[:100] + lines[101:]]
        self.assertEqual(len(set(targets)), 200)

    def test_to_standard_output_and_nothing_else_there(self):
        running = self.start(self.wine.start(wine.program("understudy-agent.exe"), "run", "--read", wine.windows_path(self.capture(300)),
                                             "--port", "80", "--record", "-", directory=self.directory, name="agent"))
        self.assertEqual(running.wait(60), 0, running.stderr)
        with open(running.stdout_path, encoding="utf-8", newline="") as file:
            text = file.read()
        self.assertNotIn("\r", text)
        self.assertEqual(len([json.loads(line) for line in text.splitlines()]), 300)

    def test_from_standard_input(self):
        out = self.path("out.jsonl")
        with subprocess.Popen(["cat", self.capture(500)], stdout=subprocess.PIPE) as pipe:
            done = self.agent("run", "--read", "-", "--port", "80", "--record", wine.windows_path(out), stdin=pipe.stdout)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(lines_of(out)), 501)

    def test_two_agents_do_not_share_a_recording(self):
        path = wine.windows_path(self.path("out.jsonl"))
        capture = self.capture(100)
        with open(capture, "rb") as file:
            begin = file.read(10_000)
        first = self.start(self.wine.feed(wine.program("understudy-agent.exe"), "run", "--read", "-", "--port", "80", "--record", path,
                                          directory=self.directory, name="first"))
        first.write(begin)  # and waits for the rest
        processes.wait_until(lambda: os.path.exists(self.path("out.jsonl")), 30, "the first agent has opened its recording")
        done = self.agent("run", "--read", wine.windows_path(capture), "--port", "80", "--record", path)
        self.assertEqual(done.returncode, OUTPUT_FAILED, done.stderr)
        self.assertIn("another process has it open", done.stderr)


if __name__ == "__main__":
    wine.main()
