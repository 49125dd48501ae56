"""Messages of a slice: the fold over its events. An edit that lies in another slice stands for itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archive.production import Told
from schemas.item import Key

ABOUT = frozenset({"reacted", "unreacted", "delivered", "read"})
"""Events that are told at the message that they are about."""


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
        elif known is not None and event in ABOUT:
            known.around.append(one)
        else:
            message = Message(one, deletion=one if event == "deleted" else None)
            found.append(message)
            if event not in ABOUT:
                by_key.setdefault(key, message)
    return found


def _about(one: Told) -> Key:
    return next(
        (target.key for target in one.item.targets if target.relation == "of" and target.key), one.item.key
    )
