"""A Firefox without a window, driven by WebDriver BiDi, which Playwright does not.

Only what the tests need: go somewhere, evaluate, click, choose a file, hear of each
request. https://w3c.github.io/webdriver-bidi/ has the commands.
"""

import json
import shutil
import subprocess
import time

from websocket import create_connection

COMMAND = shutil.which("firefox-esr") or shutil.which("firefox")
# Nothing that the browser itself would ask of others.
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "",
    "toolkit.telemetry.enabled": False,
}
READY = "WebDriver BiDi listening on "


class Firefox:
    """One tab of a fresh Firefox.

    Parameters
    ----------
    folder : Path
        An empty folder for its profile and its downloads.
    patience : float
        Seconds until what is waited for counts as missing.
    """

    def __init__(self, folder, patience=100):
        self.patience, self.requests, self.last = patience, [], 0
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});"
            for name, value in {
                **PREFERENCES,
                "browser.download.folderList": 2,
                "browser.download.dir": str(folder / "downloads"),
            }.items()
        ]
        (folder / "user.js").write_text("\n".join(lines))
        self.downloads = folder / "downloads"
        options = ["--headless", "--no-remote", "--remote-debugging-port", "0"]
        self.process = subprocess.Popen(
            [COMMAND, *options, "--profile", folder, "about:blank"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        said = (line for line in self.process.stderr if READY in line)
        address = next(said).partition(READY)[2].strip()
        self.socket = create_connection(f"{address}/session", suppress_origin=True)
        self.socket.settimeout(patience)
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["network.beforeRequestSent"])
        (first,) = self.send("browsingContext.getTree")["contexts"]
        self.tab = first["context"]

    def send(self, method, **parameters):
        """Send a command and return its result; requests heard meanwhile are kept."""
        self.last += 1
        told = {"id": self.last, "method": method, "params": parameters}
        self.socket.send(json.dumps(told))
        while True:
            heard = json.loads(self.socket.recv())
            if heard.get("method") == "network.beforeRequestSent":
                self.requests.append(heard["params"]["request"]["url"])
            elif heard.get("id") == self.last:
                assert heard["type"] == "success", heard
                return heard["result"]

    def go(self, address):
        self.send("browsingContext.navigate", context=self.tab, url=address,
                  wait="complete")  # fmt: skip

    def _run(self, code):
        done = self.send("script.evaluate", expression=code, awaitPromise=True,
                         target={"context": self.tab})  # fmt: skip
        assert done["type"] == "success", done["exceptionDetails"]["text"]
        return done["result"]

    def evaluate(self, code):
        """Return the value of an expression, which JSON can carry."""
        return json.loads(self._run(f"JSON.stringify(({code}) ?? null)")["value"])

    def wait(self, code):
        """Wait until an expression is true."""
        end = time.monotonic() + self.patience
        while not self.evaluate(f"!!({code})"):
            assert time.monotonic() < end, code
            time.sleep(0.1)

    def click(self, selector):
        """Click what a selector finds. (Keys go nowhere in a window without focus.)"""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def choose(self, selector, file):
        """Choose a file in the input that a selector finds."""
        found = self._run(f"document.querySelector({json.dumps(selector)})")
        self.send("input.setFiles", context=self.tab, files=[str(file)],
                  element={"sharedId": found["sharedId"]})  # fmt: skip

    def downloaded(self, name):
        """Wait until a file is saved, and return its bytes."""
        path = self.downloads / name
        end = time.monotonic() + self.patience
        while not path.exists() or not path.stat().st_size:
            assert time.monotonic() < end, name
            time.sleep(0.1)
        return path.read_bytes()

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
