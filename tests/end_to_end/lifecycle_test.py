#!/usr/bin/env python3
"""Start, reload and end in good order; no loop with itself; and what the status server tells meanwhile."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, case, network, tools  # noqa: E402

MIX = "get=70,post/4096=20,chunked/9000=10"


class Ending(case.NetworkCase):
    def test_sigterm_delivers_what_is_queued(self):
        shadow = self.start_shadow(mode="slow", delay_ms=300)
        running = self.start_agent("--to", shadow.url, "--drain", "15s")
        self.load(count=1000, rate=5000, mix=MIX)
        before = running.wait_for(lambda ledger: ledger["capture"]["seen"] == 1000, 10, "all seen")
        self.assertLess(before["outputs"][0]["delivered"], 1000)  # 64 connections have not answered them all yet
        ledger = self.finish(running)
        self.assertEqual(ledger["outputs"][0]["delivered"], 1000, ledger)
        self.assertEqual(shadow.arrivals(1000)["missing"], 0)
        self.assertIn("ledger", running.log)

    def test_sigterm_ends_within_the_deadline_when_the_shadow_hangs(self):
        shadow = self.start_shadow(mode="hung")
        running = self.start_agent("--to", shadow.url, "--drain", "1s")
        self.load(count=1000, rate=5000, mix=MIX)
        running.wait_for(lambda ledger: ledger["capture"]["seen"] == 1000, 10, "all seen")
        _, ledger = running.stop(seconds=6)
        agent.assert_adds_up(ledger)
        self.assertGreater(agent.lost(ledger).get("shutdown", 0), 0, ledger)
        self.assertEqual(ledger["outputs"][0]["delivered"], 0)

    def test_sigterm_in_the_middle_of_traffic(self):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url)
        load = self.start_load(count=6000, rate=2000, mix=MIX)
        running.wait_for(lambda ledger: ledger["capture"]["seen"] > 2000, 20, "the load runs")
        ledger = self.finish(running)
        self.assertEqual(tools.finish_load(load)["answered"], 6000)
        arrivals = shadow.arrivals()
        self.assertEqual(arrivals["unique"], ledger["outputs"][0]["delivered"], (arrivals, ledger))
        self.assertEqual((arrivals["duplicates"], arrivals["corrupt"]), (0, 0))


class Reload(case.NetworkCase):
    def write(self, path, **keys):
        with open(path, "w", encoding="ascii") as file:
            for key, value in keys.items():
                file.write(f"{key.replace('_', '-')} = {json.dumps(value)}\n")

    def test_rules_change_without_losing_a_request(self):
        shadow = self.start_shadow()
        config = self.path("agent.toml")
        self.write(config, to=shadow.url)
        running = self.start_agent("--config", config)
        load = self.start_load(count=6000, rate=1500, mix=MIX)
        running.wait_for(lambda ledger: ledger["capture"]["seen"] > 1000, 20, "the load runs")
        self.write(config, to=shadow.url, deny=["method=POST"])
        running.reload()
        case.processes.wait_until(lambda: "was reloaded" in running.log, 10, "the reload is told")
        self.assertEqual(tools.finish_load(load)["answered"], 6000)
        running.wait_settled(6000)
        denied = agent.total(running.ledger()["capture"]["filtered"])
        self.load(count=200, rate=1000, mix="post/4096", first_id=6000)
        running.wait_settled(6200)
        ledger = self.finish(running, seen=6200)
        self.assertEqual(ledger["capture"]["filtered"]["denied"], denied + 200, ledger)
        self.assertGreater(denied, 0)
        self.assertEqual(agent.lost(ledger), {})
        self.assertEqual(ledger["outputs"][0]["delivered"], 6200 - denied - 200, ledger)
        self.assertEqual(shadow.arrivals(6000)["unique"], 6200 - denied - 200)

    def test_the_shadow_changes(self):
        first, second = self.start_shadow(8081), self.start_shadow(8082)
        config = self.path("agent.toml")
        self.write(config, to=first.url)
        running = self.start_agent("--config", config)
        load = self.start_load(count=4000, rate=1000, mix=MIX)
        running.wait_for(lambda ledger: ledger["capture"]["seen"] > 1000, 20, "the load runs")
        self.write(config, to=second.url)
        running.reload()
        case.processes.wait_until(lambda: second.arrivals()["requests"] > 0, 10, "the new shadow gets requests")
        self.assertEqual(tools.finish_load(load)["answered"], 4000)
        running.wait_settled(4000)
        running.stop()
        both = [shadow.arrivals(4000) for shadow in (first, second)]
        self.assertEqual(both[0]["unique"] + both[1]["unique"], 4000, both)
        self.assertEqual(both[0]["duplicates"] + both[1]["duplicates"], 0, both)

    def test_a_shadow_is_added_to_an_agent_that_only_watched(self):
        shadow = self.start_shadow()
        config = self.path("agent.toml")
        self.write(config)
        running = self.start_agent("--config", config)
        load = self.start_load(count=4000, rate=1000, mix="post/65536")
        running.wait_for(lambda ledger: ledger["capture"]["seen"] > 500, 20, "the load runs")
        self.write(config, to=shadow.url)
        running.reload()
        case.processes.wait_until(lambda: shadow.arrivals()["requests"] > 0, 10, "the new shadow gets requests")
        self.assertEqual(tools.finish_load(load)["answered"], 4000)
        running.wait_settled(4000)
        running.stop()
        arrivals = shadow.arrivals(4000)
        self.assertGreater(arrivals["unique"], 1000, arrivals)
        self.assertEqual((arrivals["duplicates"], arrivals["corrupt"]), (0, 0), arrivals)

    def test_a_broken_file_changes_nothing(self):
        shadow = self.start_shadow()
        config = self.path("agent.toml")
        self.write(config, to=shadow.url)
        running = self.start_agent("--config", config)
        self.write(config, to=shadow.url, no_such_key=1)
        running.reload()
        case.processes.wait_until(lambda: "not reloaded" in running.log, 10, "the error is told")
        self.assertIn("no-such-key", running.log)
        self.load(count=200, rate=1000)
        self.finish(running, seen=200)
        self.assertEqual(shadow.arrivals(200)["missing"], 0)


class Rules(case.NetworkCase):
    def test_sampling_and_limit_are_accounted(self):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, "--sample", "50%")
        self.load(count=4000, rate=4000)
        ledger = self.finish(running, seen=4000)
        sampled_out = ledger["capture"]["filtered"]["sampled_out"]
        self.assertGreater(sampled_out, 1700)
        self.assertLess(sampled_out, 2300)
        self.assertEqual(shadow.arrivals()["unique"], 4000 - sampled_out)

    def test_limit(self):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, "--limit", "200/s")
        self.load(count=3000, rate=1000)
        ledger = self.finish(running, seen=3000)
        limited = ledger["capture"]["filtered"]["rate_limited"]
        self.assertEqual(shadow.arrivals()["unique"], 3000 - limited)
        self.assertGreater(limited, 1500)  # 3 s at 200/s, and a burst

    def test_a_shadow_on_the_same_host_and_port_list_makes_no_loop(self):
        shadow = self.start(tools.Shadow(self.network.production, self.directory, "127.0.0.1", 8081, name="local"))
        running = self.start_agent("--to", "http://127.0.0.1:8081", port="8080,8081")
        self.load(count=500, rate=1000, mix=MIX)
        running.wait_settled(500)
        ledger = self.finish(running)
        arrivals = shadow.arrivals(500)
        self.assertEqual((arrivals["unique"], arrivals["duplicates"]), (500, 0), arrivals)
        self.assertEqual(ledger["outputs"][0]["delivered"], 500, ledger)
        self.assertEqual(ledger["capture"]["seen"] - ledger["capture"]["filtered"].get("self_traffic", 0), 500, ledger)

    def test_two_agents_that_mirror_to_each_others_host_make_no_loop(self):
        # Each host's agent would mirror the other's copies for ever, were copies not marked.
        far = self.start(tools.Shadow(self.network.shadow, self.directory, network.Network.SHADOW, 8080, name="far"))
        back = self.start(agent.Agent(self.network.shadow, self.directory, "--to", "http://10.77.2.1:8080", name="back"))
        running = self.start_agent("--to", far.url)
        self.load(count=300, rate=1000, mix=MIX)
        running.wait_for(lambda ledger: ledger["outputs"][0]["delivered"] >= 300, 20, "mirrored")
        back.wait_for(lambda ledger: ledger["capture"]["seen"] >= 300 and agent.settled(ledger), 20, "the copies are seen")
        running.stop()
        _, returned = back.stop()
        self.assertEqual(far.arrivals(300)["requests"], 300)
        self.assertEqual(returned["outputs"][0]["delivered"], 0, returned)


class Status(case.NetworkCase):
    def test_health_test_status_and_metrics(self):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, "--log-format", "json")
        self.load(count=500, rate=1000, mix=MIX)
        running.wait_settled(500)
        status, health = running.get("/health")
        self.assertEqual(status, 200)
        self.assertEqual(set(health) & {"BuildVersion", "BuildTimestamp", "DatabaseConnectivity", "MaintenanceMode"},
                         {"BuildVersion", "BuildTimestamp", "DatabaseConnectivity", "MaintenanceMode"})
        status, test = running.get("/test")
        self.assertEqual(status, 200)
        self.assertTrue(test["Tests"] and all(entry["Success"] for entry in test["Tests"]), test)
        metrics = tools.curl(self.network.production, "http://127.0.0.1:9600/metrics").stdout
        checked = tools.run(["promtool", "check", "metrics"], input=metrics)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""), metrics)
        self.finish(running, seen=500)
        for line in running.log.splitlines():
            if line.startswith("{"):
                self.assertIn("@timestamp", json.loads(line))
        self.assertTrue(any(line.startswith("{") for line in running.log.splitlines()), running.log)

    def test_privileges_are_given_up(self):
        running = self.start_agent()
        with open(f"/proc/{running.process.pid}/status", encoding="ascii") as file:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        self.assertNotIn("0", fields["Uid"].split(), fields["Uid"])
        self.assertEqual(int(fields["CapEff"], 16) & ~((1 << 12) | (1 << 13)), 0, fields["CapEff"])
        self.load(count=200, rate=1000)
        self.finish(running, seen=200)

    def test_the_cpu_limit_sheds_and_says_so(self):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, "--max-cpu", "1%")
        self.load(count=16000, rate=4000, connections=256)
        running.wait_settled(1)
        ledger = self.finish(running)
        self.assertGreater(agent.lost(ledger).get("cpu_shed", 0) + agent.total(ledger["capture"]["filtered"]), 0, ledger)
        self.assertIn("fewer sessions are mirrored", running.log)
        self.assertEqual(shadow.arrivals(16000)["unique"], ledger["outputs"][0]["delivered"])


if __name__ == "__main__":
    case.main()
