#!/usr/bin/env python3
"""The environment's server against a real PostgreSQL: health, statistics, maintenance, clones by every method; a server that is
killed in mid-clone, cancelled clones, refusals, TLS, and the contract as schemathesis reads it."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import environment, postgres, processes, servers, tools  # noqa: E402
from e2e.case import ROOT, SKIPPED, Case, main  # noqa: E402

PASSWORD = "Zu-geheim'für%alle"
ROWS = 2000
CREDENTIALS = """
[service]
build-version = "1.0.16209.8792"
build-timestamp = "2016-07-27T04:53:04+00:00"
database-credential = "prod"
database = "prod"
check-timeout = "2s"

[[statistics.query]]
name = "items"
sql = "SELECT count(*) FROM items;"
[[statistics.query]]
name = "largest"
sql = "SELECT id, price FROM items ORDER BY id DESC LIMIT 2"

[credentials.prod]
kind = "postgres"
server = "postgres://cloner@127.0.0.1:{port}"
password-file = "{password_file}"
databases = ["prod", "empty"]

[credentials.test]
kind = "postgres"
server = "postgres://cloner@127.0.0.1:{port}"
password-file = "{password_file}"
folder = "{folder}"
destination = true

[credentials.other]
kind = "postgres"
server = "postgres://cloner@127.0.0.1:{other_port}"
password-file = "{password_file}"
destination = true

[credentials.files]
kind = "s3"
endpoint = "http://127.0.0.1:9"
access-key-id-variable = "PATH"
secret-access-key-variable = "PATH"
destination = true

[steps.migrate]
command = "psql -X -v ON_ERROR_STOP=1 -c 'ALTER TABLE items ADD COLUMN migrated int'"
[steps.broken]
command = "echo half way; exit 3"
[steps.gate]
command = "touch {folder}/waiting; while [ ! -e {folder}/go ]; do sleep 0.05; done"
[steps.look]
command = "test -f \\"$UNDERSTUDY_CLONE_FOLDER/PG_VERSION\\" && echo \\"$UNDERSTUDY_CLONE_ID\\""
"""


def clone(clone_id, destination="candidate", credential="test", source="prod", **options):
    return {"Id": clone_id, "Source": {"Kind": "postgres", "Database": source, "CredentialRef": "prod"},
            "Destination": {"Kind": "postgres", "Database": destination, "CredentialRef": credential}, "Options": options}


class EnvironmentTest(Case):
    """One server of PostgreSQL for production and test, and an empty one beside it, for all tests."""

    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.mkdtemp(prefix="understudy-e2e-")
        os.chmod(cls.shared, 0o777)
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        try:
            cls.database, cls.other = (cls.start_database(name) for name in ("production", "other"))
        except postgres.Unavailable as reason:
            print(f"skipped: {reason}")
            sys.exit(SKIPPED)
        cls.database.sql("CREATE DATABASE prod; CREATE DATABASE empty; ALTER DATABASE prod SET search_path = public, pg_catalog")
        cls.database.sql(f"""
            CREATE TABLE items (id int PRIMARY KEY, name text, price numeric);
            INSERT INTO items SELECT i, 'item ' || i, i * 1.5 FROM generate_series(1, {ROWS}) i;
            CREATE INDEX ON items (name); CREATE VIEW cheap AS SELECT * FROM items WHERE price < 10;""", "prod")

    @classmethod
    def start_database(cls, name):
        server = postgres.Server(cls.shared, name=name)
        cls.addClassCleanup(server.stop)
        server.sql("CREATE ROLE cloner LOGIN SUPERUSER REPLICATION PASSWORD '" + PASSWORD.replace("'", "''") + "'")
        with open(os.path.join(server.data, "pg_hba.conf"), "r+", encoding="ascii") as file:
            rules = file.read()
            file.seek(0)
            file.write("host all cloner all scram-sha-256\nhost replication cloner all scram-sha-256\n" + rules)
        server.sql("SELECT pg_reload_conf()")
        return server

    def setUp(self):
        super().setUp()
        for database in ("candidate", "second"):
            for server in (self.database, self.other):
                server.sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        password_file = self.path("password")
        with open(password_file, "w", encoding="utf-8") as file:
            file.write(PASSWORD + "\n")
        self.folder = self.path("folder")
        os.makedirs(self.folder)
        self.config = CREDENTIALS.format(port=self.database.port, other_port=self.other.port, password_file=password_file,
                                         folder=self.folder)

    def serve(self, extra="", **options):
        return self.start(environment.Environment(self.directory, extra + self.config, **options))

    def replay(self, *words):
        return tools.run([tools.tool("understudy-replay"), *words])

    def start_clone(self, server, body, status=202):
        answered, fields, state = server.ask("POST", "/clone", body)
        self.assertEqual(answered, status, (state, server.log[-2000:]))
        if status == 202:
            self.assertEqual(fields["Location"], f"/clone/{body['Id']}")
            self.assertGreaterEqual(int(fields["Retry-After"]), 0)
        return state

    def finish_clone(self, server, body, status="Succeeded"):
        self.start_clone(server, body)
        state = server.wait_for_clone(body["Id"])
        self.assertEqual(state["Status"], status, (state, server.log[-3000:]))
        return state

    def lock_source(self):
        """Holds a lock that a dump has to wait for; ends by stop()."""
        holder = self.start(processes.Process(
            ["psql", "-X", "-d", self.database.url("prod"), "-c", "BEGIN", "-c", "LOCK TABLE items IN ACCESS EXCLUSIVE MODE", "-c",
             "SELECT pg_sleep(120)"], self.directory, "holder", environment={**os.environ, "PGAPPNAME": "api of production"}))
        processes.wait_until(lambda: self.database.sql(
            "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation IS NOT NULL") != "0", 10,
            "the lock is held")
        return holder

    def databases(self, server=None):
        return (server or self.database).sql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1").split("\n")

    def assert_no_secret(self, server):
        """The password is in no file that the server wrote, and in no output."""
        for folder in (server.state, self.directory):
            for path, _, names in os.walk(folder):
                for name in names:
                    if name in ("password", "dump") or path.startswith(self.folder):
                        continue
                    with open(os.path.join(path, name), "rb") as file:
                        self.assertNotIn(PASSWORD.encode(), file.read(), os.path.join(path, name))


class Service(EnvironmentTest):
    def test_health_statistics_and_maintenance_as_the_commands_see_them(self):
        server = self.serve()
        healthy = self.replay("health", server.url, "--expect-version", "1.0.16209.8792", "--wait", "10s", "--polls", "2", "--interval", "10ms",
                              "--json")
        self.assertEqual(healthy.returncode, 0, healthy.stderr)
        self.assertEqual(json.loads(healthy.stdout)["build_timestamp"], "2016-07-27T04:53:04+00:00")
        saved = self.path("before.json")
        self.assertEqual(self.replay("statistics", server.url, "--save", saved).returncode, 0)
        with open(saved, encoding="utf-8") as file:
            statistics = json.load(file)
        self.assertEqual(statistics["items"], ROWS)
        self.assertEqual(statistics["largest"][0], {"id": ROWS, "price": ROWS * 1.5})
        rules = ["--rule", "/items = equal", "--rule", "/largest/** = equal"]
        self.assertEqual(self.replay("statistics", server.url, "--compare", saved, *rules).returncode, 0)
        self.database.sql(f"INSERT INTO items VALUES ({ROWS + 1}, 'new', 1)", "prod")
        self.addCleanup(self.database.sql, f"DELETE FROM items WHERE id > {ROWS}", "prod")
        self.assertEqual(self.replay("statistics", server.url, "--compare", saved, *rules).returncode, 22)
        # Maintenance: the load balancer keeps the instance, and nobody else gets anything.
        status, _, answer = server.ask("PUT", "/admin/maintenance", {"MaintenanceMode": True})
        self.assertEqual((status, answer), (200, {"MaintenanceMode": True}))
        server.stop()
        server.start()  # it lasts
        status, _, health = server.ask("GET", "/health")
        self.assertEqual((status, health["MaintenanceMode"], health["DatabaseConnectivity"]), (200, True, True))
        self.assertEqual(server.ask("GET", "/test")[0], 503)
        status, fields, _ = server.ask("POST", "/clone", clone("a"))
        self.assertEqual(status, 503)
        self.assertIn("Retry-After", fields)
        self.assertEqual(self.replay("health", server.url, "--wait", "0").returncode, 21)
        self.assertEqual(server.ask("PUT", "/admin/maintenance", {"MaintenanceMode": False})[0], 200)
        self.assertEqual(self.replay("health", server.url, "--wait", "0").returncode, 0)

    def test_health_tells_when_the_database_is_gone(self):
        lost = postgres.Server(self.directory, name="lost")
        self.start(lost)
        server = self.start(environment.Environment(self.directory, f"""
            [service]
            build-version = "1"
            database-credential = "lost"
            database = "postgres"
            check-timeout = "2s"
            [credentials.lost]
            kind = "postgres"
            server = "postgres://postgres@127.0.0.1:{lost.port}" """))
        self.assertEqual(server.ask("GET", "/health")[0], 200)
        lost.stop()
        processes.wait_until(lambda: server.ask("GET", "/health")[0] == 503, 10, "/health is 503")
        health = server.ask("GET", "/health")[2]
        self.assertEqual((health["DatabaseConnectivity"], health["MaintenanceMode"]), (False, False))
        self.assertEqual(server.ask("GET", "/test")[0], 503)
        self.assertEqual(server.ask("GET", "/admin/statistics")[::2], (200, {}))

    def test_smoke_tests_ask_the_service_behind(self):
        """The service is another environment's server: one that has tests to run over HTTP."""
        service = self.serve()
        front = self.start(environment.Environment(self.directory, f"""
            [service]
            url = "{service.url}"
            [[service.test]]
            name = "QueryApiStatistics"
            description = "A test which returns the api statistics."
            path = "/admin/statistics"
            contains = "\\"items\\":{ROWS}"
            [[service.test]]
            name = "Broken"
            path = "/nothing"
            [statistics]
            path = "/admin/statistics" """, name="front"))
        status, _, answer = front.ask("GET", "/test")
        self.assertEqual(status, 200)
        self.assertEqual(answer["Health"]["BuildVersion"], "1.0.16209.8792")
        self.assertEqual([(test["Name"], test["Success"]) for test in answer["Tests"]], [("QueryApiStatistics", True), ("Broken", False)])
        self.assertEqual(answer["Tests"][0]["Error"], None)
        self.assertIn("404", answer["Tests"][1]["Error"])
        self.assertEqual(front.ask("GET", "/admin/statistics")[2]["items"], ROWS)
        service.ask("PUT", "/admin/maintenance", {"MaintenanceMode": True})
        processes.wait_until(lambda: front.ask("GET", "/health")[2]["MaintenanceMode"], 10, "the service's maintenance shows")
        service.stop()
        processes.wait_until(lambda: front.ask("GET", "/health")[0] == 503, 10, "the service's end shows")
        self.assertEqual(front.ask("GET", "/admin/statistics")[0], 503)


class Refusals(EnvironmentTest):
    def test_every_bad_request_gets_its_own_answer(self):
        server = self.serve()
        good = clone("a", Method="template")
        cases = [
            (404, "GET", "/nothing", None, {}), (405, "POST", "/health", "{}", {}), (405, "GET", "/clone", None, {}),
            (404, "GET", "/clone/unknown", None, {}), (404, "DELETE", "/clone/unknown", None, {}),
            (404, "GET", "/clone/unknown/manifest", None, {}), (400, "GET", "/clone/unknown?wait=soon", None, {}),
            (400, "GET", "/clone/unknown/segments/0", None, {}), (400, "POST", "/clone", "", {}), (400, "POST", "/clone", "{", {}),
            (400, "POST", "/clone", "[" * 60000, {}),
            (415, "POST", "/clone", json.dumps(good), {"Content-Type": "text/plain"}),
            (415, "POST", "/clone", json.dumps(good), {"Content-Encoding": "gzip"}),
            (413, "POST", "/clone", " " * 70000 + json.dumps(good), {}),
            (400, "POST", "/clone", {**good, "Password": PASSWORD}, {}),
            (400, "POST", "/clone", {**good, "Id": "../x"}, {}), (400, "POST", "/clone", {**good, "Id": ".."}, {}),
            (400, "POST", "/clone", clone("a", Method="magic"), {}), (400, "POST", "/clone", clone("a", Workers=0), {}),
            (400, "POST", "/clone", clone("a", Verify="etag"), {}), (422, "POST", "/clone", clone("a", After=["nothing"]), {}),
            (422, "POST", "/clone", clone("a", credential="nobody"), {}), (422, "POST", "/clone", clone("a", source="secret"), {}),
            (422, "POST", "/clone", clone("a", credential="prod"), {}), (422, "POST", "/clone", clone("a", destination="prod"), {}),
            (400, "POST", "/clone", {"Id": "b", "Source": {"Kind": "s3", "Bucket": "one", "Endpoint": "http://user:secret@host"},
                                     "Destination": {"Kind": "s3", "Bucket": "two"}}, {}),
            (400, "PUT", "/admin/maintenance", {"MaintenanceMode": 1}, {}), (400, "PUT", "/admin/maintenance", None, {}),
        ]
        for status, method, path, body, headers in cases:
            with self.subTest(f"{method} {path} {str(body)[:80]} {headers}"):
                answered, fields, answer = server.ask(method, path, body, headers)
                self.assertEqual(answered, status, answer)
                self.assertEqual(fields["Content-Type"], "application/problem+json")
                self.assertEqual(answer["status"], status)
                self.assertGreater(len(answer["detail"]), 10)
        self.assertEqual(server.ask("POST", "/health", "{}")[1]["Allow"], "GET, HEAD")
        self.assertNotIn(PASSWORD, server.log)
        self.assertEqual(server.ask("GET", "/health")[0], 200)

    def test_the_token_guards_what_is_for_administrators_over_tls(self):
        authority = servers.make_authority(self.directory, "authority")
        certificate, key = servers.make_certificate(self.directory, "server", authority, "IP:127.0.0.1")
        with open(self.path("token"), "w", encoding="ascii") as file:
            file.write("open-sesame\n")
        server = self.serve(f'certificate-file = "{certificate}"\nkey-file = "{key}"\ntoken-file = "{self.path("token")}"\n',
                            certificate=authority[0])
        self.assertEqual(server.ask("GET", "/health")[0], 200)
        for path in ("/admin/statistics", "/clone/a", "/clone/a/manifest"):
            status, fields, _ = server.ask("GET", path)
            self.assertEqual((status, fields["WWW-Authenticate"]), (401, "Bearer"))
        self.assertEqual(server.ask("POST", "/clone", clone("a"), {"Authorization": "Bearer open-sesamf"})[0], 401)
        with open(self.path("header"), "w", encoding="ascii") as file:
            file.write("Authorization: Bearer open-sesame\n")
        asked = self.replay("statistics", server.url, "--header", "@" + self.path("header"), "--ca-file", authority[0])
        self.assertEqual(asked.returncode, 0, asked.stderr)
        self.assertEqual(json.loads(asked.stdout)["items"], ROWS)
        self.assertEqual(self.replay("health", server.url, "--wait", "0").returncode, 10)  # its authority is not known
        self.assertEqual(server.ask("GET", "/openapi.yaml")[2], self.replay("serve", "--print-openapi").stdout)

    def test_a_configuration_that_cannot_be_used_is_told_by_line(self):
        def check(text, *words):
            with open(self.path("bad.toml"), "w", encoding="utf-8") as file:
                file.write(text)
            outcome = self.replay("serve", "--config", self.path("bad.toml"))
            self.assertEqual(outcome.returncode, 3, outcome.stderr)
            for word in ("bad.toml", *words):
                self.assertIn(word, outcome.stderr)

        base = f'state-folder = "{self.path("state")}"\n[service]\nbuild-version = "1"\n'
        check(base + "[credentials.a]\nkind = 'oracle'\n", ":5:", "s3")
        check(base + "tests = 1\n", ":4:", "tests")
        check(base + "[credentials.a]\nkind = 'postgres'\nserver = 'postgres://u:secret@h'\n", ":6:", "password")
        check(base + "[credentials.a\n", ":4:")
        server = self.serve()
        with open(server.config, encoding="utf-8") as file:
            config = file.read()
        with open(self.path("second.toml"), "w", encoding="utf-8") as file:
            file.write(config)
        second = self.replay("serve", "--config", self.path("second.toml"))
        self.assertEqual(second.returncode, 3)
        self.assertIn("another server", second.stderr)
        self.assertEqual(self.replay("serve", "--config", self.path("second.toml"), "--check").returncode, 0)
        self.assertEqual(self.replay("serve").returncode, 2)


class Clones(EnvironmentTest):
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


class Crashes(EnvironmentTest):
    def test_a_killed_server_goes_on_with_its_clones(self):
        holder = self.lock_source()
        server = self.serve()
        self.start_clone(server, clone("killed", Method="dump"))
        self.start_clone(server, clone("waiting", destination="second", Method="dump"))
        server.wait_for_clone("killed", ("Copying",))
        self.assertEqual(server.ask("GET", "/clone/killed/manifest")[0], 409)
        server.kill()
        server.start()
        server.wait_for_clone("killed", ("Copying",))
        server.kill()
        holder.stop()
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


class Contract(EnvironmentTest):
    """schemathesis makes requests out of the document, good and bad ones, and holds every answer to it."""

    VENV = os.path.join(ROOT, "build", "schemathesis")

    def schemathesis(self):
        program = os.path.join(self.VENV, "bin", "schemathesis")
        if not os.access(program, os.X_OK):
            for command in ([sys.executable, "-m", "venv", self.VENV],
                            [os.path.join(self.VENV, "bin", "pip"), "install", "-q", "schemathesis==4.32.5"]):
                made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
                if made.returncode != 0:
                    shutil.rmtree(self.VENV, ignore_errors=True)
                    self.skipTest(f"schemathesis cannot be installed: {made.stderr[-300:]}")
        return program

    def test_schemathesis_finds_no_answer_that_the_document_does_not_have(self):
        program = self.schemathesis()
        server = self.serve()
        self.finish_clone(server, clone("known", Method="template"))
        outcome = tools.run([program, "run", f"{server.url}/openapi.yaml", "--url", server.url, "--max-examples", "30", "--seed", "1",
                             "--generation-deterministic", "--workers", "2",
                             # A body may be right, and name a credential that this environment does not have: 422.
                             "--exclude-checks", "positive_data_acceptance"], timeout=150, cwd=self.directory)
        self.assertEqual(outcome.returncode, 0, outcome.stdout[-6000:])
        self.assertEqual(server.ask("GET", "/health")[0], 200)
        self.assertNotIn("unexpected error", server.log)


if __name__ == "__main__":
    main(needs_network=False)
