"""Recognising the channel of an input by its structure."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.errors import UnreadableInput, UsageError
from archive.ports import Channel, Confidence
from archive.reading.tree import Tree

SURE_ENOUGH = 50
CLEAR_LEAD = 10
LOOKED_AT = 400
"""Files of a tree that are asked about one by one."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The channel of an input, and how sure that is."""

    channel: Channel
    confidence: Confidence | None
    """None: a person named the channel."""


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


def recognise(
    tree: Tree, channels: Sequence[Channel], wanted: str | None = None
) -> Recognised | Unrecognised:
    """Ask every channel, or take the one that a person named.

    Of several that are about as sure the surest goes first where they mean different files of the tree; where
    two mean the same file, nobody can tell.
    """
    if wanted is not None:
        channel = named(channels, wanted)
        return Recognised(channel, None)
    said = answers(tree, channels)
    if not said or said[0][0].percent < SURE_ENOUGH:
        return Unrecognised(_why_not(tree))
    best, channel = said[0]
    close = [(c, ch) for c, ch in said if best.percent - c.percent < CLEAR_LEAD]
    if len(close) > 1 and (tree.single or _mean_the_same(tree, [ch for _, ch in close])):
        candidates = ", ".join(f"{ch.name} ({c.percent} %: {c.because})" for c, ch in close)
        return Unrecognised(f"could be several channels: {candidates}; name one with --channel")
    return Recognised(channel, best)


def answers(tree: Tree, channels: Sequence[Channel]) -> list[tuple[Confidence, Channel]]:
    """What every channel says, the surest first."""
    return sorted(
        ((channel.detect(tree), channel) for channel in channels), key=lambda answer: -answer[0].percent
    )


def _mean_the_same(tree: Tree, channels: Sequence[Channel]) -> bool:
    """Whether two of these channels are about as sure of one and the same file."""
    files = list(tree.files())
    for member in files[:: max(1, len(files) // LOOKED_AT)]:
        alone = tree.alone(member)
        percents = sorted((channel.detect(alone).percent for channel in channels), reverse=True)
        if percents[1] >= SURE_ENOUGH and percents[0] - percents[1] < CLEAR_LEAD:
            return True
    return False


def _why_not(tree: Tree) -> str:
    """Why a file is not recognised: it cannot be read, it is empty, or nobody knows it."""
    if tree.single:
        [member] = tree.members
        try:
            with member.open() as stream:
                if not stream.read(1):
                    return "the file is empty"
        except UnreadableInput as error:
            return str(error)
    return "not recognised as an export of any channel; name one with --channel"
