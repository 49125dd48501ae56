"""What an export says again of a conversation that has no ids: words that changed are told apart from new ones.

Where a platform gives no ids, an item is known by what was said and when, as written. Another language, another
clock or another phone writes it otherwise, and each message comes in a second time; so does what was edited or
deleted since. Nothing here decides that: it is told, so that a person looks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from archive.services.ingest.batch import Candidate
from schemas.item import Item, Key, Thread


@dataclass(slots=True)
class _File:
    """One file, its items in their order."""

    again: int = 0
    new: int = 0
    waiting: int = 0
    """New ones behind the last that was known."""
    between: int = 0


@dataclass(slots=True)
class Overlap:
    """Of one run: conversations that were known before it, and how their files continue them."""

    _known: dict[Key, bool] = field(default_factory=dict)
    """Conversations, and whether the archive held them before this run."""
    _files: dict[tuple[Key, str], _File] = field(default_factory=dict)

    def take(self, decided: Iterable[Candidate], items: Iterable[tuple[Candidate, str]]) -> None:
        """Hear what became of a batch: all of it, and the items with the member each came from."""
        for candidate in decided:
            if isinstance(candidate.body, Thread) and candidate.outcome is not None:
                self._known.setdefault(candidate.body.key, candidate.outcome != "new")
        for candidate, member in items:
            item = candidate.body
            if isinstance(item, Item) and item.key.derived and self._known.get(item.thread):
                _count(self._files.setdefault((item.thread, member), _File()), candidate)

    def told(self) -> Iterator[str]:
        """Give the sentences for the report, for each file; names of conversations are not in it."""
        by_member: dict[str, list[_File]] = {}
        for (_, member), file in self._files.items():
            by_member.setdefault(member, []).append(file)
        for member, files in by_member.items():
            where = f"{member}: " if member else ""
            strange = [file.new for file in files if file.new and not file.again]
            if strange:
                yield (
                    f"{where}{len(strange)} conversations are in the archive, and none of their {sum(strange)} items "
                    "here: they go on where the earlier export ended, or their words are others (another language, "
                    "clock or phone, contacts renamed), and then each item stands there twice"
                )
            if between := sum(file.between for file in files):
                yield (
                    f"{where}{between} new items stand among known ones: what was edited or deleted since stands "
                    "beside what it was, and so do lines that this export writes otherwise (another language, or "
                    "without the files)"
                )


def _count(file: _File, candidate: Candidate) -> None:
    if candidate.outcome == "new":
        file.new += 1
        file.waiting += file.again > 0
    elif candidate.outcome is not None:
        file.again += 1
        file.between += file.waiting
        file.waiting = 0
