"""The agent as a Windows service under Wine, beside a real nginx, with a shadow."""
import json
import os
import subprocess

from . import case, processes, tools, wine

SERVICE_MISSING, SERVICE_FAILED, SERVICE_UNSUPPORTED, SELF_TEST_FAILED, SERVICE_STOPPED = 26, 27, 28, 29, 30
TARGET_INVALID = 9


class ServiceCase(case.NetworkCase):
    """Wine lives in the production namespace, where nginx answers on port 8080."""

    def setUp(self):
        super().setUp()
        self.shadow = self.start_shadow()
        self.wine = self.start(wine.Wine(namespace=self.network.production.name))
        self.data = os.path.join(self.wine.drive_c, "ProgramData", "Understudy")
        self.installed = os.path.join(self.wine.drive_c, "Program Files", "Understudy", "understudy-agent.exe")

    def service(self, *words, code=0, path=None, **options):
        """`understudy-agent service ... --json`: its report, after a check of its exit code."""
        done = self.wine.run(path or wine.program("understudy-agent.exe"), "service", *words, "--json", seconds=120, **options)
        self.assertEqual(done.returncode, code, (words, done.stdout, done.stderr, self.log()))
        report = json.loads(done.stdout)
        self.assertEqual(report["code"], code)
        return report

    def install(self, *words, **options):
        return self.service("install", "--port", "8080", "--to", self.shadow.url, *words, **options)

    def log(self):
        texts = []
        for name in ("agent.log", "console.log", "failure.txt"):
            path = os.path.join(self.data, "logs", name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    texts.append(file.read()[-3000:])
        return "\n".join(texts)

    def healthy(self):
        try:
            return tools.get_json(self.network.production, "127.0.0.1", 9600, "/health")[0] == 200
        except (OSError, ValueError):
            return False

    def wait_healthy(self):
        processes.wait_until(self.healthy, 40, "the service's /health is 200; its log: " + self.log())

    def assert_mirrors(self, path):
        """A request to production arrives at the shadow."""
        done = tools.curl(self.network.client, "-fsS", "-o", os.devnull, f"http://10.77.1.1:8080{path}")
        self.assertEqual(done.returncode, 0, done.stderr)
        processes.wait_until(lambda: any(f" {path} " in head for head in self.shadow.heads()), 20,
                             f"{path} arrives at the shadow; the service's log: {self.log()}")

    def restart_windows(self):
        """Ends every program of the prefix, and starts it again, as a restart of the machine does."""
        for words in (["-k"], ["-w"], ["-p"]):
            subprocess.run(self.wine._inside(["timeout", "30", wine.SERVER, *words]), env=self.wine.environment, check=False,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wine.run("wineboot", seconds=120)
