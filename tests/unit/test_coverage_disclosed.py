"""What a bundle tells of coverage names no other conversation, and its own only where nothing is withheld."""

from archive.services.coverage.disclosed import HIDDEN, of_no_conversation, unnamed
from schemas.capture import Claim, Gap
from schemas.coverage import RunCoverage, Stretch, ThreadCoverage
from schemas.item import Key

OTHER = Key(channel="email", scope="", id="Geheim")
NAMED = Gap(thread=OTHER, reason="folder Geheim: the server does not open it")
GENERAL = Gap(reason="no entry of the last look is in sight")


def run(*gaps: Gap, claims: tuple[Claim, ...] = (), stopped: str | None = None) -> RunCoverage:
    return RunCoverage(
        run="1", source="werk", origin="werk", ended="2026-01-01T00:00:00Z", failed=0, stopped=stopped,
        claims=claims, gaps=gaps,
    )  # fmt: skip


def test_a_gap_of_another_conversation_stays_inside() -> None:
    counted = Claim(scope="folder Geheim", kind="exact", expected=5, found=4)
    found = list(
        of_no_conversation([run(NAMED), run(NAMED, GENERAL), run(claims=(counted,)), run(stopped="x")])
    )
    assert [one.gaps for one in found] == [(GENERAL,), (), ()]
    assert (found[1].claims[0].expected, found[1].claims[0].found) == (5, 4)
    assert "Geheim" not in str(found)


def test_a_conversation_without_its_name_has_it_in_no_reason() -> None:
    kept = "the newest run claims to be complete"
    thread = ThreadCoverage(
        channel="email", via=OTHER, thread=Key(channel="email", scope="", id="1"), title="Geheim", sources=("werk",),
        items=1, first=None, last=None, seen=None, state="partly", because=(kept, NAMED.reason), gaps=(NAMED,),
        stretches=(Stretch(state="missing", because=(NAMED.reason,)),),
    )  # fmt: skip
    told = unnamed(thread)
    assert told.because == (kept, HIDDEN)
    assert told.title is None
    assert {one.reason for one in told.gaps} == {HIDDEN}
    assert told.stretches[0].because == (HIDDEN,)
