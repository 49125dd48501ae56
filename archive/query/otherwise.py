"""What a text says when its words are cut otherwise: searched beside the text as it stands, for both may be meant.

* A hyphen within a word is left out: *Wartungs-Vertrag* is *Wartungsvertrag*.
* So is one at the end of a line, with the blanks and quotation marks that the next line begins with, and over an
  empty line: *Gewähr-⏎leistung*. What goes on with *und*, *or* … stood for a word left out and stays apart.
* So are signs that nobody sees (zero-width space, marks of direction) between two letters or digits.
* A word that grew onto a number stands apart from it: *5Jahre* is *5 Jahre*.

Hyphens join letters only: *PO-2024* stays as it is.
"""

import re
from bisect import bisect_right

from archive.query.analysis import CJK, DROPPED, LETTER, Token, tokens

_GOES_ON = "und|oder|bzw|sowie|bis|als|wie|noch|and|or|nor|to"
"""What stands behind a hyphen that stands for a word left out: *Liefer- und Montagekosten*."""

_UNSEEN = "\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2061-\u2064\u2066-\u206f"
_ALPHA = rf"(?!\d){LETTER}"
_BEHIND = rf"(?:(?<=[^\W\d_{CJK}])|(?<=[{DROPPED}]))"
_NEXT_LINE = r"(?:[ \t\u00a0]{0,3}(?:\r\n|[\n\r\v\f\u2028\u2029])[ \t>|]{0,40}){1,3}"
_CUT = re.compile(
    rf"{_BEHIND}[-\u2010\u2011\u00ad]{_NEXT_LINE}(?=(?!(?:{_GOES_ON})\b){_ALPHA})"
    rf"|{_BEHIND}[-\u2010\u2011](?={_ALPHA})"
    rf"|(?<=[^\W_])[{_UNSEEN}]+(?=[^\W_])"
    rf"|(?<!\w)(?P<number>\d+)(?=(?:{_ALPHA}){{2,}}(?!\w))"
)
_MAYBE = re.compile(rf"[-\u2010\u2011\u00ad{_UNSEEN}\d]")
"""Without one of these there is nothing to cut: most texts are passed over by a look."""


def otherwise(text: str) -> list[Token]:
    """Return the tokens of what a text also says, with offsets into the text itself; none if it says nothing else."""
    said, cuts = _rewritten(text)
    if not cuts:
        return []
    places = [place for place, _ in cuts]

    def original(place: int) -> int:
        found = bisect_right(places, place) - 1
        return place if found < 0 else place + cuts[found][1]

    return [
        token._replace(start=original(token.start), end=original(token.end - 1) + 1) for token in tokens(said)
    ]


def rewritten(text: str) -> str:
    """Return what a text also says; itself, if nothing else."""
    return _rewritten(text)[0]


def _rewritten(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return it with (place in it from which on, how much farther on the same stands in the text)."""
    if not _MAYBE.search(text):
        return text, []
    parts: list[str] = []
    cuts: list[tuple[int, int]] = []
    done = length = 0
    for match in _CUT.finditer(text):
        number = match["number"]
        kept = text[done : match.start()] + (f"{number} " if number else "")
        parts.append(kept)
        length += len(kept)
        done = match.end()
        cuts.append((length, done - length))
    return "".join([*parts, text[done:]]), cuts
