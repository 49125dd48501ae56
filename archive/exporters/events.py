"""Messages of a slice: the fold over its events. An edit that lies in another slice stands for itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archive.production import Told
from schemas.item import Key, Reaction

AROUND = frozenset({"reacted", "unreacted", "delivered", "read"})
"""Events that are told at the message that they are about."""
ABOUT = AROUND | {"edited", "deleted"}
"""Events that belong to the message that they name; where they name none, to the one whose key they have."""


@dataclass(slots=True)
class Message:
    """A message, notice, joining or leaving, with what happened to it."""

    first: Told
    versions: list[Told] = field(default_factory=list)
    """Edits, in order; the last one has the words that stood at the end."""
    deletion: Told | None = None
    around: list[Told] = field(default_factory=list)
    """Reactions and receipts that came as events of their own."""

    @property
    def last(self) -> Told:
        """Give the version that stood at the end."""
        return self.versions[-1] if self.versions else self.first

    @property
    def filed(self) -> Told:
        """Give the newest version that names files: many an edit tells the words alone, and takes no file away."""
        return next((one for one in self._newest if one.item.attachments), self.first)

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        """Give the reactions as the newest version that tells some has them, as a state."""
        return next((one.item.reactions for one in self._newest if one.item.reactions), ())

    @property
    def was_edited(self) -> bool:
        """Say whether its words are not the first ones: by an edit that is here, or by the platform's mark."""
        return bool(self.versions) or self.first.item.event == "edited" or self.first.item.edited is not None

    @property
    def was_deleted(self) -> bool:
        """Say whether it was taken away: by an event that is here, or by the platform's mark."""
        return self.deletion is not None or self.last.item.deleted is not None

    @property
    def cut(self) -> frozenset[str]:
        """Give the facets of which something is withheld in one of its records."""
        told = (self.first, *self.versions, *self.around, *([self.deletion] if self.deletion else []))
        return frozenset().union(*(one.cut.facets for one in told if one.cut is not None))

    @property
    def _newest(self) -> Iterator[Told]:
        yield from reversed((self.first, *self.versions))

    @property
    def records(self) -> Iterator[int]:
        """Give the records that are told here."""
        yield from (one.index for one in (self.first, *self.versions, *self.around))
        if self.deletion is not None and self.deletion is not self.first:
            yield self.deletion.index


def messages(items: Sequence[Told]) -> list[Message]:
    """Fold the events of a slice into messages, in order of the first event of each."""
    found: list[Message] = []
    by_key: dict[Key, Message] = {}
    for one in items:
        event = one.item.event
        key = _about(one) if event in ABOUT else one.item.key
        known = by_key.get(key)
        if known is not None and event == "edited":
            known.versions.append(one)
        elif known is not None and event == "deleted":
            known.deletion = one
        elif known is not None and event in AROUND:
            known.around.append(one)
        else:
            message = Message(one, deletion=one if event == "deleted" else None)
            found.append(message)
            if event not in AROUND:
                by_key.setdefault(key, message)
    return found


def words_of(one: Told) -> str:
    """Give what an event says: its text, or the reaction that it is."""
    return one.item.text or " ".join(reaction.value for reaction in one.item.reactions)


def _about(one: Told) -> Key:
    return next(
        (target.key for target in one.item.targets if target.relation == "of" and target.key), one.item.key
    )
