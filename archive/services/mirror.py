"""Copying archive and control place to a second home, and proving the copy.

The vault is not copied: it has its own second copy, and a mirror of it would keep destroyed keys alive.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from archive.core import layout
from archive.core.segment import MAX_SEGMENT, Segment
from archive.errors import FormatError, NotFound, RolledBack, UsageError
from archive.ledger.checks import Question, Verification
from archive.ledger.reader import MAX_MARKER
from archive.ports import ObjectReader, ObjectStore, ReadPlaces
from schemas.report import VerificationReport

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a mirroring did."""

    objects: int
    """In both places now."""
    copied: int
    """Of them by this run."""
    left: tuple[str, ...]
    """Names that format 1 does not know: planted, and not carried on."""
    report: VerificationReport
    """Of the copy, by itself."""


def mirror(
    archive: ObjectReader, control: ObjectReader, to_archive: ObjectStore, to_control: ObjectStore,
    question: Question, progress: Progress,
) -> Mirrored:  # fmt: skip
    """Copy what the target lacks, then verify the copy.

    Raises:
        RolledBack: the target holds what the archive does not; nothing was copied.
        AlreadyExists: the target holds other bytes under a name.
        StoreError: a place did not answer; run it again, it goes on where it was.
    """
    _demand_beginning(to_control, control)
    # The markers are listed first and written last: a copy never names what it does not hold.
    markers = list(filter(layout.is_known, control.names(layout.COMMITS)))
    copied = copy_objects(archive, to_archive, progress)
    copied += copy_markers(control, to_control, markers)
    objects, _ = sorted_out(to_archive)
    (_, left), (_, more) = sorted_out(archive), sorted_out(control)
    left = [*(f"archive/{name}" for name in left), *(f"control/{name}" for name in more)]
    places = ReadPlaces(to_archive, to_control, ())
    report = Verification(places, question, lambda done, total: progress("verifying", done, total)).run()
    return Mirrored(objects + len(markers), copied, tuple(left), report)


def _demand_beginning(mirrored: ObjectReader, control: ObjectReader) -> None:
    """Refuse to copy onto more than the archive holds, or onto another history: it would spoil the better copy.

    A marker names its segment and the chain up to it, so the newest speaks for all.

    Raises:
        RolledBack: so it is.
    """
    newest = max(filter(layout.is_known, mirrored.names(layout.COMMITS)), default=None)
    if newest is None:
        return
    with contextlib.suppress(NotFound, FormatError):
        if control.get(newest, limit=MAX_MARKER) == mirrored.get(newest, limit=MAX_MARKER):
            return
    raise RolledBack(
        f"the mirror holds {newest}, which this archive lacks, or has another of: it was rolled back, or one of "
        "both is another history. Nothing was copied, for it would spoil the mirror. Verify both, with a head kept "
        "outside; where the mirror is right, `beleg rebuild archive --from` it, else mirror into a new place"
    )


def demand_origin(mirror: ObjectReader, origin: str, name: str, *, empty: bool = False) -> None:
    """Refuse a mirror of another archive, and unless ``empty`` one that holds nothing.

    Raises:
        UsageError: it is such a one.
    """
    foreign = None
    for segment in mirror.names(layout.segment(0, "")):
        try:
            found = Segment(mirror.get(segment, limit=MAX_SEGMENT)).header.origin
        except FormatError:
            continue  # damaged, or planted: the copy is verified
        if found == origin:
            return
        foreign = found
    if foreign is not None:
        raise UsageError(f"{name}: a mirror of another archive, {foreign}")
    if not empty:
        raise UsageError(f"{name}: there is no mirror here")


def demand_own_markers(archive: ObjectReader, control: ObjectReader, name: str) -> None:
    """Refuse a target whose control half holds markers and whose archive half no founding: they are another's.

    Raises:
        UsageError: so it is.
    """
    founded = next(iter(archive.names(layout.segment(0, ""))), None) is not None
    if not founded and next(iter(control.names(layout.COMMITS)), None) is not None:
        raise UsageError(
            f"{name}: {name}/control holds the markers of another archive; a mirror lies elsewhere"
        )


def demand_no_place(store: ObjectReader, around: str, name: str) -> None:
    """Refuse a target within what looks like a place of an archive: what lies in it would be a finding for good.

    Args:
        store: the target, or what it lies in.
        around: its name.
        name: the target's.

    Raises:
        UsageError: it is such a place.
    """
    for prefix in (layout.SEGMENTS, layout.CHECKPOINTS, layout.COMMITS, layout.KEYS):
        if any(map(layout.is_known, islice(store.names(prefix), 1))):
            raise UsageError(
                f"{name}: {around} is a place of an archive, for it holds {prefix}; nothing else may lie in it"
            )


def copy_objects(source: ObjectReader, target: ObjectStore, progress: Progress) -> int:
    """Copy the objects of an archive place that format 1 has a name for; give how many were copied."""
    copied = 0

    def read() -> Iterator[tuple[str, bytes]]:
        nonlocal copied
        for name in lacking(source, target):
            yield name, source.get(name, limit=MAX_SEGMENT)
            copied += 1
            progress("copying", copied, None)

    target.put_all(
        read()
    )  # looks at each that it wrote; what the source got meanwhile is for the next mirror
    return copied


def copy_markers(control: ObjectReader, target: ObjectStore, names: Sequence[str]) -> int:
    """Copy those markers of ``names`` that the target lacks; give how many were copied."""
    there = set(target.names(layout.COMMITS))
    lacking = [name for name in names if name not in there]
    for name in lacking:
        target.put_new(name, control.get(name, limit=MAX_MARKER))
    return len(lacking)


def lacking(source: ObjectReader, target: ObjectReader) -> Iterator[str]:
    """Give the names of format 1 that only the source has; both list in ascending order, so none is held."""
    there = target.names("")
    other = next(there, None)
    for name in source.names(""):
        while other is not None and other < name:
            other = next(there, None)
        if name != other and layout.is_known(name):
            yield name


def sorted_out(store: ObjectReader) -> tuple[int, list[str]]:
    """Count the names of format 1 in a place; give those that are foreign there. What tests left is neither."""
    known, foreign = 0, []
    for name in store.names(""):
        if layout.is_known(name):
            known += 1
        elif not name.startswith(layout.PROBES):
            foreign.append(name)
    return known, foreign
