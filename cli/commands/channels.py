"""``beleg channels``: which exports are read, and what can be had from them."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import JsonOption, wants_json
from cli.output import answer, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archive.sources import LiveFacts


def channels(
    context: typer.Context,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The table of the README.")] = False,
    live: Annotated[bool, typer.Option("--live", help="The kinds of live sources alone.")] = False,
    as_json: JsonOption = False,
) -> int:
    """List the channels: layouts, what to ask the platform for, edits, deletions, receipts, direct messages.

    Then the kinds of live sources, with what each was tried on: a real server, an emulation, or replayed answers.
    Example: beleg channels --live
    """
    from archive.channels import CHANNELS
    from archive.channels.live import live_facts
    from archive.services.channels import facts, live_markdown, markdown

    if live:
        _live(context, live_facts(), live_markdown, as_markdown=as_markdown, as_json=as_json)
        return 0
    if wants_json(context, as_json):
        answer([{"channel": name, **asdict(told)} for name, told in facts(CHANNELS)])
    elif as_markdown:
        say(markdown(CHANNELS))
    else:
        for name, told in facts(CHANNELS):
            say(f"{name}: {told.title}")
            say(f"  layouts: {'; '.join(told.layouts)}")
            say(f"  ask for: {told.ask_for}")
            say(
                f"  edits: {told.edits} · deletions: {told.deletions} · receipts: {told.receipts} · "
                f"direct messages: {told.direct}"
            )
            say(f"  completeness: {told.claim.replace('_', ' ')} · tested with {told.tested}")
            if told.left_out:
                say(f"  left out or masked: {'; '.join(told.left_out)}")
        _live(context, live_facts(), live_markdown, as_markdown=False, as_json=False)
    return 0


def _live(
    context: typer.Context,
    told: "dict[str, LiveFacts]",
    markdown: "Callable[[Mapping[str, LiveFacts]], str]",
    *,
    as_markdown: bool,
    as_json: bool,
) -> None:
    if wants_json(context, as_json):
        answer([{"kind": kind, **asdict(one)} for kind, one in told.items()])
    elif as_markdown:
        say(markdown(told))
    else:
        for kind, one in told.items():
            say(f"source {kind}: {one.reads}")
            say(f"  goes on by: {one.goes_on}")
            say(f"  edits: {one.edits} · deletions: {one.deletions}")
            say(f"  never: {'; '.join(one.never)}")
            say(f"  tested on: {one.tested}")
