"""Bytes that lie outside a record's facets: contents of captures and attachments, long texts and slices."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, BinaryIO

from archive.errors import FormatError
from archive.exporters.bundle.files import ORIGINALS, Folder
from archive.exporters.extensions import extension
from archive.production import BundleRecord

CHUNK = 1024 * 1024
RASTER = frozenset({"gif", "jpg", "png", "webp"})
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """A range of a record's object string, and the file it goes into."""

    start: int
    length: int
    sha256: str
    extension: str

    @property
    def path(self) -> str:
        """Give the path in the bundle."""
        return f"{ORIGINALS}/{self.sha256[:2]}/{self.sha256}.{self.extension}"


def wanted(values: dict[str, Any]) -> list[Range]:
    """Give the ranges that the shown facets name, in the order in which they lie."""
    found = [
        _range(place, "bin")
        for value in values.values()
        for place in _overflows(value)
        if isinstance(place, dict)
    ]
    content = capture_content(values)
    if content:
        found.append(content)
    return sorted(set(found))


def capture_content(values: dict[str, Any]) -> Range | None:
    """Give the content that a shown ``capture`` describes, if bytes of it were kept."""
    what, extra = values.get("what"), values.get("extra")
    if not isinstance(what, dict) or what.get("body") != "capture" or not isinstance(extra, dict):
        return None
    if extra.get("kept") == "slices":
        return None
    name = extra.get("member") or extra.get("origin")
    place = {"length": extra.get("length"), "sha256": extra.get("sha256"), "start": extra.get("start", 0)}
    return _range(place, extension(extra.get("media_type"), name))


def _overflows(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if value.keys() == {"overflow"}:
            yield value["overflow"]
        else:
            for member in value.values():
                yield from _overflows(member)
    elif isinstance(value, list):
        for member in value:
            yield from _overflows(member)


def _range(place: dict[str, Any], ending: str) -> Range:
    start, length, digest = place.get("start"), place.get("length"), place.get("sha256")
    if not (isinstance(start, int) and isinstance(length, int) and isinstance(digest, str)):
        raise FormatError("bytes outside a facet that are described in another form than format 1 has")
    if start < 0 or length < 0 or not _SHA256.fullmatch(digest):
        raise FormatError("bytes outside a facet with an impossible place or digest")
    return Range(start, length, digest, ending)


def write_originals(
    folder: Folder, record: BundleRecord, ranges: list[Range], known: set[str]
) -> list[Range]:
    """Stream the ranges out of the object string; a digest already in ``known`` is not written again.

    Returns:
        the ranges that were written

    Raises:
        FormatError: the object string does not hold what the facets say.
    """
    if record.objects is None or not ranges:
        return []
    ranges = [part for part in ranges if part.sha256 not in known]
    written = [part for part in ranges if folder.keep(part.path, part.sha256, part.length)]
    known.update(part.sha256 for part in written)
    if len(written) == len(ranges):
        return written
    with record.objects.open() as stream:
        at = 0
        for part in ranges:
            if part.sha256 in known:
                continue
            if part.start < at or part.start + part.length > record.objects.length:
                raise FormatError(f"record {record.index}: bytes outside its object string")
            _skip(stream, part.start - at)
            _copy(folder, stream, part, record.index)
            at = part.start + part.length
            known.add(part.sha256)
            written.append(part)
    return written


def _skip(stream: BinaryIO, count: int) -> None:
    while count and (piece := stream.read(min(CHUNK, count))):
        count -= len(piece)


def _copy(folder: Folder, stream: BinaryIO, part: Range, index: int) -> None:
    missing = part.length
    with folder.create(part.path) as file:
        while missing and (piece := stream.read(min(CHUNK, missing))):
            file.write(piece)
            missing -= len(piece)
        digest = file.sha256()
    if missing or digest != part.sha256:
        raise FormatError(f"record {index}: its object string is not what its facets say")


def small_image(part: Range, data: bytes) -> str | None:
    """Give the media type if these bytes are a raster image that a page may show."""
    kinds = {
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"\xff\xd8\xff": "image/jpeg",
        b"GIF8": "image/gif",
    }
    if part.extension not in RASTER or sha256(data).hexdigest() != part.sha256:
        return None
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in kinds.items() if data.startswith(magic)), None)
