"""What is measured: the agent and the versions of gor, plain and tuned, and how each is started."""
import os

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
GOR_FOLDER = os.path.join(ROOT, "build", "bench", "gor")
PORT = 8080


class Contestant:
    """A mirror that can be started in three ways: `live` to a shadow, `capture` without output, `file` from a capture.

    Each returns an argument vector. `program` is what is run, `name` what the tables call it.
    """

    def __init__(self, name, program, live, capture, file, stops_at_end):
        self.name, self.program = name, program
        self._live, self._capture, self._file = live, capture, file
        self.stops_at_end = stops_at_end  # whether the process ends by itself at the end of a capture file

    def live(self, url):
        return [self.program, *self._live(url)]

    def capture(self):
        return [self.program, *self._capture()]

    def file(self, path, found_path):
        """`found_path` is where it tells what it found: the agent's summary, gor's standard output; None: nowhere."""
        return [self.program, *self._file(path, found_path)]


def agent(program, name="understudy", options=()):
    base = ["run", "--status-address", "off", "--quiet", *options]
    return Contestant(
        name, program,
        live=lambda url: [*base, "--port", str(PORT), "--to", url],
        capture=lambda: [*base, "--port", str(PORT)],
        file=lambda path, found: [*base, "--port", "80", "--read", path, *(["--summary", found] if found else [])],
        stops_at_end=True)


def gor(program, name, options=(), http_options=()):
    def from_file(path, found):
        output = ["--output-stdout"] if found else ["--output-null"]
        return ["--input-raw", f"{path}:80", "--input-raw-engine", "pcap_file", *options, *output]

    return Contestant(
        name, program,
        live=lambda url: ["--input-raw", f":{PORT}", *options, "--output-http", url, *http_options],
        capture=lambda: ["--input-raw", f":{PORT}", *options, "--output-null"],
        file=from_file, stops_at_end=False)


# The tunings that people who know gor found best, by the generation of its capture code.
OLD_TUNING = {"options": ["--input-raw-buffer-size", "67108864", "--input-raw-override-snaplen"],
              "http_options": ["--output-http-workers", "100"]}
NEW_TUNING = {"options": ["--input-raw-buffer-size", "64mb", "--input-raw-override-snaplen", "--input-raw-track-response"],
              "http_options": ["--output-http-workers", "2", "--output-http-track-response"]}


def all_contestants(agent_program):
    recording = os.path.join(ROOT, "build", "bench", "recorded-%Y%m%d-%H%M%S.take")
    found = [agent(agent_program), agent(agent_program, "understudy and recording", ["--record", recording])]
    versions = sorted(os.listdir(GOR_FOLDER)) if os.path.isdir(GOR_FOLDER) else []
    for version in versions:
        program = os.path.join(GOR_FOLDER, version)
        number = tuple(int(part) for part in version.lstrip("v").partition("-")[0].split("."))
        tuning = OLD_TUNING if number < (1, 2) else NEW_TUNING
        found.append(gor(program, f"gor {version[1:]}"))
        found.append(gor(program, f"gor {version[1:]} tuned", **tuning))
    return found
