"""Looking after holds: notices to custodians, the report, and whether ledger, vault and locks agree on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from archive.core import layout
from archive.core.facets import split_frame
from archive.core.keypage import MAX_PAGE, ZERO_SLOT, parse_page
from archive.errors import FormatError, NotFound, UsageError
from archive.keeping.held import HoldTest
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.pages import page_records
from archive.ledger.state import LedgerState
from archive.services import register
from archive.services.dispose.judging import Judge
from archive.services.dispose.relations import Relations
from archive.services.session import Session
from schemas.item import Item
from schemas.keeping import HoldNotice
from schemas.matter import Hold, HoldRelease


def notices(session: Session) -> list[HoldNotice]:
    """Give every notice, oldest first."""
    return [body for _, body in session.bodies("hold", "oversight") if isinstance(body, HoldNotice)]


def notify(
    session: Session, number: str, parties: Sequence[str], *, what: str, by: str | None, due: str | None
) -> list[HoldNotice]:
    """Write down that custodians were told of a hold, reminded, or acknowledged it.

    Raises:
        UsageError: no such hold or party, the hold was released, or an acknowledgement or reminder without notice.
    """
    made: list[HoldNotice] = []
    actor = register.actor(session, "legal")

    def decide(_: LedgerState) -> Sequence[Draft]:
        active = {hold.id for _, hold in register.active_holds(session)}
        known = register.parties(session)
        if number not in active:
            raise UsageError(f"there is no hold {number} that stands; `beleg hold list` shows them")
        told = {notice.party for notice in notices(session) if notice.hold == number}
        for party in parties:
            if party not in known:
                raise UsageError(f"there is no party {party}; `beleg party list` shows them")
            if what != "sent" and party not in told:
                raise UsageError(
                    f"{party} was not told of {number} yet; `beleg hold notice {number} {party}` first"
                )
        made[:] = [
            HoldNotice(hold=number, party=party, what=what, by=by, at=session.now(), due=due, person=actor)  # type: ignore[arg-type]
            for party in parties
        ]
        return [draft_of(notice) for notice in made]

    session.ledger.append(session.writer("legal"), decide)
    return made


@dataclass(frozen=True, slots=True)
class Told:
    """How it stands with one custodian of one hold."""

    party: str
    sent: str
    reminded: str | None
    acknowledged: str | None
    overdue: bool


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
    tests = [HoldTest(hold, placed[hold.id], parties, relations.titles) for hold, _ in every]
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


def told(number: str, every: Sequence[HoldNotice], today: date) -> list[Told]:
    """Give how it stands with each custodian of a hold, out of all notices."""
    mine = [notice for notice in every if notice.hold == number]
    found = []
    for party in dict.fromkeys(notice.party for notice in mine):
        last = {notice.what: notice for notice in mine if notice.party == party}
        due = max((n.due for n in mine if n.party == party and n.due is not None), default=None)
        acknowledged = last["acknowledged"].at if "acknowledged" in last else None
        found.append(
            Told(
                party, last["sent"].at, last["reminded"].at if "reminded" in last else None, acknowledged,
                acknowledged is None and due is not None and date.fromisoformat(due) < today,
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class HoldCheck:
    """Whether what is held is there."""

    items: int
    """Items that some hold keeps."""
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
    items = {index for index in relations.items() if judge.hold_on(index) is not None}
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
