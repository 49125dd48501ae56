"""Reddit: the data request of an account (CSV), and things as the interface gives them (JSON).

Authority: the headers of real data requests; reddit.com/dev/api. A data request holds one's own words only;
whose removed texts are, no export tells.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from archive.channels.export import ExportReader, LeaveOut, Made, Run, Scene, Taker
from archive.errors import UnreadableInput
from archive.ports import Facts, ReadOptions
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.private import Private
from archive.reading.rows import Cells, read_rows
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_epoch, from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Reading
from schemas.item import Actor, Body, Deleted, Edited, Event, Form, Raw, Recipient, Target, Thread, TimeStamp

_FILES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"id", "permalink", "date", "subreddit", "parent", "body"}), "comment"),
    (frozenset({"id", "permalink", "date", "subreddit", "title", "body"}), "post"),
    (frozenset({"id", "permalink", "date", "from", "to", "subject", "body"}), "message"),
    (frozenset({"message_id", "created_at", "username", "message"}), "chat"),
    (frozenset({"id", "permalink", "direction"}), "vote"),
)
_KINDS: dict[str, Form] = {"t1": "comment", "t3": "post", "t4": "message"}
_PREFIX = {"comment": "t1_", "post": "t3_", "message": "t4_"}
_GONE = ("[deleted]", "[removed]")
_TOLD = (
    "score",
    "url",
    "permalink",
    "link_title",
    "distinguished",
    "stickied",
    "num_comments",
    "over_18",
    "flair",
    "gildings",
)


def _file_kind(shape: Shape) -> str | None:
    if shape.kind != "text":
        return None
    return next((kind for columns, kind in _FILES if columns <= set(shape.header)), None)


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._scenes: dict[str, Scene] = {}

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        kind = _file_kind(shape)
        if kind:
            return self._rows(kind)
        if _is_listing(shape):
            return self._things
        if shape.kind in ("text", "json") and not self.tree.single:
            return "saved, subscribed and settings, no words of the account"
        return None

    def _place(self, name: str, raw: Raw, made: Made, *, direct: bool = False) -> Scene:
        if name not in self._scenes:
            self._scenes[name] = self.scene(name, visibility="direct" if direct else "public")
            kind: Any = "chat" if direct else "channel"
            made.threads.append(
                Thread(key=self._scenes[name].thread, via=self.via, kind=kind, title=name, raw=raw)
            )
        return self._scenes[name]

    def _rows(self, kind: str) -> Taker:
        makers = {"chat": self._chat, "vote": self._vote}
        one = makers.get(kind)

        def take(member: Member) -> Iterator[Reading]:
            def make(cells: Cells, raw: Raw, made: Made) -> None:
                cells.get("ip")
                if one is not None:
                    one(cells, raw, made)
                else:
                    self._own(kind, cells, raw, made)

            yield from self.csv_units(member, make)

        return take

    def _own(self, kind: str, cells: Cells, raw: Raw, made: Made) -> None:
        ident, written, body = cells.get("id"), cells.get("date"), cells.get("body")
        if not ident or not written:
            raise NotUnderstood("a row without id or date")
        ident = ident if ident.startswith(("t1_", "t3_", "t4_")) else _PREFIX[kind] + ident
        scene = self._place(cells.get("subreddit") or "messages", raw, made, direct=kind == "message")
        parent, link, to = cells.get("parent"), cells.get("link"), cells.get("to")
        targets = []
        if kind == "comment":
            found = (
                (link or "").rstrip("/").split("/comments/")[-1].split("/")[0]
                if link and "/comments/" in link
                else None
            )
            if parent:
                other = parent if parent.startswith("t1_") else f"t1_{parent}"
                targets.append(Target(relation="reply", key=scene.key(other), written_id=parent))
            if found:
                targets.append(
                    Target(
                        relation="root" if parent else "reply", key=scene.key(f"t3_{found}"), written_id=found
                    )
                )
        receiver = scene.person(to)
        gone = body in _GONE
        form: Form = "message" if kind == "message" else "comment" if kind == "comment" else "post"
        made.items.append(
            scene.item(
                raw,
                scene.key(ident),
                event="deleted" if gone else "posted",
                form=form,
                author=scene.person(cells.get("from") or self.options.mine),
                recipients=(Recipient(role="to", actor=receiver),) if receiver else (),
                time=from_iso(written, "UTC", "by_spec") or TimeStamp(written=written),
                targets=tuple(targets),
                title=cells.get("title", "subject"),
                text=None if gone else body,
                body=Body(type="text/markdown", content=body) if body and not gone else None,
                deleted=Deleted(by="admin" if body == "[removed]" else "author") if gone else None,
                extra=made.told(cells, "permalink", "url", "media", "gildings", "thread_id"),
            )
        )

    def _chat(self, cells: Cells, raw: Raw, made: Made) -> None:
        ident, written, changed = cells.get("message_id"), cells.get("created_at"), cells.get("updated_at")
        if not ident or not written:
            raise NotUnderstood("a row without id or date")
        room = cells.get("channel_url", "conversation_type") or "chat"
        scene = self._place(room, raw, made, direct=True)
        edited = from_iso(changed, "UTC", "by_spec") if changed and changed != written else None
        parent = cells.get("thread_parent_message_id")
        made.items.append(
            scene.item(
                raw,
                scene.key(ident),
                author=scene.person(cells.get("username")),
                time=from_iso(written, "UTC", "by_spec") or TimeStamp(written=written),
                text=cells.get("message"),
                edited=Edited(time=edited) if edited else None,
                targets=(Target(relation="reply", key=scene.key(parent), written_id=parent),)
                if parent
                else (),
                extra=made.told(cells, "subreddit", "channel_name", "conversation_type"),
            )
        )

    def _vote(self, cells: Cells, raw: Raw, made: Made) -> None:
        ident, way = cells.get("id"), cells.get("direction")
        if not ident or not way:
            raise NotUnderstood("a vote for nothing")
        if way == "none":
            raise LeaveOut("a vote that was taken back")
        scene = self._place("votes", raw, made)
        target = Target(relation="of", written_id=ident, present="no")
        made.items.append(
            scene.item(
                raw,
                scene.key(f"vote/{ident}"),
                event="voted",
                form="post",
                targets=(target,),
                extra=(("direction", way), *made.told(cells, "permalink")),
            )
        )

    def _things(self, member: Member) -> Iterator[Reading]:
        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            self._thing(f, raw, made)

        lone = shapes(self.tree).of(member).has("/kind", "/data/name") and not shapes(self.tree).of(
            member
        ).has("/data/children")
        yield from self.json_units(member, (lambda path: not path) if lone else _is_thing, make)

    def _thing(self, f: Fields, raw: Raw, made: Made) -> None:
        """A comment, post or message, and the answers below it."""
        kind = f.text("kind")
        data = f.object("data")
        if kind == "more" and data is not None:
            raise LeaveOut("a stub: more answers that were not fetched")
        if kind not in _KINDS or data is None:
            raise NotUnderstood("a thing of a kind that says nothing")
        made.items.append(self._one(kind, data, raw, made))
        waiting = [data]
        while waiting:
            answers = waiting.pop().object("replies")
            below = (answers.object("data") or Fields({})).objects("children") if answers else []
            for one in below:
                inner = one.object("data")
                if one.text("kind") in _KINDS and inner is not None:
                    made.items.append(self._one(str(one.text("kind")), inner, raw, made))
                    waiting.append(inner)

    def _one(self, kind: str, data: Fields, raw: Raw, made: Made) -> Any:
        ident = data.text("name") or f"{kind}_{data.id('id')}"
        created, edited = data.id("created_utc", "created"), data.get("edited")
        time = from_epoch(str(created)) if created else None
        if time is None:
            raise NotUnderstood("a thing without a time")
        scene = self._place(data.text("subreddit") or "messages", raw, made, direct=kind == "t4")
        author, text = data.text("author"), data.text("body", "selftext")
        parent, link, to = data.text("parent_id"), data.text("link_id"), data.text("dest")
        targets = [Target(relation="reply", key=scene.key(parent), written_id=parent)] if parent else []
        if link and link != parent:
            targets.append(Target(relation="root", key=scene.key(link), written_id=link))
        gone = text in _GONE
        changed = from_epoch(str(edited)) if edited and not isinstance(edited, bool) else None
        who = (
            Actor(written=author, state="deleted")
            if author == "[deleted]"
            else scene.actor(data.text("author_fullname"), author)
        )
        receiver = scene.person(to)
        event: Event = "deleted" if gone else "posted"
        told = tuple(data.tell(*_TOLD))
        return scene.item(
            raw,
            scene.key(ident),
            event=event,
            form=_KINDS[kind],
            author=who,
            recipients=(Recipient(role="to", actor=receiver),) if receiver else (),
            time=time,
            targets=tuple(targets),
            title=data.text("title", "subject"),
            text=None if gone else text,
            body=Body(type="text/markdown", content=text) if text and not gone else None,
            deleted=Deleted(by="admin" if text == "[removed]" else "author") if gone else None,
            edited=Edited(time=changed) if edited else None,
            extra=told,
        )


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
    parser: ClassVar[str] = "reddit-export/2"
    run: ClassVar[type[Run]] = _Reading
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
        left_out=("IP addresses; saved, subscribed, settings",),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the columns, or kind and data."""
        if _is_listing(shape):
            return 92, "a listing of things with kind and data"
        kind = _file_kind(shape)
        return ({"vote": 50}.get(kind, 90), f"columns of Reddit's {kind}s") if kind else (0, "")

    def private(self, tree: Tree) -> Iterator[Private]:
        """The column of IP addresses."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if (
                _file_kind(shape)
                and "ip" in shape.header
                and (ranges := _addresses(member, shape.header.index("ip")))
            ):
                yield Private(member.path, "IP addresses", ranges)


def _addresses(member: Member, column: int) -> tuple[tuple[int, int], ...]:
    """Where the address stands in each row: behind ``column`` cells that never hold a quote or comma."""
    found = []
    try:
        with member.open() as stream:
            for row in read_rows(stream):
                if row.number and row.cells is not None and len(row.cells) > column and row.cells[column]:
                    place = row.data.find(row.cells[column].encode())
                    if place >= 0:
                        found.append((row.start + place, row.start + place + len(row.cells[column].encode())))
    except UnreadableInput:
        return tuple(found)
    return tuple(found)
