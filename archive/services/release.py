"""Releasing one item from what is withheld of others."""

from collections.abc import Sequence

from archive.errors import Refused, UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.services import register
from archive.services.journal import Looking, note
from archive.services.kept_back import kept_back
from archive.services.matter import check_selected
from archive.services.released import decisions_on
from archive.services.session import Session
from schemas.item import Item
from schemas.matter import Note, Redaction, Selection


def release(
    session: Session, number: str, item: int, *, sources: Sequence[int], files: bool, reason: str
) -> Redaction:
    """Decide that an item goes out though it tells again what is withheld of others.

    Args:
        session: where.
        number: the matter.
        item: goes out, but for its bytes as received and whatever is the same as a withheld part.
        sources: the items whose withheld words it may tell.
        files: whether its files go out that could not be looked into.
        reason: why; it is handed out to nobody.

    Raises:
        UsageError: no such matter, an item that is not in it, or of which nothing is withheld.
        Refused: somebody decided on such an item at this moment; or the policy demands a second person.
    """
    reason, seen = register.named(reason, "the reason of a release"), session.ledger.state.size
    check_selected(session, number, item)
    withheld = register.redactions(session, number).keys() | kept_back(session, number, None).keys()
    if not sources and not files:
        raise UsageError("name the items from which it is released (--from), or its files (--files)")
    for source in sources:
        if source == item or source not in withheld:
            raise UsageError(f"nothing of item {source} is withheld in {number} that another item could tell")
    body = session.opener("content").body(item)
    shown = (body,) if isinstance(body, Item) else ()
    note(session, Looking("release", [item, *sources], matter=number, shown=shown))
    meant = tuple(sorted({*sources, *((item,) if files else ())}))
    person, made = register.actor(session, "legal"), list[Redaction]()

    def decide(_: LedgerState) -> Sequence[Draft]:
        for index, late in decisions_on(session, number):
            about = set(late.items) if isinstance(late, Selection) else {late.item}
            if index >= seen and (files or about & set(meant)):
                raise Refused(f"somebody decided on item {min(about)} at this moment; look again")
        before = register.redactions(session, number).get(item)
        made[:] = [
            Redaction(
                matter=number, item=item, facets=before.facets if before else (),
                spans=before.spans if before else (), reason=before.reason if before else reason,
                decided=session.now(), person=person, released=meant,
            )
        ]  # fmt: skip
        # The reason of a redaction stands in the log that is handed out; that of a release does not.
        said = Note(matter=number, text=reason, item=item, written=session.now(), person=person)
        return [draft_of(made[0]), draft_of(said)]

    session.ledger.append(session.writer("legal"), decide)
    return made[0]
