#!/usr/bin/env python3
"""The command clone against a real object store: keys, tags, parts, refusal, kill and resume, sharing, conflicts."""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import shutil
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, processes, radosgw, s3, tools  # noqa: E402

USAGE, PERMISSION, TARGET_INVALID, ABORTED, REFUSED, FAILED = 2, 4, 9, 19, 20, 24

ODD_KEYS = ["a b.txt", " leading", "plus+plus", "(paren)", "colon:colon", "tilde~", "eq=eq", "ünïcödé/日本", "a//b", "q?x&y",
            "per%25cent", "%41", "hash#", "star*", "'quote'", '"double"', "<tag>&amp;", "back\\slash", "folder/", "tab\there",
            "dots/../x", ".", "emoji-😀", "semi;colon,comma", "@$!", "[b]{c}|^`"]


class CloneCase(case.Case):
    """All cases of a class share one store."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.mkdtemp(prefix="understudy-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.store = cls.enterClassContext(radosgw.Radosgw(cls.folder))
        cls.s3 = s3.Client(cls.store.endpoint, radosgw.ACCESS_KEY, radosgw.SECRET_KEY)
        cls.addClassCleanup(cls.s3.close)
        cls.count = 0

    def buckets(self, *names):
        """New buckets, with a number of the test behind the name."""
        type(self).count += 1
        made = [f"{name}-{self.count}" for name in names]
        for name in made:
            self.s3.make_bucket(name)
        return made

    def words(self, *words, endpoint=None, commands=None):
        return [tools.tool("understudy-replay"), "clone", *words, "--endpoint", endpoint or self.store.endpoint, "--commands",
                commands or self.path("commands")]

    def clone(self, *words, code=0, environment=None, **options):
        """Runs the command to its end: its JSON, or what it wrote to standard error where it fails."""
        ended = subprocess.run([*self.words(*words, **options), "--json", "--quiet"], capture_output=True, text=True, timeout=120,
                               check=False, env={**self.store.environment(), **(environment or {})})
        self.assertEqual(ended.returncode, code, ended.stderr[-2000:] + ended.stdout[-2000:])
        self.assertNotIn(radosgw.SECRET_KEY, ended.stderr + ended.stdout)
        return json.loads(ended.stdout) if code == 0 else ended.stderr

    def begin(self, *words, name="clone", **options):
        return self.start(processes.Process(self.words(*words, **options), self.directory, name,
                                            environment=self.store.environment()))

    def delayed(self, milliseconds):
        """The endpoint with a delay in front of it."""
        port = radosgw.free_port()
        script = os.path.join(os.path.dirname(radosgw.__file__), "delay_proxy.py")
        proxy = self.start(processes.Process(
            [sys.executable, script, port, self.store.port, milliseconds], self.directory, "delay"))
        processes.wait_until(lambda: "ready" in proxy.stdout, 10, "the delay is ready")
        return f"http://127.0.0.1:{port}"

    def documents(self, clone, kind):
        folder = os.path.join(self.path("commands"), clone, "segments")
        return sorted(name for name in os.listdir(folder) if name.endswith(f".{kind}.json")) if os.path.isdir(folder) else []

    def document(self, *path):
        with open(os.path.join(self.path("commands"), *path), encoding="utf-8") as file:
            return json.load(file)


class Objects(CloneCase):
    def test_odd_keys_metadata_and_tags(self):
        source, destination = self.buckets("odd", "copy")
        headers = {"Content-Type": "text/x-odd", "Cache-Control": "max-age=7", "x-amz-meta-name": "b c", "x-amz-tagging": "k=v%201&l=%2B"}
        for key in ODD_KEYS:
            self.s3.put(source, key, key.encode(), headers)
        result = self.clone(f"s3://{source}", f"s3://{destination}", "--id", "odd", "--segment-objects", "7")
        self.assertEqual(self.s3.list(destination), self.s3.list(source))
        self.assertEqual(result["State"]["Objects"], {"Listed": len(ODD_KEYS), "Copied": len(ODD_KEYS), "Skipped": 0, "Failed": 0})
        for key in ODD_KEYS:
            headers, body = self.s3.get(destination, key)
            self.assertEqual(body, key.encode(), key)
            self.assertEqual([headers["Content-Type"], headers["Cache-Control"], headers["x-amz-meta-name"]],
                             ["text/x-odd", "max-age=7", "b c"], key)
        self.assertEqual(self.s3.tags(destination, "a b.txt"), {"k": "v 1", "l": "+"})
        manifest = self.document("odd", "clone-response.json")
        self.assertEqual(manifest["segments"]["count"], len(manifest["segments"]["values"]))
        files = [key for segment in manifest["segments"]["values"] for key in self.document(segment)["files"]]
        self.assertEqual(sorted(files), sorted(ODD_KEYS))

    def test_prefixes_within_one_bucket(self):
        bucket, = self.buckets("both")
        self.s3.put_many(bucket, ((f"prod/{i}", b"x") for i in range(20)))
        self.clone(f"s3://{bucket}/prod/", f"s3://{bucket}/test/")
        self.assertEqual(sorted(key[5:] for key in self.s3.list(bucket, "test/")), sorted(str(i) for i in range(20)))
        self.assertIn("holds the other", self.clone(f"s3://{bucket}/prod/", f"s3://{bucket}/prod/x/", code=USAGE))
        self.clone(f"s3://{bucket}/prod/", f"s3://{bucket}/prod/", code=USAGE)

    def test_uploads_in_parts_keep_their_parts(self):
        source, destination = self.buckets("parts", "copy")
        part = random.Random(1).randbytes(5 << 20)
        self.s3.put_parts(source, "big + file", [part, part[::-1], b"end"], {"Content-Type": "image/png", "x-amz-meta-m": "1"})
        self.s3.call("PUT", source, "big + file", {"tagging": ""},
                     b"<Tagging><TagSet><Tag><Key>a&amp;b</Key><Value>1+1</Value></Tag></TagSet></Tagging>")
        self.clone(f"s3://{source}", f"s3://{destination}")
        self.assertEqual(self.s3.list(destination), self.s3.list(source))
        headers, body = self.s3.get(destination, "big + file")
        self.assertEqual(body, part + part[::-1] + b"end")
        self.assertEqual([headers["Content-Type"], headers["x-amz-meta-m"]], ["image/png", "1"])
        self.assertEqual(self.s3.tags(destination, "big + file"), {"a&b": "1+1"})
        self.assertEqual(self.s3.uploads(destination), [])

    def test_verification_by_content(self):
        source, destination = self.buckets("content", "copy")
        self.s3.put_many(source, ((f"k{i}", bytes([i]) * 100) for i in range(10)))
        self.s3.put_parts(source, "parts", [b"a" * (5 << 20), b"b"])
        self.clone(f"s3://{source}", f"s3://{destination}", "--id", "content", "--verify", "checksum")
        self.assertEqual(self.document("content", "segments", "00000001.response.json")["verified"],
                         {"content": 11, "etag": 0, "size": 0})

    def test_verification_by_etag_and_where_it_says_nothing(self):
        source, destination = self.buckets("etags", "copy")
        self.s3.put_many(source, ((f"k{i}", bytes([i]) * 100) for i in range(10)))
        self.s3.put(source, "large", b"z" * (17 << 20))  # goes in parts from store to store, and gets their ETag
        self.clone(f"s3://{source}", f"s3://{destination}", "--id", "etags", "--dest-endpoint",
                   f"http://localhost:{self.store.port}")
        self.assertEqual(self.document("etags", "segments", "00000001.response.json")["verified"],
                         {"content": 0, "etag": 10, "size": 1})

    def test_two_stores_through_this_machine(self):
        # The same store by another name is another store.
        source, destination = self.buckets("here", "there")
        part = random.Random(2).randbytes(5 << 20)
        self.s3.put(source, "a b", b"content", {"Content-Type": "text/x", "x-amz-meta-m": "1", "x-amz-tagging": "k=v"})
        self.s3.put(source, "empty")
        self.s3.put(source, "large", part * 4)
        self.s3.put_parts(source, "parts", [part, part, b"end"])
        self.clone(f"s3://{source}", f"s3://{destination}", "--dest-endpoint", f"http://localhost:{self.store.port}", "--verify",
                   "checksum")
        for key in ("a b", "empty", "large", "parts"):
            self.assertEqual(self.s3.get(destination, key)[1], self.s3.get(source, key)[1], key)
        self.assertEqual(self.s3.list(destination)["parts"], self.s3.list(source)["parts"])
        headers = self.s3.head(destination, "a b")
        self.assertEqual([headers["Content-Type"], headers["x-amz-meta-m"]], ["text/x", "1"])
        self.assertEqual(self.s3.tags(destination, "a b"), {"k": "v"})


class Conflicts(CloneCase):
    def test_skip_overwrite_and_fail(self):
        source, destination = self.buckets("new", "old")
        self.s3.put_many(source, ((f"k{i}", b"new") for i in range(10)))
        self.s3.put(destination, "k3", b"older")
        self.s3.put(destination, "other", b"kept")
        refused = self.clone(f"s3://{source}", f"s3://{destination}", "--on-existing", "fail", code=FAILED)
        self.assertIn("k3", refused)
        self.assertEqual(set(self.s3.list(destination)), {"k3", "other"})
        result = self.clone(f"s3://{source}", f"s3://{destination}")
        self.assertEqual(result["State"]["Objects"], {"Listed": 10, "Copied": 9, "Skipped": 1, "Failed": 0})
        self.assertIn("another size", result["State"]["Errors"][0])
        self.assertEqual(self.s3.get(destination, "k3")[1], b"older")
        result = self.clone(f"s3://{source}", f"s3://{destination}", "--on-existing", "overwrite")
        self.assertEqual(result["State"]["Objects"]["Copied"], 10)
        self.assertEqual(self.s3.get(destination, "k3")[1], b"new")
        self.assertEqual(self.s3.get(destination, "other")[1], b"kept")

    def test_refusals(self):
        source, destination = self.buckets("from", "to")
        self.s3.put(source, "k", b"x")
        wrong = self.clone(f"s3://{source}", f"s3://{destination}", code=PERMISSION,
                           environment={"AWS_SECRET_ACCESS_KEY": "understudy/wrong"})
        self.assertIn("SignatureDoesNotMatch", wrong)
        unknown = self.clone(f"s3://{source}", f"s3://{destination}", code=PERMISSION, environment={"AWS_ACCESS_KEY_ID": "NOBODY"})
        self.assertIn("InvalidAccessKeyId", unknown)
        none = self.clone(f"s3://{source}", f"s3://{destination}", code=PERMISSION,
                          environment={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": self.directory})
        self.assertIn("no AWS credentials", none)
        self.assertIn("NoSuchBucket", self.clone("s3://nowhere-at-all", f"s3://{destination}", code=TARGET_INVALID))
        self.clone(f"s3://{source}", "elsewhere", code=USAGE)
        self.clone(f"s3://{source}", f"s3://{destination}", "--verify", "perhaps", code=USAGE)
        self.clone("--join", "unheard-of", code=USAGE)
        self.assertEqual(self.s3.list(destination), {})
        self.clone(f"s3://{source}", f"s3://{destination}", "--id", "one")
        self.clone(f"s3://{destination}", f"s3://{source}", "--id", "one", code=REFUSED)

    def test_an_empty_bucket(self):
        source, destination = self.buckets("empty", "copy")
        result = self.clone(f"s3://{source}", f"s3://{destination}", "--id", "empty")
        self.assertEqual(result["State"]["Status"], "Succeeded")
        self.assertEqual(self.document("empty", "clone-response.json")["segments"], {"count": 0, "values": []})


class Resume(CloneCase):
    OBJECTS = 900

    def filled(self):
        source, destination = self.buckets("many", "copy")
        # Most keys below one prefix, as in the worst of buckets.
        self.s3.put_many(source, ((f"p{0 if i % 5 else i % 40:02}/{i:05}", b"x" * 100) for i in range(self.OBJECTS)))
        return source, destination

    def check(self, source, destination, clone):
        self.assertEqual(self.s3.list(destination), self.s3.list(source))
        manifest = self.document(clone, "clone-response.json")
        self.assertEqual(manifest["segments"]["count"], len(self.documents(clone, "request")))

    def test_kill_and_resume(self):
        source, destination = self.filled()
        words = (f"s3://{source}", f"s3://{destination}", "--id", "killed", "--on-existing", "fail")
        endpoint = self.delayed(20)
        process = self.begin(*words, endpoint=endpoint)
        processes.wait_until(lambda: len(self.documents("killed", "response")) >= 3 or not process.running, 60,
                             "three segments are done")
        self.assertTrue(process.running, process.stderr)
        process.signal(signal.SIGKILL)
        process.wait(10)
        done = self.documents("killed", "response")
        before = {name: os.stat(os.path.join(self.path("commands"), "killed", "segments", name)).st_mtime_ns for name in done}
        self.assertFalse(os.path.exists(os.path.join(self.path("commands"), "killed", "clone-response.json")))
        self.assertLess(len(self.s3.list(destination)), self.OBJECTS)
        result = self.clone(*words, endpoint=endpoint)
        self.check(source, destination, "killed")
        self.assertEqual(result["State"]["Objects"]["Copied"], self.OBJECTS)
        # What was done is not done again.
        after = {name: os.stat(os.path.join(self.path("commands"), "killed", "segments", name)).st_mtime_ns for name in done}
        self.assertEqual(after, before)

    def test_an_object_that_goes_meanwhile_is_counted_and_told(self):
        source, destination = self.filled()
        last = max(self.s3.list(source))
        process = self.begin(f"s3://{source}", f"s3://{destination}", "--id", "gone", "--workers", "4", "--segment-objects", "1000",
                             "--json", endpoint=self.delayed(20))
        listing = os.path.join(self.path("commands"), "gone", "listing.json")
        processes.wait_until(lambda: os.path.exists(listing) and self.document("gone", "listing.json").get("complete"), 60,
                             "the source is listed")
        self.s3.call("DELETE", source, last)
        self.assertEqual(process.wait(60), 0, process.stderr)
        result = json.loads(process.stdout)
        self.assertEqual(result["State"]["Objects"]["Copied"], self.OBJECTS - 1)
        self.assertIn("1 of the listed objects had left the source", result["State"]["Errors"][0])
        self.assertEqual(self.s3.list(destination), self.s3.list(source))

    def test_interrupt_says_how_to_go_on(self):
        source, destination = self.filled()
        words = (f"s3://{source}", f"s3://{destination}", "--id", "ended")
        endpoint = self.delayed(20)
        process = self.begin(*words, endpoint=endpoint)
        processes.wait_until(lambda: len(self.documents("ended", "response")) >= 2, 60, "two segments are done")
        process.signal(signal.SIGINT)
        self.assertEqual(process.wait(20), ABORTED, process.stderr)
        self.assertIn("--id ended", process.stderr)
        self.clone(*words, endpoint=endpoint)
        self.check(source, destination, "ended")

    def test_two_workers_share_one_clone_by_a_bucket(self):
        source, destination = self.filled()
        commands, = self.buckets("commands")
        place = f"s3://{commands}/clones"
        endpoint = self.delayed(20)
        first = self.begin(f"s3://{source}", f"s3://{destination}", "--id", "shared", "--workers", "8", name="first",
                           endpoint=endpoint, commands=place)
        processes.wait_until(lambda: any(key.endswith(".response.json") for key in self.s3.list(commands)), 60, "a segment is done")
        second = self.begin("--join", "shared", "--workers", "8", name="second", endpoint=endpoint, commands=place)
        for process in (first, second):
            self.assertEqual(process.wait(60), 0, process.stderr)
        self.assertEqual(self.s3.list(destination), self.s3.list(source))
        workers = {}
        for key in self.s3.list(commands):
            if key.endswith(".response.json"):
                response = json.loads(self.s3.get(commands, key)[1])
                workers[response["worker"]] = workers.get(response["worker"], 0) + len(response["files"])
        self.assertEqual(len(workers), 2, workers)
        self.assertEqual(sum(workers.values()), self.OBJECTS)

    def test_a_helper_goes_on_where_the_other_was_killed(self):
        source, destination = self.filled()
        words = (f"s3://{source}", f"s3://{destination}", "--id", "left", "--workers", "4")
        endpoint = self.delayed(20)
        first = self.begin(*words, name="first", endpoint=endpoint)
        processes.wait_until(lambda: self.documents("left", "response"), 60, "a segment is done")
        second = self.begin("--join", "left", "--workers", "4", name="second", endpoint=endpoint)
        processes.wait_until(lambda: len(self.documents("left", "response")) >= 5, 60, "five segments are done")
        second.signal(signal.SIGKILL)
        first.signal(signal.SIGKILL)
        first.wait(10)
        self.clone(*words, endpoint=endpoint)
        self.check(source, destination, "left")


if __name__ == "__main__":
    if not radosgw.available():
        print("skipped: the packages ceph-mon, ceph-osd and radosgw are missing")
        sys.exit(case.SKIPPED)
    sys.exit(unittest.main())
