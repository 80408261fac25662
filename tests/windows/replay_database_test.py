#!/usr/bin/env python3
"""understudy-replay on Windows with a real PostgreSQL on loopback: passwords, what is measured and what cannot be, a clone, and
a rehearsal whose commands are cmd.exe's."""
import json
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import postgres, processes, recordings, rehearsal, wine  # noqa: E402

IMPROVED_OR_EQUAL, INCONCLUSIVE, DATABASE_UNFIT = 0, 18, 23
PLAN = """name = "readings"
[baseline]
url = "{baseline}"
database = "{baseline_database}"
[candidate]
url = "{candidate}"
database = "{candidate_database}"
migrate = 'echo migrated "as asked" %PGAPPNAME%> "{marker}"'
[traffic]
recording = '{recording}'
[pacing]
rate = "100/s"
duration = "500ms"
loop = true
[pairs]
count = 2
aa = 0
warm-up = "100ms"
[verdict]
data-cache-ratio = 12
data-cache-factor = 100
requests-min = 20
[environment]
polls = 1
interval = "100ms"
wait = "20s"
"""


class Database(wine.WineCase):
    def start_stack(self):
        try:
            return self.start(rehearsal.Stack(self.directory, readings=2000))
        except postgres.Unavailable as reason:
            self.skipTest(str(reason))

    def test_observe_counts_statements_and_says_what_windows_cannot_count(self):
        server = self.start_stack().server
        server.sql("CREATE ROLE reader LOGIN SUPERUSER PASSWORD 'opensesame'")
        hba = os.path.join(server.data, "pg_hba.conf")
        with open(hba, encoding="utf-8") as file:
            rules = file.read()
        with open(hba, "w", encoding="utf-8") as file:
            file.write("host all reader 127.0.0.1/32 scram-sha-256\n" + rules)
        server.sql("SELECT pg_reload_conf()")
        url = server.url("production", user="reader")
        running = self.start(self.wine.start(wine.program("understudy-replay.exe"), "observe", url, "--for", "5m", "--json",
                                             environment={"PGPASSWORD": "opensesame"}, directory=self.directory, name="observe"))
        processes.wait_until(lambda: "observing" in running.stderr or not running.running, 30, "the window begins")
        server.sql("\n".join(f"SELECT count(*) FROM reading WHERE value > {n};" for n in range(37)), "production")
        running.signal(signal.SIGINT)
        self.assertEqual(running.wait(30), 0, running.stderr)
        observation = json.loads(running.stdout)
        calls = [item["calls"] for item in observation["classes"] if "FROM reading WHERE value" in item["text"]]
        self.assertEqual(calls, [37], observation["classes"])
        for key in ("device", "process_io"):
            source = next(source for source in observation["sources"] if source["source"] == key)
            self.assertEqual(source["state"], "missing", source)
            self.assertTrue(source["note"], source)

        refused = self.replay("observe", url, "--for", "1s", environment={"PGPASSWORD": "wrong"})
        self.assertEqual(refused.returncode, DATABASE_UNFIT, refused.stderr)
        self.assertIn("password authentication failed", refused.stderr)
        device = self.replay("observe", url, "--for", "1s", "--device", "/dev/sda", environment={"PGPASSWORD": "opensesame"})
        self.assertEqual(device.returncode, DATABASE_UNFIT, device.stderr)
        self.assertIn("can be read on Linux only", device.stderr)

    def test_a_clone_by_template(self):
        server = self.start_stack().server
        done = self.replay("clone", server.url("production"), server.url("candidate"), "--method", "template")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(server.sql("SELECT count(*) FROM reading", "candidate"), "2000")

    def test_a_rehearsal(self):
        stack = self.start_stack()
        values = {f"{name}_database": stack.clone(name) for name in ("baseline", "candidate")}
        values.update({name: stack.start_api(name, "1.0.0") for name in ("baseline", "candidate")})
        recording = rehearsal.write_recording(self.path("clients.jsonl"), 200)
        with open(self.path("plan.toml"), "w", encoding="utf-8") as file:
            file.write(PLAN.format(recording=wine.windows_path(recording), marker=wine.windows_path(self.path("marker")), **values))
        done = self.replay("rehearse", wine.windows_path(self.path("plan.toml")), "--out", wine.windows_path(self.path("results")))
        self.assertIn(done.returncode, (IMPROVED_OR_EQUAL, INCONCLUSIVE), done.stdout + done.stderr)
        with open(self.path("results/rehearsal.json"), encoding="utf-8") as file:
            document = json.load(file)
        self.assertEqual(document["end"], "whole", done.stderr)
        self.assertEqual([len(document["pairs"]), len(document["runs"])], [2, 4])
        with open(self.path("marker"), encoding="utf-8") as file:
            self.assertTrue(file.read().startswith('migrated "as asked" '))
        self.assertTrue(all(run["values"]["calls"] > 10 for run in document["runs"]), document["runs"])


if __name__ == "__main__":
    wine.main()
