"""Every attack of FORMAT.md §15 by its name: what verification says, or honestly that it cannot see it.

Cases about time are in test_timestamps, those about bundles in test_bundle_time and test_bundle_tampering.
"""

import re
import zlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import facets, layout
from archive.core.keypage import zero_slots
from archive.core.segment import Segment
from archive.errors import RolledBack
from archive.ledger.writer import Writer
from archive.ports import ObjectVersion
from schemas.report import VerificationReport
from tests import attacks
from tests.attacks import filled, names, restore, snapshot
from tests.ledger_kit import Kit, erase_draft, item_draft
from tests.memory_store import MemoryStore

ROOT = Path(__file__).parents[2]


def findings(report: VerificationReport) -> set[str]:
    return {finding.kind for finding in report.findings if finding.severity == "finding"}


@pytest.mark.parametrize("prefix", ["segments/", "checkpoints/", "objects/", "commits/", "keys/"])
def test_bit_flip_anywhere(prefix: str) -> None:
    kit = filled(1)
    for _, store in kit.stores():
        for name in names(store, prefix):
            good = store.objects[name]
            for at in (0, len(good) // 3, len(good) - 1):
                store.objects[name] = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
                assert kit.verify(1).exit_code == 3, (name, at)
            store.objects[name] = good
    assert kit.verify(2).exit_code == 0


def test_record_removed_swapped_or_duplicated() -> None:
    """By a holder of the writer key, who signs the segment anew: the chain and the signed root show it."""
    for drafts in (["a"], ["b", "a"], ["a", "a", "b"], ["a", "b", "c"]):
        kit, _ = attacks.batch_otherwise(["a", "b"], drafts)
        assert findings(kit.verify(0)) & {"fork", "rolled_back"}, drafts


def test_segment_removed_swapped_or_duplicated() -> None:
    kit = filled()
    segments, kept = names(kit.archive, "segments/"), snapshot(kit)
    del kit.archive.objects[segments[2]]
    assert "missing" in findings(kit.verify(0))
    restore(kit, kept)
    one, two = segments[2], segments[3]
    kit.archive.objects[one], kit.archive.objects[two] = kit.archive.objects[two], kit.archive.objects[one]
    assert "altered" in findings(kit.verify(0))
    restore(kit, kept)
    data = kit.archive.objects[one]
    kit.archive.objects[layout.segment(Segment(data).header.first + 1, sha256(data).hexdigest())] = data
    assert findings(kit.verify(0)) == {"unexpected"}
    restore(kit, kept)
    kit.archive.objects[
        layout.segment(Segment(kit.archive.objects[two]).header.first, sha256(data).hexdigest())
    ] = data
    report = kit.verify(0)
    assert (report.exit_code, [f.kind for f in report.findings]) == (0, ["duplicate"])


def test_tail_cut() -> None:
    kit = filled()
    kept = snapshot(kit)
    kit.append(kit.ledger(), "ingest", item_draft("the promise"))
    later = {n: b for n, b in kit.archive.objects.items() if n.startswith(layout.CHECKPOINTS)}
    restore(kit, kept)
    kit.archive.objects.update(later)
    assert findings(kit.verify(0)) == {"rolled_back"}
    with pytest.raises(RolledBack):
        kit.append(kit.ledger(), "ingest", item_draft("goes on"))


def test_tail_cut_with_an_older_genuine_checkpoint() -> None:
    """Seen by nobody inside; an outside head shows it."""
    kit, head = attacks.tail_cut()
    assert kit.verify(2).exit_code == 0
    assert findings(kit.verify(0, heads=[("kept.note", head)])) == {"rolled_back"}


def test_marker_deleted_before_the_next_append() -> None:
    kit = filled()
    del kit.control.objects[names(kit.control, layout.COMMITS)[-1]]
    assert findings(kit.verify(0)) == {"rolled_back"}
    with pytest.raises(RolledBack):
        kit.append(kit.ledger(), "ingest", item_draft("a fork by an honest hand"))


def test_planted_continuation() -> None:
    """By somebody without a registered key: no writer takes it up, and with a marker it is a finding."""
    kit, stranger = filled(1), Kit()
    stranger.archive.objects, stranger.control.objects = dict(kit.archive.objects), dict(kit.control.objects)
    stranger.vaults[0].objects = dict(kit.vaults[0].objects)
    stranger.vaults[1].objects = dict(kit.vaults[1].objects)
    ledger = stranger.ledger(sealer=False)
    ledger.judge = lambda finding: None
    ledger.append(Writer(Ed25519PrivateKey.generate(), "ingest"), lambda head: [item_draft("planted")])
    planted = names(stranger.archive, "segments/")[-1]
    size = kit.verify(0).size
    kit.archive.objects[planted] = stranger.archive.objects[planted]
    assert kit.verify(0).exit_code == 0
    kit.append(kit.ledger(), "ingest", item_draft("honest"))
    assert kit.verify(1).exit_code == 0
    assert kit.verify(0).size == size + 1
    del kit.control.objects[layout.marker(size)]
    kit.control.objects[layout.marker(size)] = stranger.control.objects[layout.marker(size)]
    assert "bad_signature" in findings(kit.verify(0))


def test_history_re_signed_with_a_stolen_log_key() -> None:
    """A thief without a place to write can only stop writers; who holds the places too is shown by a head."""
    kit, _ = attacks.re_signed()
    assert findings(kit.verify(0)) == {"fork"}


def test_everything_rewritten_by_the_operator() -> None:
    """With all keys a whole history can be made anew from any point on: only what outsiders keep shows it."""
    kit, head = attacks.rewritten(["five years of warranty"], ["two years of warranty"])
    assert kit.verify(2).exit_code == 0
    assert findings(kit.verify(0, heads=[("kept.note", head)])) == {"fork"}


def test_content_invented_with_a_stolen_writer_key() -> None:
    """Cannot be seen: the key is registered and the role allows it. Retiring the key ends it; tokens bound when."""
    kit = attacks.stolen_writer()
    assert kit.verify(2).exit_code == 0


def test_role_exceeded() -> None:
    kit = attacks.role_exceeded()
    assert findings(kit.verify(0)) == {"bad_role"}


def test_fork_shown_to_one_auditor() -> None:
    """Two genuine heads of one size: proof against the operator that convinces anybody."""
    kit, (first, second) = attacks.two_heads(later=False)
    report = kit.verify(0, heads=[("court.note", first), ("auditor.note", second)])
    assert findings(report) == {"fork"}
    assert any("they prove it to anybody" in finding.text for finding in report.findings)


def test_place_rolled_back() -> None:
    kit = filled()
    control, vault = dict(kit.control.objects), [dict(v.objects) for v in kit.vaults]
    kit.append(kit.ledger(), "ingest", item_draft("later"))
    now = snapshot(kit)
    kit.control.objects = dict(control)
    assert findings(kit.verify(0)) == {"rolled_back"}
    restore(kit, now)
    kit.vaults[0].objects = dict(vault[0])
    assert findings(kit.verify(0)) == {"missing"}


def _erased() -> tuple[Kit, str, list[bytes]]:
    from archive.ledger.drafts import Draft, clear_draft

    kit = Kit()
    ledger = kit.found()
    kit.append(ledger, "ingest", item_draft("to go"), item_draft("to stay"))
    kit.append(ledger, "privacy", Draft("oversight", "request", values={}))
    kit.append(ledger, "legal", erase_draft(kit, ledger, [[2, 2]], request=4))
    name = next(n for n in kit.vaults[0].objects if "/content/" in n)
    backup = [vault.objects[name] for vault in kit.vaults]
    for vault in kit.vaults:
        vault.objects[name] = zero_slots(vault.objects[name], [0])
    digest = sha256(kit.vaults[0].objects[name]).hexdigest()
    kit.append(ledger, "privacy", clear_draft("erased", {"erase": 5, "pages": [[name, digest]]}))
    return kit, name, backup


def test_key_page_replaced_zeroed_or_revived_from_backup() -> None:
    kit, name, backup = _erased()
    assert kit.verify(1).exit_code == 0
    good = kit.vaults[0].objects[name]
    kit.vaults[0].objects[name] = backup[0]
    assert "key_returned" in findings(kit.verify(0))
    kit.vaults[0].objects[name] = zero_slots(good, [0, 1])
    assert "key_missing" in findings(kit.verify(0))
    other = next(n for n in kit.vaults[0].objects if "/oversight/" in n)
    kit.vaults[0].objects[name] = kit.vaults[0].objects[other]
    assert "altered" in findings(kit.verify(0))


def test_missing_key_without_entry() -> None:
    kit, name = attacks.key_gone()
    assert findings(kit.verify(0)) == {"key_missing"}
    del kit.vaults[0].objects[name]
    assert "missing" in findings(kit.verify(0))


class VersionedStore(MemoryStore):
    """Keeps what was written over, as a bucket with locks does."""

    versioned = True

    def __init__(self) -> None:
        super().__init__()
        self.more: dict[str, list[bytes | None]] = {}

    def versions(self, prefix: str):  # type: ignore[no-untyped-def]
        for name in self.names(prefix):
            yield ObjectVersion(name, "", len(self.objects[name]), removed=False)
            for number, body in enumerate(self.more.get(name, [])):
                yield ObjectVersion(name, str(number), len(body or b""), removed=body is None)

    def get(self, name: str, *, limit: int, version: str | None = None) -> bytes:
        if version:
            return self.more[name][int(version)] or b""
        return super().get(name, limit=limit)


def test_second_version_over_a_write_once_name_and_delete_marker() -> None:
    store = VersionedStore()
    kit = Kit(archive=store)
    kit.append(kit.found(), "ingest", item_draft("a"))
    name = names(store, "segments/")[-1]
    store.more[name] = [store.objects[name]]
    report = kit.verify(0)
    assert (report.exit_code, [f.kind for f in report.findings]) == (0, ["duplicate"])
    store.more[name] = [b"other bytes"]
    assert findings(kit.verify(0)) == {"unexpected"}
    store.more[name] = [None]
    assert findings(kit.verify(0)) == {"unexpected"}


def test_decompression_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made by a holder of the ingest key; refused at the cap, after a few kilobytes of input."""
    kit = filled(1)
    ledger = kit.ledger()
    ledger.follow()
    real = zlib.compress
    monkeypatch.setattr(facets.zlib, "compress", lambda data, level: real(bytes(64 * 1024 * 1024), 9))
    kit.append(ledger, "ingest", item_draft("bomb"))
    monkeypatch.undo()
    assert kit.verify(1).exit_code == 0, "without the key nobody can tell"
    assert findings(kit.verify(2)) == {"not_opened"}


@pytest.mark.parametrize(
    "change",
    [
        lambda leaf: leaf.replace(b",", b", ", 1),
        lambda leaf: leaf[:-1] + b',"version":1}',
        lambda leaf: leaf.replace(b'"version":1', b'"version":1.0'),
    ],
    ids=["space", "name twice", "float"],
)
def test_non_canonical_leaf(change: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    kit = attacks.odd_leaf(change, monkeypatch)
    assert "altered" in findings(kit.verify(0))


def test_a_challenge_beside_an_attack_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    kit = attacks.odd_leaf(lambda leaf: leaf.replace(b",", b", ", 1), monkeypatch)
    plain, drawn = kit.verify(0), kit.verify(0, challenge=50, seed="x")
    assert drawn.findings == plain.findings
    assert [index for index, _ in drawn.challenged] == [2, 3, 4], "those that can be drawn"


def test_stream_position_repeated() -> None:
    kit = attacks.position_repeated()
    assert findings(kit.verify(0)) == {"bad_chain"}


def test_record_sealed_a_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    report = attacks.sealed_twice(monkeypatch).verify(0)
    assert findings(report) == {"fork", "altered"}
    assert any("a second time" in finding.text for finding in report.findings)


def test_old_segment_re_signed_with_another_key_page() -> None:
    """By a thief of the writer key: the leaves name writer and page, so the signed root no longer fits."""
    kit, _ = attacks.batch_otherwise(["a"], ["a"])
    assert findings(kit.verify(0)) == {"fork"}


# ---- the table itself


def test_the_table_names_these_tests_and_no_others() -> None:
    text = (ROOT / "schemas" / "FORMAT.md").read_text(encoding="utf-8")
    section = text[text.index("## 15.") :]
    named = set(re.findall(r"`(test_[a-z_]+)`", section))
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    there = {name for source in sources for name in re.findall(r"def (test_[a-z_0-9]+)\(", source)}
    assert named - there == set()
    own = set(re.findall(r"def (test_[a-z_]+)\(", Path(__file__).read_text(encoding="utf-8")))
    others = {
        "test_the_table_names_these_tests_and_no_others",
        "test_a_challenge_beside_an_attack_hides_nothing",
    }
    assert own - named - others == set()
