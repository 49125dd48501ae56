"""``beleg statement``: binding statements found in the words of items."""

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
)  # fmt: skip
from cli.output import answer, say, table
from cli.statements import explain, show_evaluation, write

if TYPE_CHECKING:
    from archive.services.session import Asking
    from archive.services.stated import Wanted

app = typer.Typer(
    help="Promises, orders, refusals and other binding statements found in the words of items.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_CONFIRMED = {"confirmed": "yes", "rejected": "no"}

KindOption = Annotated[list[str] | None, typer.Option("--kind", help="warranty, delivery, price …; repeat.")]
ModalityOption = Annotated[
    list[str] | None, typer.Option("--modality", help="promised, conditional, requested, refused …; repeat.")
]
PartyOption = Annotated[
    str | None, typer.Option("--party", help="A party (Y-1 or its name), or a sender by a part of the name.")
]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="Said on this day, or at this time, or later.")
]
ScoreOption = Annotated[
    int, typer.Option("--min-score", min=0, max=100, help="Strength from which a find is shown.")
]
CsvOption = Annotated[Path | None, typer.Option("--csv", help="Write everything to this file.")]
XlsxOption = Annotated[Path | None, typer.Option("--xlsx", help="The same as a table workbook.")]
WhyOption = Annotated[str | None, typer.Option("--note", help="Why.")]
DecidedInOption = Annotated[str | None, typer.Option("--matter", help="The matter in which it was decided.")]
StatementArgument = Annotated[str, typer.Argument(help="A statement, 57.1, or 57 for all of an item.")]


@app.command("list")
def list_(
    context: typer.Context,
    kind: KindOption = None,
    modality: ModalityOption = None,
    party: PartyOption = None,
    since: SinceOption = None,
    min_score: ScoreOption = 0,
    unreviewed: Annotated[
        bool, typer.Option("--unreviewed", help="Only what nobody decided on yet.")
    ] = False,
    rejected: Annotated[bool, typer.Option("--rejected", help="Show what was rejected too.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="How many to show.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to pass over.")] = 0,
    csv: CsvOption = None,
    xlsx: XlsxOption = None,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """List statements. What is shown is written down in the journal.

    Example: beleg statement list --kind warranty --modality promised --unreviewed
    """
    from archive.exporters.statement_table import LIST_HEAD, list_row
    from archive.services.statement import list_statements

    wanted = _wanted(kind, modality, party, since, min_score, unreviewed=unreviewed, rejected=rejected)
    check_new(context, archive, csv, xlsx)
    whole = csv is not None or xlsx is not None
    with opened(context, archive, passphrase_file, asking=asking(purpose, person, second)) as session:
        session.read()
        found = list_statements(
            session, wanted, limit=None if whole else limit, offset=0 if whole else offset
        )
    write(csv, xlsx, "statements", LIST_HEAD, [list_row(line) for line in found.lines])
    if wants_json(context, as_json):
        answer(found)
        return
    rows = [
        (
            line.id, (line.utc or line.time or "-")[:10], line.party or line.sender or "-", line.kind, line.modality,
            line.strength, _CONFIRMED.get(line.decision or "", ""), line.words,
        )
        for line in found.lines[:limit]
    ]  # fmt: skip
    table(rows, head=("statement", "said", "by", "kind", "modality", "strength", "confirmed", "words"))
    say(f"{found.total} statements; found by lexicon {found.lexicon} in {found.position} records")
    if found.total > offset + len(rows) and not whole:
        say(f"more: --offset {offset + len(rows)}")


@app.command("show")
def show(
    context: typer.Context,
    statement: StatementArgument,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Explain a statement: exact words, values, which rule and which words made it, what it answers.

    Example: beleg statement show 57.1
    """
    from archive.services.statement import show_statement

    with opened(context, archive, passphrase_file, asking=asking(purpose, person, second)) as session:
        session.read()
        found = show_statement(session, statement)
    if wants_json(context, as_json):
        answer(found)
        return
    for number, one in enumerate(found):
        if number:
            say()
        explain(one)


@app.command("confirm")
def confirm(
    context: typer.Context,
    statement: StatementArgument,
    note: WhyOption = None,
    matter: DecidedInOption = None,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Record in the ledger that a statement is what it was taken for, bound to the item and the exact words.

    Example: beleg statement confirm 57.1 --matter M-1 --note "Zusage des Vertriebs"
    """
    said = asking(purpose, person, second, matter)
    _decide(context, statement, "confirmed", note, said, archive, passphrase_file, as_json=as_json)


@app.command("reject")
def reject(
    context: typer.Context,
    statement: StatementArgument,
    note: WhyOption = None,
    matter: DecidedInOption = None,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Record in the ledger that a find is no such statement; lists and searches leave it out from then on.

    Example: beleg statement reject 57.1 --note "ironisch gemeint"
    """
    said = asking(purpose, person, second, matter)
    _decide(context, statement, "rejected", note, said, archive, passphrase_file, as_json=as_json)


def _decide(
    context: typer.Context, statement: str, decision: str, note: str | None, said: "Asking",
    archive: Path | None, passphrase_file: Path | None, *, as_json: bool,
) -> None:  # fmt: skip
    from archive.services.statement import decide

    with opened(context, archive, passphrase_file, asking=said) as session:
        session.read()
        made = decide(session, statement, decision, note_=note, matter=said.matter)  # type: ignore[arg-type]
    if wants_json(context, as_json):
        answer(made)
        return
    for one in made:
        say(
            f"{one.decision}: {one.kind}, {one.modality}, item {one.item}, characters {one.start} to {one.end}"
        )


@app.command("register")
def register(
    context: typer.Context,
    party: PartyOption = None,
    kind: KindOption = None,
    modality: ModalityOption = None,
    since: SinceOption = None,
    min_score: ScoreOption = 0,
    csv: CsvOption = None,
    xlsx: XlsxOption = None,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Give the register per party: what was promised, by whom, until when, on which item, what answered it.

    Without --modality: what is promised or promised under a condition.

    Example: beleg statement register --party "Lieferant Pumpen" --xlsx zusagen.xlsx
    """
    from archive.exporters.statement_table import REGISTER_HEAD, register_row
    from archive.services.statement import register_of

    wanted = _wanted(kind, modality, party, since, min_score)
    check_new(context, archive, csv, xlsx)
    with opened(context, archive, passphrase_file, asking=asking(purpose, person, second)) as session:
        session.read()
        found = register_of(session, wanted)
    write(csv, xlsx, "register", REGISTER_HEAD, [register_row(line) for line in found])
    if wants_json(context, as_json):
        answer(found)
        return
    rows = [
        (
            line.party, line.said or "-", line.kind, line.modality, line.until or "", line.statement,
            ", ".join(line.answered_by), _CONFIRMED.get(line.decision or "", ""), line.words,
        )
        for line in found
    ]  # fmt: skip
    table(
        rows,
        head=("party", "said", "kind", "modality", "until", "statement", "answered by", "confirmed", "words"),
    )
    say(f"{len(found)} statements")


@app.command("evaluate")
def evaluate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A labelled file, one JSON object a line.")],
    as_json: JsonOption = False,
) -> None:
    """Measure the finder on a labelled file. Needs no archive.

    A find counts when kind and modality agree and the spans overlap by half (intersection over union). Intervals are at
    95 %: Wilson for precision and recall, drawn again by messages for F1. --json gives an object: each kind →
    {precision, recall, f1, n} for the modality promised; "by_modality" → modality → the same for each kind and
    "all"; "kind_only" → each kind, whatever the modality; "overall". A figure with nothing to count is null.

    Example: beleg statement evaluate labelled.jsonl --json
    """
    from archive.errors import UsageError
    from archive.services.statement_evaluate import as_json as plain
    from archive.services.statement_evaluate import evaluate_file

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read as UTF-8 text") from error
    result, lexicon = evaluate_file(text, str(file))
    if wants_json(context, as_json):
        answer(plain(result, lexicon))
        return
    show_evaluation(result, lexicon)


def _wanted(
    kind: list[str] | None, modality: list[str] | None, party: str | None, since: str | None, least: int, *,
    unreviewed: bool = False, rejected: bool = False,
) -> "Wanted":  # fmt: skip
    from archive.services.stated import Wanted

    return Wanted(tuple(kind or ()), tuple(modality or ()), party, since, least, unreviewed, rejected)
