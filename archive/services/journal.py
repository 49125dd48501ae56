"""Who looked at what: every search and display of content is written down before it is shown."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from archive.core.journal import oldest, to_sign
from archive.core.leaf import WRITERS
from archive.errors import JournalUnreadable, Refused, UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.ledger.writer import Writer
from archive.query.plan import Node
from archive.services import register
from archive.services.agreed import policies
from archive.services.session import Session
from archive.services.singled_out import singled_out
from schemas.item import Item
from schemas.matter import Hold, Party, Person, Read, ReadPolicy, Signature

DUE = timedelta(hours=1)
"""A line of this age is sealed by the first command or run that finds it."""

AHEAD = timedelta(minutes=1)
"""A line that lies so far ahead of the clock was written by a wrong one: nobody can say its age."""

MANY = 1000
"""So many lines are sealed whatever their age."""

LISTED = 1000
SEALED_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Looking:
    """What is looked at."""

    command: str
    items: Sequence[int] = ()
    query: str | None = None
    node: Node | None = None
    """The query as read: whether it singles out somebody whom the policy protects."""
    shown: Sequence[Item] = ()
    """Single items that are displayed whole: their authors are singled out."""
    matter: str | None = None
    names: Sequence[str] = ()
    """Names, accounts or numbers of whom is asked for, where no query says so."""
    chosen: Sequence[int] = ()
    """Items that somebody chose: nothing but items of one author singles them out."""
    hold: Hold | None = None
    """Whose scope is looked at."""
    found: Sequence[int] = ()
    """What else the query found, if that is little."""


def policy(session: Session) -> ReadPolicy | None:
    """Give the policy that counts for reading, if one was decided: that of the last signed policy, if there is one."""
    if not session.ledger.state.special.get("policy"):
        return None
    signed = policies.counting(session)
    if signed:
        entry = signed[-1][1]
        return ReadPolicy(
            purpose_demanded=entry.policy.demands_purpose,
            second_person=entry.policy.second_person, reason=entry.policy.reason, decided=entry.decided,
        )  # fmt: skip
    found = None
    for _, body in session.bodies("policy", "oversight"):
        if isinstance(body, ReadPolicy):
            found = body
    return found


def purposes(session: Session) -> tuple[str, ...]:
    """Give the only purposes that may be named, by the signed policy; none: any words."""
    found = policies.current(session) if session.ledger.state.special.get("policy") else None
    return found.purposes if found else ()


def note(session: Session, looking: Looking) -> Read:
    """Write down that somebody looks; call it before anything of the content leaves the service.

    Raises:
        Refused: the policy demands a purpose or a second person, and none was given.
        UsageError: the named matter or person does not exist, the second person is the first, or what is asked for
            is no text.
        Unfinished, OSError: the journal cannot be written, so nothing may be shown.
    """
    for said in filter(None, (looking.query, *looking.names)):
        demand_characters(said)
    asking, rules = session.asking, policy(session)
    matter = looking.matter or asking.matter
    if asking.matter is not None:
        register.matter(session, asking.matter)
    if rules and rules.purpose_demanded and not (matter or asking.purpose):
        raise Refused(
            "the policy of this archive demands a purpose: --purpose with words, or with a matter (M-1)"
        )
    allowed = purposes(session)
    if asking.purpose and allowed and asking.purpose.casefold() not in {one.casefold() for one in allowed}:
        raise Refused(
            f"{asking.purpose!r} is no purpose of this archive; they are {', '.join(allowed)}, or a matter"
        )
    named = _named(session, rules, looking)
    if named and asking.second is None:
        names = ", ".join(party.name for party in named)
        raise Refused(
            f"this singles out {names}: the policy demands a second person, --second with the name of their key file"
        )
    first = _first(session)
    person = _person(session, first)
    read = Read(
        time=session.now(),
        person=person.id if person else None,
        operator=session.operator,
        command=looking.command,
        matter=matter,
        purpose=asking.purpose,
        query=looking.query,
        items=tuple(looking.items) if len(looking.items) <= LISTED else (),
        count=len(looking.items),
        found=tuple(looking.found) or None,
        known=session.ledger.state.size,
        named=tuple(party.id for party in named),
    )
    signatures = {}
    if first is not None:
        signatures["signed"] = _sign(session, read, first)
    if asking.second is not None:
        second = session.keys.writer(asking.second)
        if (first and first.id == second.id) or (first is None and asking.second == "legal"):
            raise UsageError("the second person must be another one than the first")
        if asking.second == "ingest":
            raise Refused(
                "the key ingest is that of a service, not of a second person: --second privacy, or P-2"
            )
        signatures["second"] = _sign(session, read, second)
    return session.journal.append(
        lambda journal, line, previous: read.model_copy(
            update={**signatures, "journal": journal, "line": line, "previous": previous}
        )
    )


def demand_characters(said: str) -> None:
    """Refuse words that are no characters, as a terminal of another encoding sends them: they name and find nobody.

    Raises:
        UsageError: there are such in it.
    """
    if any("\ud800" <= char <= "\udfff" for char in said):
        raise UsageError(f"{said!a} holds bytes that are not UTF-8")


def protected(session: Session, rules: ReadPolicy | None) -> list[Party]:
    """Give the parties who are singled out only by two people."""
    if rules is None or not rules.second_person:
        return []
    parties = register.parties(session)
    return [parties[number] for number in rules.second_person if number in parties]


def _named(session: Session, rules: ReadPolicy | None, looking: Looking) -> list[Party]:
    return singled_out(
        session, protected(session, rules), node=looking.node, shown=looking.shown, names=looking.names,
        chosen=looking.chosen, hold=looking.hold,
    )  # fmt: skip


def _first(session: Session) -> Writer | None:
    """Give the key of whoever looks: that of a named person, else the account's."""
    if session.asking.person is not None:
        return session.keys.writer(session.asking.person)
    return session.keys.writer("legal") if session.keys.has("legal") else None


def _person(session: Session, writer: Writer | None) -> Person | None:
    persons = register.persons(session)
    wanted = session.asking.person
    if wanted is not None and (
        wanted not in persons or writer is None or persons[wanted].writer != writer.id
    ):
        raise UsageError(f"{wanted} is no person of this archive, or the key file is not theirs")
    return next((p for p in persons.values() if writer is not None and p.writer == writer.id), None)


def _sign(session: Session, read: Read, writer: Writer) -> Signature:
    if session.ledger.state.keys.writer(writer.id, session.ledger.state.size) is None:
        raise Refused("the key that should sign is not registered, or was retired")
    signature = writer.private.sign(to_sign(read, session.settings.origin))
    return Signature(writer=writer.id, signature=signature.hex())


def seal_due(session: Session, role: str) -> int:
    """Seal the journal's lines if one is older than an hour, or of no known age, or they are many; give how many."""
    lines = session.journal.unsealed()
    if not lines or session.settings.read_only:
        return 0
    now = session.clock()
    times = [datetime.fromisoformat(read.time) for read in lines]
    if now - min(times) < DUE and max(times) - now < AHEAD and len(lines) < MANY:
        return 0
    return seal(session, role)


def seal_while_capturing(session: Session) -> None:
    """Seal due lines between two hauls or files. A journal that is damaged stops no capture, only whoever looks.

    It is told all the same: ``seal_after`` meets it again when the command ends.
    """
    with contextlib.suppress(JournalUnreadable):
        seal_due(session, "ingest")


def seal_after(session: Session) -> int:
    """Seal due lines at the end of a command that wrote in a role whose key may seal them; give how many."""
    may = WRITERS["oversight"]["read"]
    return seal_due(session, session.acted) if session.acted is not None and session.acted in may else 0


def seal(session: Session, role: str) -> int:
    """Seal every line of the journal that the ledger does not hold yet."""
    writer = session.writer(role)

    def store(lines: tuple[Read, ...]) -> None:
        rest = iter(lines)
        while part := list(islice(rest, SEALED_AT_ONCE)):
            drafts: list[Draft] = [draft_of(read) for read in part]

            def decide(_: LedgerState, drafts: Sequence[Draft] = drafts) -> Sequence[Draft]:
                return drafts

            session.ledger.append(writer, decide)

    return session.journal.seal(store)


def unsealed_since(session: Session) -> str | None:
    """Give the time of the oldest line that is not sealed."""
    return oldest(session.journal.unsealed())
