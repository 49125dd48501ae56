"""Counting what became of every unit of every member: units = read + failed + excluded."""

from collections import Counter
from dataclasses import dataclass, field

from archive.reading.units import MemberProblem, UnitExcluded, UnitFailed, UnitRead
from schemas.capture import FileCount

REASONS = 20


@dataclass
class MemberCount:
    """The count of one member."""

    member: str
    capture: str | None = None
    asked: bool = False
    """Whether its bytes were asked for."""
    read: int = 0
    failed: int = 0
    excluded: int = 0
    items: int = 0
    changed: int = 0
    seen_again: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    exclusions: Counter[str] = field(default_factory=Counter)
    unknown_fields: set[str] = field(default_factory=set)
    problem: str | None = None

    def take(self, reading: UnitRead | UnitFailed | UnitExcluded | MemberProblem) -> None:
        """Count one unit."""
        match reading:
            case UnitRead():
                self.read += 1
                self.unknown_fields |= reading.unknown_fields
            case UnitFailed():
                self.failed += 1
                self.failures[reading.reason] += 1
            case UnitExcluded():
                self.excluded += 1
                self.exclusions[reading.reason] += 1
            case MemberProblem():
                self.failed += 1
                self.problem = reading.reason

    def result(self, channel: str | None, confidence: int | None) -> FileCount:
        """Give the count as a model."""
        failures = [
            f"{reason} ({n})" if n > 1 else reason for reason, n in self.failures.most_common(REASONS)
        ]
        return FileCount(
            capture=self.capture,
            member=self.member,
            channel=channel,
            confidence=confidence,
            units=self.read + self.failed + self.excluded,
            read=self.read,
            failed=self.failed,
            excluded=self.excluded,
            items=self.items,
            changed=self.changed,
            seen_again=self.seen_again,
            failures=tuple(failures),
            exclusions=tuple(sorted(self.exclusions.items())),
            unknown_fields=tuple(sorted(self.unknown_fields)[:100]),
            problem=self.problem,
        )
