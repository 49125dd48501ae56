"""Retention: what is due, the plan to let it go, and nothing that goes by itself."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from archive.errors import UsageError
from archive.keeping.retention import begun_everywhere
from archive.services.dispose import legal
from archive.services.dispose.judging import Judge
from archive.services.dispose.relations import Relations
from archive.services.session import Session
from schemas.keeping import ErasureRequest, Plan

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
    running: tuple[tuple[str, int, str], ...]
    """(class, items, the last day of the first of them) of what is not due."""
    due: tuple[tuple[str, int], ...]
    """(class, items) of what is due and not held."""
    held: int
    """Due, and kept by a hold."""
    samples: tuple[tuple[int, str, str], ...]
    """(item, class, its last day) of some that are due."""
    numbers: tuple[int, ...]
    """The items that are due and not held, at most ``MOST``."""


def due(session: Session) -> Due:
    """Look at every item in the ledger itself."""
    relations = Relations(session)
    relations.follow(session.ledger.state.size)
    judge, today = Judge(session, relations), begun_everywhere(session.clock())
    counted: Counter[str] = Counter()
    running: dict[str, tuple[int, date]] = {}
    samples: list[tuple[int, str, str]] = []
    numbers: list[int] = []
    items = unclassed = held = 0
    for index in relations.items():
        items += 1
        term = judge.term(index) if judge.lets_end else None
        if term is None:
            unclassed += 1
        elif term.until >= today:
            count, first = running.get(term.name, (0, term.until))
            running[term.name] = (count + 1, min(first, term.until))
        elif judge.hold_on(index) is not None:
            held += 1
        else:
            counted[term.name] += 1
            if len(numbers) < MOST:
                numbers.append(index)
            if counted[term.name] <= SAMPLES:
                samples.append((index, term.name, term.until.isoformat()))
    return Due(
        items=items, unclassed=unclassed,
        running=tuple((name, count, first.isoformat()) for name, (count, first) in sorted(running.items())),
        due=tuple(sorted(counted.items())), held=held, samples=tuple(samples), numbers=tuple(numbers),
    )  # fmt: skip


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
    _, asked = legal.ask(session, ground="end of retention", cause="retention", items=found.numbers)
    return found, asked, legal.plan(session, asked.id)
