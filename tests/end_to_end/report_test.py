#!/usr/bin/env python3
"""The page of a rehearsal in a real browser (Debian's Chromium): what a person, a keyboard, a screen reader and a printer get."""
import copy
import json
import os
import shutil
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from e2e import browser, case, recordings, tools  # noqa: E402

EXAMPLE = os.path.join(case.ROOT, "docs", "rehearsal-example.json")
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u2028'\"`&lt;"
PIXELS = """[...document.querySelectorAll('canvas')].map((canvas) => {
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
  return painted;
})"""


def measured_document():
    """The documented example with runs as a rehearsal has them: eight of them, twenty points each."""
    with open(EXAMPLE, encoding="utf-8") as file:
        document = json.load(file)
    pattern = document["runs"][0]
    document["runs"] = []
    for number in range(8):
        run = copy.deepcopy(pattern)
        side = "candidate" if number in (1, 2, 5, 6) else "baseline"
        reads = 25 if side == "candidate" else 620
        run.update(number=number + 1, pair=1 + number // 2, side=side, started_at=f"2026-03-02T09:0{number}:00Z")
        run["series"] = [{**pattern["series"][0], "second": second, "device_reads": reads + second % 7,
                          "latency_p50_ms": 1 + second % 3, "latency_p99_ms": 40 + second % 9, "lateness_p99_ms": 0.2}
                         for second in range(20)]
        document["runs"].append(run)
    return document


def hostile(value):
    """Every text of a document, and every name of a map, made hostile; what the page goes by stays."""
    kept = {"kind", "verdict", "side", "phase", "end", "state", "presence", "attribution", "key", "unit", "started_at"}
    if isinstance(value, dict):
        return {name: text if name in kept and isinstance(text, str) else hostile(text) for name, text in value.items()}
    if isinstance(value, list):
        return [hostile(item) for item in value]
    return value + HOSTILE if isinstance(value, str) else value


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="understudy-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.browser = browser.Browser(cls.directory)
        cls.addClassCleanup(cls.browser.stop)

    def folder_of(self, document, name):
        """The folder of the reports that the program makes of a document."""
        source = os.path.join(self.directory, name + ".json")
        with open(source, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False)
        folder = os.path.join(self.directory, name)
        done = tools.run([tools.tool("understudy-replay"), "report", source, "--out", folder])
        self.assertEqual(done.returncode, 0, done.stderr)
        return folder

    def page_of(self, document, name="measured", **options):
        page = self.browser.open(os.path.join(self.folder_of(document, name), "rehearsal.html"), **options)
        page.settle()
        return page

    def assert_quiet(self, page):
        self.assertEqual(page.problems, [])
        self.assertEqual([url for url in page.requests if not url.startswith("file:")], [])
        self.assertEqual(len(page.requests), 1, page.requests)

    def test_shows_the_verdict_first_without_an_error_or_a_request(self):
        page = self.page_of(measured_document())
        self.assert_quiet(page)
        self.assertIn("Reads from the device fell by 95.9 %", page.evaluate("document.querySelector('h1').innerText"))
        self.assertIn("Improved", page.evaluate("document.title"))
        headings = page.evaluate("[...document.querySelectorAll('h2')].map((each) => each.textContent)")
        self.assertEqual(headings[:5], ["Summary", "Reads and credits", "Latency", "Queries", "Routes"])
        self.assertIn("INSERT INTO events", page.evaluate("document.querySelector('.worse').innerText"))
        self.assertTrue(page.evaluate("document.querySelector('.entry.regressed').open"))

    def test_draws_every_chart_in_both_schemes(self):
        page = self.page_of(measured_document())
        light = page.evaluate(PIXELS)
        self.assertEqual(len(light), 5)
        for painted in light:
            self.assertGreater(painted, 1000)
        colour = "getComputedStyle(document.body).backgroundColor"
        before = page.evaluate(colour)
        page.set_dark(True)
        page.settle()
        self.assertNotEqual(page.evaluate(colour), before)
        self.assertTrue(all(painted > 1000 for painted in page.evaluate(PIXELS)))
        self.assert_quiet(page)

    def test_never_scrolls_sideways(self):
        for name, document in (("measured", measured_document()), ("hostile", hostile(measured_document()))):
            for width in (375, 768, 1280):
                page = self.page_of(document, name, width=width)
                page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
                page.settle()
                self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), width, name)
                self.assert_quiet(page)

    def test_reads_nothing_of_the_document_as_html(self):
        page = self.page_of(hostile(measured_document()), "hostile")
        self.assert_quiet(page)
        self.assertNotEqual(page.evaluate("document.title"), "owned")
        self.assertEqual(page.evaluate("document.querySelectorAll('img').length"), 0)
        self.assertEqual(page.evaluate("[...document.scripts].filter((each) => each.type !== 'application/json').length"), 2)
        self.assertIn(HOSTILE, page.evaluate("document.querySelector('.eyebrow').textContent"))

    def test_names_every_chart_and_gives_it_a_table(self):
        page = self.page_of(measured_document())
        figures = page.evaluate("""[...document.querySelectorAll('figure')].map((figure) => ({
          name: figure.querySelector('.plot').getAttribute('aria-label'), rows: figure.querySelectorAll('tbody tr').length}))""")
        self.assertEqual(len(figures), 5)
        for figure in figures:
            self.assertTrue(figure["name"].startswith("Chart: "), figure)
            self.assertGreater(figure["rows"], 1, figure)
        nameless = [node for node in page.accessibility() if not node.get("ignored") and
                    node.get("role", {}).get("value") in ("slider", "table", "link", "heading", "navigation") and
                    not node.get("name", {}).get("value")]
        self.assertEqual(nameless, [])

    def test_is_reached_and_walked_by_keyboard(self):
        page = self.page_of(measured_document())
        reached = set()
        for _ in range(60):
            page.press("Tab")
            reached.add(page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"))
        wanted = page.evaluate("[...document.querySelectorAll('.plot')].map((each) => each.getAttribute('aria-label'))")
        self.assertLessEqual(set(wanted), reached)
        page.evaluate("document.querySelector('.plot').focus()")
        page.press("ArrowRight")
        first = page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
        page.press("End")
        last = page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
        self.assertIn("baseline reads 620", first)
        self.assertNotEqual(first, last)
        self.assertNotEqual(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "none")

    def test_follows_a_link_to_what_is_folded(self):
        page = self.page_of(measured_document())
        page.evaluate("location.hash = '#query-0'")
        page.settle()
        self.assertTrue(page.evaluate("document.getElementById('query-0').open"))

    def test_prints_light_and_unfolded(self):
        page = self.page_of(measured_document(), dark=True)
        page.evaluate("window.seen = []; addEventListener('beforeprint', () => window.seen.push("
                      "document.querySelectorAll('details:not([open])').length, getComputedStyle(document.body).color))")
        pdf = page.pdf()
        self.assertTrue(pdf.startswith(b"%PDF-"))
        self.assertEqual(page.evaluate("window.seen"), [0, "rgb(26, 32, 39)"])
        self.assertGreater(page.evaluate("document.querySelectorAll('details:not([open])').length"), 0)

    def test_survives_an_empty_document_and_odd_ones(self):
        for number, document in enumerate(({"verdict": None, "query_classes": None},
                                           {"verdict": [], "query_classes": {"a": 1}, "runs": [None, 3, {}], "metrics": [{}],
                                            "routes": [{"metrics": "x"}], "latency": 7, "forecast": {}, "environment": "none"})):
            page = self.page_of(document, f"odd{number}")
            self.assert_quiet(page)
            self.assertGreater(page.evaluate("document.querySelectorAll('h2').length"), 3)

    def test_writes_xml_that_others_read_and_markdown(self):
        for name, document in (("measured", measured_document()), ("hostile", hostile(measured_document()))):
            folder = self.folder_of(document, name)
            suites = xml.etree.ElementTree.parse(os.path.join(folder, "junit.xml")).getroot()
            self.assertEqual(suites.tag, "testsuites")
            self.assertGreater(len(suites.findall(".//testcase")), 5)
            with open(os.path.join(folder, "rehearsal.md"), encoding="utf-8") as file:
                self.assertTrue(file.read().startswith("## "))

    def test_shows_a_single_replay(self):
        nginx, port = recordings.start_nginx(self.directory)
        self.addCleanup(nginx.stop)
        recording = recordings.write(os.path.join(self.directory, "recording.jsonl"), [
            recordings.exchange(number % 9, number * 5_000_000, "GET", f"/orders/{number}") for number in range(600)])
        out = os.path.join(self.directory, "replay")
        done = recordings.replay("run", recording, "--to", f"http://127.0.0.1:{port}", "--fail-if", "errors > 0%", "--out", out, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        page = self.browser.open(os.path.join(out, "result.html"), width=375)
        page.settle()
        self.assert_quiet(page)
        self.assertIn("600 of 600 requests completed", page.evaluate("document.querySelector('h1').innerText"))
        self.assertIn("Passed", page.evaluate("document.title"))
        self.assertTrue(all(painted > 1000 for painted in page.evaluate(PIXELS)))
        self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), 375)
        again = tools.run([tools.tool("understudy-replay"), "report", os.path.join(out, "result.json"), "--out", os.path.join(out, "again")])
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertTrue(os.path.exists(os.path.join(out, "again", "result.html")))

    def test_refuses_what_is_no_result(self):
        path = os.path.join(self.directory, "other.json")
        for text in ("{}", "[1]", "", "{\"verdict\": "):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            done = tools.run([tools.tool("understudy-replay"), "report", path, "--out", os.path.join(self.directory, "none")])
            self.assertEqual(done.returncode, 2, text)
            self.assertIn("neither a rehearsal.json nor a result.json", done.stderr)
            self.assertFalse(os.path.exists(os.path.join(self.directory, "none")))


if __name__ == "__main__":
    if not shutil.which(browser.PROGRAM):
        print(f"skipped: {browser.PROGRAM} is not installed")
        sys.exit(case.SKIPPED)
    case.main(needs_network=False)
