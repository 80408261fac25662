#!/usr/bin/env python3
"""Clones of a real PostgreSQL by the environment's server, by every method; servers that are killed in mid-clone, cancelled
clones, sessions in the way."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import postgres, processes, tools  # noqa: E402
from e2e.case import main  # noqa: E402
from e2e.environment_case import ROWS, EnvironmentCase, clone  # noqa: E402


class Clones(EnvironmentCase):
    def test_template_with_a_migration(self):
        server = self.serve()
        body = clone("template-1", Method="template", After=["migrate"])
        state = self.finish_clone(server, body)
        self.assertEqual((state["Segments"]["Succeeded"], state["Objects"]["Copied"]), (1, 1))
        self.assertGreater(state["Bytes"]["Copied"], 1_000_000)
        self.assertEqual(self.database.sql("SELECT count(*), count(migrated) FROM items", "candidate"), f"{ROWS}|0")
        self.assertEqual(self.database.sql("SHOW search_path", "candidate"), "public, pg_catalog")
        self.start_clone(server, body)  # the same again is the same clone
        self.start_clone(server, clone("template-1", Method="dump"), status=409)
        manifest = server.ask("GET", "/clone/template-1/manifest")[2]
        self.assertEqual((manifest["id"], manifest["source"]["name"], manifest["segments"]["count"]), ("template-1", "prod", 1))
        segment = server.ask("GET", "/clone/template-1/segments/1")[2]
        self.assertEqual((segment["files"], segment["method"]), (["candidate"], "template"))
        self.assertEqual([step["name"] for step in segment["steps"]], ["migrate"])
        with open(os.path.join(server.state, "clones", segment["steps"][0]["output"]), encoding="utf-8") as file:
            self.assertIn("ALTER TABLE", file.read())
        self.assertEqual(server.ask("GET", "/clone/template-1/segments/2")[0], 404)
        # The destination is there now.
        failed = self.finish_clone(server, clone("template-2", Method="template"), "Failed")
        self.assertIn("OnExisting", failed["Errors"][0])
        self.finish_clone(server, clone("template-3", OnExisting="overwrite"))
        self.assertEqual(self.database.sql("SELECT count(*) FROM information_schema.columns WHERE column_name = 'migrated'", "candidate"), "0")
        skipped = self.finish_clone(server, clone("template-4", OnExisting="skip"))
        self.assertEqual(skipped["Objects"]["Skipped"], 1)
        self.assertEqual(self.databases(), ["candidate", "empty", "postgres", "prod"])
        self.assert_no_secret(server)

    def test_sessions_on_the_source_are_told_and_live(self):
        holder = self.lock_source()
        server = self.serve()
        state = self.finish_clone(server, clone("busy", Method="template"), "Failed")
        for word in ("api of production", "user postgres", "pid ", "--end-sessions"):
            self.assertIn(word, state["Errors"][0])
        self.assertTrue(holder.running)
        server.stop()
        server = self.serve("end-sessions = true\n", name="ending")
        self.finish_clone(server, clone("ended", Method="template"))
        processes.wait_until(lambda: not holder.running, 10, "the session was ended")

    def test_dump_to_another_server(self):
        server = self.serve()
        self.finish_clone(server, clone("dump", credential="other", Method="dump", Workers=2))
        self.assertEqual(self.other.sql("SELECT count(*), sum(price) FROM items", "candidate"), f"{ROWS}|{ROWS * (ROWS + 1) * 0.75:.1f}")
        self.assertEqual(self.other.sql("SHOW search_path", "candidate"), "public, pg_catalog")
        self.assertNotEqual(self.other.sql("SELECT reltuples FROM pg_class WHERE relname = 'items'", "candidate"), "-1")
        self.assertEqual(os.listdir(self.folder), [])
        state = self.finish_clone(server, clone("two-servers", credential="other", Method="template"), "Failed")
        self.assertIn("use dump", state["Errors"][0])
        self.assert_no_secret(server)

    def test_basebackup_into_a_folder(self):
        server = self.serve()
        self.finish_clone(server, clone("base", Method="basebackup", After=["look"]))
        folder = os.path.join(self.folder, "candidate")
        self.assertEqual(os.listdir(self.folder), ["candidate"])
        shutil.chown(self.folder, "nobody", "nogroup")
        os.chmod(folder, 0o700)
        subprocess.run(["chown", "-R", "nobody:nogroup", folder], check=True)
        port = postgres.free_port()
        copy = self.start(processes.Process([*postgres.UNPRIVILEGED, os.path.join(postgres.binaries(15), "postgres"), "-D", folder, "-p", port,
                                             "-c", f"unix_socket_directories={self.folder}"], self.directory, "copy"))
        ask = ["psql", "-XAtq", "-d", f"postgres://postgres@127.0.0.1:{port}/prod", "-c", "SELECT count(*) FROM items"]
        processes.wait_until(lambda: tools.run(ask).stdout.strip() == str(ROWS) or not copy.running, 20, "the copy answers")
        self.assertTrue(copy.running, copy.stderr)
        state = self.finish_clone(server, clone("again", Method="basebackup", OnExisting="overwrite"), "Failed")
        self.assertIn("postmaster.pid", state["Errors"][0])

    def test_a_step_that_fails_fails_the_clone_and_keeps_its_output(self):
        server = self.serve()
        state = self.finish_clone(server, clone("broken", After=["broken"]), "Failed")
        self.assertIn("exit code 3: half way", state["Errors"][0])
        self.assertIn("candidate is there", state["Errors"][0])
        self.assertIn("candidate", self.databases())

    def test_a_clone_of_buckets_that_cannot_be_reached_fails_with_the_reason(self):
        server = self.serve()
        body = {"Id": "files", "Source": {"Kind": "s3", "Bucket": "one-bucket", "CredentialRef": "files"},
                "Destination": {"Kind": "s3", "Bucket": "two-bucket", "CredentialRef": "files"}}
        self.start_clone(server, body)
        self.assertEqual(server.ask("GET", "/clone/files/manifest")[0], 409)
        server.ask("DELETE", "/clone/files")
        state = server.wait_for_clone("files")
        self.assertIn(state["Status"], ("Failed", "Cancelled"))
        manifest = server.ask("GET", "/clone/files/manifest")[2]
        self.assertEqual((manifest["source"]["name"], manifest["segments"]), ("one-bucket", {"count": 0, "values": []}))


class Command(EnvironmentCase):
    def clone(self, server, *words, source="prod", destination="candidate"):
        return self.replay("clone", server.url(source), server.url(destination), "--commands", self.path("documents"), *words)

    def test_the_command_clones_and_migrates(self):
        done = self.clone(self.database, "--method", "template", "--id", "a", "--json", "--after",
                          'psql -X -c "ALTER TABLE items ADD COLUMN migrated int"')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.database.sql("SELECT count(*), count(migrated) FROM items", "candidate"), f"{ROWS}|0")
        again = self.clone(self.database, "--method", "template", "--id", "b")
        self.assertEqual(again.returncode, 24, again.stderr)
        self.assertIn("candidate is there already", again.stderr)
        missing = self.clone(self.database, "--id", "c", source="nothing", destination="second")
        self.assertEqual(missing.returncode, 24, missing.stderr)
        self.assertIn('no database "nothing"', missing.stderr)
        self.assertEqual(self.databases(), ["candidate", "empty", "postgres", "prod"])

    def test_a_newer_server_is_cloned_by_template_and_not_by_older_tools(self):
        try:
            newer = self.start(postgres.Server(self.directory, name="newer", major=18))
        except postgres.Unavailable as reason:
            self.skipTest(str(reason))
        newer.sql("CREATE DATABASE prod; ALTER DATABASE prod SET work_mem = '8MB'")
        newer.sql("CREATE TABLE items AS SELECT generate_series(1, 100) AS id", "prod")
        self.assertEqual(self.clone(newer, "--id", "a").returncode, 0)
        self.assertEqual(newer.sql("SELECT count(*) FROM items; SHOW work_mem", "candidate"), "100\n8MB")
        if shutil.which("pg_dump", path="/usr/lib/postgresql/18/bin"):
            return
        older = self.clone(newer, "--id", "b", "--method", "dump", destination="second")
        self.assertEqual(older.returncode, 3, older.stderr)
        self.assertIn("the server is of 18", older.stderr)
        self.assertEqual(newer.sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'second%'"), "0")


class Crashes(EnvironmentCase):
    def test_a_killed_server_goes_on_with_its_clones(self):
        self.lock_source()
        server = self.serve()
        self.start_clone(server, clone("killed", Method="dump"))
        self.start_clone(server, clone("waiting", destination="second", Method="dump"))
        server.wait_for_clone("killed", ("Copying",))
        self.assertEqual(server.ask("GET", "/clone/killed/manifest")[0], 409)
        server.kill()
        server.start()
        server.wait_for_clone("killed", ("Copying",))
        server.kill()
        self.unlock_source()
        server.start()
        for clone_id in ("killed", "waiting"):
            self.assertEqual(server.wait_for_clone(clone_id)["Status"], "Succeeded", server.log[-3000:])
        for database in ("candidate", "second"):
            self.assertEqual(self.database.sql("SELECT count(*) FROM items", database), str(ROWS))
        self.assertEqual(self.databases(), ["candidate", "empty", "postgres", "prod", "second"])
        server.stop()
        server.start()
        self.assertEqual(server.clone_state("killed")["Status"], "Succeeded")
        self.assert_no_secret(server)

    def test_a_step_that_was_broken_off_runs_again_on_a_fresh_copy(self):
        server = self.serve()
        self.start_clone(server, clone("steps", After=["migrate", "gate"]))
        processes.wait_until(lambda: os.path.exists(os.path.join(self.folder, "waiting")), 20, "the step runs")
        server.kill()
        with open(os.path.join(self.folder, "go"), "w", encoding="ascii"):
            pass
        server.start()
        self.assertEqual(server.wait_for_clone("steps")["Status"], "Succeeded", server.log[-3000:])
        self.assertEqual(self.database.sql("SELECT count(*) FROM items", "candidate"), str(ROWS))

    def test_a_cancelled_clone_leaves_nothing_behind(self):
        self.lock_source()
        server = self.serve()
        self.start_clone(server, clone("unwanted", Method="dump"))
        server.wait_for_clone("unwanted", ("Copying",))
        self.assertEqual(server.ask("DELETE", "/clone/unwanted")[0], 202)
        self.assertEqual(server.wait_for_clone("unwanted")["Status"], "Cancelled")
        self.assertEqual(server.ask("DELETE", "/clone/unwanted")[0], 202)
        self.assertEqual(self.databases(), ["empty", "postgres", "prod"])
        server.stop()
        server.start()
        self.assertEqual(server.clone_state("unwanted")["Status"], "Cancelled")
        self.assertEqual(self.start_clone(server, clone("unwanted", Method="dump"))["Status"], "Cancelled")


if __name__ == "__main__":
    main(needs_network=False)
