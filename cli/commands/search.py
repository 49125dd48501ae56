"""``beleg search``: find items."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    PersonOption,
    PurposeOption,
    SecondOption,
    asking,
    check_new,
    opened,
    wants_json,
    written_whole,
)  # fmt: skip
from cli.output import answer, safe, say, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.services.session import Asking
    from schemas.answer import Counts, Hit, SearchAnswer

_NUMBERS = {
    "id": "item {0} of the archive: beleg show {0}",
    "thread": "the conversation of item {0}: beleg thread {0}",
}
"""Field for ids → what shows the item, or the conversation, of a number."""
MONTHS = 24
NAMES = 20
MOST = 1_000_000_000


def search(
    context: typer.Context,
    query: Annotated[
        str | None, typer.Argument(help='Words mean AND, with their forms; "…" exactly; OR, NOT, fields.')
    ] = None,
    limit: Annotated[int, typer.Option(min=0, max=MOST, help="How many to show.")] = 20,
    offset: Annotated[int, typer.Option(min=0, max=MOST, help="How many to pass over.")] = 0,
    newest: Annotated[bool, typer.Option("--newest", help="Newest first.")] = False,
    matter: Annotated[str | None, typer.Option(help="Add everything found to this matter.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Only what stood on this day, or at this instant.")
    ] = None,
    around: Annotated[
        int, typer.Option("--context", min=0, max=MOST, help="Items of the thread before and after each hit.")
    ] = 0,
    counts: Annotated[
        bool, typer.Option("--counts", help="Count what was found by channel, party and month.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say how the query was read.")] = False,
    second_opinion: Annotated[
        bool, typer.Option("--second-opinion", help="Ask the other engine too; both must agree.")
    ] = False,
    recount: Annotated[
        bool, typer.Option("--recount", help="Also try every item of the ledger, decrypted anew.")
    ] = False,
    certificate: Annotated[
        bool, typer.Option("--certificate", help="Record query, conditions and result in the ledger.")
    ] = False,
    again: Annotated[
        str | None, typer.Option("--replay", help="Ask what a certificate (C-1) asked, and compare.")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write everything found to this file.")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="The same as a table workbook.")] = None,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Find items, ordered by date, with an exact count.

    Example: beleg search 'garantie with:"Lieferant Pumpen" before:2026' --matter M-1
    """
    from archive.errors import UsageError
    from archive.services.certificate import certify
    from archive.services.matter import add_items
    from archive.services.search import Wishes, all_hits, all_indexes
    from archive.services.search import search as find

    if again is not None:
        if (
            query is not None
            or csv
            or xlsx
            or as_of
            or certificate
            or second_opinion
            or recount
            or counts
            or explain
        ):
            raise UsageError("--replay asks what the certificate asked, and nothing else; leave the rest out")
        said = asking(purpose, person, second, matter)
        return _replay(context, again, archive, passphrase_file, said, as_json=wants_json(context, as_json))
    if query is None:
        raise UsageError("what is to be searched for? beleg search 'garantie'")
    check_new(context, archive, csv, xlsx)
    wishes = Wishes(
        limit=limit, offset=offset, newest=newest, as_of=as_of, context=around, counts=counts,
        explain=explain, second_opinion=second_opinion, recount=recount,
    )  # fmt: skip
    with opened(context, archive, passphrase_file, asking=asking(purpose, person, second, matter)) as session:
        session.read()
        found = find(session, query, wishes)
        _write(csv, xlsx, lambda: all_hits(session, query, as_of=as_of, size=found.position))
        made = certify(session, query, found, as_of=as_of) if certificate else None
        added = None
        if matter is not None:
            chosen = all_indexes(session, query, as_of=as_of, matter=matter, size=found.position)
            added = add_items(session, matter, list(chosen), search=query)
    if wants_json(context, as_json):
        answer({**found.model_dump(), "added": added and added.count, "certificate": made})
        return 0
    _print(found)
    if added is not None:
        for line in added.told(f"added to {matter}"):
            say(line)
    if made is not None:
        say(
            f"{made.id} recorded: {made.total} items up to record {made.position - 1}; ask again: --replay {made.id}"
        )
    return 0


def _replay(
    context: typer.Context,
    number: str,
    archive: Path | None,
    passphrase_file: Path | None,
    said: "Asking",
    *,
    as_json: bool,
) -> int:
    from archive.services.certificate import replay

    with opened(context, archive, passphrase_file, asking=said) as session:
        session.read()
        found = replay(session, number)
    if as_json:
        answer({**found.model_dump(), "same": found.same})
        return 0 if found.same else 3
    before = found.certificate
    say(f"{before.id} of {before.created}: {safe(before.query)}")
    say(f"then {before.total} items, now {found.total}, in the first {before.position} records")
    if not found.same_ledger:
        say("FINDING these records are not those that were searched then: run `beleg verify`")
    for text in (*found.changes, *found.explained):
        say(safe(text))
    say("THE SAME ITEMS" if found.same else f"OTHER ITEMS: {len(found.gone)} gone, {len(found.new)} new")
    return 0 if found.same else 3


def _write(csv: Path | None, xlsx: Path | None, hits: "Callable[[], Iterator[Hit]]") -> None:
    from archive.errors import UsageError
    from archive.exporters.hit_list import write_csv, write_xlsx

    if csv is not None:
        with written_whole(csv) as part, part.open("x", encoding="utf-8", newline="") as stream:
            write_csv(stream, hits())
    if xlsx is not None:
        with written_whole(xlsx) as part:
            try:
                write_xlsx(part, hits())
            except ValueError as error:
                raise UsageError(str(error)) from error


def _print(found: "SearchAnswer") -> None:
    for text in found.explained:
        say(safe(text))
    if found.explained:
        say()
    for hit in found.hits:
        for near in hit.before:
            say(f"       {line(near)}")
        say(line(hit))
        for near in hit.after:
            say(f"       {line(near)}")
    say()
    if found.counts is not None:
        _print_counts(found.counts)
    _print_searched(found)
    last = found.offset + len(found.hits)
    if len(found.hits) == found.total:
        say(f"{found.total} items found")
    else:
        shown = f"{found.offset + 1} to {last}" if found.hits else "none"
        say(f"{found.total} items found, {shown} shown")
        if found.hits and last < found.total:
            say(f"more: --offset {last}")
    _print_limits(found)


def _print_searched(found: "SearchAnswer") -> None:
    for word, forms in found.searched:
        say(f"{word} was searched as: {', '.join(forms) or 'nothing, the word does not occur'}")
    for code in found.grouped:
        say(f"{code} was searched in whatever groups it is written")
    for query, count in found.apart:
        say(f"{count} more items write it otherwise, which was not searched: OR ({query})")
    for query, count in found.not_excluded:
        say(f"{count} of these items have it apart, which NOT left in: NOT ({query})")
    for field, number in found.no_ids:
        say(
            f"{field}: asks for the id that the platform gave, and none is {number}; {_NUMBERS[field].format(number)}"
        )


def _print_counts(counts: "Counts") -> None:
    for head, tallies, most in (
        ("channel", counts.channels, NAMES),
        ("party", counts.parties, NAMES),
        ("month", counts.months, MONTHS),
    ):
        table([(tally.value, tally.items) for tally in tallies[:most]], head=(head, "items"))
        if len(tallies) > most:
            say(f"… and {len(tallies) - most} more; --json shows all")
        say()


def _known_then(found: "SearchAnswer") -> "Iterator[str]":
    """Say of a search as of a time what is left out, and of what nobody knows whether it stood."""
    if found.as_of is None:
        return
    undated = f"; {found.undated} items without a time were sealed by then and count" if found.undated else ""
    yield f"as of {found.as_of}: what was replaced, deleted or not yet said is left out{undated}"
    if found.reworded:
        yield (
            f"{_items(found.reworded, 'was', 'were')} left out, edited after that time: the archive holds the later "
            "words alone, and what stood then is not known; without --as-of they are found"
        )
    if found.misdated:
        yield (
            f"{_items(found.misdated, 'was', 'were')} sealed, as the clock said, after that time, yet before what was "
            "sealed by it: a clock was wrong. Whether these changes and items without a time were there is not known; "
            "they do not count"
        )
    if found.maybe_reworded:
        known = _items(found.maybe_reworded, "was", "were")
        yield f"{known} edited, nobody tells when: other words may have stood at that time"


def _print_limits(found: "SearchAnswer") -> None:
    """Say what no search finds, and what else was asked."""
    for known in _known_then(found):
        say(known)
    if found.without_text:
        say(
            f"{_items(found.without_text, 'holds', 'hold')} no text (only image, sound or notice): no word finds them"
        )
    if found.without_time:
        known = f"{_items(found.without_time, 'has', 'have')} no known instant"
        say(f"{known} (a local time without zone, or none): no date finds them")
    if found.unaddressed:
        whom = f"{_items(found.unaddressed, 'does', 'do')} not say to whom"
        say(f"{whom} they went: to: and with: find them by their author alone; thread: finds a conversation")
    for why, count in found.unread:
        say(f"{_items(count, 'has', 'have')} a file whose words are not searched: {why}")
    if found.read_otherwise:
        say(
            f"{found.read_otherwise} files were read by another version or setting (OCR): `beleg rebuild texts` "
            "reads them anew"
        )
    if found.read_before:
        known = _items(found.read_before, "was", "were")
        say(f"{known} read by an older version of the reader: `beleg ingest --reparse` reads them anew")
    if found.unopened:
        say(f"{found.unopened} records could not be opened and were not searched: `beleg verify --level 2`")
    for text in found.checked:
        say(f"checked: {text}")


def _items(count: int, one: str, many: str) -> str:
    return f"1 item {one}" if count == 1 else f"{count} items {many}"


def line(hit: "Hit") -> str:
    """Give a hit as one line."""
    who = safe(hit.author or "-")
    marks = hit.attachment_marks or ((),) * len(hit.attachments)
    names = ", ".join(safe(_marked(name, found)) for name, found in zip(hit.attachments, marks, strict=True))
    files = f" [{names}]" if names else ""
    title = f"{safe(_marked(hit.title, hit.title_marks))} | " if hit.title else ""
    said = [hit.event] if hit.event != "posted" else ["edited"] if hit.edited else []
    if hit.superseded is not None:
        said.append(f"superseded by {hit.superseded}")
    if hit.deleted and hit.event != "deleted":
        said.append("deleted")
    mark = f" ({', '.join(said)})" if said else ""
    when = hit.utc or hit.time or "-"
    found = hit.excerpt
    inside = f"\n          in {safe(found.file)}: {safe(_marked(found.text, found.marks))}" if found else ""
    said_so = safe(_marked(hit.text, hit.marks))
    return f"{hit.number:>8}  {when:<20}  {hit.channel}  {who}{mark}: {title}{said_so}{files}{inside}"


def _marked(text: str, marks: tuple[tuple[int, int], ...]) -> str:
    at, parts = 0, []
    for start, end in marks:
        parts += [text[at:start], "»", text[start:end], "«"]
        at = end
    return "".join([*parts, text[at:]])
