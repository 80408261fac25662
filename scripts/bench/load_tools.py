"""The load tools that are measured, and how each is started."""
import os

from contestants import GOR_FOLDER, ROOT
from e2e import tools

RIVALS = os.path.join(ROOT, "build", "bench", "rivals")


# wrk runs for a time. Whoever is about as fast sends about as many, so that a start-up weighs the same.
AS_MANY_AS_WRK = 600_000


class LoadTool:
    """`paced(url, rate, count, files)` and `closed(url, connections, count, files)` give an argument vector, or None."""

    def __init__(self, name, program, paced=None, closed=None, closed_count=100_000):
        self.name, self.program = name, program
        self.closed_count = closed_count  # requests of a closed loop
        self._paced, self._closed = paced, closed

    def paced(self, *arguments):
        return self._paced and [self.program, *self._paced(*arguments)]

    def closed(self, *arguments):
        return self._closed and [self.program, *self._closed(*arguments)]


def _own(name, extra=()):
    return LoadTool(
        name, tools.tool("understudy-replay"),
        paced=lambda url, rate, count, files: ["run", files["take"], "--to", url, "--rate", f"{rate}/s", "--count", str(count),
                                               "--loop", "--connections", "64", "--any-connection", "--quiet", *extra],
        closed=None if extra else
        lambda url, connections, count, files: ["run", files["take"], "--to", url, "--fast", "--count", str(count), "--loop",
                                                "--connections", str(connections), "--any-connection", "--quiet"],
        closed_count=AS_MANY_AS_WRK)


def _gor(version, path):
    return LoadTool(f"gor {version}", path, closed=lambda url, connections, count, files: [
        "--input-file", f"{files['gor']}|100000%", "--output-http", url, "--output-http-workers", str(connections),
        "--exit-after", "60s"])


def all_tools():
    found = [_own("understudy"), _own("understudy, spin 200us", ["--spin", "200us"]),
             LoadTool("wrk", "/usr/bin/wrk", closed=lambda url, connections, count, files: [
                 "-t", "1", "-c", str(connections), "-d", "4s", url]),
             LoadTool("h2load", "/usr/bin/h2load",
                      paced=lambda url, rate, count, files: ["--h1", "-c", "64", "-t", "1", "-n", str(count), "--rps",
                                                             str(rate / 64), url],
                      closed=lambda url, connections, count, files: ["--h1", "-c", str(connections), "-t", "1", "-n",
                                                                     str(count), url],
                      closed_count=AS_MANY_AS_WRK)]
    vegeta, k6, hey = (os.path.join(RIVALS, name) for name in ("vegeta", "k6", "hey"))
    if os.access(vegeta, os.X_OK):
        found.append(LoadTool("vegeta", vegeta, paced=lambda url, rate, count, files: [
            "attack", "-targets", files["targets"], "-rate", f"{rate}/s", "-duration", f"{count / rate:.3f}s", "-output",
            "/dev/null", "-connections", "64", "-workers", "64"]))
    if os.access(hey, os.X_OK):
        found.append(LoadTool("hey", hey,
                              paced=lambda url, rate, count, files: ["-c", "50", "-q", str(rate / 50), "-n", str(count), url],
                              closed=lambda url, connections, count, files: ["-c", str(connections), "-n", str(count), url]))
    if os.access(k6, os.X_OK):
        found.append(LoadTool("k6", k6, paced=lambda url, rate, count, files: [
            "run", "--quiet", "--no-summary", "-e", f"URL={url}", "-e", f"RATE={rate}", "-e", f"SECONDS={count / rate:.0f}",
            files["k6"]]))
    for version in sorted(os.listdir(GOR_FOLDER)) if os.path.isdir(GOR_FOLDER) else []:
        found.append(_gor(version[1:], os.path.join(GOR_FOLDER, version)))
    return found
