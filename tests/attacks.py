"""Attacks of FORMAT.md §15 on a small archive in memory, as constructions that several tests share."""

import io
from collections.abc import Callable
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import layout, signed_note
from archive.core.keypage import zero_slots
from archive.ledger import sealing, writer
from archive.ledger.drafts import clear_draft
from tests.ledger_kit import ORIGIN, STREAM, Kit, change, item_draft
from tests.memory_store import MemoryStore


def filled(count: int = 4) -> Kit:
    kit = Kit()
    ledger = kit.found()
    for number in range(count):
        kit.append(ledger, "ingest", item_draft(f"item {number} a"), item_draft(f"item {number} b"))
    kit.append(ledger, "ingest", item_draft("file", attach=lambda: io.BytesIO(b"bytes of a file")))
    return kit


def names(store: MemoryStore, prefix: str) -> list[str]:
    return sorted(name for name in store.objects if name.startswith(prefix))


def snapshot(kit: Kit) -> list[dict[str, bytes]]:
    return [dict(store.objects) for _, store in kit.stores()]


def restore(kit: Kit, kept: list[dict[str, bytes]]) -> None:
    for (_, store), objects in zip(kit.stores(), kept, strict=True):
        store.objects = dict(objects)


def newest_note(kit: Kit) -> bytes:
    return kit.archive.objects[names(kit.archive, layout.CHECKPOINTS)[-1]]


def rewritten(first: list[str], second: list[str], *, sealer: bool = True) -> tuple[Kit, bytes]:
    """Append one history, take it back and append another; give the genuine note of the first as well."""
    kit = Kit()
    ledger = kit.found()
    kept = snapshot(kit)
    kit.append(ledger, "ingest", *map(item_draft, first))
    signed = newest_note(kit)
    restore(kit, kept)
    kit.append(kit.ledger(sealer=sealer), "ingest", *map(item_draft, second))
    return kit, signed


def batch_otherwise(first: list[str], second: list[str]) -> tuple[Kit, bytes]:
    """By a holder of the writer key: the segment is signed anew, below the note of the one that was there."""
    kit, signed = rewritten(first, second, sealer=False)
    kit.archive.objects[layout.checkpoint(2 + len(first), sha256(signed).hexdigest())] = signed
    return kit, signed


def tail_cut() -> tuple[Kit, bytes]:
    """Everything is as it was before the last batch; only somebody outside has the head of it."""
    kit = filled()
    kept = snapshot(kit)
    kit.append(kit.ledger(), "ingest", item_draft("the promise"))
    head = newest_note(kit)
    restore(kit, kept)
    return kit, head


def re_signed() -> tuple[Kit, bytes]:
    """Another root under the log key, besides the genuine note."""
    kit = filled()
    size = kit.verify(0).size
    forged = signed_note.sign(signed_note.Checkpoint(ORIGIN, size, bytes(32)).text(), ORIGIN, kit.log_key)
    kit.archive.objects[layout.checkpoint(size, sha256(forged).hexdigest())] = forged
    return kit, forged


def stolen_writer() -> Kit:
    kit = filled(1)
    kit.append(kit.ledger(), "ingest", item_draft("never sent"))
    return kit


def two_heads(*, later: bool) -> tuple[Kit, tuple[bytes, bytes]]:
    """Two signed heads of one size and of two histories; with ``later``, the archive has grown since."""
    kit, first = rewritten(["for the court"], ["for the auditor"])
    second = newest_note(kit)
    if later:
        kit.append(kit.ledger(), "ingest", item_draft("later"))
    return kit, (first, second)


def old_log_key() -> tuple[Kit, bytes]:
    """By a thief of a log key that was replaced: a note over the present size."""
    kit, new = filled(1), Ed25519PrivateKey.generate()
    ledger, old = kit.ledger(), kit.log_key
    ledger.log_next = new
    rows = [
        change("log", "log", "ed25519", key.public_key().public_bytes_raw(), action)
        for key, action in ((old, "retire"), (new, "add"))
    ]
    kit.append(ledger, "owner", clear_draft("keys", {"changes": rows}))
    kit.log_key = new
    kit.append(kit.ledger(), "ingest", item_draft("later"))
    text = newest_note(kit).decode().partition("\n\n")[0] + "\n"
    forged = signed_note.sign(text, ORIGIN, old)
    kit.archive.objects[layout.checkpoint(int(text.split("\n")[1]), sha256(forged).hexdigest())] = forged
    return kit, forged


def sealed_twice(patch: pytest.MonkeyPatch, between: Callable[[Kit], None] = lambda kit: None) -> Kit:
    """One sealed record under two numbers: by a writer who kept batch and keys."""
    kit, kept = filled(1), []
    ledger, real = kit.ledger(), writer.seal

    def again(*args: object, **more: object) -> object:
        if not kept:
            kept.append(real(*args, **more))  # type: ignore[arg-type]
        return kept[0]

    with patch.context() as forging:
        forging.setattr(writer, "seal", again)
        kit.append(ledger, "ingest", item_draft("twice"))
        between(kit)
        kit.append(ledger, "ingest", item_draft("twice"))
    return kit


def role_exceeded() -> Kit:
    kit = filled(1)
    ledger = kit.ledger()
    ledger.follow()
    kit.forge(ledger, "ingest", kit.matter_draft("M-1"))
    return kit


def key_gone() -> tuple[Kit, str]:
    """The first key of a page is zeroed in every vault, and no entry ordered it; give the page's name as well."""
    kit = filled(1)
    name = next(n for n in kit.vaults[0].objects if "/content/" in n)
    for vault in kit.vaults:
        vault.objects[name] = zero_slots(vault.objects[name], [0])
    return kit, name


def odd_leaf(change: Callable[[bytes], bytes], patch: pytest.MonkeyPatch) -> Kit:
    """By a writer of its own make, which encodes a leaf in another way."""
    kit, real = filled(1), sealing.encode_leaf
    with patch.context() as forging:
        forging.setattr(sealing, "encode_leaf", lambda leaf: change(real(leaf)))
        ledger = kit.ledger()
        ledger.judge = lambda finding: None
        kit.append(ledger, "ingest", item_draft("odd"))
    return kit


def position_repeated() -> Kit:
    kit = filled(1)
    ledger = kit.ledger()
    ledger.follow()
    ledger.state.positions[STREAM] = 1
    kit.append(ledger, "ingest", item_draft("in the place of another"))
    return kit
