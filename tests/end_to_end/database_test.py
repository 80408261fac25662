#!/usr/bin/env python3
"""observe, against real PostgreSQL servers whose workload is known to the call."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, postgres, processes, tools  # noqa: E402

DEVICE_SCRIPT = os.path.join(case.ROOT, "scripts", "demo", "device.sh")
TABLE = """CREATE TABLE reading (id bigserial PRIMARY KEY, a text, b text, value float);
INSERT INTO reading (a, b, value) SELECT (n % 50)::text, md5(n::text), n FROM generate_series(1, {rows}) AS n;
VACUUM ANALYZE reading; CHECKPOINT;"""

SETTINGS = "SELECT string_agg(name || '=' || coalesce(reset_val, ''), ',' ORDER BY name) FROM pg_settings"


class Observing(processes.Process):
    """observe in a window that the test ends."""

    def __init__(self, directory, url, *words, name="observe"):
        super().__init__([tools.tool("understudy-replay"), "observe", url, "--for", "5m", "--json", *words], directory, name)
        try:
            processes.wait_until(lambda: "observing" in self.stderr or not self.running, 30, "the window begins")
        except BaseException:
            self.stop()
            raise

    def finish(self, code=0):
        self.signal(signal.SIGINT)
        ended = self.wait(30)
        if ended != code:
            self.stop()
            raise AssertionError(f"observe ended with {ended}, not {code}: {self.stderr}")
        return json.loads(self.stdout)


class DatabaseCase(case.Case):
    def start_server(self, major=15, preload=("pg_stat_statements",), **options):
        try:
            server = self.start(postgres.Server(self.directory, f"postgres{major}", major, preload=preload, **options))
        except postgres.Unavailable as reason:
            self.skipTest(str(reason))
        for extension in preload:
            server.sql(f"CREATE EXTENSION {extension}")
        return server

    def observe(self, server, *words, user=postgres.SUPERUSER, name="observe"):
        return self.start(Observing(self.directory, server.url(user=user), *words, name=name))

    def source(self, observation, key):
        return next(source for source in observation["sources"] if source["source"] == key)

    def find(self, observation, part):
        found = [item for item in observation["classes"] if part in item["text"]]
        self.assertEqual(len(found), 1, [item["text"] for item in observation["classes"]])
        return found[0]


class Counts(DatabaseCase):
    """The same on each version: exact calls, one class for a query, plans, and nothing of the observer's own."""

    def check(self, major, preload=("pg_stat_statements",)):
        server = self.start_server(major, preload)
        server.sql(TABLE.format(rows=20000))
        settings = server.sql(SETTINGS)
        window = self.observe(server)
        old = [f"SELECT value FROM reading WHERE a = '{n}' AND b = md5('{n}') ORDER BY id DESC LIMIT 1;" for n in range(37)]
        new = [f"select value from reading where b = md5('{n}')::text and (a = {n}::text) order by id desc limit {n + 1};"
               for n in range(5)]
        inserts = [f"INSERT INTO reading (a, b, value) VALUES ('{n}', 'x', {n});" for n in range(7)]
        server.sql("\n".join(old + new + inserts))
        observation = window.finish()
        self.assertEqual(observation["server"]["version_number"] // 10000, major)
        self.assertTrue(observation["is_complete"], observation["warnings"])
        self.assertIsNone(observation["interrupted"])
        # A cast of md5(), which is no literal, makes another query of it.
        calls = {item["kind"] + str(item["calls"]): item for item in observation["classes"]}
        self.assertEqual(set(calls), {"SELECT37", "SELECT5", "INSERT7"}, observation["classes"])
        self.assertEqual(observation["totals"]["statements"]["calls"], 49)
        self.assertEqual(calls["INSERT7"]["rows"], 7)
        self.assertGreater(calls["SELECT37"]["blocks_hit"] + calls["SELECT37"]["blocks_read"], 37)
        self.assertEqual(calls["SELECT37"]["plan"]["error"], "")
        self.assertIn("reading", calls["SELECT37"]["plan"]["text"])
        self.assertEqual(calls["INSERT7"]["plan"]["root_node"], "Insert on reading")
        self.assertEqual(self.source(observation, "pg_stat_io")["state"], "used" if major >= 16 else "missing")
        self.assertEqual(observation["totals"]["io"] is not None, major >= 16)
        self.assertGreaterEqual(len(observation["samples"]), 1)
        self.assertEqual(server.sql(SETTINGS), settings)  # nothing stays behind in the server
        return observation

    def test_postgresql_15_with_kcache(self):
        observation = self.check(15, ("pg_stat_statements", "pg_stat_kcache"))
        self.assertEqual(self.source(observation, "pg_stat_kcache")["state"], "used")
        self.assertIsNotNone(observation["totals"]["statements"]["device_read_bytes"])

    def test_postgresql_16(self):
        self.check(16)

    def test_postgresql_18(self):
        self.check(18)


class Migrated(DatabaseCase):
    def test_a_query_keeps_its_key_when_its_types_change(self):
        server = self.start_server()
        server.sql(TABLE.format(rows=2000) + """
            CREATE DATABASE after;""")
        server.sql("CREATE EXTENSION pg_stat_statements; CREATE TABLE reading (a int, b uuid, value float, id int, PRIMARY KEY (a, b))",
                   "after")
        before, after = self.observe(server, name="before"), self.start(
            Observing(self.directory, server.url("after"), name="after"))
        server.sql("SELECT value FROM reading WHERE a = '5' AND b = 'x' ORDER BY id DESC LIMIT 1")
        server.sql("SELECT value FROM reading WHERE b = '00000000-0000-0000-0000-000000000001'::uuid AND a = 5::int "
                   "ORDER BY id DESC LIMIT 1", "after")
        old, new = (self.find(window.finish(), "FROM reading WHERE") for window in (before, after))
        self.assertEqual(old["key"], new["key"])
        self.assertNotEqual(old["query_ids"], new["query_ids"])
        self.assertIn("Seq Scan", old["plan"]["text"])
        self.assertEqual((old["calls"], new["calls"]), (1, 1))


class Device(DatabaseCase):
    """Bytes of the device, of the processes and of pg_stat_kcache agree; blocks count many times the operations."""

    def test_true_reads_of_a_private_device(self):
        if os.geteuid() != 0:
            self.skipTest("a loop device wants root")
        folder = self.path("device")
        subprocess.run([DEVICE_SCRIPT, "create", folder, "1G", "nobody"], check=True, capture_output=True, timeout=60)
        self.addCleanup(lambda: subprocess.run([DEVICE_SCRIPT, "remove", folder], check=True, timeout=60))
        with open(os.path.join(folder, "device.env"), encoding="utf-8") as file:
            values = dict(line.rstrip("\n").split("=", 1) for line in file)
        if not values["DEVICE"].strip("'"):
            self.skipTest("no loop device: " + values["REASON"])
        server = self.start_server(
            preload=("pg_stat_statements", "pg_stat_kcache"), data=values["DATA"],
            settings={"shared_buffers": "16MB", "max_parallel_workers_per_gather": 0, "autovacuum": "off", "jit": "off"},
            environment={**os.environ, "LD_PRELOAD": values["PRELOAD"]})
        server.sql(TABLE.format(rows=400000))
        size = int(server.sql("SELECT pg_relation_size('reading')"))
        self.assertGreater(size, 32 << 20)
        server.restart()
        # What is not yet on the device cannot be dropped from the page cache.
        subprocess.run(["sync", "--file-system", values["DATA"]], check=True)
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
            file.write("1\n")
        window = self.observe(server)
        server.sql("SELECT sum(value) FROM reading;\n" * 4)
        observation = window.finish()
        totals, scan = observation["totals"], self.find(observation, "sum(value)")
        self.assertEqual(observation["server"]["device"], os.path.basename(values["DEVICE"]))
        for name in ("device", "process_io"):
            self.assertEqual(self.source(observation, name)["state"], "used", name)
        asked = 4 * size
        self.assertEqual(scan["calls"], 4)
        self.assertLess(abs(scan["blocks_read"] * 8192 - asked) / asked, 0.06)
        self.assertLess(abs(totals["device"]["read_bytes"] - asked) / asked, 0.06)
        self.assertLess(abs(totals["process_io"]["read_bytes"] - totals["device"]["read_bytes"]) / asked, 0.06)
        self.assertLess(abs(scan["device_read_bytes"] - totals["device"]["read_bytes"]) / asked, 0.10)
        self.assertLess(totals["device"]["reads"] * 4, scan["blocks_read"])
        self.assertEqual(observation["share_source"], "pg_stat_kcache")
        self.assertGreater(scan["read_share"], 0.95)
        self.assertEqual(observation["figures"]["read_operations"]["source"], "device")
        self.assertEqual(sum(sample["device"]["reads"] for sample in observation["samples"]), totals["device"]["reads"])


class Doubts(DatabaseCase):
    def test_a_reset_in_the_window_is_said(self):
        server = self.start_server()
        server.sql(TABLE.format(rows=100))
        window = self.observe(server)
        server.sql("SELECT 1; SELECT pg_stat_statements_reset(); SELECT count(*) FROM reading;")
        observation = window.finish()
        self.assertFalse(observation["is_complete"])
        self.assertTrue(any("pg_stat_statements was reset" in warning for warning in observation["warnings"]))

    def test_evictions_are_said(self):
        server = self.start_server(settings={"pg_stat_statements.max": 100})
        window = self.observe(server)
        server.sql("\n".join("SELECT " + ", ".join(["1"] * count) + ";" for count in range(1, 300)))
        observation = window.finish()
        self.assertFalse(observation["is_complete"])
        self.assertTrue(any("threw statements out" in warning for warning in observation["warnings"]), observation["warnings"])

    def test_what_is_missing_is_named(self):
        server = self.start_server(preload=())
        server.sql(TABLE.format(rows=100))
        window = self.observe(server)
        server.sql("SELECT count(*) FROM reading")
        observation = window.finish()
        self.assertEqual(self.source(observation, "pg_stat_statements")["state"], "missing")
        self.assertIn("shared_preload_libraries", self.source(observation, "pg_stat_statements")["note"])
        self.assertIsNone(observation["totals"]["statements"])
        self.assertIsNotNone(observation["totals"]["database"])
        # The extension is there, but its library is not loaded.
        server.sql("CREATE EXTENSION pg_stat_statements")
        observation = self.observe(server, name="unloaded").finish()
        self.assertEqual(self.source(observation, "pg_stat_statements")["state"], "missing")
        self.assertIn("shared_preload_libraries", self.source(observation, "pg_stat_statements")["note"])

    def test_too_few_rights_are_named(self):
        server = self.start_server()
        server.sql("CREATE ROLE weak LOGIN; CREATE TABLE private (a int)")
        window = self.observe(server, user="weak")
        server.sql("SELECT count(*) FROM private; SELECT 1, 2")
        server.sql("SELECT 3", user="weak")
        observation = window.finish()
        report = self.source(observation, "pg_stat_statements")
        self.assertEqual(report["state"], "partial")
        self.assertIn("GRANT pg_read_all_stats", report["note"])
        self.assertEqual([item["text"] for item in observation["classes"]], ["SELECT $1"])
        server.sql("GRANT pg_read_all_stats TO weak")
        window = self.observe(server, user="weak", name="granted")
        server.sql("SELECT count(*) FROM private")
        observation = window.finish()
        self.assertEqual(self.source(observation, "pg_stat_statements")["state"], "used")
        # Statements may be seen then, but what they read may not be: there is no plan, and it says why.
        self.assertIn("permission denied", self.find(observation, "private")["plan"]["error"])

    def test_a_server_that_dies_leaves_what_was_seen(self):
        server = self.start_server()
        window = self.observe(server)
        server.sql("SELECT 1")
        server.kill()
        observation = window.finish(code=23)
        self.assertIsNotNone(observation["interrupted"])
        self.assertFalse(observation["is_complete"])
        self.assertGreaterEqual(len(observation["samples"]), 1)
        self.assertIsNotNone(observation["totals"]["device"])
        self.assertEqual(self.source(observation, "pg_stat_statements")["state"], "missing")
        self.assertIn("understudy-replay: ", window.stderr)

    def test_a_server_that_is_not_there(self):
        def observe(url, *words):
            return tools.run([tools.tool("understudy-replay"), "observe", url, "--for", "1s", *words])

        self.assertEqual(observe(f"postgres://x:s3cret@127.0.0.1:{postgres.free_port()}/x").returncode, 23)
        self.assertEqual(observe("orders").returncode, 9)
        self.assertEqual(observe("postgres://x@127.0.0.1/x", "--for", "2d").returncode, 2)
        with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never answers
            done = observe(f"postgres://x:s3cret@127.0.0.1:{silent.getsockname()[1]}/x", "--connect-timeout", "500ms")
            self.assertEqual(done.returncode, 23)
            self.assertIn("no answer within 500 ms", done.stderr)
            self.assertNotIn("s3cret", done.stderr)


class LogAndLocks(DatabaseCase):
    def test_latencies_come_from_either_log(self):
        server = self.start_server(settings={"logging_collector": "on", "log_destination": "csvlog,jsonlog", "log_filename": "server.log",
                                             "log_min_duration_statement": 0, "log_timezone": "Asia/Tokyo"})
        windows = [self.observe(server, "--log", os.path.join(server.data, "log", f"server.{kind}"), name=kind)
                   for kind in ("csv", "json")]
        server.sql("\n".join(f"SELECT {n}, 'a\nb\"c' /* n={n} */;" for n in range(25)))
        for window in windows:
            observation = window.finish()
            self.assertEqual(observation["log"]["skipped"], 0)
            self.assertEqual(observation["log"]["statements"], 25)
            item = self.find(observation, "SELECT $1, $2")
            self.assertEqual((item["calls"], item["logged"]["count"]), (25, 25))
            self.assertGreater(item["logged"]["p50_ms"], 0)

    def test_a_wait_for_a_lock_is_seen(self):
        server = self.start_server()
        server.sql(TABLE.format(rows=10))
        window = self.observe(server)
        holder = threading.Thread(target=server.sql, args=("BEGIN; LOCK TABLE reading; SELECT pg_sleep(4); COMMIT;",))
        holder.start()
        processes.wait_until(lambda: server.sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted "
                                                "AND relation = 'reading'::regclass") == "1", 10, "the lock is taken")
        server.sql("UPDATE reading SET value = 0")
        holder.join()
        # The server counts for tables when a session ends, a moment after the client has its answer.
        processes.wait_until(lambda: server.sql("SELECT n_tup_upd FROM pg_stat_user_tables") == "10", 20, "the update is counted")
        observation = window.finish()
        self.assertEqual([(table["name"], table["rows_updated"]) for table in observation["tables"]], [("public.reading", 10)])
        update = self.find(observation, "UPDATE reading")
        waits = [wait for wait in observation["lock_waits"] if wait["waiting"] == update["key"]]
        self.assertEqual([(wait["relation"], wait["mode"]) for wait in waits], [("reading", "RowExclusiveLock")])
        self.assertGreater(waits[0]["longest_ms"], 0)


if __name__ == "__main__":
    case.main(needs_network=False)
