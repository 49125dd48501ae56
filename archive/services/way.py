"""The way of a matter: what people did with it until it was produced, each step as the ledger holds it."""

from collections.abc import Iterator

from archive.production import Step
from archive.services.session import Session
from schemas.entry import EntryBody
from schemas.matter import Certificate, Matter, Production, Redaction, Selection

KINDS = (("matter", "matter"), ("selection", "matter"), ("decision", "matter"), ("certificate", "matter"),
         ("production", "oversight"))  # fmt: skip
"""(kind, class) of the records that are steps. Notes are none: they are a lawyer's own."""


def way_of(session: Session, matter: str, before: int) -> tuple[Step, ...]:
    """Give the steps below a record, in the order of the ledger."""
    found = []
    for kind, record_class in KINDS:
        for index, body in session.bodies(kind, record_class):
            if index >= before:
                break
            for action, person, about in _step(body, matter):
                record = session.ledger.record(index)
                found.append(
                    Step(index, record.leaf.time, record.segment.header.writer, person, action, about)
                )
    return tuple(sorted(found, key=lambda step: step.index))


def _step(body: EntryBody, matter: str) -> Iterator[tuple[str, str | None, str]]:
    """Give (what was done, by whom, with what) where a record is a step of the matter."""
    match body:
        case Matter(id=identifier) if identifier == matter:
            yield f"matter {body.status}", None, f"reference {body.reference}" if body.reference else ""
        case Selection(matter=named) if named == matter:
            yield f"selected as {body.decision}", body.person, f"{len(body.items)} items"
        case Redaction(matter=named) if named == matter:
            yield "released" if body.released else "redacted", body.person, f"item {body.item}"
        case Certificate(matter=named) if named == matter:
            yield "searched", body.person, f"{body.id}: {body.total} items of {body.position} records"
        case Production(matter=named) if named == matter:
            yield "produced", body.person, f"{body.id}: {len(body.selection)} items, {body.options.profile}"
        case _:
            return
