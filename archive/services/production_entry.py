"""The entry of a production in the ledger: what it withheld, and that nobody decided otherwise while it was written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager

from archive.errors import UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.opening import unless_erased
from archive.ledger.state import LedgerState
from archive.ledger.writer import Writer
from archive.production import Cut
from archive.services import register
from archive.services.session import Session
from schemas.matter import KeptCut, Production, Redaction, Selection
from schemas.statement import StatementDecision

KINDS_OF_DECISIONS = ("selection", "decision")


@contextmanager
def numbered(session: Session) -> Iterator[str]:
    """Give the next number of a production, which no other export of this host gets meanwhile."""
    with session.numbering():
        session.ledger.follow()
        yield register.next_id("E", register.productions(session))


def enter(session: Session, writer: Writer, made: Production) -> None:
    """Put a production on record, if nothing was decided meanwhile and nobody took its number."""
    decided, items = made.decided or 0, {index for index, _ in made.selection}

    def decide(state: LedgerState) -> Sequence[Draft]:
        since = [
            index for kind in KINDS_OF_DECISIONS for index in state.special.get(kind, ()) if index >= decided
        ]
        if late := [index for index in since if _concerns(session, index, made.matter, items)]:
            raise UsageError(f"decisions came in while it was written (record {late[0]}); export again")
        if made.id in register.productions(session):
            raise UsageError(f"{made.id} was taken by another export at the same moment; export again")
        return [draft_of(made)]

    session.ledger.append(writer, decide)


def _concerns(session: Session, index: int, matter: str, items: Set[int]) -> bool:
    """Say whether a decision may be about a production; others go on deciding in other matters meanwhile."""
    match unless_erased(session.opener("content").body, index):
        case Selection(matter=named) | Redaction(matter=named):
            return named == matter
        case StatementDecision(item=item):
            return item in items
        case _:
            return True


def kept(cuts: Mapping[int, Cut]) -> tuple[KeptCut, ...]:
    """Give what is withheld as the entry keeps it."""
    return tuple(
        KeptCut(
            item=item,
            facets=tuple(sorted(cut.facets)),
            spans=cut.spans,
            reason=cut.reason,
            follows=cut.follows,
            unopened=cut.unopened or None,
            alias=cut.alias,
        )
        for item, cut in sorted(cuts.items())
    )


def cuts_of(entry: Iterable[KeptCut]) -> dict[int, Cut]:
    """Give what was withheld, as an entry keeps it."""
    return {
        one.item: Cut(
            frozenset(one.facets), one.spans, one.reason, one.follows, bool(one.unopened), one.alias
        )
        for one in entry
    }
