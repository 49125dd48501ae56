"""Judging records under holds and statutes, on the decrypted records themselves."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from archive.errors import FormatError, NotFound, NotOpened
from archive.keeping.held import HoldTest
from archive.keeping.retention import Retention, Term
from archive.services import register
from archive.services.agreed import policies
from archive.services.dispose.relations import Relations
from archive.services.session import Session
from archive.services.texts import ReadAnew, Texts
from schemas.entry import Entry
from schemas.item import Account, Item
from schemas.matter import Hold


@dataclass(frozen=True, slots=True)
class Ground:
    """Why something must stay; ``until`` where that ends by itself."""

    words: str
    until: date | None = None


LATE = Ground("sealed under a policy that gave it no class: one that is given later does not end it")
UNREADABLE = Ground("it cannot be read, so which class keeps it nobody can say")


class Judge:
    """Holds and policies as they stand on one head of the ledger."""

    def __init__(self, session: Session, relations: Relations) -> None:
        """Read every hold and policy from the ledger.

        Raises:
            FormatError, StoreError: a hold, a party or a policy cannot be read, so nothing may be lost.
        """
        self._session, self._relations = session, relations
        self._opener = session.opener("content", "matter", "oversight")
        self._texts = Texts(ReadAnew(), session.texts.extractor)
        self._parties = register.party_states(session)
        self.holds = self._active()
        self._retention: Retention = policies.rules(session, relations.conversations)
        self._entries: dict[int, Entry | None] = {}
        self._grounds: dict[int, Ground | None] = {}

    def _active(self) -> list[HoldTest]:
        tests = [
            HoldTest(hold, index, self._parties, self._relations.conversations)
            for index, hold in register.active_holds(self._session)
        ]
        state = self._session.ledger.state
        lost = [index for index in state.special.get("hold", []) if state.erasure_of(index) is not None]
        if any(test.hold.scope.parties for test in tests):
            lost += self._lost_parties()
        if lost:
            # A hold or a party that somebody erased past this door cannot be evaluated: what it kept stays kept.
            kind = self._session.ledger.leaf(lost[0]).kind
            raise FormatError(
                f"the {kind} of record {lost[0]} was erased, past this program: what it kept nobody can say any more, "
                "so nothing may be lost from this archive"
            )
        return tests

    def _lost_parties(self) -> list[int]:
        """Give the entries of parties that are erased: which accounts they had nobody can say any more."""
        ledger = self._session.ledger
        return [
            index
            for one in ledger.state.erasures
            for index in range(one.first, one.last + 1)
            if ledger.leaf(index).kind == "party"
        ]

    def entry(self, index: int) -> Entry | None:
        """Give an item with the words of its files; None if it cannot be read."""
        if index not in self._entries:
            if len(self._entries) > 5000:
                self._entries.clear()
            self._entries[index] = self._read(index)
        return self._entries[index]

    def _read(self, index: int) -> Entry | None:
        try:
            entry = self._opener.entry(index)
            if not isinstance(entry.body, Item):
                return None
            joined = self._texts.joined([entry], self._opener, self._capture)
            return next(iter(joined))
        except (FormatError, NotFound, NotOpened):
            return None

    def _capture(self, id_: str) -> int | None:
        return next(iter(self._relations.records(hash(id_))), None)

    def hold_on(self, index: int) -> str | None:
        """Give the hold that keeps an item, if one does."""
        entry = self.entry(index)
        for test in self.holds:
            if lost := self._relations.unreadable & test.named:
                return f"hold {test.hold.id} (item {min(lost)}, which it names, cannot be read: this may be the same)"
            if entry is None or test.keeps(entry):
                why = " (it cannot be read)" if entry is None else ""
                if entry is not None and not test.wants(entry):
                    why = " (alone it shows who is in a conversation that is held)"
                return f"hold {test.hold.id}{why}"
        return None

    def hold_on_account(self, account: Account) -> str | None:
        """Give the hold that keeps the description of an account, if one does."""
        return next((f"hold {test.hold.id}" for test in self.holds if test.keeps_account(account)), None)

    def hold_on_unread(self, capture: int) -> str | None:
        """Give the hold that may want a part of a capture that nobody could read, if one may."""
        parts = self._relations.unread(capture)
        for test in self.holds:
            for part in parts:
                if test.may_want_unread_part(part.channel):
                    return (
                        f"hold {test.hold.id} (a part could not be read, see the run of record {part.record})"
                    )
            if self._relations.unreadable and not test.hold.scope.items:
                first = min(self._relations.unreadable)
                return f"hold {test.hold.id} (record {first} cannot be read and may lie in it)"
        return None

    @property
    def lets_end(self) -> bool:
        """Say whether the policy in force lets anything end by time."""
        return self._retention.lets_end

    def term(self, index: int) -> Term | None:
        """Give how long an item stays, by all policies."""
        entry = self.entry(index)
        return None if entry is None else self._retention.term(entry)

    def ground(self, index: int, today: date) -> Ground | None:
        """Give why an item must stay against a request for erasure: a hold, else a statute."""
        if index not in self._grounds:
            self._grounds[index] = self._ground(index, today)
        return self._grounds[index]

    def bound(self, index: int) -> Ground | None:
        """Give the ground that no day ends: a hold, or that the item cannot be read."""
        hold = self.hold_on(index)
        if hold is not None:
            return Ground(hold)
        return UNREADABLE if self.entry(index) is None else None

    def _ground(self, index: int, today: date) -> Ground | None:
        if (bound := self.bound(index)) is not None:
            return bound
        term = self.term(index)
        if term is not None and term.statute is not None and term.statute[1] >= today:
            return Ground(f"class {term.statute[0]}", term.statute[1])
        return None


def bare(entry: Entry) -> Entry:
    """Give an entry without the bytes of its slice."""
    item = entry.body
    if not isinstance(item, Item):
        return entry
    return replace(entry, body=item.model_copy(update={"raw": item.raw.model_copy(update={"slice": b""})}))


def named(holds: Iterable[Hold]) -> str:
    """Give the numbers of holds."""
    return ", ".join(hold.id for hold in holds)
