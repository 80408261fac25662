#!/usr/bin/env python3
"""The command clone against s3rver, a store that keeps to the standard less strictly than radosgw (clone_test.py)."""
import json
import os
import random
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, s3, s3rver, tools  # noqa: E402

# No "//", no "." between slashes: s3rver keeps objects as files.
ODD_KEYS = ["a b.txt", "plus+plus", "(paren)", "tilde~", "eq=eq", "ünïcödé/日本", "q?x&y", "hash#", "per%25cent", "semi;colon,comma",
            "@$!"]


class S3rver(case.Case):
    def setUp(self):
        super().setUp()
        self.store = self.enterContext(s3rver.S3rver(self.directory))
        self.s3 = s3.Client(self.store.endpoint, s3rver.ACCESS_KEY, s3rver.SECRET_KEY)
        self.addCleanup(self.s3.close)
        for bucket in ("production", "copy"):
            self.s3.make_bucket(bucket)

    def clone(self, *words):
        ended = subprocess.run([tools.tool("understudy-replay"), "clone", "s3://production", "s3://copy", "--endpoint",
                                self.store.endpoint, "--commands", self.path("commands"), *words, "--json", "--quiet"],
                               capture_output=True, text=True, timeout=120, check=False, env=self.store.environment())
        self.assertEqual(ended.returncode, 0, ended.stderr[-2000:] + ended.stdout[-2000:])
        return json.loads(ended.stdout)["State"]

    def check(self, state, count):
        self.assertEqual(state["Objects"], {"Listed": count, "Copied": count, "Skipped": 0, "Failed": 0}, state["Errors"])
        self.assertEqual(self.s3.list("copy"), self.s3.list("production"))

    def test_odd_keys_with_their_headers(self):
        for key in ODD_KEYS:
            self.s3.put("production", key, key.encode(), {"Content-Type": "text/x-odd", "x-amz-meta-name": "b c"})
        self.check(self.clone(), len(ODD_KEYS))
        for key in ODD_KEYS:
            headers, body = self.s3.get("copy", key)
            self.assertEqual([body, headers["Content-Type"], headers["x-amz-meta-name"]], [key.encode(), "text/x-odd", "b c"], key)

    def test_many_prefixes_and_an_upload_in_parts(self):
        objects = [(f"p{0 if i % 5 else i % 195:03}/{i:05}", b"x" * (i % 300)) for i in range(1200)]
        self.s3.put_many("production", objects)
        part = random.Random(1).randbytes(5 << 20)
        self.s3.put_parts("production", "big", [part, part[::-1], b"end"])
        self.check(self.clone("--workers", "32"), len(objects) + 1)
        self.assertEqual(self.s3.get("copy", "big")[1], part + part[::-1] + b"end")


if __name__ == "__main__":
    try:
        s3rver.program()
    except s3rver.Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(case.SKIPPED)
    sys.exit(unittest.main())
