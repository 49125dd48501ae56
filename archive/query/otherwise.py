"""What a text says when its words are cut otherwise: searched beside the text as it stands, for each may be meant.

* A hyphen within a word is left out: *Wartungs-Vertrag* is *Wartungsvertrag*.
* So is one at the end of a line, with the blanks and quotation marks that the next line begins with, and over an
  empty line: *Gewähr-⏎leistung*. What goes on with *und*, *or* … stood for a word left out and stays apart.
* So are signs that nobody sees (zero-width space, marks of direction) between two letters or digits.
* A word and a number that grew together stand apart: *5Jahre* is *5 Jahre*, *RE2024* is *RE 2024*; *A4* stays.

Hyphens join letters only: *PO-2024* stays as it is. What a line's end or unseen signs broke is one reading, and all of
this together another: so *Kfz-Versicherung* keeps its two words beside *Gewähr-⏎leistung*.
"""

import re
from bisect import bisect_right

from archive.query.analysis import CJK, DROPPED, LETTER, Token, terms, tokens

_GOES_ON = "und|oder|bzw|sowie|bis|als|wie|noch|and|or|nor|to"
"""What stands behind a hyphen that stands for a word left out: *Liefer- und Montagekosten*."""

_UNSEEN = "\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2061-\u2064\u2066-\u206f"
_ALPHA = rf"(?!\d){LETTER}"
_BEHIND = rf"(?:(?<=[^\W\d_{CJK}])|(?<=[{DROPPED}]))"
_NEXT_LINE = r"(?:[ \t\u00a0]{0,3}(?:\r\n|[\n\r\v\f\u2028\u2029])[ \t>|]{0,40}){1,3}"
_BROKEN = (
    rf"{_BEHIND}[-\u2010\u2011\u00ad\u00ac]{_NEXT_LINE}(?=(?!(?:{_GOES_ON})\b){_ALPHA})"
    rf"|(?<=[^\W_])[{_UNSEEN}]+(?=[^\W_])"
)
_LETTERS = rf"(?:{_ALPHA}){{2,}}+"
_CUTS = (
    re.compile(f"{_BROKEN}|(?P<grown>(?!))"),
    re.compile(
        rf"{_BROKEN}|{_BEHIND}[-\u2010\u2011](?={_ALPHA})"
        rf"|(?<!\w)(?P<grown>\d+(?={_LETTERS}(?!\w))|{_LETTERS}(?=\d+(?!\w)))"
    ),
)
"""What is cut out, or apart: where words were broken; and in every way."""
_MAYBE = re.compile(rf"[-\u2010\u2011\u00ad\u00ac{_UNSEEN}]|\d[^\W\d_]|[^\W\d_]\d")
"""Without one of these there is nothing to cut: most texts are passed over by a look."""
_LINES = re.compile(rf"[\n\r\v\f\u2028\u2029{_UNSEEN}]")
"""Without one of these no word is broken."""


def otherwise(text: str) -> list[list[Token]]:
    """Return the tokens of each other reading of a text, with offsets into the text itself; none if there is none."""
    return [_placed(reading, cuts) for reading, cuts in _readings(text).items()]


def said(text: str) -> list[list[str]]:
    """Return the terms of each other reading: the fast way to what ``otherwise`` says in full."""
    return [terms(reading) for reading in _readings(text)]


def rewritten(text: str) -> str:
    """Return what a text also says, cut in every way; itself, if nothing else."""
    return _rewritten(text, _CUTS[-1])[0]


def _readings(text: str) -> dict[str, list[tuple[int, int]]]:
    """Return reading → where it was cut, see ``_rewritten``."""
    if not _MAYBE.search(text):
        return {}
    patterns = _CUTS if _LINES.search(text) else _CUTS[1:]
    return {reading: cuts for reading, cuts in (_rewritten(text, one) for one in patterns) if cuts}


def _placed(reading: str, cuts: list[tuple[int, int]]) -> list[Token]:
    places = [place for place, _ in cuts]

    def original(place: int) -> int:
        found = bisect_right(places, place) - 1
        return place if found < 0 else place + cuts[found][1]

    return [
        token._replace(start=original(token.start), end=original(token.end - 1) + 1)
        for token in tokens(reading)
    ]


def _rewritten(text: str, pattern: re.Pattern[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return it with (place in it from which on, how much farther on the same stands in the text)."""
    parts: list[str] = []
    cuts: list[tuple[int, int]] = []
    done = length = 0
    for match in pattern.finditer(text):
        grown = match["grown"]
        kept = text[done : match.start()] + (f"{grown} " if grown else "")
        parts.append(kept)
        length += len(kept)
        done = match.end()
        cuts.append((length, done - length))
    return "".join([*parts, text[done:]]), cuts
