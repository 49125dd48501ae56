"""A headless Chromium, driven through its DevTools pipe: open a page from disk, ask it, hand it a folder."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.browser.waiting import wait


class Chromium:
    """One browser for many pages."""

    def __init__(self, program: str, profile: Path) -> None:
        mine_in, theirs_out = os.pipe()
        theirs_in, mine_out = os.pipe()
        flags = "--headless --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe"
        command = f'exec "$0" {flags} --user-data-dir="$1" 3<&{theirs_in} 4>&{theirs_out}'
        self.process = subprocess.Popen(
            ["bash", "-c", command, program, str(profile)],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.reader, self.writer = os.fdopen(mine_in, "rb"), os.fdopen(mine_out, "wb", buffering=0)
        self.buffer, self.number = b"", 0
        self.requests: list[str] = []

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Call a method and wait for its answer; requests seen meanwhile are noted."""
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self.writer.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("method") == "Network.requestWillBeSent":
                self.requests.append(answer["params"]["request"]["url"])
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            piece = os.read(self.reader.fileno(), 1 << 20)
            if not piece:
                raise RuntimeError("the browser ended")
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\0", 1)
        value: dict[str, Any] = json.loads(line)
        return value

    def open(self, path: Path, before: str = "") -> "Page":
        """Open a file; ``before`` runs ahead of the page's own script."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Network.enable", session)
        self.call("Page.enable", session)
        if before:
            self.call("Page.addScriptToEvaluateOnNewDocument", session, source=before)
        self.requests.clear()
        self.call("Page.navigate", session, url=path.resolve().as_uri())
        return Page(self, session, target)

    def close(self) -> None:
        """End the browser."""
        try:
            self.call("Browser.close")
        except (RuntimeError, OSError):
            self.process.terminate()
        self.process.wait(timeout=20)
        self.reader.close()
        self.writer.close()


class Page:
    """An open page."""

    def __init__(self, browser: Chromium, session: str, target: str) -> None:
        self.browser, self.session, self.target = browser, session, target

    def ask(self, expression: str) -> Any:
        """Evaluate an expression."""
        answer = self.browser.call(
            "Runtime.evaluate", self.session, expression=expression, returnByValue=True
        )
        return answer["result"].get("value")

    def promised(self, expression: str) -> Any:
        """Evaluate an expression that promises a value, and wait for it."""
        answer = self.browser.call(
            "Runtime.evaluate", self.session, expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, attribute: str, seconds: float = 60) -> str | None:
        """Wait until ``document.body.dataset.<attribute>`` says something other than pending."""
        return wait(self.ask, attribute, seconds)

    def wait_for(self, expression: str, seconds: float = 20) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while not self.ask(f"Boolean({expression})"):
            if time.monotonic() > end:
                raise TimeoutError(expression)
            time.sleep(0.02)

    def give_folder(self, selector: str, folder: Path) -> None:
        """Choose a folder in a file input."""
        root = self.browser.call("DOM.getDocument", self.session)["root"]["nodeId"]
        node = self.browser.call("DOM.querySelector", self.session, nodeId=root, selector=selector)["nodeId"]
        self.browser.call("DOM.setFileInputFiles", self.session, nodeId=node, files=[str(folder)])

    def close(self) -> None:
        self.browser.call("Target.closeTarget", targetId=self.target)
