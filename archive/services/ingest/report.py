"""The words of a run's report: what was left out by itself, and what a person should look at."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet

from archive.ledger.drafts import Draft, draft_of
from archive.ports import ReadOptions
from archive.reading.private import Private
from archive.services.ingest.counts import MemberCount
from schemas.capture import Claim, RunReport

FILES_A_RECORD = 2000


def new_from_known(
    counts: Iterable[MemberCount], known: AbstractSet[str], is_twin: Callable[[str], bool], name: str
) -> Iterator[str]:
    """Name files of the input ``name`` that were captured before and now gave new items: read under another name, or
    read anew."""
    for count in counts:
        if count.items and (is_twin(count.member) or count.capture in known):
            which = f"{count.member}: " if count.member not in ("", name) else ""
            yield (
                f"{which}these bytes were in the archive already, and gave {count.items} items that were not: "
                "now under another name, --mine, --thread or --channel, by a newer reader, or after a run "
                "that broke off"
            )


def without_zone(count: int) -> Iterator[str]:
    """Say how many items have a local time of which nobody knows the zone, if there are any."""
    if count:
        yield (
            f"{count} items have a local time of unknown zone, so no search by date finds them: "
            "name the zone with --timezone, or as timezone in beleg.toml, and read them again"
        )


def is_short(claims: Iterable[Claim]) -> bool:
    """Say whether the platform's own counts tell that something is missing."""
    return any(claim.expected is not None and claim.found != claim.expected for claim in claims)


def left_out(private: Iterable[Private]) -> Iterator[str]:
    """Say what a channel leaves out or masks by itself, in words and numbers."""
    masks: Counter[str] = Counter()
    for one in private:
        masks[one.reason] += len(one.ranges or ())
    for reason, ranges in sorted(masks.items()):
        yield f"{reason}: {ranges} places masked" if ranges else f"{reason}: left out"


def report_drafts(report: RunReport) -> list[Draft]:
    """Give the records of a report: one of many files fills several."""
    parts = range(0, max(1, len(report.files)), FILES_A_RECORD)
    return [
        draft_of(report.model_copy(update={"files": report.files[at : at + FILES_A_RECORD]})) for at in parts
    ]


def asked(read: ReadOptions) -> tuple[tuple[str, str], ...]:
    """Give what a person said about an input: it is needed to read the same bytes again."""
    names = ("mine", "timezone", "thread", "author", "when")
    told = [(name, str(value)) for name in names if (value := getattr(read, name))]
    mapping = (("mapping", json.dumps(read.mapping, sort_keys=True)),) if read.mapping else ()
    return (*told, *mapping, *(("recipient", one) for one in read.recipients))
