"""Retention: which class an item is of, and when its time is over. Pure rules; nothing goes by itself.

The clock is fixed when an item is sealed: the policy in force then says how long it stays at least. A later policy
may make it longer, never shorter. A policy that gave an item no class let it stay without end: a class that is given
later ends it only where two people signed that it does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import get_args
from zoneinfo import ZoneInfo

from archive.keeping.conversations import Conversations
from archive.keeping.scope import EARLIEST, ScopeTest
from archive.reading.times import by_zone
from schemas.entry import Entry
from schemas.item import Event, Form, Item
from schemas.keeping import Policy, RetentionClass, RetentionRule
from schemas.matter import Party, Scope

GERMAN = (
    RetentionClass(name="letter", years=6),
    RetentionClass(name="voucher", years=8),
    RetentionClass(name="book", years=10),
)
"""Commercial letters, vouchers, books of account (HGB § 257, AO § 147): from the end of the year."""

FOREVER = date.max

KINDS = frozenset((*get_args(Event), *get_args(Form)))
"""What a rule may ask for as a kind of item."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long an item stays: ``until`` is the last day on which it must not go."""

    name: str
    """Of the class that keeps it longest."""
    until: date
    statute: tuple[str, date] | None
    """The class demanded by law that keeps it longest, and until when."""
    late: bool = False
    """Whether no class was given to it when it was sealed, and nobody signed that one of later ends it: then none does,
    and ``until`` tells when one would."""


def began(item: Item, sealed: int) -> int:
    """Give when the clock of an item sealed at ``sealed`` starts, in Unix seconds as that is.

    It starts with the instant at which the item was said; where that is unknown, or lies after the sealing, with the
    sealing.
    """
    if item.time is None or not item.time.utc:
        return sealed
    return min(sealed, int(datetime.fromisoformat(item.time.utc[:19] + "+00:00").timestamp()))


def ends(start: int, kept: RetentionClass, zone: ZoneInfo) -> date:
    """Give the last day of a class whose clock starts at an instant (Unix seconds)."""
    day = by_zone(datetime.fromtimestamp(start, UTC), zone).date()
    if day.year + kept.years > FOREVER.year:
        return FOREVER
    if kept.start == "year_end":
        return date(day.year + kept.years, 12, 31)
    try:
        return day.replace(year=day.year + kept.years)
    except ValueError:  # the 29th of February
        return date(day.year + kept.years, 3, 1)


def begun_everywhere(now: datetime) -> date:
    """Give the day that has begun everywhere on earth: a last day before it is over by whatever calendar was signed."""
    return by_zone(now, EARLIEST).date()


class Rules:
    """The rules of one policy, ready to judge."""

    def __init__(
        self, policy: Policy, parties: Mapping[str, Sequence[Party]], conversations: Conversations
    ) -> None:
        """Prepare; raises QueryError for a rule whose query cannot be read."""
        self._classes = {one.name: one for one in policy.classes}
        self._rules = [
            (rule, ScopeTest(_scope(rule), parties, conversations, statements=True)) for rule in policy.rules
        ]

    def terms(self, entry: Entry, zone: ZoneInfo) -> list[tuple[RetentionClass, date]]:
        """Give (class, last day) of each class of an item. What cannot be judged is in all that it may be in.

        An item that alone shows that a party is in a conversation stays until the last of the conversation may go:
        the class of the rest hangs on it.
        """
        item = entry.body
        if not isinstance(item, Item):
            return []
        found: dict[str, int] = {}
        for rule, test in self._rules:
            starts = [test.shown_by(entry)]
            if (not rule.kinds or {item.event, item.form} & set(rule.kinds)) and test.holds(entry):
                starts.append(began(item, entry.time))
            for start in starts:
                if start is not None:
                    found[rule.name] = max(start, found.get(rule.name, start))
        return [
            (self._classes[name], ends(start, self._classes[name], zone)) for name, start in found.items()
        ]


def _scope(rule: RetentionRule) -> Scope:
    return Scope(parties=rule.parties, channels=rule.channels, query=rule.query)


def with_german(policy: Policy) -> Policy:
    """Give a policy with those of the ``GERMAN`` classes that its rules name and that it does not define itself."""
    defined = {one.name for one in policy.classes}
    named = {rule.name for rule in policy.rules}
    added = tuple(one for one in GERMAN if one.name in named - defined)
    return policy.model_copy(update={"classes": (*policy.classes, *added)})


def check(policy: Policy) -> None:
    """Refuse a policy that contradicts itself.

    Raises:
        ValueError: a rule for a class that there is not, a class twice, or a time that is none.
        QueryError: a query that cannot be read.
    """
    names = [one.name for one in policy.classes]
    if len(names) != len(set(names)):
        raise ValueError("a retention class stands there twice")
    if any(not 0 <= one.years <= 200 for one in policy.classes):
        raise ValueError("a retention class lasts 0 to 200 years")
    for rule in policy.rules:
        if rule.name not in names:
            raise ValueError(f"there is no retention class {rule.name!r}; classes are {', '.join(names)}")
        if not (rule.channels or rule.kinds or rule.parties or rule.query):
            raise ValueError(f"the rule for {rule.name!r} says nothing that an item could match")
        if strange := sorted(set(rule.kinds) - KINDS):
            raise ValueError(
                f"the rule for {rule.name!r} asks for the kind {strange[0]!r}; kinds are {', '.join(sorted(KINDS))}"
            )
    Rules(policy, {}, Conversations())


class Retention:
    """All policies that ever counted, and what follows from them for an item."""

    def __init__(
        self,
        policies: Sequence[tuple[int, Policy]],
        parties: Mapping[str, Sequence[Party]],
        conversations: Conversations,
        zone: ZoneInfo,
    ) -> None:
        """Take (index of the record, policy) in order of the ledger."""
        # Settings of a host may change; the calendar that people signed does not.
        self._policies = [
            _Counting(
                index,
                Rules(policy, parties, conversations),
                ZoneInfo(policy.timezone) if policy.timezone else zone,
                bool(policy.also_unclassed),
            )
            for index, policy in policies
        ]
        self.lets_end = bool(policies and policies[-1][1].classes)
        """Whether the policy in force lets anything end by time."""

    def term(self, entry: Entry) -> Term | None:
        """Give how long an item stays; None when no class was ever given to it: then nothing ends by time."""
        then = [one for one in self._policies if one.index < entry.index][-1:]
        given = [one.terms(entry) for one in then]
        later = [
            (one, terms) for one in self._policies if one.index > entry.index and (terms := one.terms(entry))
        ]
        found = [pair for terms in (*given, *(terms for _, terms in later)) for pair in terms]
        if not found:
            return None
        longest = max(found, key=lambda pair: pair[1])
        lawful = [pair for pair in found if pair[0].statute]
        top = max(lawful, key=lambda pair: pair[1], default=None)
        late = given == [[]] and not any(one.also_unclassed for one, _ in later)
        return Term(longest[0].name, longest[1], (top[0].name, top[1]) if top else None, late)


@dataclass(frozen=True, slots=True)
class _Counting:
    """One policy, from where it counts."""

    index: int
    """Of the record that put it in force."""
    rules: Rules
    zone: ZoneInfo
    also_unclassed: bool

    def terms(self, entry: Entry) -> list[tuple[RetentionClass, date]]:
        return self.rules.terms(entry, self.zone)
