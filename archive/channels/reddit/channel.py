"""The channel: rows of a data request and things of the interface as items."""

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from archive.channels.export import ExportReader, LeaveOut, Made, Run, Scene, Taker
from archive.channels.reddit.owner import FILE, all_but_the_name, nobodys_once, owner_of, the_owner
from archive.channels.reddit.requests import DataRequest, talk_of
from archive.channels.reddit.things import (
    PASSING,
    TOLD,
    is_gone,
    linked,
    more_words,
    passed_on,
    pictures,
    plain,
    removed,
)
from archive.ports import Facts, ReadOptions
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.private import Private, column_ranges
from archive.reading.rows import Cells
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_epoch
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Former, Reading
from schemas.capture import Gap
from schemas.item import Actor, Body, Edited, Event, Form, Key, Raw, Recipient, Target, Thread

_FILES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"id", "permalink", "date", "subreddit", "parent", "body"}), "comment"),
    (frozenset({"id", "permalink", "date", "subreddit", "title", "body"}), "post"),
    (frozenset({"id", "permalink", "date", "from", "to", "subject", "body"}), "message"),
    (frozenset({"message_id", "created_at", "username", "message"}), "chat"),
    (frozenset({"id", "permalink", "direction"}), "vote"),
    (frozenset({"post_id", "user_selection", "text"}), "choice"),
    (frozenset({"content_link", "award", "date"}), "award"),
    (frozenset({"content_link", "gilder_username", "date"}), "award"),
    (frozenset({"announcement_id", "sent_at", "subject", "body"}), "announcement"),
)
_KINDS: dict[str, Form] = {"t1": "comment", "t3": "post", "t4": "message"}
_EMPTY = ("null", "false", "[]", "{}", "", "0")
_LEFT_OUT: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"id", "title", "body", "kind"}), "drafts"),
    (frozenset({"scheduled_post_id"}), "drafts"),
    (frozenset({"id", "permalink", "date"}), "a list of what stands elsewhere with its words"),
)


def _file_kind(shape: Shape) -> str | None:
    if shape.kind != "text":
        return None
    return next((kind for columns, kind in _FILES if columns <= set(shape.header)), None)


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._scenes: dict[str, Scene] = {}
        self._owner = None if options.mine else owner_of(tree)
        if self._owner is not None:
            self.via = Key(channel=self.channel, scope="", id=self._owner, derived=True)
        self._unfetched: dict[str, int] = {}
        """Member → answers that its stubs stand for."""

    def completeness(self) -> Completeness:
        """Tell how many answers were not fetched."""
        for path, count in self._unfetched.items():
            name = path or self.tree.name
            self.gaps.append(Gap(via=self.via, reason=f"{name}: {count} answers were not fetched (stubs)"))
        return super().completeness()

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        kind = _file_kind(shape)
        if kind:
            return self._rows(kind)
        if _is_listing(shape):
            return self._things
        if member.name == FILE and self._owner is not None:
            make = partial(the_owner, via=self.via)
            return lambda m: self.csv_units(m, make)
        for columns, reason in _LEFT_OUT if shape.kind == "text" else ():
            if columns <= set(shape.header):
                return reason
        if shape.kind in ("text", "json") and not self.tree.single:
            return "saved, subscribed and settings, no words of the account"
        return None

    def _place(
        self, name: str, raw: Raw, made: Made, *, direct: bool = False, title: str | None = None
    ) -> Scene:
        if name not in self._scenes:
            self._scenes[name] = self.scene(name, visibility="direct" if direct else "public")
            kind: Any = "chat" if direct else "channel"
            made.threads.append(
                Thread(key=self._scenes[name].thread, via=self.via, kind=kind, title=title or name, raw=raw)
            )
        return self._scenes[name]

    def _rows(self, kind: str) -> Taker:
        rows = DataRequest(self._place, self.options.mine or self._owner)
        makers = {
            "chat": rows.chat,
            "vote": rows.vote,
            "choice": rows.choice,
            "announcement": rows.announcement,
            "award": rows.award,
        }
        one = makers.get(kind)

        def take(member: Member) -> Iterator[Reading]:
            def make(cells: Cells, raw: Raw, made: Made) -> None:
                cells.get("ip")
                if one is not None:
                    one(cells, raw, made)
                else:
                    rows.own(kind, cells, raw, made)
                if self._owner is not None:
                    nobodys_once(made)

            yield from self.csv_units(member, make)

        return take

    def _things(self, member: Member) -> Iterator[Reading]:
        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            self._thing(member, f, raw, made)

        lone = shapes(self.tree).of(member).has("/kind", "/data/name") and not shapes(self.tree).of(
            member
        ).has("/data/children")
        yield from self.json_units(member, (lambda path: not path) if lone else _is_thing, make)

    def _thing(self, member: Member, f: Fields, raw: Raw, made: Made) -> None:
        """A comment, post or message, and the answers below it."""
        kind = f.text("kind")
        data = f.object("data")
        if kind == "more" and data is not None:
            self._stub(member, data)
            raise LeaveOut("a stub: more answers that were not fetched")
        if kind not in _KINDS or data is None:
            raise NotUnderstood("a thing of a kind that says nothing")
        waiting = [(kind, data)]
        while waiting:
            kind, data = waiting.pop(0)
            made.items.append(self._one(kind, data, raw, made))
            answers = data.object("replies")
            for one in (answers.object("data") or Fields({})).objects("children") if answers else []:
                inner, below = one.object("data"), one.text("kind")
                if below == "more" and inner is not None:
                    self._stub(member, inner)
                elif below in _KINDS and inner is not None:
                    waiting.append((below, inner))

    def _stub(self, member: Member, data: Fields) -> None:
        """Count what a stub stands for; one that only says "go on reading" for at least one."""
        count = max(data.number("count") or 0, len(data.array("children")), 1)
        self._unfetched[member.path] = self._unfetched.get(member.path, 0) + count

    def _one(self, kind: str, data: Fields, raw: Raw, made: Made) -> Any:
        ident = data.text("name") or f"{kind}_{data.id('id')}"
        created, edited = data.id("created_utc", "created"), data.get("edited")
        time = from_epoch(str(created)) if created else None
        if time is None:
            raise NotUnderstood("a thing without a time")
        place, title = data.text("subreddit") or "unknown", None
        if kind == "t4":
            place, title = talk_of(ident, data.text("first_message_name")), plain(data.text("subject"))
        scene = self._place(place, raw, made, direct=kind == "t4", title=title)
        if kind == "t4":
            made.former[scene.key(ident)] = Former(
                scene.key(ident), thread=data.text("subreddit") or "messages"
            )
        author, text = data.text("author"), data.text("body", "selftext")
        parent, link, to = data.text("parent_id"), data.text("link_id"), data.text("dest")
        targets = [Target(relation="reply", key=scene.key(parent), written_id=parent)] if parent else []
        link = link or data.text("first_message_name")
        if link and link != parent:
            targets.append(Target(relation="root", key=scene.key(link), written_id=link))
        targets += passed_on(data, scene)
        files, shared = linked(data.text("url") if kind == "t3" else None, data.text("permalink"))
        if shared and not data.data.get("crosspost_parent"):
            targets.append(Target(relation="share", written_id=shared, present="no"))
        gone = is_gone(text)
        deleted = removed(text, data.text("removed_by_category"))
        changed = from_epoch(str(edited)) if edited and not isinstance(edited, bool) else None
        who = (
            Actor(written=author, state="deleted")
            if author == "[deleted]"
            else scene.actor(data.text("author_fullname"), author)
        )
        receiver = scene.person(to)
        event: Event = "deleted" if deleted else "posted"
        words = [None if gone else text, *more_words(data), shared]
        attached = (*files, *pictures(data))
        data.known(*PASSING, "replies", "first_message", "crosspost_parent_list")
        return scene.item(
            raw,
            scene.key(ident),
            event=event,
            form="poll" if data.data.get("poll_data") else _KINDS[kind],
            author=who,
            recipients=(Recipient(role="to", actor=receiver),) if receiver else (),
            time=time,
            targets=tuple(targets),
            title=plain(data.text("title", "subject")),
            text=plain("\n".join(part for part in words if part)) or None,
            body=Body(type="text/markdown", content=text) if text and not gone else None,
            attachments=attached,
            deleted=deleted,
            edited=Edited(time=changed) if edited else None,
            extra=_told(data, made),
        )


def _told(data: Fields, made: Made) -> tuple[tuple[str, str], ...]:
    """Known fields and new ones; empty ones of the hundred that a thing has are no news."""
    told = [(name, value) for name, value in (*data.tell(*TOLD), *data.rest()) if value not in _EMPTY]
    made.unknown |= {name for name, _ in told} & data.unknown()
    return tuple(told)


def _is_thing(path: Path) -> bool:
    return len(path) >= 2 and isinstance(path[-1], int) and path[-2] in ("children", "things")


def _is_listing(shape: Shape) -> bool:
    return (
        shape.kind == "json"
        and shape.ends("/data/name", "/kind")
        and (
            any(
                path.endswith(("/children/*/data/body", "/children/*/data/author", "/things/*/data/body"))
                for path in shape.paths
            )
            or shape.has("/kind", "/data/author")
        )
    )


class RedditExport(ExportReader):
    """Reads data requests and listings of the interface."""

    name: ClassVar[str] = "reddit"
    parser: ClassVar[str] = "reddit-export/4"
    run: ClassVar[type[Run]] = _Reading
    owner: ClassVar[str | None] = FILE
    facts: ClassVar[Facts] = Facts(
        title="Reddit",
        layouts=("data request: comments, posts, messages, chat", "listings of the interface"),
        ask_for="reddit.com/settings/data-request",
        edits="last state, with time, from the interface",
        deletions="[deleted] and [removed]",
        receipts="no",
        direct="yes",
        claim="gaps_by_design",
        tested="real files",
        left_out=("IP addresses, drafts; saved, subscribed, settings",),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the columns, or kind and data."""
        if _is_listing(shape):
            return 92, "a listing of things with kind and data"
        kind = _file_kind(shape)
        return ({"vote": 50}.get(kind, 90), f"columns of Reddit's {kind}s") if kind else (0, "")

    def private(self, tree: Tree) -> Iterator[Private]:
        """The column of IP addresses, and what is told of the account besides its name."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if member.name == FILE and (ranges := all_but_the_name(member)):
                yield Private(member.path, "settings of the account", ranges)
            if _file_kind(shape) and (ranges := column_ranges(member, lambda name: name == "ip")):
                yield Private(member.path, "IP addresses", ranges)
