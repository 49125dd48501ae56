"""A headless Firefox, driven through WebDriver BiDi: open a page from disk and ask it."""

import json
import subprocess
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.browser.waiting import wait

LISTENING = "WebDriver BiDi listening on "


class Firefox:
    """One browser for many pages, one after the other."""

    def __init__(self, program: str, profile: Path) -> None:
        self.process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        address = ""
        for line in self.process.stderr or ():
            if LISTENING in line:
                address = line.split(LISTENING)[1].strip()
                break
        if not address:
            raise RuntimeError("the browser did not say where it listens")
        self.socket = connect(f"{address}/session", max_size=None, open_timeout=60, legacy=True)
        self.number = 0
        self.call("session.new", capabilities={})
        self.context = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method and wait for its answer."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv(timeout=120))
            if answer.get("id") == self.number:
                if answer.get("type") == "error":
                    raise RuntimeError(f"{method}: {answer}")
                return answer["result"]

    def open(self, path: Path) -> None:
        """Open a file."""
        url = path.resolve().as_uri()
        self.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def ask(self, expression: str) -> Any:
        """Evaluate an expression."""
        target = {"context": self.context}
        found = self.call("script.evaluate", expression=expression, target=target, awaitPromise=True)
        return found.get("result", {}).get("value")

    def wait(self, attribute: str, seconds: float = 60) -> str | None:
        """Wait until ``document.body.dataset.<attribute>`` says something other than pending."""
        return wait(self.ask, attribute, seconds)

    def close(self) -> None:
        """End the browser."""
        self.socket.close()
        self.process.terminate()
        self.process.wait(timeout=20)
        if self.process.stderr is not None:
            self.process.stderr.close()
