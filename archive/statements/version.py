"""The version of the finder: of the lexicon, and of the rules in Python that read it.

Under another version statements are found anew, and a bundle may show others. So everything that decides a find is in
it, down to the last comment: whatever is changed here or there, nobody can forget to raise a number.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files

DIGITS = 12
FINDS_NOTHING = ("asked.py", "evaluate.py", "found.py", "labels.py", "ports.py")
"""Modules of this package that the finder does not use."""
OUTSIDE = ("analysis.py", "languages.py", "languages.txt")
"""Files of ``archive.query`` that it does use."""


def version_of(texts: Mapping[str, str]) -> str:
    """Give the first twelve digits of the SHA-256 over the files of a lexicon and those that read it.

    Ends of lines do not count, so that a wheel, a checkout and another system have one version.
    """
    digest = sha256()
    for name, text in (*sorted(texts.items()), *sorted(sources().items())):
        digest.update("\0".join((name, *text.splitlines(), "")).encode())
    return digest.hexdigest()[:DIGITS]


@cache
def sources() -> Mapping[str, str]:
    """Give the files outside the lexicon that decide a find, by name."""
    return dict(_sources())


def _sources() -> Iterator[tuple[str, str]]:
    for file in files("archive.statements").iterdir():
        if file.name.endswith(".py") and file.name not in FINDS_NOTHING:
            yield f"statements/{file.name}", file.read_text("utf-8")
    query = files("archive.query")
    for name in OUTSIDE:
        yield f"query/{name}", query.joinpath(name).read_text("utf-8")
