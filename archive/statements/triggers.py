"""Which patterns may match where certain words stand: bits of words, remembered, and what they say together."""

from collections.abc import Callable, Iterable, Sequence

from archive.statements.patterns import BOTH, SORTS, Pattern


class Remembered(dict[str, int]):
    """Words → bits, worked out when a word is first asked for; forgets all when it has become large."""

    LIMIT = 1 << 17

    def __init__(self, work_out: Callable[[str], int]) -> None:
        """Take what works out the bits of a word."""
        super().__init__()
        self._work_out = work_out

    def together(self, terms: Iterable[str]) -> int:
        """Give the bits of all of some words."""
        found = 0
        for term in terms:
            found |= self[term]
        return found

    def __missing__(self, term: str) -> int:
        """Work out the bits of a word."""
        found = self._work_out(term)
        if len(self) >= self.LIMIT:
            self.clear()
        self[term] = found
        return found


class TermTable:
    """Says which numbers a word stands for: exact words, beginnings, endings and middles, as bits of one integer."""

    def __init__(self) -> None:
        """Make an empty table."""
        self._exact: dict[str, int] = {}
        self._starts: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._middles: dict[str, int] = {}
        self.of = Remembered(self._bits)
        """Term → its bits; to be asked when all words are there."""

    def add(self, word: str, bits: int) -> None:
        """Let a word of the lexicon stand for bits."""
        bare = word.strip("*")
        table = (
            self._middles
            if word.startswith("*") and word.endswith("*")
            else self._starts
            if word.endswith("*")
            else self._ends
            if word.startswith("*")
            else self._exact
        )
        table[bare] = table.get(bare, 0) | bits

    def _bits(self, term: str) -> int:
        found = self._exact.get(term, 0)
        for length in range(2, len(term) + 1):
            found |= self._starts.get(term[:length], 0) | self._ends.get(term[-length:], 0)
        for middle, bits in self._middles.items():
            if middle in term:
                found |= bits
        return found


class Triggers:
    """Which patterns may match where certain words stand: of each, up to three words and one beside it must be there.

    One integer holds all: bit n of each quarter is pattern n. A text, or a sentence, is one ``or`` over its words.
    """

    def __init__(self, patterns: Sequence[tuple[Pattern, Sequence[Pattern]]]) -> None:
        """Take (pattern, patterns of which one must stand beside it)."""
        self.table = TermTable()
        self._count = count = len(patterns)
        self._always = 0
        for number, (pattern, beside) in enumerate(patterns):
            sets = list(pattern.anchors[:3])
            for place in range(3):
                if place < len(sets):
                    self._add(sets[place], 1 << number + place * count)
                else:
                    self._always |= 1 << number + place * count
            if beside:
                for other in beside:
                    self._add(other.anchors[0], 1 << number + 3 * count)
            else:
                self._always |= 1 << number + 3 * count

    def _add(self, words: Sequence[str], bits: int) -> None:
        for word in words:
            for sort in SORTS if word == "<any>" else BOTH.get(word, ()):
                self.table.add(f"<{sort}>", bits)
            self.table.add(word, bits)

    def patterns(self, bits: int) -> int:
        """Give the patterns, as bits, of which everything is there."""
        count = self._count
        bits |= self._always
        return bits & (bits >> count) & (bits >> 2 * count) & (bits >> 3 * count) & ((1 << count) - 1)
