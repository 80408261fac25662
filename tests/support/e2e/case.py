"""Base of the end-to-end tests: a directory, three hosts, and everything ended in reverse order."""
import os
import shutil
import sys
import tempfile
import unittest

from . import agent, network, processes, servers, tools

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
CORPUS = os.path.join(ROOT, "..", "shared", "corpus")
# Sanitizers multiply memory and time; what a test asserts about either holds only without them.
SANITIZED = os.environ.get("UNDERSTUDY_SANITIZED", "") == "1"
SKIPPED = 77


def scaled(count):
    """Fewer requests where a sanitizer slows the agent down."""
    return count // 10 if SANITIZED else count


class Case(unittest.TestCase):
    """A test with a directory of its own. `self.start` takes anything that has stop() or close()."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="understudy-e2e-")
        os.chmod(self.directory, 0o777)  # the agent may have given up its privileges when it writes
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def start(self, thing):
        self.addCleanup(thing.stop if hasattr(thing, "stop") and not isinstance(thing, agent.Agent) else
                        thing.process.stop if isinstance(thing, agent.Agent) else thing.close)
        return thing

    def path(self, name):
        return os.path.join(self.directory, name)

    def run_agent(self, *words, **options):
        """The agent to its end, outside of namespaces: a finished process."""
        return tools.run([tools.tool("understudy-agent"), *words], **options)


class NetworkCase(Case):
    """client, production (nginx on port 8080) and shadow, each in a network namespace of its own."""

    def setUp(self):
        super().setUp()
        self.network = network.Network()
        self.addCleanup(self.network.close)
        self.production = self.start(
            servers.start_production(self.network.production, self.directory, "0.0.0.0"))

    def start_shadow(self, port=8081, **options):
        return self.start(tools.Shadow(self.network.shadow, self.directory, network.Network.SHADOW, port,
                                       name=f"shadow{port}", **options))

    def start_agent(self, *options, **keywords):
        return self.start(agent.Agent(self.network.production, self.directory, *options, **keywords))

    def load(self, **options):
        """The load to its end, from the client to production: all answered, or the test fails."""
        options.setdefault("deadline", 120)
        result = tools.run_load(self.network.client, self.directory, network.Network.PRODUCTION, **options)
        self.assertEqual(result["answered"], result["count"], result)
        return result

    def start_load(self, **options):
        process = tools.start_load(self.network.client, self.directory, network.Network.PRODUCTION, **options)
        self.addCleanup(process.stop)
        return process

    def finish(self, running, seen=None, code=0):
        """Ends the agent in good order and returns its final ledger, checked."""
        if seen is not None:
            running.wait_settled(seen)
        ended, ledger = running.stop()
        self.assertEqual(ended, code, running.log[-3000:])
        agent.assert_adds_up(ledger)
        if seen is not None:
            self.assertEqual(ledger["capture"]["seen"], seen, ledger)
        return ledger


def main(needs_network=True):
    """Runs the tests of the calling file; exits with 77 when this machine cannot run them, and says why."""
    reason = network.may_make_namespaces() if needs_network else None
    if reason:
        print("skipped: " + reason)
        sys.exit(SKIPPED)
    unittest.main(module="__main__", verbosity=2)


__all__ = ["Case", "NetworkCase", "CORPUS", "ROOT", "SANITIZED", "SKIPPED", "agent", "main", "network", "processes", "scaled",
           "servers", "tools"]
