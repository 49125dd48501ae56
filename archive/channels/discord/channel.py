"""The channel: exported channels and data packages."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from archive.channels.discord.owner import LEFT_OUT, account_of, all_but_names, names_owner, the_owner
from archive.channels.discord.parts import (
    actor_of,
    is_channel_file,
    is_package_csv,
    is_package_json,
    poll_words,
    reactions_of,
    time_of,
    words_of,
)
from archive.channels.export import ExportReader, Made, Run, Scene, Taker, look
from archive.ports import Facts, ReadOptions
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.private import Private
from archive.reading.rows import Cells
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Reading
from schemas.capture import Claim
from schemas.item import (
    Attachment,
    Edited,
    Event,
    Key,
    Raw,
    Recipient,
    Target,
    Thread,
)

_EVENTS: dict[str, Event] = {
    "RecipientAdd": "joined",
    "RecipientRemove": "left",
    "Call": "called",
    "ChannelNameChange": "renamed",
    "ChannelPinnedMessage": "pinned",
    "GuildMemberJoin": "joined",
    "UserJoin": "joined",
}
_POSTED = (
    "Default",
    "Reply",
    "0",
    "19",
    "ApplicationCommand",
    "ContextMenuCommand",
    "ThreadStarterMessage",
    "20",
    "21",
    "23",
)


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._channels: dict[str, dict[str, Any]] = {}
        self._expected: dict[str, int] = {}
        self._units: dict[str, int] = {}
        self._in_package = not tree.single and any(
            member.name == "channel.json" or names_owner(member) for member in tree.files()
        )
        for member in tree.files():
            if member.name == "channel.json":
                self._channels[member.folder] = look(
                    member, lambda path: path == ("recipients",), enter=lambda _: True
                )
            elif names_owner(member) and not options.mine:
                ident = account_of(member).get("id")
                if ident:
                    self.via = Key(channel=self.channel, scope="", id=ident)

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if is_channel_file(shape):
            return self._channel_file
        if is_package_json(shape):
            return self._package
        if is_package_csv(shape):
            return self._package_rows
        if member.name == "channel.json":
            return lambda m: self._described(m)
        if names_owner(member):
            return lambda m: the_owner(m, self.via)
        if shape.kind in ("json", "lines", "text") and member.name.lower().endswith((".json", ".csv")):
            return LEFT_OUT if self._in_package else None
        return None

    def completeness(self) -> Completeness:
        """The count at the end of each channel file against the messages in it."""
        for path, expected in self._expected.items():
            self.claims.append(
                Claim(
                    scope=path or self.tree.name,
                    kind="exact",
                    expected=expected,
                    found=self._units.get(path, 0),
                )
            )
        return super().completeness()

    def _channel_file(self, member: Member) -> Iterator[Reading]:
        told: dict[str, Any] = {}
        scenes: list[Scene] = []

        def scalar(path: Path, value: Any) -> None:
            if path == ("messageCount",):
                self._expected[member.path] = int(value)
            elif path[0] in ("guild", "channel"):
                told["/".join(map(str, path))] = value

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            if not scenes:
                scenes.append(self._channel_scene(told, raw, made))
            self._message(scenes[0], member, f, raw, made)

        for reading in self.json_units(
            member, lambda p: len(p) == 2 and p[0] == "messages", make, scalar=scalar
        ):
            self._units[member.path] = self._units.get(member.path, 0) + 1
            yield reading

    def _channel_scene(self, told: dict[str, Any], raw: Raw, made: Made) -> Scene:
        ident, name, kind = told.get("channel/id"), told.get("channel/name"), str(told.get("channel/type"))
        direct = "Direct" in kind
        scene = self.scene(
            str(ident or self.tree.name), derived=not ident, visibility="direct" if direct else "group"
        )
        guild = told.get("guild/id")
        sort: Any = "chat" if direct else "channel"
        made.threads.append(
            Thread(
                key=scene.thread,
                via=self.via,
                kind=sort,
                title=str(name) if name else None,
                parent=scene.account(str(guild)) if guild not in (None, "0") else None,
                visibility=scene.visibility,
                raw=raw,
            )
        )
        return scene

    def _message(self, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        ident, kind, time = f.id("id"), f.id("type") or "Default", time_of(f, "timestamp")
        if not ident or time is None:
            raise NotUnderstood("a message without id or time")
        event: Event = "posted" if kind in _POSTED else _EVENTS.get(kind, "notice")
        targets = []
        reference, forwarded = f.object("reference"), f.object("forwardedMessage")
        if reference is not None and (other := reference.id("messageId")):
            relation: Any = "of" if event == "pinned" else "forward" if forwarded else "reply"
            targets.append(Target(relation=relation, key=scene.key(other), written_id=other))
        parts = [one for one in (f, forwarded) if one]
        words = [word for one in parts for word in words_of(one)]
        poll = f.object("poll")
        if poll is not None:
            words += list(poll_words(poll))
        f.known("mentions", "inlineEmojis", "roleMentions")
        item = scene.item(
            raw,
            scene.key(ident),
            event=event,
            form="call" if event == "called" else "poll" if poll else "message",
            author=actor_of(scene, f.object("author")),
            recipients=tuple(
                Recipient(role="mentioned", actor=a)
                for m in f.objects("mentions")
                if (a := actor_of(scene, m))
            ),
            time=time,
            targets=tuple(targets),
            text="\n".join(words) or None,
            attachments=tuple(file for one in parts for file in self._files(member, one, made)),
            reactions=reactions_of(scene, f),
            edited=Edited(time=edited) if (edited := time_of(f, "timestampEdited")) else None,
            extra=(
                *((("type", kind),) if event == "notice" else ()),
                *made.told(
                    f, "isPinned", "callEndedTimestamp", "interaction", "poll", "embeds", "forwardedMessage"
                ),
            ),
        )
        made.items.append(item)

    def _files(self, member: Member, f: Fields, made: Made) -> Iterator[Attachment]:
        for one in f.objects("attachments"):
            url, name = one.text("url") or "", one.text("fileName")
            web = url.startswith("http")
            yield self.beside.attach(
                made.contents,
                None if web else url,
                member,
                name=name,
                reason="expired url" if web else "not in export",
                url=url.partition("?")[0] if web else None,
                length=one.number("fileSizeBytes"),
            )
        for one in f.objects("stickers"):
            url = one.text("sourceUrl") or ""
            web = url.startswith("http")
            yield self.beside.attach(
                made.contents,
                None if web else url,
                member,
                name=one.text("name"),
                role="sticker",
                url=url if web else None,
            )

    def _described(self, member: Member) -> Iterator[Reading]:
        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            ident, name, kind = f.id("id"), f.text("name"), f.text("type")
            if not ident:
                raise NotUnderstood("a channel without an id")
            scene = self.scene(ident)
            people = [scene.actor(str(one)) for one in f.array("recipients") if isinstance(one, str | int)]
            sort: Any = "chat" if f.array("recipients") else "channel"
            made.threads.append(
                Thread(
                    key=scene.thread,
                    via=self.via,
                    kind=sort,
                    title=name,
                    participants=tuple(a for a in people if a),
                    raw=raw,
                )
            )
            made.unknown |= f.unknown() - {"guild"}
            f.known(kind or "")

        yield from self.json_units(member, lambda path: not path, make)

    def _package_scene(self, member: Member) -> Scene:
        folder = member.folder.rstrip("/").rpartition("/")[2]
        told = self._channels.get(member.folder, {})
        ident = told.get("/id") or re.sub(r"^c", "", folder) or self.options.thread or self.tree.name
        return self.scene(
            str(ident), visibility="direct" if "/recipients" in told else "group", history="none"
        )

    def _package(self, member: Member) -> Iterator[Reading]:
        scene = self._package_scene(member)

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            names = {name.lower(): name for name in f.data}
            told = [f.id(names.get(n, n)) for n in ("id", "timestamp", "contents", "attachments")]
            self._own(scene, raw, made, told)
            made.items[-1] = made.items[-1].model_copy(
                update={"extra": (*made.items[-1].extra, *made.told(f))}
            )

        yield from self.json_units(member, lambda path: len(path) == 1, make)

    def _package_rows(self, member: Member) -> Iterator[Reading]:
        scene = self._package_scene(member)

        def make(cells: Cells, raw: Raw, made: Made) -> None:
            told = (cells.get("ID"), cells.get("Timestamp"), cells.get("Contents"), cells.get("Attachments"))
            self._own(scene, raw, made, told)
            made.items[-1] = made.items[-1].model_copy(
                update={"extra": (*made.items[-1].extra, *made.told(cells))}
            )

        yield from self.csv_units(member, make)

    def _own(self, scene: Scene, raw: Raw, made: Made, told: Sequence[str | None]) -> None:
        ident, written, text, files = told
        time = from_iso(written, "UTC", "by_spec") if written else None
        if not ident or time is None:
            raise NotUnderstood("a message without id or time")
        attachments = tuple(
            Attachment(
                name=url.partition("?")[0].rpartition("/")[2],
                state="missing",
                reason="expired url",
                url=url.partition("?")[0],
            )
            for url in (files or "").split()
        )
        author = scene.actor(None if self.via.derived else self.via.id, self.options.mine)
        made.items.append(
            scene.item(raw, scene.key(ident), author=author, time=time, text=text, attachments=attachments)
        )


class DiscordExport(ExportReader):
    """Reads files of DiscordChatExporter and data packages."""

    name: ClassVar[str] = "discord"
    parser: ClassVar[str] = "discord-export/2"
    run: ClassVar[type[Run]] = _Reading
    owner: ClassVar[str | None] = "*/user.json"
    facts: ClassVar[Facts] = Facts(
        title="Discord",
        layouts=("DiscordChatExporter JSON", "data package: messages.json, messages.csv before 2023"),
        ask_for="the channel through a bot of the server (DiscordChatExporter, JSON with media), or the data package",
        edits="last state, with time",
        deletions="absent",
        receipts="no",
        direct="yes; a package holds one's own messages only",
        claim="capped",
        tested="real files",
        left_out=("account, activity and settings of a data package",),
    )

    def private(self, tree: Tree) -> Iterator[Private]:
        """What is no message; of the file of the account everything but its names."""
        yield from super().private(tree)
        for member in tree.files():
            if names_owner(member) and (ranges := all_but_names(member)) != ():
                yield Private(member.path, LEFT_OUT, ranges)

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By guild, channel and messages, or the columns of a package."""
        if is_channel_file(shape):
            return 97, "guild, channel and messages as DiscordChatExporter writes them"
        if is_package_json(shape) or is_package_csv(shape):
            return 85, "messages with ID, Timestamp and Contents"
        return 0, ""
