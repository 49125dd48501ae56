"""Who looked at what: every search and display of content is written down before it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.core.journal import START, chain_of, oldest, to_sign
from archive.core.leaf import WRITERS
from archive.errors import Refused, UsageError
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


def _named(session: Session, rules: ReadPolicy | None, looking: Looking) -> list[Party]:
    if rules is None or not rules.second_person:
        return []
    parties = register.parties(session)
    protected = [parties[number] for number in rules.second_person if number in parties]
    return singled_out(
        session, protected, node=looking.node, shown=looking.shown, names=looking.names, chosen=looking.chosen,
        hold=looking.hold,
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


@dataclass(frozen=True, slots=True)
class Access:
    """The journal as the data protection officer sees it."""

    reads: tuple[Read, ...]
    """Each once, in order of time."""
    unsealed: int
    journals: int
    erased: int
    """Sealed lines whose key was destroyed with what they looked for; that somebody read, and when, remains."""
    findings: tuple[str, ...]


def access(session: Session) -> Access:
    """Give every read that the ledger and this host's journal hold, and what is wrong with their chains.

    Raises:
        Refused: this account does not open oversight.
    """
    sealed = [body for _, body in session.bodies("read", "oversight") if isinstance(body, Read)]
    waiting = session.journal.unsealed()
    chains: dict[str, dict[int, Read]] = {}
    findings: list[str] = []
    alone: list[Read] = []
    for read in (*sealed, *waiting):
        if read.journal is None or read.line is None:
            alone.append(read)
            continue
        lines = chains.setdefault(read.journal, {})
        if read.line in lines and lines[read.line] != read:
            findings.append(f"journal {read.journal}: two different lines {read.line}")
        lines.setdefault(read.line, read)
    state = session.ledger.state
    erased = sum(state.erasure_of(index) is not None for index in state.special.get("read", ()))
    missing = sum(max(lines) + 1 - len(lines) for lines in chains.values())
    for journal, lines in chains.items():
        # An erased line cannot say which it was: as many as are missing must have been erased, and no fewer.
        findings += _judge(session, journal, lines, holes=missing <= erased)
    reads = sorted(
        (*alone, *(read for lines in chains.values() for read in lines.values())), key=lambda r: r.time
    )
    return Access(tuple(reads), len(waiting), len(chains), erased, tuple(findings))


def _judge(session: Session, journal: str, lines: dict[int, Read], *, holes: bool) -> list[str]:
    findings: list[str] = []
    before: str | None = START
    for expected, (number, read) in enumerate(sorted(lines.items())):
        if number != expected and number - 1 not in lines:
            if not holes:
                findings.append(f"journal {journal}: lines before {number} are missing")
            before = read.previous
        if read.previous != before or read.chain != chain_of(read):
            findings.append(f"journal {journal}: line {number} does not follow the one before it")
        before = read.chain
        for who, signature in (("first", read.signed), ("second", read.second)):
            if signature is not None and not _good(session, read, signature):
                findings.append(
                    f"journal {journal}: line {number}: the signature of the {who} person is not good"
                )
    return findings


def _good(session: Session, read: Read, signature: Signature) -> bool:
    state = session.ledger.state
    key = state.keys.writer(signature.writer, min(read.known or 0, state.size))
    if key is None:
        return False
    try:
        message = to_sign(read, session.settings.origin)
        Ed25519PublicKey.from_public_bytes(key.public).verify(bytes.fromhex(signature.signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True
