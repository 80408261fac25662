#!/usr/bin/env python3
"""GoReplay's middleware in both programs: real Python programs that edit, omit, and end in the middle."""
import json
import os
import re
import shlex
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, case, middleware, processes, recordings, tools  # noqa: E402

CONFIGURATION, USAGE = 3, 2
MILLISECOND = 1_000_000


def command(path, *arguments):
    return shlex.join(["python3", path, *arguments])


class InTheAgent(case.NetworkCase):
    def start_with(self, edit, *options, **keywords):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, "--middleware", command(middleware.write(self.directory, edit), "an argument"),
                                   *options, **keywords)
        return shadow, running

    def status(self, running):
        return running.get("/status")[1]["middleware"]

    def test_edits_and_omissions(self):
        shadow, running = self.start_with(middleware.EDIT)
        self.load(count=1000, rate=500, mix="get=70,post/4096=20,chunked/9000=10")
        running.wait_for(lambda ledger: ledger["outputs"][0]["delivered"] == 900, 20, "the kept ones are delivered")
        running.wait_settled(1000)
        status = self.status(running)[0]
        ledger = self.finish(running, seen=1000)
        self.assertEqual(ledger["outputs"][0]["filtered"]["middleware"], 100, ledger)
        self.assertEqual(agent.lost(ledger), {})
        arrivals = shadow.arrivals(1000)
        self.assertEqual((arrivals["unique"], arrivals["missing"], arrivals["duplicates"], arrivals["corrupt"]), (900, 100, 0, 0),
                         arrivals)
        heads = shadow.heads()
        self.assertTrue(heads and all("X-Edited: by middleware" in head for head in heads), heads[:1])
        self.assertEqual((status["submitted"], status["returned"], status["omitted"], status["running"]), (1000, 900, 100, True))
        self.assertIn("uid=65534", running.log)  # the agent began as root, and the child did not
        self.assertIn("arguments=['an argument']", running.log)
        self.assertIn("The middleware of a shadow has ended", running.log)

    def test_it_ends_in_the_middle_and_requests_pass_unchanged(self):
        shadow, running = self.start_with(middleware.DIE)
        self.load(count=2000, rate=1000)
        running.wait_settled(2000)
        processes.wait_until(lambda: self.status(running)[0]["restarts"] >= 1, 10, "it is started again")
        ledger = self.finish(running, seen=2000)
        self.assertEqual(ledger["outputs"][0]["delivered"], 2000, ledger)
        arrivals = shadow.arrivals(2000)
        self.assertEqual((arrivals["unique"], arrivals["duplicates"], arrivals["corrupt"]), (2000, 0, 0), arrivals)
        self.assertIn("exit code 7", running.log)
        self.assertRegex(running.log, r"The middleware of a shadow has ended.*restarts")

    def test_it_ends_in_the_middle_and_requests_are_dropped(self):
        shadow, running = self.start_with(middleware.DIE, "--middleware-fail", "closed")
        self.load(count=2000, rate=1000)
        running.wait_settled(2000)
        ledger = self.finish(running, seen=2000)
        output = ledger["outputs"][0]
        self.assertGreater(output["lost"]["middleware_failed"], 100, ledger)
        self.assertGreaterEqual(output["delivered"], 149, ledger)
        self.assertEqual(output["delivered"] + output["lost"]["middleware_failed"], 2000, ledger)
        self.assertEqual(shadow.arrivals(2000)["unique"], output["delivered"])

    def test_responses_are_shown(self):
        notes = self.path("notes")
        with open(notes, "w", encoding="ascii"):
            os.chmod(notes, 0o666)  # for the user that the agent becomes
        _, running = self.start_with(middleware.note(notes), "--middleware-responses")
        self.load(count=200, rate=500)
        self.finish(running, seen=200)
        seen = middleware.noted(notes)
        self.assertEqual(len(seen), 200)
        self.assertEqual(set(seen.values()), {"12"})

    def test_a_reload_ends_the_old_and_starts_the_new(self):
        shadow = self.start_shadow()
        config = self.path("agent.toml")

        def configure(word):
            path = middleware.write(self.directory, f'head += b"\\r\\nX-Edited: {word}"', name=word + ".py")
            with open(config, "w", encoding="ascii") as file:
                file.write(f"to = {json.dumps(shadow.url)}\nmiddleware = {json.dumps(command(path))}\n")

        def pids():
            return [int(pid) for pid in re.findall(r"pid=(\d+)", running.log)]

        def words():  # of the last requests that arrived
            return {re.search(r"X-Edited: (\w+)", head).group(1) for head in shadow.heads()}

        configure("first")
        running = self.start_agent("--config", config)
        self.load(count=200, rate=1000)
        running.wait_settled(200)
        self.assertEqual(words(), {"first"})
        configure("second")
        running.reload()
        processes.wait_until(lambda: "was reloaded" in running.log and len(pids()) == 2, 15, "the reload is told")
        self.assertFalse(os.path.exists(f"/proc/{pids()[0]}"), "the old child is still there")
        self.load(count=200, rate=1000, first_id=200)
        ledger = self.finish(running, seen=400)
        self.assertEqual(ledger["outputs"][0]["delivered"], 400, ledger)
        self.assertEqual(words(), {"second"})
        self.assertFalse(os.path.exists(f"/proc/{pids()[1]}"), "the child outlived the agent")

    def test_a_program_that_is_not_there(self):
        running = self.start_agent("--to", "http://10.0.0.1:1", "--middleware", "/nonexistent/program", wait=False)
        self.assertEqual(running.process.wait(10), CONFIGURATION, running.log)
        self.assertIn("/nonexistent/program", running.log)


class InTheReplay(case.Case):
    def setUp(self):
        super().setUp()
        self.shadow = self.start(tools.Shadow(recordings.Loopback, self.directory, "127.0.0.1", recordings.unused_port()))

    def play(self, edit, count, *words, code=0):
        """Plays requests with ids from 0 through the middleware: (result, log)."""
        recording = recordings.write(self.path("ids.jsonl"), (
            recordings.exchange(i % 16, i * MILLISECOND, "GET", f"/x?id={i}&n=0", response=b"recorded") for i in range(count)))
        path = middleware.write(self.directory, edit)
        ended = recordings.replay("run", recording, "--to", self.shadow.url, "--middleware", command(path), *words, "--json",
                                  "--quiet")
        self.assertEqual(ended.returncode, code, ended.stderr[-3000:] + ended.stdout[-3000:])
        return json.loads(ended.stdout), ended.stderr

    def test_edits_and_omissions(self):
        result, _ = self.play(middleware.EDIT, 1000)
        self.assertEqual(result["held_back"], {"middleware": 100})
        arrivals = self.shadow.arrivals(1000)
        self.assertEqual((arrivals["unique"], arrivals["missing"], arrivals["duplicates"]), (900, 100, 0), arrivals)
        self.assertTrue(all("X-Edited: by middleware" in head for head in self.shadow.heads()))

    def test_it_ends_in_the_middle_and_requests_pass_unchanged(self):
        result, log = self.play(middleware.DIE, 1000)
        self.assertEqual(result["held_back"], {})
        arrivals = self.shadow.arrivals(1000)
        self.assertEqual((arrivals["unique"], arrivals["duplicates"]), (1000, 0), arrivals)
        self.assertIn("exit code 7", log)

    def test_it_ends_in_the_middle_and_requests_are_dropped(self):
        result, _ = self.play(middleware.DIE, 1000, "--middleware-fail", "closed")
        dropped = result["held_back"]["middleware_failed"]
        self.assertGreater(dropped, 0)
        self.assertEqual(self.shadow.arrivals(1000)["unique"], 1000 - dropped)

    def test_recorded_and_replayed_responses_are_shown(self):
        notes = self.path("notes")
        self.play(middleware.note(notes), 300, "--middleware-responses")
        seen = middleware.noted(notes)
        self.assertEqual(len(seen), 300)
        self.assertEqual(set(seen.values()), {"123"})

    def test_bad_options(self):
        for words, code in ((["--middleware", "/nonexistent/program"], CONFIGURATION), (["--middleware", "a 'b"], USAGE),
                            (["--middleware-fail", "closed"], USAGE), (["--middleware", "cat", "--middleware-fail", "x"], USAGE)):
            recording = recordings.write(self.path("one.jsonl"), [recordings.exchange(1, 0, "GET", "/")])
            ended = recordings.replay("run", recording, "--to", self.shadow.url, *words)
            self.assertEqual(ended.returncode, code, (words, ended.stderr))
            self.assertIn("--middleware", ended.stderr)


if __name__ == "__main__":
    case.main()
