"""What ingestion remembers without being able to read: HMACs under the ingest secret (FORMAT.md §12)."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.core.canonical import encode, label, unb64u
from archive.core.leaf import content_stream
from archive.core.payloads import SCHEMA, Payload, content_digest_input
from archive.errors import FormatError
from schemas.item import Key

MAC = 16
ROW = 3 * MAC
TELLING = 24
"""So many characters of title and text say more than who says them: nobody writes them twice by chance."""


@dataclass(frozen=True, slots=True)
class SeenMacs:
    """Three HMACs of a sealed record: who it is, what it says in all, what its words are."""

    identity: bytes
    digest: bytes
    words: bytes


class IngestSecret:
    """The ingest secret, and what is drawn from it."""

    def __init__(self, secret: bytes, generation: int = 0) -> None:
        """``generation`` 0 derives the streams; the newest derives the rest."""
        self._secret, self.generation = secret, generation

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "IngestSecret":
        """Read a ``secret`` record.

        Raises:
            FormatError: it is none.
        """
        extra = values["extra"]
        if not isinstance(extra, dict) or extra.keys() != {"generation", "secret"}:
            raise FormatError("a secret record that format 1 does not know")
        return cls(unb64u(extra["secret"], 32), extra["generation"])

    def _mac(self, use: str, data: bytes) -> bytes:
        return hmac.digest(self._secret, label(use) + data, "sha256")[:MAC]

    def stream(self, via: Key | None, thread: Key | None) -> str:
        """Give the stream of one account's view of one thread."""
        return content_stream(self._secret, via, thread)

    def capture_id(self, sha256: bytes) -> str:
        """Give the id of the capture of these bytes: the same for equal bytes, telling a stranger nothing."""
        return self._mac("beleg/capture/v1", sha256).hex()

    def identity(self, kind: str, identity: Sequence[Any]) -> bytes:
        """Give the HMAC of who a record to be is."""
        return self._mac("beleg/identity/v1", encode([kind, *identity]))

    def macs(self, kind: str, identity: Sequence[Any], payload: Payload) -> SeenMacs:
        """Give the HMACs of a record to be."""
        return SeenMacs(
            self.identity(kind, identity),
            self._mac("beleg/digest/v1", content_digest_input(payload)),
            self.words(payload),
        )

    def words(self, payload: Payload) -> bytes:
        """Give the HMAC of what a record to be says."""
        words = [payload.values.get(name) for name in ("title", "text", "body")]
        return self._mac("beleg/words/v1", encode(words))


def is_telling(title: object, text: object) -> bool:
    """Say whether words are enough to know a message by; "ok" is not."""
    return sum(len(one) for one in (title, text) if isinstance(one, str)) >= TELLING


def seen_values(rows: Sequence[tuple[int, SeenMacs]], generation: int) -> dict[str, Any]:
    """Give the facets of a ``seen`` record: (offset from the segment's first record, HMACs) each."""
    packed = b"".join(macs.identity + macs.digest + macs.words for _, macs in rows)
    return {
        "what": {"body": "seen", "kind": "seen", "schema": SCHEMA},
        "extra": {
            "generation": generation,
            "offsets": [offset for offset, _ in rows],
            "rows": base64.b64encode(packed).decode(),
        },
    }


def read_seen(values: Mapping[str, Any]) -> list[tuple[int, SeenMacs]]:
    """Read a ``seen`` record back.

    Raises:
        FormatError: it is none.
    """
    extra = values["extra"]
    if not isinstance(extra, dict) or extra.keys() != {"generation", "offsets", "rows"}:
        raise FormatError("a seen record that format 1 does not know")
    try:
        packed = base64.b64decode(extra["rows"], validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise FormatError("a seen record that format 1 does not know") from error
    offsets = extra["offsets"]
    if not isinstance(offsets, list) or len(packed) != ROW * len(offsets):
        raise FormatError("a seen record whose rows do not fit")
    rows = (packed[at : at + ROW] for at in range(0, len(packed), ROW))
    return [
        (offset, SeenMacs(row[:MAC], row[MAC : 2 * MAC], row[2 * MAC :]))
        for offset, row in zip(offsets, rows, strict=True)
    ]
