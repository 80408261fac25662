#!/usr/bin/env python3
"""The side-by-side benchmark behind replay.sh: every tool in every case of a round, round after round."""
import argparse
import json
import operator
import os
import random
import re
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
import contestants  # noqa: E402
import load_tools  # noqa: E402
import pacing  # noqa: E402
import quiet  # noqa: E402
import report  # noqa: E402
from choice import chosen  # noqa: E402
from e2e import processes, recordings, tools  # noqa: E402

RESULTS = os.path.join(contestants.ROOT, "build", "bench", "results")
RATES = (1000, 5000, 10000)
GOR_COUNT = 100_000
CONNECTIONS = (64, 256)
DEADLINE = 90
K6_SCRIPT = """
import http from 'k6/http';
const rate = Number(__ENV.RATE);
export const options = { discardResponseBodies: true, scenarios: { load: { executor: 'constant-arrival-rate', rate,
  timeUnit: '1s', duration: __ENV.SECONDS + 's', preAllocatedVUs: 64, maxVUs: 256 } } };
export default function () { http.get(__ENV.URL); }
"""


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10, help="of each paced run")
    parser.add_argument("--cases", default="", help="names, or beginnings of names, separated by commas; all if not given")
    parser.add_argument("--tools", default="", help="the same of what is measured")
    parser.add_argument("--quiet", type=float, default=0, metavar="PERCENT",
                        help="run again what was measured while a virtual machine's host took more of a processor away")
    parser.add_argument("--results", default=RESULTS, help="folder for replay.md and replay.json")
    parser.add_argument("--list", action="store_true", help="name the cases and the tools, and leave")
    return parser.parse_args()


class Bench:
    def __init__(self, seconds):
        self.seconds = seconds
        self.directory = tempfile.mkdtemp(prefix="understudy-bench-")
        self.runs = 0
        os.chmod(self.directory, 0o777)
        self.nginx, self.port = recordings.start_nginx(self.directory)
        self.url = f"http://127.0.0.1:{self.port}/x"
        self.files = self._make_files()

    def _make_files(self):
        """One recording of 10,000 GETs, in every tool's own form."""
        files = {name: os.path.join(self.directory, name) for name in ("gets.jsonl", "gets.take", "gets.gor", "targets", "k6.js")}
        recordings.write(files["gets.jsonl"], (
            recordings.exchange(i % 64, i * 100_000, "GET", "/x", headers=[("User-Agent", "bench")], response=b"hello")
            for i in range(10_000)))
        for name in ("gets.take", "gets.gor"):
            made = recordings.replay("convert", files["gets.jsonl"], files[name])
            if made.returncode != 0:
                raise RuntimeError(made.stderr)
        # gor plays a file once: its own is as long as the run.
        with open(files["gets.gor"], "rb") as file:
            once = file.read()
        with open(files["gets.gor"], "wb") as file:
            file.write(once * (GOR_COUNT // 10_000))
        with open(files["targets"], "w", encoding="ascii") as file:
            file.write(f"GET {self.url}\n")
        with open(files["k6.js"], "w", encoding="ascii") as file:
            file.write(K6_SCRIPT)
        return {"take": files["gets.take"], "gor": files["gets.gor"], "targets": files["targets"], "k6": files["k6.js"]}

    def close(self):
        self.nginx.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _run(self, command):
        self.runs += 1
        process = processes.Process(command, self.directory, f"run{self.runs}")
        if process.wait(DEADLINE) is None:
            process.stop()
        return process

    def paced(self, tool, rate):
        count = rate * self.seconds
        command = tool.paced(self.url, rate, count, self.files)
        watch = pacing.WireWatch(self.directory, self.port, f"wire{self.runs}")
        process = self._run(command)
        times = watch.times()
        if len(times) < count * 0.5:
            return {"error": f"{len(times)} of {count} requests: {process.stderr[-300:]}"}
        result = pacing.figures(times, rate)
        result["cpu_s_per_100k"] = (process.usage.ru_utime + process.usage.ru_stime) / len(times) * 100_000
        return result

    def closed(self, tool, connections):
        command = tool.closed(self.url, connections, tool.closed_count, self.files)
        began = time.monotonic()
        process = self._run(command)
        seconds = time.monotonic() - began
        count = tool.closed_count
        if tool.name == "wrk":  # it runs for a time, not for a count
            count = int(re.search(r"(\d+) requests in", process.stdout).group(1))
        cpu = process.usage.ru_utime + process.usage.ru_stime
        return {"requests": count, "cpu_s_per_100k": cpu / count * 100_000, "requests_per_second": count / seconds}


def cases():
    return {**{f"pacing-{rate}": ("paced", rate) for rate in RATES},
            **{f"closed-{count}": ("closed", count) for count in CONNECTIONS}}


def measure(run, tool, value, limit):
    return quiet.undisturbed(lambda: run(tool, value), limit) if limit else run(tool, value)


COLUMNS = [("error_p50_us", "|sent - due| p50 us", "{:.0f}"), ("error_p99_us", "p99 us", "{:.0f}"),
           ("error_max_us", "max us", "{:,.0f}"), ("rate_error_percent", "rate off by %", "{:.3f}"),
           ("cpu_s_per_100k", "CPU s / 100,000", "{:.2f}"), ("requests_per_second", "requests / s", "{:,.0f}"),
           ("taken_away_percent", "taken away %", "{:.2f}")]


def main():
    arguments = parse()
    everything = cases()
    names = chosen(everything, arguments.cases)
    measured = chosen(load_tools.all_tools(), arguments.tools, operator.attrgetter("name"))
    if arguments.list:
        print("cases:", ", ".join(everything))
        print("tools:", ", ".join(tool.name for tool in load_tools.all_tools()))
        return 0
    results = {}
    bench = Bench(arguments.seconds)
    try:
        for number in range(arguments.rounds):
            for name in names:
                kind, value = everything[name]
                order = [tool for tool in measured if getattr(tool, kind)(bench.url, value, 1000, bench.files)]
                random.Random(f"{number}/{name}").shuffle(order)  # nobody always runs first
                for tool in order:
                    figures = measure(getattr(bench, kind), tool, value, arguments.quiet)
                    results.setdefault(name, {}).setdefault(tool.name, []).append(figures)
                    print(time.strftime("%H:%M:%S"), name, tool.name, json.dumps(figures), flush=True)
            settings = {"rounds": number + 1, "seconds": arguments.seconds}
            path = report.write(arguments.results, results, settings, name="replay", columns_of=lambda case: COLUMNS)
    finally:
        bench.close()
    with open(path, encoding="utf-8") as file:
        print("\n" + file.read())
    return 0


if __name__ == "__main__":
    sys.exit(main())
