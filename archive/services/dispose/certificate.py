"""What an erasure did, told from the ledger: removed on, beyond recovery on, by whom, on which ground, what remains."""

from dataclasses import dataclass
from datetime import UTC, datetime

from archive.core import clear
from archive.core.facets import split_frame
from archive.core.leaf import RECIPIENTS
from archive.errors import FormatError
from archive.ledger.erasing import doomed
from archive.services import register
from archive.services.agreed import papers
from archive.services.dispose.belonging import handed_out
from archive.services.dispose.closure import members
from archive.services.session import Session
from schemas.keeping import ErasureRequest, Plan, Restriction


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
    orders = [
        (at, body) for at in state.special.get("erase", ()) if (body := _order(session, at)).request == index
    ]
    named = [pair for _, body in orders for pair in body.targets]
    done = [plan for _, plan in papers.plans_of(session, index) if _is_done(session, plan)]
    newest = max((pair for pair in papers.plans_of(session, index)), key=lambda pair: pair[0], default=None)
    bundles = handed_out(session, members(tuple(body.targets) for _, body in orders))
    complete = all(_receipt(session, at) is not None for at, _ in orders)
    removed = max((_receipt(session, at) or 0 for at, _ in orders), default=None) if complete else None
    counts: dict[str, int] = {}
    for plan in done:
        for name, count in plan.counts:
            counts[name] = counts.get(name, 0) + count
    return ErasureCertificate(
        request=request,
        plans=tuple(plan.id for plan in done),
        erases=tuple(at for at, _ in orders),
        ordered=_time(session, orders[0][0]) if orders else None,
        removed=None if removed is None else _time(session, removed),
        beyond_recovery=_beyond(session, [at for at, _ in orders]) if removed is not None else None,
        approved_by=_people(session, [body for _, body in orders]),
        counts=tuple(counts.items()),
        restricted=newest[1].restricted if newest else (),
        remains=tuple(dict.fromkeys((*(line for plan in done for line in plan.remains), *bundles))),
        rest=tuple(_rest(session, i) for first, last in named for i in range(first, last + 1)),
    )


def _order(session: Session, index: int) -> clear.Erase:
    body = clear.read_body("erase", split_frame(session.ledger.frame(index))[1])
    if not isinstance(body, clear.Erase):
        raise FormatError(f"record {index} orders no erasure")
    return body


def _is_done(session: Session, plan: Plan) -> bool:
    targets = members(plan.targets)
    return bool(targets) and all(session.ledger.state.erasure_of(index) is not None for index in targets)


def _receipt(session: Session, erase: int) -> int | None:
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
    return Rest(index, leaf.record_class, leaf.kind, size, _utc(leaf.time), leaf.stream)


def _time(session: Session, index: int) -> str:
    return _utc(session.ledger.leaf(index).time)


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
