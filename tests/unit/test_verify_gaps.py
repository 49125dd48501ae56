"""Where records are missing, what hangs on them cannot be told: damage is not called forgery."""

import pytest

from archive.core import layout
from archive.exporters.verification_page import Beside, page
from archive.ledger.checks import LISTED, Question, Verification
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.erasing import PageEraser
from archive.ports import ReadPlaces
from cli.verification import print_report
from schemas.report import Finding, VerificationReport
from tests import attacks
from tests.attacks import filled, names
from tests.ledger_kit import ORIGIN, Kit, erase_draft, item_draft
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


def test_a_damaged_beginning_leaves_no_checkpoint_to_compare_and_none_is_called_unsigned() -> None:
    """The first segment registered every key."""
    kit = filled()
    name = names(kit.archive, layout.SEGMENTS)[0]
    kit.archive.objects[name] = kit.archive.objects[name][:-1] + b"!"
    report = kit.verify(1)
    assert findings(report) == ["altered"]
    assert any("checkpoints from size 2 on could not be compared" in one.text for one in report.findings)


def erased_twice() -> Kit:
    """Two orders reach one page, each with its receipt."""
    kit = filled(1)
    ledger = kit.ledger()
    kit.append(ledger, "privacy", Draft("oversight", "request", values={}))
    request = ledger.state.size - 1
    for target in (2, 3):
        kit.append(ledger, "legal", erase_draft(kit, ledger, [[target, target]], request=request))
        for vault in kit.vaults:
            vault.mutable = True
        erase = ledger.state.size - 1
        done = PageEraser(ledger, kit.vaults).run(ledger.state.erasures)
        pages = [list(pair) for pair in done.digests.items()]
        kit.append(ledger, "privacy", clear_draft("erased", {"erase": erase, "pages": pages}))
    kit.append(ledger, "ingest", item_draft("later"))
    return kit


@pytest.mark.parametrize("lost", [(-2,), (-3,), (-3, -2)], ids=["receipt", "order", "both"])
def test_an_older_receipt_is_not_held_against_a_page_that_a_lost_record_changed(lost: tuple[int]) -> None:
    kit = erased_twice()
    assert kit.verify(1).exit_code == 0
    stored = names(kit.archive, layout.SEGMENTS)
    for at in lost:
        del kit.archive.objects[stored[at]]
    report = kit.verify(1)
    assert findings(report) == ["missing"] * len(lost), report.findings


def test_a_page_whose_newer_generation_a_lost_record_may_name_is_not_called_gone() -> None:
    """A copy that was made after an epoch holds the newest generation alone."""
    kit = filled(1)
    name = next(name for name in kit.vaults[1].objects if "/content/" in name)
    kit.vaults[1].objects[name[:-1] + "1"] = kit.vaults[1].objects.pop(name)
    assert findings(kit.verify(1)) == ["missing"]
    kit.append(kit.ledger(sealer=True), "owner", clear_draft("disowned", {"checkpoints": ["0" * 64]}))
    kit.append(kit.ledger(), "ingest", item_draft("later"))
    del kit.archive.objects[names(kit.archive, layout.SEGMENTS)[-2]]
    report = kit.verify(1)
    assert findings(report) == ["missing"]
    assert any(one.name == name and one.kind == "unknown" for one in report.findings)


@pytest.mark.parametrize("key", [False, True], ids=["no key given", "with the key"])
def test_where_control_is_lost_nothing_of_the_archive_is_called_foreign(key: bool) -> None:
    """It can be made anew; until then nothing can be compared."""
    kit = filled()
    ours = (ORIGIN, kit.log_key.public_key().public_bytes_raw())
    kit.control.objects.clear()
    report = kit.verify(1, heads=[("kept.note", attacks.newest_note(kit))], log_key=ours if key else None)
    assert findings(report) == ["missing"]
    said = " ".join(finding.text for finding in report.findings)
    assert "`beleg rebuild markers`" in said
    assert "the outside head kept.note could not be compared" in said
    assert not any(word in said for word in ("another archive", "planted", "not one of this"))


def test_a_finding_behind_a_thousand_notes_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    kit = filled(1)
    walk = Verification(ReadPlaces(kit.archive, kit.control, kit.vaults), Question(level=0))
    for number in range(LISTED + 1):
        walk.report(Finding(kind="open_erasure", text=f"ordered: {number}", index=number))
    kit.archive.objects["segments/" + "9" * 20 + "-" + "0" * 64] = b"planted"
    report = walk.run()
    assert (report.exit_code, report.findings[0].kind, len(report.findings)) == (3, "unexpected", LISTED + 1)
    assert "NOT INTACT: 1 findings" in page(report, "today")
    print_report(report)
    told = capsys.readouterr().out
    assert "FINDING unexpected: a segment that no marker names" in told
    assert told.endswith("NOT INTACT: 1 findings.\n")  # of no record: the ledger has none of that number


def test_more_than_are_listed_could_not_be_told() -> None:
    kit = filled(1)
    walk = Verification(ReadPlaces(kit.archive, kit.control, kit.vaults), Question(level=0))
    for _ in range(LISTED + 1):
        walk.report(Finding(kind="unknown", text="of a later version"))
    report = walk.run()
    assert (report.exit_code, report.truncated) == (4, 0)


def test_the_page_for_a_file_says_what_the_words_on_the_screen_say() -> None:
    """A lawyer has the page alone: where it began, what was drawn, what stays closed and what could not be read."""
    kit = filled()
    name = names(kit.archive, layout.SEGMENTS)[2]
    whole = kit.verify(2).model_copy(update={"unopened": 7})
    drawn = whole.model_copy(update={"challenged": ((2, True), (3, None)), "challenged_size": 5})
    told = page(drawn, "today", Beside("<b>Hund", "it <i>ends</i> in half a line", journal_unread=True))
    for words in (
        "by the seed &#x27;&lt;b&gt;Hund&#x27;", "1 open to what was committed (2)", "no key at hand opens these (3)",
        f"that the {whole.unopened} records that stay closed hold", "it &lt;i&gt;ends", "NO TIME PROOF: no time stamp",
    ):  # fmt: skip
        assert words in told, words
    assert "verdict good" not in page(whole, "today", Beside(journal="x", journal_unread=True))
    del kit.archive.objects[name]
    assert "the first record touched is 4" in page(kit.verify(1), "today")
