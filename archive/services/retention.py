"""Retention: what is due, the plan to let it go, and nothing that goes by itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from archive.errors import UsageError
from archive.keeping.retention import Term, begun_everywhere
from archive.services.dispose import legal
from archive.services.dispose.belonging import belonging
from archive.services.dispose.closure import Closure, stays
from archive.services.dispose.judging import Judge
from archive.services.dispose.relations import Relations
from archive.services.session import Session
from schemas.keeping import ErasureRequest, Plan

GROUND = "end of retention"
SAMPLES = 5
MOST = 200_000
"""Items in one plan; what is due beyond it is for the next."""


@dataclass(frozen=True, slots=True)
class Due:
    """What the rules say of everything that is in the archive today."""

    items: int
    """Items that were looked at."""
    unclassed: int
    """Of them: without a class; they never end by time."""
    late: int
    """Of them: with a class that was given only after they were sealed under a policy that gave none; it ends none."""
    running: tuple[tuple[str, int, str], ...]
    """(class, items, the last day of the first of them) of what is not due."""
    due: tuple[tuple[str, int], ...]
    """(class, items) of what is due and not held."""
    held: int
    """Due, and kept by a hold: no plan asks for it."""
    beyond: int
    """Of what is due and not held: how many are more than one plan asks for."""
    restricted: tuple[tuple[str, int, str | None], ...]
    """(ground, items, until) of what a plan of what is due lets stay, with what tells of the same things."""
    counts: tuple[tuple[str, int], ...]
    """What a plan would erase, by kind: what is due and may go, and what goes with it."""
    samples: tuple[tuple[int, str, str], ...]
    """(item, class, its last day) of some that may go."""
    numbers: tuple[int, ...]
    """The items that are due and not held, at most ``MOST``."""


@dataclass(slots=True)
class _Counted:
    """What was found so far."""

    items: int = 0
    unclassed: int = 0
    late: int = 0
    held: int = 0
    running: dict[str, tuple[int, date]] = field(default_factory=dict)
    due: dict[int, Term] = field(default_factory=dict)

    def take(self, index: int, term: Term | None, state: Literal["running", "held", "due"]) -> None:
        """Count an item."""
        self.items += 1
        if term is None:
            self.unclassed += 1
        elif term.late:
            self.late += 1
        elif state == "running":
            count, first = self.running.get(term.name, (0, term.until))
            self.running[term.name] = (count + 1, min(first, term.until))
        elif state == "held":
            self.held += 1
        else:
            self.due[index] = term


def due(session: Session) -> Due:
    """Look at every item in the ledger itself, and find what a plan would make of what is due."""
    relations = Relations(session)
    relations.follow(session.ledger.state.size)
    judge, today = Judge(session, relations), begun_everywhere(session.clock())
    counted = _Counted()
    for index in relations.items():
        term = judge.term(index) if judge.lets_end else None
        over = term is not None and not term.late and term.until < today
        held = over and judge.hold_on(index) is not None
        counted.take(index, term, "held" if held else "due" if over else "running")
    numbers = tuple(counted.due)[:MOST]
    asked = ErasureRequest(id="", cause="retention", ground=GROUND, items=numbers, asked=session.now())
    closure = belonging(session, relations, judge, asked) if numbers else Closure()
    return Due(
        items=counted.items, unclassed=counted.unclassed, late=counted.late, held=counted.held,
        running=tuple((name, count, first.isoformat()) for name, (count, first) in sorted(counted.running.items())),
        due=tuple(sorted(Counter(term.name for term in counted.due.values()).items())),
        beyond=len(counted.due) - len(numbers), restricted=stays(closure.restricted), counts=closure.counts(),
        samples=tuple(_samples(closure.items, counted.due)), numbers=numbers,
    )  # fmt: skip


def _samples(going: set[int], terms: Mapping[int, Term]) -> Sequence[tuple[int, str, str]]:
    """Give some of each class."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for index in sorted(going):
        if (term := terms.get(index)) is not None and len(found.setdefault(term.name, [])) < SAMPLES:
            found[term.name].append((index, term.name, term.until.isoformat()))
    return [one for _, rows in sorted(found.items()) for one in rows]


def plan(session: Session) -> tuple[Due, ErasureRequest | None, Plan | None]:
    """Plan to let go what is due. Erases nothing: two people approve exactly this plan, then it is run.

    Raises:
        UsageError: no policy in force has a retention class.
    """
    from archive.services.agreed import policies

    policy = policies.current(session)
    if policy is None or not policy.classes:
        raise UsageError("no policy in force has retention classes; `beleg policy propose` proposes one")
    session.ledger.refresh()
    found = due(session)
    if not found.numbers:
        return found, None, None
    _, asked = legal.ask(session, ground=GROUND, cause="retention", items=found.numbers)
    return found, asked, legal.plan(session, asked.id)
