"""Any changed byte of any object of an archive is found, and the first bad record is named."""

import io
import itertools

import pytest

from tests.ledger_kit import Kit, item_draft


@pytest.fixture(scope="module")
def kit() -> Kit:
    kit = Kit()
    ledger = kit.found()
    kit.append(ledger, "ingest", *(item_draft(f"fünf Jahre Garantie {n}") for n in range(3)))
    kit.append(ledger, "ingest", item_draft("mit Datei", attach=lambda: io.BytesIO(b"datei" * 30)))
    kit.append(ledger, "legal", kit.matter_draft("M-1"))
    return kit


def test_the_archive_itself_is_intact(kit: Kit) -> None:
    report = kit.verify(2)
    assert report.exit_code == 0, report.findings
    assert report.opened == 5


@pytest.mark.parametrize("level", [1, 2])
def test_every_changed_byte_is_found(kit: Kit, level: int) -> None:
    """Every byte of small objects, and enough of large ones, is flipped once; every object once per bit."""
    tried = 0
    for place, store in kit.stores():
        for name, original in list(store.objects.items()):
            step = 1 if len(original) < 300 else 17 if level == 1 else 131
            for offset in range(0, len(original), step):
                changed = bytearray(original)
                changed[offset] ^= 1 << (offset % 8)
                store.objects[name] = bytes(changed)
                report = kit.verify(level)
                assert report.exit_code in (3, 4), (place, name, offset)
                assert any(f.severity == "finding" for f in report.findings), (place, name, offset)
                tried += 1
            store.objects[name] = original
    assert tried > 1000
    assert kit.verify(level).exit_code == 0


def test_every_missing_object_is_found(kit: Kit) -> None:
    for place, store in kit.stores():
        for name in list(store.objects):
            original = store.objects.pop(name)
            report = kit.verify(1)
            if place == "archive" and name.startswith("checkpoints/"):
                # An older or newer checkpoint is a claim less, not a lie: only the newest one matters.
                assert report.exit_code == 0 or report.sealed_size < report.size, name
            elif place == "control" and name == max(store.objects | {name: b""}):
                assert report.exit_code == 3, "the last marker: checkpoints show that it was there"
            else:
                assert report.exit_code == 3, (place, name)
            store.objects[name] = original


def test_every_cut_and_every_longer_object_is_found(kit: Kit) -> None:
    for place, store in kit.stores():
        for name, original in list(store.objects.items()):
            for changed in (original[:-1], original + b"\0", original[: len(original) // 2], b""):
                store.objects[name] = changed
                assert kit.verify(1).exit_code in (3, 4), (place, name)
            store.objects[name] = original


def test_swapped_objects_are_found(kit: Kit) -> None:
    for place, store in kit.stores():
        names = sorted(store.objects)
        for one, other in itertools.pairwise(names):
            if store.objects[one] != store.objects[other]:
                store.objects[one], store.objects[other] = store.objects[other], store.objects[one]
                assert kit.verify(1).exit_code in (3, 4), (place, one, other)
                store.objects[one], store.objects[other] = store.objects[other], store.objects[one]


def test_the_first_bad_record_is_named(kit: Kit) -> None:
    name = sorted(n for n in kit.archive.objects if n.startswith("segments/"))[1]
    original = kit.archive.objects[name]
    at = original.rindex(b'"index":3')
    kit.archive.objects[name] = original[:at] + b'"index":9' + original[at + 9 :]
    report = kit.verify(0)
    kit.archive.objects[name] = original
    assert report.findings[0].severity == "finding"
    assert report.findings[0].index == 2, "the segment's bytes are not those committed: its first record"
