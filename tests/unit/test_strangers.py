"""What lies in the archive place and no record names; and what must not be said twice."""

from hashlib import sha256

import pytest

from archive.core import layout
from tests import ledger_kit
from tests.attacks import filled, names
from tests.ledger_kit import Kit


def _said(kit: Kit, level: int = 1) -> list[tuple[str, str | None]]:
    return [(finding.kind, finding.name) for finding in kit.verify(level).findings]


def test_stored_objects_that_no_record_names_are_a_note() -> None:
    kit = filled(1)
    assert kit.verify(1).objects, "there are objects that are named"
    assert _said(kit) == []
    for data in (b"planted", b"left by a crash"):
        kit.archive.objects[layout.object_name(sha256(data).hexdigest())] = data
    report = kit.verify(1)
    assert [(one.kind, one.severity) for one in report.findings] == [("duplicate", "note")]
    assert report.findings[0].text.startswith("2 stored objects")
    assert report.exit_code == 0
    assert _said(kit, 0) == [], "level 0 does not read which objects are named"


@pytest.mark.parametrize(
    "name", ["objects/zz", "objects/aa/foo", "objects/ab/" + "c" * 64, "tokens/x", "tokens/ab/" + "c" * 64]
)
def test_names_that_are_none_are_findings(name: str) -> None:
    kit = filled(1)
    kit.archive.objects[name] = b"x"
    assert _said(kit) == [("unexpected", name)]


def test_a_segment_that_cannot_be_read_is_told_once() -> None:
    kit = filled()
    segment = names(kit.archive, "segments/")[2]
    kit.archive.objects[segment] += b"x"
    kinds = [kind for kind, _ in _said(kit)]
    assert kinds.count("altered") == 1
    assert "unexpected" not in kinds, "its marker is where it belongs"
    del kit.archive.objects[segment]
    kinds = [kind for kind, _ in _said(kit)]
    assert kinds.count("missing") == 1
    assert "unexpected" not in kinds


def test_a_planted_segment_is_called_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a registered writer signed can be that of a writer who lost the race."""
    kit, other, forged = filled(1), Kit(), Kit()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(ledger_kit, "ORIGIN", "firm.example/other/0123456789abcdef")
        other.found()
    foreign = names(other.archive, "segments/")[0]
    forged.found()
    unsigned = names(forged.archive, "segments/")[0]
    rubbish = layout.segment(0, sha256(b"rubbish").hexdigest())
    for name, data, words in (
        (foreign, other.archive.objects[foreign], "of another archive, firm.example/other"),
        (unsigned, forged.archive.objects[unsigned], "no registered writer signed"),
        (rubbish, b"rubbish", "no segment"),
        (layout.segment(0, "0" * 64), other.archive.objects[foreign], "does not bear out its name"),
    ):
        kit.archive.objects[name] = data
        [finding] = kit.verify(1).findings
        assert (finding.severity, finding.name, words in finding.text) == ("note", name, True), finding
        assert "planted" in finding.text
        del kit.archive.objects[name]
