#!/usr/bin/env python3
"""Tells what a rehearsal of the demonstration found: story.py rehearsal.json

Ends with 0 when it found the story: the verdict is improved, reads fell by more than 90 %, INSERT got dearer, and the credits of today's load run out
while the candidate's never do.
"""
import json
import sys

READS_LEFT_MAX = 0.1


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        rehearsal = json.load(file)
    metrics = {metric["key"]: metric for metric in rehearsal["metrics"]}
    # The named substitute, where there was no device to count operations: bytes that the server's processes read.
    name = next((key for key in ("device_reads", "device_read_bytes", "process_read_bytes") if known(metrics.get(key))), None)
    fell = dearer = False
    print(f"Verdict: {rehearsal['verdict']['kind'].upper()}. {rehearsal['verdict']['headline']}")
    if name:
        reads = metrics[name]
        fell = reads["high"] is not None and reads["high"] < READS_LEFT_MAX
        print(f"{reads['name']}: {reads['baseline']:.4g} to {reads['candidate']:.4g} {reads['unit']}, "
              f"{(1 - reads['ratio']) * 100:.1f} % less (interval {(1 - reads['high']) * 100:.1f} to {(1 - reads['low']) * 100:.1f} %)")
    for query in rehearsal["query_classes"]:
        if query["query"].upper().startswith("INSERT INTO READING"):
            dearer = query["verdict"] == "regressed"
            print(f"INSERT: {query['verdict']}. {query['reason']}")
    forecast = rehearsal["forecast"] or {}
    sides = [forecast[side] for side in ("baseline", "candidate") if forecast.get(side)]
    for side in sides:
        print(f"Credits of a {forecast['volume']} at {side['read_iops']:.0f} reads and {side['write_iops']:.0f} writes a second: "
              f"gone after {span(side['high'])} (reads billed in parts) to {span(side['low'])} (neighbours billed as one)"
              if side["high"]["seconds_to_empty"] is not None else
              f"Credits at {side['read_iops']:.0f} reads and {side['write_iops']:.0f} writes a second: they never run out")
    gone = [side["high"]["seconds_to_empty"] is not None for side in sides]
    empties, lasts = gone[:1] == [True], gone[1:] == [False]
    improved = rehearsal["verdict"]["kind"] == "improved"
    missing = [text for text, found in (("the verdict is improved", improved), ("reads fell by more than 90 %", fell),
                                        ("INSERT got dearer", dearer), ("the credits run out before, and not after", empties and lasts)) if not found]
    if missing:
        print("Not found in this run: " + "; ".join(missing))
    return 1 if missing else 0


def span(bound):
    """A bound's time in words: "2 h 2 min", "never"."""
    if bound["seconds_to_empty"] is None:
        return "never"
    minutes = round(bound["seconds_to_empty"] / 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"


def known(metric):
    return metric is not None and metric["ratio"] is not None


if __name__ == "__main__":
    sys.exit(main())
