"""What a text says when its words are cut otherwise: searched beside the text as it stands, for each may be meant.

* A hyphen within a word is left out: *Wartungs-Vertrag* is *Wartungsvertrag*.
* So is one at the end of a line, with the blanks and quotation marks that the next line begins with, and over an
  empty line: *Gewähr-⏎leistung*. What goes on with *und*, *or* … stood for a word left out and stays apart.
* So are signs that nobody sees (zero-width space, marks of direction) between two letters or digits.
* A word and a number that grew together stand apart: *5Jahre* is *5 Jahre*, *RE2024* is *RE 2024*; *A4* stays. So
  does a small letter before a capital one, and a short name in capitals: *eRechnung* is *e Rechnung*, *USLieferant*
  is *US Lieferant*.
* What separates thousands is left out: *10.000* is *10000*, *1'250.50* is *1250.50*.

Hyphens join letters only: *PO-2024* stays as it is. What a line's end or unseen signs broke is one reading, and all
that is joined or cut another: so *Kfz-Versicherung* keeps its two words beside *Gewähr-⏎leistung*. Each of these, and
the text as it stands, is read with its thousands as they are written, and without what separates them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from archive.query.analysis import CJK, DROPPED, LETTER, Token, terms, tokens

_GOES_ON = "und|oder|bzw|sowie|bis|als|wie|noch|and|or|nor|to"
"""What stands behind a hyphen that stands for a word left out: *Liefer- und Montagekosten*."""

_UNSEEN = "\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2061-\u2064\u2066-\u206f"
_HYPHENS, _BREAKS = r"-\u2010\u2011", r"\u00ad\u00ac"
_ALPHA = rf"(?!\d){LETTER}"
_NEXT_LINE = r"(?:[ \t\u00a0]{0,3}(?:\r\n|[\n\r\v\f\u2028\u2029])[ \t>|]{0,40}){1,3}"
# It begins with the signs, and looks behind from there: so most of a text is passed over by a look for these.
_JOINED = re.compile(
    rf"[{_HYPHENS}{_BREAKS}{_UNSEEN}](?:"
    rf"(?<=[{_HYPHENS}{_BREAKS}])(?:(?<=[^\W\d_{CJK}].)|(?<=[{DROPPED}].))"
    rf"(?:(?P<line>{_NEXT_LINE})(?=(?!(?:{_GOES_ON})\b){_ALPHA})|(?<=[{_HYPHENS}])(?={_ALPHA}))"
    rf"|(?<=[^\W_][{_UNSEEN}])(?P<unseen>[{_UNSEEN}]*)(?=[^\W_]))"
)
"""What is cut out: where a word was broken, if one of the groups is there; else a hyphen that it has."""
_LETTERS = rf"(?:{_ALPHA}){{2,}}+"
_NAMED = "[a-z](?=[A-ZÄÖÜ][a-zäöüß])|[A-ZÄÖÜ]{2,5}(?=[A-ZÄÖÜ][a-zäöüß]{2})"
_GROWN = re.compile(rf"(?<!\w)(?:\d+(?={_LETTERS}(?!\w))|{_LETTERS}(?=\d+(?!\w))|{_NAMED})")
"""At the end of which a word and a number, or a letter and a word, are cut apart."""
_BESIDE = re.compile(r"\d(?:(?=[^\W\d_])|(?<=[^\W\d_]\d))|[A-ZÄÖÜ](?<=\b[a-z].)|[A-ZÄÖÜ]{3}[a-zäöüß]")
"""Without a digit beside a letter, a capital behind a single small one, or three in a row, nothing grew together."""

_SEPARATORS = ".,'\u2019\u00a0\u2009\u202f"
_GROUP = re.compile(rf"[{_SEPARATORS}](?<=\d.)\d{{3}}(?!\d)")
"""Without one of these no number has thousands."""
_THOUSANDS = re.compile(rf"(?<![\d{_SEPARATORS}])[1-9]\d{{0,2}}(?:[{_SEPARATORS}]\d{{3}})+(?!\d)")

Cut = tuple[int, int, str]
"""[start, end) of a text, and what stands there instead."""


def otherwise(text: str) -> list[list[Token]]:
    """Return the tokens of each other reading of a text, with offsets into the text itself; none if there is none."""
    return [_placed(reading, cuts) for reading, cuts in _readings(text).items()]


def said(text: str) -> list[list[str]]:
    """Return the terms of each other reading: the fast way to what ``otherwise`` says in full."""
    return [terms(reading) for reading in _readings(text)]


def rewritten(text: str) -> str:
    """Return what a text also says, cut in every way; itself, if nothing else."""
    _, every, thousands = _cuts(text)
    return _rewritten(text, sorted(every + thousands))[0]


def _readings(text: str) -> dict[str, list[tuple[int, int]]]:
    """Return reading → where it was cut, see ``_rewritten``."""
    broken, every, thousands = _cuts(text)
    ways = [broken, every]
    if thousands:
        ways += [sorted(cuts + thousands) for cuts in (broken, every)]
    return dict(_rewritten(text, cuts) for cuts in ways if cuts)


def _cuts(text: str) -> tuple[list[Cut], list[Cut], list[Cut]]:
    """Return where words were broken, where all that is joined or cut, and what separates thousands."""
    joined = list(_JOINED.finditer(text))
    grown = [match.end() for match in _GROWN.finditer(text)] if _BESIDE.search(text) else []
    broken = [(*match.span(), "") for match in joined if match.lastgroup]
    every = [*((*match.span(), "") for match in joined), *((at, at, " ") for at in grown)]
    return broken, sorted(every), list(_separators(text))


def _separators(text: str) -> Iterator[Cut]:
    for number in _THOUSANDS.finditer(text) if _GROUP.search(text) else ():
        end = number.end() - len("000")
        yield from ((at - 1, at, "") for at in range(end, number.start() + 1, -len(".000")))


def _placed(reading: str, cuts: list[tuple[int, int]]) -> list[Token]:
    places = [place for place, _ in cuts]

    def original(place: int) -> int:
        found = bisect_right(places, place) - 1
        return place if found < 0 else place + cuts[found][1]

    return [
        token._replace(start=original(token.start), end=original(token.end - 1) + 1)
        for token in tokens(reading)
    ]


def _rewritten(text: str, cuts: list[Cut]) -> tuple[str, list[tuple[int, int]]]:
    """Return it with (place in it from which on, how much farther on the same stands in the text)."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    done = length = 0
    for start, end, instead in cuts:
        kept = text[done:start] + instead
        parts.append(kept)
        length += len(kept)
        done = end
        places.append((length, done - length))
    return "".join([*parts, text[done:]]), places
