"""Recognising the channel of an input by its structure."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.errors import UsageError
from archive.ports import Channel, Confidence
from archive.reading.tree import Tree

SURE_ENOUGH = 50
CLEAR_LEAD = 10


@dataclass(frozen=True, slots=True)
class Recognised:
    """The channel of an input, and how sure that is."""

    channel: Channel
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """No channel, or more than one; ``reason`` says so in a line, with the candidates."""

    reason: str


def named(channels: Sequence[Channel], name: str) -> Channel:
    """Give the channel of a name.

    Raises:
        UsageError: there is none.
    """
    for channel in channels:
        if channel.name == name:
            return channel
    known = ", ".join(channel.name for channel in channels)
    raise UsageError(f"there is no channel {name!r}; known are {known}")


def recognise(tree: Tree, channels: Sequence[Channel], wanted: str | None) -> Recognised | Unrecognised:
    """Ask every channel, or take the one that a person named."""
    if wanted is not None:
        channel = named(channels, wanted)
        return Recognised(channel, Confidence(100, "named by a person"))
    answers = sorted(
        ((channel.detect(tree), channel) for channel in channels), key=lambda answer: -answer[0].percent
    )
    best, channel = answers[0]
    if best.percent < SURE_ENOUGH:
        return Unrecognised("not recognised as an export of any channel; name one with --channel")
    close = [(c, ch) for c, ch in answers if best.percent - c.percent < CLEAR_LEAD]
    if len(close) > 1:
        candidates = ", ".join(f"{ch.name} ({c.percent} %: {c.because})" for c, ch in close)
        return Unrecognised(f"could be several channels: {candidates}; name one with --channel")
    return Recognised(channel, best)
