"""Parties: who communicates, with which accounts, when, and for what. Names are merged by people, never by guess."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from archive.errors import UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.reading.decoding import same_name
from archive.services import register
from archive.services.session import Session
from schemas.item import Key
from schemas.matter import Party, PartyAccount

USES = ("business", "private", "mixed", "unknown")
KINDS = ("person", "organisation")
SIDES = ("ours", "counterpart", "other")
COLUMNS = ("name", "kind", "side", "account", "from", "to", "use", "party")
NEW = "new"
_WITH_COLONS = re.compile(r"[^:]*:(?:@[^:]*:|did:|https?:)")
"""An account whose id holds colons itself: @anna:firm.example of Matrix, did:plc:… of Bluesky, an address."""


def parse_account(text: str) -> Key:
    """Read CHANNEL:ID or CHANNEL:SCOPE:ID.

    Raises:
        UsageError: it is neither.
    """
    parts = text.split(":", 1) if _WITH_COLONS.match(text) else text.split(":")
    if len(parts) < 2 or not all(part.strip() for part in (parts[0], parts[-1])):
        raise UsageError(f"{text!r}: write an account as CHANNEL:ID, like email:anna@firm.example")
    scope = parts[1] if len(parts) > 2 else ""
    return Key(channel=parts[0], scope=scope, id=":".join(parts[2:] or parts[1:]))


def matching_nothing(session: Session, accounts: Iterable[PartyAccount]) -> list[str]:
    """Give the channels of accounts that this program does not know: no item can be of such an account."""
    known = {channel.name for channel in session.channels}
    return sorted({one.account.channel for one in accounts} - known)


def day(text: str | None) -> str | None:
    """Read a day, or nothing; raises UsageError."""
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"{text!r} is not a date; write one like 2027-06-30") from error


def account(key: Key, start: str | None, end: str | None, use: str) -> PartyAccount:
    """Make an account of a party; raises UsageError for a period that ends before it begins, or an unknown use."""
    start, end = day(start), day(end)
    if start and end and start > end:
        raise UsageError(f"the period begins on {start}, after its end on {end}")
    if use not in USES:
        raise UsageError(f"{use!r} is no use; they are {', '.join(USES)}")
    return PartyAccount(account=key, start=start, end=end, use=use)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Linked:
    """A party after accounts were linked to it, and who else has one of them."""

    party: Party
    shared: tuple[tuple[str, str], ...]
    """(account, another party that has it too)."""


def link(
    session: Session, number: str, accounts: Sequence[PartyAccount], others: Sequence[str] = ()
) -> Linked:
    """Link accounts to a party, or all accounts of other parties that a person says are the same.

    The other parties stay as they are, so that a hold on them goes on to mean what it meant.

    Raises:
        UsageError: no such party, or nothing to link.
    """
    made: list[Party] = []

    def decide(_: LedgerState) -> Sequence[Draft]:
        known = register.parties(session)
        for identifier in (number, *others):
            if identifier not in known:
                raise UsageError(f"there is no party {identifier}; `beleg party list` shows them")
        wanted = [*accounts, *(held for other in others for held in known[other].accounts)]
        before = known[number].accounts
        new = [one for one in dict.fromkeys(wanted) if one not in before]
        if not new:
            raise UsageError(f"{number} has these accounts already")
        made[:] = [known[number].model_copy(update={"accounts": (*before, *new)})]
        return [draft_of(made[0])]

    session.ledger.append(session.writer("legal"), decide)
    keys = {held.account.place for held in made[0].accounts}
    shared = tuple(
        (":".join(filter(None, held.account.place)), other.id)
        for other in register.parties(session).values()
        if other.id != number and other.id not in others
        for held in other.accounts
        if held.account.place in keys
    )
    return Linked(made[0], shared)


@dataclass(frozen=True, slots=True)
class _Meant:
    """A party as a table means it."""

    name: str
    kind: str
    side: str
    party: str
    """``Y-1``: this one; ``new``: none that there is; empty: the table does not say."""


def import_parties(session: Session, text: str) -> Counter[str]:
    """Register parties from a table: a line an account; lines of one name, kind, side and party are one party.

    A name that the archive has is no sign that it is the same: the column ``party`` says so, or ``new``.

    Returns:
        how many were ``new``, ``extended`` and ``known``.

    Raises:
        UsageError: a line that cannot be read, told by its number, or a name of which nobody said whether it is a
            party that there is; nothing was registered.
    """
    wanted = _read(text)
    counted: Counter[str] = Counter()

    def decide(_: LedgerState) -> Sequence[Draft]:
        counted.clear()
        known = register.parties(session)
        number = int(register.next_id("Y", known).removeprefix("Y-"))
        drafts = []
        for meant, accounts in wanted.items():
            there = _there(meant, accounts, known)
            if there is None:
                told = {
                    "name": meant.name,
                    "kind": meant.kind,
                    "side": meant.side,
                    "accounts": tuple(accounts),
                }
                made = Party.model_validate({"id": f"Y-{number}", **told})
                number += 1
                counted["new"] += 1
                drafts.append(draft_of(made))
            elif lacking := tuple(one for one in accounts if one not in there.accounts):
                counted["extended"] += 1
                drafts.append(draft_of(there.model_copy(update={"accounts": (*there.accounts, *lacking)})))
            else:
                counted["known"] += 1
        return drafts

    session.ledger.append(session.writer("legal"), decide)
    return counted


def _there(meant: _Meant, accounts: Sequence[PartyAccount], known: Mapping[str, Party]) -> Party | None:
    """Give the party that a table means, if there is one; raises UsageError where nobody said which."""
    if meant.party not in ("", NEW):
        if meant.party not in known:
            raise UsageError(f"there is no party {meant.party}; `beleg party list` shows them")
        return known[meant.party]
    named = [
        one
        for one in known.values()
        if (same_name(one.name), one.kind, one.side) == (same_name(meant.name), meant.kind, meant.side)
    ]
    if same := [one for one in named if set(accounts) <= set(one.accounts)]:
        return same[0]
    if named and meant.party != NEW:
        raise UsageError(
            f"{meant.name} is the name of {', '.join(one.id for one in named)}, with other accounts: write "
            f"{named[0].id} into a column party where it is the same, or new; nothing was registered"
        )
    return None


def _read(text: str) -> dict[_Meant, list[PartyAccount]]:
    first = text.partition("\n")[0]
    # A German table program separates by semicolons.
    rows = csv.DictReader(io.StringIO(text), strict=True, delimiter=";" if "," not in first else ",")
    found: dict[_Meant, list[PartyAccount]] = {}
    try:
        head = rows.fieldnames or []
        if "name" not in head or not set(head) <= set(COLUMNS):
            raise UsageError(
                f"line 1: the columns are {', '.join(COLUMNS)}, of them at least name; between them , or ;"
            )
        for row in rows:
            where = f"line {rows.line_num}"
            if None in row or None in row.values():
                raise UsageError(f"{where}: another number of columns than in the first line")
            try:
                _take(row, found)
            except UsageError as error:
                raise UsageError(f"{where}: {error}") from error
    except csv.Error as error:
        raise UsageError(f"line {rows.line_num}: {error}") from error
    if not found:
        raise UsageError("the table holds no party")
    return found


def _take(row: dict[str, str], found: dict[_Meant, list[PartyAccount]]) -> None:
    name = register.named(row["name"], "the name of a party")
    kind, side = row.get("kind") or "person", row.get("side") or "other"
    if kind not in KINDS or side not in SIDES:
        raise UsageError(f"kind is {' or '.join(KINDS)}; side is {', '.join(SIDES)}")
    accounts = found.setdefault(_Meant(name, kind, side, (row.get("party") or "").strip()), [])
    if row.get("account"):
        key = parse_account(row["account"])
        one = account(key, row.get("from"), row.get("to"), row.get("use") or "unknown")
        if one not in accounts:
            accounts.append(one)
