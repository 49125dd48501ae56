"""Families of words that a stemmer does not bring together, as ``families.txt`` lists them."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from archive.query.analysis import fold
from archive.query.verbs import bare

_ENDINGS = "|".join(
    "e en er ern es em n t te ten tet test st est et ete eten s end ende ung ungen ing ed or ors ion".split()  # noqa: SIM905
)


@cache
def _families() -> tuple[tuple[str, ...], ...]:
    """Return the families: each a tuple of folded words, with a trailing * for "begins so"."""
    text = files("archive.query").joinpath("families.txt").read_text("utf-8")
    lines = (line.split("#")[0].split() for line in text.splitlines())
    return tuple(tuple(fold(word) for word in line) for line in lines if line)


def _own_families(word: str) -> Iterator[tuple[str, ...]]:
    word = bare(word)
    for family in _families():
        for member in family:
            stem = bare(member.removesuffix("*"))
            if word == stem or (
                member.endswith("*") and word.startswith(stem) and re.fullmatch(_ENDINGS, word[len(stem) :])
            ):
                yield family
                break


def pattern(word: str) -> re.Pattern[str] | None:
    """Give what fits every word, in bare letters, that shares a family with this one; None if it is in none."""
    members = [bare(member) for family in _own_families(word) for member in family]
    if not members:
        return None
    return re.compile(
        "|".join(re.escape(m[:-1]) + ".*" if m.endswith("*") else re.escape(m) for m in members)
    )


def parts_of(word: str) -> Iterator[str]:
    """Give the beginnings, folded, that its families name with a star: what is sought inside compounds."""
    for family in _own_families(word):
        yield from (member[:-1] for member in family if member.endswith("*"))


def starts(word: str) -> Iterator[str]:
    """Give, in bare letters, how each of its families begins; a line feed at the end of a whole word."""
    for family in _own_families(word):
        for member in map(bare, family):
            yield member[:-1] if member.endswith("*") else member + "\n"
