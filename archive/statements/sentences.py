"""From a text to sentences of units: folded words, commas and entities, each at its place in the text."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from archive.query.analysis import Token
from archive.statements.entity_forms import Entity, form_of

LONGEST = 80
"""Units of a sentence; a longer one is cut, so that work grows with the length of a text and no faster."""

_ABBREVIATIONS = frozenset(
    (
        "ca", "inkl", "incl", "zzgl", "bzw", "max", "min", "nr", "no", "art", "stk", "st", "std", "tsd", "mio",
        "evtl", "ggf", "vs", "approx", "etc", "usw", "z", "b", "d", "h", "u", "a", "zb", "dh", "ua", "tel",
        "str", "mwst", "exkl", "excl", "abs", "vgl", "bspw", "vllt", "geg", "betr", "lt", "gem", "hr", "fr",
        "dr", "prof", "inc", "ltd", "co", "pt", "qty", "ref", "mtl", "jan", "feb", "apr", "jun", "jul", "aug",
        "sep", "sept", "okt", "oct", "nov", "dez", "dec", "mo", "di", "mi", "do", "sa",
    )
)  # fmt: skip
_BETWEEN = re.compile(r"[.!?…]+|[\n;]+|[,:()–—|/]|\s-+\s|\.{2,}|[\"“”„»«]")
_LISTED = re.compile(r"[\n ]+[-*•–]\s*\d")
"""Before the next item of a list that begins with a number: its items are of one sentence."""
_LAST_WORD = re.compile(r"^.*?([^\W\d_]*)$", re.DOTALL)
_NEW_SENTENCE = re.compile(
    r"\s+(?:[A-ZÄÖÜ][\w-]*\s+){2}[a-zäöü\d]|\s+(?:Der|Die|Das|Wir|Ich|Bitte|Danach|Sonst|Mit|Es|Sie)\b|\s+[A-Z][a-zäöü]+nummer\b"
)
"""Behind a date: what is rather a new sentence than more of the same."""
_EMOJI_START = 0x2600


@dataclass(slots=True)
class Unit:
    """A word, a comma or an entity. ``form`` is folded, corrected, and ``<sort>`` for an entity."""

    form: str
    start: int
    end: int
    entity: Entity | None = None


@dataclass(slots=True)
class Sentence:
    """Units up to a stop, with the text that rules are tried on: forms between single spaces."""

    units: list[Unit]
    question: bool = False
    exclaimed: bool = False
    line: str = ""
    forms: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def seal(self) -> None:
        """Write the line; ``starts`` are the places of units in it."""
        place, starts, forms = 1, [], []
        for unit in self.units:
            starts.append(place)
            forms.append(unit.form)
            place += len(unit.form) + 1
        self.starts, self.forms, self.line = starts, forms, f" {' '.join(forms)} "

    def unit_at(self, place: int) -> int:
        """Give the number of the unit at a place of the line."""
        return max(0, bisect_right(self.starts, place) - 1)


def sentences(
    text: str, tokens: Sequence[Token], entities: Sequence[Entity], corrected: Callable[[str], str]
) -> list[Sentence]:
    """Cut a text into sentences.

    Args:
        text: as written.
        tokens: of the text, by the one analyser.
        entities: apart from each other, in order.
        corrected: gives the right form of a folded word.
    """
    units = _units(text, tokens, entities, corrected)
    found: list[Sentence] = []
    current: list[Unit] = []

    def close(mark: str) -> None:
        nonlocal current
        while current and current[-1].form == ",":
            current.pop()
        if current:
            sentence = Sentence(current, "?" in mark, "!" in mark)
            sentence.seal()
            found.append(sentence)
        current = []

    for unit in units:
        if unit.form[0] == "\x00":
            close(unit.form)
        elif unit.form == ",":
            if current and current[-1].form != ",":
                current.append(unit)
        else:
            current.append(unit)
            if len(current) >= LONGEST:
                close("")
    close("")
    return found


def _units(
    text: str, tokens: Sequence[Token], entities: Sequence[Entity], corrected: Callable[[str], str]
) -> list[Unit]:
    """Give words, entities and marks in order; a stop has a form that begins with NUL.

    An emoji ends a sentence; of a text without words it is the word.
    """
    found: list[Unit] = []
    at, remaining = 0, list(entities)[::-1]
    skip = -1
    signs = not any(token.term[0].isalnum() for token in tokens)
    for token in tokens:
        if token.start < skip:
            continue
        while remaining and remaining[-1].end <= token.start:
            remaining.pop()
        if remaining and remaining[-1].start < token.end and token.start >= remaining[-1].start:
            entity = remaining.pop()
            _marks(text, at, entity.start, found)
            sort = form_of(text, entity)
            found.append(Unit(f"<{sort}>", entity.start, entity.end, entity))
            at = skip = entity.end
            if _ends_with_date(text, entity):
                found.append(Unit("\x00.", entity.end - 1, entity.end))
            continue
        if token.start - at != 1 or text[at] != " ":
            _marks(text, at, token.start, found)
        if not signs and ord(token.term[0]) >= _EMOJI_START and len(token.term) <= 2:
            found.append(Unit("\x00", token.start, token.end))
        else:
            found.append(Unit(corrected(token.term), token.start, token.end))
        at = token.end
    _marks(text, at, len(text), found)
    return found


def _ends_with_date(text: str, entity: Entity) -> bool:
    """Say whether the point of a date ends a sentence too: ``bis 26.01. Die Nummer ist …``."""
    if entity.sort not in ("date", "dated") or text[entity.end - 1] != ".":
        return False
    return _NEW_SENTENCE.match(text, entity.end) is not None


def _marks(text: str, start: int, end: int, found: list[Unit]) -> None:
    """Add the stops and commas of what lies between two units."""
    between = text[start:end]
    for match in _BETWEEN.finditer(between):
        mark, place = match[0], start + match.start()
        if _LISTED.match(text, place):
            form = ","
        elif mark[0] in ".!?…\n;" and not _no_stop(text, mark, place, found):
            form = "\x00" + mark
        elif mark.strip() == "." or mark[0] in '"“”„»«' or mark == "/":
            continue
        else:
            form = ","
        found.append(Unit(form, place, place + len(mark)))


def _no_stop(text: str, mark: str, place: int, found: list[Unit]) -> bool:
    """Tell the point of an abbreviation, a number or an address from the end of a sentence."""
    if mark != ".":
        return False
    after = text[place + 1 : place + 3]
    if after and not after[0].isspace() and after[0] not in "\"'“”»«)":
        return True
    if _LAST_WORD.sub(r"\1", text[max(0, place - 12) : place]).lower() in _ABBREVIATIONS:
        return True
    follows = after.strip()[:1]
    return bool(found) and found[-1].form[-1:].isdigit() and (follows.islower() or follows.isdigit())
