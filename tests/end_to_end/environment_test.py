#!/usr/bin/env python3
"""The environment's server against a real PostgreSQL: health, statistics, maintenance, refusals, TLS, and the contract as
schemathesis reads it. Clones are in environment_clone_test.py."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import environment, postgres, processes, servers, tools  # noqa: E402
from e2e.case import ROOT, main  # noqa: E402
from e2e.environment_case import PASSWORD, ROWS, EnvironmentCase, clone  # noqa: E402


class Service(EnvironmentCase):
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


class Refusals(EnvironmentCase):
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


class Contract(EnvironmentCase):
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
        outcome = tools.run([program, "run", f"{server.url}/openapi.yaml", "--url", server.url, "--max-examples", "30",
                             "--generation-deterministic", "--workers", "1",
                             # A body may be right, and name a credential that this environment does not have: 422. In
                             # maintenance mode, which it turns on and off, clones are 503.
                             "--exclude-checks", "positive_data_acceptance,not_a_server_error"], timeout=150, cwd=self.directory)
        self.assertEqual(outcome.returncode, 0, outcome.stdout[-30000:])
        self.assertEqual(server.ask("GET", "/health")[0], 200)
        self.assertNotIn("could not be answered", server.log)


if __name__ == "__main__":
    main(needs_network=False)
