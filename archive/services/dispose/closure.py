"""What must go together, and what stays and why.

An item goes with every view, reading, edit, deletion and reaction of the same thing, with its files, and with every
capture in which it came. One held record in any of these keeps the whole thing: then it is restricted, never half
erased. Of a neighbour that is not held nothing is lost with the container but the container: its own bytes lie in
its own record. A copy of a file as it was read is not what was received, and goes whoever lies in it.

Where an edit or a reaction alone is asked for, what it tells of stays; and where a hold keeps that, so does the edit.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from archive.services.dispose.judging import Ground, Judge
from archive.services.dispose.relations import Relations
from schemas.keeping import Ranges, Restriction

RANGES_A_RECORD = 4096
MOST_RECORDS = 64
"""So many ``erase`` records a plan may have; more is split by whoever asks."""

GroundOf = Callable[[int], Ground | None]


@dataclass
class Closure:
    """Records that go, and what is said of those that stay."""

    items: set[int] = field(default_factory=set)
    containers: set[int] = field(default_factory=set)
    """Records of captures in which the items came."""
    files: set[int] = field(default_factory=set)
    """Records of captures that are files of the items."""
    accounts: set[int] = field(default_factory=set)
    threads: set[int] = field(default_factory=set)
    """Records that describe threads of which nothing stays."""
    decisions: set[int] = field(default_factory=set)
    """What people decided on statements in these items: it bears a hash of the words, which a guess can be held
    against."""
    reads: set[int] = field(default_factory=set)
    restricted: list[Restriction] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)

    def records(self) -> set[int]:
        """Give all records that go."""
        return set().union(*self._named().values())

    def counts(self) -> tuple[tuple[str, int], ...]:
        """Count what goes."""
        return tuple((name, len(found)) for name, found in self._named().items() if found)

    def _named(self) -> dict[str, set[int]]:
        return {
            "items": self.items, "containers": self.containers, "files": self.files,
            "accounts": self.accounts, "threads": self.threads, "decisions": self.decisions, "reads": self.reads,
        }  # fmt: skip


def close(relations: Relations, judge: Judge, seeds: Iterable[int], ground: GroundOf) -> Closure:
    """Find what goes with these items, judged on the records themselves.

    Args:
        relations: of the ledger up to its head.
        judge: holds and policies on this head.
        seeds: the items that were asked for.
        ground: why an item must stay, if it must.
    """
    closure = Closure()
    things = relations.things(seeds)
    neighbourhood = Neighbourhood(relations, judge, {index for thing in things for index in thing})
    for thing in things:
        stays = next((found for index in sorted(thing) if (found := ground(index)) is not None), None)
        stays = stays or neighbourhood.ground(thing)
        if stays is None:
            closure.items |= thing
        else:
            until = stays.until.isoformat() if stays.until else None
            closure.restricted += [
                Restriction(item=index, ground=stays.words, until=until) for index in sorted(thing)
            ]
    closure.containers = relations.holding(closure.items)
    shared = 0
    for capture, having in relations.attachments(closure.items).items():
        if closure.items.issuperset(having):
            closure.files.update(relations.records(capture))
        else:
            shared += 1
    closure.files -= closure.containers
    closure.threads = relations.emptied(closure.items)
    _tell_remains(closure, relations, shared)
    return closure


class Neighbourhood:
    """What lies in the same captures as the items that were asked for, and which of it is held."""

    def __init__(self, relations: Relations, judge: Judge, items: set[int]) -> None:
        self._relations, self._judge = relations, judge
        self._inside = relations.inside(sorted(relations.containers(items))) if judge.holds else {}
        self._having = relations.attachments(items) if judge.holds else {}
        self._files: dict[int, list[int]] = {}
        """Item → captures that it has as files."""
        for capture, having in self._having.items():
            for index in items.intersection(having):
                self._files.setdefault(index, []).append(capture)
        self._held: dict[int, dict[int, str]] = {}
        """Capture → held item that lies in it, or has it as a file → the hold."""
        wholes = relations.conversations.things.wholes(items) if judge.holds else ()
        self._wholes = {index: whole for whole in wholes for index in whole}
        self._held_in: dict[frozenset[int], dict[int, str]] = {}
        """Items that tell of one thing → those of them that are held → the hold."""

    def ground(self, thing: frozenset[int]) -> Ground | None:
        """Say which neighbour keeps a thing, if one does."""
        if not self._judge.holds:
            return None
        whole = self._wholes.get(min(thing), frozenset())
        for index, kept in self._held_in_whole(whole).items() if len(whole) > len(thing) else ():
            if index not in thing:
                return Ground(f"item {index}, which tells of the same thing: {kept}")
        for capture in sorted(self._relations.containers(thing)):
            if (hold := self._judge.hold_on_unread(capture)) is not None:
                return Ground(f"same container: {hold}")
            for index, hold in self._held_among(capture, self._inside[capture]).items():
                if index not in thing:
                    return Ground(f"held neighbour {index}: {hold}")
        for capture in (one for index in sorted(thing) for one in self._files.get(index, ())):
            for other, hold in self._held_among(capture, self._having[capture]).items():
                if other not in thing:
                    return Ground(f"same file as held item {other}: {hold}")
        return None

    def _held_among(self, capture: int, items: Iterable[int]) -> dict[int, str]:
        """Judge the items of a capture once: ten thousand mails may have one file, a logo."""
        if capture not in self._held:
            self._held[capture] = self._held_of(items)
        return self._held[capture]

    def _held_in_whole(self, whole: frozenset[int]) -> dict[int, str]:
        """Judge what tells of one thing once: each of ten thousand reactions may be asked for alone."""
        if whole not in self._held_in:
            self._held_in[whole] = self._held_of(whole)
        return self._held_in[whole]

    def _held_of(self, items: Iterable[int]) -> dict[int, str]:
        found = ((index, self._judge.hold_on(index)) for index in sorted(items))
        return {index: hold for index, hold in found if hold is not None}


def _tell_remains(closure: Closure, relations: Relations, shared: int) -> None:
    if not closure.items:
        return
    closure.remains.append("index, class, size class, time of sealing and stream of each record")
    closure.remains.append(
        "names of input files, and the accounts whose views were read, in the reports of runs; selections, "
        "certificates of searches, notes and redactions in matters, with what people wrote there; what was printed, "
        "copied or written out to work with"
    )
    if shared:
        closure.remains.append(
            f"{shared} files that other items have too, and that are not erased with these"
        )
    if quoting := relations.quoting(closure.items):
        closure.remains.append(
            f"{len(quoting)} items that answer or quote these and may repeat words: {_shown(quoting)}"
        )
    if echoing := relations.echoing(closure.items):
        closure.remains.append(
            f"{len(echoing)} items with exactly the same words, perhaps the same thing seen from another account: "
            f"{_shown(echoing)}"
        )


def _shown(items: Sequence[int]) -> str:
    return ", ".join(map(str, items[:20])) + (" …" if len(items) > 20 else "")


def ranges(records: Iterable[int]) -> Ranges:
    """Give records as inclusive ranges, ascending."""
    found: list[tuple[int, int]] = []
    for index in sorted(records):
        if found and found[-1][1] == index - 1:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return tuple(found)


def cut(whole: Ranges) -> tuple[Ranges, ...]:
    """Give ranges as lists that each fit into one ``erase`` record."""
    return tuple(whole[at : at + RANGES_A_RECORD] for at in range(0, len(whole), RANGES_A_RECORD))


def members(targets: Iterable[Ranges]) -> set[int]:
    """Give the records that targets name."""
    return {index for one in targets for first, last in one for index in range(first, last + 1)}


def tally(restricted: Iterable[Restriction]) -> Counter[str]:
    """Count restricted items by ground."""
    return Counter(one.ground for one in restricted)


def stays(restricted: Sequence[Restriction]) -> tuple[tuple[str, int, str | None], ...]:
    """Give (ground, items, the last day of the last of them, if it ends by itself) of what is restricted."""
    ends: dict[str, str] = {}
    for one in restricted:
        if one.until is not None:
            ends[one.ground] = max(one.until, ends.get(one.ground, one.until))
    return tuple((ground, count, ends.get(ground)) for ground, count in tally(restricted).items())


def over(restricted: Iterable[Restriction], today: date) -> list[Restriction]:
    """Give those whose ground has ended by itself."""
    return [one for one in restricted if one.until is not None and date.fromisoformat(one.until) < today]
