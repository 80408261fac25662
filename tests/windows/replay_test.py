#!/usr/bin/env python3
"""understudy-replay on Windows: recordings read and written as on Linux, runs against servers on loopback with reports and exit
codes, Ctrl-C, health, and middleware of a command line."""
import json
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import processes, recordings, wine  # noqa: E402

USAGE, CONFIGURATION, TARGET, UNREADABLE, FAILED, INCONCLUSIVE, REFUSED, UNHEALTHY = 2, 3, 9, 16, 17, 18, 20, 21


class ReplayCase(wine.WineCase):
    def gets(self, count, per_second=300, name="gets.jsonl"):
        gap = 1_000_000_000 // per_second
        return recordings.write(self.path(name), (
            recordings.exchange(i % 16, i * gap, "GET", f"/orders/{i}", response=b"hello",
                                response_headers=[("Content-Type", "text/plain")]) for i in range(count)))

    def nginx(self):
        process, port = recordings.start_nginx(self.directory)
        self.start(process)
        return f"http://127.0.0.1:{port}"

    def content(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()


class CommandLine(ReplayCase):
    def test_version(self):
        done = self.replay("--version")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"\Aunderstudy-replay \S+ \(commit [0-9a-f]{12}, \d{4}-\S+\)\n\Z")

    def test_help_and_completions_are_those_of_linux(self):
        for words in (["--help"], ["rehearse", "--help"], ["completion", "bash"]):
            with self.subTest(words=words):
                done = self.replay(*words)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout, recordings.replay(*words).stdout)

    def test_bad_input_is_refused_with_one_line_and_the_codes_of_linux(self):
        recording = wine.windows_path(self.gets(3))
        for code, word, words in (
                (USAGE, "--no-such-flag", ["run", recording, "--no-such-flag"]),
                (TARGET, "ftp", ["run", recording, "--to", "ftp://candidate/"]),
                (UNREADABLE, "missing.take", ["inspect", wine.windows_path(self.path("missing.take"))]),
                (CONFIGURATION, "missing.toml", ["rehearse", wine.windows_path(self.path("missing.toml")), "--out", "x"])):
            with self.subTest(words=words):
                done = self.replay(*words)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(word, done.stderr)
                self.assertEqual(done.stdout, "")


class Recordings(ReplayCase):
    def convert(self, program, source, target):
        done = program("convert", source, target)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_inspect_and_convert_as_on_linux(self):
        self.gets(200)
        for target in ("a.take", "a.gor", "a.jsonl"):
            self.convert(recordings.replay, self.path("gets.jsonl"), self.path("linux-" + target))
            self.convert(self.replay, wine.windows_path(self.path("gets.jsonl")), wine.windows_path(self.path("windows-" + target)))
        for target in ("a.gor", "a.jsonl"):
            self.assertEqual(self.content("windows-" + target), self.content("linux-" + target))
        # A .take has an identity of its own; what is in it is the same.
        self.convert(recordings.replay, self.path("windows-a.take"), self.path("back.jsonl"))
        self.assertEqual(self.content("back.jsonl"), self.content("linux-a.jsonl"))
        for name in ("linux-a.take", "linux-a.gor"):
            here = self.replay("inspect", wine.windows_path(self.path(name)), "--json")
            there = recordings.replay("inspect", self.path(name), "--json")
            self.assertEqual((here.returncode, there.returncode), (0, 0), here.stderr + there.stderr)
            self.assertEqual(json.loads(here.stdout), json.loads(there.stdout))

    def test_patterns_and_standard_input(self):
        os.mkdir(self.path("räume"))
        for name in ("a1.jsonl", "a2.jsonl", "b.jsonl"):
            shutil.copy(self.gets(10), self.path(f"räume/{name}"))
        done = self.replay("inspect", wine.windows_path(self.path("räume/a?.jsonl")), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["files"], 2)
        with subprocess.Popen(["cat", self.path("gets.jsonl")], stdout=subprocess.PIPE) as pipe:
            done = self.replay("inspect", "-", "--json", stdin=pipe.stdout)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["requests"], 10)


class Runs(ReplayCase):
    def run_on_time(self, *words, out=None):
        """A machine that has other things to do makes the generator late, and a run that was late passes nothing."""
        for _ in range(5):
            if out:
                shutil.rmtree(out, ignore_errors=True)
            done = self.replay("run", *words, *(["--out", wine.windows_path(out)] if out else []), "--quiet")
            if "the generator itself turned" not in done.stdout:
                break
        return done

    def test_pass_fail_inconclusive_and_the_result_folder(self):
        url, out = self.nginx(), self.path("results")
        recording = wine.windows_path(self.gets(600))
        passed = self.run_on_time(recording, "--to", url, "--compare", "--fail-if", "errors > 0%", "--fail-if",
                                  "status_mismatch > 0.1%", out=out)
        self.assertEqual(passed.returncode, 0, passed.stdout + passed.stderr)
        self.assertIn("PASS", passed.stdout)
        self.assertEqual(sorted(os.listdir(out)), ["junit.xml", "latency.hgrm", "latency.hlog", "result.html", "result.json", "routes.csv",
                                                   "seconds.csv", "summary.txt"])
        with open(os.path.join(out, "result.json"), encoding="utf-8") as file:
            result = json.load(file)
        self.assertEqual(result["end"], "whole", result)
        # The other platform's reader makes the same pages of it.
        again = recordings.replay("report", os.path.join(out, "result.json"), "--out", self.path("again"))
        self.assertEqual(again.returncode, 0, again.stderr)
        failed = self.replay("run", recording, "--to", url, "--fail-if", "2xx > 10", "--speed", "5x", "--quiet")
        self.assertEqual(failed.returncode, FAILED, failed.stdout)
        self.assertIn("FAIL", failed.stdout)
        few = self.replay("run", recording, "--to", url, "--count", "50", "--fail-if", "p99 > 10s", "--quiet")
        self.assertEqual(few.returncode, INCONCLUSIVE, few.stdout)

    def test_ctrl_c_stops_sending_and_the_report_still_comes(self):
        url = self.nginx()
        recording = wine.windows_path(self.gets(60_000, per_second=1000))
        running = self.start(self.wine.start(
            wine.program("understudy-replay.exe"), "run", recording, "--to", url, "--json", "--quiet", "--out",
            wine.windows_path(self.path("results")), directory=self.directory, name="replay"))
        processes.wait_until(lambda: not running.running or self.connections(url) > 0, 30, "it sends")
        running.signal(signal.SIGINT)  # Wine makes Ctrl-C of it
        self.assertIsNotNone(running.wait(20), running.stderr)
        self.assertEqual(json.loads(running.stdout)["end"], "interrupted")

    def connections(self, url):
        """Established ones to this port, of IPv4."""
        port = f":{int(url.rpartition(':')[2]):04X}"
        with open("/proc/net/tcp", encoding="ascii") as file:
            rows = [line.split() for line in file.readlines()[1:]]
        return sum(1 for row in rows if row[2].endswith(port) and row[3] == "01")


class Environment(ReplayCase):
    def test_health_waits_for_the_build(self):
        process, port = recordings.start_nginx(
            self.directory, location='default_type application/json; return 200 '
            '\'{"MaintenanceMode":false,"DatabaseConnectivity":true,"BuildVersion":"1.2.3"}\';')
        self.start(process)
        url = f"http://127.0.0.1:{port}"
        healthy = self.replay("health", url, "--expect-version", "1.2.3", "--wait", "5s", "--polls", "2", "--interval", "10ms")
        self.assertEqual(healthy.returncode, 0, healthy.stderr)
        other = self.replay("health", url, "--expect-version", "9", "--wait", "0")
        self.assertEqual(other.returncode, UNHEALTHY, other.stderr)


if __name__ == "__main__":
    wine.main()
