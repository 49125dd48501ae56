"""Small archives in memory, made with the write half, for tests of everything above it."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import BinaryIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core.canonical import encode, label
from archive.core.keys import PrivateRecipient, key_id
from archive.errors import FormatError
from archive.ledger.checks import Question, Verification
from archive.ledger.drafts import Draft, clear_draft, draft_of
from archive.ledger.state import LedgerState
from archive.ledger.writer import Ledger, Receipt, Writer
from archive.ports import Places, ReadPlaces
from schemas.capture import Capture
from schemas.item import Item, Key, Raw
from schemas.matter import Matter
from schemas.report import VerificationReport
from tests.memory_store import MemoryStore

ORIGIN = "test.example/archive/0123456789abcdef"
STREAM = "c3RyZWFtLW9uZS0xMjM0NQ"
WRITERS = ("owner", "ingest", "legal", "privacy", "recovery")
RECIPIENTS = ("ingest", "content", "oversight", "auditor", "recovery")


@contextlib.contextmanager
def no_lock() -> Iterator[None]:
    yield


def change(purpose: str, role: str, algorithm: str, public: bytes, action: str = "add") -> dict[str, object]:
    return {
        "action": action, "algorithm": algorithm, "epoch": 0, "id": key_id(purpose, algorithm, public),
        "public": public.hex(), "purpose": purpose, "role": role,
    }  # fmt: skip


@dataclass
class Kit:
    writers: dict[str, Writer] = field(
        default_factory=lambda: {r: Writer(Ed25519PrivateKey.generate(), r) for r in WRITERS}
    )
    recipients: dict[str, PrivateRecipient] = field(
        default_factory=lambda: {r: PrivateRecipient.generate(r, "x25519") for r in RECIPIENTS}
    )
    log_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    archive: MemoryStore = field(default_factory=MemoryStore)
    control: MemoryStore = field(default_factory=MemoryStore)
    vaults: tuple[MemoryStore, ...] = field(default_factory=lambda: (MemoryStore(), MemoryStore()))
    time: int = 1_790_000_000

    @property
    def places(self) -> Places:
        return Places(self.archive, self.control, self.vaults)

    def ledger(self, *, sealer: bool = True, state: LedgerState | None = None) -> Ledger:
        return Ledger(
            self.places, state or LedgerState(origin=ORIGIN), clock=self.clock, lock=no_lock,
            log_key=self.log_key if sealer else None,
        )  # fmt: skip

    def clock(self) -> datetime:
        self.time += 1
        return datetime.fromtimestamp(self.time, UTC)

    def found(self) -> Ledger:
        changes = [
            change("writer", w.role, "ed25519", w.private.public_key().public_bytes_raw())
            for w in self.writers.values()
        ]
        changes.append(change("log", "log", "ed25519", self.log_key.public_key().public_bytes_raw()))
        changes += [
            change("recipient", p.role, p.algorithm, p.recipient().public) for p in self.recipients.values()
        ]
        ledger = self.ledger()
        ledger.found(self.writers["owner"], [
            clear_draft("genesis", {"format": 1, "origin": ORIGIN}),
            clear_draft("keys", {"changes": changes}),
        ])  # fmt: skip
        return ledger

    def append(self, ledger: Ledger, role: str, *drafts: Draft) -> Receipt:
        return ledger.append(self.writers[role], lambda head: drafts)

    def forge(self, ledger: Ledger, role: str, *drafts: Draft) -> None:
        """Commit what the rules forbid: first seen refused with nothing stored, then with the judge bribed."""
        before = [dict(store.objects) for _, store in self.stores()]
        with pytest.raises(FormatError):
            self.append(ledger, role, *drafts)
        assert [store.objects for _, store in self.stores()] == before
        ledger.judge = lambda finding: None
        self.append(ledger, role, *drafts)

    def matter_draft(self, number: str) -> Draft:
        return draft_of(Matter(id=number, title="Pumpe", reason="Klage"))

    def verify(self, level: int = 2, **question: object) -> VerificationReport:
        asked = Question(level=level, private=tuple(self.recipients.values()), **question)  # type: ignore[arg-type]
        return Verification(ReadPlaces(self.archive, self.control, self.vaults), asked).run()

    def stores(self) -> Iterator[tuple[str, MemoryStore]]:
        yield from (
            ("archive", self.archive),
            ("control", self.control),
            ("vault", self.vaults[0]),
            ("copy", self.vaults[1]),
        )


def item_of(text: str, **fields: object) -> Item:
    base: dict[str, object] = {
        "key": Key(channel="test", scope="s", id=sha256(text.encode()).hexdigest()[:12]),
        "event": "posted",
        "form": "message",
        "via": Key(channel="test", scope="", id="us"),
        "thread": Key(channel="test", scope="", id="chat"),
        "parser": "test/1",
        "text": text,
        "raw": Raw(member="", slice=text.encode()),
    }
    return Item(**{**base, **fields})  # type: ignore[arg-type]


def item_draft(text: str, *, stream: str = STREAM, attach: Callable[[], BinaryIO] | None = None) -> Draft:
    """An item; with ``attach`` a capture instead, holding those bytes."""
    if attach is None:
        return draft_of(item_of(text), stream)
    data = attach().read()
    capture = Capture(
        id="ab" * 16,
        source="import",
        method="attachment",
        origin=text,
        received="2026-01-01T00:00:00Z",
        length=len(data),
        sha256=sha256(data).hexdigest(),
        kept="whole",
        tool="test",
    )
    return draft_of(capture, stream, open_content=attach)


def erase_draft(kit: Kit, ledger: Ledger, targets: list[list[int]], *, request: int) -> Draft:
    """An order of erasure with its two approvals; ``targets`` are first and last record of each range."""
    signed = label("beleg/approval/v1") + label(ORIGIN) + ledger.leaf_hash(request) + encode(targets)
    approvals = sorted(
        ({"key": kit.writers[role].id, "signature": kit.writers[role].private.sign(signed).hex()}
         for role in ("legal", "privacy")),
        key=lambda row: row["key"],
    )  # fmt: skip
    return clear_draft("erase", {"approvals": approvals, "request": request, "targets": targets})
