"""``beleg matter redact`` and ``release``: what of an item is not handed out, and what is although it repeats that."""

from typing import Annotated

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    PersonOption,
    SecondOption,
    asking,
    opened,
    wants_json,
)
from cli.output import answer, say


def redact(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    item: Annotated[int, typer.Argument(help="The item.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    facet: Annotated[list[str] | None, typer.Option(help="Withhold this facet: author, text, raw …")] = None,
    span: Annotated[
        list[str] | None, typer.Option(help="Blacken these characters of the text: 10-25.")
    ] = None,
    words: Annotated[
        list[str] | None, typer.Option(help="Blacken these words wherever they stand in the text.")
    ] = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Decide what of an item is not handed out, besides what was decided before.

    Without --facet, --span, --words: all decisions on the item are taken back. The item itself stays whole; what it
    tells of other withheld items is not handed out.
    The reason stands in the log that is handed out. It is a look at the item, and written down.

    Example: beleg matter redact M-1 57 --words "17 Prozent" --reason "Geschäftsgeheimnis"
    """
    from archive.errors import UsageError
    from archive.services.matter import redact as decide

    spans = []
    for written in span or []:
        start, sign, end = written.partition("-")
        if not sign or not start.isdigit() or not end.isdigit():
            raise UsageError(
                f"{written!r} is no span; write the first and the one after the last character, 10-25"
            )
        spans.append((int(start), int(end)))
    with opened(context, archive, passphrase_file, asking=asking(None, person, second, number)) as session:
        session.read()
        made = decide(
            session, number, item, facets=facet or [], spans=spans, words=words or [], reason=reason
        )
    if wants_json(context, as_json):
        answer(made)
        return
    parts = [*made.facets, *(f"{start}-{end}" for start, end in made.spans)]
    if parts:
        say(f"Item {item} in {number}: {', '.join(parts)} withheld")
    else:
        say(f"Item {item} in {number}: nothing is withheld by a decision on it")
        say(f"what tells again what other items withhold stays inside: `beleg export {number} --preview`")
        say(f"`beleg matter release {number} {item} --from ITEM` lets it out")


def release(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The matter, like M-1.")],
    item: Annotated[int, typer.Argument(help="The item that is to go out.")],
    reason: Annotated[str, typer.Option(help="Why; handed out to nobody.")],
    source: Annotated[
        list[int] | None, typer.Option("--from", help="The withheld item with which it would stay inside.")
    ] = None,
    files: Annotated[
        bool, typer.Option("--files", help="Its files go out though they could not be looked into.")
    ] = False,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Let an item go out that would stay inside only because it tells again what is withheld of another.

    Look at both before. It falls with the next decision on the other item. The bytes as received stay inside, and so
    does what is the withheld message itself, seen another time, or a withheld file. `beleg export MATTER --preview`
    says what goes with which item.

    Example: beleg matter release M-1 58 --from 57 --reason "another 17 percent: the tax"
    """
    from archive.services.release import release as decide

    with opened(context, archive, passphrase_file, asking=asking(None, person, second, number)) as session:
        session.read()
        made = decide(session, number, item, sources=source or [], files=files, reason=reason)
    if wants_json(context, as_json):
        answer(made)
        return
    named = [str(one) for one in made.released or () if one != item]
    told = [f"it may tell what is withheld of {', '.join(named)}"] if named else []
    told += ["its files go out though they could not be looked into"] if files else []
    say(f"Item {item} in {number}: {'; '.join(told)}")
    say(f"`beleg export {number} --preview` says what of it stays inside")
