"""The live half: a mirror beside nginx while a paced load runs, and what it cost, lost and delayed."""
import dataclasses
import os
import shutil
import signal
import tempfile
import time

from e2e import network, processes, servers, tools

WARM_UP_REQUESTS = 300
# gor hands a request on up to 2 s late; what has not come after such a silence is lost.
SILENCE_SECONDS = 3.0
# The last answers are still on their way back to the mirror when the last request has arrived.
SETTLE_SECONDS = 0.3
# Starting takes gor about a second. Ids of the warm-up lie above those of any measured run.
START_SECONDS = 1.5
WARM_UP_FIRST_ID = 8_000_000


@dataclasses.dataclass(frozen=True)
class LiveCase:
    name: str
    mix: str
    rate: int
    wire_sized: bool = True   # segments of the MTU's size; otherwise offloaded ones of up to 64 KiB
    output: bool = True       # to a shadow, or capture and framing alone
    pipeline: int = 1


CASES = [
    LiveCase("get-500", "get", 500),
    LiveCase("get-2000", "get", 2000),
    LiveCase("get-5000", "get", 5000),
    LiveCase("get-10000", "get", 10000),
    LiveCase("post4k-2000", "post/4096", 2000),
    LiveCase("post4k-2000-offloaded", "post/4096", 2000, wire_sized=False),
    LiveCase("post64k-200", "post/65536", 200),
    LiveCase("post64k-200-offloaded", "post/65536", 200, wire_sized=False),
    LiveCase("capture-get-2000", "get", 2000, output=False),
    LiveCase("capture-get-10000", "get", 10000, output=False),
    LiveCase("capture-post64k-200", "post/65536", 200, output=False),
]


def process_cpu_seconds(pid):
    """CPU time of a whole process, ended threads included, to the nanosecond: its POSIX CPU-time clock."""
    return time.clock_gettime((~pid << 3) | 2)


class Bench:
    """The hosts, nginx and the shadow, kept for all cases of one segment size."""

    def __init__(self, wire_sized):
        self.directory = tempfile.mkdtemp(prefix="understudy-bench-")
        os.chmod(self.directory, 0o777)
        self._started = []
        try:
            self.network = self._keep(network.Network())
            if wire_sized:
                self.network.wire_sized_segments()
            self._keep(servers.start_production(self.network.production, self.directory, "0.0.0.0"))
            self.shadow = self._keep(tools.Shadow(self.network.shadow, self.directory, network.Network.SHADOW))
        except BaseException:
            self.close()
            raise

    def _keep(self, thing):
        self._started.append(thing)
        return thing

    def close(self):
        for thing in reversed(self._started):
            thing.stop() if hasattr(thing, "stop") else thing.close()
        self._started = []
        shutil.rmtree(self.directory, ignore_errors=True)

    def _load(self, **options):
        return tools.run_load(self.network.client, self.directory, network.Network.PRODUCTION, **options)

    def measure(self, case, contestant, seconds):
        """One run: a dictionary of figures. `contestant` None: production alone."""
        count = int(case.rate * seconds)
        self.shadow.clear()
        mirror = None
        if contestant:
            command = contestant.live(self.shadow.url) if case.output else contestant.capture()
            mirror = processes.Process(command, self.directory, "mirror", self.network.production.name)
        try:
            if mirror:
                time.sleep(START_SECONDS)
                if not mirror.running:
                    return {"error": "ended at start: " + mirror.stderr.strip()[-200:]}
            self._load(count=WARM_UP_REQUESTS, rate=200, mix=case.mix, first_id=WARM_UP_FIRST_ID)
            if mirror and case.output:
                self._wait_for_arrivals(WARM_UP_REQUESTS)
                self.shadow.clear()
            return self._measured(case, mirror, count, seconds)
        finally:
            if mirror:
                mirror.signal(signal.SIGINT)
                if mirror.wait(5) is None:
                    mirror.stop()

    def _measured(self, case, mirror, count, seconds):
        before = process_cpu_seconds(mirror.pid) if mirror else 0
        sent_path, arrived_path = (os.path.join(self.directory, name) for name in ("sent", "arrived"))
        load = self._load(count=count, rate=case.rate, mix=case.mix, pipeline=case.pipeline, sent=sent_path,
                          deadline=seconds * 3 + 10)
        figures = {"requests": count, "answered": load["answered"], "production_p50_us": load["latency_us"]["p50"],
                   "production_p99_us": load["latency_us"]["p99"]}
        if not mirror:
            return figures
        if case.output:
            self._wait_for_arrivals(count)
        if not mirror.running:
            return {"error": "ended in the run: " + mirror.stderr.strip()[-200:]}
        figures["cpu_ms_per_1000"] = (process_cpu_seconds(mirror.pid) - before) * 1e6 / count
        figures["peak_mib"] = processes.memory_kib(mirror.pid) / 1024
        figures["anonymous_mib"] = processes.memory_kib(mirror.pid, "RssAnon") / 1024
        if case.output:
            arrivals = self.shadow.arrivals(count)
            figures["lost_percent"] = 100 * arrivals["missing"] / count
            figures["duplicates"] = arrivals["duplicates"]
            figures["corrupt"] = arrivals["corrupt"]
            sent, arrived = tools.read_times(sent_path), self.shadow.times(arrived_path)
            delays = sorted((arrived[i] - sent[i]) / 1e6 for i in range(min(count, len(arrived))) if arrived[i])
            for name, part in (("delay_p50_ms", 0.5), ("delay_p99_ms", 0.99)):
                figures[name] = delays[min(len(delays) - 1, int(part * len(delays)))] if delays else None
        return figures

    def _wait_for_arrivals(self, count):
        """Until all have arrived, or the shadow has heard nothing for a while; not for ever."""
        last, since, deadline = -1, time.monotonic(), time.monotonic() + 60
        while time.monotonic() - since < SILENCE_SECONDS and time.monotonic() < deadline:
            requests = self.shadow.arrivals()["requests"]
            if requests >= count:
                time.sleep(SETTLE_SECONDS)
                return
            if requests != last:
                last, since = requests, time.monotonic()
            time.sleep(0.25)
