"""The channel: repositories and JSON."""

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from archive.channels.bluesky.records import jsonable, record
from archive.channels.bluesky.repository import Broken, Car, Entry, Tree, read_cbor
from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.shape import Shape, shapes
from archive.reading.tree import Member
from archive.reading.units import Reading, UnitExcluded, UnitFailed
from schemas.capture import Claim
from schemas.item import Actor, Key, Raw, Thread


class _Reading(Run):
    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _is_car(shape):
            return self._repository
        return self._json if _is_json(shape) else None

    def _wall(self, did: str, scenes: dict[str, Scene], raw: Raw, made: Made) -> Scene:
        if did not in scenes:
            scenes[did] = self.scene(f"{did}/posts", derived=True, visibility="public")
            made.threads.append(
                Thread(
                    key=scenes[did].thread, via=self.via, kind="wall", title=did, visibility="public", raw=raw
                )
            )
        return scenes[did]

    def _repository(self, member: Member) -> Iterator[Reading]:
        scenes: dict[str, Scene] = {}
        with member.open() as stream:
            car = Car(stream)
            tree = Tree(car)
            named = found = 0
            for entry in tree.entries():
                if tree.did and not self.options.mine:
                    self.via = Key(channel=self.channel, scope="", id=tree.did)
                named += 1
                reading = self._record(member, car, entry, tree.did or "unknown", scenes)
                found += reading is not None
                if reading is not None:
                    yield reading
            for block in car.broken:
                yield UnitFailed(member.path, "a block that is none", block.start, block.end)
            for cid in car.blocks:
                if cid not in tree.reached:
                    yield UnitExcluded(member.path, "a block that the repository no longer names")
        missing = tree.missing + tree.broken
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
    parser: ClassVar[str] = "bluesky-repository/1"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Bluesky",
        layouts=("repository of an account: CAR", "records, feeds and threads of the interface"),
        ask_for="Settings, Account: export my data (a CAR file)",
        edits="no",
        deletions="absent",
        receipts="no",
        direct="no",
        claim="exact",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the header of a CAR file or the types of records."""
        if _is_car(shape):
            return 96, "a CAR file"
        return (92, "records of app.bsky") if _is_json(shape) else (0, "")
