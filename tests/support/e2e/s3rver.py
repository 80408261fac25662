"""s3rver, a small S3 server in JavaScript, fetched by npm once into build/s3rver.

It is the odd one among stores: it does not check signatures of version 4, knows no checksums, and reads the name of a copy's
source in a way of its own. One server for each object of the class; it ends in __exit__.
"""
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request

from . import processes

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
VERSION = "3.7.1"
ACCESS_KEY = SECRET_KEY = "S3RVER"


class Unavailable(Exception):
    """It cannot be had here, and why."""


def program():
    """The path of its program."""
    folder = os.path.join(ROOT, "build", "s3rver", VERSION)
    path = os.path.join(folder, "node_modules", "s3rver", "bin", "s3rver.js")
    if os.path.exists(path):
        return path
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    fetching = tempfile.mkdtemp(prefix="fetching-", dir=os.path.dirname(folder))
    try:
        done = subprocess.run(["npm", "install", "--prefix", fetching, "--ignore-scripts", "--no-audit", "--no-fund",
                               "--no-save", f"s3rver@{VERSION}"], capture_output=True, text=True, check=False, timeout=180)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"npm cannot be used: {error}") from error
    if done.returncode != 0:
        raise Unavailable(f"npm could not fetch s3rver, is there a network? {done.stderr.strip()[-300:]}")
    try:
        os.rename(fetching, folder)
    except OSError:  # another test was first
        shutil.rmtree(fetching, ignore_errors=True)
    return path


class S3rver:
    def __init__(self, directory):
        self.folder = tempfile.mkdtemp(prefix="s3rver-", dir=directory)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._process = None

    def __enter__(self):
        # Its tokens of lists are enciphered by an algorithm that OpenSSL 3 keeps in its legacy provider.
        options = {**os.environ, "NODE_OPTIONS": "--openssl-legacy-provider"}
        self._process = processes.Process(["node", program(), "-d", self.folder, "-a", "127.0.0.1", "-p", self.port, "-s"],
                                          self.folder, "s3rver", environment=options)
        processes.wait_until(self._answers, 20, "s3rver answers")
        return self

    def __exit__(self, *_):
        if self._process is not None:
            self._process.stop(3)

    def _answers(self):
        try:
            urllib.request.urlopen(self.endpoint, timeout=2).close()
        except urllib.error.HTTPError:
            pass
        except OSError:
            return False
        return True

    def environment(self):
        rest = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**rest, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_REGION": "us-east-1",
                "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}
