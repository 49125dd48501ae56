"""SIGTERM in the middle of a collection, to a real process: the haul in hand is sealed, and the rest comes later."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.test_collect_mastodon import Server
from tests.servers.process import PROGRAM, ROOT


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, str, threading.Event]]:
    """A server on this machine that gives pages of posts slowly, and says when the second one was asked for."""
    said, second = Server(), threading.Event()
    pages: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "/accounts/1/statuses" in self.path:
                pages.append(self.path)
                if len(pages) == 2:
                    second.set()
                time.sleep(0.3)
            request = httpx.Request("GET", f"http://127.0.0.1{self.path}", headers=dict(self.headers.items()))
            answer = said.answer(request)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    monkeypatch.setenv("TOKEN", "good")
    yield said, f"http://127.0.0.1:{served.server_port}", second
    served.shutdown()
    thread.join()
    served.server_close()


def test_the_haul_in_hand_is_finished(
    beleg: Beleg, archive: Path, slow: tuple[Server, str, threading.Event]
) -> None:
    server, url, second = slow
    for number in range(1, 101):
        server.post(number, f"Nummer {number:03d}")
    assert beleg(
        "source", "add", "werk", "mastodon", "--url", url, "--account", "werk", "--secret", "env:TOKEN", "--only", "*"
    ).code == 0  # fmt: skip
    process = subprocess.Popen(
        [*PROGRAM, "collect", "werk", "--json"], env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=archive.parent,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert second.wait(60)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 4, (out, err)
    assert '"items": 80' in out
    assert "stopped between two hauls" in out
    done = beleg("collect", "werk", "--json")
    (told,) = done.json
    assert (done.code, told["items"], told["seen_again"]) == (0, 20, 0)
    assert beleg("search", "nummer", "--json", "--limit", "1000").json["total"] == 100
    assert beleg("verify", "--level", "2").code == 0
