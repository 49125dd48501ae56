"""Finding names that are known in a text, in one pass, however many they are.

A name is looked for as its words: case, accents, "ae" for "ä", commas and spaces make no other name, and the genitive
(*Petras*) is the name too. Scripts without spaces are found within their runs.
"""

from collections.abc import Iterable, Iterator

from archive.query.analysis import Token, is_cjk, terms, tokens

Words = tuple[str, ...]


def words_of(name: str) -> Words:
    """Give a name as it is looked for; nothing where it has no letter and no sign."""
    return tuple(terms(name))


def parts_of(name: str) -> Iterator[Words]:
    """Give the parts of a name by which somebody may be called: what spaces separate, but for mere numbers."""
    for part in name.split():
        words = words_of(part)
        if tells("".join(words)) and not "".join(words).isdigit():
            yield words


def tells(name: str) -> bool:
    """Say whether a name is long enough to be looked for; where each sign is a syllable, two are."""
    return len(name) > 2 or any(map(is_cjk, name))


class KnownNames:
    """Names to be found; of those that begin at one place the longest."""

    def __init__(self, names: Iterable[Words]) -> None:
        """Take names as ``words_of`` gives them."""
        self._names = {name for name in names if name}
        lengths: dict[str, set[int]] = {}
        for name in self._names:
            lengths.setdefault(name[0], set()).add(len(name))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def found(self, text: str) -> Iterator[tuple[int, int, Words]]:
        """Give (start, end, name) of each name in a text, in order and without overlap."""
        every, at = tokens(text), 0
        while at < len(every):
            name = self._at(every, at)
            if name is None:
                at += 1
                continue
            yield every[at].start, every[at + len(name) - 1].end, name
            at += len(name)

    def _at(self, every: list[Token], at: int) -> Words | None:
        first = every[at].term
        lengths = {*self._lengths.get(first, ()), *self._lengths.get(_nominative(first), ())}
        for length in sorted(lengths, reverse=True):
            words = tuple(token.term for token in every[at : at + length])
            for name in (words, (*words[:-1], _nominative(words[-1]))):
                if name in self._names:
                    return name
        return None


def _nominative(word: str) -> str:
    return word[:-1] if word.endswith("s") and tells(word[:-1]) else word
