"""The bytes of a run: files as received, attachments, and of files that are not kept whole what was read of them and
what could not be read."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Literal

from archive.errors import ArchiveError, UnreadableInput
from archive.ports import ReadOptions
from archive.reading.disk import open_file
from archive.reading.private import Range, within
from archive.reading.tree import Member, Tree, printable
from archive.reading.units import Content, MemberProblem, UnitFailed
from archive.services.ingest.batch import Candidate, candidate_of
from archive.services.ingest.contents import Measured, measure
from archive.services.ingest.copies import ZIP, copy_of, digest_of
from archive.services.ingest.seen import Seen
from schemas.capture import Capture
from schemas.item import Attachment, Item, Raw

FAILED_CAP = 64 << 20
"""Bytes of a unit that could not be read and is kept as a slice."""
COPIES_A_STEP = 8 << 20
"""Bytes of files as read that wait together to be sealed."""


class Captures:
    """Captures what a run reads; new candidates go to ``add``.

    A file of which something private is masked or left out, or of which only a part was asked for, is kept as
    slices: each item carries its own bytes, the capture only the digest of the whole. Beside it lies a copy of the
    file as it was read, unless only a part was asked for.
    """

    def __init__(
        self,
        seen: Seen,
        tree: Tree,
        read: ReadOptions,
        add: Callable[[Candidate], None],
        *,
        received: str,
        tool: str,
        operator: str | None,
        loose: bool,
        partly: AbstractSet[Path] = frozenset(),
        judged: bool = False,
        origins: Mapping[str, str] | None = None,
        first: dict[str, Path] | None = None,
        standing: Mapping[Path, str] | None = None,
    ) -> None:
        """``partly``: files that are not kept whole. ``judged``: only a part was asked for, so none is.

        ``origins``: what a live source was asked, by the path of each answer. ``first``: the first file of each
        capture that the runs over this input met; more are added. ``standing``: files that are copies of captures
        which the archive has, by the captures' ids.
        """
        self._origins = origins
        self.files = {member.path: member for member in tree.members}
        self.masks = {member.path: member.masked for member in tree.members if member.masked}
        self._seen, self._tree, self._read, self._add = seen, tree, read, add
        self._received, self._tool, self._operator = received, tool, operator
        self._judged = judged
        self._partly = partly
        self._ids: dict[Path, str] = dict(standing or {})
        self._sliced: dict[Path, Capture] = {}
        self._first = {} if first is None else first
        self.twins: set[Path] = set()
        """Files with the bytes of another file of this input that was captured before them."""
        self.known: set[str | None] = set()
        """Captures that the archive had before this run."""
        self._method: Literal["loose", "export", "api"] = "export" if origins is None else "api"
        if loose:
            self._method = "loose"

    def of(self, member: str) -> str | None:
        """Capture the file in which a member lies, once, and give the capture's id; None if it is no file.

        Raises UnreadableInput if its bytes cannot be had.
        """
        file = self._tree.file_of(member)
        if file is None:
            return None
        if file not in self._ids:
            measured = measure(lambda: open_file(file))
            whole = file not in self._partly and not self._judged
            # Slices have an id of their own, so that the same file may still be kept whole one day.
            digest = measured.sha256 if whole else sha256(b"slices" + measured.sha256).digest()
            capture = Capture(
                id=self._seen.secret.capture_id(digest),
                source=self._read.source,
                method=self._method,
                origin=printable((self._origins or {}).get(member) or file.name),
                received=self._received,
                length=measured.length if whole else 0,
                sha256=measured.sha256.hex() if whole else sha256().hexdigest(),
                kept="whole" if whole else "slices",
                received_length=None if whole else measured.length,
                received_sha256=None if whole else measured.sha256.hex(),
                masked=() if whole else self._masked_of(file),
                operator=self._operator,
                tool=self._tool,
            )
            self._add(candidate_of(self._seen, capture, measured.open if whole else None))
            if self._seen.find(self._seen.secret.identity("capture", [capture.id])):
                self.known.add(capture.id)
            if self._first.setdefault(capture.id, file) != file:
                self.twins.add(file)
            self._ids[file] = capture.id
            if not whole:
                self._sliced[file] = capture
        return self._ids[file]

    def copies(self, read: Iterable[str], parser: str) -> Iterator[None]:
        """Keep of each file that is not kept whole a copy as it was read, with these members alone.

        What was added is to be sealed at each step: the copy of a zip is gone with the next one.
        """
        held = 0
        of_file: dict[Path, list[Member]] = {}
        for path in read:
            member = self.files.get(path)
            if member is not None and member.file in self._sliced and not self._judged:
                of_file.setdefault(member.file, []).append(member)
        for file, members in of_file.items():
            try:
                with copy_of(members) as opener:
                    copy = measure(opener)
                    self._keep(self._sliced[file], members, copy, parser)
                    held += copy.length
                    if members[0].inside or held > COPIES_A_STEP:
                        held = 0
                        yield
            except UnreadableInput:
                continue  # the members that broke off are counted as failed

    def _keep(self, file: Capture, members: Sequence[Member], copy: Measured, parser: str) -> None:
        digest = digest_of(bytes.fromhex(file.received_sha256 or ""), parser, members)
        capture = file.model_copy(
            update={
                "id": self._seen.secret.capture_id(digest),
                "media_type": ZIP if members[0].inside else None,
                "length": copy.length,
                "sha256": copy.sha256.hex(),
                "kept": "masked",
                "received_length": None,
                "received_sha256": None,
                "inside": file.id,
            }
        )
        self._add(candidate_of(self._seen, capture, copy.open))

    def raw(self, raw: Raw, member: str, capture: str | None) -> Raw:
        """Say in which capture a slice lies, and what of it is masked."""
        inside = self.files[member].inside if member in self.files else member
        update: dict[str, object] = {"capture": capture, "member": inside}
        masks = self.masks.get(member)
        if masks and raw.start is not None and raw.end is not None:
            update["masked"] = tuple(within(masks, raw.start, raw.end)) or None
        return raw.model_copy(update=update)

    def attachment(
        self, attachment: Attachment, contents: dict[str, Content], item: Item, container: str | None
    ) -> Attachment:
        """Capture the bytes of an attachment, and let it name them."""
        if attachment.state != "present" or attachment.locator is None:
            return attachment
        content = contents.get(attachment.locator)
        if content is None:
            raise ArchiveError(f"the reader {item.parser} named an attachment and gave no bytes")
        try:
            measured = measure(content.open)
        except (UnreadableInput, OSError) as error:
            return attachment.model_copy(
                update={"state": "missing", "reason": f"unreadable: {error}", "locator": None}
            )
        capture = Capture(
            id=self._seen.secret.capture_id(measured.sha256),
            source=self._read.source,
            via=item.via,
            method="attachment",
            origin=attachment.name or "",
            received=self._received,
            media_type=attachment.media_type,
            length=measured.length,
            sha256=measured.sha256.hex(),
            kept="whole",
            inside=container,
            member=content.member,
            operator=self._operator,
            tool=self._tool,
        )
        self._add(candidate_of(self._seen, capture, measured.open))
        return attachment.model_copy(
            update={
                "locator": None,
                "length": measured.length,
                "sha256": capture.sha256,
                "capture": capture.id,
            }
        )

    def failed(self, reading: UnitFailed | MemberProblem, container: str | None) -> None:
        """Keep what could not be read of a file that is not kept whole. Under an allow-list it cannot be
        judged and is not kept; nor is what nobody knows, beside private things."""
        member = self.files.get(reading.member)
        if member is None or self._judged or member.file not in self._partly:
            return
        if isinstance(reading, MemberProblem) and reading.foreign:
            return
        start = reading.start if isinstance(reading, UnitFailed) and reading.start is not None else 0
        end = reading.end if isinstance(reading, UnitFailed) and reading.end is not None else member.size
        if end <= start or end - start > FAILED_CAP:
            return
        try:
            measured = measure(lambda: _piece(member, start, end))
        except UnreadableInput:
            return
        capture = Capture(
            id=self._seen.secret.capture_id(measured.sha256),
            source=self._read.source,
            method=self._method,
            origin=f"unread bytes {start} to {end}",
            received=self._received,
            length=measured.length,
            sha256=measured.sha256.hex(),
            kept="whole",
            masked=tuple(within(self.masks.get(reading.member, ()), start, end)),
            inside=container,
            member=member.inside,
            operator=self._operator,
            tool=self._tool,
        )
        self._add(candidate_of(self._seen, capture, measured.open))

    def _masked_of(self, file: Path) -> tuple[Range, ...]:
        """Masked ranges of a file that is a member itself; those of members in a zip stand in their slices."""
        return next(
            (
                self.masks[m.path]
                for m in self.files.values()
                if m.file == file and not m.inside and m.path in self.masks
            ),
            (),
        )


def _piece(member: Member, start: int, end: int) -> BinaryIO:
    with member.open() as stream:
        stream.seek(start)
        return io.BytesIO(stream.read(end - start))
