"""``beleg show`` and ``beleg thread``: look at an item, or at its whole thread."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands.search import line
from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    PersonOption,
    PurposeOption,
    SecondOption,
    asking,
    opened,
    wants_json,
)  # fmt: skip
from cli.output import answer, safe, say

if TYPE_CHECKING:
    from schemas.answer import Shown
    from schemas.item import Item

RELATIONS = {
    "of": "About", "reply": "Answers", "root": "Under", "quote": "Quotes", "share": "Shares", "forward": "Forwards",
}  # fmt: skip
"""Relation to another item → what stands before it."""
_TOLD_LENGTH = 200


def show(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The item's number in the ledger.")],
    around: Annotated[int, typer.Option("--context", min=0, help="Items before and after it.")] = 0,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The version that stood on this day, or at this instant.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Also the bytes as received.")] = False,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Show an item, read from the ledger itself.

    Example: beleg show 48213 --context 9
    """
    from archive.services.show import show as look
    from archive.services.show import version_at

    with opened(context, archive, passphrase_file, asking=asking(purpose, person, second)) as session:
        session.read()
        if as_of is not None:
            number = version_at(session, number, as_of)
        found = look(session, number, context=around)
    if wants_json(context, as_json):
        answer(found)
        return
    for hit in found.before:
        say(line(hit))
    _print(found)
    if raw:
        say(safe(found.item.raw.slice.decode("utf-8", "replace")))
    for hit in found.after:
        say(line(hit))


_CLOCK = {
    "overlap": "the clocks were set back and showed it twice: the earlier is taken, it may be an hour later",
    "gap": "the clocks were set forward and never showed it: taken as if they had not been",
}
"""What is uncertain about a time as written."""


def _written(item: "Item") -> Iterator[str]:
    if item.time:
        zone = " ".join(filter(None, (item.time.zone, item.time.zone_source)))
        yield f"Written   {safe(item.time.written)} = {item.time.utc or 'unknown instant'}, zone {zone}"
        if item.time.clock in _CLOCK:
            yield f"          {_CLOCK[item.time.clock]}"


def _print(found: "Shown") -> None:
    item = found.item
    who = safe(item.author.name or "-") if item.author else "-"
    say(f"Item {found.number}: {item.event} {item.form} on {item.key.channel}, thread {safe(item.thread.id)}")
    say(
        f"From      {who}"
        + (f" ({safe(item.author.account.id)})" if item.author and item.author.account else "")
    )
    for recipient in item.recipients:
        say(f"{recipient.role:<9} {safe(recipient.actor.name or '-')}")
    for text in _written(item):
        say(text)
    sealed = "Committed, NOT YET SEALED," if found.unsealed else "Sealed   "
    say(f"{sealed} {found.sealed} by the operator's clock; position {found.position} of its stream")
    say(f"Proven    {_bracket(found)}")
    for text in (*_decoded(item), *_standing(found)):
        say(text)
    if item.title:
        say(f"Title     {safe(item.title)}")
    for text in _words(item):
        say(text)
    for attachment in item.attachments:
        state = (
            f"{attachment.length} bytes, SHA-256 {attachment.sha256}"
            if attachment.sha256
            else attachment.reason
        )
        say(f"File      {safe(attachment.name or attachment.role)}: {attachment.state}, {safe(state or '')}")
    for text in _answered(item):
        say(text)
    for event in found.events:
        say(f"Also      {line(event).strip()}")
    if found.seen_again:
        say(f"Seen      again in {found.seen_again} later captures, unchanged")
    for absence in found.absent:
        say(
            f"Absent    from {safe(absence.origin)}, received {absence.received}, which shows this thread "
            f"from {absence.start} to {absence.end}"
        )
    if found.matters:
        say(f"Matters   {', '.join(found.matters)}")
    own = f"{len(item.raw.slice)} bytes, SHA-256 {found.raw_sha256}" if item.raw.slice else None
    say(f"Raw       {own or safe(item.raw.pointer or 'no bytes of its own')}")


def _words(item: "Item") -> Iterator[str]:
    """The words, and what else the platform told: who joined, how long a call was, fields that no reader knows."""
    yield ""
    yield from (f"  {safe(text)}" for text in (item.text or "(no text)").splitlines())
    yield ""
    for name, value in item.extra:
        short = value if len(value) <= _TOLD_LENGTH else value[:_TOLD_LENGTH] + "…"
        yield f"Told      {safe(name)}: {safe(short)}"


def _decoded(item: "Item") -> Iterator[str]:
    """Say where the words are those of a guess."""
    yield from (
        f"Decoded   by a guess: {safe(value)}; the bytes are under --raw"
        for name, value in item.extra
        if name == "encoding"
    )


def _answered(item: "Item") -> Iterator[str]:
    """Give ratings and reactions."""
    if item.rating:
        best = f" of {safe(item.rating.best)}" if item.rating.best else ""
        yield f"Rating    {safe(item.rating.value)}{best}"
    for reaction in item.reactions:
        count = reaction.count if reaction.count is not None else len(reaction.actors) or "?"
        people = ", ".join(safe(actor.name or "-") for actor in reaction.actors)
        yield f"Reaction  {safe(reaction.value)} × {count}{f': {people}' if people else ''}"


def _standing(found: "Shown") -> Iterator[str]:
    """Say what became of the words, as far as the platform or a later item tells, and what they answer."""
    item = found.item
    for ground in found.restricted:
        yield f"RESTRICTED its erasure was asked for, and it is kept for this alone: {safe(ground)}"
    if item.edited or item.event == "edited":
        time = item.edited.time if item.edited else None
        when = safe(time.utc or time.written) if time else "when is not told"
        earlier = "" if item.history == "full" else "; the export does not give the earlier words"
        seen = " (seen between two captures)" if item.basis == "observed" else ""
        yield f"Edited    {when}{seen}{earlier if not seen else ''}"
    if found.superseded is not None:
        yield f"Replaced  by item {found.superseded}"
    if item.deleted or item.event == "deleted":
        by = item.deleted.by if item.deleted else "unknown"
        why = f": {safe(item.deleted.reason)}" if item.deleted and item.deleted.reason else ""
        yield f"Deleted   by {'whom is not told' if by == 'unknown' else by}{why}"
    elif found.deletion is not None:
        yield f"Deleted   later, says item {found.deletion}"
    if item.expires:
        yield f"Expires   {safe(item.expires.utc or item.expires.written)}"
    for target in item.targets:
        named = target.excerpt or target.written_id or (target.key.id if target.key else "unknown")
        gone = "; not in the export" if target.present == "no" else ""
        yield f"{RELATIONS[target.relation]:<9} {safe(named)}{gone}"


def _bracket(found: "Shown") -> str:
    """Say what tokens show of the time of sealing."""
    known = found.bracket
    if known.after is None and known.before is None:
        return "NO TIME PROOF: no time-stamp token bounds its sealing"
    after = f"after {known.after} ({safe(known.after_authority or '')})" if known.after else ""
    before = f"before {known.before} ({safe(known.before_authority or '')})" if known.before else ""
    if after and before:
        return f"sealed {after}, {before}"
    return (
        f"sealed {after}; no token bounds it later"
        if after
        else f"sealed {before}; no token bounds it earlier"
    )


def thread(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The number of any item of the thread.")],
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 100,
    offset: Annotated[int, typer.Option(min=0, help="How many to pass over.")] = 0,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Show the thread of an item in order of time.

    Example: beleg thread 48213
    """
    from archive.services.called_before import called_before
    from archive.services.show import thread as look

    with opened(context, archive, passphrase_file, asking=asking(purpose, person, second)) as session:
        session.read()
        total, hits = look(session, number, limit=limit, offset=offset)
        before = called_before(session, number)
    if wants_json(context, as_json):
        answer({"total": total, "offset": offset, "items": hits, "called_before": before})
        return
    for hit in hits:
        say(line(hit))
    say(f"\n{total} items in this thread")
    for one in before:
        say(one.told())
