"""What lies in the places and the ledger does not name (read half; FORMAT.md §10)."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from heapq import merge
from itertools import groupby
from operator import itemgetter

from archive.core import layout
from archive.core.segment import MAX_SEGMENT, Segment, writer_name
from archive.core.signed_note import verify
from archive.errors import FormatError, NotFound, UsageError
from archive.ledger.reader import LedgerReader
from archive.ledger.state import LedgerState, SegmentRef
from archive.ledger.stray_pages import StrayPages
from archive.ports import ObjectReader, ObjectVersion
from schemas.report import Finding, FindingKind

ARCHIVE_PREFIXES = (layout.SEGMENTS, layout.CHECKPOINTS, layout.OBJECTS, layout.TOKENS, layout.PROBES)

_DIGEST = re.compile(r"[0-9a-f]{64}$", re.A)
_NO_SEGMENT = "no segment, though it has the name of one"


class Strangers:
    """Names them: lost segments, second versions, delete markers, and what format 1 has no name for."""

    def __init__(
        self,
        reader: LedgerReader,
        batches: Mapping[str, SegmentRef],
        classes: Mapping[str, frozenset[str]],
        report: Callable[[Finding], None],
        named: "array[int] | None" = None,
    ) -> None:
        """Prepare; see ``StrayPages`` for ``batches`` and ``classes``.

        ``named``: the beginnings of the digests of all objects that records name; None where not all were read.
        """
        self.reader, self.batches, self.classes, self.report = reader, batches, classes, report
        self.named = None if named is None else array("Q", sorted(named))
        self.unnamed = 0

    def _say(self, kind: FindingKind, text: str, name: str | None = None, index: int | None = None) -> None:
        self.report(Finding(kind=kind, text=text, name=name, index=index))

    def check(
        self, markers: Sequence[int], segments: Mapping[int, Sequence[str]], lost: Sequence[SegmentRef] = ()
    ) -> None:
        """Walk all places; ``markers`` and ``segments`` were listed before; ``lost`` are committed, and not readable.

        Raises:
            StoreError: a place could not be listed.
        """
        state, places = self.reader.state, self.reader.places
        committed = {(ref.first, ref.sha256) for ref in (*state.segments, *lost)}
        begun = {first for first, _ in committed}
        for first, digests in segments.items():
            for digest in digests:
                if committed and (first, digest) not in committed:
                    self._stray_segment(first, digest, digest in state.orphans, first in markers)
        for first in markers:
            if first > state.size or (first < state.size and first not in begun):
                self._say("unexpected", "a marker where no segment begins", layout.marker(first), first)
        self._check_names(map(self._check_content_name, self._archive_names()), "archive", ARCHIVE_PREFIXES)
        if self.unnamed:
            self._say("duplicate", f"{self.unnamed} stored objects that no record names")
        control = self._without_versions(places.control, "the control place")
        self._check_names(control, "control", (layout.COMMITS, layout.PROBES))
        pages = StrayPages(self.reader, self.batches, self.classes, self.report)
        for number, vault in enumerate(places.vaults, 1):
            where = f"vault copy {number}"
            pages.check(vault, where, self._without_versions(vault, where))

    def _check_content_name(self, name: str) -> str:
        """Look at the name of an object or token: whether it is one, and whether a record names the object."""
        if name.startswith((layout.OBJECTS, layout.TOKENS)):
            digest = name.rpartition("/")[2]
            known = layout.object_name(digest) if name.startswith(layout.OBJECTS) else layout.token(digest)
            if name != known or not _DIGEST.fullmatch(digest):
                self._say("unexpected", "no object or token has such a name", name)
            elif name.startswith(layout.OBJECTS) and self.named is not None:
                begin = array("Q", bytes.fromhex(digest[:16]))[0]
                at = bisect_left(self.named, begin)
                self.unnamed += at == len(self.named) or self.named[at] != begin
        return name

    def _check_names(self, names: Iterator[str], place: str, prefixes: Sequence[str]) -> None:
        unknown: set[str] = set()
        for name in names:
            if not name.startswith(tuple(prefixes)):
                unknown.add(name.split("/")[0] or "/")
        for prefix in sorted(unknown):
            self._say("unexpected", f"format 1 has no such objects in the {place} place", prefix)

    def _archive_names(self) -> Iterator[str]:
        """Give the names of the archive place; judge every version of those that have several."""
        archive = self.reader.places.archive
        if not archive.versioned:
            yield from archive.names("")
            return
        for name, versions in groupby(archive.versions(""), key=lambda version: version.name):
            self._check_versions(archive, name, list(versions))
            yield name

    def _without_versions(self, place: ObjectReader, where: str) -> Iterator[str]:
        """Give the names of a place that must keep nothing of what was written over; say where it does."""
        count, begin, unlisted = 0, None, None
        planted: dict[str, None] = {}  # names of other letters, which stand in another order at each server

        def versions_of_ours() -> Iterator[tuple[str, int]]:
            for one in place.versions(""):
                if one.name.isascii():
                    yield one.name, 1
                else:
                    planted[one.name] = None

        # Two listings side by side, each in order: which versions there are, and which names.
        names = ((name, 0) for name in place.names("") if name.isascii())
        for name, found in groupby(merge(versions_of_ours(), names), key=itemgetter(0)):
            versions = sum(number for _, number in found)
            if not name.startswith(layout.PROBES):
                if versions > 1:
                    count, begin = count + 1, begin or name
                if not versions and unlisted is None and _is_unlisted(place, name):
                    unlisted = name
            yield name
        yield from planted
        if unlisted is not None:
            text = f"{where} does not list every version that it keeps: what a destroyed key may live on in is not seen"
            self._say("unknown", text, unlisted)
        if count:
            text = f"{where} keeps older versions of {count} objects: a destroyed key may live on in one"
            self._say("unexpected", text, begin)

    def _check_versions(self, archive: ObjectReader, name: str, versions: Sequence[ObjectVersion]) -> None:
        if name.startswith(layout.PROBES) or (len(versions) == 1 and not versions[0].removed):
            return
        kept = [version for version in versions if not version.removed]
        if len(kept) < len(versions):
            left = "what it hides is still there" if kept else "no version is left under it"
            self._say("unexpected", f"somebody put a delete marker over it; {left}", name)
        digest = _DIGEST.search(name)
        if len(kept) < 2:
            return
        others = sum(not self._bears(archive, version, digest[0] if digest else "") for version in kept)
        if others:
            self._say("unexpected", f"{others} of its {len(kept)} versions hold other bytes", name)
        else:
            self._say("duplicate", f"the same bytes are stored {len(kept)} times", name)

    def _bears(self, archive: ObjectReader, version: ObjectVersion, digest: str) -> bool:
        try:
            data = archive.get(version.name, limit=MAX_SEGMENT, version=version.version)
        except (FormatError, NotFound):
            return False
        return sha256(data).hexdigest() == digest

    def _stray_segment(self, first: int, digest: str, logged: bool, marked: bool) -> None:
        name = layout.segment(first, digest)
        if logged:
            self._say(
                "duplicate", "written by a writer that lost the race; it was never committed", name, first
            )
        elif not marked and first != self.reader.state.size:
            self._say("unexpected", "a segment that no marker names", name, first)
        elif (problem := self._stranger(name, first, digest)) is not None:
            self._say(
                "duplicate", f"planted beside the ledger, which it does not touch: {problem}", name, first
            )
        elif marked:
            self._say(
                "duplicate", "written by a writer that lost the race; it was never committed", name, first
            )
        else:
            self._say("duplicate", "written and not committed; the next writer rolls it forward", name, first)

    def _stranger(self, name: str, first: int, digest: str) -> str | None:
        try:
            data = self.reader.places.archive.get(name, limit=MAX_SEGMENT)
        except (FormatError, NotFound):
            return _NO_SEGMENT
        return none_of_ours(self.reader.state, data, first, digest)


def _is_unlisted(place: ObjectReader, name: str) -> bool:
    """Say whether a name is there and no version of it is listed; writers are at work between two listings."""
    return all(one.name != name for one in place.versions(name)) and name in place.names(name)


def none_of_ours(state: LedgerState, data: bytes, first: int, digest: str) -> str | None:
    """Say why no writer of an archive can have written a segment; None if one did.

    Args:
        state: with the keys that count for it.
        data: its bytes.
        first, digest: as its name says.
    """
    try:
        segment = Segment(data)
    except FormatError:
        return _NO_SEGMENT
    header = segment.header
    if sha256(data).hexdigest() != digest or header.first != first:
        return "a segment that does not bear out its name"
    if header.origin != state.origin:
        return f"a segment of another archive, {header.origin}"
    key = state.keys.writer(header.writer, first)
    if key is None or not verify(segment.note, writer_name(header.origin, header.writer), key.public):
        return "a segment that no registered writer signed"
    return None


def demand_nothing_in(store: ObjectReader, where: str) -> None:
    """Refuse a place in which something lies but what tests left; ``where``: what it is called.

    Raises:
        UsageError: there is something, perhaps another archive.
        PlaceGone: there is no such place.
    """
    found = next((name for name in store.names("") if not name.startswith(layout.PROBES)), None)
    if found is not None:
        raise UsageError(
            f"{where} is not empty: {found} lies there, perhaps another archive's. An archive is founded in "
            "empty places only; name others"
        )
