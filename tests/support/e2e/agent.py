"""understudy-agent as the tests start, ask and end it, and the arithmetic of its loss ledger."""
import json
import os
import signal

from . import processes, tools

STATUS_ADDRESS = "127.0.0.1"
STATUS_PORT = 9600


class Agent:
    """`understudy-agent run` on a host. Ready when its status server answers 200."""

    def __init__(self, namespace, directory, *options, port=8080, name="agent", environment=None, wait=True):
        self.namespace = namespace
        self.summary_path = os.path.join(directory, name + ".summary.json")
        command = [tools.tool("understudy-agent"), "run", "--port", port, "--summary", self.summary_path, *options]
        self.process = processes.Process(command, directory, name, namespace.name, environment=environment)
        self._memory_kib = 0
        if wait:
            try:
                processes.wait_until(lambda: self._answers() or not self.process.running, 15, "the agent's /health answers")
            except BaseException:
                self.process.stop()
                raise
            if not self.process.running:
                raise AssertionError(f"the agent ended at start with {self.process.wait(1)}: {self.process.stderr}")

    def _answers(self):
        try:
            return self.get("/health")[0] in (200, 503)
        except (OSError, ValueError):
            return False

    def get(self, target):
        return tools.get_json(self.namespace, STATUS_ADDRESS, STATUS_PORT, target)

    def ledger(self):
        """The ledger as /status tells it now."""
        return ledger_of(self.get("/status")[1])

    def wait_for(self, condition, seconds, what):
        """Polls the ledger until condition(ledger) holds, and returns it; the last ledger is in the failure's text."""
        last = {}

        def check():
            last.update(self.ledger())
            return condition(last)

        try:
            processes.wait_until(check, seconds, what)
        except AssertionError as failure:
            raise AssertionError(f"{failure}; ledger: {json.dumps(last)}; log: {self.log[-3000:]}") from None
        return last

    def wait_settled(self, seen, seconds=20):
        """Until `seen` requests were seen and none is under way."""
        return self.wait_for(lambda ledger: ledger["capture"]["seen"] >= seen and settled(ledger), seconds,
                             f"{seen} requests seen and settled")

    def memory_kib(self, field="VmHWM"):
        return processes.memory_kib(self.process.pid, field)

    def cpu_seconds(self):
        return processes.cpu_seconds(self.process.pid)

    def reload(self):
        self.process.signal(signal.SIGHUP)

    @property
    def log(self):
        return self.process.stderr

    def stop(self, seconds=20):
        """SIGTERM and wait: (exit code, ledger of the summary file)."""
        self.process.signal(signal.SIGTERM)
        code = self.process.wait(seconds)
        if code is None:
            self.process.stop()
            raise AssertionError(f"the agent did not end within {seconds} s of SIGTERM: {self.log[-3000:]}")
        return code, self.summary()

    def summary(self):
        with open(self.summary_path, encoding="utf-8") as file:
            return ledger_of(json.load(file))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()


def ledger_of(document):
    """The ledger of /status or of a summary: {"capture": side, "outputs": [side]}, with `filtered` and `lost` by reason."""
    ledger = document.get("ledger", document)
    capture = _side(ledger["capture"])
    outputs = [_side(output) for output in ledger["outputs"]]
    return {**ledger, "capture": capture, "outputs": outputs}


def _side(side):
    for kind in ("filtered", "lost"):
        assert side[kind] == total(side[kind + "_by"]), ("the reasons do not add up to the total", side)
    return {**side, "filtered": side["filtered_by"], "lost": side["lost_by"]}


def total(reasons):
    return sum(reasons.values())


def under_way(side, whole, done):
    return side[whole] - side[done] - total(side["filtered"]) - total(side["lost"])


def settled(ledger):
    return under_way(ledger["capture"], "seen", "published") == 0 and all(
        under_way(output, "offered", "delivered") == 0 for output in ledger["outputs"])


def lost(ledger, output=0):
    """Losses of the capture side and of one output, by reason, without the zeros."""
    reasons = dict(ledger["capture"]["lost"])
    if ledger["outputs"]:
        for reason, count in ledger["outputs"][output]["lost"].items():
            reasons[reason] = reasons.get(reason, 0) + count
    return {reason: count for reason, count in reasons.items() if count}


def assert_adds_up(ledger):
    """seen = delivered + filtered + lost for each output, both sides' reasons added up."""
    capture = ledger["capture"]
    assert under_way(capture, "seen", "published") == 0, ("capture side does not add up", ledger)
    for output in ledger["outputs"]:
        assert output["offered"] == capture["published"], ("offered is not what was published", ledger)
        assert under_way(output, "offered", "delivered") == 0, ("output does not add up", ledger)
        accounted = (output["delivered"] + total(output["filtered"]) + total(output["lost"]) +
                     total(capture["filtered"]) + total(capture["lost"]))
        assert capture["seen"] == accounted, ("seen is not delivered + filtered + lost", ledger)
