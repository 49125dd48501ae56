"""Everything that is printed. Answers go to standard output, the rest to standard error."""

import json
import logging
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import typer
from pydantic import BaseModel


def answer(value: object) -> None:
    """Print a machine answer: one JSON document."""
    _print(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: object) -> Any:
    """Give models as what JSON knows; bytes as base64 by pydantic's own rule, or as replaced text."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def say(text: str = "") -> None:
    """Print a line of an answer for people."""
    _print(text)


class JsonLines(logging.Formatter):
    """Writes what is logged as one line of JSON: time, level, words."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        told = {"at": at, "level": record.levelname.lower(), "problem": record.getMessage()}
        return json.dumps(told, ensure_ascii=False)


def log_as_json() -> None:
    """Let all that is logged from now on be lines of JSON."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonLines())


unwritten: list[str] = []
"""Why an answer could not be written, if one could not; the work went on."""


def _print(text: str, *, err: bool = False) -> None:
    """Print a line. Nobody reading on (``| head``) or a full disk behind it stops no work: it would stay half done."""
    try:
        typer.echo(text, err=err)
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            unwritten.append(error.strerror or type(error).__name__)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, (sys.stderr if err else sys.stdout).fileno())
        os.close(nowhere)


def note(text: str) -> None:
    """Print a line that is no part of the answer."""
    _print(f"beleg: {text}", err=True)


_VISIBLE = {"\n": " ", "\t": " ", "\r": " "}


def safe(text: str) -> str:
    """Give outside text for a terminal: control, bidi and zero-width characters made visible."""
    return "".join(_VISIBLE.get(c) or (c if _is_harmless(c) else f"⟨U+{ord(c):04X}⟩") for c in text)


def _is_harmless(character: str) -> bool:
    if character in "\u200d\ufe0f":  # these two build emoji
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def table(rows: Iterable[Sequence[object]], *, head: Sequence[str] = ()) -> None:
    """Print aligned columns."""
    cells = [list(head)] * bool(head) + [[safe(str(cell)) for cell in row] for row in rows]
    if not cells:
        return
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        _print(line.rstrip())


def journal_line(since: str | None) -> str:
    """Say how old the reads are that are written down and not yet sealed."""
    if since is None:
        return "every read is sealed in the ledger"
    minutes = int((datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds() // 60)
    if minutes < -1:
        return (
            f"the oldest unsealed read bears a time ahead of this clock ({since}): one of two clocks is wrong"
        )
    return f"the oldest unsealed read is {max(0, minutes)} minutes old ({since})"


class Progress:
    """A line of progress on standard error, when a person watches."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._shown = False

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Show how far the work is."""
        if self._watched:
            self._shown = True
            of = f" of {total:,}" if total else ""
            typer.echo(f"\r\x1b[K{safe(what)}: {done:,}{of}", err=True, nl=False)

    def end(self) -> None:
        """Remove the line."""
        if self._shown:
            typer.echo("\r\x1b[K", err=True, nl=False)
            self._shown = False
