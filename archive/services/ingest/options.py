"""What a person says about an input, and what a use case says of the run it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archive.ports import ReadOptions
from archive.services.allow_list import Rule


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What a person says about an input."""

    channel: str | None = None
    read: ReadOptions = field(default_factory=ReadOptions)
    operator: str | None = None
    only: tuple[Rule, ...] = ()
    but: tuple[Rule, ...] = ()
    allowed: tuple[Rule, ...] = ()
    """What the policy of the archive lets in; besides ``only``, not in its stead."""
    take_alike: bool = False
    """What has no id and says exactly what something erased said is something else, on the operator's word."""
    again: bool = False
    """Kept bytes are read by a newer reader: what it says otherwise is no change on the platform."""
    collected: bool = False
    """Those bytes had come from a live source."""
    standing: Mapping[Path, str] | None = None
    """Files that are copies of captures which the archive holds as slices, by the captures' ids."""
    origins: Mapping[str, str] | None = None
    """Of a haul of a live source: what was asked of it, by the path of each answer."""
