#!/usr/bin/env python3
"""Recordings: to a file, to standard output, onto a disk that fills up; and capture files read, whole and damaged."""
import base64
import collections
import hashlib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, case, tools  # noqa: E402

MIX = "get=60,head=5,post/4096=20,post/65536=5,chunked/9000=10"
CAPTURE_DAMAGED = 8
OUTPUT_FAILED = 11


def exchanges_of(text):
    return [json.loads(line) for line in text.splitlines()]


def identifier(exchange):
    return int(exchange["request"]["target"].partition("id=")[2].partition("&")[0])


class LiveRecording(case.NetworkCase):
    def assert_whole(self, exchanges, count):
        ids = collections.Counter(identifier(exchange) for exchange in exchanges)
        self.assertEqual(set(ids), set(range(count)))
        self.assertEqual(max(ids.values()), 1)
        for exchange in exchanges:
            request = exchange["request"]
            self.assertTrue(exchange["complete"], exchange["request"]["target"])
            self.assertEqual(exchange["response"]["status"], 200)
            self.assertEqual(request["version"], "1.1")
            self.assertEqual(request["body_length"], int(request["target"].partition("n=")[2]))
            body = base64.b64decode(request["body_base64"])
            self.assertEqual(len(body), request["body_length"])
            self.assertEqual(hashlib.sha256(body).hexdigest(), request["body_sha256"])
            self.assertTrue(exchange["client"].startswith("10.77.1.2:") and exchange["server"] == "10.77.1.1:8080")

    def test_to_a_file(self):
        path = self.path("out.jsonl")
        running = self.start_agent("--record", path)
        self.load(count=3000, rate=1500, mix=MIX)
        ledger = self.finish(running, seen=3000)
        self.assertEqual(ledger["outputs"][0]["delivered"], 3000, ledger)
        with open(path, encoding="utf-8") as file:
            self.assert_whole(exchanges_of(file.read()), 3000)

    def test_a_second_run_appends(self):
        path = self.path("out.jsonl")
        for run in range(2):
            running = self.start_agent("--record", path, name=f"agent{run}")
            self.load(count=200, rate=1000, mix=MIX, first_id=200 * run)
            self.finish(running, seen=200)
        with open(path, encoding="utf-8") as file:
            self.assert_whole(exchanges_of(file.read()), 400)

    def test_to_standard_output_and_nothing_else_there(self):
        running = self.start_agent("--record", "-")
        self.load(count=500, rate=1000, mix=MIX)
        self.finish(running, seen=500)
        self.assert_whole(exchanges_of(running.process.stdout), 500)

    def test_secrets_are_redacted_on_disk_and_kept_on_the_wire(self):
        shadow = self.start_shadow()
        path = self.path("out.jsonl")
        running = self.start_agent("--record", path, "--to", shadow.url)
        answer = tools.curl(self.network.client, "-H", "Authorization: Bearer opensesame", "-H", "Cookie: a=opensesame",
                            "http://10.77.1.1:8080/secret?id=1")
        self.assertEqual(answer.returncode, 0)
        self.finish(running, seen=1)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("opensesame", text)
        self.assertIn("Authorization", text)
        self.assertIn("Bearer opensesame", shadow.heads()[-1])

    def test_a_full_disk(self):
        small = self.path("small")
        os.mkdir(small)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k,mode=777", "none", small], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", small], check=False)
        shadow = self.start_shadow()
        record = os.path.join(small, "out.jsonl")
        running = self.start_agent("--record", record, "--to", shadow.url)
        self.load(count=2000, rate=1000, mix=MIX)
        # The recording waits for room; the mirror beside it goes on.
        running.wait_for(lambda ledger: any(output["delivered"] == 2000 for output in ledger["outputs"]), 20, "mirrored")
        ledger = self.finish(running, code=OUTPUT_FAILED)
        recording, = (output for output in ledger["outputs"] if output["name"] not in (shadow.url, shadow.url + "/"))
        mirror, = (output for output in ledger["outputs"] if output is not recording)
        self.assertEqual(mirror["delivered"], 2000, ledger)
        self.assertGreater(recording["lost"].get("disk_full", 0), 0, ledger)
        self.assertIn("small/out.jsonl", running.log)
        with open(record, encoding="utf-8") as file:
            lines = file.read().splitlines()
        self.assertGreater(recording["delivered"], 0)
        whole = sum(1 for line in lines if line.endswith("}") and json.loads(line))
        self.assertEqual(whole, recording["delivered"])
        self.assertLessEqual(len(lines), whole + 1)  # at most the last line is cut


class CaptureFiles(case.Case):
    """--read needs no privileges and no network."""

    def capture(self, count, *options):
        path = self.path("made.pcap")
        made = tools.run([tools.tool("capture-generator"), "--out", path, "--count", count, *options])
        self.assertEqual(made.returncode, 0, made.stderr)
        return path

    def read(self, path, *options, **keywords):
        summary = self.path("summary.json")
        done = self.run_agent("run", "--read", path, "--port", "80", "--summary", summary, "--status-address", "off", *options,
                              **keywords)
        with open(summary, encoding="utf-8") as file:
            return done, agent.ledger_of(json.load(file))

    def test_whole_file(self):
        path = self.capture(5000, "--mix", "get=60,post/4096=20,post/65536=5,chunked/9000=10,post/4096+continue=5")
        done, ledger = self.read(path, "--record", "-")
        self.assertEqual(done.returncode, 0, done.stderr)
        agent.assert_adds_up(ledger)
        self.assertEqual(ledger["outputs"][0]["delivered"], 5000, ledger)
        ids = [identifier(exchange) for exchange in exchanges_of(done.stdout)]
        self.assertEqual(sorted(ids), list(range(5000)))

    def test_from_standard_input(self):
        path = self.capture(1000)
        summary = self.path("summary.json")
        with open(path, "rb") as file:
            done = subprocess.run([tools.tool("understudy-agent"), "run", "--read", "-", "--port", "80", "--summary", summary,
                                   "--status-address", "off"], stdin=file, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(summary, encoding="utf-8") as file:
            self.assertEqual(agent.ledger_of(json.load(file))["capture"]["published"], 1000)

    def test_truncated_file_is_used_up_to_the_damage(self):
        path = self.capture(2000)
        size = os.path.getsize(path)
        with open(path, "r+b") as file:
            file.truncate(size // 2 + 7)
        done, ledger = self.read(path)
        self.assertEqual(done.returncode, CAPTURE_DAMAGED, done.stderr)
        agent.assert_adds_up(ledger)
        self.assertGreater(ledger["capture"]["published"], 950, ledger)
        self.assertLess(ledger["capture"]["published"], 1050, ledger)
        told = [line for line in done.stderr.splitlines() if line.startswith("understudy-agent: ")]
        self.assertEqual(len(told), 1, done.stderr)
        offsets = [int(word) for word in told[0].replace(",", " ").replace(".", " ").replace(":", " ").split() if word.isdigit()]
        self.assertTrue(any(size // 2 - 2000 < offset <= size // 2 + 7 for offset in offsets), told[0])

    def test_garbage_in_the_middle(self):
        path = self.capture(2000)
        size = os.path.getsize(path)
        with open(path, "r+b") as file:
            file.seek(size // 2)
            file.write(b"\xff" * 4096)
        done, ledger = self.read(path)
        self.assertIn(done.returncode, (0, CAPTURE_DAMAGED), done.stderr)
        agent.assert_adds_up(ledger)
        self.assertGreater(ledger["capture"]["published"], 900, ledger)


if __name__ == "__main__":
    case.main()
