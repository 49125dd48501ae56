"""Words of the data files as regular expressions over text as written."""

import re
from collections.abc import Iterable


def alternatives(words: Iterable[str]) -> str:
    """Give folded words as the inside of a regular expression over text as written, the longest first.

    An umlaut may be written as such, with e, or without its dots.
    """
    return "|".join(written(word) for word in sorted(words, key=len, reverse=True))


def written(word: str) -> str:
    """Give a folded word as a regular expression over text as written."""
    found = re.escape(word)
    for folded, letters in (("ae", "ä"), ("oe", "ö"), ("ue", "ü")):
        found = found.replace(folded, f"(?:{folded}|{letters})")
    return found.replace("ss", "(?:ss|ß)").replace(r"\ ", r"\s+")


def filled(pattern: str, parts: dict[str, str]) -> str:
    """Put the parts named ``@NAME@`` into a regular expression of a data file."""
    for _ in range(3):  # parts may name parts
        for name, part in parts.items():
            pattern = pattern.replace(f"@{name}@", part)
    return pattern
