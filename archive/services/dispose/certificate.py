"""What an erasure did, told from the ledger: removed on, beyond recovery on, by whom, on which ground, what remains."""

from dataclasses import dataclass

from archive.core import clear
from archive.core.instants import from_seconds
from archive.core.leaf import RECIPIENTS
from archive.ledger.erasing import doomed
from archive.services import register
from archive.services.agreed import papers
from archive.services.dispose.belonging import handed_out
from archive.services.dispose.closure import members
from archive.services.dispose.orders import carried_out, orders
from archive.services.session import Session
from schemas.keeping import ErasureRequest, Restriction


@dataclass(frozen=True, slots=True)
class Rest:
    """What is still known of an erased record."""

    index: int
    record_class: str
    kind: str
    size_class: int
    """Bytes of its frame, padded to 64."""
    sealed: str
    stream: str


@dataclass(frozen=True, slots=True)
class ErasureCertificate:
    """One request, and what became of it. Times are UTC, by the operator's clock."""

    request: ErasureRequest
    plans: tuple[str, ...]
    """Plans that were carried out."""
    erases: tuple[int, ...]
    """Indexes of the ``erase`` records."""
    ordered: str | None
    """When the first of them was sealed."""
    removed: str | None
    """When the last receipt was sealed; None while a key may stand."""
    beyond_recovery: str | None
    """When the keys of the epoch were retired that a stolen backup of the vault would need; None: they count."""
    approved_by: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    restricted: tuple[Restriction, ...]
    remains: tuple[str, ...]
    rest: tuple[Rest, ...]


def certificate(session: Session, number: str) -> ErasureCertificate:
    """Tell what became of a request.

    Raises:
        UsageError: there is no such request.
    """
    index, request = papers.request(session, number)
    state = session.ledger.state
    mine = [(at, body) for at, body in orders(session) if body.request == index]
    named = [pair for _, body in mine for pair in body.targets]
    carried = carried_out(session)
    done = [plan for at, plan in papers.plans_of(session, index) if at in carried]
    newest = max((pair for pair in papers.plans_of(session, index)), key=lambda pair: pair[0], default=None)
    kept = newest[1].restricted if newest else ()
    bundles = handed_out(session, members(tuple(body.targets) for _, body in mine))
    complete = all(receipt(session, at) is not None for at, _ in mine)
    removed = max((receipt(session, at) or 0 for at, _ in mine), default=None) if complete else None
    counts: dict[str, int] = {}
    for plan in done:
        for name, count in plan.counts:
            counts[name] = counts.get(name, 0) + count
    return ErasureCertificate(
        request=request,
        plans=tuple(plan.id for plan in done),
        erases=tuple(at for at, _ in mine),
        ordered=_time(session, mine[0][0]) if mine else None,
        removed=None if removed is None else _time(session, removed),
        beyond_recovery=_beyond(session, [at for at, _ in mine]) if removed is not None else None,
        approved_by=_people(session, [body for _, body in mine]),
        counts=tuple(counts.items()),
        restricted=tuple(one for one in kept if state.erasure_of(one.item) is None),
        remains=tuple(dict.fromkeys((*(line for plan in done for line in plan.remains), *bundles))),
        rest=tuple(_rest(session, i) for first, last in named for i in range(first, last + 1)),
    )


def receipt(session: Session, erase: int) -> int | None:
    """Give the record by which every page of an ``erase`` was receipted; None while one is not."""
    state = session.ledger.state
    pages = list(doomed(session.ledger, [one for one in state.erasures if one.erase == erase]))
    # A receipt names the page by the generation that counted then; a later one was made without the erased keys.
    found = [
        max((at for name, at in state.erased_pages.items() if name.startswith(page.prefix)), default=-1)
        for page in pages
    ]
    return max(found) if found and min(found) > erase else None


def _beyond(session: Session, erases: list[int]) -> str | None:
    """Give when the last recipient key was retired that opened a page of the targets before they were erased."""
    state = session.ledger.state
    last = 0
    for erase in erases:
        for page in doomed(session.ledger, [one for one in state.erasures if one.erase == erase]):
            for key in state.keys.all():
                if key.purpose != "recipient" or key.role not in RECIPIENTS[page.record_class]:
                    continue
                if key.start > erase:
                    continue
                if key.retired is None or page.generation == 0:
                    return None
                last = max(last, key.retired)
    return _time(session, last) if last else None


def _people(session: Session, orders: list[clear.Erase]) -> tuple[str, ...]:
    persons = {person.writer: person for person in register.persons(session).values()}
    keys = {key.id: key.role for key in session.ledger.state.keys.all() if key.purpose == "writer"}
    found = {}
    for approval in (one for order in orders for one in order.approvals):
        person = persons.get(approval.key)
        role = keys.get(approval.key, "unknown")
        found[approval.key] = f"{person.id} {person.name} ({role})" if person else f"the key of {role}"
    return tuple(found.values())


def _rest(session: Session, index: int) -> Rest:
    leaf = session.ledger.leaf(index)
    size = -(-leaf.frame_length // 64) * 64
    return Rest(index, leaf.record_class, leaf.kind, size, from_seconds(leaf.time), leaf.stream)


def _time(session: Session, index: int) -> str:
    return from_seconds(session.ledger.leaf(index).time)
