"""From an entry to the rows of the catalogue. Pure: one entry, one list of rows, always the same."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import Table

from archive.adapters import catalogue_schema as tables
from archive.adapters.catalogue_schema import NO_TIME, address, clean
from archive.query.document import seconds
from schemas.base import Model
from schemas.capture import Capture, RunReport, Sighting
from schemas.entry import Entry, unopened
from schemas.item import Account, Item, Thread
from schemas.matter import Hold, HoldRelease, Matter, Party, Person, Production, Selection
from schemas.statement import StatementDecision

LONGEST_BODY = 256 * 1024
"""Characters of an item's body beyond which it is left to the ledger, as the format does."""

SUMMARY = 200
"""Characters of title and text in a list."""

Seen = TypeVar("Seen", Item, Account, Thread)
Row = tuple[Table, dict[str, Any]]


def rows(entry: Entry) -> Iterator[Row]:
    """Return the rows of one entry; none for what the catalogue does not keep."""
    record, body = entry.index, entry.body
    if unopened(entry):
        yield tables.unopened, {"record": record, "state": entry.state}
    match body:
        case Item():
            yield from _item(entry, body)
        case Account():
            yield _described(tables.accounts, record, address(body.key), _without_slice(body))
        case Thread():
            yield _described(tables.threads, record, address(body.key), _without_slice(body))
        case Sighting():
            for number, (item, start, end) in enumerate(body.ranges):
                values = {"item": item, "capture": body.capture, "member": clean(body.member)}
                yield (
                    tables.sightings,
                    {"record": record, "number": number, **values, "start": start, "end": end},
                )
        case RunReport():
            yield _described(tables.runs, record, body.id, body)
            yield from _files(record, body)
        case Selection() | StatementDecision():
            yield from _decided(record, body)
        case Party():
            yield _described(tables.parties, record, body.id, body)
            yield from _party_accounts(record, body)
        case HoldRelease():
            yield _described(tables.releases, record, body.hold, body)
        case Capture() | Matter() | Person() | Hold() | Production():
            yield _described(_BY_TYPE[type(body)], record, body.id, body)
        case _:
            pass


_BY_TYPE: dict[type[Model], Table] = {
    Capture: tables.captures,
    Matter: tables.matters,
    Person: tables.persons,
    Hold: tables.holds,
    Production: tables.productions,
}


def _described(table: Table, record: int, id_: str, body: Model) -> Row:
    return table, {"record": record, "id": clean(id_), "body": body.model_dump_json(exclude_defaults=True)}


def _without_slice(body: Seen) -> Seen:
    return body.model_copy(update={"raw": body.raw.model_copy(update={"slice": b""})})


def _item(entry: Entry, item: Item) -> Iterator[Row]:
    record = entry.index
    whole = item.body is None or len(item.body.content) <= LONGEST_BODY
    kept = _without_slice(item) if whole else _without_slice(item).model_copy(update={"body": None})
    moment = seconds(item.time.utc) if item.time and item.time.utc else None
    author = item.author
    said = " ".join(part for part in (item.title, item.text) if part)
    yield (
        tables.items,
        {
            "record": record,
            "sealed": entry.time,
            "channel": item.key.channel,
            "key": address(item.key),
            "via": address(item.via),
            "thread": address(item.thread),
            "event": item.event,
            "form": item.form,
            "author": clean(author.written) if author and author.written else None,
            "author_account": address(author.account) if author and author.account else None,
            "moment": NO_TIME if moment is None else moment,
            "summary": clean(said[:SUMMARY]) or None,
            "edited": item.edited is not None or item.event == "edited",
            "deleted": item.deleted is not None or item.event == "deleted",
            "raw_sha256": sha256(item.raw.slice).digest(),
            "capture": item.raw.capture,
            "whole": whole,
            "body": kept.model_dump_json(exclude_defaults=True),
        },
    )
    for number, target in enumerate(item.targets):
        if target.key:
            values = {"relation": target.relation, "key": address(target.key)}
            yield tables.targets, {"record": record, "number": number, **values}
    for number, found in enumerate(item.attachments):
        yield (
            tables.attachments,
            {
                "record": record,
                "number": number,
                "name": clean(found.name) if found.name else None,
                "media_type": found.media_type,
                "state": found.state,
                "role": found.role,
                "length": found.length,
                "sha256": found.sha256,
                "capture": found.capture,
            },
        )


def _files(record: int, run: RunReport) -> Iterator[Row]:
    for number, file in enumerate(run.files):
        yield (
            tables.run_files,
            {
                "record": record,
                "number": number,
                "capture": file.capture,
                "member": clean(file.member),
                "channel": file.channel,
                "units": file.units,
                "read": file.read,
                "failed": file.failed,
                "excluded": file.excluded,
                "items": file.items,
                "seen_again": file.seen_again,
                "problem": clean(file.problem) if file.problem else None,
            },
        )


def _decided(record: int, body: Selection | StatementDecision) -> Iterator[Row]:
    if isinstance(body, Selection):
        yield from _selection(record, body)
        return
    kept = body.model_dump_json(exclude_defaults=True)
    yield tables.statement_decisions, {"record": record, "item": body.item, "body": kept}


def _selection(record: int, body: Selection) -> Iterator[Row]:
    shared = {
        "record": record,
        "matter": body.matter,
        "decision": body.decision,
        "note": clean(body.note) if body.note else None,
        "person": body.person,
        "search": clean(body.search) if body.search else None,
    }
    for number, item in enumerate(body.items):
        yield tables.selections, {**shared, "number": number, "item": item}


def _party_accounts(record: int, party: Party) -> Iterator[Row]:
    for number, held in enumerate(party.accounts):
        values = {"party": party.id, "account": address(held.account)}
        period = {"start": held.start, "end": held.end, "use": held.use}
        yield tables.party_accounts, {"record": record, "number": number, **values, **period}
