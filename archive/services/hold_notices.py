"""Telling custodians of a hold: by mail, or by people who then write it down; how it stands with each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from archive.errors import UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.services import register
from archive.services.session import Session
from schemas.keeping import HoldNotice
from schemas.matter import Hold, Scope

What = Literal["sent", "reminded", "acknowledged"]
Post = Callable[[str, str, str], None]
"""Takes address, subject and text; returns when a mail server took them."""

_SUBJECT = {
    "sent": "Aufbewahrung {hold} / Legal hold {hold}",
    "reminded": "Erinnerung: Aufbewahrung {hold} / Reminder: legal hold {hold}",
}
_WORDS = """\
Für die Sache {matter} gilt eine Aufbewahrungspflicht ({hold}). Bitte löschen, ändern und verschieben Sie
nichts, was dazu gehört, auch nicht auf privaten Geräten und in privaten Konten, und schalten Sie
selbstlöschende Nachrichten ab.
{until_de}
A legal hold ({hold}) stands for the matter {matter}. Please delete, change or move nothing that belongs
to it, not on private devices or accounts either, and turn off disappearing messages.
{until_en}
{scope}"""


def notices(session: Session) -> list[HoldNotice]:
    """Give every notice, oldest first."""
    return [body for _, body in session.bodies("hold", "oversight") if isinstance(body, HoldNotice)]


def notify(
    session: Session, number: str, parties: Sequence[str], *, what: What, by: str | None, due: str | None
) -> list[HoldNotice]:
    """Write down that custodians were told of a hold, reminded, or acknowledged it.

    Raises:
        UsageError: no such hold or party, the hold was released, or an acknowledgement or reminder without notice.
    """
    made: list[HoldNotice] = []
    actor = register.actor(session, "legal")

    def decide(_: LedgerState) -> Sequence[Draft]:
        _demand(session, number, parties, what)
        made[:] = [
            HoldNotice(hold=number, party=party, what=what, by=by, at=session.now(), due=due, person=actor)
            for party in parties
        ]
        return [draft_of(notice) for notice in made]

    session.ledger.append(session.writer("legal"), decide)
    return made


def mail(
    session: Session, number: str, addresses: Mapping[str, str], post: Post, *,
    what: Literal["sent", "reminded"], due: str | None, text: str | None,
) -> list[HoldNotice]:  # fmt: skip
    """Mail custodians a notice or a reminder, and write each down when the server took it.

    Args:
        session: of an account that may write holds.
        number: the hold.
        addresses: party → where to.
        post: sends a mail.
        what: notice or reminder.
        due: until when an acknowledgement is asked for.
        text: what is sent; None: the packaged words, German and English.

    Raises:
        UsageError: as ``notify``; nothing was sent.
        Unreachable: the mail server did not take one; those before it were sent, and stand in the ledger.
    """
    hold = _demand(session, number, tuple(addresses), what)
    text = text or words(hold, register.matter(session, hold.matter).title, due)
    made: list[HoldNotice] = []
    for party, address in addresses.items():
        post(address, _SUBJECT[what].format(hold=number), text)
        made += notify(session, number, [party], what=what, by=f"mail to {address}", due=due)
    return made


def words(hold: Hold, matter: str, due: str | None) -> str:
    """Give the packaged words of a notice. Neither reason nor query of the hold is in them: a mail is no safe."""
    until_de = f"Bitte bestätigen Sie das bis {due}.\n" if due else ""
    until_en = f"Please acknowledge by {due}.\n" if due else ""
    scope = "".join(f"{name}: {value}\n" for name, value in _shown(hold.scope))
    return _WORDS.format(hold=hold.id, matter=matter, until_de=until_de, until_en=until_en, scope=scope)


def _shown(scope: Scope) -> Sequence[tuple[str, str]]:
    named = (
        ("Konten / accounts", scope.accounts), ("Kanäle / channels", scope.channels),
        ("Unterhaltungen / conversations", scope.threads),
    )  # fmt: skip
    shown = [(name, ", ".join(values)) for name, values in named if values]
    if scope.start or scope.end:
        shown.append(("Zeitraum / period", f"{scope.start or '…'} – {scope.end or '…'}"))
    return shown


def _demand(session: Session, number: str, parties: Sequence[str], what: What) -> Hold:
    active = {hold.id: hold for _, hold in register.active_holds(session)}
    known = register.parties(session)
    if number not in active:
        raise UsageError(f"there is no hold {number} that stands; `beleg hold list` shows them")
    before = {notice.party for notice in notices(session) if notice.hold == number}
    for party in parties:
        if party not in known:
            raise UsageError(f"there is no party {party}; `beleg party list` shows them")
        if what != "sent" and party not in before:
            raise UsageError(
                f"{party} was not told of {number} yet; `beleg hold notice {number} {party}` first"
            )
    return active[number]


@dataclass(frozen=True, slots=True)
class Told:
    """How it stands with one custodian of one hold."""

    party: str
    sent: str
    reminded: str | None
    acknowledged: str | None
    overdue: bool


def told(number: str, every: Sequence[HoldNotice], today: date) -> list[Told]:
    """Give how it stands with each custodian of a hold, out of all notices."""
    mine = [notice for notice in every if notice.hold == number]
    found = []
    for party in dict.fromkeys(notice.party for notice in mine):
        theirs = [notice for notice in mine if notice.party == party]
        last = {notice.what: at for at, notice in enumerate(theirs)}
        answered = last.get("acknowledged", -1)
        if answered < last["sent"]:  # told anew since: what was asked for then was answered, and this is open
            theirs, acknowledged = theirs[answered + 1 :], None
            last = {notice.what: at for at, notice in enumerate(theirs)}
        else:
            acknowledged = theirs[answered].at
        due = max((notice.due for notice in theirs if notice.due is not None), default=None)
        reminded = theirs[last["reminded"]].at if "reminded" in last else None
        overdue = acknowledged is None and due is not None and date.fromisoformat(due) < today
        found.append(Told(party, theirs[last["sent"]].at, reminded, acknowledged, overdue))
    return found
