"""Plans at a glance: for what, how far, who approved, and what waits for a ground to end."""

from dataclasses import dataclass
from typing import Any

from archive.services import register
from archive.services.agreed import agreement, papers, policies
from archive.services.dispose.closure import members, over
from archive.services.session import Session
from schemas.keeping import Plan, Restriction


@dataclass(frozen=True, slots=True)
class Row:
    """One plan."""

    plan: str
    request: str | None
    action: str
    state: str
    """``waits for approval``, ``approved``, ``done``, ``replaced``, ``nothing may go``."""
    approved_by: tuple[str, ...]
    records: int
    restricted: tuple[Restriction, ...]
    reminders: tuple[str, ...]

    def cells(self) -> tuple[object, ...]:
        """Give a line of a table."""
        names = self.request or self.action
        return (
            self.plan,
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
    """Give every plan, oldest first."""
    names = {index: request.id for index, request in papers.requests(session).values()}
    newest: dict[int, int] = {}
    plans = sorted(papers.plans(session).values(), key=lambda pair: pair[0])
    for index, plan in plans:
        if plan.request is not None:
            newest[plan.request] = index
    active = {hold.id for _, hold in register.active_holds(session)}
    return [
        _row(session, index, plan, names, active, newest=newest.get(plan.request or -1, index) == index)
        for index, plan in plans
    ]


def _row(
    session: Session, index: int, plan: Plan, names: dict[int, str], active: set[str], *, newest: bool
) -> Row:
    given = agreement.agreements(session, index, plan)
    records = members(plan.targets)
    return Row(
        plan=plan.id,
        request=names.get(plan.request) if plan.request is not None else None,
        action=plan.action,
        state=_state(session, index, plan, records, newest=newest, agreed=agreement.enough(given)),
        approved_by=tuple(one.role for one in given),
        records=len(records),
        restricted=plan.restricted,
        reminders=tuple(_reminders(session, plan, active)) if newest else (),
    )


def _state(session: Session, index: int, plan: Plan, records: set[int], *, newest: bool, agreed: bool) -> str:
    state = session.ledger.state
    if plan.action == "erase" and records and all(state.erasure_of(i) is not None for i in records):
        return "done"
    if plan.action == "policy" and any(entry.index == index for _, entry in policies.counting(session)):
        return "done"
    if plan.action == "release" and plan.hold not in {hold.id for _, hold in register.active_holds(session)}:
        return "done"
    if not newest:
        return "replaced"
    if plan.action == "erase" and not records:
        return "nothing may go"
    return "approved" if agreed else "waits for approval"


def _reminders(session: Session, plan: Plan, active: set[str]) -> list[str]:
    """Say which grounds have ended, so that what is restricted is released at once."""
    ended = over(plan.restricted, session.clock().date())
    lines = [f"item {one.item}: {one.ground} ended on {one.until}; plan it again" for one in ended]
    for one in plan.restricted:
        named = one.ground.rpartition("hold ")[2].split(" ")[0] if "hold " in one.ground else None
        if named is not None and named.startswith("H-") and named not in active:
            lines.append(f"item {one.item}: hold {named} was released; plan it again")
    return lines
