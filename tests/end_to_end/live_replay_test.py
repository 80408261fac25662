#!/usr/bin/env python3
"""From the wire to a candidate: recorded by the agent and replayed, or live through a pipe."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, processes, tools  # noqa: E402

MIX = "get=60,head=5,post/4096=20,post/65536=5,chunked/9000=10"


class FromTheWire(case.NetworkCase):
    def assert_exactly_once(self, shadow, count):
        arrivals = shadow.arrivals(count)
        self.assertEqual({key: arrivals[key] for key in ("unique", "missing", "duplicates", "corrupt", "malformed")},
                         {"unique": count, "missing": 0, "duplicates": 0, "corrupt": 0, "malformed": 0}, arrivals)

    def replay(self, *words, **options):
        return tools.run(["ip", "netns", "exec", self.network.production.name, tools.tool("understudy-replay"), *words], **options)

    def test_what_was_recorded_is_played_whole_and_once(self):
        path = self.path("out.take")
        running = self.start_agent("--record", path)
        self.load(count=3000, rate=1500, mix=MIX)
        self.finish(running, seen=3000)
        inspected = self.replay("inspect", path, "--json")
        self.assertEqual(inspected.returncode, 0, inspected.stderr)
        self.assertEqual(json.loads(inspected.stdout)["completeness"], "complete", inspected.stdout)
        shadow = self.start_shadow()
        held = self.replay("run", path, "--to", shadow.url, "--speed", "2x", "--json", "--quiet")
        self.assertEqual(held.returncode, 0, held.stderr)
        self.assertGreater(json.loads(held.stdout)["held_back"]["writes"], 900)
        shadow.clear()
        played = self.replay("run", path, "--to", shadow.url, "--speed", "2x", "--allow-writes", "--quiet", "--fail-if",
                             "errors > 0%", "--require-complete")
        self.assertEqual(played.returncode, 0, played.stderr + played.stdout)
        self.assert_exactly_once(shadow, 3000)

    def test_live_through_a_pipe(self):
        shadow = self.start_shadow()
        enter = ["ip", "netns", "exec", self.network.production.name]
        with open(self.path("agent.stderr"), "wb") as errors:
            agent = subprocess.Popen([*enter, tools.tool("understudy-agent"), "run", "--port", "8080", "--stream", "-"],
                                     stdout=subprocess.PIPE, stderr=errors)
        self.addCleanup(lambda: agent.poll() is None and agent.kill())
        with open(self.path("replay.json"), "wb") as out, open(self.path("replay.stderr"), "wb") as errors:
            replay = subprocess.Popen([*enter, tools.tool("understudy-replay"), "run", "-", "--to", shadow.url, "--allow-writes",
                                       "--json", "--quiet"], stdin=agent.stdout, stdout=out, stderr=errors)
        self.addCleanup(lambda: replay.poll() is None and replay.kill())
        agent.stdout.close()
        processes.wait_until(lambda: tools.get_json(self.network.production, "127.0.0.1", 9600, "/health")[0] == 200
                             if self.answers() else False, 15, "the agent is ready")
        self.load(count=2000, rate=1000, mix=MIX)
        processes.wait_until(lambda: shadow.arrivals(2000)["unique"] == 2000, 30, "all arrive while the pipe is open")
        agent.terminate()
        self.assertEqual(agent.wait(20), 0)
        self.assertEqual(replay.wait(40), 0)
        self.assert_exactly_once(shadow, 2000)
        with open(self.path("replay.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["load"]["completed"], 2000)

    def answers(self):
        try:
            self.network.production.connect("127.0.0.1", 9600, 1).close()
            return True
        except OSError:
            return False


if __name__ == "__main__":
    case.main()
