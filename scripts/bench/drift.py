#!/usr/bin/env python3
"""Plays a recording of 100 requests a second at its own timing, and tells how far its end is from where it should be.

usage: scripts/bench/drift.py [MINUTES]     (10 by default; wants root, to look at packets)
"""
import json
import os
import shutil
import statistics
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
import pacing  # noqa: E402
from e2e import processes, recordings, tools  # noqa: E402

RATE = 100
GAP_NS = 1_000_000_000 // RATE


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    count = int(minutes * 60 * RATE)
    directory = tempfile.mkdtemp(prefix="understudy-drift-")
    os.chmod(directory, 0o777)
    nginx, port = recordings.start_nginx(directory)
    try:
        recording = recordings.write(os.path.join(directory, "drift.jsonl"), (
            recordings.exchange(i % 16, i * GAP_NS, "GET", "/x", response=b"hello") for i in range(count)))
        watch = pacing.WireWatch(directory, port, "wire")
        replay = processes.Process([tools.tool("understudy-replay"), "run", recording, "--to", f"http://127.0.0.1:{port}",
                                    "--quiet"], directory, "replay")
        code = replay.wait(minutes * 60 + 60)
        times = watch.times()
        if code != 0 or len(times) != count:
            print(f"drift.py: {len(times)} of {count} requests, exit code {code}: {replay.stderr}", file=sys.stderr)
            return 1
    finally:
        nginx.stop()
        shutil.rmtree(directory, ignore_errors=True)
    offsets = [time - times[0] - index * GAP_NS for index, time in enumerate(times)]
    tenth = max(count // 10, 1)
    first, last = statistics.median(offsets[:tenth]), statistics.median(offsets[-tenth:])
    kept = (count - 1) / ((times[-1] - times[0]) / 1e9)
    print(json.dumps({"requests": count, "drift_us": (last - first) / 1000, "rate_error_percent": abs(kept / RATE - 1) * 100}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
