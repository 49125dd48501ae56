"""Where records are missing, what hangs on them cannot be told: damage is not called forgery."""

import pytest

from archive.core import layout
from schemas.report import VerificationReport
from tests import attacks
from tests.attacks import filled, names
from tests.ledger_kit import ORIGIN, item_draft
from tests.unit.test_verify_since import kept, onward


def findings(report: VerificationReport) -> list[str]:
    return [finding.kind for finding in report.findings if finding.severity == "finding"]


@pytest.mark.parametrize("gone", [False, True], ids=["flipped", "gone"])
def test_a_damaged_segment_is_no_fork_behind_it(gone: bool) -> None:
    kit = filled()
    head = attacks.newest_note(kit)
    name = names(kit.archive, layout.SEGMENTS)[2]
    data = kit.archive.objects.pop(name)
    if not gone:
        kit.archive.objects[name] = data[:-1] + bytes([data[-1] ^ 1])
    report = kit.verify(1, heads=[("kept.note", head)])
    assert findings(report) == ["missing" if gone else "altered"]
    said = " ".join(finding.text for finding in report.findings)
    assert "checkpoints from size 6 on could not be compared" in said
    assert "the outside head kept.note could not be compared" in said
    assert "no committed segment names" not in said, "its key pages are those of the segment that is gone"


def test_keys_that_a_missing_record_may_have_registered_are_not_called_strangers() -> None:
    """The log key that a lost record registered signed rightly."""
    kit, _ = attacks.old_log_key()
    kit.archive.objects.pop(names(kit.archive, layout.CHECKPOINTS)[-1])
    newest = (ORIGIN, kit.log_key.public_key().public_bytes_raw())
    del kit.archive.objects[names(kit.archive, layout.SEGMENTS)[3]]
    report = kit.verify(1, log_key=newest)
    assert findings(report) == ["missing"]
    assert any("log key that you gave" in one.text for one in report.findings if one.kind == "unknown")


def test_an_erasure_that_may_lie_in_the_gap_makes_no_destroyed_key_a_crime() -> None:
    kit, name = attacks.key_gone()
    assert findings(kit.verify(0)) == ["key_missing"] * 2
    ledger = kit.ledger()
    kit.append(ledger, "ingest", item_draft("later"))
    kit.append(ledger, "ingest", item_draft("last"))
    del kit.archive.objects[names(kit.archive, layout.SEGMENTS)[-2]]
    report = kit.verify(0)
    assert findings(report) == ["missing"]
    assert any(finding.name == name and finding.kind == "unknown" for finding in report.findings)


def test_a_cut_behind_a_gap_is_still_told() -> None:
    kit = filled()
    del kit.archive.objects[names(kit.archive, layout.SEGMENTS)[1]]
    del kit.control.objects[names(kit.control, layout.COMMITS)[-1]]
    assert findings(kit.verify(0)) == ["missing", "rolled_back"]


def test_an_archive_cut_below_a_state_has_its_good_checkpoints_all_the_same() -> None:
    kit = filled()
    before = attacks.snapshot(kit)
    kit.append(kit.ledger(), "ingest", item_draft("later"))
    since = kept(kit)
    attacks.restore(kit, before)
    said = [finding.text for finding in onward(kit, since).findings]
    assert any("is gone" in text for text in said)
    assert not any("no good checkpoint" in text for text in said)
