"""Localised words as versioned data: TOML tables of phrases that apps print in the language of the phone.

A file holds ``version`` and one array of tables for each kind of phrase; every table has ``lang`` and
``pattern`` (a regular expression, tried on the text as ``decoding.matching`` gives it) and what else its
channel needs, such as ``event``. Patterns must match the whole text. ``<<name>>`` in a pattern stands for the
text of that name in the table ``parts``.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of one language."""

    lang: str
    pattern: re.Pattern[str]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """A word list: its version, and the phrases by kind in the order of the file."""

    version: int
    kinds: Mapping[str, tuple[Phrase, ...]]

    def first(self, kind: str, text: str) -> tuple[Phrase, re.Match[str]] | None:
        """The first phrase of a kind that is this whole text."""
        for phrase in self.kinds.get(kind, ()):
            if match := phrase.pattern.fullmatch(text):
                return phrase, match
        return None


def load_words(path: Path) -> Words:
    """Read a word list. Raises SettingsError that names the file and the phrase."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        version = data.pop("version")
        parts = data.pop("parts", {})
        kinds = {kind: tuple(_phrase(entry, parts) for entry in entries) for kind, entries in data.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        raise SettingsError(f"word list {path.name}: {error}") from error
    return Words(version, kinds)


def _phrase(entry: dict[str, str], parts: dict[str, str]) -> Phrase:
    pattern = entry["pattern"]
    for name, part in parts.items():
        pattern = pattern.replace(f"<<{name}>>", part)
    rest = {name: value for name, value in entry.items() if name not in {"lang", "pattern"}}
    return Phrase(entry["lang"], re.compile(pattern, re.DOTALL), rest)
