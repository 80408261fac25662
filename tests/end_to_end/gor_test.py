#!/usr/bin/env python3
"""GoReplay itself: its recordings are read whole, and it replays ours to a real nginx."""
import base64
import collections
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, network, processes, servers, tools  # noqa: E402

VERSIONS = ("v1.0.0", "v1.3.2")
SEPARATOR = "\n\U0001f435\U0001f648\U0001f649\n".encode()
FOLDER = os.path.join(case.ROOT, "build", "bench", "gor")


def missing():
    """None, or why there is no gor to test with. Builds it where Go and its module proxy can be had."""
    def there():
        return [version for version in VERSIONS if os.access(os.path.join(FOLDER, version), os.X_OK)]

    if there():
        return None
    if shutil.which("go") is None:
        return "gor is not built, and there is no go to build it with"
    done = subprocess.run([os.path.join(case.ROOT, "scripts", "bench", "gor.sh"), *VERSIONS], capture_output=True, text=True,
                          timeout=540, check=False)
    return None if there() else "gor cannot be built here: " + (done.stdout + done.stderr).strip()[-300:]


def programs():
    return [(version, os.path.join(FOLDER, version)) for version in VERSIONS
            if os.access(os.path.join(FOLDER, version), os.X_OK)]


def records_of(path):
    """What gor wrote, counted without our reader: {type: number of records}. Bodies of these tests hold no separator."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        return collections.Counter(chr(record[0]) for record in file.read().split(SEPARATOR) if record)


def replay(*words):
    return tools.run([tools.tool("understudy-replay"), *words])


class ReadsGor(case.NetworkCase):
    def record(self, program, path, *options):
        """gor beside production while a client loads it; ends gor in good order."""
        gor = processes.Process([program, "--input-raw", ":8080", "--input-raw-track-response", "--output-file", path,
                                 "--output-file-flush-interval", "200ms", *options], self.directory,
                                "gor", self.network.production.name)
        self.addCleanup(gor.stop)
        time.sleep(1.5)  # gor does not tell when its capture has begun
        self.load(count=400, rate=200, mix="get=70,post/900=30")
        time.sleep(6)  # and writes what it waits for when it expires, after 5 s
        gor.signal(signal.SIGINT)
        self.assertIsNotNone(gor.wait(20), "gor ends")

    def read(self, pattern):
        """Every exchange, as JSON Lines, and the report."""
        done = replay("inspect", "--json", pattern)
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        out = self.path("read.jsonl")
        if os.path.exists(out):
            os.remove(out)
        done = replay("convert", pattern, out)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(out, encoding="utf-8") as file:
            return [json.loads(line) for line in file], report

    def assert_read_whole(self, paths, pattern):
        written = sum((records_of(path) for path in paths), collections.Counter())
        exchanges, report = self.read(pattern)
        self.assertGreater(written["1"], 300, "gor itself saw most of the load")
        self.assertEqual(report["damages"], 0, report)
        self.assertEqual(report["requests"], written["1"], report)
        self.assertEqual(len(exchanges), written["1"])
        unpaired = sum(left_out["count"] for left_out in report["left_out"])
        self.assertEqual(report["responses"] + unpaired, written["2"], report)
        self.assertGreater(report["responses"], 300)
        times = [exchange["time"] for exchange in exchanges]
        self.assertEqual(times, sorted(times))
        ids = collections.Counter()
        for exchange in exchanges:
            target = exchange["request"]["target"]
            ids[target.partition("id=")[2].partition("&")[0]] += 1
            self.assertEqual(exchange["request"]["body_length"], int(target.partition("n=")[2] or 0), target)
            if exchange["response"]:
                self.assertEqual(exchange["response"]["status"], 200)
                self.assertIn(b"production says hello", base64.b64decode(exchange["response"]["body_base64"]))
        self.assertEqual(max(ids.values()), 1)

    def test_plain_files(self):
        for version, program in programs():
            with self.subTest(version):
                path = self.path(f"plain-{version}.gor")
                self.record(program, path, "--output-file-append")
                self.assert_read_whole([path], path)

    def test_gzip_files_in_chunks(self):
        for version, program in programs():
            with self.subTest(version):
                os.mkdir(self.path(version))
                # 100 records a chunk: a response may lie in another chunk than its request.
                self.record(program, os.path.join(self.path(version), "chunk.gor.gz"), "--output-file-queue-limit", "100")
                # gor puts the index in front of the last ending: chunk.gor_3.gz.
                paths = [os.path.join(self.path(version), name) for name in os.listdir(self.path(version))]
                self.assertGreater(len(paths), 3)
                self.assert_read_whole(paths, os.path.join(self.path(version), "*.gz"))


class GorReplaysOurs(case.Case):
    COUNT = 300

    def setUp(self):
        super().setUp()
        self.network = network.Network()
        self.addCleanup(self.network.close)
        log = self.path("access")
        configuration = f"""
  log_format told escape=json '{{"method":"$request_method","uri":"$request_uri","length":"$content_length","tag":"$http_x_tag"}}';
  server {{
    listen 8080; access_log {log} told;
    location / {{ client_body_in_single_buffer on; return 200 "replayed\\n"; }}
  }}"""
        self.log = log
        self.start(servers.start_nginx(self.network.shadow, self.directory, configuration, network.Network.SHADOW, 8080,
                                       "candidate"))

    def recording(self):
        """A .gor file of ours, made of JSON Lines."""
        lines = []
        for number in range(self.COUNT):
            body = b"x" * (number % 50) if number % 3 == 0 else b""
            headers = [["Host", "production.test"], ["X-Tag", f"t{number}"]]
            headers += [["Content-Length", str(len(body))]] if number % 3 == 0 else []
            lines.append(json.dumps({
                "session": f"s-{number % 7}", "client": "192.0.2.1:40000", "server": "192.0.2.2:80",
                "time": f"2026-01-02T03:04:{5 + number // 100:02}.{number % 100 * 10:03}000000Z",
                "request": {"method": "POST" if number % 3 == 0 else "GET", "target": f"/r?id={number}", "version": "1.1",
                            "headers": headers, "body_length": len(body),
                            "body_base64": base64.b64encode(body).decode()},
                "response": None, "complete": True}))
        with open(self.path("in.jsonl"), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def lines(self):
        with open(self.log, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_plain_and_packed(self):
        self.recording()
        for ending in ("gor", "gor.gz"):
            done = replay("convert", self.path("in.jsonl"), self.path(f"ours.{ending}"))
            self.assertEqual(done.returncode, 0, done.stderr)
        for version, program in programs():
            for ending in ("gor", "gor.gz"):
                with self.subTest(version=version, ending=ending):
                    with open(self.log, "w", encoding="utf-8"):
                        pass
                    gor = processes.Process([program, "--input-file", self.path(f"ours.{ending}"), "--output-http",
                                             f"http://{network.Network.SHADOW}:8080", "--output-http-workers", "4"],
                                            self.directory, f"gor-{version}-{ending}", self.network.shadow.name)
                    self.addCleanup(gor.stop)
                    processes.wait_until(lambda: len(self.lines()) >= self.COUNT, 30, f"{self.COUNT} requests at the candidate")
                    gor.stop()
                    arrived = {line["tag"]: line for line in self.lines()}
                    self.assertEqual(len(self.lines()), self.COUNT)
                    self.assertEqual(set(arrived), {f"t{number}" for number in range(self.COUNT)})
                    for number in range(self.COUNT):
                        line = arrived[f"t{number}"]
                        self.assertEqual(line["uri"], f"/r?id={number}")
                        self.assertEqual(line["method"], "POST" if number % 3 == 0 else "GET")
                        if number % 3 == 0:
                            self.assertEqual(line["length"], str(number % 50))


if __name__ == "__main__":
    reason = network.may_make_namespaces() or missing()
    if reason:
        print("skipped: " + reason)
        sys.exit(case.SKIPPED)
    case.main()
