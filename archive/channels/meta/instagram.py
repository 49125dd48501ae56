"""Instagram: flat files of 2020, folders since 2022, ``your_instagram_activity`` since 2024."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.channels.meta.labels import holds_communication, is_labelled, read_labelled
from archive.channels.meta.layout import html_answer, html_likeness, is_data_file, is_media, network
from archive.channels.meta.posts import entry, picture, wall, words_of
from archive.channels.meta.strings import decode
from archive.channels.meta.threads import Threads, attached, is_thread_file
from archive.ports import Confidence, Facts, ReadOptions
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_count, from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Reading
from schemas.item import Attachment, Event, Raw, Reaction, Target

_FLAT_COMMENTS = ("media_comments", "live_comments")
_FLAT_REACTIONS = (
    "media_likes",
    "comment_likes",
    "polls",
    "emoji_sliders",
    "quizzes",
    "questions",
    "countdowns",
)
_FLAT_MEDIA = ("stories", "photos", "videos", "profile", "direct")
_VOTES = ("poll", "quiz", "question")


def _entry_of_list(path: Path) -> bool:
    return 1 <= len(path) <= 2 and isinstance(path[-1], int)


def _flat_list(path: Path) -> bool:
    return len(path) == 2 and path[0] in (*_FLAT_COMMENTS, *_FLAT_REACTIONS)


_KINDS: tuple[tuple[str, Callable[[Shape], bool], str, Callable[[Path], bool]], ...] = (
    ("comments", lambda s: any("/string_map_data" in path for path in s.paths), "_comment", _entry_of_list),
    ("likes", lambda s: any("/string_list_data" in path for path in s.paths), "_liked", _entry_of_list),
    ("posts", lambda s: s.has("/media/*/uri", "/creation_timestamp"), "_post", lambda path: not path),
    ("posts", lambda s: any(path.endswith("/media/*/uri") for path in s.paths), "_post", _entry_of_list),
    (
        "stories",
        lambda s: any(re.fullmatch(r"/\w+/\*/uri", path) for path in s.paths),
        "_picture",
        _entry_of_list,
    ),
    ("media", lambda s: any(s.has(f"/{n}/*/taken_at") for n in _FLAT_MEDIA), "_picture", _entry_of_list),
    (
        "comments",
        lambda s: any(s.has(f"/{n}/*/*") for n in (*_FLAT_COMMENTS, *_FLAT_REACTIONS)),
        "_flat",
        _flat_list,
    ),
)
"""Thread, outline, method, unit: the first outline that fits."""


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
        if "secret_conversations" in member.name:
            return "devices and reports of encrypted chats, no messages"
        if is_thread_file(shape):
            return self._threads.read
        if holds_communication(member, shape):
            return lambda m: read_labelled(self, m)
        for name, looks_so, one, is_unit in _KINDS:
            if looks_so(shape):
                return self._lists(name, getattr(self, one), is_unit)
        if shape.has("/*/conversation/*/sender"):
            return self._flat_threads
        if shape.hollow and not self.tree.single:
            return self._threads.read  # broken from the start: it fails, and says so
        return None if is_media(member) else "not conversation, post, comment or reaction"

    def _lists(self, name: str, one: Callable[..., None], is_unit: Callable[[Path], Any]) -> Taker:
        """Reads the entries of a file with ``one``, in the thread ``name``."""

        def take(member: Member) -> Iterator[Reading]:
            scene, described = wall(self, name)
            waiting = [described]

            def make(value: Value, fields: Fields, raw: Raw, made: Made) -> None:
                one(scene, member, fields, raw, made, str(value.path[0]) if value.path else "")
                made.threads.extend(thread.model_copy(update={"raw": raw}) for thread in waiting)
                waiting.clear()

            yield from self.json_units(member, lambda path: bool(is_unit(path)), make)

        return take

    def _post(self, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made, _: str) -> None:
        if "creation_timestamp" not in f and f.objects("media"):
            first = f.objects("media")[0].number("creation_timestamp")
            f.data["creation_timestamp"] = first
        entry(self, scene, member, f, raw, made)

    def _picture(self, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made, _: str) -> None:
        picture(self, scene, member, f, raw, made)

    def _comment(self, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made, _: str) -> None:
        """Labelled values: the one with a time, then the comment, then whose medium it is at."""
        labels = f.object("string_map_data") or Fields({})
        values = [Fields(value) for value in labels.data.values() if isinstance(value, dict)]
        counted = next((n for value in values if (n := value.number("timestamp"))), None)
        time = from_count(counted, 1) if counted else None
        if time is None:
            raise NotUnderstood("a comment without a time")
        said = list(words_of(values))
        media = [
            attached(self, member, one, made, None) for one in f.objects("media_list_data") if one.text("uri")
        ]
        item = scene.item(
            raw,
            scene.derived(time.written, *said),
            form="comment",
            author=scene.person(self.options.mine),
            time=time,
            text=said[0] if said else None,
            targets=(Target(relation="of", excerpt=said[1] if len(said) > 1 else None, present="no"),),
            attachments=tuple(media),
            extra=(*((f"label {at}", value) for at, value in enumerate(said[1:], 1)), *made.told(f, "title")),
        )
        made.items.append(item)

    def _liked(self, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made, kind: str) -> None:  # noqa: ARG002
        """A like, a vote at a story: whose, where, when."""
        title = f.text("title")
        event: Event = "voted" if any(word in kind for word in _VOTES) else "reacted"
        entries = f.objects("string_list_data")
        if not entries:
            raise NotUnderstood("a list of nothing")
        for one in entries:
            counted, url, value = one.number("timestamp"), one.text("href"), one.text("value")
            time = from_count(counted, 1) if counted is not None else None
            made.items.append(
                scene.item(
                    raw,
                    scene.derived(time.written if time else None, kind, title, url),
                    event=event,
                    form="post",
                    author=scene.person(self.options.mine),
                    time=time,
                    targets=(Target(relation="of", written_id=url, excerpt=title, present="no"),),
                    reactions=(Reaction(value=value),) if value else (),
                    extra=(("list", kind), *one.rest()),
                )
            )
        made.items[0] = made.items[0].model_copy(update={"extra": (*made.items[0].extra, *made.told(f))})

    def _flat(self, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made, kind: str) -> None:  # noqa: ARG002
        """A list of 2020: time, then the words of a comment, then whose medium."""
        cells = f.array("")
        if len(cells) < 2 or not all(isinstance(cell, str) for cell in cells):
            raise NotUnderstood("not a list of texts")
        time = from_iso(cells[0])
        comment = kind in _FLAT_COMMENTS
        if time is None:
            raise NotUnderstood("no time in the first place")
        said = cells[1] if comment else None
        event: Event = "posted" if comment else "voted" if kind in ("polls", "quizzes") else "reacted"
        made.items.append(
            scene.item(
                raw,
                scene.derived(kind, *cells),
                event=event,
                form="comment" if comment else "post",
                author=scene.person(self.options.mine),
                time=time,
                text=said,
                targets=(Target(relation="of", excerpt=cells[-1], present="no"),),
                extra=(("list", kind), *((f"cell {at}", cell) for at, cell in enumerate(cells[1:], 1))),
            )
        )

    def _flat_threads(self, member: Member) -> Iterator[Reading]:
        scenes: dict[Path, Scene] = {}
        people: dict[Path, list[str]] = {}

        def scalar(path: Path, value: Any) -> None:
            if len(path) == 3 and path[1] == "participants":
                people.setdefault(path[:1], []).append(str(value))

        def make(value: Value, f: Fields, raw: Raw, made: Made) -> None:
            place = value.path[:1]
            if place not in scenes:
                who = people.get(place, [])
                scenes[place] = self.scene("|".join(sorted(who)) or str(place[0]), derived=True)
                scenes[place].scope, scenes[place].visibility = (
                    scenes[place].thread.id,
                    "group" if len(who) > 2 else "direct",
                )
            self._flat_message(scenes[place], member, f, raw, made)

        yield from self.json_units(
            member, lambda p: len(p) == 3 and p[1] == "conversation", make, scalar=scalar
        )

    def _flat_message(self, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        written = f.text("created_at")
        time = from_iso(written) if written else None
        sender, text = f.text("sender"), f.text("text")
        if time is None:
            raise NotUnderstood("a message without a time")
        shared = f.text("media_share_url", "story_share", "profile_share_username")
        attachments: list[Attachment] = []
        if media := f.text("media", "animated_media_images", "voice_media"):
            attachments.append(attached(self, member, Fields({"uri": media}), made, None))
        item = scene.item(
            raw,
            scene.derived(time.written, sender, text),
            event="called" if f.text("video_chat_action") else "posted",
            author=scene.person(sender),
            time=time,
            text="\n".join(part for part in (text, f.text("media_share_caption"), f.text("action")) if part)
            or None,
            targets=(Target(relation="share", written_id=shared),) if shared else (),
            attachments=tuple(attachments),
            extra=made.told(f, "heart", "likes", "link", "media_owner", "video_chat_title"),
        )
        made.items.append(item)


class InstagramExport(ExportReader):
    """Reads the download of an Instagram account."""

    name: ClassVar[str] = "instagram"
    parser: ClassVar[str] = "instagram-export/2"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Instagram",
        layouts=(
            "JSON: flat files of 2020",
            "folders of 2022",
            "your_instagram_activity/ since 2024",
            "labelled lists since 2025 (after documentation)",
            "HTML: kept and answered, not read",
        ),
        ask_for="Accounts Center: download your information, format JSON",
        edits="no",
        deletions="unsent messages are absent",
        receipts="no",
        direct="yes",
        claim="last_state",
        tested="real files",
        left_out=("everything but conversations, posts, comments, reactions (log-ins, contacts)",),
    )

    def detect(self, tree: Tree) -> Confidence:
        """By the outlines of its files, and by what tells it from Facebook, which writes alike."""
        return network(tree, "instagram", self.likeness)

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """How surely one file is of a download of Meta, and of this network."""
        if shape.kind == "html":
            return html_likeness(shape)
        if is_thread_file(shape) and not shape.has("/threadName"):
            return 75, "messages with sender_name and timestamp_ms"
        if any(
            "/string_map_data/" in path or "/string_list_data/*/timestamp" in path for path in shape.paths
        ):
            return 90, "labelled values as Instagram writes them"
        if shape.has("/*/conversation/*/sender", "/*/conversation/*/created_at"):
            return 92, "conversations as Instagram wrote them in 2020"
        if any(shape.has(f"/{name}/*/taken_at") for name in _FLAT_MEDIA):
            return 90, "media as Instagram wrote them in 2020"
        if any(shape.has(f"/{name}/*/*") for name in ("media_comments", "media_likes", "emoji_sliders")):
            return 90, "comments and likes as Instagram wrote them in 2020"
        if any(path.endswith("/media/*/creation_timestamp") for path in shape.paths):
            return 85, "posts as Instagram writes them"
        if is_labelled(shape):
            return 65, "labelled lists as Meta writes them"
        return (85, "stories as Instagram writes them") if shape.has("/ig_stories/*/uri") else (0, "")
