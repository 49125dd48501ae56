"""Opening matters and selecting items for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from archive.core.facets import FACETS
from archive.errors import Refused, UsageError
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.redaction import folded, occurrences
from archive.services import register
from archive.services.described import Described
from archive.services.journal import Looking, note
from archive.services.kept_back import KEPT
from archive.services.redact import check_reason
from archive.services.session import Session
from schemas.item import Item
from schemas.matter import Matter, Note, Party, PartyAccount, Redaction, Selection

ITEMS_A_RECORD = 5000


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a selection."""

    count: int
    """Items that were added with this decision and note, or taken out."""
    inside: tuple[int, ...]
    """Items that stay privileged or withheld as somebody decided."""

    def told(self, what: str) -> list[str]:
        """Say it in lines."""
        lines = [f"{self.count} items {what}"]
        if self.inside:
            shown = ", ".join(map(str, self.inside[:20])) + (" …" if len(self.inside) > 20 else "")
            lines.append(
                f"{len(self.inside)} items stay privileged or withheld as they were decided: {shown}; their numbers "
                "decide otherwise"
            )
        return lines


def open_matter(session: Session, title: str, reason: str, reference: str | None = None) -> Matter:
    """Open a matter under the next free number. Raises UsageError for an empty title or reason."""
    title, reason = register.named(title, "the title of a matter"), register.named(reason, "the reason")
    opened: list[Matter] = []

    def decide(_: LedgerState) -> Sequence[Draft]:
        number = register.next_id("M", register.matters(session))
        opened[:] = [Matter(id=number, title=title, reason=reason, reference=reference)]
        return [draft_of(opened[0])]

    session.ledger.append(session.writer("legal"), decide)
    return opened[0]


def change_matter(
    session: Session, number: str, *, members: Sequence[str] | None = None, status: str | None = None,
    review: str | None = None,
) -> Matter:  # fmt: skip
    """Log a new state of a matter: its members, its status, when somebody looks at it again.

    Raises:
        UsageError: no such matter or person, or it is closed or open already.
        Refused: it is to be closed, and a hold of it stands.
    """
    changed: list[Matter] = []

    def decide(_: LedgerState) -> Sequence[Draft]:
        found = register.matter(session, number)
        update: dict[str, object] = {}
        if members is not None:
            known = register.persons(session)
            for person in members:
                if person not in known:
                    raise UsageError(f"there is no person {person}; `beleg person list` shows them")
            update["members"] = tuple(dict.fromkeys(members))
        if status is not None:
            if found.status == status:
                raise UsageError(f"{number} is {status} already")
            standing = [hold.id for _, hold in register.active_holds(session) if hold.matter == number]
            if status == "closed" and standing:
                raise Refused(f"{number} has holds that stand: {', '.join(standing)}; release them first")
            update["status"] = status
        if review is not None:
            update["review"] = review
        changed[:] = [found.model_copy(update=update)]
        return [draft_of(changed[0])]

    session.ledger.append(session.writer("legal"), decide)
    return changed[0]


def add_note(session: Session, number: str, text: str, item: int | None = None) -> Note:
    """Log a note on a matter, or on an item of its selection.

    Raises:
        UsageError: no such matter, an item that is not in it, or no words.
    """
    made = Note(
        matter=number, text=register.named(text, "a note"), item=item, written=session.now(),
        person=register.actor(session, "legal"),
    )  # fmt: skip

    def decide(_: LedgerState) -> Sequence[Draft]:
        register.matter(session, number)
        if item is not None and item not in register.selection(session, number):
            raise UsageError(f"item {item} is not in {number}")
        return [draft_of(made)]

    session.ledger.append(session.writer("legal"), decide)
    return made


def redact(
    session: Session, number: str, item: int, *, facets: Sequence[str], spans: Sequence[tuple[int, int]],
    words: Sequence[str], reason: str,
) -> Redaction:  # fmt: skip
    """Decide what of an item is not handed out, besides what was decided before; the item stays whole.

    Nothing at all takes back everything that was decided.

    Raises:
        UsageError: no such matter, an item that is not in it, or a facet, span or words that it does not have.
        Refused: the policy demands a second person, and none was given.
    """
    for name in facets:
        if name not in FACETS or name == "what":
            raise UsageError(f"{name!r} is no facet that can be withheld; they are {', '.join(FACETS[1:])}")
    check_selected(session, number, item)
    body = session.opener("content").body(item) if item < session.ledger.state.size else None
    # Before its words are asked: whoever may try words could guess them. So it is a look as by `show`.
    note(session, Looking("redact", [item], matter=number, shown=(body,) if isinstance(body, Item) else ()))
    text = (body.text or "") if isinstance(body, Item) else ""
    length = len(text)
    for start, end in spans:
        if not 0 <= start < end <= length:
            raise UsageError(
                f"{start}-{end} is no span of the text of item {item}, which has {length} characters"
            )
    meant = list(spans)
    for number_of_words, one in enumerate(words, 1):
        found = occurrences([folded(one)], text) if folded(one) else ()
        if not found:
            raise UsageError(f"--words {number_of_words}: they do not stand in the text of item {item}")
        meant += found
    asked = Redaction(
        matter=number, item=item, facets=tuple(dict.fromkeys(facets)), spans=tuple(sorted(set(meant))),
        reason=register.named(reason, "the reason of a redaction"), decided=session.now(),
        person=register.actor(session, "legal"),
    )  # fmt: skip

    made, known = asked, Described(session)(body) if isinstance(body, Item) else None

    def decide(_: LedgerState) -> Sequence[Draft]:
        nonlocal made
        check_selected(session, number, item)
        made = _besides(register.redactions(session, number).get(item), asked)
        if known is not None:
            check_reason(item, known, made)
        return [draft_of(made)]

    session.ledger.append(session.writer("legal"), decide)
    return made


def check_selected(session: Session, number: str, item: int) -> None:
    """Check that an item is in a matter. Raises UsageError if it is not, or there is no such matter."""
    register.matter(session, number)
    if item not in register.selection(session, number):
        raise UsageError(
            f"item {item} is not in {number}; `beleg matter add {number} {item} --decision context` takes it in"
        )


def _besides(before: Redaction | None, asked: Redaction) -> Redaction:
    """Give what is withheld when something is asked for besides what was; nothing asked for takes all back."""
    if before is None or not (asked.facets or asked.spans):
        return asked
    return asked.model_copy(
        update={
            "facets": tuple(dict.fromkeys(before.facets + asked.facets)),
            "spans": tuple(sorted({*before.spans, *asked.spans})),
            "reason": "; ".join(dict.fromkeys((before.reason, asked.reason))),
        }
    )


def remove_items(
    session: Session,
    number: str,
    items: Sequence[int],
    note: str | None = None,
    *,
    named: Collection[int] = (),
) -> Changed:
    """Take items out of a selection. That they were in it stays in the ledger.

    What is privileged or withheld stays in it unless it is one of ``named``: without that decision it would go out as
    context of others.

    Raises:
        UsageError: no such matter.
    """
    removed, inside, actor = 0, list[int](), register.actor(session, "legal")

    def decide(_: LedgerState) -> Sequence[Draft]:
        nonlocal removed, inside
        register.matter(session, number)
        present = register.selection(session, number)
        found = set(items) & present.keys()
        inside = sorted(one for one in found.difference(named) if present[one].decision in KEPT)
        gone = sorted(found.difference(inside))
        removed = len(gone)
        return [
            draft_of(
                Selection(
                    matter=number,
                    items=tuple(gone[at : at + ITEMS_A_RECORD]),
                    decision="removed",
                    note=note,
                    person=actor,
                )
            )
            for at in range(0, len(gone), ITEMS_A_RECORD)
        ]

    session.ledger.append(session.writer("legal"), decide)
    return Changed(removed, tuple(inside))


def add_items(
    session: Session, matter: str, items: Sequence[int], *, decision: str = "hit",
    note: str | None = None, search: str | None = None, named: Collection[int] = (),
) -> Changed:  # fmt: skip
    """Add items to a matter's selection.

    What a person decided to be privileged or withheld stays so, unless it is one of ``named``: a search or a thread
    brings it along unasked, and it would go out.

    Raises:
        UsageError: no such matter, or a number that is no item.
    """
    added, inside, actor = 0, list[int](), register.actor(session, "legal")

    def decide(head: LedgerState) -> Sequence[Draft]:
        nonlocal added, inside
        if register.matter(session, matter).status == "closed":
            raise UsageError(f"{matter} is closed; `beleg matter reopen {matter}` opens it again")
        for index in items:
            if not 0 <= index < head.size or session.ledger.leaf(index).kind != "item":
                raise UsageError(f"{index} is not the number of an item")
        present = register.selection(session, matter)
        inside = sorted(
            {i for i in items if i not in named and i in present and _stays_inside(present[i], decision)}
        )
        new = sorted(
            {i for i in items if i not in present or _differs(present[i], decision, note)}.difference(inside)
        )
        added = len(new)
        return [
            draft_of(
                Selection(
                    matter=matter, items=tuple(new[at : at + ITEMS_A_RECORD]), decision=decision,  # type: ignore[arg-type]
                    note=note, search=search, person=actor,
                )
            )
            for at in range(0, len(new), ITEMS_A_RECORD)
        ]  # fmt: skip

    session.ledger.append(session.writer("legal"), decide)
    return Changed(added, tuple(inside))


def _stays_inside(before: Selection, decision: str) -> bool:
    return before.decision in KEPT and before.decision != decision


def _differs(before: Selection, decision: str, note: str | None) -> bool:
    """Say whether a decision is another, or another note stands for it: the note is the basis in a privilege log."""
    return before.decision != decision or (note is not None and before.note != note)


def add_party(
    session: Session, name: str, *, kind: str, side: str, accounts: Sequence[PartyAccount] = ()
) -> Party:
    """Register a party under the next free number. Raises UsageError for an empty name."""
    name = register.named(name, "the name of a party")
    added: list[Party] = []

    def decide(_: LedgerState) -> Sequence[Draft]:
        number = register.next_id("Y", register.parties(session))
        added[:] = [Party(id=number, name=name, kind=kind, side=side, accounts=tuple(accounts))]  # type: ignore[arg-type]
        return [draft_of(added[0])]

    session.ledger.append(session.writer("legal"), decide)
    return added[0]
