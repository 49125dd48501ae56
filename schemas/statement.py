"""Statements found in the words of items, and what people decided about them."""

from typing import Literal

from schemas.base import Date, Model, Sha256, UtcTime

Value = str | int | float | bool


class StatementDecision(Model):
    """That somebody looked at a find and says whether it is what it was taken for. The last one on its words counts.

    It holds the place and the hash of the exact words, not the words: they stay where they can be erased.
    """

    item: int
    """Ledger index."""
    start: int
    end: int
    """Characters [start, end) of the text of the item."""
    words_sha256: Sha256
    """Of these characters, UTF-8."""
    kind: str
    modality: str
    decision: Literal["confirmed", "rejected"]
    rule: str
    """The rule that found it."""
    lexicon: str
    """The version of the lexicon."""
    note: str | None = None
    matter: str | None = None
    decided: UtcTime
    person: str | None = None


class StatementLine(Model):
    """A statement as a list shows it."""

    id: str
    """``57.1``: the first of item 57."""
    item: int
    kind: str
    modality: str
    strength: int
    words: str
    start: int
    end: int
    values: dict[str, Value]
    utc: UtcTime | None
    time: str | None
    channel: str
    thread: str
    sender: str | None
    party: str | None
    """The party to which the sender belongs, if one is registered."""
    recipients: tuple[str, ...]
    answers: int | None
    """The item that it answers."""
    answered_by: tuple[str, ...]
    """The statements that answer its item."""
    decision: Literal["confirmed", "rejected"] | None
    found: bool = True
    """False: somebody confirmed it, and the lexicon at hand does not find it."""


class StatementShown(Model):
    """One statement with everything that explains it."""

    line: StatementLine
    text: str
    """The whole text of the item."""
    rule: str
    cues: tuple[str, ...]
    parts: tuple[tuple[str, int], ...]
    """(what, points) of the strength."""
    lexicon: str
    decisions: tuple[StatementDecision, ...]
    answered: tuple[StatementLine, ...]
    """The statements of the item that it answers."""
    answering: tuple[StatementLine, ...]


class StatementAnswer(Model):
    """A page of statements, and what was not looked at."""

    lines: tuple[StatementLine, ...]
    total: int
    lexicon: str
    position: int
    """Records of the ledger that were looked at."""
    without_text: int = 0


class RegisterLine(Model):
    """What a party promised: by whom, what, until when, on which item, what answered it."""

    party: str
    by: str | None
    to: tuple[str, ...]
    kind: str
    modality: str
    words: str
    until: str | None
    """A date, week, month or period, as the values give it."""
    said: Date | None
    statement: str
    item: int
    answered_by: tuple[str, ...]
    decision: Literal["confirmed", "rejected"] | None
