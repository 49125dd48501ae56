"""The numbers that Word reckons for paragraphs: *§ 5*, *2.1*, *b)*. They stand nowhere in the text.

ECMA-376 part 1, §17.9. A paragraph has its list by itself or by its style; a level counts on, and begins anew where a
higher one counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

_W = ("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
      "{http://purl.oclc.org/ooxml/wordprocessingml/main}")  # fmt: skip
MOST_LEVELS = 9
_DEEPEST = 20
"""How far styles are based on each other."""
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_LARGEST = 4000
"""Beyond it nobody counts in letters."""


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts, and how its number looks: ``%1`` is that of the first level."""

    start: int
    form: str
    text: str


Lists = Mapping[str, tuple[str, Mapping[int, Level]]]
"""Number of a list → what counts together with it, and its levels."""
Styles = Mapping[str, tuple[str | None, int | None, str | None]]
"""Style → list and level that it gives, and the style on which it is based."""


def numbers(
    document: "etree._Element", numbering: "etree._Element", styles: "etree._Element | None"
) -> "dict[etree._Element, str]":
    """Give the number that each numbered paragraph shows."""
    lists, by_style = _lists(numbering), _styles(styles) if styles is not None else {}
    counted: dict[str, list[int | None]] = {}
    found: dict[etree._Element, str] = {}
    for paragraph in document.iter("{*}p"):
        number, level = _list_of(paragraph, by_style)
        if number is None or number not in lists:
            continue
        together, levels = lists[number]
        if level not in levels:
            continue
        count = counted.setdefault(together, [None] * MOST_LEVELS)
        before = count[level]
        count[level] = levels[level].start if before is None else before + 1
        count[level + 1 :] = [None] * (MOST_LEVELS - level - 1)
        if shown := _shown(levels, level, count):
            found[paragraph] = shown
    return found


def _shown(levels: Mapping[int, Level], level: int, count: list[int | None]) -> str:
    if levels[level].form in ("bullet", "none"):
        return ""
    text = levels[level].text
    for place, one in levels.items():
        reached = count[place]
        text = text.replace(f"%{place + 1}", _written(one.start if reached is None else reached, one.form))
    return text.strip()


def _written(number: int, form: str) -> str:
    if "Letter" in form and 0 < number < _LARGEST:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if form.startswith("upper") else letter
    if "Roman" in form and 0 < number < _LARGEST:
        roman = ""
        for value, sign in _ROMAN:
            roman += sign * (number // value)
            number %= value
        return roman.upper() if form.startswith("upper") else roman
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _list_of(paragraph: "etree._Element", styles: Styles) -> tuple[str | None, int]:
    own = _named(paragraph.find("{*}pPr"))
    number, level, style = own
    for _ in range(_DEEPEST):
        if number is not None or style not in styles:
            break
        number, given, style = styles[style or ""]
        level = given if level is None else level
    return number, level or 0


def _styles(root: "etree._Element") -> Styles:
    found: dict[str, tuple[str | None, int | None, str | None]] = {}
    for style in root.iter("{*}style"):
        number, level, _ = _named(style.find("{*}pPr"))
        based = style.find("{*}basedOn")
        found[_value(style, "styleId") or ""] = number, level, None if based is None else _value(based, "val")
    return found


def _named(properties: "etree._Element | None") -> tuple[str | None, int | None, str | None]:
    """Give list, level and style that the properties of a paragraph name."""
    if properties is None:
        return None, None, None
    number, level, style = (
        None if one is None else _value(one, "val")
        for one in (properties.find("{*}numPr/{*}numId"), properties.find("{*}numPr/{*}ilvl"),
                    properties.find("{*}pStyle"))
    )  # fmt: skip
    return number, _whole(level), style


def _lists(root: "etree._Element") -> Lists:
    kinds = {
        _value(one, "abstractNumId") or "": dict(_levels(one)) for one in root.iterchildren("{*}abstractNum")
    }
    found: dict[str, tuple[str, Mapping[int, Level]]] = {}
    for one in root.iterchildren("{*}num"):
        named = one.find("{*}abstractNumId")
        kind = (None if named is None else _value(named, "val")) or ""
        number = _value(one, "numId") or ""
        levels, anew = dict(kinds.get(kind, {})), False
        for other in one.iterchildren("{*}lvlOverride"):
            level, start = _whole(_value(other, "ilvl")), other.find("{*}startOverride")
            begins = None if start is None else _whole(_value(start, "val"))
            if begins is not None and level in levels:
                levels[level] = Level(begins, levels[level].form, levels[level].text)
                anew = True
        found[number] = (number if anew else f"kind {kind}", levels)
    return found


def _levels(kind: "etree._Element") -> Iterator[tuple[int, Level]]:
    for one in kind.iterchildren("{*}lvl"):
        place = _whole(_value(one, "ilvl"))
        if place is None or not 0 <= place < MOST_LEVELS:
            continue
        start, form, text = (
            None if told is None else _value(told, "val")
            for told in (one.find("{*}start"), one.find("{*}numFmt"), one.find("{*}lvlText"))
        )
        yield place, Level(_whole(start) or 0, form or "decimal", text or "")


def _value(element: "etree._Element", name: str) -> str | None:
    for space in _W:
        if (found := element.get(f"{space}{name}")) is not None:
            return str(found)
    return None


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 6 else None
