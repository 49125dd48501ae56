"""verify.py and ``beleg verify`` on the same attacks: a bundle cut by the attacker out of the attacked archive.

An exporter of ours hands out nothing that does not prove itself; the attacker's does. Where a bundle cannot show an
attack, the case says so and what verify.py answers instead; the table of FORMAT.md §15 says the same.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import facets, layout, merkle, signed_note
from archive.core.segment import Segment, writer_name
from archive.errors import ArchiveError
from archive.exporters.bundle import BundleInput, BundleRecord, Shown, Signer, export_bundle
from archive.ledger.opening import Opener
from archive.ledger.writer import Ledger, Writer
from schemas.matter import ExportOptions, Matter
from tests import attacks, bundle_checker
from tests.attacks import filled, names, newest_note
from tests.ledger_kit import ORIGIN, Kit, item_draft

Patch = pytest.MonkeyPatch


@dataclass
class Case:
    """An attacked archive, what ``beleg verify`` and verify.py must answer, and what they are given besides."""

    kit: Kit
    archive: int
    bundle: int
    checkpoint: bytes | None = None
    heads: tuple[bytes, ...] = ()
    level: int = 0


def honest(_: Patch) -> Case:
    return Case(filled(2), 0, 0, level=2)


def otherwise(drafts: list[str]) -> Callable[[Patch], Case]:
    def case(_: Patch) -> Case:
        kit, signed = attacks.batch_otherwise(["a", "b"], drafts)
        return Case(kit, 3, 3, checkpoint=signed)

    return case


def tail_cut(_: Patch) -> Case:
    """The bundle has the older checkpoint; of a newer head it says that it cannot tell."""
    kit, head = attacks.tail_cut()
    return Case(kit, 3, 4, heads=(head,))


def planted(_: Patch) -> Case:
    kit = filled(1)
    ledger = kit.ledger()
    ledger.judge = lambda finding: None
    ledger.append(Writer(Ed25519PrivateKey.generate(), "ingest"), lambda head: [item_draft("planted")])
    return Case(kit, 3, 3)


def re_signed(_: Patch) -> Case:
    kit, forged = attacks.re_signed()
    return Case(kit, 3, 3, checkpoint=forged)


def rewritten(*, known: bool) -> Callable[[Patch], Case]:
    def case(_: Patch) -> Case:
        kit, head = attacks.rewritten(["five years of warranty"], ["two years of warranty"])
        return Case(kit, 3, 3, heads=(head,)) if known else Case(kit, 0, 0, level=2)

    return case


def re_signed_page(_: Patch) -> Case:
    kit, signed = attacks.batch_otherwise(["a"], ["a"])
    return Case(kit, 3, 3, checkpoint=signed)


def stolen_writer(_: Patch) -> Case:
    return Case(attacks.stolen_writer(), 0, 0, level=2)


def two_heads(*, later: bool) -> Callable[[Patch], Case]:
    def case(_: Patch) -> Case:
        kit, heads = attacks.two_heads(later=later)
        return Case(kit, 3, 3, heads=heads)

    return case


def old_log_key(_: Patch) -> Case:
    kit, forged = attacks.old_log_key()
    return Case(kit, 3, 3, checkpoint=forged)


def sealed_twice(patch: Patch) -> Case:
    return Case(attacks.sealed_twice(patch), 3, 3)


def role_exceeded(_: Patch) -> Case:
    return Case(attacks.role_exceeded(), 3, 3)


def key_gone(_: Patch) -> Case:
    """A bundle shows a record without content, and cannot know whether an erasure ordered it."""
    kit, _page = attacks.key_gone()
    return Case(kit, 3, 0)


def odd_leaf(change: Callable[[bytes], bytes]) -> Callable[[Patch], Case]:
    return lambda patch: Case(attacks.odd_leaf(change, patch), 3, 3)


def position_repeated(_: Patch) -> Case:
    return Case(attacks.position_repeated(), 3, 3)


def clock_back(_: Patch) -> Case:
    kit = filled(1)
    kit.time -= 5000
    kit.append(kit.ledger(), "ingest", item_draft("earlier by the clock"))
    return Case(kit, 0, 0)


CASES: dict[str, Callable[[Patch], Case]] = {
    "honest": honest,
    "a record removed": otherwise(["a"]),
    "records swapped": otherwise(["b", "a"]),
    "a record doubled": otherwise(["a", "a", "b"]),
    "a record added": otherwise(["a", "b", "c"]),
    "tail cut, a newer head outside": tail_cut,
    "planted continuation": planted,
    "history signed with a stolen log key": re_signed,
    "everything rewritten": rewritten(known=False),
    "everything rewritten, a head outside": rewritten(known=True),
    "old segment with another key page": re_signed_page,
    "content invented with a stolen writer key": stolen_writer,
    "history signed with a log key that was replaced": old_log_key,
    "fork shown to one auditor": two_heads(later=False),
    "fork shown to one auditor, and grown since": two_heads(later=True),
    "a record sealed a second time": sealed_twice,
    "role exceeded": role_exceeded,
    "key missing without entry": key_gone,
    "leaf with a space": odd_leaf(lambda leaf: leaf.replace(b",", b", ", 1)),
    "leaf with a name twice": odd_leaf(lambda leaf: leaf[:-1] + b',"version":1}'),
    "leaf with a float": odd_leaf(lambda leaf: leaf.replace(b'"version":1', b'"version":1.0')),
    "leaf with true for 1": odd_leaf(lambda leaf: leaf.replace(b'"version":1', b'"version":true')),
    "leaf without a frame": odd_leaf(lambda leaf: re.sub(rb'"frame_length":\d+', b'"frame_length":1', leaf)),
    "leaf with text for a number": odd_leaf(lambda leaf: re.sub(rb'(_length":)(\d+)', rb'\1"\2"', leaf)),
    "stream position repeated": position_repeated,
    "clock backwards": clock_back,
}


@pytest.mark.parametrize("name", CASES)
def test_both_verifiers_agree_on_what_a_bundle_can_show(
    name: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    case = CASES[name](monkeypatch)
    heads = [(f"{n}.note", head) for n, head in enumerate(case.heads)]
    assert case.kit.verify(case.level, heads=heads).exit_code == case.archive
    cut_out(case, tmp_path / "E-1", monkeypatch)
    for file, head in heads:
        (tmp_path / file).write_bytes(head)
    given = ["--head", *(str(tmp_path / file) for file, _ in heads)] if heads else []
    code, said = bundle_checker.run(tmp_path / "E-1", *given)
    assert code == case.bundle, said


# ---- the attacker's exporter


def cut_out(case: Case, out: Path, patch: Patch) -> None:
    """Write a bundle of all records as they lie in the archive, with lists and signatures that fit."""
    kit, segments = case.kit, list(_segments(case.kit))
    leaves = [raw for segment in segments for raw in segment.leaves()]
    tree = merkle.HashTree([merkle.leaf_hash(raw) for raw in leaves])
    note = case.checkpoint or newest_note(kit)
    size = signed_note.parse_checkpoint(signed_note.parse(note)).size
    legal = kit.writers["legal"]
    signer = writer_name(ORIGIN, legal.id)
    given = BundleInput(
        origin=ORIGIN,
        checkpoint=note,
        log_key=signed_note.verifier_key(ORIGIN, kit.log_key.public_key().public_bytes_raw()),
        production="E-1",
        matter=Matter(id="M-1", title="t", reason="r"),
        options=ExportOptions(),
        records=_records(kit, segments, tree, min(size, len(leaves))),
        created="2026-01-01T00:00:00Z",
        signer=Signer(
            legal.id,
            lambda text: signed_note.sign(text, signer, legal.private),
            legal.private.public_key().public_bytes_raw(),
        ),
    )
    # An honest exporter refuses most of these; the attacker's own lets them pass.
    patch.setattr("archive.exporters.bundle.export.check_record", lambda *_: SimpleNamespace())
    first = {segment.header_note: segment.header.first for segment in segments}
    patch.setattr("archive.exporters.bundle.export._header_first", lambda record, _: first[record.header])
    export_bundle(given, out)


def _segments(kit: Kit) -> Iterator[Segment]:
    """The segments that markers name, in order."""
    for name in names(kit.control, layout.COMMITS):
        digest = kit.control.objects[name]
        found = next(
            data for data in map(kit.archive.objects.get, names(kit.archive, "segments/"))
            if data is not None and sha256(data).hexdigest().encode() in digest
        )  # fmt: skip
        yield Segment(found)


def _records(kit: Kit, segments: list[Segment], tree: merkle.HashTree, size: int) -> Iterator[BundleRecord]:
    ledger: Ledger = kit.ledger()
    opener = Opener(ledger, tuple(kit.recipients.values()))
    try:
        ledger.follow()
    except ArchiveError:
        opener = None  # type: ignore[assignment]  # the attack stops our own reader
    index = 0
    for segment in segments:
        for ordinal, raw in enumerate(segment.leaves()):
            if index >= size:
                return
            clear = b'"class":"clear"' in raw.replace(b" ", b"")
            yield BundleRecord(
                index=index, leaf=raw, path=tuple(tree.inclusion(index, size)), header=segment.header_note,
                why="keys" if clear else "hit",
                frame=segment.frame(ordinal) if clear else None,
                facets=None if clear or opener is None else _facets(opener, index),
            )  # fmt: skip
            index += 1


def _facets(opener: Opener, index: int) -> tuple[Shown, ...] | None:
    try:
        lines, _, key = opener.lines(index)
    except ArchiveError:
        return None
    return tuple(Shown(salt, line) for _, salt, line in zip(facets.FACETS, key.salts, lines, strict=True))
