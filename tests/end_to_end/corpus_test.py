#!/usr/bin/env python3
"""Captures that nobody here made: recall and precision of at least 99.5 %, on the originals and on variants of them.

usage: corpus_test.py [open|variants]. The corpus lies beside the project; without it the test says so and is skipped.
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, tools  # noqa: E402

LIMIT = "0.995"
# Every kind of variant over the most telling captures; more takes minutes.
VARIANT_BASES = 12


class Corpus(case.Case):
    def score(self, corpus, jobs=2):
        out = self.path("out")
        ran = tools.run([sys.executable, os.path.join(case.CORPUS, "run.py"), "--agent", tools.tool("understudy-agent"),
                         "--corpus", corpus, "--out", out, "--jobs", jobs, "--option=--status-address", "--option=off"],
                        timeout=600)
        scored = tools.run([sys.executable, os.path.join(case.CORPUS, "score.py"), "--corpus", corpus, out, "--misses", "3",
                            "--min-recall", LIMIT, "--min-precision", LIMIT], timeout=120)
        print("\n" + scored.stdout, file=sys.stderr)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertEqual(scored.returncode, 0, scored.stdout + scored.stderr)

    def test_open_half(self):
        self.score(os.path.join(case.CORPUS, "open"))

    def test_variants(self):
        made = tools.run([sys.executable, os.path.join(case.CORPUS, "mutate.py"), "--corpus",
                          os.path.join(case.CORPUS, "open"), "--out", self.path("variants"), "--max-base", VARIANT_BASES,
                          "--max-size", "60000"], timeout=120)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.score(self.path("variants"))


if __name__ == "__main__":
    if not os.path.isdir(os.path.join(case.CORPUS, "open")):
        print(f"skipped: no corpus at {os.path.normpath(case.CORPUS)}")
        sys.exit(case.SKIPPED)
    names = [f"Corpus.{'test_open_half' if word == 'open' else 'test_variants'}" for word in sys.argv[1:]]
    unittest.main(argv=sys.argv[:1] + names, verbosity=2)
