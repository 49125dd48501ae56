"""Self-standing proofs: of one record, and of the whole tree as tiles that foreign tools read."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from archive.core.leaf import decode_leaf
from archive.core.merkle import HashTree
from archive.errors import NotOpened, UsageError
from archive.ledger.opening import Opener, unless_erased
from archive.ledger.reader import LedgerReader
from archive.production import BundleRecord, Shown, Why
from archive.services import heads

CLEAR_KINDS = ("genesis", "keys")
TILE = 256
"""Hashes a tile (C2SP tlog-tiles: height 8)."""


@dataclass(frozen=True, slots=True)
class RecordProof:
    """A record, the records about keys, their segment headers, and the checkpoint they are under."""

    head: heads.Head
    records: tuple[BundleRecord, ...]
    index: int

    def foreign(self) -> bytes:
        """Give the proof of the record in the form of C2SP tlog-proof, with the leaf as its extra data."""
        record = next(one for one in self.records if one.index == self.index)
        lines = [
            "c2sp.org/tlog-proof@v1",
            f"extra {base64.b64encode(record.leaf).decode()}",
            f"index {self.index}",
            *(base64.b64encode(node).decode() for node in record.path),
        ]
        return "\n".join(lines).encode() + b"\n\n" + self.head.note


def prove(ledger: LedgerReader, index: int, opener: Opener | None) -> RecordProof:
    """Prove one record under the newest checkpoint.

    Args:
        ledger: followed to its head.
        index: of the record.
        opener: gives the content; without it the proof shows that the record is there, and not what it says.

    Raises:
        UsageError: no record of this number is under a checkpoint.
        NotOpened: the key at hand does not open it.
    """
    head = heads.newest(ledger)
    if not 0 <= index < head.size:
        raise UsageError(f"no record {index} is under a checkpoint; there are 0 to {head.size - 1}")
    tree = ledger.tree(head.size)
    special = ledger.state.special
    clear = {one for kind in CLEAR_KINDS for one in special.get(kind, []) if one < head.size}
    records = tuple(
        _record(ledger, tree, head.size, one, "keys" if one in clear else "hit", opener)
        for one in sorted({*clear, index})
    )
    return RecordProof(head, records, index)


def _record(
    ledger: LedgerReader, tree: HashTree, size: int, index: int, why: Why, opener: Opener | None
) -> BundleRecord:
    leaf, ref = ledger.raw_leaf(index), ledger.state.segment_of(index)
    facets, frame = None, None
    if decode_leaf(leaf).record_class == "clear":
        frame = ledger.frame(index)
    elif opener is not None:
        try:
            opened = unless_erased(opener.lines, index)
        except NotOpened as error:
            raise NotOpened(
                f"{error}; --bare proves that it is there, without its content", error.state
            ) from error
        if opened is not None:
            lines, _, key = opened
            facets = tuple(Shown(salt, line) for salt, line in zip(key.salts, lines, strict=True))
    return BundleRecord(
        index=index, leaf=leaf, path=tuple(tree.inclusion(index, size)), header=ledger.segment(ref).header_note,
        why=why, facets=facets, frame=frame,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tiles:
    """What was written."""

    size: int
    tiles: int
    bundles: int


def write_tiles(ledger: LedgerReader, out: Path) -> Tiles:
    """Write the tree under the newest checkpoint as C2SP tlog-tiles, with the leaves as entry bundles.

    Raises:
        UsageError: it is no folder, or holds something.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; name a new folder")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out}: the folder is not empty")
    head = heads.newest(ledger)
    leaves = _leaves(ledger, head.size)
    tiles = bundles = 0
    level: list[bytes] = []
    for number in range(-(-head.size // TILE)):
        batch = [next(leaves) for _ in range(min(TILE, head.size - number * TILE))]
        body = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in batch)
        _write(out, "tile/entries", number, len(batch), body)
        bundles += 1
        hashes = [sha256(b"\0" + leaf).digest() for leaf in batch]
        _write(out, "tile/0", number, len(hashes), b"".join(hashes))
        tiles += 1
        if len(hashes) == TILE:
            level.append(_root(hashes))
    height = 1
    while level:
        above: list[bytes] = []
        for number in range(-(-len(level) // TILE)):
            part = level[number * TILE : (number + 1) * TILE]
            _write(out, f"tile/{height}", number, len(part), b"".join(part))
            tiles += 1
            if len(part) == TILE:
                above.append(_root(part))
        level, height = above, height + 1
    (out / "checkpoint").write_bytes(head.note)
    return Tiles(head.size, tiles, bundles)


def _leaves(ledger: LedgerReader, size: int) -> Iterator[bytes]:
    for ref in ledger.state.segments:
        for ordinal, raw in enumerate(ledger.segment(ref).leaves()):
            if ref.first + ordinal >= size:
                return
            yield raw


def _root(hashes: list[bytes]) -> bytes:
    return HashTree(hashes).root(len(hashes))


def _write(out: Path, kind: str, number: int, width: int, body: bytes) -> None:
    """Write a tile; a number is spelt in groups of three digits, all but the last begin with x."""
    digits = f"{number:03d}"
    digits = digits.rjust(-(-len(digits) // 3) * 3, "0")
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    path = out / kind / (name if width == TILE else f"{name}.p/{width}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
