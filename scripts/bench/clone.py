"""See clone.sh: clones of one bucket by several tools, turn by turn, so that what else the machine does meets all of them."""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
from e2e import processes, radosgw, s3, s3rver, tools  # noqa: E402

STORES = {"radosgw": (radosgw, radosgw.Radosgw, "Ceph"), "s3rver": (s3rver, s3rver.S3rver, "Other")}  # rclone's name last


def keys(count, prefixes, skewed):
    """Keys below so many prefixes; skewed: 80 % of them below the first."""
    for i in range(count):
        prefix = i % prefixes if not skewed or i % 5 == 0 else 0
        yield f"prefix-{prefix:04}/object-{i:06}"


class Contest:
    def __init__(self, options, store, endpoint, client, directory):
        self.options, self.store, self.endpoint, self.client, self.directory = options, store, endpoint, client, directory
        self.bucket = 0

    def commands(self, source, destination):
        config = os.path.join(self.directory, "rclone.conf")
        provider = STORES[self.options.store][2]
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[store]\ntype = s3\nprovider = {provider}\nenv_auth = true\nendpoint = {self.endpoint}\n")
        workers = str(self.options.workers)
        clone = [tools.tool("understudy-replay"), "clone", f"s3://{source}", f"s3://{destination}", "--endpoint",
                 self.endpoint, "--workers", workers, "--quiet", "--commands", os.path.join(self.directory, "commands")]
        return {
            "understudy-replay clone": clone,
            "understudy-replay clone, documents in a bucket": clone[:-1] + ["s3://commands"],
            "aws s3 sync": ["aws", "s3", "sync", f"s3://{source}", f"s3://{destination}", "--endpoint-url", self.endpoint,
                            "--only-show-errors"],
            f"rclone, {workers} transfers": ["rclone", "--config", config, "copy", f"store:{source}", f"store:{destination}",
                                             "--transfers", workers, "--checkers", workers],
        }

    def measure(self, name, source, expected):
        self.bucket += 1
        destination = f"copy-{self.bucket}"
        self.client.make_bucket(destination)
        begin = time.monotonic()
        ended = subprocess.run(self.commands(source, destination)[name], env=self.store.environment(), capture_output=True,
                               text=True, timeout=1200, check=False)
        elapsed = time.monotonic() - begin
        if ended.returncode != 0:
            raise SystemExit(f"{name} failed: {ended.stderr[-2000:]}")
        found = self.client.list(destination)
        if found != expected:
            raise SystemExit(f"{name}: {len(found)} objects of {len(expected)} are there, or some are not the same")
        return elapsed


def contest(options, directory, store, endpoint):
    keys_of = STORES[options.store][0]
    client = s3.Client(store.endpoint, keys_of.ACCESS_KEY, keys_of.SECRET_KEY)
    client.make_bucket("commands")
    runner = Contest(options, store, endpoint, client, directory)
    body = b"x" * options.bytes
    results = {}
    sources = {}
    for shape in ("even", "skewed"):
        client.make_bucket(shape)
        client.put_many(shape, ((key, body) for key in keys(options.objects, options.prefixes, shape == "skewed")))
        sources[shape] = client.list(shape)
    for run in range(options.runs):
        for shape, expected in sources.items():
            for name in runner.commands("a", "b"):
                if name.split()[0].rstrip(",") in options.without:
                    continue
                seconds = runner.measure(name, shape, expected)
                results.setdefault(name, {}).setdefault(shape, []).append(seconds)
                print(f"run {run + 1}, {shape}, {name}: {seconds:.1f} s", file=sys.stderr, flush=True)
    client.close()
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=7500)
    parser.add_argument("--prefixes", type=int, default=195)
    parser.add_argument("--delay-ms", type=float, default=30)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=32)
    parser.add_argument("--bytes", type=int, default=2048)
    parser.add_argument("--store", choices=STORES, default="radosgw")
    parser.add_argument("--without", nargs="*", default=[], help="contestants to leave out: aws, rclone")
    options = parser.parse_args()
    for program in ("aws", "rclone"):
        if program not in options.without and not shutil.which(program):
            raise SystemExit(f"{program} is missing; see scripts/bench/clone.sh")
    directory = tempfile.mkdtemp(prefix="understudy-bench-")
    try:
        with STORES[options.store][1](directory) as store:
            port = radosgw.free_port()
            relay = os.path.join(ROOT, "tests", "support", "e2e", "delay_proxy.py")
            with processes.Process([sys.executable, relay, port, store.port, options.delay_ms], directory, "delay") as delay:
                processes.wait_until(lambda: "ready" in delay.stdout, 10, "the delay is ready")
                results = contest(options, directory, store, f"http://127.0.0.1:{port}")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    print(f"| {options.store}: {options.objects} objects of {options.bytes} B, {options.prefixes} prefixes, "
          f"{options.delay_ms:g} ms | even, s | 80 % below one prefix, s |\n|---|---|---|")
    for name, shapes in results.items():
        print(f"| {name} | " + " | ".join(f"{statistics.median(shapes[shape]):.1f}" for shape in ("even", "skewed")) + " |")


if __name__ == "__main__":
    main()
