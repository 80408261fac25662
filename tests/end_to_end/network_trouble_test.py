#!/usr/bin/env python3
"""An interface that goes down and comes up again: the ledger adds up, and mirroring goes on by itself."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, case, tools  # noqa: E402

MIX = "get=70,post/4096=20,post/65536=5,chunked/9000=5"
DOWN_SECONDS = 1.5


class NetworkTrouble(case.NetworkCase):
    def interrupt(self, interface, *options):
        """Load while `interface` of production is down for a while; then a load that must arrive whole."""
        shadow = self.start_shadow()
        running = self.start_agent("--to", shadow.url, "--connect-timeout", "1s", "--response-timeout", "2s", *options)
        load = self.start_load(count=3000, rate=600, mix=MIX, deadline=60)
        running.wait_for(lambda ledger: ledger["capture"]["seen"] > 500, 20, "the load runs")
        self.network.production.ip("link", "set", interface, "down")
        time.sleep(DOWN_SECONDS)  # how long the outage lasts; nothing is asserted about it
        self.network.production.ip("link", "set", interface, "up")
        result = tools.finish_load(load, 90)
        self.assertGreater(result["answered"], 2500, result)

        next_id = 3000
        for _ in range(40):
            self.load(count=200, rate=400, mix=MIX, first_id=next_id)
            next_id += 200
            running.wait_for(agent.settled, 20, "settled")
            if shadow.arrivals(200, first=next_id - 200)["missing"] == 0:
                break
        else:
            self.fail("mirroring did not go on: " + running.log[-3000:])
        ledger = self.finish(running)
        arrivals = shadow.arrivals(next_id)
        self.assertEqual((arrivals["duplicates"], arrivals["corrupt"], arrivals["malformed"]), (0, 0, 0), arrivals)
        self.assertGreaterEqual(arrivals["unique"], ledger["outputs"][0]["delivered"], (arrivals, ledger))
        print(f"\n  {interface} down: seen {ledger['capture']['seen']} of {next_id}, lost {agent.lost(ledger)}",
              file=sys.stderr)
        return ledger, arrivals, next_id

    def test_the_captured_interface(self):
        ledger, arrivals, count = self.interrupt("client", "--interface", "client")
        # TCP sends again what the outage swallowed, so little may be missing.
        self.assertGreater(arrivals["unique"], count * 0.9, (arrivals, ledger))

    def test_one_of_any(self):
        ledger, arrivals, count = self.interrupt("client")
        self.assertGreater(arrivals["unique"], count * 0.9, (arrivals, ledger))

    def test_the_way_to_the_shadow(self):
        ledger, _, count = self.interrupt("shadow")
        # Capture never noticed.
        self.assertEqual(ledger["capture"]["seen"], count, ledger)
        self.assertFalse(ledger["capture"]["lost"], ledger)


if __name__ == "__main__":
    case.main()
