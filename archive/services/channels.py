"""The table of channels: what is recognised, what can be had from it and what cannot."""

from collections.abc import Iterator, Mapping, Sequence

from archive.ports import Channel, Facts
from archive.sources import LiveFacts

HEADER = (
    "channel",
    "platform",
    "layouts",
    "edits",
    "deletions",
    "receipts",
    "direct messages",
    "left out or masked",
    "claim",
    "tested with",
)


def facts(channels: Sequence[Channel]) -> Iterator[tuple[str, Facts]]:
    """Give the name of each channel and what it says of itself."""
    return ((channel.name, channel.facts) for channel in channels)


def row(name: str, told: Facts) -> tuple[str, ...]:
    """Give the cells of one channel."""
    return (
        name,
        told.title,
        " · ".join(told.layouts),
        told.edits,
        told.deletions,
        told.receipts,
        told.direct,
        "; ".join(told.left_out) or "–",
        told.claim.replace("_", " "),
        told.tested,
    )


def markdown(channels: Sequence[Channel]) -> str:
    """Give the table for the README."""
    lines = ["| " + " | ".join(HEADER) + " |", "|" + "---|" * len(HEADER)]
    lines += ["| " + " | ".join((f"`{name}`", *row(name, told)[1:])) + " |" for name, told in facts(channels)]
    return "\n".join(lines)


LIVE_HEADER = ("kind", "reads", "goes on by", "edits", "deletions", "never", "tested on")


def live_markdown(told: Mapping[str, LiveFacts]) -> str:
    """Give the table of live sources for the README."""
    lines = ["| " + " | ".join(LIVE_HEADER) + " |", "|" + "---|" * len(LIVE_HEADER)]
    for kind, one in told.items():
        cells = (
            f"`{kind}`",
            one.reads,
            one.goes_on,
            one.edits,
            one.deletions,
            "; ".join(one.never),
            one.tested,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
