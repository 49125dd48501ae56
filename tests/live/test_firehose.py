"""The firehose of a server with many accounts: whoever stops a collection is heard between two events."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from archive.channels.live.bluesky import BlueskySource
from archive.channels.live.web import Web
from archive.errors import Stopped
from archive.sources import SourceSettings

INFO = bytes.fromhex("a2626f7001617465") + b"#info" + b"\xa0"
"""An event of nobody: CBOR of {op: 1, t: "#info"} and {}."""


class Endless:
    """A connection that never ends."""

    given = 0

    def recv(self, timeout: float | None = None) -> bytes:
        self.given += 1
        if self.given > 100:
            raise AssertionError("nobody heard that it was stopped")
        return INFO


def test_whoever_stops_a_collection_is_heard_between_two_events() -> None:
    def stopped(_: float) -> None:
        raise Stopped("stopped")

    @contextmanager
    def open_at(url: str, timeout: float) -> Iterator[Endless]:
        yield Endless()

    answers = httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(b'{"rev": "3k2"}')))
    settings = SourceSettings(
        kind="bluesky", url="https://pds.example", account="did:plc:a", only=("firehose",)
    )
    web = Web(client=httpx.Client(transport=answers), sleep=stopped)
    with pytest.raises(Stopped):
        list(BlueskySource(settings, web, open_at).collect(None))
