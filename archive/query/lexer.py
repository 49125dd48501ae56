"""Cut a query as typed into its pieces, with the column of each."""

import re
from dataclasses import dataclass
from typing import Literal

from archive.errors import QueryError

OPERATORS = {"AND": "and", "UND": "and", "OR": "or", "ODER": "or", "NOT": "not", "NICHT": "not"}

_QUOTES = {'"': '"', "„": '“”"', "“": "”“", "”": "”", "«": "»", "»": "«"}
_NEAR = re.compile(r"(w|pre)/(\d+)", re.IGNORECASE)
_FIELD = re.compile(r"([^\W\d_]+):")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"„“”«»]+", re.IGNORECASE)
_BARE = re.compile(r"[^\s()\"„“”«»]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a query. ``text`` is the word, the content of the quotes, or the operator."""

    kind: Literal["(", ")", "and", "or", "not", "near", "word", "quoted", "field", "end"]
    text: str
    column: int
    field: str = ""
    quoted: bool = False
    """Of a field: whether its value stood in quotes."""


def pieces(query: str) -> list[Piece]:
    """Return the pieces of a query, an ``end`` last. Raise ``QueryError`` at an open quote."""
    result: list[Piece] = []
    place = 0
    while place < len(query):
        if query[place].isspace():
            place += 1
        elif query[place] in "()":
            result.append(Piece("(" if query[place] == "(" else ")", query[place], place))
            place += 1
        elif query[place] in _QUOTES:
            text, end = _quoted(query, place)
            result.append(Piece("quoted", text, place))
            place = end
        elif url := _URL.match(query, place):
            address = _closed(url[0])
            result.append(Piece("quoted", address, place))  # its ? and * are no patterns
            place += len(address)
        elif field := _FIELD.match(query, place):
            piece, place = _field(query, field)
            result.append(piece)
        else:
            match = _BARE.match(query, place)
            word = match[0] if match else query[place]
            result.append(_bare(word, place))
            place += len(word)
    result.append(Piece("end", "", len(query)))
    return result


def _closed(address: str) -> str:
    """Leave out brackets at the end that close what was opened before the address."""
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1]
    return address


def _quoted(query: str, start: int) -> tuple[str, int]:
    closing = _QUOTES[query[start]]
    for place in range(start + 1, len(query)):
        if query[place] in closing:
            return query[start + 1 : place], place + 1
    raise QueryError("these quotes are not closed", query=query, column=start)


def _field(query: str, match: re.Match[str]) -> tuple[Piece, int]:
    name, start = match[1].lower(), match.end()
    if start < len(query) and query[start] in _QUOTES:
        text, end = _quoted(query, start)
        return Piece("field", text, match.start(), name, quoted=True), end
    value = _BARE.match(query, start)
    text = value[0] if value else ""
    return Piece("field", text, match.start(), name), start + len(text)


def _bare(word: str, column: int) -> Piece:
    if word in OPERATORS:
        kind = OPERATORS[word]
        return Piece("and" if kind == "and" else "or" if kind == "or" else "not", word, column)
    if _NEAR.fullmatch(word):
        return Piece("near", word.lower(), column)
    return Piece("word", word, column)
