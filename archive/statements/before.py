"""What was said before a message: the last words of somebody else, looked at only when a rule asks."""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from archive.statements.model import Find, Message
from archive.statements.proposals import Proposals

_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
_BUT = re.compile(
    r"\b(?:aber|wenn|falls|sofern|nur|statt|dafür|but|if|only|provided|unless|instead|allerdings)\b", re.I
)


class Looked:
    """What messages may be answered about, remembered for a while: the next message of a thread asks again."""

    REMEMBERED = 512

    def __init__(self, find: Callable[[Message], Sequence[Find]], proposals: Proposals) -> None:
        """Take who finds statements, and who reads proposals."""
        self._find, self._proposals = find, proposals
        self._known: OrderedDict[Message, frozenset[str] | None] = OrderedDict()

    def told(self, said: Message) -> frozenset[str] | None:
        """Give what a message may be answered about, as ``Rule.after`` names it; None: nothing is, for it is of another
        matter."""
        if said in self._known:
            self._known.move_to_end(said)
            return self._known[said]
        meets = self._proposals.meets(said.text)
        found = self._known[said] = None if meets else self._proposals.told(said.text, self._find(said))
        if len(self._known) > self.REMEMBERED:
            self._known.popitem(last=False)
        return found


class Before:
    """What the last message of somebody else was about."""

    def __init__(self, looked: Looked, message: Message) -> None:
        """Take what is remembered, and the message that may answer."""
        self._looked, self._message = looked, message
        self._kinds: frozenset[str] | None = None
        self.answered: int | None = None
        self.mattered = False
        """Whether anything that was said before made a difference: else the message states what it states alone."""

    @property
    def kinds(self) -> frozenset[str]:
        """What the very last message may be answered about, as ``Rule.after`` names it.

        Empty where it is the sender's own, or says nothing that can be answered.
        """
        if self._kinds is None:
            self._kinds = self._look()
        self.mattered |= bool(self._kinds)
        return self._kinds if self.answered == 0 else frozenset()

    def holds(self, wanted: Iterable[str]) -> bool:
        """Say whether it held one of these kinds, a ``proposal``, or with ``ask:kind`` a question for it."""
        if self._kinds is None:
            self._kinds = self._look()
        held = not self._kinds.isdisjoint(wanted)
        self.mattered |= held
        return held

    def repeats(self, words: str) -> bool:
        """Say whether words hold figures, all of them those of the message before, and no ``but`` or ``if``."""
        figures = set(_FIGURES.findall(words))
        said = next((s.text for s in reversed(self._message.context) if s.sender != self._message.sender), "")
        repeated = bool(figures) and figures <= set(_FIGURES.findall(said)) and not _BUT.search(words)
        self.mattered |= repeated
        return repeated

    def _look(self) -> frozenset[str]:
        message = self._message
        others = [
            (n, said) for n, said in enumerate(reversed(message.context)) if said.sender != message.sender
        ]
        for place, said in others[:1]:
            told = self._looked.told(Message(said.text, "", _day(message.sent), (), message.language))
            if told is not None:
                self.answered = place
                return told
        return frozenset()


def _day(sent: datetime | None) -> datetime | None:
    """Give the day alone: by it dates are resolved, and messages of one day ask about the same words often."""
    return sent.replace(hour=12, minute=0, second=0, microsecond=0) if sent else None
