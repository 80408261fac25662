#!/usr/bin/env python3
"""Requests arrive at the shadow exactly once and unchanged, whatever their kind, and production does not notice."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, case, network, servers, tools  # noqa: E402

MIX = ("get=52,get+close=5,head=5,post/4096=18,post/4096+close=2,post/65536=5,chunked/300=4,chunked/9000=5,"
       "chunked/70000=1,post/4096+continue=3")


class Mirror(case.NetworkCase):
    def assert_exactly_once(self, shadow, count, first=0):
        arrivals = shadow.arrivals(count, first)
        self.assertEqual({key: arrivals[key] for key in ("missing", "duplicates", "corrupt", "malformed")},
                         {"missing": 0, "duplicates": 0, "corrupt": 0, "malformed": 0}, arrivals)
        self.assertEqual(arrivals["unique"], count, arrivals)

    def mirror(self, count, *options, **load):
        """`count` requests through production, each once at the shadow, and a ledger that says so."""
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, *options)
        result = self.load(count=count, **load)
        running.wait_settled(count)
        memory = running.memory_kib()
        ledger = self.finish(running, seen=count)
        self.assert_exactly_once(shadow, count)
        self.assertEqual(ledger["outputs"][0]["delivered"], count, ledger)
        self.assertEqual(agent.lost(ledger), {})
        print(f"\n  production's p99 {result['latency_us']['p99']} us at {result['rate']:.0f}/s; "
              f"agent's peak {memory / 1024:.1f} MiB", file=sys.stderr)
        return memory

    def test_100000_mixed_requests_arrive_exactly_once(self):
        memory = self.mirror(case.scaled(100_000), rate=5000 if not case.SANITIZED else 1000, mix=MIX, deadline=150)
        if not case.SANITIZED:
            self.assertLess(memory, 128 * 1024)

    def test_wire_sized_segments(self):
        self.network.wire_sized_segments()
        self.mirror(case.scaled(10_000), rate=2000, mix=MIX)

    def test_two_workers(self):
        self.mirror(case.scaled(10_000), "--workers", "2", rate=2000, mix=MIX)

    def test_pipelined_requests(self):
        self.mirror(case.scaled(20_000), rate=5000, mix="get=90,post/2000=10", pipeline=16, connections=8)

    def test_several_shadows_each_get_everything(self):
        first, second = self.start_shadow(8081), self.start_shadow(8082)
        running = self.start_agent("--to", first.url, "--to", second.url + "/base")
        self.load(count=2000, rate=1000, mix=MIX)
        ledger = self.finish(running, seen=2000)
        self.assertEqual([output["delivered"] for output in ledger["outputs"]], [2000, 2000], ledger)
        self.assert_exactly_once(first, 2000)
        self.assert_exactly_once(second, 2000)
        self.assertTrue(all(head.split()[1].startswith("/base/items?") for head in second.heads()))

    def test_session_affinity_keeps_the_order_of_a_connection(self):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, "--session-affinity")
        self.load(count=2000, rate=1000, mix="get=80,post/4096=20", connections=1)
        self.finish(running, seen=2000)
        self.assert_exactly_once(shadow, 2000)
        times = list(shadow.times(self.path("times")))
        self.assertEqual(times, sorted(times))

    def test_loopback_is_not_counted_twice(self):
        shadow = self.start_shadow()
        for interface in ([], ["--interface", "lo"]):
            shadow.clear()
            running = self.start_agent("--to", shadow.url, *interface, name=f"agent{len(interface)}")
            for address in ("127.0.0.1", network.Network.PRODUCTION):
                result = tools.run_load(self.network.production, self.directory, address, count=500, rate=1000,
                                        first_id=500 if address == "127.0.0.1" else 0, mix="get=80,post/4096=20")
                self.assertEqual(result["answered"], 500, result)
            self.finish(running, seen=1000)
            self.assert_exactly_once(shadow, 1000)

    def test_two_interfaces(self):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, "--interface", "client,lo")
        self.load(count=500, rate=1000)
        result = tools.run_load(self.network.production, self.directory, "127.0.0.1", count=500, rate=1000, first_id=500)
        self.assertEqual(result["answered"], 500, result)
        self.finish(running, seen=1000)
        self.assert_exactly_once(shadow, 1000)

    def test_no_output_counts_only(self):
        running = self.start_agent()
        self.load(count=2000, rate=2000, mix=MIX)
        ledger = self.finish(running, seen=2000)
        self.assertEqual(ledger["capture"]["published"], 2000, ledger)

    def test_joining_connections_that_are_already_open(self):
        shadow = self.start_shadow()
        load = self.start_load(count=8000, rate=1000, mix="get=70,post/65536=10,chunked/9000=20", connections=16)
        case.processes.wait_until(lambda: self.connections_open() >= 16, 10, "the load has its connections")
        running = self.start_agent("--to", shadow.url)
        result = tools.finish_load(load)
        self.assertEqual(result["answered"], 8000, result)
        running.wait_for(agent.settled, 20, "settled")
        ledger = self.finish(running)
        arrivals = shadow.arrivals(8000)
        self.assertEqual((arrivals["duplicates"], arrivals["corrupt"], arrivals["malformed"]), (0, 0, 0), arrivals)
        self.assertEqual(arrivals["unique"], ledger["outputs"][0]["delivered"])
        # What came after the agent was ready is there, up to one request a connection at the seam.
        self.assertGreater(arrivals["unique"], 4000, (arrivals, ledger))
        last = shadow.arrivals(4000, first=4000)
        self.assertEqual(last["missing"], 0, last)

    def connections_open(self):
        listing = self.network.production.run("ss", "-Htn", "state", "established", "sport", "=", ":8080").stdout
        return len(listing.splitlines())


class Heads(case.NetworkCase):
    """What the shadow is told: Host, the marker, the client's address, the target's prefix."""

    def head_at_shadow(self, *options, url="http://10.77.1.1:8080/a/b?id=1", curl=()):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url + "/base/", *options)
        answer = tools.curl(self.network.client, *curl, url)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.finish(running, seen=1)
        return shadow.heads()[-1].split("\r\n")

    def test_host_is_the_targets_and_the_path_gets_its_prefix(self):
        head = self.head_at_shadow(curl=["-H", "X-Case: Kept As It Is", "-H", "accept:  two  spaces"])
        self.assertEqual(head[0], "GET /base/a/b?id=1 HTTP/1.1")
        self.assertIn("Host: 10.77.2.2:8081", head)
        self.assertIn("X-Case: Kept As It Is", head)
        self.assertIn("accept:  two  spaces", head)
        self.assertTrue(any(field.startswith("Understudy-Mirrored: ") for field in head), head)
        self.assertFalse(any(field.lower().startswith("x-forwarded-for") for field in head), head)

    def test_original_host_and_client_address(self):
        head = self.head_at_shadow("--original-host", "--forwarded-for")
        self.assertIn("Host: 10.77.1.1:8080", head)
        self.assertIn("X-Forwarded-For: 10.77.1.2", head)

    def test_rules_change_what_is_sent(self):
        head = self.head_at_shadow("--rewrite-url", "^/a/(.*) => /v2/\\1", "--set-header", "X-Stage: rehearsal",
                                   "--remove-header", "Cookie", "--set-param", "dry=1", curl=["-H", "Cookie: session=1"])
        self.assertEqual(head[0], "GET /base/v2/b?id=1&dry=1 HTTP/1.1")
        self.assertIn("X-Stage: rehearsal", head)
        self.assertFalse(any(field.startswith("Cookie") for field in head), head)


class Http2(case.NetworkCase):
    def test_prior_knowledge_is_counted_and_not_mirrored(self):
        self.start(servers.start_http2_production(self.network.production, self.directory, "0.0.0.0", 8090))
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, port="8080,8090")
        answer = tools.curl(self.network.client, "--http2-prior-knowledge", "http://10.77.1.1:8090/a?id=7")
        self.assertEqual(answer.stdout, "two\n", answer.stderr)
        self.load(count=100, rate=1000)
        running.wait_settled(100)
        document = running.get("/status")[1]
        self.assertEqual(document["engine_choice"], {"asked": "auto", "chosen": "pcap", "caveat": "", "refused": []})
        self.assertTrue(document["capture_engine"]["counts_drops"])
        connections = document["connections"]
        self.assertEqual(sum(count for name, count in connections.items() if "http2" in name), 1, connections)
        ledger = self.finish(running, seen=100)
        self.assertEqual(agent.lost(ledger), {})
        self.assertEqual(shadow.arrivals(100)["requests"], 100)


if __name__ == "__main__":
    case.main()
