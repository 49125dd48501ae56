"""The channel: repositories and JSON."""

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from archive.channels.bluesky.frames import DELETED, Frame, is_frame, read_frame, records
from archive.channels.bluesky.records import jsonable, record
from archive.channels.bluesky.repository import BLOCK_CAP, Broken, Car, Entry, Tree, read_cbor
from archive.channels.export import ExportReader, LeaveOut, Made, Run, Scene, Taker
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member
from archive.reading.units import Completeness, Reading, UnitExcluded, UnitFailed
from schemas.capture import Claim
from schemas.item import Actor, Deleted, Key, Raw, Target, Thread


class _Reading(Run):
    _is_state = False
    """Records lie in it, as they stood when somebody asked."""

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _is_car(shape):
            self._is_state = True
            return self._repository
        if is_frame(shape.head):
            return self._frame
        self._is_state = self._is_state or _is_json(shape)
        return self._json if _is_json(shape) else None

    def completeness(self) -> Completeness:
        """Events show every version, records the last; whether events are all, the cursor of a source says."""
        if not self._is_state:
            self.claim = "unknown"
        return super().completeness()

    def _wall(self, did: str, scenes: dict[str, Scene], raw: Raw, made: Made) -> Scene:
        if did not in scenes:
            scenes[did] = self.scene(f"{did}/posts", derived=True, visibility="public")
            made.threads.append(
                Thread(
                    key=scenes[did].thread, via=self.via, kind="wall", title=did, visibility="public", raw=raw
                )
            )
        return scenes[did]

    def _frame(self, member: Member) -> Iterator[Reading]:
        """One message of the firehose: each of its operations is a unit."""
        with member.open() as stream:
            data = stream.read(BLOCK_CAP)
        try:
            frame = read_frame(data)
            found = list(records(frame, data))
        except Broken as error:
            yield UnitFailed(member.path, str(error), 0, len(data))
            return
        did = frame.did or "unknown"
        self.via = self._view_of(frame.did)
        scenes: dict[str, Scene] = {}
        if frame.kind == "#account":
            made, raw = Made(), _raw(member, frame.kind, 0, len(data), data)
            yield self._made(
                member, made, 0, len(data), partial(self._account, frame, did, raw, made, scenes)
            )
        elif not found:
            yield UnitExcluded(member.path, f"{frame.kind}: no record changed")
        for operation, block, body in found:
            start, end = (block.start, block.end) if block else (0, len(data))
            made, path = Made(), str(operation.get("path"))
            if operation.get("action") == "delete":
                raw = _raw(member, path, 0, len(data), data)
                make = partial(self._deletion, frame, path, did, raw, made, scenes)
            elif block is None:
                yield UnitFailed(member.path, "a record that the frame does not carry", start, end)
                continue
            else:
                raw = _raw(member, path, start, end, body)
                make = partial(self._decoded, member, body, raw, made, f"at://{did}/{path}", did, scenes)
            yield self._made(member, made, start, end, make)

    def _decoded(
        self, member: Member, body: bytes, raw: Raw, made: Made, uri: str, did: str, scenes: dict[str, Scene]
    ) -> None:
        self._make(member, jsonable(read_cbor(body)), raw, made, uri, did, scenes)

    def _deletion(
        self, frame: Frame, path: str, did: str, raw: Raw, made: Made, scenes: dict[str, Scene]
    ) -> None:
        if path.partition("/")[0] not in DELETED:
            raise LeaveOut("follows, lists, settings: no words")
        scene, uri, time = self._wall(did, scenes, raw, made), f"at://{did}/{path}", frame.text("time")
        made.items.append(
            scene.item(
                raw,
                scene.derived("deleted", uri, frame.text("rev")),
                event="deleted",
                form="post",
                author=scene.actor(did),
                time=from_iso(time, "UTC", "by_spec") if time else None,
                targets=(Target(relation="of", key=scene.key(uri), written_id=uri),),
                deleted=Deleted(by="unknown"),
            )
        )

    def _account(self, frame: Frame, did: str, raw: Raw, made: Made, scenes: dict[str, Scene]) -> None:
        """That an account was deactivated, taken down, or is active again."""
        scene, time = self._wall(did, scenes, raw, made), frame.text("time")
        active = frame.body.get("active") is True
        state = "active" if active else frame.text("status") or "not active"
        made.items.append(
            scene.item(
                raw,
                scene.derived("account", state, time),
                event="notice",
                form="post",
                author=scene.actor(did),
                time=from_iso(time, "UTC", "by_spec") if time else None,
                extra=(("account", state),),
            )
        )

    def _view_of(self, did: str | None) -> Key:
        """The account whose view a repository or a frame is; it is no other file's."""
        return Key(channel=self.channel, scope="", id=did) if did else self.as_told()

    def _repository(self, member: Member) -> Iterator[Reading]:
        scenes: dict[str, Scene] = {}
        with member.open() as stream:
            car = Car(stream)
            tree = Tree(car)
            named = found = 0
            for entry in tree.entries():
                self.via = self._view_of(tree.did)
                named += 1
                reading = self._record(member, car, entry, tree.did or "unknown", scenes)
                found += reading is not None
                if reading is not None:
                    yield reading
            for block in car.broken:
                yield UnitFailed(member.path, "a block that is none", block.start, block.end)
            missing = tree.missing + tree.broken
            why = "that the repository no longer names" if not missing else "of a tree that is not whole here"
            for cid in car.blocks:
                if cid not in tree.reached:
                    yield UnitExcluded(member.path, f"a block {why}")
        self.claims.append(
            Claim(scope=member.path or self.tree.name, kind="exact", expected=named + missing, found=found)
        )

    def _record(
        self, member: Member, car: Car, entry: Entry, did: str, scenes: dict[str, Scene]
    ) -> Reading | None:
        block, made = car.blocks.get(entry.cid), Made()
        if block is None:
            return None  # a part of a repository: the claim says how many are not here
        try:
            data = car.read(entry.cid) or b""
            value = jsonable(read_cbor(data))
        except Broken as error:
            return UnitFailed(member.path, str(error), block.start, block.end)
        raw = Raw(member=member.path, start=block.start, end=block.end, pointer=entry.path, slice=data)
        make = partial(self._make, member, value, raw, made, f"at://{did}/{entry.path}", did, scenes)
        return self._made(member, made, block.start, block.end, make)

    def _make(
        self, member: Member, value: Any, raw: Raw, made: Made, uri: str, did: str, scenes: dict[str, Scene]
    ) -> None:
        scene = self._wall(did, scenes, raw, made)
        record(self, scene, member, Fields(value), raw, made, uri=uri, author=scene.actor(did))

    def _json(self, member: Member) -> Iterator[Reading]:
        scenes: dict[str, Scene] = {}
        mine = self.options.mine
        self.via = self._view_of(mine if mine and mine.startswith("did:") else None)

        def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
            self._view(member, f, raw, made, scenes)

        shape = shapes(self.tree).of(member)
        listed = any(path.startswith(("/records/*", "/feed/*", "/posts/*", "/*/")) for path in shape.paths)
        yield from self.json_units(member, _is_view if listed else (lambda path: not path), make)

    def _view(self, member: Member, f: Fields, raw: Raw, made: Made, scenes: dict[str, Scene]) -> None:
        """A record with or without its address, or a post as a feed shows it."""
        post = f.object("post") or (f if "record" in f and "author" in f else None)
        thread = f.object("thread")
        if thread is not None:
            self._view(member, thread, raw, made, scenes)
            return
        if post is None:
            uri, value = f.text("uri"), f.object("value")
            did = uri.removeprefix("at://").partition("/")[0] if uri else "unknown"
            scene = self._wall(did, scenes, raw, made)
            record(
                self, scene, member, value or f, raw, made, uri=uri, author=scene.actor(did) if uri else None
            )
        else:
            who, inner, uri = post.object("author") or Fields({}), post.object("record"), post.text("uri")
            did = who.text("did") or "unknown"
            scene = self._wall(did, scenes, raw, made)
            author: Actor | None = scene.actor(who.text("did"), who.text("displayName"))
            author = author and author.model_copy(update={"handle": who.text("handle")})
            if inner is None:
                raise NotUnderstood("a post without its record")
            extra = tuple(post.tell("indexedAt", "replyCount", "repostCount", "likeCount", "labels"))
            record(self, scene, member, inner, raw, made, uri=uri, author=author, extra=extra)
        for answer in f.objects("replies"):
            self._view(member, answer, raw, made, scenes)


def _raw(member: Member, pointer: str, start: int, end: int, data: bytes) -> Raw:
    return Raw(member=member.path, start=start, end=end, pointer=pointer, slice=data)


def _is_view(path: Path) -> bool:
    if len(path) == 1 and isinstance(path[0], int):
        return True
    return len(path) == 2 and path[0] in ("records", "feed", "posts") and isinstance(path[1], int)


def _is_car(shape: Shape) -> bool:
    return b"eroots" in shape.head[:16] and b"gversion" in shape.head[:1024]


def _is_json(shape: Shape) -> bool:
    return (
        shape.kind == "json"
        and b'"app.bsky.' in shape.head
        and any(path.endswith("/$type") for path in shape.paths)
    )


class BlueskyRepository(ExportReader):
    """Reads ``repo.car`` and JSON of the interface."""

    name: ClassVar[str] = "bluesky"
    parser: ClassVar[str] = "bluesky-repository/3"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Bluesky",
        layouts=(
            "repository of an account: CAR",
            "records, feeds and threads of the interface",
            "frames of the firehose",
        ),
        ask_for="Settings, Account: export my data (a CAR file)",
        edits="last state; every version from the firehose",
        deletions="absent; events of the firehose",
        receipts="no",
        direct="no",
        claim="last_state",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the header of a CAR file or the types of records."""
        if _is_car(shape):
            return 96, "a CAR file"
        if is_frame(shape.head):
            return 96, "a frame of the firehose"
        return (92, "records of app.bsky") if _is_json(shape) else (0, "")
