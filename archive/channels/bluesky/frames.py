"""Frames of the firehose (``com.atproto.sync.subscribeRepos``): what changed in a repository, event by event.

Authority: atproto.com/specs/event-stream and the lexicon of the method. A frame is two DAG-CBOR values: a header
``{op, t}`` and a body. A commit carries the blocks of the new records as a CAR; a deletion names its path alone.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.channels.bluesky.repository import Block, Broken, Car, Link, read_cbor_at
from archive.errors import UnreadableInput

EVENTS = ("#commit", "#identity", "#account", "#sync")
DELETED = ("app.bsky.feed.post", "app.bsky.feed.repost", "app.bsky.feed.like")
"""Collections whose deletions are told."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of the stream."""

    kind: str
    """``#commit`` and so on; ``#error`` where the server ends the stream."""
    body: dict[str, Any]

    @property
    def did(self) -> str | None:
        """The account that it is about."""
        found = self.body.get("repo") or self.body.get("did")
        return found if isinstance(found, str) else None

    @property
    def seq(self) -> int | None:
        """Its number on this server."""
        found = self.body.get("seq")
        return found if isinstance(found, int) else None

    def text(self, name: str) -> str | None:
        """Give a member of the body that is text."""
        found = self.body.get(name)
        return found if isinstance(found, str) else None

    def operations(self) -> list[dict[str, Any]]:
        """Give what a commit did, path by path."""
        found = self.body.get("ops")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def read_frame(data: bytes) -> Frame:
    """Read a frame. Raises Broken if it is none."""
    header, at = read_cbor_at(data, 0)
    if not isinstance(header, dict) or header.get("op") not in (1, -1):
        raise Broken("no header of a frame")
    body, end = read_cbor_at(data, at)
    if end != len(data) or not isinstance(body, dict):
        raise Broken("no body of a frame")
    kind = header.get("t") if header["op"] == 1 else "#error"
    if not isinstance(kind, str):
        raise Broken("a frame without a type")
    return Frame(kind, body)


def is_frame(head: bytes) -> bool:
    """Say whether a file begins like a frame."""
    try:
        header, _ = read_cbor_at(head[:256], 0)
    except Broken:
        return False
    return isinstance(header, dict) and header.get("op") == 1 and header.get("t") in EVENTS


def records(frame: Frame, data: bytes) -> Iterator[tuple[dict[str, Any], Block | None, bytes]]:
    """Give each operation with the block of its record in ``data``; None where it has none, or it is not here.

    Raises:
        Broken: the blocks are no CAR, or one is not what its name says.
    """
    blocks = frame.body.get("blocks")
    raw = blocks if isinstance(blocks, bytes) else b""
    begin = data.find(raw) if raw else 0
    try:
        car = Car(io.BytesIO(raw)) if raw else None
    except UnreadableInput as error:
        raise Broken("the blocks of a commit are no CAR") from error
    for one in frame.operations():
        cid = one.get("cid")
        block = car.blocks.get(cid) if car is not None and isinstance(cid, Link) else None
        body = car.read(str(cid)) if car is not None and block is not None else None
        where = Block(begin + block.start, begin + block.end) if block is not None else None
        yield one, where, body or b""
