#!/usr/bin/env python3
"""Rehearsals against a real PostgreSQL and the sample API: an equal build, one that lost an index, a database that dies in the
middle, maintenance, plans with mistakes. Runs are short; what takes many is in scripts/bench/rehearse.sh."""
import http.client
import json
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import postgres, processes, recordings, rehearsal  # noqa: E402
from e2e.case import SKIPPED, Case, main  # noqa: E402

PLAN = """name = "readings"
[baseline]
url = "{baseline}"
database = "{baseline_database}"
device = "none"
[candidate]
url = "{candidate}"
database = "{candidate_database}"
device = "none"
{candidate_more}
[traffic]
recording = "{recording}"
[pacing]
rate = "{rate}/s"
duration = "{duration}"
loop = true
[pairs]
count = {pairs}
aa = {aa}
warm-up = "200ms"
[verdict]
data-cache-ratio = 12
data-cache-factor = 3
requests-min = 50
{verdict_more}
[environment]
polls = 1
interval = "100ms"
wait = "20s"
[forecast]
volume = "gp2:100GiB"
"""
IMPROVED_OR_EQUAL, OBJECTIVE_FAILED, INCONCLUSIVE, UNFIT, DATABASE_UNFIT, REGRESSED = 0, 17, 18, 21, 23, 25
NEWEST = "FROM reading WHERE customer = $1 AND device = $2"


class RehearseCase(Case):
    """Each test with a stack of its own; `production` is migrated, `baseline` and `candidate` are clones of it."""

    def start_stack(self, candidate_sql=None, **options):
        self.stack = self.start(rehearsal.Stack(self.directory, **options))
        databases = {name: self.stack.clone(name) for name in ("baseline", "candidate")}
        if candidate_sql:
            self.stack.server.sql(candidate_sql, "candidate")
        recording = rehearsal.write_recording(self.path("clients.jsonl"), 2000)
        return {"baseline": self.stack.start_api("baseline", "1.0.0"), "candidate": self.stack.start_api("candidate", "1.1.0"),
                "baseline_database": databases["baseline"], "candidate_database": databases["candidate"],
                "recording": recording, "rate": 100, "duration": "700ms", "pairs": 6, "aa": 1, "candidate_more": "",
                "verdict_more": ""}

    def write_plan(self, values, name="plan.toml"):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(PLAN.format(**values))
        return self.path(name)

    def rehearse(self, plan, *words, out="results", timeout=120):
        return recordings.replay("rehearse", plan, "--out", self.path(out), *words, timeout=timeout)

    def document(self, out="results"):
        with open(self.path(f"{out}/rehearsal.json"), encoding="utf-8") as file:
            return json.load(file)


class Verdicts(RehearseCase):
    def test_an_equal_build_is_not_found_different(self):
        done = self.rehearse(self.write_plan(self.start_stack()))
        document = self.document()
        self.assertIn(document["verdict"]["kind"], ("equivalent", "inconclusive"), done.stdout)
        self.assertIn(done.returncode, (IMPROVED_OR_EQUAL, INCONCLUSIVE), done.stderr)
        self.assertEqual(document["end"], "whole", done.stderr)
        # Whatever the noise of this machine: everything was measured, and what is left out has its reason.
        self.assertEqual([len(document["pairs"]), len(document["runs"])], [7, 14])
        self.assertTrue(all(pair["valid"] or pair["reason"] for pair in document["pairs"]), document["pairs"])
        self.assertTrue(all(run["completed"] == run["planned"] and run["unaccounted"] == 0 for run in document["runs"]))
        calls = {run["number"]: run["values"]["calls"] for run in document["runs"]}
        self.assertTrue(all(count > 20 for count in calls.values()), calls)
        self.assertFalse([item for item in document["query_classes"] if item["stands_out"]])
        for name in ("rehearsal.html", "rehearsal.md", "junit.xml", "state.json", "runs/001-baseline/record.json"):
            self.assertTrue(os.path.getsize(self.path(f"results/{name}")), name)

    def test_a_dropped_index_is_regressed_and_its_query_is_named(self):
        values = self.start_stack("ALTER TABLE reading DROP CONSTRAINT reading_pkey; DROP INDEX reading_device_received_at")
        # Eight pairs, so that a busy machine may spoil two.
        values.update(pairs=8, verdict_more='fail-if = ["errors > 1%"]')
        done = self.rehearse(self.write_plan(values))
        document = self.document()
        self.assertEqual(done.returncode, REGRESSED, done.stdout + done.stderr)
        self.assertEqual(document["verdict"]["kind"], "regressed")
        worse = [item["name"] for item in document["verdict"]["stands_out"] if item["kind"] == "query_class"]
        self.assertTrue([name for name in worse if NEWEST in name], document["verdict"])
        self.assertIn("SELECT value FROM reading", done.stdout)
        newest = [item for item in document["query_classes"] if NEWEST in item["query"]][0]
        self.assertTrue(newest["plans"]["changed"], newest["plans"])
        self.assertIn("Seq Scan", newest["plans"]["candidate"]["text"])
        self.assertEqual(document["objectives"][0]["state"], "passed")
        self.assertEqual(document["environment"]["candidate"]["build_version"], "1.1.0")
        self.check_judging_again(values, document)

    def check_judging_again(self, values, document):
        again = self.rehearse(self.write_plan(values), "--judge")
        self.assertEqual(again.returncode, REGRESSED, again.stderr)
        for before, after in zip(document["metrics"], self.document()["metrics"], strict=True):
            self.assertEqual([before["key"], before["verdict"]], [after["key"], after["verdict"]])
            self.assertAlmostEqual(before["ratio"] or 0, after["ratio"] or 0, delta=1e-9 * (before["ratio"] or 1))
        values["verdict_more"] = "pairs-needed = 9"
        stricter = self.rehearse(self.write_plan(values), "--judge")
        self.assertEqual(stricter.returncode, INCONCLUSIVE, stderr_of(stricter))
        self.assertIn(f"there are {document['verdict']['pairs']} valid pairs, and 9 are needed", stricter.stdout)


class Routes(RehearseCase):
    def test_queries_are_told_by_route_through_traces_in_comments(self):
        log = {"logging_collector": "on", "log_destination": "jsonlog", "log_directory": "log", "log_filename": "server",
               "log_min_duration_statement": 0, "log_file_mode": "0644"}
        values = self.start_stack(settings=log)
        values.update(pairs=1, aa=0, candidate_more=f'log-file = "{self.stack.server.data}/log/server.json"')
        self.rehearse(self.write_plan(values))
        newest = [item for item in self.document()["query_classes"] if NEWEST in item["query"]][0]
        self.assertEqual(newest["attribution"], "comment", self.document()["counters"])
        self.assertIn("/readings/newest", newest["routes"][0]["route"])
        self.assertGreater(newest["routes"][0]["share"], 0.95)


class Trouble(RehearseCase):
    def test_a_database_that_dies_in_a_run_leaves_what_was_measured(self):
        values = self.start_stack()
        plan = self.write_plan({**values, "pairs": 6})
        killer = threading.Thread(target=self.kill_after, args=(self.path("results/runs/004-candidate/record.json"),))
        killer.start()
        done = self.rehearse(plan)
        killer.join()
        self.assertIn(done.returncode, (DATABASE_UNFIT, UNFIT), done.stdout + done.stderr)
        document = self.document()
        self.assertEqual((document["end"], document["verdict"]["kind"]), ("failed", "inconclusive"))
        self.assertGreaterEqual(len(document["runs"]), 4)
        self.assertTrue(all(run["valid"] for run in document["runs"][:4]))
        # With the database back, the same rehearsal goes on.
        self.stack.server.start()
        resumed = self.rehearse(self.write_plan({**values, "pairs": 3}), "--resume")
        self.assertEqual(self.document()["end"], "whole", resumed.stderr)
        self.assertEqual(resumed.returncode, INCONCLUSIVE, resumed.stdout)  # three pairs are too few

    def kill_after(self, path):
        processes.wait_until(lambda: os.path.exists(path), 60, "the fourth run has ended")
        time.sleep(1)  # into the next run: a moment that no file tells
        self.stack.server.kill()

    def test_maintenance_stops_a_run_which_is_played_again(self):
        values = self.start_stack()
        values.update(duration="2s", pairs=1, aa=0)
        port = int(values["candidate"].rpartition(":")[2])
        switcher = threading.Thread(target=self.maintain_after, args=(self.path("results/runs/001-baseline/record.json"), port))
        switcher.start()
        done = self.rehearse(self.write_plan(values))
        switcher.join()
        document = self.document()
        self.assertEqual(document["end"], "whole", done.stderr)
        self.assertEqual([run["valid"] for run in document["runs"]], [True, True], done.stderr)
        self.assertEqual([run["excluded_seconds"] > 0 for run in document["runs"]], [False, True])
        with open(self.path("results/runs/002-candidate.1/record.json"), encoding="utf-8") as file:
            self.assertIn("maintenance", json.load(file)["invalid"][0])

    def maintain_after(self, path, port):
        processes.wait_until(lambda: os.path.exists(path), 60, "the first run has ended")
        time.sleep(1.3)  # beyond the second run's warm-up, into the run
        for mode in ("true", "false"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("PUT", "/admin/maintenance", f'{{"MaintenanceMode":{mode}}}', {"Content-Type": "application/json"})
            connection.getresponse().read()
            connection.close()
            time.sleep(0.5)

    def test_without_pg_stat_statements_the_rest_is_measured_and_it_is_said(self):
        values = self.start_stack()
        for name in ("baseline", "candidate"):
            self.stack.server.sql("DROP EXTENSION pg_stat_statements", name)
        values.update(pairs=1, aa=0)
        done = self.rehearse(self.write_plan(values))
        document = self.document()
        self.assertEqual((done.returncode, document["end"]), (INCONCLUSIVE, "whole"), done.stderr)
        missing = [item for item in document["counters"] if item["name"] == "pg_stat_statements"]
        self.assertFalse(missing[0]["available"])
        self.assertIn("CREATE EXTENSION", missing[0]["problem"])
        self.assertGreater(document["runs"][0]["values"]["blocks_read"], 0)

    def test_too_few_requests_are_no_verdict(self):
        values = self.start_stack()
        values.update(rate=20, duration="500ms", pairs=1, aa=0)
        done = self.rehearse(self.write_plan(values))
        self.assertEqual(done.returncode, INCONCLUSIVE, done.stderr)
        self.assertIn("requests were answered; 50 are needed", done.stdout)

    def test_an_unlike_cache_is_no_verdict(self):
        values = self.start_stack()
        values.update(pairs=1, aa=0, verdict_more="")
        plan = self.write_plan(values)
        with open(plan, encoding="utf-8") as file:
            text = file.read().replace("data-cache-ratio = 12", "data-cache-ratio = 900")
        with open(plan, "w", encoding="utf-8") as file:
            file.write(text)
        done = self.rehearse(plan)
        self.assertEqual(done.returncode, INCONCLUSIVE, done.stderr)
        self.assertIn("900 to 1 in production", done.stdout)


class Plans(Case):
    VALUES = {"baseline": "http://127.0.0.1:1", "candidate": "http://127.0.0.1:2", "baseline_database": "postgres://me:secret@h/x",
              "candidate_database": "postgres://me:secret@h/y", "candidate_more": "", "verdict_more": "", "recording": "x.take",
              "rate": 100, "duration": "1s", "pairs": 6, "aa": 1}

    def check(self, old, new, *words):
        with open(self.path("plan.toml"), "w", encoding="utf-8") as file:
            file.write(PLAN.format(**self.VALUES).replace(old, new))
        return recordings.replay("rehearse", self.path("plan.toml"), *(words or ("--check",)))

    def test_mistakes_name_their_line(self):
        for old, new, text in (("count =", "cuont =", "unknown key [pairs] 'cuont'"),
                               ('rate = "100/s"', 'rate = "100"', "--rate"),
                               ("loop = true", "lopp = true", "lopp"),
                               ("polls = 1", "polls = 0", "[environment] 'polls'"),
                               ('volume = "gp2:100GiB"', 'volume = "gp2"', "[forecast] 'volume'")):
            done = self.check(old, new)
            self.assertEqual(done.returncode, 3, (new, done.stderr))
            with open(self.path("plan.toml"), encoding="utf-8") as file:
                line = [line.startswith(new) for line in file].index(True) + 1
            self.assertIn(f"plan.toml:{line}: ", done.stderr, new)
            self.assertIn(text, done.stderr)

    def test_check_says_what_would_happen_and_does_nothing(self):
        done = self.check("", "")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("pair 6: play to the candidate at http://127.0.0.1:2", done.stdout)
        self.assertNotIn("secret", done.stdout + done.stderr)
        self.assertEqual(os.listdir(self.directory), ["plan.toml"])

    def test_the_printed_plan_passes_the_check(self):
        printed = recordings.replay("rehearse", "--print-plan")
        with open(self.path("plan.toml"), "w", encoding="utf-8") as file:
            file.write(printed.stdout)
        environment = {**os.environ, "BASELINE_DATABASE": "postgres://h/x", "CANDIDATE_DATABASE": "postgres://h/y"}
        done = recordings.replay("rehearse", self.path("plan.toml"), "--check", env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_an_unreachable_environment_ends_it_with_its_code(self):
        done = self.check('wait = "20s"', 'wait = "0"', "--out", self.path("results"))
        self.assertEqual(done.returncode, UNFIT, done.stderr)
        with open(self.path("results/rehearsal.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["end"], "failed")


def stderr_of(done):
    return done.stdout + done.stderr


if __name__ == "__main__":
    try:
        postgres.binaries(15)
    except postgres.Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    main(needs_network=False)
