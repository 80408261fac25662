#!/usr/bin/env python3
"""understudy-replay against real servers on loopback: playing, verdicts, comparison, carried values, bad input."""
import json
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, processes, recordings, tools  # noqa: E402

PERMISSION, UNREADABLE, FAILED, INCONCLUSIVE, ABORTED, REFUSED, USAGE, TARGET_INVALID = 4, 16, 17, 18, 19, 20, 2, 9
MILLISECOND = 1_000_000


class ReplayCase(case.Case):
    def gets(self, count, per_second=1000, sessions=16, name="gets.jsonl"):
        """A recording of GETs, each with an id of its own."""
        gap = 1_000_000_000 // per_second
        return recordings.write(self.path(name), (
            recordings.exchange(i % sessions, i * gap, "GET", f"/orders/{i}", response=b"hello",
                                response_headers=[("Content-Type", "text/plain")]) for i in range(count)))

    def nginx(self, **options):
        process, port = recordings.start_nginx(self.directory, **options)
        self.start(process)
        return process, f"http://127.0.0.1:{port}"

    def api(self, build):
        process, port = recordings.start_sample_api(self.directory, build)
        self.start(process)
        return f"http://127.0.0.1:{port}"

    def play(self, *words, code=0):
        """Runs `run` with --json: the result, its exit code checked."""
        ended = recordings.replay("run", *words, "--json", "--quiet")
        self.assertEqual(ended.returncode, code, ended.stderr[-3000:] + ended.stdout[-3000:])
        return json.loads(ended.stdout) if ended.stdout else None


class Verdicts(ReplayCase):
    def test_pass_fail_inconclusive_and_the_result_folder(self):
        _, url = self.nginx()
        recording = self.gets(1000, per_second=300)
        out = self.path("results")
        passed = recordings.replay("run", recording, "--to", url, "--compare", "--fail-if", "errors > 0%", "--fail-if",
                                   "status_mismatch > 0.1%", "--out", out, "--quiet")
        self.assertEqual(passed.returncode, 0, passed.stderr)
        self.assertIn("PASS", passed.stdout)
        self.assertEqual(sorted(os.listdir(out)), ["junit.xml", "latency.hgrm", "latency.hlog", "result.html", "result.json", "routes.csv",
                                                   "seconds.csv", "summary.txt"])
        with open(os.path.join(out, "result.json"), encoding="utf-8") as file:
            json.load(file)
        failed = recordings.replay("run", recording, "--to", url, "--fail-if", "2xx > 10", "--speed", "5x", "--quiet")
        self.assertEqual(failed.returncode, FAILED, failed.stdout)
        self.assertIn("FAIL", failed.stdout)
        few = recordings.replay("run", recording, "--to", url, "--count", "50", "--fail-if", "p99 > 10s", "--quiet")
        self.assertEqual(few.returncode, INCONCLUSIVE, few.stdout)

    def test_abort_ends_early_and_reports(self):
        recording = self.gets(30_000, per_second=1000)
        began = time.monotonic()
        ended = recordings.replay("run", recording, "--to", f"http://127.0.0.1:{recordings.unused_port()}", "--abort-if",
                                  "errors > 20% for 2s", "--quiet")
        self.assertEqual(ended.returncode, ABORTED, ended.stderr + ended.stdout)
        self.assertLess(time.monotonic() - began, 25)
        self.assertIn("connect_failed", ended.stdout)

    def test_a_signal_stops_sending_and_the_report_still_comes(self):
        _, url = self.nginx()
        recording = self.gets(60_000, per_second=1000)
        process = self.start(processes.Process(
            [tools.tool("understudy-replay"), "run", recording, "--to", url, "--json", "--quiet"], self.directory, "replay"))
        time.sleep(2)
        process.signal(signal.SIGINT)
        self.assertIsNotNone(process.wait(20), process.stderr)
        result = json.loads(process.stdout)
        self.assertEqual(result["end"], "interrupted")


class Exactness(ReplayCase):
    def test_every_request_arrives_once_at_every_speed(self):
        shadow = self.start(tools.Shadow(recordings.Loopback, self.directory, "127.0.0.1", recordings.unused_port()))
        exchanges = [recordings.exchange(i % 16, i * MILLISECOND, "GET", f"/x?id={i}&n=0") for i in range(3000)]
        recording = recordings.write(self.path("ids.jsonl"), exchanges)
        for words in (["--speed", "2x"], ["--rate", "500/s for 1s, ramp to 3000/s over 1s, hold 5s"], ["--fast"],
                      ["--threads", "2", "--speed", "3x"], ["--poisson", "--rate", "2000/s"]):
            shadow.clear()
            result = self.play(recording, "--to", shadow.url, *words)
            arrivals = shadow.arrivals(expect=3000)
            self.assertEqual((arrivals["unique"], arrivals["missing"], arrivals["duplicates"]), (3000, 0, 0), (words, arrivals))
            self.assertEqual(result["load"]["completed"], 3000, (words, result["load"]))

    def test_an_hour_at_a_time_does_not_drift(self):
        """Due times are absolute: the last request of a run is as late as the first, whatever the number between."""
        _, url = self.nginx()
        result = self.play(self.gets(8000, per_second=2000), "--to", url)
        self.assertAlmostEqual(result["achieved_rate"] / result["target_rate"], 1.0, delta=0.02)


class CoordinatedOmission(ReplayCase):
    def test_a_stall_is_told_as_its_users_would_have_felt_it(self):
        """1,000 requests a second for 8 s; the server stalls for 2 s: quantiles of latency are those of arithmetic."""
        nginx, url = self.nginx()
        recording = self.gets(8000, per_second=1000, sessions=4000)
        stalled = {}

        def stall():
            time.sleep(3.5)
            os.kill(nginx.pid, signal.SIGSTOP)
            began = time.monotonic()
            time.sleep(2)
            os.kill(nginx.pid, signal.SIGCONT)
            stalled["seconds"] = time.monotonic() - began

        thread = threading.Thread(target=stall)
        thread.start()
        result = self.play(recording, "--to", url, "--any-connection", "--connections", "3000")
        thread.join()
        seconds, total, rate = stalled["seconds"], 8000, 1000
        # Requests that were due t after the stall's begin waited for the rest of it.
        slow = seconds * rate
        expected = {"p90": seconds * (1 - 0.10 * total / slow), "p99": seconds * (1 - 0.01 * total / slow),
                    "mean": slow * seconds / 2 / total}
        latency = result["load"]["latency_ms"]
        for name, truth in expected.items():
            self.assertAlmostEqual(latency[name] / 1000 / truth, 1, delta=0.05, msg=f"{name}: {latency}, {expected}")


class Memory(ReplayCase):
    def test_a_recording_larger_than_memory_may_be(self):
        """Twice the bound on disk: inspected and replayed within it. scripts/bench/large.py does so with 1 GiB."""
        _, url = self.nginx()
        recording = recordings.write_large(self.directory, 150_000, 1700)
        self.assertGreater(os.path.getsize(recording), 240 << 20)
        for words in (["inspect", recording], ["run", recording, "--to", url, "--fast", "--any-connection", "--quiet"]):
            process = self.start(processes.Process([tools.tool("understudy-replay"), *words], self.directory, words[0]))
            peak = 0
            while process.running:
                try:
                    peak = max(peak, processes.memory_kib(process.pid))
                except OSError:
                    break
                time.sleep(0.02)
            self.assertEqual(process.wait(60), 0, process.stderr)
            if not case.SANITIZED:
                self.assertLess(peak, 128 * 1024, words)


class Comparison(ReplayCase):
    def recorded(self, count):
        def exchanges():
            for i in range(count):
                at = i * MILLISECOND
                kind = ("orders", "broken", "same")[i % 3]
                yield recordings.exchange(i % 8, at, "GET", f"/{kind}/{i}")
                yield recordings.exchange(i % 8, at, "GET", "/time")
        return recordings.write(self.path("api.jsonl"), exchanges())

    def test_two_builds_differ_in_what_they_differ_and_in_nothing_else(self):
        recording = self.recorded(300)
        result = self.play(recording, "--to", self.api("next"), "--baseline", self.api("current"), "--baseline",
                           self.api("current"), "--tolerance", "/total=0.01", "--unordered", "/items", "--fast",
                           "--connections", "8", "--fail-if", "status_mismatch > 0.1%", code=FAILED)
        comparison = result["differences"]
        found = {(one["route"], one["kind"], one["shape"]): one["count"] for one in comparison["differences"]}
        self.assertEqual(found, {
            ("GET /orders/{id}", "json_missing", "/currency"): 100,
            ("GET /orders/{id}", "json_extra", "/currency_code"): 100,
            ("GET /broken/{id}", "status", "200 -> 500"): 100,
        }, comparison)
        noise = {(one["route"], one["shape"]) for one in comparison["noise"]}
        self.assertEqual(noise, {("GET /orders/{id}", "/updated_at"), ("GET /time", "/now")})

    def test_a_token_that_differs_is_carried(self):
        url = self.api("next")
        exchanges = []
        for session in range(20):
            token = f"recorded-token-of-session-{session:04}"
            answer = json.dumps({"access_token": token, "expires_in": 3600}).encode()
            at = session * MILLISECOND
            exchanges.append(recordings.exchange(session, at, "POST", "/login", body=b"user", response=answer,
                                                 response_headers=[("Content-Type", "application/json")]))
            for i in range(1, 5):
                exchanges.append(recordings.exchange(session, at + i * 50 * MILLISECOND, "GET", "/mine",
                                                     headers=[("Authorization", "Bearer " + token)]))
        exchanges.sort(key=lambda one: one["time"])
        recording = recordings.write(self.path("login.jsonl"), exchanges)
        refused = self.play(recording, "--to", url)
        self.assertEqual(refused["load"]["statuses"]["401"], 80)
        carried = self.play(recording, "--to", url, "--carry", "json:/access_token -> header:Authorization")
        self.assertEqual(carried["load"]["statuses"], {"200": 100})


class Trouble(ReplayCase):
    def test_targets_that_refuse_reset_hang_and_talk_nonsense_are_counted(self):
        recording = self.gets(200)
        shadow = self.start(tools.Shadow(recordings.Loopback, self.directory, "127.0.0.1", recordings.unused_port()))
        for mode, reason in (("reset", "connection_lost"), ("hung", "timed_out"), ("garbage", "bad_response")):
            shadow.set_mode(mode)
            result = self.play(recording, "--to", shadow.url, "--response-timeout", "1s", "--connections", "200",
                               "--any-connection", code=15)
            self.assertEqual(result["load"]["lost_by"], {reason: 200}, mode)

    def test_bad_input_has_one_line_and_a_code_of_its_own(self):
        recording = self.gets(10)
        foreign = self.path("foreign.bin")
        with open(foreign, "wb") as file:
            file.write(os.urandom(4096))
        empty = recordings.write(self.path("empty.jsonl"), [])
        to = ["--to", "http://127.0.0.1:1"]
        for words, code, text in (
                (["run", foreign, *to], UNREADABLE, "foreign.bin"),
                (["run", empty, *to], UNREADABLE, "empty"),
                (["run", self.path("missing.take"), *to], UNREADABLE, "missing.take"),
                (["run", recording], USAGE, "--to"),
                (["run", recording, "--to", "ftp://x"], TARGET_INVALID, "ftp"),
                (["run", recording, *to, "--rate", "100/s for, 3"], USAGE, "character"),
                (["run", recording, *to, "--fail-if", "p99 >"], USAGE, "character"),
                (["run", recording, *to, "--fail-if", "p99 > 5%"], USAGE, "--fail-if"),
                (["run", recording, *to, "--loop"], USAGE, "--duration"),
                (["run", recording, *to, "--nonsense"], USAGE, "nonsense"),
                (["inspect", foreign], UNREADABLE, "foreign.bin"),
                (["convert", recording, self.path("x.unknown")], USAGE, ".take")):
            ended = recordings.replay(*words)
            self.assertEqual(ended.returncode, code, (words, ended.stderr, ended.stdout))
            self.assertEqual(len(ended.stderr.strip().splitlines()), 1, (words, ended.stderr))
            self.assertIn(text, ended.stderr, words)

    def test_production_is_refused_and_writes_are_held_back(self):
        exchanges = [recordings.exchange(1, 0, "POST", "/pay", body=b"x"), recordings.exchange(1, MILLISECOND, "GET", "/")]
        recording = recordings.write(self.path("writes.jsonl"), exchanges)
        refused = recordings.replay("run", recording, "--to", "http://production.test", "--quiet")
        self.assertEqual(refused.returncode, REFUSED, refused.stderr)
        self.assertIn("--allow-production", refused.stderr)
        # An address that is not on loopback: of the machine itself, where nobody listens.
        held = recordings.replay("run", recording, "--to", "http://192.0.2.77:9", "--connect-timeout", "200ms", "--drain", "1s",
                                 "--json", "--quiet")
        self.assertEqual(json.loads(held.stdout)["held_back"], {"writes": 1})

    def test_a_full_disk_is_told(self):
        _, url = self.nginx()
        ended = recordings.replay("run", self.gets(100), "--to", url, "--out", "/dev/full/results", "--quiet")
        self.assertEqual(ended.returncode, 11, ended.stderr)
        self.assertIn("/dev/full/results", ended.stderr)


if __name__ == "__main__":
    case.main(needs_network=False)
