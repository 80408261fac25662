#!/usr/bin/env python3
"""A shadow in bad health costs production nothing, costs the agent bounded memory, and is mirrored to again afterwards."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, case, tools  # noqa: E402

MEMORY_MIB = 64
MIX = "get=70,post/4096=20,post/65536=10"
TROUBLE_SECONDS = 4
UNDELIVERED = 15
# The breaker's pause doubles; after the short trouble of a test the shadow is tried again well within this.
RECOVERY_SECONDS = 30


class ShadowTrouble(case.NetworkCase):
    def ride_out(self, mode, reasons, rate=1000, **how):
        """Good times, trouble under load, good times again. At least one of `reasons` appears, and nothing else is lost."""
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, "--max-memory", f"{MEMORY_MIB}MiB", "--response-timeout", "1500ms",
                                   "--connect-timeout", "1s")
        self.load(count=500, rate=1000, mix=MIX)
        running.wait_settled(500)
        self.assertEqual(shadow.arrivals(500)["unique"], 500)

        shadow.set_mode(mode, **how)
        count = rate * TROUBLE_SECONDS
        troubled = self.load(count=count, rate=rate, mix=MIX, first_id=500)
        self.assertEqual(running.get("/status")[0], 200)
        shadow.set_mode("normal")

        next_id = self.until_mirrored_again(running, shadow, 500 + count)
        self.assertIn("/health", self.endpoints(running))
        memory = running.memory_kib() / 1024
        ledger = self.finish(running, seen=next_id)
        arrivals = shadow.arrivals(next_id)
        self.assertEqual((arrivals["duplicates"], arrivals["corrupt"], arrivals["malformed"]), (0, 0, 0), arrivals)
        self.assertGreaterEqual(arrivals["unique"], ledger["outputs"][0]["delivered"])
        lost = agent.lost(ledger)
        self.assertTrue(set(lost) & set(reasons), (lost, reasons))
        self.assertFalse(set(lost) - set(reasons), (lost, reasons))
        if not case.SANITIZED:
            self.assertLess(memory, MEMORY_MIB)
        print(f"\n  {mode}: lost {lost}; agent's peak {memory:.1f} MiB; production's p99 {troubled['latency_us']['p99']} us",
              file=sys.stderr)
        return running

    def until_mirrored_again(self, running, shadow, next_id):
        """Small loads until one of them arrives whole; returns the number of requests so far."""
        batches = RECOVERY_SECONDS * 2
        for _ in range(batches):
            self.load(count=100, rate=200, mix=MIX, first_id=next_id)
            next_id += 100
            running.wait_settled(next_id)
            if shadow.arrivals(100, first=next_id - 100)["missing"] == 0:
                return next_id
        self.fail(f"not mirrored again {RECOVERY_SECONDS} s after the shadow was well: {running.log[-3000:]}")

    @staticmethod
    def endpoints(running):
        return [path for path in ("/health", "/status", "/metrics") if tools.curl(
            running.namespace, "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:9600{path}").stdout == "200"]

    def test_dead(self):
        running = self.ride_out("refused", {"connect_failed", "breaker_open", "connection_lost"})
        self.assertRegex(running.log, r"(?i)refused")

    def test_hung(self):
        self.ride_out("hung", {"timed_out", "breaker_open", "queue_full", "memory"})

    def test_stalled_without_reading(self):
        self.ride_out("stalled", {"timed_out", "breaker_open", "queue_full", "memory", "connect_failed"})

    def test_slow_by_one_second(self):
        # 64 connections answer 64 requests a second: the rest waits, up to the queue's limits.
        self.ride_out("slow", {"queue_full", "memory"}, rate=1500, delay_ms=1000)

    def test_resetting(self):
        self.ride_out("reset", {"connection_lost", "breaker_open"})

    def test_no_http(self):
        self.ride_out("garbage", {"bad_response", "breaker_open", "connection_lost"})

    def test_a_shadow_that_answers_503_is_alive(self):
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url)
        shadow.set_mode("normal", status=503)
        self.load(count=1000, rate=1000, mix=MIX)
        ledger = self.finish(running, seen=1000)
        self.assertEqual(ledger["outputs"][0]["delivered"], 1000, ledger)

    def test_a_hung_shadow_does_not_stall_its_sibling(self):
        healthy, hung = self.start_shadow(8081), self.start_shadow(8082, mode="hung")
        record = self.path("record.jsonl")
        running = self.start_agent("--to", hung.url, "--to", healthy.url, "--record", record, "--response-timeout", "1500ms")
        self.load(count=3000, rate=1000, mix=MIX)
        ledger = self.finish(running, seen=3000, code=UNDELIVERED)  # for the hung one got nothing
        delivered = sorted(output["delivered"] for output in ledger["outputs"])
        self.assertEqual(delivered, [0, 3000, 3000], ledger)
        self.assertEqual(healthy.arrivals(3000)["missing"], 0)
        with open(record, encoding="utf-8") as file:
            self.assertEqual(sum(1 for _ in file), 3000)

    def test_dead_from_the_start(self):
        running = self.start_agent("--to", "http://10.77.2.2:8099")
        self.load(count=500, rate=1000, mix=MIX)
        running.wait_settled(500)
        code, ledger = running.stop()
        agent.assert_adds_up(ledger)
        self.assertEqual(ledger["capture"]["seen"], 500)
        self.assertEqual(ledger["outputs"][0]["delivered"], 0)
        self.assertFalse(set(agent.lost(ledger)) - {"connect_failed", "breaker_open"}, ledger)
        self.assertEqual(code, UNDELIVERED)
        self.assertIn("10.77.2.2:8099", running.log)


if __name__ == "__main__":
    case.main()
