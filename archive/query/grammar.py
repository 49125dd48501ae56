"""The one parser of queries. Strict: what could be meant in two ways is refused, with the place.

    query    = operand { [AND | OR] operand }      bare words mean AND; UND ODER NICHT as well
    operand  = unit [ w/n unit | pre/n unit ]      within n words; pre/n: in this order
    unit     = NOT unit | "(" query ")" | "quoted" | word | pattern* | %fuzzy | field:value

* AND and OR side by side need brackets. Operators are written in capitals; the same words in small letters
  are refused, for they might be meant either way.
* A word finds its forms and compounds; "quotes" exactly these words; ``*`` stands for any characters, ``?`` for one
  (an umlaut, or ae, is one). A hyphen within a word may be there or not: see ``otherwise``.
* A number or code such as PO-2024/117-B, K80 or 01712345678 is found in whatever groups it is written (``leaves``).
* ``%word`` allows one change of a character, ``%%word`` two.
* ``w/n`` joins words, phrases, patterns, an OR of these in brackets, or another ``w/n`` in brackets.
* A bare address with ``://`` is taken as written, like words in quotes.
* from: to: with: account: thread: filename: take names (exact words, patterns, ``%``); before:
  after: on: take a day, month or year. ``before``, ``on`` and ``after`` one date share no instant and leave
  out none; items without a time match none of them. edited: and deleted: ask what an item says of itself
  (a search adds what later events did to it).
* amount: takes ``1250``, ``1.250,50€``, ``>1000``, ``1000..2000``, ``12TEUR``; lang: is a guess by function words.
* matter: hold: source: statement: ask what other records say; they must be bound (``plan.bind``) before a search.
"""

import re
from datetime import UTC, tzinfo

from archive.errors import QueryError
from archive.query import fields, leaves
from archive.query.amounts import is_unit
from archive.query.fuzzy import Fuzzy
from archive.query.lexer import OPERATORS, Piece, pieces
from archive.query.plan import (
    And,
    AnyOf,
    Grouped,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Positional,
    Query,
    Term,
    Wildcard,
    Word,
)

DEPTH = 50
LONGEST = 20_000
FARTHEST = 1000
_HALF = re.compile("[\ud800-\udfff]")
"""Halves of a pair, which a terminal in another encoding makes of single bytes."""


def parse(text: str, *, zone: tzinfo = UTC) -> Query:
    """Read a query. ``zone`` is the calendar of its dates. Raise ``QueryError`` at whatever is unclear."""
    if len(text) > LONGEST:
        raise QueryError(f"a query has at most {LONGEST} characters", query=text[:80] + "…", column=80)
    if broken := _HALF.search(text):
        shown = _HALF.sub("\ufffd", text)
        raise QueryError("this is no character: the bytes are not UTF-8", query=shown, column=broken.start())
    return Query(text, _Parser(text, zone).query())


class _Parser:
    def __init__(self, text: str, zone: tzinfo) -> None:
        self._text = text
        self._zone = zone
        self._pieces = pieces(text)
        self._place = 0
        self._depth = 0

    def query(self) -> Node:
        if (first := self._next).kind == "end":
            raise self._error("there is nothing to search for", first)
        node = self._expression()
        if (rest := self._next).kind != "end":
            raise self._error("this bracket was not opened", rest)
        return node

    @property
    def _next(self) -> Piece:
        return self._pieces[self._place]

    def _take(self) -> Piece:
        piece = self._next
        self._place += 1
        return piece

    def _expression(self) -> Node:
        operands = [self._operand()]
        operator: str | None = None
        while self._next.kind not in ("end", ")"):
            piece = self._next
            found = "or" if piece.kind == "or" else "and"
            if piece.kind in ("and", "or"):
                self._take()
            if operator not in (None, found):
                raise self._error(
                    "AND and OR are mixed here (words side by side mean AND)",
                    piece,
                    "allowed: brackets that say what belongs together, as in  a AND (b OR c)",
                )
            operator = found
            operands.append(self._operand())
        if len(operands) == 1:
            return operands[0]
        return Or(tuple(operands)) if operator == "or" else And(tuple(operands))

    def _operand(self) -> Node:
        left = self._unit()
        if self._next.kind != "near":
            return left
        piece = self._take()
        word, _, number = piece.text.partition("/")
        if not 1 <= int(number) <= FARTHEST:
            raise self._error(f"the distance is 1 to {FARTHEST} words", piece)
        right = self._unit()
        if self._next.kind == "near":
            raise self._error("which of these belong together?", self._next, "allowed: (a w/5 b) w/5 c")
        return Near(self._positional(left, piece), self._positional(right, piece), int(number), word == "pre")

    def _positional(self, node: Node, piece: Piece) -> Positional:
        match node:
            case Term(text) | Wildcard(text) if text[0] in "@#":
                raise self._error(f"{text} has no place among the words", piece, f"allowed: {text[1:]}")
            case Word() | Term() | Wildcard() | Fuzzy() | Grouped() | Phrase() | Near():
                return node
            case Or(children):
                return AnyOf(tuple(self._positional(child, piece) for child in children))
            case _:
                raise self._error(
                    f"{piece.text} joins things that have a place in the text",
                    piece,
                    "allowed on both sides: a word, a phrase, a pattern, (a OR b), (a w/3 b)",
                )

    def _unit(self) -> Node:
        piece = self._take()
        match piece.kind:
            case "(":
                return self._bracket(piece)
            case "not":
                self._deeper(piece)
                node = Not(self._unit())
                self._depth -= 1
                return node
            case "word" | "quoted" | "field":
                return self._leaf(piece)
            case "end":
                raise self._error(
                    "something is missing at the end", piece, "allowed: a word, a phrase, a field, ("
                )
            case ")":
                raise self._error("this bracket closes nothing, or nothing stands in it", piece)
            case _:
                raise self._error(f"{piece.text} needs something on both sides", piece)

    def _bracket(self, piece: Piece) -> Node:
        self._deeper(piece)
        node = self._expression()
        if self._take().kind != ")":
            raise self._error("this bracket is not closed", piece)
        self._depth -= 1
        return node

    def _deeper(self, piece: Piece) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise self._error(f"brackets and NOT go at most {DEPTH} deep", piece)

    def _leaf(self, piece: Piece) -> Node:
        if piece.kind == "word" and piece.text.upper() in OPERATORS:
            capitals = piece.text.upper()
            raise self._error(
                f"is {piece.text!r} a word or an operator?",
                piece,
                f'allowed: {capitals} for the operator, "{piece.text}" in quotes for the word',
            )
        try:
            if piece.kind == "field":
                self._check_whole(piece)
                return fields.field(piece.field, piece.text, quoted=piece.quoted, zone=self._zone)
            return leaves.quoted(piece.text) if piece.kind == "quoted" else leaves.bare(piece.text)
        except leaves.Refused as refused:
            allowed = fields.ALLOWED if piece.kind == "field" and "no field" in str(refused) else ""
            raise self._error(str(refused), piece, allowed) from None

    def _check_whole(self, piece: Piece) -> None:
        """Refuse ``amount:12 EUR``: as two things it finds nothing, and looks like an answer."""
        unit = self._next
        if piece.field == "amount" and not piece.quoted and unit.kind == "word" and is_unit(unit.text):
            allowed = f'allowed: amount:{piece.text}{unit.text}, amount:"{piece.text} {unit.text}"'
            raise self._error(f"is {unit.text} a word, or does it belong to the amount?", unit, allowed)

    def _error(self, message: str, piece: Piece, allowed: str = "") -> QueryError:
        return QueryError(message, query=self._text, column=piece.column, allowed=allowed)
