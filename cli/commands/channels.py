"""``beleg channels``: which exports are read, and what can be had from them."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.opening import JsonOption, wants_json
from cli.output import answer, say


def channels(
    context: typer.Context,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The table of the README.")] = False,
    as_json: JsonOption = False,
) -> int:
    """List the channels: layouts, what to ask the platform for, edits, deletions, receipts, direct messages.

    Example: beleg channels
    """
    from archive.channels import CHANNELS
    from archive.services.channels import facts, markdown

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
    return 0
