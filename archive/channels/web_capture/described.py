"""What a WACZ says of itself: the files that it lists with their hashes, the pages with the words that were seen."""

import hashlib
from collections.abc import Iterator
from typing import Any

from archive.channels.export import Made, Scene, look
from archive.errors import UnreadableInput
from archive.reading.json_fields import Fields
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from schemas.item import Item, Key, Raw, Target

_CHUNK = 1 << 20
DESCRIPTION = "datapackage.json"


def roots(tree: Tree) -> tuple[str, ...]:
    """The folders (of zips too) that a description lies in: all within is part of the capture."""
    return tuple(member.folder for member in tree.files() if member.name == DESCRIPTION)


class Listed:
    """The files that descriptions list: how many there are, how many are here as listed, and which are elsewhere."""

    def __init__(self) -> None:
        self.count = self.fitting = 0
        self.elsewhere: list[str] = []

    def add(self, member: Member, tree: Tree) -> None:
        """Hold the hashes of one description against the files."""
        resources = look(member, lambda path: path == ("resources",), enter=lambda path: not path).get(
            "/resources"
        )
        here = {one.path: one for one in tree.members}
        for one in resources if isinstance(resources, list) else ():
            if not isinstance(one, dict) or not isinstance(path := one.get("path"), str):
                continue
            file = here.get(member.folder + path)
            if "://" in path:
                self.elsewhere.append(path)
            elif file is None and any(known.startswith(f"{member.folder}{path}!/") for known in here):
                continue  # a capture within this one: its own description is held against it
            else:
                self.count += 1
                self.fitting += file is not None and _fits(file, one.get("hash"))


def _fits(file: Member, told: Any) -> bool:
    kind, _, value = str(told or "").partition(":")
    if kind not in ("sha256", "md5", "sha1") or not value:
        return True  # a hash of a kind that is not known says nothing against the file
    found = hashlib.new(kind, usedforsecurity=False)
    try:
        with file.open() as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
    except UnreadableInput:
        return False
    return found.hexdigest() == value.lower()


def page_of(f: Fields, scene: Scene, raw: Raw, made: Made, captured: Key | None) -> Item:
    """A page of the index, with the words that a browser showed."""
    url, ident, stamp = f.text("url") or "", f.id("id"), f.text("ts")
    return scene.item(
        raw,
        scene.derived("page", ident, url, stamp),
        form="article",
        basis="observed",
        time=from_iso(stamp, "UTC", "by_spec") if stamp else None,
        title=f.text("title") or url,
        text=f.text("text"),
        targets=(Target(relation="of", key=captured, written_id=url),),
        extra=(("url", url), ("warc_type", "page of the index"), *_told(f, made)),
    )


def _told(f: Fields, made: Made) -> Iterator[tuple[str, str]]:
    yield from made.told(f, "loadState", "status", "mime", "seed", "depth", "favIconUrl", "filename", "size")
