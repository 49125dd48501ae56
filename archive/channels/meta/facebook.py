"""Facebook and Messenger: which file is what."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from archive.channels.export import ExportReader, Made, Run, Taker
from archive.channels.meta.labels import holds_communication, is_labelled, read_labelled
from archive.channels.meta.layout import html_answer, html_likeness, is_data_file, is_media, network
from archive.channels.meta.posts import entry, picture, wall
from archive.channels.meta.strings import decode
from archive.channels.meta.threads import Threads, is_thread_file
from archive.ports import Confidence, Facts, ReadOptions
from archive.reading.json_fields import Fields
from archive.reading.json_walk import Path, Value
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Reading
from schemas.item import Raw

_LISTS = (
    "reactions_v2",
    "comments_v2",
    "group_posts_v2",
    "group_comments_v2",
    "status_updates",
    "wall_posts_v2",
)


def _is_entry_file(shape: Shape) -> bool:
    if shape.has("/*/timestamp") and (shape.has("/*/data") or shape.has("/*/attachments")):
        return True
    return shape.has("/timestamp", "/data") or any(shape.has(f"/{name}/*/timestamp") for name in _LISTS)


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._threads = Threads(self)

    def decode(self, data: bytes) -> object:
        return decode(data)

    def completeness(self) -> Completeness:
        """Also what the numbers of the files of a thread say."""
        told = super().completeness()
        return replace(told, claims=(*told.claims, *self._threads.claims()))

    def taker(self, member: Member) -> Taker | str | None:
        if not is_data_file(self.tree, member):
            return None
        shape = shapes(self.tree).of(member)
        if shape.kind == "html":
            return lambda m: html_answer(self.tree, m, shape)
        if is_thread_file(shape):
            return self._threads.read
        if holds_communication(member, shape):
            return lambda m: read_labelled(self, m)
        if _is_entry_file(shape):
            return self._entries
        if shape.has("/photos/*/uri") or shape.has("/videos/*/uri"):
            return self._pictures
        if shape.hollow and not self.tree.single:
            return self._entries  # broken from the start: it fails, and says so
        return None if is_media(member) else "not conversation, post, comment or reaction"

    def _entries(self, member: Member) -> Iterator[Reading]:
        name = member.folder.rstrip("/").rpartition("/")[2] or "posts"
        scene, described = wall(self, name)
        waiting = [described]

        def make(_: Value, fields: Fields, raw: Raw, made: Made) -> None:
            entry(self, scene, member, fields, raw, made)
            made.threads.extend(thread.model_copy(update={"raw": raw}) for thread in waiting)
            waiting.clear()

        def is_unit(path: Path) -> bool:
            if len(path) == 1 and isinstance(path[0], int):
                return True
            return len(path) == 2 and path[0] in _LISTS

        single = shapes(self.tree).of(member).has("/timestamp", "/data")
        yield from self.json_units(member, (lambda path: not path) if single else is_unit, make)

    def _pictures(self, member: Member) -> Iterator[Reading]:
        scene, described = wall(self, "photos")
        waiting = [described]

        def make(_: Value, fields: Fields, raw: Raw, made: Made) -> None:
            picture(self, scene, member, fields, raw, made)
            made.threads.extend(thread.model_copy(update={"raw": raw}) for thread in waiting)
            waiting.clear()

        yield from self.json_units(
            member,
            lambda path: len(path) == 2 and path[0] in ("photos", "videos"),
            make,
            enter=lambda path: len(path) < 2,
        )


class FacebookExport(ExportReader):
    """Reads the download of a Facebook account or page, Messenger with it."""

    name: ClassVar[str] = "facebook"
    parser: ClassVar[str] = "facebook-export/2"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Facebook and Messenger",
        layouts=(
            "JSON: messages/",
            "your_facebook_activity/, your_activity_across_facebook/",
            "end-to-end encrypted Messenger download",
            "labelled lists since 2025 (after documentation)",
            "HTML: kept and answered, not read",
        ),
        ask_for="Accounts Center: download your information, format JSON; Messenger: secure storage, download data",
        edits="last state of posts, with time",
        deletions="unsent messages are marked",
        receipts="no",
        direct="yes",
        claim="last_state",
        tested="real files",
        left_out=(
            "everything but conversations, posts, comments, reactions (autofill, address books, log-ins)",
        ),
    )

    def detect(self, tree: Tree) -> Confidence:
        """By the outlines of its files, and by what tells it from Instagram, which writes alike."""
        return network(tree, "facebook", self.likeness)

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """How surely one file is of a download of Meta, and of this network."""
        if shape.kind == "html":
            return html_likeness(shape)
        if shape.has("/messages/*/senderName", "/threadName") or shape.has("/participants", "/threadName"):
            return 95, "conversations of the encrypted Messenger download"
        if is_thread_file(shape):
            return 75, "messages with sender_name and timestamp_ms"
        if shape.has("/*/data/*/post") or shape.has("/*/attachments/*/data/*/media/uri"):
            return 90, "posts as Facebook writes them"
        if any(shape.has(f"/{name}/*/timestamp") for name in _LISTS):
            return 92, "comments or reactions as Facebook writes them"
        if shape.has("/photos/*/uri", "/photos/*/creation_timestamp"):
            return 70, "an album as Facebook writes it"
        if is_labelled(shape):
            return 65, "labelled lists as Meta writes them"
        return 0, ""
