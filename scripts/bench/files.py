"""The other half: how fast a capture file is read, and how much of it is found."""
import dataclasses
import json
import os
import signal
import time

from e2e import processes, tools

from contestants import ROOT
from live import process_cpu_seconds

FILES_FOLDER = os.path.join(ROOT, "build", "bench", "files")
IDLE_SECONDS = 2.0
DEADLINE_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class FileCase:
    name: str
    mix: str
    count: int
    body_bytes: int = 0
    requests_each: int = 100
    agent_only: bool = False  # takes the others minutes and tells nothing more of them


CASES = [
    FileCase("file-get-200k", "get", 200_000),
    FileCase("file-get-1m", "get", 1_000_000, agent_only=True),
    FileCase("file-post16k-20k", "post/16384", 20_000, 16384),
    FileCase("file-post1m-1k", "post/1048576", 1_000, 1048576, 10),
]


def capture_of(case):
    """The capture file, made once, and read once so that it is in memory."""
    os.makedirs(FILES_FOLDER, exist_ok=True)
    path = os.path.join(FILES_FOLDER, case.name + ".pcap")
    if not os.path.exists(path):
        made = tools.run([tools.tool("capture-generator"), "--out", path + ".new", "--count", case.count, "--mix", case.mix,
                          "--requests-each", case.requests_each], timeout=300)
        if made.returncode != 0:
            raise RuntimeError("capture-generator: " + made.stderr)
        os.rename(path + ".new", path)
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass
    return path


def _found_by(contestant, path):
    if contestant.stops_at_end:
        with open(path, encoding="utf-8") as file:
            return json.load(file)["capture"]["published"]
    # What gor printed: a request's target is in it once.
    with open(path, "rb") as file:
        return sum(line.count(b"/items?id=") for line in file)


def _run(contestant, command, directory, stdout=None):
    """The process to its end: (wall seconds, CPU seconds, peak MiB). One that does not end is ended when it idles."""
    started = time.monotonic()
    process = processes.Process(command, directory, "reader", stdout=stdout)
    cpu, peak, changed = 0.0, 0.0, started
    while process.running and time.monotonic() - started < DEADLINE_SECONDS:
        try:
            now_cpu = process_cpu_seconds(process.pid)
            peak = max(peak, processes.memory_kib(process.pid) / 1024)
        except OSError:
            break
        if now_cpu - cpu > 0.02:
            cpu, changed = now_cpu, time.monotonic()
        elif not contestant.stops_at_end and time.monotonic() - changed > IDLE_SECONDS:
            process.signal(signal.SIGINT)
            if process.wait(10) is None:
                process.stop()
            return changed - started, cpu, peak
        time.sleep(0.01)
    if process.wait(10) is None:
        process.stop()
        return time.monotonic() - started, cpu, peak
    usage = process.usage
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, peak


def measure(case, contestant, directory):
    """Twice: without output for the cost, then with one that tells what was found (the agent's summary does at once)."""
    path = capture_of(case)
    found_path = os.path.join(directory, "found")
    counts_for_free = contestant.stops_at_end
    seconds, cpu, peak = _run(contestant, contestant.file(path, found_path if counts_for_free else None), directory)
    if not counts_for_free:
        _run(contestant, contestant.file(path, found_path), directory, stdout=found_path)
    found = _found_by(contestant, found_path)
    os.remove(found_path)
    cpu = max(cpu, 1e-3)
    return {"requests": case.count, "found_percent": 100 * found / case.count, "seconds": seconds, "cpu_seconds": cpu,
            "peak_mib": peak, "requests_per_cpu_second": found / cpu,
            "gbit_per_cpu_second": os.path.getsize(path) * 8 / 1e9 / cpu}
