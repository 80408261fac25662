"""Headless Chromium (Debian's), driven over its own pipe by the DevTools protocol. Standard library only.

    with browser.Browser(directory) as chromium:
        page = chromium.open(path, width=375, dark=True)
        page.evaluate("document.title")
"""
import base64
import itertools
import json
import os
import select
import subprocess
import time

PROGRAM = "chromium-headless-shell"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-default-apps", "--disable-dev-shm-usage", "--disable-sync",
          "--disable-breakpad", "--hide-scrollbars", "--mute-audio", "--remote-debugging-pipe"]
_CALL_SECONDS = 30


class Browser:
    """One browser; ends with the context. Each page is a tab of its own."""

    def __init__(self, directory):
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        home = os.path.join(directory, "browser")
        os.makedirs(home, exist_ok=True)

        def place_pipes():  # the protocol wants them as descriptors 3 and 4
            reading, writing = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        with open(os.path.join(directory, "browser.stderr"), "ab") as errors:
            self.popen = subprocess.Popen([PROGRAM, *_FLAGS, f"--user-data-dir={home}", "about:blank"], stdin=subprocess.DEVNULL,
                                          stdout=errors, stderr=errors, preexec_fn=place_pipes, close_fds=False,
                                          env={**os.environ, "HOME": home})
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._numbers = itertools.count(1)
        self._listeners = {}

    def _read(self, deadline):
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._in, 1 << 20) if ready else b""
            if not data:
                raise AssertionError("the browser did not answer in time" if not ready else "the browser ended")
            self._buffer += data
        text, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(text)

    def _dispatch(self, message):
        for listener in self._listeners.get(message.get("sessionId"), []):
            listener(message)

    def call(self, method, session=None, **parameters):
        """One command to its answer; events that come meanwhile go to who listens."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + _CALL_SECONDS
        while True:
            answer = self._read(deadline)
            if answer.get("id") == number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]
            self._dispatch(answer)

    def wait_for(self, condition, what):
        deadline = time.monotonic() + _CALL_SECONDS
        while not condition():
            assert time.monotonic() < deadline, what
            self._dispatch(self._read(deadline))

    def listen(self, session, listener):
        self._listeners.setdefault(session, []).append(listener)

    def open(self, path, **options):
        return Page(self, path, **options)

    def stop(self):
        for descriptor in (self._out, self._in):
            os.close(descriptor)
        try:
            self.popen.wait(5)
        except subprocess.TimeoutExpired:
            self.popen.terminate()
            self.popen.wait(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Page:
    """A file of this machine in a tab. `problems` are console errors, exceptions and refused content; `requests` all URLs."""

    def __init__(self, browser, path, width=1280, height=900, dark=False):
        self._browser = browser
        self.problems, self.requests, self._loaded = [], [], False
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.listen(self._session, self._event)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        self.set_dark(dark)
        self.call("Page.navigate", url="file://" + path)
        browser.wait_for(lambda: self._loaded, f"{path} did not load")

    def _event(self, message):
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.problems.append(parameters["exceptionDetails"].get("exception", parameters["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.problems.append(parameters["args"])
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.problems.append(parameters["entry"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded = True

    def call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def evaluate(self, expression):
        """The value of a script's expression; promises are waited for."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def settle(self):
        """Until what a change of size or colours caused has been painted."""
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))))")

    def resize(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def set_dark(self, dark):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def set_media(self, name):
        self.call("Emulation.setEmulatedMedia", media=name)

    def press(self, key, code=None):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code or key,
                      windowsVirtualKeyCode={"Tab": 9, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39, "Enter": 13}[key])

    def accessibility(self):
        """The accessibility tree, flat: what a screen reader is told."""
        return self.call("Accessibility.getFullAXTree")["nodes"]

    def screenshot(self, path, whole=True):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])
