"""The ways in which a number or code can be put together from the terms of an index."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ways:
    """Cuts of a code into terms, all of which the index knows."""

    code: str
    ends: tuple[tuple[int, ...], ...]
    """For each place in the code: where a term that begins there may end, so that the rest can be cut as well."""
    count: int

    def each(self, start: int = 0) -> Iterator[tuple[str, ...]]:
        """Give the terms of each way, for what follows a place."""
        if start == len(self.code):
            yield ()
        for end in self.ends[start]:
            for rest in self.each(end):
                yield (self.code[start:end], *rest)

    @property
    def first(self) -> tuple[str, ...]:
        """The terms with which a way begins."""
        return tuple(sorted(self.code[:end] for end in self.ends[0]))

    @property
    def last(self) -> tuple[str, ...]:
        """The terms with which a way ends."""
        reached = {0}
        for start, ends in enumerate(self.ends):
            reached |= set(ends) if start in reached else set()
        return tuple(sorted(self.code[start:] for start in reached if len(self.code) in self.ends[start]))


def ways(code: str, known: Callable[[str], bool]) -> Ways:
    """Find the ways to cut a code into terms that are known."""
    size = len(code)
    ends: list[tuple[int, ...]] = [()] * (size + 1)
    counts = [*[0] * size, 1]
    for start in reversed(range(size)):
        ends[start] = tuple(
            end for end in range(start + 1, size + 1) if counts[end] and known(code[start:end])
        )
        counts[start] = sum(counts[end] for end in ends[start])
    return Ways(code, tuple(ends), counts[0])
