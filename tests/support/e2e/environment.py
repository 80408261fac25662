"""`understudy-replay serve` as the tests start, ask and end it."""
import http.client
import json
import os
import re
import signal
import ssl

from . import processes, tools


class Environment:
    """The environment's server on a free port. `config` is the TOML file without address and state folder."""

    def __init__(self, directory, config, name="environment", token=None, certificate=None):
        self.directory, self.name, self.token, self.certificate = directory, name, token, certificate
        self.state = os.path.join(directory, name + ".state")
        self.config = os.path.join(directory, name + ".toml")
        self.process, self.port, self.starts = None, None, 0
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f'address = "127.0.0.1:0"\nstate-folder = "{self.state}"\n{config}')
        self.start()

    def start(self):
        # A file for each start: the line with the address is that of this one.
        self.starts += 1
        self.process = processes.Process([tools.tool("understudy-replay"), "serve", "--config", self.config], self.directory,
                                         f"{self.name}-{self.starts}")
        try:
            processes.wait_until(lambda: "serving" in self.process.stdout or not self.process.running, 30, "the environment serves")
            found = re.search(r"serving the environment on \w+://127\.0\.0\.1:(\d+)", self.process.stdout)
            if not found:
                raise AssertionError("the environment ended at start: " + self.process.stderr)
        except BaseException:
            self.process.stop()
            raise
        self.port = int(found.group(1))

    @property
    def url(self):
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    @property
    def log(self):
        return "".join(self._log(number) for number in range(1, self.starts + 1))

    def _log(self, number):
        with open(os.path.join(self.directory, f"{self.name}-{number}.stderr"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def ask(self, method, path, body=None, headers=None, timeout=70):
        """(status, fields, body); a body that is JSON is parsed. `body` is text, or what JSON can say."""
        if self.certificate:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout,
                                                     context=ssl.create_default_context(cafile=self.certificate))
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        fields = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            fields["Content-Type"] = "application/json"
            body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        try:
            connection.request(method, path, body, {**fields, **(headers or {})})
            response = connection.getresponse()
            text = response.read().decode("utf-8", errors="replace")
            is_json = "json" in response.headers.get("Content-Type", "")
            return response.status, response.headers, json.loads(text) if is_json and text else text
        finally:
            connection.close()

    def clone_state(self, clone_id, wait=0):
        status, _, state = self.ask("GET", f"/clone/{clone_id}?wait={wait}")
        assert status == 200, (status, state)
        return state

    def wait_for_clone(self, clone_id, statuses=("Succeeded", "Failed", "Cancelled"), seconds=60):
        """Polls until the clone has one of these, and returns its state."""
        last = {}

        def check():
            last.update(self.clone_state(clone_id, wait=1 if "Succeeded" in statuses else 0))
            return last["Status"] in statuses

        try:
            processes.wait_until(check, seconds, f"the clone {clone_id} is one of {statuses}")
        except AssertionError as failure:
            raise AssertionError(f"{failure}; state: {last}; log: {self.log[-3000:]}") from None
        return last

    def kill(self):
        """As a crash."""
        self.process.signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        return self.process.stop()
