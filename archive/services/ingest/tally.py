"""What became of all that a run took: new, changed or seen again, once it is decided."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from archive.services.ingest.batch import Batch, Candidate, Outcome
from archive.services.ingest.counts import MemberCount
from archive.services.ingest.overlap import Overlap
from schemas.capture import Capture


@dataclass(slots=True)
class Tally:
    """Of one run. What was taken waits until its batch is sealed; a report may be asked for before, or after."""

    sealed: set[str]
    """Captures that the runs over this input have sealed; more are added."""
    again: bool = False
    """Whether kept bytes are read anew: what is in the archive is no overlap then."""
    members: dict[str, MemberCount] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _waiting: list[tuple[Candidate, str]] = field(default_factory=list)
    """Items that are not settled, and the member each came from."""
    _overlap: Overlap = field(default_factory=Overlap)

    def member(self, path: str) -> MemberCount:
        """Give the count of a member."""
        return self.members.setdefault(path, MemberCount(path))

    def take(self, candidate: Candidate, member: str) -> None:
        """Hear of an item, to be decided with its batch."""
        self._waiting.append((candidate, member))

    def settle(self, batch: Batch) -> None:
        """Take in what became of a batch that was sealed."""
        self._known = self._held(batch)
        self.sealed |= _captures(batch, "new")
        self.members = self._counted()
        if not self.again:
            self._overlap.take(batch.candidates, self._waiting)
        self._waiting = [pair for pair in self._waiting if pair[0].outcome is None]

    @property
    def done(self) -> int:
        """How many items are settled."""
        return sum(count.items + count.seen_again for count in self.members.values())

    def so_far(self, batch: Batch) -> tuple[tuple[MemberCount, ...], AbstractSet[str]]:
        """Give the counts, and the captures that the archive held before, of what is settled and what was decided
        in this batch since."""
        return tuple(self._counted().values()), self._held(batch)

    def overlap(self) -> Iterator[str]:
        """Say how conversations that were known before go on here."""
        return self._overlap.told()

    def _held(self, batch: Batch) -> set[str]:
        found = _captures(batch, "again") | _captures(batch, "changed")
        return self._known | (found - self.sealed - _captures(batch, "new"))

    def _counted(self) -> dict[str, MemberCount]:
        counts = {member: replace(count) for member, count in self.members.items()}
        for candidate, member in self._waiting:
            if candidate.outcome == "again":
                counts[member].seen_again += 1
            elif candidate.outcome is not None:
                counts[member].items += 1
                counts[member].changed += candidate.outcome == "changed"
        return counts


def _captures(batch: Batch, outcome: Outcome) -> set[str]:
    return {
        one.body.id for one in batch.candidates if isinstance(one.body, Capture) and one.outcome == outcome
    }
