"""What a decision wants appended, before it has a place in the ledger (write half)."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from archive.core.payloads import Payload, to_payload
from archive.ledger.state import LedgerState
from schemas.entry import EntryBody, RecordClass


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be.

    Exactly one of ``clear`` (the body of a clear record) and ``values`` (facet name → value) is given.
    """

    record_class: RecordClass
    kind: str
    stream: str | None = None
    """A content stream; None for the one stream of the other classes."""
    clear: Mapping[str, Any] | None = None
    values: Mapping[str, Any] | None = None
    open_content: Callable[[], BinaryIO] | None = None
    """Opens the content that begins the object string; it may be opened again when a commit is repeated."""
    overflow: Sequence[bytes] = field(default=())
    """Follows the content in the object string."""

    @property
    def has_objects(self) -> bool:
        """Say whether the record has an object string."""
        return self.open_content is not None or bool(self.overflow)

    def object_string(self) -> BinaryIO:
        """Open the object string: content, then overflow."""
        rest = io.BytesIO(b"".join(self.overflow))
        if self.open_content is None:
            return rest
        return cast(BinaryIO, _Chain(self.open_content(), rest))


class _Chain(io.RawIOBase):
    """Two streams, one after the other."""

    def __init__(self, *streams: BinaryIO) -> None:
        self._streams = list(streams)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while self._streams:
            piece = self._streams[0].read(size)
            if piece:
                return piece
            self._streams.pop(0).close()
        return b""

    def close(self) -> None:
        while self._streams:
            self._streams.pop(0).close()
        super().close()


def draft_of(
    body: EntryBody,
    stream: str | None = None,
    *,
    open_content: Callable[[], BinaryIO] | None = None,
    payload: Payload | None = None,
) -> Draft:
    """Make the draft of a body; ``payload`` if the caller has it already.

    A body with content has ``start`` 0 and its length in the facets; overflow places count from its end on.
    """
    payload = payload or to_payload(body, overflow_start=getattr(body, "length", 0) if open_content else 0)
    return Draft(
        record_class=payload.record_class,  # type: ignore[arg-type]
        kind=payload.kind,
        stream=stream,
        values=payload.values,
        open_content=open_content,
        overflow=tuple(payload.overflow),
    )


def clear_draft(kind: str, body: Mapping[str, Any]) -> Draft:
    """Make the draft of a clear record."""
    return Draft("clear", kind, clear=body)


Decide = Callable[[LedgerState], Sequence[Draft]]
"""Decides on this very head what to append, and runs again on every new head. No drafts: nothing."""
