"""Coverage as it goes out: it names no conversation that is not handed out, or goes out without its name, and no time
that is withheld."""

from collections.abc import Iterable, Iterator

from schemas.coverage import RunCoverage, ThreadCoverage

HIDDEN = "something is known to be missing; the archive names it"
COUNTED = "a part of the source, by the platform's own count"


def of_no_conversation(runs: Iterable[RunCoverage]) -> Iterator[RunCoverage]:
    """Give what runs lack that belongs to no conversation; what the platform counts is told without its name."""
    for run in runs:
        gaps = tuple(gap for gap in run.gaps if gap.thread is None)
        claims = tuple(claim.model_copy(update={"scope": COUNTED}) for claim in run.claims)
        if gaps or claims or run.failed or run.stopped:
            yield run.model_copy(update={"gaps": gaps, "claims": claims})


def unnamed(one: ThreadCoverage) -> ThreadCoverage:
    """Give a conversation without its name; the reasons of its gaps may hold it."""
    names = {gap.reason for gap in one.gaps}

    def told(because: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(HIDDEN if why in names else why for why in because))

    return one.model_copy(
        update={
            "title": None,
            "because": told(one.because),
            "gaps": tuple(gap.model_copy(update={"reason": HIDDEN}) for gap in one.gaps),
            "stretches": tuple(
                part.model_copy(update={"because": told(part.because)}) for part in one.stretches
            ),
        }
    )


def undated(one: ThreadCoverage) -> ThreadCoverage:
    """Give a conversation without the times of its first and its last item."""
    times = {one.first, one.last}
    return one.model_copy(
        update={
            "first": None,
            "last": None,
            "stretches": tuple(
                part.model_copy(
                    update={
                        "start": None if part.start in times else part.start,
                        "end": None if part.end in times else part.end,
                    }
                )
                for part in one.stretches
            ),
        }
    )
