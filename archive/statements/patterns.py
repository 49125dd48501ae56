"""The small language of the lexicon, compiled: ``da hast du .2 <period> .1 @warranty``.

    word        exactly this word (folded: ä as ae or ä, as you like)
    word*       words that begin so; *word that end so; *word* that contain it
    a|b|c       one of these
    @name       one of the words of a list
    <money>     an entity: money percent date period qty order product num sum time; <any> any of them
    .3          up to three words between; from .8 on also a comma
    word?       may be missing; works with everything above
    (a b|c d)   one of several runs of words; may hold all of the above, and brackets again
    ^ $         the beginning and the end of a sentence or of a part between commas, but for words that only fill
    ^^          the beginning of the sentence

A comma between two words is passed over.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from archive.errors import SettingsError
from archive.query.analysis import fold

_WIDE = 8
"""A gap of so many words may hold a comma; a smaller one stays within its part of the sentence."""
_ANY = "<(?:money|rate|percent|date|period|years|qty|order|product|num|sum|time)>"
_COMMA = "(?:, )*"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; of each of its ``anchors`` a sentence must hold a word for it to be tried, rarest first."""

    text: str
    source: str
    anchors: tuple[tuple[str, ...], ...]
    plain: frozenset[str] | None = None
    """The forms of which one must stand, where the pattern says nothing more: a look-up instead of a search."""

    @property
    def regex(self) -> re.Pattern[str]:
        """The pattern as a regular expression, compiled when it is first tried: most never are."""
        return _compiled(self.source)


class Compiler:
    """Compiles patterns over the lists of a lexicon."""

    def __init__(self, lists: Mapping[str, Sequence[str]], common: frozenset[str]) -> None:
        """Take the lists by name, and words too common to be anchors."""
        self._lists = {name: tuple(fold_pattern(word) for word in words) for name, words in lists.items()}
        self._common = common
        filler = "|".join(_word(word) for word in self._lists.get("filler", ())) or "(?!)"
        self._filler = f"(?:(?:{filler}|,) )*"
        self._elements: dict[str, tuple[str, tuple[str, ...]]] = {}

    def compile(self, text: str, where: str, *, wide: bool = False, short: bool = False) -> Pattern:
        """Compile one pattern.

        ``wide``: words between at its end are all taken in. ``short``: it ends before a comma where it can.

        Raises SettingsError, naming ``where``, if it cannot be read.
        """
        elements = _split(_hyphens(text), where)
        before = after = ""
        if elements and elements[0] in ("^", "^^"):
            start = r"\A " if elements[0] == "^^" else r"(?:\A |(?<=, ))"
            elements, before = elements[1:], start + self._filler
        if elements and elements[-1] == "$":
            elements, after = elements[:-1], rf"{self._filler}(?:\Z|(?=, ))"
        body, anchors = self._run(elements, where)
        if wide and body.endswith("}?"):
            body = body.removesuffix("?")
        if not anchors:
            raise SettingsError(f"{where}: the pattern {text!r} has no word by which it could be found")
        source = rf"{before or '(?<![^ ])'}(?P<body>{body}){after}"
        if short:
            source = source.replace(_COMMA, f"{_COMMA}?")
        plain = None if before or after or len(elements) > 1 else _plain(elements[0], anchors[0])
        return Pattern(text, source, tuple(sorted(anchors, key=self._cost)), plain)

    def expanded(self, text: str, where: str) -> list[str]:
        """Give patterns that together say the same, in which a run of several words stands by itself.

        So each word of the run must be there before the pattern is tried, and not only the rarest.
        """
        elements = _split(_hyphens(text), where)
        for place, element in enumerate(elements):
            if not element.startswith("(") or element.endswith("?"):
                continue
            choices = _choices(element[1:-1])
            runs = [run for run in choices if " " in run.strip()]
            if runs:
                single = [run for run in choices if run not in runs]
                parts = [*runs, *([f"({'|'.join(single)})"] if single else [])]
                return [" ".join([*elements[:place], part.strip(), *elements[place + 1 :]]) for part in parts]
        return [text]

    def _cost(self, words: tuple[str, ...]) -> float:
        return sum(40 if word.strip("*") in self._common else 20 if word[0] == "<" else 1 for word in words)

    def _run(self, elements: Sequence[str], where: str) -> tuple[str, list[tuple[str, ...]]]:
        """Give the regular expression of elements that follow each other, and the words of each that must stand."""
        parts: list[str] = []
        anchors: list[tuple[str, ...]] = []
        for element in elements:
            regex, words = self._element(element, where)
            parts.append(regex)
            if words:
                anchors.append(words)
        return "".join(parts), anchors

    def _element(self, element: str, where: str) -> tuple[str, tuple[str, ...]]:
        """Give the regular expression of an element, and its words; none where it may be missing."""
        found = self._elements.get(element)
        if found is None:  # most stand in many patterns
            found = self._elements[element] = self._read(element, where)
        return found

    def _read(self, element: str, where: str) -> tuple[str, tuple[str, ...]]:
        if re.fullmatch(r"\.\d{1,2}", element):
            word = "[^ ]+ " if int(element[1:]) >= _WIDE else "[^ ,]+ "
            return rf"(?:{word}){{0,{int(element[1:])}}}?", ()
        optional = element.endswith("?")
        element = element.removesuffix("?")
        if element.startswith("("):
            # The longest first: of "no" and "no thanks" the latter.
            choices = sorted(_choices(element[1:-1]), key=lambda run: -len(run.split()))
            runs = [self._run(_split(run, where), where) for run in choices]
            regex = f"(?:{'|'.join(run for run, _ in runs)})"
            rarest = [min(found, key=self._cost, default=()) for _, found in runs]
            words = tuple(word for found in rarest for word in found) if all(rarest) else ()
        else:
            regex, words = self._one(element, where)
        return (f"(?:{regex})?", ()) if optional else (regex, words)

    def _one(self, element: str, where: str) -> tuple[str, tuple[str, ...]]:
        words: list[str] = []
        for part in element.split("|"):
            if part.startswith("@"):
                if part[1:] not in self._lists:
                    raise SettingsError(f"{where}: there is no list {part}")
                words += self._lists[part[1:]]
            else:
                words.append(fold_pattern(part))
        without = [word[1:] for word in words if word.startswith("-")]
        words = [word for word in words if word and not word.startswith("-")]
        if not words:
            raise SettingsError(f"{where}: {element!r} is no word")
        shut = f"(?!(?:{'|'.join(_word(word) for word in without)}) )" if without else ""
        return f"{shut}(?:{'|'.join(_word(word) for word in words)}) {_COMMA}", tuple(words)


def _plain(element: str, words: Sequence[str]) -> frozenset[str] | None:
    """Give the forms that a pattern of one element stands for; None where it is more than a choice of words."""
    if " " in element or element.endswith("?") or "-" in element or any("*" in word for word in words):
        return None
    return frozenset(f"<{sort}>" for word in words for sort in BOTH.get(word, ())) | (
        frozenset(words) - BOTH.keys()
    )


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _split(text: str, where: str) -> list[str]:
    """Give the elements of a pattern: words, and whole groups in brackets."""
    if "(" not in text and ")" not in text:
        return text.split()
    found: list[str] = []
    depth, current = 0, ""
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            break
        if character == " " and not depth:
            found.append(current)
            current = ""
        else:
            current += character
    if depth:
        raise SettingsError(f"{where}: the brackets of {text!r} do not close")
    return [one for one in (*found, current) if one]


def _hyphens(text: str) -> str:
    """Part words at their hyphens, as the analyser does; of alternatives, each for itself."""
    wrapped = re.sub(r"(?<![^ ])[^ ()]*\|[^ ()]*\w-\w[^ ()]*(?![^ ])", lambda match: f"({match[0]})", text)
    return re.sub(r"(?<=\w)-(?=[\w*])", " ", wrapped)


def _choices(text: str) -> list[str]:
    """Give what stands between the bars of a group, whole inner groups kept."""
    found, depth = [""], 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character in "|/" and not depth:
            found.append("")
        else:
            found[-1] += character
    return [one for one in found if one.strip()]


@cache
def fold_pattern(word: str) -> str:
    """Fold a word of the lexicon as the analyser folds text; stars and entities stay."""
    if word.startswith("<"):
        return word
    return "".join(part if part in "*-" else fold(part) for part in re.split(r"([*-])", word) if part)


def _word(word: str) -> str:
    if word == "<any>":
        return _ANY
    if word == "<money>":
        return "<(?:money|rate)>"
    if word == "<num>":
        return "<(?:num|sum)>"
    if word == "<period>":
        return "<(?:period|years)>"
    if word.startswith("<"):
        return re.escape(word)
    return re.escape(word).replace(r"\*", "[^ <>]*")


SORTS = (
    "money",
    "rate",
    "percent",
    "date",
    "period",
    "years",
    "qty",
    "order",
    "product",
    "num",
    "sum",
    "time",
)
BOTH = {"<money>": ("money", "rate"), "<num>": ("num", "sum"), "<period>": ("period", "years")}
"""What stands for one of two sorts: a rate is money, a bare sum a number, and years are a period."""
