"""The outline of a data file from its first bytes: by it a format is told from all others.

A channel asks for paths such as ``/messages/*/sender_name``; names and places of files are no proof.
"""

import io
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from archive.errors import UnreadableInput
from archive.reading.decoding import decode
from archive.reading.json_walk import walk
from archive.reading.media_types import media_type_of
from archive.reading.rows import sniff_delimiter, split_row
from archive.reading.tree import Member, Tree

HEAD = 1 << 16
_HEAD_KEPT = 1 << 13
_MOST_KNOWN = 1000
"""Outlines that are remembered: more than are ever looked at for recognition, fewer than an export has files."""
_MOST_VALUES = 4000
_MOST_MEMBERS = 400
_JS = re.compile(rb"\s*(window\.[\w.]+|Grailbird\.data\.\w+|var [\w.]+)\s*=\s*(?=[\[{])")
_LINES = 20
_NAMES = (
    ".json",
    ".js",
    ".jsonl",
    ".ndjson",
    ".csv",
    ".tsv",
    ".xml",
    ".rss",
    ".atom",
    ".html",
    ".htm",
    ".txt",
    ".warc",
    ".gz",
    ".car",
    ".rsmf",
    ".eml",
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file looks like from the outside."""

    kind: Literal["json", "lines", "js", "xml", "html", "text", "binary", "empty"]
    paths: frozenset[str] = frozenset()
    """JSON: the places of scalars and empty containers, array positions as ``*``. For lines: of each line."""
    name: str = ""
    """Script: the variable. XML: the root element, namespace first."""
    header: tuple[str, ...] = ()
    """Text: the cells of its first line, as a delimited file would have them."""
    head: bytes = b""

    @property
    def hollow(self) -> bool:
        """JSON in which no place could be made out: broken from the start, or empty."""
        return self.kind == "json" and self.paths <= {""}

    def has(self, *wanted: str) -> bool:
        """Whether each of these is a place in it, or the beginning of one."""
        return all(any(path == want or path.startswith(want + "/") for path in self.paths) for want in wanted)

    def ends(self, *wanted: str) -> bool:
        """Whether each of these is the end of a place in it."""
        return all(any(path.endswith(want) for path in self.paths) for want in wanted)


_MEDIA = Shape("binary")


def _is_media(member: Member) -> bool:
    """A picture, film or sound by its name: it is never opened to look for data."""
    return (media_type_of(member.name) or "").partition("/")[0] in ("image", "video", "audio")


class Shapes:
    """The outlines of a tree's members, made once for all channels that ask."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._known: OrderedDict[str, Shape] = OrderedDict()

    def of(self, member: Member) -> Shape:
        """The outline of one member."""
        found = self._known.get(member.path)
        if found is None:
            found = _MEDIA if _is_media(member) else shape_of(_head(member))
            if found.kind != "html":  # whose marks may stand behind long styles
                found = replace(found, head=found.head[:_HEAD_KEPT])
            self._known[member.path] = found
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return found

    def sample(self) -> list[tuple[Member, Shape]]:
        """Members that may hold data, with their outlines; of very many an even choice."""
        members = [
            m
            for m in self._tree.files()
            if self._tree.single or m.name.lower().endswith(_NAMES) or "." not in m.name
        ]
        if len(members) > _MOST_MEMBERS:
            half = _MOST_MEMBERS // 2
            step = len(members) // half
            members = [*members[:half], *members[half::step]]
        return [(member, self.of(member)) for member in members]

    def every(self) -> Iterator[tuple[Member, Shape]]:
        """All members with their outlines, where none may be passed over: what must not be archived lies in any."""
        return ((member, self.of(member)) for member in self._tree.files())


def shapes(tree: Tree) -> Shapes:
    """The outlines of this tree."""
    found = tree.notes.get("shapes")
    if not isinstance(found, Shapes):
        found = tree.notes["shapes"] = Shapes(tree)
    return found


def script_prefix(head: bytes) -> int:
    """How many bytes of ``name =`` stand before the JSON of a script; 0 if it is none."""
    match = _JS.match(head)
    return match.end() if match else 0


def _head(member: Member) -> bytes:
    try:
        with member.open() as stream:
            return stream.read(HEAD)
    except UnreadableInput:
        return b""


def shape_of(head: bytes) -> Shape:
    """The outline of a file from its first bytes."""
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not bare:
        return Shape("empty")
    if script := _JS.match(head):
        return Shape("js", _paths(head[script.end() :]), name=script[1].decode("ascii", "replace"), head=head)
    if bare[:1] in b"{[":
        return _json(bare, head)
    text = decode(head[: len(head) // 4 * 4].removeprefix(b"\xef\xbb\xbf")).text.lstrip("\ufeff")
    if "\x00" in text[:4096]:
        return Shape("binary", head=head)
    if text.lstrip()[:1] == "<":
        return _markup(text.lstrip(), head)
    first = text.lstrip("\r\n").partition("\n")[0]
    return Shape(
        "text", header=tuple(cell.strip() for cell in split_row(first, sniff_delimiter(text))), head=head
    )


def _json(bare: bytes, head: bytes) -> Shape:
    lines = [line for line in bare.splitlines()[: _LINES + 1] if line.strip()]
    objects = sum(line.lstrip()[:1] == b"{" for line in lines)
    if len(lines) > 1 and lines[0].rstrip()[-1:] == b"}" and objects * 2 > len(lines):
        return Shape("lines", frozenset().union(*(_paths(line) for line in lines[:_LINES])), head=head)
    return Shape("json", _paths(bare), head=head)


def _paths(data: bytes) -> frozenset[str]:
    found: set[str] = set()

    def enter(path: tuple[str | int, ...]) -> bool:
        found.add(_place(path))
        return False

    try:
        for count, value in enumerate(walk(io.BytesIO(data), enter)):
            found.add(_place(value.path))
            if count > _MOST_VALUES:
                break
    except UnreadableInput:
        pass  # only the head is here: it ends in the middle
    return frozenset(found)


def _place(path: tuple[str | int, ...]) -> str:
    return "".join("/*" if isinstance(part, int) else f"/{part}" for part in path)


_ROOT = re.compile(r"<(?![?!])([A-Za-z_][\w.:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
_NAMESPACE = re.compile(r"xmlns(?::([\w.-]+))?\s*=\s*[\"']([^\"']*)[\"']")


def _markup(text: str, head: bytes) -> Shape:
    bare = re.sub(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>", "", text[:HEAD], flags=re.DOTALL)
    match = _ROOT.search(bare)
    if not match:
        return Shape("text", head=head)
    spaces = dict(_NAMESPACE.findall(match[2]))
    prefix, _, local = match[1].rpartition(":")
    if local.lower() in ("html", "head", "body", "div", "title", "meta", "p", "script", "table"):
        return Shape("html", name=local.lower(), head=head)
    return Shape("xml", name=f"{spaces.get(prefix, '')} {local}".strip(), head=head)
