"""Google Chat: ``Groups/…/messages.json`` of Google Takeout.

Authority: a public note on the schema, and files made after it. Times are words of a language with the zone
UTC. Deleted messages stay as stubs; older versions of a message may stand in it.
"""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker, look
from archive.ports import Facts
from archive.reading.decoding import matching
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Value
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_any_count, from_iso
from archive.reading.tree import Member
from archive.reading.units import Reading
from schemas.item import (
    Actor,
    Attachment,
    Deleted,
    Edited,
    Item,
    Key,
    Raw,
    Reaction,
    Recipient,
    Target,
    Thread,
    TimeStamp,
)

_ENGLISH = "January February March April May June July August September October November December".split()  # noqa: SIM905
_GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()  # noqa: SIM905
_EN = re.compile(r"\w+, (\w+) (\d{1,2}), (\d{4}) at (\d{1,2}):(\d{2}):(\d{2}) ?([AP]M) UTC", re.IGNORECASE)
_DE = re.compile(r"\w+, (\d{1,2})\. (\w+) (\d{4}) um (\d{1,2}):(\d{2}):(\d{2}) UTC")


def written_time(written: str) -> TimeStamp:
    """The instant of an English or German time; other languages keep what is written."""
    plain = re.sub(r"\s+", " ", matching(written)).strip()
    if (match := _EN.fullmatch(plain)) and match[1] in _ENGLISH:
        hour = int(match[4]) % 12 + (12 if match[7].upper() == "PM" else 0)
        parts = (match[3], _ENGLISH.index(match[1]) + 1, match[2], hour, match[5], match[6])
    elif (match := _DE.fullmatch(plain)) and match[2] in _GERMAN:
        parts = (match[3], _GERMAN.index(match[2]) + 1, match[1], int(match[4]), match[5], match[6])
    else:
        count = from_any_count(int(plain)) if re.fullmatch(r"\d{9,17}", plain) else None
        time = from_iso(plain) or count
        return time.model_copy(update={"written": written}) if time else TimeStamp(written=written)
    year, month, day, hour, minute, second = parts
    time = from_iso(f"{year}-{month:02}-{int(day):02}T{hour:02}:{minute}:{second}Z")
    return time.model_copy(update={"written": written}) if time else TimeStamp(written=written)


class _Reading(Run):
    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _is_messages(shape):
            return self._messages
        if shape.kind == "json" and member.name == "group_info.json":
            return self._group
        if shape.kind == "json" and not self.tree.single:
            return "account and memberships, no messages"
        return None

    def _thread(self, member: Member) -> Scene:
        folder = member.folder.rstrip("/").rpartition("/")[2]
        ident = re.sub(r"^(?:DM|Space|Group|Gruppe|Direktnachricht)\s+", "", folder)
        scene = self.scene(
            ident or self.options.thread or self.tree.name, derived=not ident, history="last_state"
        )
        scene.visibility = "direct" if folder.startswith(("DM", "Direkt")) else "group"
        return scene

    def _group(self, member: Member) -> Iterator[Reading]:
        scene = self._thread(member)

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            people = tuple(actor for one in f.objects("members") if (actor := _actor(scene, one)))
            kind: Any = "chat" if scene.visibility == "direct" else "group"
            title = f.text("name")
            made.threads.append(
                Thread(
                    key=scene.thread,
                    via=self.via,
                    kind=kind,
                    title=title,
                    participants=people,
                    visibility=scene.visibility,
                    raw=raw,
                )
            )
            made.unknown |= f.unknown()

        yield from self.json_units(member, lambda path: not path, make)

    def _messages(self, member: Member) -> Iterator[Reading]:
        scene = self._thread(member)
        beside = member.folder + "group_info.json"
        info = next(
            (look(m, lambda _: False, enter=lambda p: not p) for m in self.tree.files() if m.path == beside),
            None,
        )
        waiting = info is None

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            nonlocal waiting
            self._message(scene, member, f, raw, made)
            if waiting:
                kind: Any = "chat" if scene.visibility == "direct" else "group"
                made.threads.append(
                    Thread(key=scene.thread, via=self.via, kind=kind, title=scene.thread.id, raw=raw)
                )
                waiting = False

        yield from self.json_units(member, lambda path: len(path) == 2 and path[0] == "messages", make)

    def _message(self, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        written, ident, topic = f.text("created_date"), f.id("message_id"), f.id("topic_id")
        state = f.text("message_state")
        gone = state == "DELETED" or "deletion_metadata" in f or "deleted_date" in f
        if written is None and ident is None:
            raise NotUnderstood("neither id nor time")
        time = written_time(written) if written else None
        text = f.text("text")
        author = _actor(scene, f.object("creator"))
        key = scene.key(ident) if ident else scene.derived(written, author.written if author else None, text)
        versions = f.objects("previous_message_versions")
        updated = f.text("updated_date")
        item: Item = scene.item(
            raw,
            key,
            event="deleted" if gone else "edited" if versions else "posted",
            author=author,
            recipients=tuple(_mentioned(scene, f)),
            time=(written_time(updated) if updated and versions else time),
            targets=(*((_first(scene, key),) if versions else ()), *_targets(scene, f, key.id, topic)),
            text="\n".join(part for part in (text, *_links(f, text)) if part) or None,
            attachments=tuple(self._files(member, f, made)),
            reactions=_reactions(scene, f),
            edited=Edited(time=written_time(updated)) if updated else None,
            deleted=Deleted(by=_who(f)) if gone else None,
            history="full" if versions else "last_state",
            extra=made.told(f, "topic_id", "message_state", "deletion_metadata", "deleted_date"),
        )
        if versions:
            made.items += list(_versions(scene, item, versions, time, raw))
        made.items.append(item)

    def _files(self, member: Member, f: Fields, made: Made) -> Iterator[Attachment]:
        for one in f.objects("attached_files"):
            yield self.beside.attach(
                made.contents, one.text("export_name"), member, name=one.text("original_name")
            )


def _first(scene: Scene, message: Key) -> Target:
    """Give what every later version of a message is an edit of."""
    return Target(relation="of", key=scene.key(f"{message.id}/0"), present="yes")


def _versions(
    scene: Scene, last: Item, versions: list[Fields], time: TimeStamp | None, raw: Raw
) -> Iterator[Item]:
    """Earlier states, oldest first: the first is what was posted, each later one an edit of it."""
    for at, version in enumerate(versions):
        written = version.text("created_date", "updated_date")
        yield scene.item(
            raw,
            scene.key(f"{last.key.id}/{at}"),
            event="edited" if at else "posted",
            author=_actor(scene, version.object("creator")) or last.author,
            time=written_time(written) if written else time if not at else None,
            targets=(_first(scene, last.key),) if at else (),
            text=version.text("text"),
            history="full",
        )


def _who(f: Fields) -> Any:
    kind = (f.object("deletion_metadata") or Fields({})).text("deletion_type") or ""
    return "author" if "CREATOR" in kind else "admin" if "ADMIN" in kind or "OWNER" in kind else "unknown"


def _actor(scene: Scene, who: Fields | None) -> Actor | None:
    if who is None:
        return None
    address, name = who.text("email"), who.text("name")
    actor = scene.actor(address, name)
    return actor and actor.model_copy(update={"handle": address})


def _mentioned(scene: Scene, f: Fields) -> Iterator[Recipient]:
    for note in f.objects("annotations"):
        mention = note.object("user_mention_metadata")
        actor = _actor(scene, mention.object("user")) if mention else None
        if actor:
            yield Recipient(role="mentioned", actor=actor)


def _links(f: Fields, text: str | None) -> Iterator[str]:
    """Addresses, and titles of files of Drive, that stand only in the notes to the text."""
    for note in f.objects("annotations"):
        link, drive = note.object("url_metadata"), note.object("drive_metadata")
        if drive is not None and (title := drive.text("title")) and title not in (text or ""):
            yield title
        if link is None:
            continue
        wrapped = link.object("url") or Fields({})
        url = wrapped.text("private_do_not_access_or_else_safe_url_wrapped_value") or link.text("url")
        for part in (link.text("title"), url):
            if part and part not in (text or ""):
                yield part


def _targets(scene: Scene, f: Fields, ident: str, topic: str | None) -> Iterator[Target]:
    parts = ident.split("/")
    if topic and len(parts) == 3 and parts[2] != topic:
        yield Target(relation="root", key=scene.key(f"{parts[0]}/{topic}/{topic}"), written_id=topic)
    quoted = f.object("quoted_message_metadata")
    if quoted is not None:
        other = quoted.id("message_id")
        yield Target(
            relation="quote",
            key=scene.key(other) if other else None,
            written_id=other,
            excerpt=quoted.text("text"),
        )


def _reactions(scene: Scene, f: Fields) -> tuple[Reaction, ...]:
    found = []
    for one in f.objects("reactions"):
        emoji = one.object("emoji") or Fields({})
        value = emoji.text("unicode", "shortcode")
        people = tuple(
            a
            for address in one.array("reactor_emails")
            if isinstance(address, str) and (a := scene.actor(address))
        )
        if value:
            found.append(Reaction(value=value, count=len(people) or None, actors=people))
    return tuple(found)


def _is_messages(shape: Shape) -> bool:
    return (
        shape.kind == "json"
        and shape.has("/messages/*/created_date")
        and (
            shape.has("/messages/*/topic_id")
            or shape.has("/messages/*/message_id")
            or shape.has("/messages/*/creator")
        )
    )


class GoogleChatTakeout(ExportReader):
    """Reads the folder ``Google Chat`` of a Takeout."""

    name: ClassVar[str] = "google-chat"
    parser: ClassVar[str] = "google-chat-takeout/3"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Google Chat",
        layouts=("Takeout: Groups/…/messages.json and group_info.json",),
        ask_for="takeout.google.com: Google Chat; for a company: data export of the administration console",
        edits="earlier versions where they are given",
        deletions="stubs",
        receipts="no",
        direct="yes",
        claim="last_state",
        tested="documentation",
        left_out=("account and memberships",),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By messages with created_date, topic and creator."""
        return (96, "messages with created_date and topic_id") if _is_messages(shape) else (0, "")
