"""Looking after holds: the report, and whether ledger, vault and locks agree on them."""

from dataclasses import dataclass
from datetime import date

from archive.core import layout
from archive.core.facets import split_frame
from archive.core.keypage import MAX_PAGE, ZERO_SLOT, parse_page
from archive.errors import FormatError, NotFound
from archive.keeping.held import HoldTest
from archive.ledger.pages import page_records
from archive.services import register
from archive.services.dispose.judging import Judge
from archive.services.dispose.relations import Relations
from archive.services.hold_notices import Told, notices, told
from archive.services.session import Session
from schemas.item import Item
from schemas.matter import Hold, HoldRelease


@dataclass(frozen=True, slots=True)
class HoldState:
    """One hold at a glance."""

    hold: Hold
    record: int
    released: HoldRelease | None
    covered: int
    closed: int
    """Of them: items that cannot be opened, and so count as held."""
    erased_before: tuple[int, ...]
    """``erase`` records below the hold: what they took was gone when the hold was placed."""
    told: tuple[Told, ...]
    review_due: bool


def report(session: Session) -> list[HoldState]:
    """Give every hold with its counts, read from the ledger itself."""
    size = session.ledger.state.size
    relations = Relations(session)
    relations.follow(size)
    parties, every = register.party_states(session), register.holds(session)
    placed = {body.id: index for index, body in session.bodies("hold", "oversight") if isinstance(body, Hold)}
    tests = [HoldTest(hold, placed[hold.id], parties, relations.conversations) for hold, _ in every]
    covered, closed = [0] * len(tests), [0] * len(tests)
    for entry in session.entries(0, size):
        if entry.kind != "item" or entry.state == "erased":
            continue
        for number, test in enumerate(tests):
            if test.keeps(entry):
                covered[number] += 1
                closed[number] += not isinstance(entry.body, Item)
    today, every_notice = session.clock().date(), notices(session)
    erases = session.ledger.state.special.get("erase", [])
    return [
        HoldState(
            hold, placed[hold.id], gone, covered[number], closed[number],
            tuple(index for index in erases if index < placed[hold.id]),
            tuple(told(hold.id, every_notice, today)), gone is None and date.fromisoformat(hold.review) <= today,
        )
        for number, (hold, gone) in enumerate(every)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class HoldCheck:
    """Whether what is held is there."""

    items: int
    """Items that some hold keeps, and what tells of the same things."""
    records: int
    """They, their files, and the captures in which they came."""
    objects: int
    extended: int
    """Objects whose lock was made longer."""
    findings: tuple[str, ...]


def check(session: Session, until: date) -> HoldCheck:
    """Hold ledger, vault and locks against each other for everything that is held; lengthen locks to ``until``.

    Every record that is held must open from every vault copy, its objects must be there, and their locks, where the
    place has locks, must not end before ``until``.
    """
    relations = Relations(session)
    relations.follow(session.ledger.state.size)
    judge = Judge(session, relations)
    held = {index for index in relations.items() if judge.hold_on(index) is not None}
    items = held.union(*relations.conversations.things.wholes(held))
    findings = [
        f"record {index} cannot be read, and counts as held" for index in sorted(relations.unreadable)
    ]
    records = set(items)
    for capture in (*relations.containers(items), *relations.attachments(items)):
        records.update(relations.records(capture))
    findings += _keys_missing(session, records)
    names: set[str] = set()
    for index in records:
        names.update(
            layout.object_name(ref.sha256.hex()) for ref in split_frame(session.ledger.frame(index))[0]
        )
        ref = session.ledger.state.segment_of(index)
        names.add(layout.segment(ref.first, ref.sha256))
    extended = 0
    for name in sorted(names):
        try:
            extended += session.keep_locked(name, until)
        except NotFound:
            findings.append(f"{name} is gone")
    return HoldCheck(len(items), len(records), len(names), extended, tuple(findings))


def _keys_missing(session: Session, records: set[int]) -> list[str]:
    """Name the held records whose key is not in every vault copy."""
    state, found = session.ledger.state, []
    for ref in state.segments:
        mine = [index for index in range(ref.first, ref.end) if index in records]
        if not mine:
            continue
        segment = session.ledger.segment(ref)
        batch = segment.header.batch
        for page in page_records(segment) if batch is not None else ():
            wanted = [(slot, index) for slot, index in enumerate(page.indexes) if index in records]
            if not wanted or batch is None:
                continue
            known = state.generations.get((batch.hex(), page.record_class))
            name = layout.page(batch, page.record_class, known[0] if known else 0)
            for number, vault in enumerate(session.ledger.places.vaults, 1):
                try:
                    slots = parse_page(vault.get(name, limit=MAX_PAGE)).slots
                except (NotFound, FormatError):
                    found.append(
                        f"{name}: the keys of {len(wanted)} held records are gone from vault copy {number}"
                    )
                    continue
                found += [
                    f"record {index}: its key is gone from vault copy {number}"
                    for slot, index in wanted
                    if slot >= len(slots) or slots[slot] == ZERO_SLOT
                ]
    return found
