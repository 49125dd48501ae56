"""Text from outside in a rendering: what would move, hide or break other text is made visible."""

import re
import unicodedata

_KEPT = frozenset("\n\t\u200d\ufe0f")
"""Line feed, tab, and the two that build emoji."""
_STRANGE = re.compile("[^\t\n -~\u00a1-\u00ac\u00ae-\u017f\u20ac]")
"""What is none of the European letters and signs, which are nearly all of a text, and harmless."""


def visible(text: str) -> str:
    """Give text with controls, bidi marks and unassigned characters as ``⟨U+202E⟩``."""
    return _STRANGE.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    c = found[0]
    return c if c in _KEPT or is_harmless(c) else f"⟨U+{ord(c):04X}⟩"


def is_mixed(name: str) -> bool:
    """Say whether a word of a name has letters of scripts that look alike: Latin beside Greek or Cyrillic."""
    for word in name.split():
        scripts = {
            script for letter in word for script in _ALIKE if unicodedata.name(letter, "").startswith(script)
        }
        if len(scripts) > 1:
            return True
    return False


_ALIKE = ("LATIN", "GREEK", "CYRILLIC")


def one_line(text: str) -> str:
    """Give visible text for a place that holds one line: a name, a header, a cell."""
    return visible(" ".join(text.split()))


def is_harmless(character: str) -> bool:
    """Say whether a character only stands for itself."""
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
