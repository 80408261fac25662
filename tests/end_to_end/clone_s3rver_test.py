#!/usr/bin/env python3
"""The command clone against s3rver, a store that keeps to the standard less strictly than radosgw (clone_test.py)."""
import json
import os
import random
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, environment, processes, s3, s3rver, tools  # noqa: E402

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

    def test_by_the_environments_server_and_on_after_a_kill(self):
        self.s3.put_many("production", [(f"p{i % 7}/{i:04}", b"x" * i) for i in range(400)])
        for name in ("id", "secret"):
            os.environ["E2E_S3_" + name.upper()] = s3rver.ACCESS_KEY
        server = self.start(environment.Environment(self.directory, f"""
            [service]
            build-version = "1.0.0"
            build-timestamp = "2026-01-01T00:00:00+00:00"
            [credentials.files]
            kind = "s3"
            endpoint = "{self.store.endpoint}"
            access-key-id-variable = "E2E_S3_ID"
            secret-access-key-variable = "E2E_S3_SECRET"
            destination = true
            """))
        side = {"Kind": "s3", "CredentialRef": "files"}
        body = {"Id": "files", "Source": {**side, "Bucket": "production"}, "Destination": {**side, "Bucket": "copy"},
                "Options": {"Workers": 2, "SegmentMaxObjects": 20}}
        self.assertEqual(server.ask("POST", "/clone", body)[0], 202)
        processes.wait_until(lambda: server.clone_state("files")["Segments"]["Succeeded"] >= 2, 60, "two segments are done")
        server.kill()
        server.start()
        state = server.wait_for_clone("files")
        self.assertEqual(state["Status"], "Succeeded", server.log[-2000:])
        # What the first server had copied of a segment without a response is found in the destination.
        self.assertEqual([state["Objects"]["Copied"] + state["Objects"]["Skipped"], state["Objects"]["Failed"]], [400, 0])
        self.assertEqual(self.s3.list("copy"), self.s3.list("production"))
        manifest = server.ask("GET", "/clone/files/manifest")[2]
        segments = [server.ask("GET", f"/clone/files/segments/{number}")[2] for number in range(1, manifest["segments"]["count"] + 1)]
        self.assertEqual(sum(len(segment["files"]) + segment["skipped"] for segment in segments), 400)


if __name__ == "__main__":
    try:
        s3rver.program()
    except s3rver.Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(case.SKIPPED)
    sys.exit(unittest.main())
