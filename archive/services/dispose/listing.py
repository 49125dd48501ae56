"""Plans at a glance: for what, how far, who approved, and what waits for a ground to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archive.keeping.retention import begun_everywhere
from archive.services import register
from archive.services.agreed import agreement, papers, policies
from archive.services.dispose.certificate import receipt
from archive.services.dispose.closure import members, over
from archive.services.dispose.orders import carried_out, orders
from archive.services.session import Session
from schemas.keeping import ErasureRequest, Plan, Restriction


@dataclass(frozen=True, slots=True)
class Row:
    """One plan, or a request that has none yet."""

    plan: str | None
    request: str | None
    action: str
    state: str
    """``waits for a plan``, ``waits for approval``, ``approved``, ``ordered`` (keys still stand), ``done``,
    ``replaced``, ``nothing may go``, ``overtaken`` (other orders took some of it)."""
    approved_by: tuple[str, ...]
    records: int
    restricted: tuple[Restriction, ...]
    reminders: tuple[str, ...]

    def cells(self) -> tuple[object, ...]:
        """Give a line of a table."""
        names = self.request or self.action
        return (
            self.plan or "-",
            names,
            self.state,
            ", ".join(self.approved_by) or "nobody",
            self.records,
            len(self.restricted),
        )

    def as_dict(self) -> dict[str, Any]:
        """Give it for a machine."""
        return {
            "plan": self.plan, "request": self.request, "action": self.action, "state": self.state,
            "approved_by": self.approved_by, "records": self.records, "restricted": self.restricted,
            "reminders": self.reminders,
        }  # fmt: skip


def listing(session: Session) -> list[Row]:
    """Give every plan, oldest first; then the requests without one: nobody may overlook that somebody asked."""
    names = {index: request.id for index, request in papers.requests(session).values()}
    newest: dict[int, int] = {}
    plans = sorted(papers.plans(session).values(), key=lambda pair: pair[0])
    for index, plan in plans:
        if plan.request is not None:
            newest[plan.request] = index
    known = _Known(
        {hold.id for _, hold in register.active_holds(session)},
        carried_out(session),
        {at for at, _ in orders(session) if receipt(session, at) is None},
    )
    rows = [
        _row(session, index, plan, names, known, newest=newest.get(plan.request or -1, index) == index)
        for index, plan in plans
    ]
    return rows + [
        _waiting(request) for index, request in papers.requests(session).values() if index not in newest
    ]


def _waiting(request: ErasureRequest) -> Row:
    day = request.asked[:10]
    told = f"asked on {day}, and nothing is planned: `beleg erase plan {request.id}` by the account legal"
    return Row(None, request.id, "erase", "waits for a plan", (), 0, (), (told,))


@dataclass(frozen=True, slots=True)
class _Known:
    """What the ledger says beside the plans."""

    holds: set[str]
    """That stand."""
    carried: set[int]
    """Plans that were ordered."""
    open: set[int]
    """``erase`` records of which a key may still stand."""


def _row(
    session: Session, index: int, plan: Plan, names: dict[int, str], known: _Known, *, newest: bool
) -> Row:
    given = agreement.agreements(session, index, plan)
    records = members(plan.targets)
    kept = tuple(one for one in plan.restricted if session.ledger.state.erasure_of(one.item) is None)
    return Row(
        plan=plan.id,
        request=names.get(plan.request) if plan.request is not None else None,
        action=plan.action,
        state=_state(session, index, plan, known, newest=newest, agreed=agreement.enough(given)),
        approved_by=tuple(one.role for one in given),
        records=len(records),
        restricted=kept,
        reminders=tuple(_reminders(session, kept, known.holds)) if newest else (),
    )


def _state(session: Session, index: int, plan: Plan, known: _Known, *, newest: bool, agreed: bool) -> str:
    records = members(plan.targets)
    took = {erasure.erase for i in records if (erasure := session.ledger.state.erasure_of(i)) is not None}
    if index in known.carried:
        return "done" if took.isdisjoint(known.open) else "ordered"
    if plan.action == "policy" and any(entry.index == index for _, entry in policies.counting(session)):
        return "done"
    if plan.action == "release" and plan.hold not in known.holds:
        return "done"
    if not newest:
        return "replaced"
    if plan.action == "erase" and not records:
        return "nothing may go"
    if took:
        return "overtaken"
    return "approved" if agreed else "waits for approval"


def _reminders(session: Session, kept: Sequence[Restriction], active: set[str]) -> list[str]:
    """Say which grounds have ended, so that what is restricted is released at once."""
    ended = over(kept, begun_everywhere(session.clock()))
    lines = [f"item {one.item}: {one.ground} ended on {one.until}; plan it again" for one in ended]
    for one in kept:
        named = one.ground.rpartition("hold ")[2].split(" ")[0] if "hold " in one.ground else None
        if named is not None and named.startswith("H-") and named not in active:
            lines.append(f"item {one.item}: hold {named} was released; plan it again")
    return lines
