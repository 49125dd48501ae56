"""How statements, and how well they are found, are shown and written to files."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.opening import written_whole
from cli.output import safe, say, table

if TYPE_CHECKING:
    from archive.statements.evaluate import Evaluation, Score
    from schemas.statement import StatementShown


def explain(one: "StatementShown") -> None:
    """Print a statement: exact words, values, rule and cues, strength, answers, decisions."""
    line = one.line
    say(f"{line.id}  {line.kind}, {line.modality}; strength {line.strength} of 100")
    say(f"  said      {line.utc or line.time or '-'} by {safe(line.sender or '-')} on {line.channel}")
    if line.party:
        say(f"  party     {safe(line.party)}")
    if line.recipients:
        say(f"  to        {safe('; '.join(line.recipients))}")
    marked = f"{one.text[: line.start]}»{one.text[line.start : line.end]}«{one.text[line.end :]}"
    say(f"  words     {safe(marked)}")
    say(f"  place     characters {line.start} to {line.end}")
    for name, value in line.values.items():
        say(f"  {name:<10}{safe(str(value))}")
    say(
        f"  rule      {safe(one.rule)} (lexicon {one.lexicon})"
        if line.found
        else f"  rule      {safe(one.rule)}"
    )
    for cue in one.cues:
        say(f"  cue       {safe(cue)}")
    for what, points in one.parts:
        say(f"  strength  {points:+d} {safe(what)}")
    for other in one.answered:
        say(f"  answers   {other.id} {other.kind}, {other.modality}: {safe(other.words)}")
    if line.answers is not None and not one.answered:
        say(f"  answers   item {line.answers}")
    for other in one.answering:
        say(f"  answered  {other.id} {other.kind}, {other.modality}: {safe(other.words)}")
    for made in one.decisions:
        who = f" by {made.person}" if made.person else ""
        say(f"  decided   {made.decision} {made.decided}{who}{': ' + safe(made.note) if made.note else ''}")
    if not line.found:
        say("  confirmed by a person; the lexicon at hand does not find it")


def show_evaluation(result: "Evaluation", lexicon: str) -> None:
    """Print the figures of a labelled file, modality by modality, then each kind and all."""
    say(f"{result.messages} messages, lexicon {lexicon}")
    for modality, scores in result.by_modality.items():
        rows = [(kind, *_figures(score)) for kind, score in scores.items() if score.n or score.found]
        if rows:
            rows.append(("all", *_figures(result.modality_only[modality])))
            say()
            table(rows, head=(modality, "n", "precision", "recall", "F1"))
    say()
    kinds = [(kind, *_figures(score)) for kind, score in result.kind_only.items() if score.n or score.found]
    table(kinds, head=("kind, any modality", "n", "precision", "recall", "F1"))
    if result.overall is not None:
        say()
        table(
            [("all", *_figures(result.overall))], head=("kind and modality", "n", "precision", "recall", "F1")
        )
    say(f"values: {result.values_right} of {result.values_labelled} right, in the labels that were met")


def _figures(score: "Score") -> tuple[object, ...]:
    def shown(value: float | None, interval: tuple[float, float] | None) -> str:
        if value is None:
            return "-"
        return f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f})" if interval else f"{value:.2f}"

    return (
        score.n, shown(score.precision, score.precision_interval), shown(score.recall, score.recall_interval),
        shown(score.f1, score.f1_interval),
    )  # fmt: skip


def write(
    csv: Path | None, xlsx: Path | None, name: str, head: Sequence[str], rows: Sequence[Sequence[int | str]]
) -> None:
    """Write rows to new files: a table of characters, a workbook. Raises UsageError if they do not fit a workbook."""
    from archive.errors import UsageError
    from archive.exporters.statement_table import write_csv, write_xlsx

    if csv is not None:
        with written_whole(csv) as part, part.open("x", encoding="utf-8", newline="") as stream:
            write_csv(stream, head, rows)
    if xlsx is not None:
        with written_whole(xlsx) as part:
            try:
                write_xlsx(part, name, head, rows)
            except ValueError as error:
                raise UsageError(str(error)) from error
