#!/usr/bin/env python3
"""Recordings in the .take form by the real agent: whole, killed, on a full disk, rotated, encrypted, and streamed."""
import json
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, processes, tools  # noqa: E402

MIX = "get=60,head=5,post/4096=20,post/65536=5,chunked/9000=10"
OUTPUT_FAILED = 11
RECORDING_UNREADABLE = 16
KILLS = 8


def dump(path, *words):
    """(exchanges, report) of a recording."""
    done = tools.run([tools.tool("take-dump"), path, *words])
    assert done.returncode == 0, done.stderr
    return parsed(done.stdout)


def parsed(text):
    lines = [json.loads(line) for line in text.splitlines()]
    return lines[:-1], lines[-1]


def ids_of(exchanges):
    return sorted(int(exchange["target"].partition("id=")[2].partition("&")[0]) for exchange in exchanges)


class Take(case.NetworkCase):
    def test_a_whole_recording_is_certified(self):
        path = self.path("out.take")
        running = self.start_agent("--record", path)
        self.load(count=3000, rate=1500, mix=MIX)
        self.finish(running, seen=3000)
        exchanges, report = dump(path)
        self.assertEqual(ids_of(exchanges), list(range(3000)))
        self.assertEqual(report["completeness"], "complete", report)
        self.assertEqual(report["damage"], [])
        self.assertEqual(report["ledger"], {"seen": 3000, "delivered": 3000, "lost": 0})
        self.assertEqual(report["out_of_order"], 0)
        times = [exchange["time_ns"] for exchange in exchanges]
        self.assertEqual(times, sorted(times))
        for exchange in exchanges:
            self.assertEqual(exchange["status"], 200)
            self.assertEqual(exchange["body_length"], int(exchange["target"].partition("n=")[2]))
        self.assertIn("understudy-agent", report["origin"])
        self.assertIn("ports 8080", report["origin"])

    def test_killed_it_misses_at_most_the_last_flush_interval(self):
        dice = random.Random(5)
        load = self.start_load(count=200000, rate=2000, mix="get=100", deadline=120)
        for kill in range(KILLS):
            path = self.path(f"killed{kill}.take")
            running = self.start_agent("--record", path, "--record-flush", "200ms", name=f"agent{kill}")
            time.sleep(dice.uniform(0.2, 0.8))
            offered = running.ledger()["outputs"][0]["offered"]
            time.sleep(0.5)  # more than the flush interval
            os.kill(running.process.pid, signal.SIGKILL)
            running.process.wait(10)
            exchanges, report = dump(path)
            self.assertGreater(offered, 0)
            self.assertGreaterEqual(len(exchanges), offered)
            ids = ids_of(exchanges)
            # Requests are answered out of order here and there; nothing is missing before the last moments.
            self.assertEqual(len(set(ids)), len(ids))
            self.assertLess(ids[offered - 1] - ids[0] - (offered - 1), 100, "ids are missing in the middle")
            self.assertEqual(report["completeness"], "incomplete")
            self.assertTrue(any("ended without its certificate; at most the last 0.2 s is missing" in text
                                for text in report["damage"]), report)
        load.stop()

    def test_a_second_run_appends_behind_a_killed_one(self):
        path = self.path("out.take")
        running = self.start_agent("--record", path, "--record-flush", "100ms", name="first")
        self.load(count=200, rate=1000, mix="get=100")
        running.wait_settled(200)
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait(10)
        with open(path, "ab") as file:  # half a block, as a crash in the middle of a write leaves it
            file.write(b"\x89TAKE\r\n\x1a" + bytes(30))
        running = self.start_agent("--record", path, name="second")
        self.load(count=200, rate=1000, mix="get=100", first_id=200)
        self.finish(running, seen=200)
        exchanges, report = dump(path)
        self.assertEqual(ids_of(exchanges), list(range(400)))
        self.assertEqual(report["completeness"], "incomplete")
        self.assertEqual(len(report["damage"]), 2, report)  # the half block, and the first run's missing certificate

    def test_a_full_disk(self):
        small = self.path("small")
        os.mkdir(small)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=777", "none", small], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", small], check=False)
        shadow = self.start_shadow()
        path = os.path.join(small, "out.take")
        filler = os.path.join(small, "filler")
        with open(filler, "wb") as file:
            file.write(bytes((16 * 1024 - 64) * 1024))  # 64 KiB are left
        running = self.start_agent("--record", path, "--to", shadow.url)
        self.load(count=1000, rate=1000, mix=MIX)
        running.wait_for(lambda ledger: any(output["delivered"] == 1000 for output in ledger["outputs"]), 20, "mirrored")
        os.remove(filler)  # room again: what waited in memory is written
        processes.wait_until(lambda: "goes on" in running.log, 20, "the recording goes on")
        self.finish(running, seen=1000)
        exchanges, report = dump(path)
        self.assertEqual(ids_of(exchanges), list(range(1000)))
        self.assertEqual(report["completeness"], "complete", report)
        self.assertIn("pauses: No space left on device", running.log)

    def test_rotation_by_size_loses_nothing_and_keeps_the_total(self):
        folder = self.path("recordings")
        os.mkdir(folder)
        os.chmod(folder, 0o777)
        running = self.start_agent("--record", os.path.join(folder, "%Y%m%d.take"), "--record-rotate", "10KiB",
                                   "--record-flush", "50ms")
        self.load(count=3000, rate=1500, mix=MIX)
        self.finish(running, seen=3000)
        names = os.listdir(folder)
        self.assertGreater(len(names), 3)
        ids, seen = [], 0
        for name in names:
            exchanges, report = dump(os.path.join(folder, name))
            self.assertEqual(report["completeness"], "complete", (name, report))
            ids += ids_of(exchanges)
            seen += report["ledger"]["seen"]
        self.assertEqual(sorted(ids), list(range(3000)))
        self.assertEqual(seen, 3000)
        running = self.start_agent("--record", os.path.join(folder, "%Y%m%d.take"), "--record-rotate", "10KiB,total=40KiB",
                                   "--record-flush", "50ms", name="second")
        self.load(count=2000, rate=2000, mix=MIX)
        self.finish(running, seen=2000)
        # The block that closed the last file, and its certificate, come on top.
        self.assertLess(sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)), 80 * 1024)
        self.assertIn("the oldest, to keep the recording's total", running.log)

    def test_encrypted_it_needs_the_key(self):
        key, other = self.path("key"), self.path("other")
        for path, digit in ((key, "a"), (other, "b")):
            with open(path, "w", encoding="ascii") as file:
                file.write(digit * 64 + "\n")
        path = self.path("out.take")
        running = self.start_agent("--record", path, "--record-key-file", key)
        self.load(count=100, rate=1000, mix=MIX)
        self.finish(running, seen=100)
        exchanges, report = dump(path, key)
        self.assertEqual(ids_of(exchanges), list(range(100)))
        self.assertEqual(report["completeness"], "complete")
        for words, text in (([], "is encrypted"), ([other], "another key")):
            done = tools.run([tools.tool("take-dump"), path, *words])
            self.assertEqual(done.returncode, RECORDING_UNREADABLE)
            self.assertIn(text, done.stderr)

    def test_a_stream_is_read_while_it_grows_beside_a_recording(self):
        fifo, path = self.path("fifo"), self.path("out.jsonl")
        os.mkfifo(fifo)
        output = self.path("dump.out")
        with open(output, "wb") as file:
            reader = subprocess.Popen([tools.tool("take-dump"), fifo], stdout=file)
        self.addCleanup(reader.kill)
        running = self.start_agent("--stream", fifo, "--record", path)
        self.load(count=500, rate=1000, mix=MIX)
        self.finish(running, seen=500)
        self.assertEqual(reader.wait(20), 0)
        with open(output, encoding="utf-8") as file:
            exchanges, report = parsed(file.read())
        self.assertEqual(ids_of(exchanges), list(range(500)))
        self.assertEqual(report["completeness"], "complete", report)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(len(file.read().splitlines()), 500)

    def test_nothing_but_the_stream_is_on_standard_output(self):
        running = self.start_agent("--stream", "-")
        self.load(count=300, rate=1000, mix=MIX)
        self.finish(running, seen=300)
        exchanges, report = dump(self.path("agent.stdout"))
        self.assertEqual(ids_of(exchanges), list(range(300)))
        self.assertEqual(report["completeness"], "complete", report)
        self.assertEqual(report["damage"], [])


if __name__ == "__main__":
    case.main()
