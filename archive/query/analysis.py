"""The one analyser: text to terms. Every engine, the matcher and the highlighter use it and nothing else.

Rules of version 1:

* A word is a run of letters and digits; anything else separates. So ``PO-2024/117-B`` gives
  ``po 2024 117 b``, and an underscore separates too. There are no stop words and no stems.
* Folding: NFKC, case folded; ä→ae ö→oe ü→ue ß→ss; æ, œ, ø, ł, đ, ð, þ, ı in Latin letters; every other
  accent, Hebrew point, Arabic vowel sign and tatweel off; decimal digits of any script as 0 to 9. Soft
  hyphens and joiners inside a word are not there.
* Chinese, Japanese and Korean runs give overlapping pairs of characters (a single one stays alone).
* An emoji is a term of its own; skin tone, variation selector and joiner are dropped; two regional
  indicators are one flag. § € $ £ ¥ are terms.
* ``@name`` and ``#tag`` are words as above, and in addition one term each with the sign (``sigils``).
* What hyphens, ends of lines, numbers, separators join or cut may be read in other ways, too: ``otherwise``.
* A term has at most 64 characters; longer words are cut into terms that follow each other.

The ranges of scripts, marks and emoji are written here and do not depend on the Unicode version of
the interpreter. What is a letter, and how it folds, does: ``UNICODE`` belongs to the version of an index.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

ANALYSER = "13"
"""Version of the rules above, and of what ``document`` takes of an item. An index made under another one
must be rebuilt."""

UNICODE = unicodedata.unidata_version

LONGEST = 64

CJK = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003fffd"
)
_EMOJI = (
    "\u231a\u231b\u23e9-\u23fa\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    "\U0001f000-\U0001f0ff\U0001f170-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
)
_FLAG = "\U0001f1e6-\U0001f1ff"
_TONE = "\U0001f3fb-\U0001f3ff"
_SYMBOL = "§€$£¥"
DROPPED = (  # accents, Hebrew points, Arabic vowel signs, tatweel
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufe00-\ufe0f\ufe20-\ufe2f"
)
_KEPT = (
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0dff"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ecd\u0f18-\u0fc6\u102b-\u103e\u1056-\u1059\u17b4-\u17d3"
)
"""Signs of South and South-East Asian scripts, without which words would fall apart."""
_JOINERS = "\u00ad\u200c\u200d\u2060\ufeff"

LETTER = rf"[^\W_{CJK}{_EMOJI}{_FLAG}{_TONE}]"
_MARK = f"[{DROPPED}{_KEPT}{_JOINERS}]"
_OTHERS = rf"[{CJK}]+|[{_FLAG}]{{2}}|[{_EMOJI}{_SYMBOL}]"

_ASCII = re.compile(r"[a-z0-9]+|\$")
_PLAIN = re.compile(rf"{LETTER}+|{_OTHERS}")
_MARKED = re.compile(rf"{LETTER}+(?:{_MARK}+{LETTER}*)*|[{CJK}\u3099\u309a]+|{_OTHERS}")
_HAS_MARK = re.compile(_MARK)
_IS_CJK = re.compile(f"[{CJK}]")
_IS_OTHER = re.compile(f"[{_FLAG}{_EMOJI}{_SYMBOL}]")
_DROP = re.compile(f"[{DROPPED}{_JOINERS}]+")
_SIGIL = re.compile(
    rf"(?<![\w@#])[@#](?:{LETTER}|{_MARK}|[{CJK}]|_)+(?:[.\-@](?:{LETTER}|_)(?:{LETTER}|{_MARK}|_)*)*"
)
_NAME = re.compile(rf"[@#](?:{LETTER}|{_MARK}|[{CJK}]|_)+")

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_LATIN = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}
)


class Token(NamedTuple):
    """A term at its place: ``position`` counts terms from 0; [start, end) are characters of the text."""

    term: str
    position: int
    start: int
    end: int


def terms(text: str) -> list[str]:
    """Return the terms of a text in order; the fast way to what ``tokens`` says in full."""
    if text.isascii():
        found = _ASCII.findall(text.lower())
        if max(map(len, found), default=0) <= LONGEST:
            return found
    result: list[str] = []
    for chunk in _scanner(text).findall(text):
        if len(chunk) <= LONGEST:
            result += _terms_of(chunk)
        else:
            result += [term for term, _, _ in _pieces(chunk)]
    return result


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text in order, with positions and character offsets."""
    if text.isascii():
        plain = [
            Token(match[0], number, match.start(), match.end())
            for number, match in enumerate(_ASCII.finditer(text.lower()))
        ]
        if all(len(token.term) <= LONGEST for token in plain):
            return plain
    result: list[Token] = []
    for match in _scanner(text).finditer(text):
        base, chunk = match.start(), match[0]
        for term, start, end in _pieces_of(chunk) if len(chunk) <= LONGEST else _pieces(chunk):
            result.append(Token(term, len(result), base + start, base + end))
    return result


def sigils(text: str) -> list[Token]:
    """Return the terms ``@name`` and ``#tag`` of a text; ``@max.weber`` also gives ``@max``."""
    if "@" not in text and "#" not in text:
        return []
    result: list[Token] = []
    for match in _SIGIL.finditer(text):
        whole, start = match[0], match.start()
        short = _NAME.match(whole)
        for name in dict.fromkeys((short[0] if short else whole, whole)):
            # Folding may bring spaces in: a ligature that stands for several words. A term has none.
            term = "".join(fold(name).split())[:LONGEST]
            if len(term) > 1:
                result.append(Token(term, len(result), start, start + len(name)))
    return result


def fold(word: str) -> str:
    """Fold case, umlauts, accents and digits of a word; see the rules of the module."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())
    word = unicodedata.normalize("NFD", word.translate(_UMLAUTS).translate(_LATIN))
    word = unicodedata.normalize("NFKC", _DROP.sub("", word))
    if not word.isascii():
        word = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in word)
    return word


def _scanner(text: str) -> re.Pattern[str]:
    return _MARKED if not text.isascii() and _HAS_MARK.search(text) else _PLAIN


@lru_cache(maxsize=1 << 17)
def _terms_of(chunk: str) -> tuple[str, ...]:
    return tuple(term for term, _, _ in _pieces(chunk))


@lru_cache(maxsize=1 << 15)
def _pieces_of(chunk: str) -> tuple[tuple[str, int, int], ...]:
    return tuple(_pieces(chunk))


def _pieces(chunk: str) -> list[tuple[str, int, int]]:
    """Return the terms of one chunk of a scan, with their places in it."""
    if _IS_OTHER.match(chunk):
        return [(chunk, 0, len(chunk))]
    folded = fold(chunk)
    same = len(folded) == len(chunk)
    result: list[tuple[str, int, int]] = []
    # Folding may split a chunk (a ligature that stands for two words) or change its script.
    for match in _MARKED.finditer(folded):
        part, base = match[0], match.start()
        if _IS_CJK.match(part):
            cuts = [(i, min(i + 2, len(part))) for i in range(max(1, len(part) - 1))]
        else:
            cuts = [(i, min(i + LONGEST, len(part))) for i in range(0, len(part), LONGEST)]
        for start, end in cuts:
            place = (base + start, base + end) if same else (0, len(chunk))
            result.append((part[start:end], *place))
    return result


def is_cjk(character: str) -> bool:
    """Say whether a character belongs to the scripts that are cut into pairs."""
    return _IS_CJK.match(character) is not None
