"""Turn one typed word, or the content of quotes, into a leaf of the tree."""

import re

from archive.query.analysis import LONGEST, is_cjk, sigils, terms, tokens
from archive.query.fuzzy import SHORTEST, Fuzzy
from archive.query.otherwise import rewritten
from archive.query.plan import Grouped, Leaf, Or, Phrase, Term, Wildcard, Word

_PHONE = re.compile(r"\+\d[\d()/.-]*")
_MEANT_AS_NEAR = re.compile(
    r"(?:w|pre|near|within)?/\d*|(?:w|pre|near|within)/(?:[sp]|\d+[^\W\d]{2,})", re.IGNORECASE
)
"""A slip in ``w/5``, or the distances of other programs: as words they would find nothing, and look like an answer."""

_OR = "write OR between two words"
_AND = "leave it out, or put a name in which it stands in quotes; words side by side mean AND"
_INSTEAD = {"|": _OR, "||": _OR, "&": _AND, "&&": _AND, "+": _AND, "%": "leave it out: 5 finds 5 % too"}
"""What is meant by signs that stand alone, for which nobody finds a way."""

DIGITS = 7
"""Digits of a number that may be written in groups. Of shorter ones, amounts look alike: *15000* and *150,00*."""
_DECIMALS = re.compile(r"[.,]\d{1,2}$")


class Refused(ValueError):
    """The text cannot be a leaf; the message says why."""


def bare(text: str) -> Leaf | Or:
    """Read a word without quotes: forms and compounds, or a pattern, or a name with its sign.

    What can be cut in two ways is either: *Wartungs-Vertrag* its two words in this order, or *Wartungsvertrag*.
    A number or code is sought in whatever groups it is written: *K80* is *K 80* and *K-80*.
    Raise ``Refused`` when it holds nothing to search for, or a sign whose meaning would be guessed.
    """
    if text[0] in "-+!~&|=" and len(text) > 1 and terms(text[1:2]) and not _PHONE.fullmatch(text):
        raise Refused(f"{text[0]!r} before a word means nothing here; write NOT to exclude a word")
    if "|" in text.strip("|"):
        raise Refused(
            "'|' means nothing here; write OR between two words, or quotes for the words side by side"
        )
    if not terms(text) and (said := _INSTEAD.get(text)):
        raise Refused(f"{text!r} alone finds nothing; {said}")
    if text[0] == "%":
        return fuzzy(text)
    if _MEANT_AS_NEAR.fullmatch(text):
        raise Refused(
            f"{text!r} looks like a distance; write w/5 or pre/5 with a blank behind and none within, or quotes for "
            "the words"
        )
    if "%" in text and not re.search(r"\d%", text):
        raise Refused("'%' means nothing here; before a word, %word finds it with one change")
    if "*" in text or "?" in text:
        return pattern(text)
    if text[0] in "@#" and (found := sigils(text)) and not terms(text[found[-1].end :]):
        return Term(found[-1].term)
    if _DECIMALS.search(text) is None and (together := code(text)) is not None:
        return Grouped(together)
    other = rewritten(text)
    return _plain(text) if other == text else Or((_plain(text), _plain(other)))


def code(text: str) -> str | None:
    """Give a number or code without what groups it; None for words, and for numbers of less than ``DIGITS``."""
    whole = "".join(terms(text))
    if not whole.isascii() or not whole.isalnum() or len(whole) > LONGEST or whole.isalpha():
        return None
    return None if whole.isdigit() and len(whole) < DIGITS else whole


def _plain(text: str) -> Leaf:
    leaf = exact(text)
    return Word(leaf.term) if isinstance(leaf, Term) and leaf.term.isalpha() else leaf


def quoted(text: str) -> Leaf:
    """Read the content of quotes: exactly these words; ``* ?`` are punctuation."""
    stripped = text.strip()
    if stripped[:1] in ("@", "#") and (found := sigils(stripped)) and found[-1].end == len(stripped):
        return Term(found[-1].term)
    return exact(text)


def fuzzy(text: str) -> Fuzzy:
    """Read ``%word`` or ``%%word``: the word with one change, or two."""
    changes = len(text) - len(text.lstrip("%"))
    found = terms(text)
    if changes not in SHORTEST or len(found) != 1 or is_cjk(found[0][0]) or set(text) & set("*?@#"):
        raise Refused("'%' (one change) and '%%' (two) stand before a single word")
    if len(found[0]) < SHORTEST[changes]:
        raise Refused(f"{'%' * changes} needs a word of at least {SHORTEST[changes]} characters")
    return Fuzzy(found[0], changes)


def exact(text: str) -> Term | Wildcard | Phrase:
    """Read text as exactly its terms, in order."""
    found = terms(text)
    if not found:
        raise Refused(
            "there is no letter, digit or emoji to search for; leave it out, or write words in quotes"
        )
    # A single CJK character lies inside the pairs that the analyser makes; between other terms it is alone.
    if len(found) == 1:
        return _open(found[0], before="*", after="*")
    return Phrase((_open(found[0], before="*"), *map(Term, found[1:-1]), _open(found[-1], after="*")))


def _open(term: str, *, before: str = "", after: str = "") -> Term | Wildcard:
    return Wildcard(before + term + after) if len(term) == 1 and is_cjk(term) else Term(term)


def pattern(text: str) -> Wildcard | Phrase:
    """Read a word with ``*`` and ``?``. What separates words separates here too: ``PO-20*`` is ``po 20*``."""
    if any(is_cjk(c) for c in text):
        raise Refused("Chinese, Japanese and Korean words are found inside others without '*' and '?'")
    sign = text[0] if text[0] in "@#" else ""
    parts: list[str] = []
    glued = False
    for piece in re.split(r"([*?]+)", text):
        if piece and piece[0] in "*?":
            if glued:
                parts[-1] += piece
            else:
                parts.append(piece)
            glued = True
            continue
        found = tokens(piece)
        for number, token in enumerate(found):
            if number == 0 and token.start == 0 and glued:
                parts[-1] += token.term
            else:
                parts.append(token.term)
        glued = bool(found and found[-1].end == len(piece)) or (glued and not piece)
    if sum(c not in "*?" for c in "".join(parts)) < 2:
        raise Refused("a pattern needs at least two letters or digits beside '*' and '?'")
    if sign and len(parts) == 1:
        return Wildcard(sign + parts[0])
    leaves = tuple(
        Wildcard(re.sub(r"\*+", "*", part)) if set(part) & set("*?") else Term(part) for part in parts
    )
    only = leaves[0]
    return only if len(leaves) == 1 and isinstance(only, Wildcard) else Phrase(leaves)
