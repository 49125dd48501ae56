"""Who and what people have registered and decided, folded from the ledger itself, never from a projection."""

from collections.abc import Iterable
from itertools import takewhile
from typing import TypeVar

from archive.errors import UsageError
from archive.services.session import Session
from schemas.matter import (
    Certificate,
    Hold,
    HoldRelease,
    Matter,
    Note,
    Party,
    Person,
    Production,
    Redaction,
    Selection,
)

T = TypeVar("T", Matter, Party, Person, Production, Hold, Certificate)


def _last(bodies: Iterable[tuple[int, object]], model: type[T]) -> dict[str, T]:
    """Give id → last state, in order of first appearance."""
    found: dict[str, T] = {}
    for _, body in bodies:
        if isinstance(body, model):
            found[body.id] = body
    return found


def matters(session: Session) -> dict[str, Matter]:
    """Give the last state of every matter."""
    return _last(session.bodies("matter", "matter"), Matter)


def matter(session: Session, identifier: str) -> Matter:
    """Give one matter.

    Raises:
        UsageError: there is none of this number.
    """
    found = matters(session)
    if identifier not in found:
        known = ", ".join(found) or "none yet; `beleg matter open` opens one"
        raise UsageError(f"there is no matter {identifier}; open are: {known}")
    return found[identifier]


def parties(session: Session) -> dict[str, Party]:
    """Give the last state of every party."""
    return _last(session.bodies("party", "matter"), Party)


def party_states(session: Session) -> dict[str, list[Party]]:
    """Give number → every state that the party ever had, oldest first: what it was once, a hold on it keeps."""
    found: dict[str, list[Party]] = {}
    for _, body in session.bodies("party", "matter"):
        if isinstance(body, Party):
            found.setdefault(body.id, []).append(body)
    return found


def persons(session: Session) -> dict[str, Person]:
    """Give every person."""
    return _last(session.bodies("person", "oversight"), Person)


def actor(session: Session, role: str) -> str | None:
    """Give the number of the person whose key signs for a role here; None where the key is that of the role itself."""
    writer = session.writer(role).id
    return next((one.id for one in persons(session).values() if one.writer == writer), None)


def productions(session: Session) -> dict[str, Production]:
    """Give every production."""
    return _last(session.bodies("production", "oversight"), Production)


def certificates(session: Session, *, before: int | None = None) -> dict[str, Certificate]:
    """Give every certificate of a search, or those below a record."""
    bodies = session.bodies("certificate", "matter")
    if before is not None:
        bodies = takewhile(lambda pair: pair[0] < before, bodies)
    return _last(bodies, Certificate)


def holds(session: Session) -> list[tuple[Hold, HoldRelease | None]]:
    """Give every hold, with its release if it was released; one that the policy of its day forbids does not count."""
    from archive.services.agreed.policies import release_counts

    placed: dict[str, Hold] = {}
    released: dict[str, HoldRelease] = {}
    for index, body in session.bodies("hold", "oversight"):
        if isinstance(body, Hold):
            placed.setdefault(body.id, body)
        elif (
            isinstance(body, HoldRelease)
            and body.hold in placed  # what was not placed yet cannot be released beforehand
            and body.hold not in released
            and release_counts(session, index, body)
        ):
            released[body.hold] = body
    return [(hold, released.get(hold.id)) for hold in placed.values()]


def meant_holds(session: Session, number: str) -> list[Hold]:
    """Give the holds that ``hold:NUMBER`` means: that one, or with ``ANY`` every one that stands."""
    return [hold for hold, gone in holds(session) if hold.id == number or (number == "ANY" and gone is None)]


def active_holds(session: Session) -> list[tuple[int, Hold]]:
    """Give every hold that stands, with the index of the record that placed it."""
    released = {hold.id for hold, gone in holds(session) if gone is not None}
    found: dict[str, tuple[int, Hold]] = {}
    for index, body in session.bodies("hold", "oversight"):
        if isinstance(body, Hold) and body.id not in released:
            found.setdefault(body.id, (index, body))
    return list(found.values())


def selection(session: Session, identifier: str, *, before: int | None = None) -> dict[int, Selection]:
    """Give item → the last decision on it in a matter, or the last below ``before``; removed items are left out."""
    found: dict[int, Selection] = {}
    for index, body in session.bodies("selection", "matter"):
        if before is not None and index >= before:
            break
        if isinstance(body, Selection) and body.matter == identifier:
            for item in body.items:
                if body.decision == "removed":
                    found.pop(item, None)
                else:
                    found[item] = body
    return dict(sorted(found.items()))


def notes(session: Session, identifier: str) -> list[Note]:
    """Give the notes of a matter, oldest first."""
    bodies = session.bodies("note", "matter")
    return [body for _, body in bodies if isinstance(body, Note) and body.matter == identifier]


def redactions(session: Session, identifier: str, *, before: int | None = None) -> dict[int, Redaction]:
    """Give item → what of it is not handed out in a matter, by the decisions below ``before``.

    A decision that withholds nothing is left out.
    """
    found: dict[int, Redaction] = {}
    for index, body in session.bodies("decision", "matter"):
        if before is not None and index >= before:
            break
        if isinstance(body, Redaction) and body.matter == identifier:
            found[body.item] = body
    return {item: one for item, one in found.items() if one.facets or one.spans}


def erased(session: Session, items: Iterable[int]) -> dict[int, int]:
    """Give item → the ``erase`` record by whose order it is gone, of those that are."""
    orders = {item: session.ledger.state.erasure_of(item) for item in items}
    return {item: order.erase for item, order in orders.items() if order is not None}


def named(text: str, what: str) -> str:
    """Give a name or reason as it is kept.

    Raises:
        UsageError: nothing of it can be seen.
    """
    if not any(one.isprintable() and not one.isspace() for one in text):
        raise UsageError(f"{what} must not be empty")
    return text.strip()


def next_id(prefix: str, taken: Iterable[str]) -> str:
    """Give the next number of a kind: ``M-1``, ``M-2`` …"""
    numbers = [int(identifier.removeprefix(f"{prefix}-")) for identifier in taken]
    return f"{prefix}-{max(numbers, default=0) + 1}"
