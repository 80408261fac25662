#!/usr/bin/env python3
"""Holds the architecture: which folder may include which, where third-party headers may appear, and sizes.

The layers are those of docs/architecture.md.
"""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A folder may include itself and these. The composition roots (agent, replay) may include everything below them.
ALLOWED = {
    "traffic/base": set(),
    "traffic/http": {"traffic/base"},
    "traffic/observe": {"traffic/base"},
    "traffic/rules": {"traffic/base", "traffic/http", "traffic/observe"},
    "traffic/recording": {"traffic/base", "traffic/http", "traffic/observe"},
    "traffic/net": {"traffic/base", "traffic/http", "traffic/observe"},
    "traffic/command_line": {"traffic/base", "traffic/rules", "traffic/net"},
    "traffic/pipeline": {"traffic/base", "traffic/http", "traffic/observe", "traffic/rules", "traffic/recording",
                         "traffic/net"},
    "traffic/middleware": {"traffic/base", "traffic/http", "traffic/observe", "traffic/recording", "traffic/pipeline"},
    "agent/capture": {"traffic/base"},
    "agent/decode": {"traffic/base", "agent/capture"},
    "agent/reassembly": {"traffic/base", "agent/decode"},
    "agent/pairing": {"traffic/base", "traffic/http", "traffic/observe", "traffic/pipeline", "agent/reassembly"},
    "agent/safety": {"traffic/base", "traffic/http", "traffic/observe"},
    "agent/check": {"traffic/base", "traffic/http", "traffic/observe", "traffic/rules", "traffic/net", "agent/capture", "agent/decode",
                    "agent/safety"},
    "agent/service": {"traffic/base", "traffic/command_line"},
    "replay/route": {"traffic/base", "traffic/http", "traffic/rules"},
    "replay/pacing": {"traffic/base"},
    "replay/source": {"traffic/base", "traffic/http", "traffic/observe", "traffic/recording", "replay/route"},
    "replay/compare": {"traffic/base", "traffic/http", "traffic/observe", "traffic/rules", "replay/route"},
    "replay/carry": {"traffic/base", "traffic/http", "traffic/rules"},
    "replay/html_report": {"traffic/base", "traffic/recording"},
    "replay/report": {"traffic/base", "traffic/observe", "traffic/recording", "replay/route", "replay/compare",
                      "replay/html_report"},
    "replay/rehearsal_report": {"traffic/base", "replay/html_report", "replay/report"},
    "replay/run": {"traffic/base", "traffic/http", "traffic/observe", "traffic/rules", "traffic/recording", "traffic/net",
                   "traffic/pipeline", "replay/route", "replay/pacing", "replay/compare", "replay/carry",
                   "replay/report"},
    "replay/environment": {"traffic/base", "traffic/net", "replay/compare"},
    "replay/forecast": {"traffic/base"},
    "replay/verdict": {"traffic/base"},
    "replay/rehearse": {"traffic/base", "traffic/net", "traffic/observe", "traffic/command_line", "replay/compare", "replay/report",
                        "replay/environment", "replay/forecast", "replay/database", "replay/clone", "replay/verdict",
                        "replay/rehearsal_report"},
    "replay/store": {"traffic/base", "traffic/http", "traffic/net", "traffic/recording", "traffic/rules", "replay/compare",
                     "replay/environment"},
    "replay/serve": {"traffic/base", "traffic/net", "traffic/observe", "traffic/command_line", "replay/compare",
                     "replay/environment", "replay/database", "replay/clone"},
    "replay/clone": {"traffic/base", "traffic/net", "traffic/rules", "replay/compare", "replay/environment", "replay/store",
                     "replay/database"},
    "replay/database": {"traffic/base", "traffic/net", "replay/compare", "replay/environment", "replay/store"},
}
ROOTS = {"agent": ("traffic/", "agent/"), "replay": ("traffic/", "replay/")}

# Where each third-party header may be included.
THIRD_PARTY = {
    r"<pcap": ("agent/capture/",),
    r"<boost/asio": ("traffic/net/", "replay/store/", "traffic/pipeline/forward_sink", "agent/agent.cpp", "replay/run/"),
    r"<httplib": ("traffic/observe/", "replay/environment/http_client.cpp", "replay/serve/environment_server",
                  "replay/serve/tls_server_stream"),
    r"<spdlog": ("traffic/observe/",),
    r"<re2": ("traffic/rules/",),
    r"<CLI/": ("agent/", "replay/", "traffic/command_line/"),
    r"<boost/json": ("traffic/base/boost_json.cpp", "traffic/recording/", "replay/"),
    r"<zstd": ("traffic/recording/",),
    r"<zlib": ("traffic/recording/", "traffic/rules/", "replay/"),
    r"<libpq-fe": ("replay/database/",),
    r"<pg_query": ("replay/database/query_fingerprint.cpp",),
    r"<toml\+\+": ("traffic/command_line/config_", "traffic/command_line/toml_table", "replay/rehearse/",
                    "replay/serve/serve_settings"),
    r"<openssl": ("traffic/net/", "replay/serve/", "replay/store/", "traffic/recording/", "traffic/rules/", "agent/check/"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<][^">]+)[">]', re.MULTILINE)
FILE_LINES_MAX = 400


def sources():
    for top in ("traffic", "agent", "replay"):
        for path in sorted((ROOT / top).rglob("*.?pp")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


class Architecture(unittest.TestCase):
    def test_folders_include_only_what_their_layer_allows(self):
        wrong = []
        for name, text in sources():
            folder = name.rsplit("/", 1)[0]
            for include in INCLUDE.findall(text):
                if not include.startswith('"'):
                    continue
                target = include[1:].rsplit("/", 1)[0]
                if target == folder:
                    continue
                if folder in ROOTS:
                    if not include[1:].startswith(ROOTS[folder]):
                        wrong.append(f"{name} includes {include[1:]}")
                elif target not in ALLOWED.get(folder, set()):
                    wrong.append(f"{name} includes {include[1:]}")
        self.assertEqual(wrong, [])

    def test_the_layers_have_no_circle(self):
        def reaches(start, goal, seen):
            return any(next_ == goal or (next_ not in seen and reaches(next_, goal, seen | {next_})) for next_ in ALLOWED[start])

        self.assertEqual([folder for folder in ALLOWED if reaches(folder, folder, {folder})], [])

    def test_third_party_headers_stay_where_they_belong(self):
        wrong = []
        for name, text in sources():
            for include in INCLUDE.findall(text):
                for pattern, places in THIRD_PARTY.items():
                    if re.match(pattern, include) and not name.startswith(places):
                        wrong.append(f"{name} includes {include}>")
        self.assertEqual(wrong, [])

    def test_files_stay_short(self):
        paths = [path for top in ("traffic", "agent", "replay", "tests", "scripts") for path in (ROOT / top).rglob("*")]
        long = []
        for path in paths:
            if path.suffix in {".cpp", ".hpp", ".py", ".sh"} and "__pycache__" not in path.parts:
                count = len(path.read_text(encoding="utf-8").splitlines())
                if count > FILE_LINES_MAX:
                    long.append(f"{path.relative_to(ROOT)}: {count} lines")
        self.assertEqual(long, [])


if __name__ == "__main__":
    sys.exit(unittest.main())
