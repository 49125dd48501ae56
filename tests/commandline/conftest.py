"""An archive made by the command line itself, and a way to run commands in this process."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from archive.core import keyfile
from tests.mailbox import Mailbox, serving


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Beleg = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of scrypt is not what these tests are about."""
    monkeypatch.setattr(keyfile, "DEFAULT_N", 2**10)
    monkeypatch.setattr("archive.wiring.founding.found.__kwdefaults__", {"scrypt_n": 2**10})
    monkeypatch.setattr("archive.services.person.add_person.__kwdefaults__", {"scrypt_n": 2**10})


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection counts what it would have waited, and does not wait."""
    monkeypatch.setattr("archive.services.collect.run.pausing", lambda *_: lambda _: None)


def as_sent(response: httpx.Response) -> httpx.Response:
    """Give a response whose bytes were not read yet, as they come over a network."""
    if not response.is_stream_consumed:
        return response
    return httpx.Response(
        response.status_code, headers=response.headers, stream=httpx.ByteStream(response.content)
    )


def replayed(monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]) -> None:
    """Let live sources hear what is replayed, instead of asking a network."""
    client = httpx.Client

    def make(**_: object) -> httpx.Client:
        return client(transport=httpx.MockTransport(lambda request: as_sent(answer(request))))

    monkeypatch.setattr("archive.channels.live.web.httpx.Client", make)


@pytest.fixture
def beleg(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Beleg:
    from cli.main import run

    monkeypatch.delenv("BELEG_DEBUG", raising=False)
    monkeypatch.setenv("BELEG_PASSPHRASE", "a passphrase for tests")
    monkeypatch.setenv("BELEG_ARCHIVE", str(tmp_path / "archive"))

    def call(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture
def archive(beleg: Beleg, tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    done = beleg("init", folder, "--timezone", "Europe/Berlin")
    assert done.code == 0, done.err
    return folder


CHAT = """[03.02.25, 09:14:05] Anna: Guten Morgen
[03.02.25, 09:15:41] Lieferant: Da habt ihr fünf Jahre Garantie drauf
[03.02.25, 09:16:02] Anna: Danke, das halten wir fest
"""


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    file.write_text(CHAT, encoding="utf-8")
    return file


@pytest.fixture
def mailbox(archive: Path) -> Iterator[Mailbox]:
    """A mail server that the settings of the archive name."""
    with serving() as server:
        file = archive / "beleg.toml"
        file.write_text(
            f"{file.read_text()}\n[mail]\nhost = '127.0.0.1'\nport = {server.server_address[1]}\n"
        )
        yield server
