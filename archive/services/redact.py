"""What a production withholds: the decisions of a matter, and everything that would tell the same again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from archive.errors import UsageError
from archive.production import Cut
from archive.redaction import betrays, closed, needles, occurs, stand_alone
from archive.services import register
from archive.services.kept_back import kept_back
from archive.services.released import releases
from archive.services.retold import Cuts
from archive.services.session import Session
from schemas.item import Item, Key, Thread
from schemas.matter import Redaction


def check_reason(index: int, item: Item, one: Redaction) -> None:
    """Check that the reason of a redaction, which is handed out, tells nothing of what is not.

    ``item`` with all names that are known of its people (``Described``).

    Raises:
        UsageError: it does.
    """
    if betrays(needles(item, _cut(one)), one.reason):
        raise UsageError(
            f"item {index}: the reason is handed out, and tells what is withheld; say it in other words"
        )


def _cut(one: Redaction) -> Cut:
    """Give what a redaction takes out. Who withholds the text withholds all of it, whatever was blackened besides."""
    return closed(Cut(frozenset(one.facets), () if "text" in one.facets else one.spans, one.reason))


@dataclass(frozen=True, slots=True)
class Withholding:
    """What a production withholds."""

    cuts: Mapping[int, Cut] = field(default_factory=dict)
    """Item → what of it."""
    words: frozenset[str] = frozenset()
    """What must stand nowhere, folded."""
    short: frozenset[str] = frozenset()
    """Words too short for that: what is called by them, is not called so."""
    figures: Mapping[Key, frozenset[str]] = field(default_factory=dict)
    """Conversation → figures of words marked in it: its own name tells none of them, like the subject of a mail."""
    lost: tuple[int, ...] = ()
    """Items of the matter of which something is withheld, and which were erased since: what tells their words again is
    not known."""
    doubtful: tuple[int, ...] = ()
    """Items handed out in which short withheld words stand, or phrases; nothing says that the same is meant."""
    unseen: tuple[int, ...] = ()
    """Items handed out with files into which nobody can look: pictures, sound, what is encrypted or damaged."""

    fallen: tuple[tuple[int, int], ...] = ()
    """(item handed out, the item from which it was released) where that ended with a later decision."""

    @property
    def anything(self) -> bool:
        """Whether a decision withholds something, of what is handed out or of what stays inside."""
        return bool(self.cuts or self.words or self.lost)

    def tells(self, name: str) -> bool:
        """Say whether a name tells withheld words."""
        return occurs(self.words, name) or stand_alone(self.short, name)

    def titled(self, thread: Thread) -> bool:
        """Say whether a conversation's name tells withheld words, or figures of what is marked in it.

        With a source that was erased its words are gone, and any name may hold them.
        """
        title = thread.title or ""
        return bool(self.lost) or self.tells(title) or occurs(self.figures.get(thread.key, ()), title)


def withholding(
    session: Session,
    items: Callable[[int], Item | None],
    matter: str,
    before: int | None,
    selection: Sequence[int],
) -> Withholding:
    """Give what a production withholds.

    Args:
        session: its catalogue must be at the head.
        items: gives an item; None where it was erased.
        matter: its redactions count, and its items that stay inside.
        before: decisions at this index and above do not count; None: nothing was withheld (productions made
            before items could be redacted).
        selection: the items handed out.
    """
    if before is None:
        return Withholding()
    decided = {item: _cut(one) for item, one in register.redactions(session, matter, before=before).items()}
    released = releases(session, matter, before)
    found = Cuts(session, items, decided, kept_back(session, matter, before), released.standing)
    cuts = found.over(selection)
    out = {*selection}
    chosen = register.selection(session, matter, before=before)
    lost = tuple(index for index in found.lost if index in chosen)
    return Withholding(
        cuts, found.everywhere | found.names, found.short, found.numbers(), lost,
        tuple(found.doubtful), tuple(found.unseen), tuple(sorted(one for one in released.fallen if one[0] in out)),
    )  # fmt: skip
