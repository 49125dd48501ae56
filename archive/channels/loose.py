"""Loose files: a screenshot, a PDF, the scan of a letter or fax, a voice note. A person says who, when, to
whom.

Never recognised by itself: whatever no other channel knows would be "loose". Each file is one item whose
one attachment is the file; what is written in it is for whoever extracts text later. The key is derived
from the bytes and from what was told, so the same file with another author is another item.
"""

import hashlib
from collections.abc import Iterator
from typing import ClassVar, Literal

from archive.channels.keys import derived_id
from archive.errors import UnreadableInput, UsageError
from archive.ports import Confidence, Facts, ReadOptions
from archive.reading.media_types import media_type_of
from archive.reading.private import Private
from archive.reading.times import from_person
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Content, MemberProblem, Reading, UnitRead, unknown_via
from schemas.capture import Claim
from schemas.item import Actor, Attachment, Item, Key, Raw, Recipient, TimeStamp

CHANNEL = "loose"
_CHUNK = 1 << 20


class LooseFiles:
    """Takes any file as it is."""

    name: ClassVar[str] = CHANNEL
    parser: ClassVar[str] = "loose/1"
    facts: ClassVar[Facts] = Facts(
        title="Loose files",
        layouts=("any file: screenshot, PDF, scan, voice note",),
        ask_for="nothing: a person says who, when, from whom",
        edits="no",
        deletions="no",
        receipts="no",
        direct="yes",
        claim="unknown",
        tested="real files",
        left_out=(),
    )

    def private(self, tree: Tree) -> Iterator[Private]:  # noqa: ARG002  (part of the port)
        """Nothing is left out of itself."""
        return iter(())

    def detect(self, tree: Tree) -> Confidence:  # noqa: ARG002  (part of the port)
        """Never: loose files are asked for by name."""
        return Confidence(0, "loose files are taken only when asked for by name")

    def read(self, tree: Tree, options: ReadOptions) -> Iterator[Reading]:
        """One item a file. Raises UsageError if the time that a person gave is none."""
        yield from tree.left_out
        time = _time(options)
        found = 0
        for member in tree.files():
            try:
                yield self._unit(tree, member, options, time)
                found += 1
            except UnreadableInput as error:
                yield MemberProblem(member.path, str(error))
        yield Completeness(claims=(Claim(scope=tree.name, kind="unknown", found=found),))

    def _unit(self, tree: Tree, member: Member, options: ReadOptions, time: TimeStamp | None) -> UnitRead:
        digest, length = _digest(member)
        title = options.origin.rpartition("/")[2] if tree.single and options.origin else member.name
        told = (options.author or "", options.when or "", *options.recipients)
        media_type = media_type_of(title)
        item = Item(
            key=Key(channel=CHANNEL, scope="", id=derived_id(CHANNEL, digest, *told), derived=True),
            event="posted",
            form="loose",
            via=_person(options.mine) if options.mine else unknown_via(CHANNEL),
            thread=Key(channel=CHANNEL, scope="", id=options.thread or CHANNEL, derived=True),
            parser=self.parser,
            author=_actor(options.author) if options.author else None,
            recipients=tuple(Recipient(role="to", actor=_actor(name)) for name in options.recipients),
            time=time,
            title=title,
            attachments=(
                Attachment(
                    name=title,
                    media_type=media_type,
                    state="present",
                    role=_role(media_type),
                    locator=member.path,
                    length=length,
                    sha256=digest,
                ),
            ),
            raw=Raw(member=member.path, pointer="the whole file, kept as the attachment", slice=b""),
        )
        content = Content(locator=member.path, open=member.open, member=member.path)
        return UnitRead(member.path, items=(item,), contents=(content,))


def _time(options: ReadOptions) -> TimeStamp | None:
    if options.when is None:
        return None
    time = from_person(options.when, options.timezone)
    if time is None:
        raise UsageError(
            f"not a time: {options.when!r}; write 2024-03-05, 2024-03-05 14:30 or 05.03.2024 14:30"
        )
    return time


def _person(name: str) -> Key:
    return Key(channel=CHANNEL, scope="", id=name.strip(), derived=True)


def _actor(name: str) -> Actor:
    return Actor(account=_person(name), written=name)


def _role(media_type: str | None) -> Literal["image", "video", "audio", "file"]:
    kind = (media_type or "").partition("/")[0]
    if kind == "image":
        return "image"
    if kind == "video":
        return "video"
    return "audio" if kind == "audio" else "file"


def _digest(member: Member) -> tuple[str, int]:
    digest = hashlib.sha256()
    length = 0
    with member.open() as stream:
        while block := stream.read(_CHUNK):
            digest.update(block)
            length += len(block)
    return digest.hexdigest(), length
