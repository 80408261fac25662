#!/usr/bin/env python3
"""Inspects, plays and compares a recording of a million exchanges and more than 1 GiB, and tells how much memory that took.

usage: scripts/bench/large.py     (build first: cmake --build --preset release)

Wants 3 GiB of disk under the temporary folder. The target is one nginx on loopback, which answers something else than was
recorded, so that every exchange differs. Exit code 1: more than 128 MiB were resident.
"""
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
from e2e import processes, recordings, tools  # noqa: E402

COUNT = 1_000_000
BODY_BYTES = 1_100
RESIDENT_MAX_MIB = 128
DEADLINE = 600
DIFFERENCES = 22  # the exit code of a comparison that found some


def measure(words, directory, name):
    """(exit code, seconds, peak MiB)"""
    began = time.monotonic()
    process = processes.Process([tools.tool("understudy-replay"), *words], directory, name)
    peak = 0
    while process.running and time.monotonic() - began < DEADLINE:
        try:
            peak = max(peak, processes.memory_kib(process.pid))
        except OSError:
            break
        time.sleep(0.02)
    code = process.wait(1)
    if code is None:
        process.stop()
        raise RuntimeError(f"{name} did not end within {DEADLINE} s")
    return code, time.monotonic() - began, peak / 1024


def main():
    directory = tempfile.mkdtemp(prefix="understudy-large-")
    os.chmod(directory, 0o777)
    nginx, port = recordings.start_nginx(directory)
    worst = 0
    try:
        take = recordings.write_large(directory, COUNT, BODY_BYTES)
        print(f"{COUNT:,} exchanges, {os.path.getsize(take) / 2**30:.2f} GiB")
        play = ["run", take, "--to", f"http://127.0.0.1:{port}", "--fast", "--any-connection", "--quiet"]
        for name, words in (("inspect", ["inspect", take]), ("run", play), ("compare", [*play, "--compare"])):
            code, seconds, mib = measure(words, directory, name)
            print(f"{name}: exit code {code}, {seconds:.1f} s, {mib:.0f} MiB resident at most")
            if code not in (0, DIFFERENCES):
                return 1
            worst = max(worst, mib)
    finally:
        nginx.stop()
        shutil.rmtree(directory, ignore_errors=True)
    return 1 if worst > RESIDENT_MAX_MIB else 0


if __name__ == "__main__":
    sys.exit(main())
