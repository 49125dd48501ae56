"""Counting what was found: by channel, by party, by month."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from archive.catalogue import Outline
from archive.reading.times import by_zone
from archive.services.asking import zone_of
from archive.services.session import Session
from schemas.answer import Counts, Tally

UNKNOWN = "-"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
"""No zone is off by less than a quarter of an hour, so within one the month is the same."""


def counts_of(session: Session, indexes: Sequence[int]) -> Counts:
    """Count items; every list adds up to their number."""
    zone = zone_of(session)
    parties = {
        held.account.place: party.name for party in session.catalogue.parties() for held in party.accounts
    }
    channels: Counter[str] = Counter()
    names: Counter[str] = Counter()
    months: Counter[str] = Counter()

    @lru_cache(maxsize=1 << 16)
    def month(quarter: int) -> str:
        return by_zone(_EPOCH + quarter * QUARTER, zone).isoformat()[:7]

    for outline in session.catalogue.outlines(indexes):
        channels[outline.channel] += 1
        names[_name(outline, parties)] += 1
        months[UNKNOWN if outline.time is None else month(timedelta(seconds=outline.time) // QUARTER)] += 1
    return Counts(
        channels=_tallies(channels),
        parties=_tallies(names),
        months=tuple(Tally(value=value, items=count) for value, count in sorted(months.items())),
    )


def _name(outline: Outline, parties: dict[tuple[str, str, str], str]) -> str:
    account = outline.account
    if account is not None:
        # One that was registered without a scope (a team, a phone) is meant in every one.
        for scope in (account.scope, ""):
            if (named := parties.get((account.channel, scope, account.id))) is not None:
                return named
    return outline.author or (account.id if account else UNKNOWN)


def _tallies(counter: Counter[str]) -> tuple[Tally, ...]:
    """Give the most frequent first; equal ones by name."""
    ordered = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Tally(value=value, items=count) for value, count in ordered)
