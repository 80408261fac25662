"""Child processes that end with the test, and what /proc says about them."""
import os
import signal
import subprocess
import threading
import time

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    """A running child. `output` is where its standard output and error are kept (a file, so that no pipe fills)."""

    def __init__(self, command, directory, name, namespace=None, stdout=None, environment=None):
        self.name = name
        self.stderr_path = os.path.join(directory, name + ".stderr")
        self.stdout_path = stdout or os.path.join(directory, name + ".stdout")
        if namespace:
            command = ["ip", "netns", "exec", namespace, *command]
        self.command = [str(word) for word in command]
        with open(self.stdout_path, "ab") as out, open(self.stderr_path, "ab") as err:
            self.popen = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        self.usage = None
        self._reaper = threading.Thread(target=self._reap, daemon=True)
        self._reaper.start()

    def _reap(self):
        # wait4 instead of Popen.wait: the resource usage of just this child is wanted.
        _, status, self.usage = os.wait4(self.popen.pid, 0)
        self.popen.returncode = os.waitstatus_to_exitcode(status)

    @property
    def pid(self):
        return self.popen.pid

    @property
    def running(self):
        return self._reaper.is_alive()

    def signal(self, number):
        if self.running:
            os.kill(self.pid, number)

    def wait(self, seconds):
        """The exit code, or None when it still runs after that time."""
        self._reaper.join(seconds)
        return None if self.running else self.popen.returncode

    def stop(self, seconds=10):
        """SIGTERM, then SIGKILL when it does not end in time. Returns the exit code."""
        self.signal(signal.SIGTERM)
        code = self.wait(seconds)
        if code is None:
            self.signal(signal.SIGKILL)
            code = self.wait(10)
        return code

    @property
    def stderr(self):
        with open(self.stderr_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    @property
    def stdout(self):
        with open(self.stdout_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def cpu_seconds(pid):
    """User and system time of the process with all of its threads, from /proc/PID/stat; also of ended threads."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS


def precise_cpu_seconds(pid):
    """The same to the nanosecond, from the scheduler; only of threads that live."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except OSError:
            pass
    return total / 1e9


def memory_kib(pid, field="VmHWM"):
    """Peak (VmHWM) or present (VmRSS) resident memory."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0


def wait_until(condition, seconds, what):
    """Polls until `condition()` is true and returns its value; AssertionError that names `what` otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)
