"""The fonts of a report, out of packages, so that a page looks the same on every machine; and what they can show.

A PDF/A is refused as a whole because of one character that no font has. So what the fonts do not have is written as
``‹U+1FAE9›`` and counted, and nothing of a text is lost unseen.
"""

import re
import unicodedata
from functools import cache
from importlib import resources
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont
from typst import Fonts

from archive.exporters.visible import is_harmless

PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
FAMILIES = (
    "Noto Sans", "Noto Sans Hebrew", "Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil",
    "Noto Sans Thai", "Noto Sans Armenian", "Noto Sans Georgian", "Noto Sans Ethiopic", "Noto Sans Gujarati",
    "Noto Sans Gurmukhi", "Noto Sans Kannada", "Noto Sans Khmer", "Noto Sans Lao", "Noto Sans Malayalam",
    "Noto Sans Myanmar", "Noto Sans Oriya", "Noto Sans Sinhala", "Noto Sans Telugu", "Noto Sans CJK SC",
    "Noto Sans Symbols", "Noto Emoji",
)  # fmt: skip
"""In the order in which a character is looked for."""

_JOINING = frozenset("\u200d\ufe0f\n")
"""What builds emoji, and the line feed: no font draws them."""


@cache
def folders() -> tuple[Path, ...]:
    """Give the folders that hold the font files."""
    return tuple(Path(str(resources.files(name))) for name in PACKAGES)


@cache
def loaded() -> Fonts:
    """Give the fonts as the typesetter takes them, and no others of this machine."""
    return Fonts(False, False, [str(folder) for folder in folders()])


@cache
def drawn() -> frozenset[int]:
    """Give the characters that some font has."""
    found: set[int] = set()
    for folder in folders():
        for file in sorted(folder.glob("*.tt[fc]")):
            faces = (
                TTCollection(file, lazy=True).fonts[:1]
                if file.suffix == ".ttc"
                else [TTFont(file, lazy=True)]
            )
            for face in faces:
                found.update(face.getBestCmap())
                face.close()
    return frozenset(found)


@cache
def _undrawn() -> re.Pattern[str]:
    """Give what finds a character that no font has, or that would move, hide or break other text."""
    fit = sorted({number for number in drawn() if is_harmless(chr(number))} | set(map(ord, _JOINING)))
    ranges: list[list[int]] = []
    for number in fit:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return re.compile("[^" + "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in ranges) + "]")


def _numbered(found: re.Match[str]) -> str:
    return f"‹U+{ord(found[0]):04X}›"  # the brackets of other renderings are in no font


class Shown:
    """Makes texts fit to be set, and counts what the fonts do not have."""

    def __init__(self) -> None:
        self.replaced = 0
        """Characters that stand as their number."""

    def text(self, text: str) -> str:
        """Give a text with everything made visible that would move, hide or break other text."""
        shown, replaced = _undrawn().subn(_numbered, text.replace("\r\n", "\n").replace("\t", "    "))
        self.replaced += replaced
        return shown

    def line(self, text: str) -> str:
        """Give a text for one line: a name, a title."""
        return self.text(" ".join(text.split()))


def direction(text: str) -> str:
    """Give ``rtl`` where the first letter with a direction is one of Hebrew or Arabic script, else ``ltr``."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"
