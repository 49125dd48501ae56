"""``beleg search``: find items."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, opened, wants_json
from cli.output import answer, safe, say

if TYPE_CHECKING:
    from schemas.answer import Hit


def search(
    context: typer.Context,
    query: Annotated[
        str, typer.Argument(help='Words mean AND, with their forms; "…" exactly; OR, NOT, fields.')
    ],
    limit: Annotated[int, typer.Option(min=0, help="How many to show.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="How many to pass over.")] = 0,
    newest: Annotated[bool, typer.Option("--newest", help="Newest first.")] = False,
    matter: Annotated[str | None, typer.Option(help="Add everything found to this matter.")] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Find items, ordered by date, with an exact count.

    Example: beleg search 'garantie with:"Lieferant Pumpen" before:2026' --matter M-1
    """
    from archive.services.matter import add_items
    from archive.services.search import all_indexes
    from archive.services.search import search as find

    with opened(context, archive, passphrase_file) as session:
        session.read()
        found = find(session, query, limit=limit, offset=offset, newest=newest)
        added = None
        if matter is not None:
            added = add_items(session, matter, list(all_indexes(session, query)), search=query)
    if wants_json(context, as_json):
        answer({**found.model_dump(), "added": added})
        return
    for hit in found.hits:
        say(line(hit))
    say()
    for word, forms in found.searched:
        say(f"{word} was searched as: {', '.join(forms) or 'nothing, the word does not occur'}")
    say(
        f"{found.total} items found" + (f", {len(found.hits)} shown" if len(found.hits) < found.total else "")
    )
    if found.without_text:
        say(f"{found.without_text} items hold no text (only image, sound or notice): no word finds them")
    if found.unopened:
        say(f"{found.unopened} records could not be opened and were not searched: `beleg verify --level 2`")
    if added is not None:
        say(f"{added} items added to {matter}")


def line(hit: "Hit") -> str:
    """Give a hit as one line."""
    who = safe(hit.author or "-")
    files = f" [{', '.join(safe(name) for name in hit.attachments)}]" if hit.attachments else ""
    said = [hit.event] if hit.event != "posted" else ["edited"] if hit.edited else []
    mark = f" ({', '.join(said)})" if said else ""
    when = hit.utc or hit.time or "-"
    return f"{hit.number:>8}  {when:<20}  {hit.channel}  {who}{mark}: {safe(_marked(hit))}{files}"


def _marked(hit: "Hit") -> str:
    text, at, parts = hit.text, 0, []
    for start, end in hit.marks:
        parts += [text[at:start], "»", text[start:end], "«"]
        at = end
    return "".join([*parts, text[at:]])
