#!/usr/bin/env python3
"""The side-by-side benchmark behind mirror.sh: every contestant in every case of a round, round after round."""
import argparse
import operator
import os
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
import contestants  # noqa: E402
import files  # noqa: E402
import live  # noqa: E402
import report  # noqa: E402
from choice import chosen  # noqa: E402
from e2e import network, tools  # noqa: E402

RESULTS = os.path.join(contestants.ROOT, "build", "bench", "results")


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="of each live run")
    parser.add_argument("--cases", default="", help="names, or beginnings of names, separated by commas; all if not given")
    parser.add_argument("--mirrors", default="", help="the same of what is measured")
    parser.add_argument("--results", default=RESULTS, help="folder for mirror.md and mirror.json")
    parser.add_argument("--agent", help="the agent's program; build/release/bin/understudy-agent if not given")
    parser.add_argument("--list", action="store_true", help="name the cases and the mirrors, and leave")
    return parser.parse_args()


class Run:
    def __init__(self, arguments, mirrors):
        self.arguments, self.mirrors = arguments, mirrors
        self.results = {}

    def note(self, case, name, figures):
        self.results.setdefault(case.name, {}).setdefault(name, []).append(figures)
        short = ", ".join(f"{key} {value:.4g}" if isinstance(value, (int, float)) else f"{key} {value}"
                          for key, value in figures.items())
        print(f"{time.strftime('%H:%M:%S')} {case.name} {name}: {short}", flush=True)

    def live_round(self, cases, seed):
        for wire_sized in (True, False):
            group = [case for case in cases if case.wire_sized == wire_sized]
            if not group:
                continue
            bench = live.Bench(wire_sized)
            try:
                for case in group:
                    order = [None, *self.mirrors]
                    random.Random(f"{seed}/{case.name}").shuffle(order)  # nobody always runs first
                    for mirror in order:
                        name = mirror.name if mirror else "no mirror"
                        self.note(case, name, bench.measure(case, mirror, self.arguments.seconds))
            finally:
                bench.close()

    def file_round(self, cases, seed):
        directory = tempfile.mkdtemp(prefix="understudy-bench-")
        os.chmod(directory, 0o777)
        try:
            for case in cases:
                order = [mirror for mirror in self.mirrors if mirror.stops_at_end or not case.agent_only]
                random.Random(f"{seed}/{case.name}").shuffle(order)
                for mirror in order:
                    self.note(case, mirror.name, files.measure(case, mirror, directory))
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def main():
    arguments = parse()
    everybody = contestants.all_contestants(arguments.agent or tools.tool("understudy-agent"))
    name_of = operator.attrgetter("name")
    mirrors = chosen(everybody, arguments.mirrors, name_of)
    live_cases, file_cases = (chosen(cases, arguments.cases, name_of) for cases in (live.CASES, files.CASES))
    if arguments.list or not mirrors or not live_cases + file_cases:
        print("cases:  ", ", ".join(case.name for case in live.CASES + files.CASES))
        print("mirrors:", ", ".join(mirror.name for mirror in contestants.all_contestants(arguments.agent or "understudy-agent")))
        return 0 if arguments.list else 2
    reason = network.may_make_namespaces()
    if live_cases and reason:
        print("mirror.py: " + reason, file=sys.stderr)
        return 1
    run = Run(arguments, mirrors)
    for number in range(arguments.rounds):
        run.live_round(live_cases, number)
        run.file_round(file_cases, number)
        path = report.write(arguments.results, run.results, {"rounds": number + 1, "seconds": arguments.seconds})
    with open(path, encoding="utf-8") as file:
        print("\n" + file.read())
    return 0


if __name__ == "__main__":
    sys.exit(main())
