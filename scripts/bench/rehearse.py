"""Rehearsals of equal builds, and of one that lost an index: how often each verdict comes. See rehearse.sh."""
import collections
import json
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
from e2e import recordings, rehearsal  # noqa: E402

PLAN = """[baseline]
url = "{baseline}"
database = "{baseline_database}"
device = "none"
[candidate]
url = "{candidate}"
database = "{candidate_database}"
device = "none"
[traffic]
recording = "{recording}"
[pacing]
rate = "100/s"
duration = "2s"
loop = true
[pairs]
count = 8
aa = 1
warm-up = "500ms"
[verdict]
data-cache-ratio = 12
data-cache-factor = 3
[environment]
polls = 1
interval = "100ms"
"""
LOSE_INDEX = "ALTER TABLE reading DROP CONSTRAINT reading_pkey; DROP INDEX reading_device_received_at"


def rehearse(sql):
    """One rehearsal: (verdict, names of query classes that got worse, seconds)."""
    directory = tempfile.mkdtemp(prefix="understudy-bench-")
    os.chmod(directory, 0o777)
    stack = rehearsal.Stack(directory)
    try:
        values = {f"{name}_database": stack.clone(name) for name in ("baseline", "candidate")}
        if sql:
            stack.server.sql(sql, "candidate")
        values.update(baseline=stack.start_api("baseline", "1.0.0"), candidate=stack.start_api("candidate", "1.0.0"),
                      recording=rehearsal.write_recording(os.path.join(directory, "clients.jsonl"), 2000))
        plan = os.path.join(directory, "plan.toml")
        with open(plan, "w", encoding="utf-8") as file:
            file.write(PLAN.format(**values))
        began = time.monotonic()
        done = recordings.replay("rehearse", plan, "--out", os.path.join(directory, "results"), "--quiet", timeout=300)
        seconds = time.monotonic() - began
        with open(os.path.join(directory, "results", "rehearsal.json"), encoding="utf-8") as file:
            document = json.load(file)
        if document["end"] != "whole":
            raise AssertionError(done.stderr)
        if document["verdict"]["kind"] != "equivalent":
            print(document["verdict"]["headline"], file=sys.stderr)
        return document["verdict"]["kind"], [item["name"] for item in document["verdict"]["stands_out"]], seconds
    finally:
        stack.stop()
        shutil.rmtree(directory, ignore_errors=True)


def main():
    times = int(sys.argv[1])
    right = True
    print("| candidate | improved | regressed | equivalent | inconclusive | seconds each |\n|---|---|---|---|---|---|")
    for name, sql, count in (("the same build", None, times), ("lost an index", LOSE_INDEX, max(1, times // 5))):
        verdicts, spent = collections.Counter(), 0.0
        for _ in range(count):
            verdict, worse, seconds = rehearse(sql)
            verdicts[verdict] += 1
            spent += seconds
            if sql and not any("FROM reading WHERE customer" in item for item in worse):
                right = False
        print(f"| {name} | " + " | ".join(str(verdicts[kind]) for kind in ("improved", "regressed", "equivalent", "inconclusive"))
              + f" | {spent / count:.0f} |", flush=True)
        if sql:
            right = right and verdicts["regressed"] == count
        else:
            right = right and verdicts["improved"] + verdicts["regressed"] <= count / 20
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
