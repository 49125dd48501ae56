"""Recognising the channel of an input by its structure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.errors import UsageError
from archive.ports import Channel, Confidence
from archive.reading.tree import Member, Tree

SURE_ENOUGH = 50
SURE_ALONE = 70
"""For a part of an input to be taken as an export of its own."""
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
    answers = _answers(tree, channels)
    best, channel = answers[0]
    if best.percent < SURE_ENOUGH:
        return Unrecognised("not recognised as an export of any channel; name one with --channel")
    close = [(c, ch) for c, ch in answers if best.percent - c.percent < CLEAR_LEAD]
    if len(close) > 1:
        candidates = ", ".join(f"{ch.name} ({c.percent} %: {c.because})" for c, ch in close)
        return Unrecognised(f"could be several channels: {candidates}; name one with --channel")
    return Recognised(channel, best)


def _answers(tree: Tree, channels: Sequence[Channel]) -> list[tuple[Confidence, Channel]]:
    """What every channel says, the surest first."""
    return sorted(
        ((channel.detect(tree), channel) for channel in channels), key=lambda answer: -answer[0].percent
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A tree, or a part of one, that is read as one run."""

    tree: Tree
    found: Recognised | Unrecognised


def plan(tree: Tree, channels: Sequence[Channel], wanted: str | None) -> Sequence[Part | tuple[Path, ...]]:
    """Cut an input into runs: parts of this tree, or paths that are inputs of their own.

    A folder that holds the exports of several channels is taken apart at its top, and so is a zip; the parts of
    one download stay together. What one channel knows as its own stays whole.
    """
    found = recognise(tree, channels, wanted)
    if wanted is not None or tree.single:
        return [Part(tree, found)]
    tops = _tops(tree)
    by_top = (
        {top: recognise(tree.part(members, ()), channels, None) for top, members in tops.items()}
        if _mixed(tree, channels)
        else {}
    )
    names = {
        top: answer.channel.name
        for top, answer in by_top.items()
        if isinstance(answer, Recognised) and answer.confidence.percent >= SURE_ALONE
    }
    if len(set(names.values())) > 1:
        return _split(tree, tops, names, by_top)
    if isinstance(found, Unrecognised) and tree.path.is_dir() and not tree.chosen:
        return [(child,) for child in sorted(tree.path.iterdir()) if not child.name.startswith(".")]
    return [Part(tree, found)]


def _mixed(tree: Tree, channels: Sequence[Channel]) -> bool:
    return sum(confidence.percent >= SURE_ENOUGH for confidence, _ in _answers(tree, channels)) > 1


def _tops(tree: Tree) -> dict[str, list[Member]]:
    """The members by the first part of their path in which they differ."""
    members = [member for member in tree.members if not member.container or member.path]
    level = 0
    while True:
        groups: dict[str, list[Member]] = {}
        for member in members:
            groups.setdefault("/".join(member.path.replace("!/", "/").split("/")[: level + 1]), []).append(
                member
            )
        deeper = any(member.path.replace("!/", "/").count("/") > level for member in members)
        if len(groups) != 1 or not deeper:
            return groups
        level += 1


def _split(
    tree: Tree,
    tops: dict[str, list[Member]],
    names: dict[str, str],
    by_top: dict[str, Recognised | Unrecognised],
) -> Sequence[Part | tuple[Path, ...]]:
    groups: dict[str, list[str]] = {}
    for top in tops:
        stem = part_stem(top)
        kin = next((names[other] for other in names if stem and part_stem(other) == stem), None)
        groups.setdefault(names.get(top) or kin or f"? {top}", []).append(top)
    if tree.path.is_dir() and all((tree.path / top).exists() for top in tops):
        return [tuple(tree.path / top for top in group) for group in groups.values()]
    parts: list[Part | tuple[Path, ...]] = []
    for group in groups.values():
        members = sorted((member for top in group for member in tops[top]), key=lambda member: member.path)
        left_out = tree.left_out if not parts else ()
        parts.append(Part(tree.part(members, left_out), by_top[group[0]]))
    return parts


_PART = re.compile(r"(.+?)(?:[-_ ]part[-_ ]?\d{1,3}|-\d{3}|_\d{1,2})\.zip", re.IGNORECASE)


def part_stem(name: str) -> str | None:
    """The common name of the parts of one download (``takeout-…-001.zip``); None if it is no part."""
    match = _PART.fullmatch(name)
    return match[1] if match else None


def together(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Given paths, those that are parts of one download side by side, in the order given."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    for path in paths:
        stem = part_stem(path.name)
        groups.setdefault((path.parent, stem or f"/{path}"), []).append(path)
    return [tuple(group) for group in groups.values()]
