"""Statements of many messages, beside whose they are: whoever finds may ask for some messages ahead."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeVar

from archive.statements.model import Find, Message
from archive.statements.ports import FindAll

Asked = TypeVar("Asked")


def found_in(
    asked: Iterable[tuple[Asked, Message]], find_all: FindAll
) -> Iterator[tuple[Asked, Find, int, int | None]]:
    """Give whose message it is, a find in it, the number of the find there, and the item that it answers."""
    waiting: deque[tuple[Asked, Message]] = deque()

    def messages() -> Iterator[Message]:
        for whose, message in asked:
            waiting.append((whose, message))
            yield message

    for finds in find_all(messages()):
        whose, message = waiting.popleft()
        for number, find in enumerate(finds, 1):
            answers = message.context[-1 - find.answers].number if find.answers is not None else None
            yield whose, find, number, answers
