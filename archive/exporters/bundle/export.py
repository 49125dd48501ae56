"""Write a bundle: first ``bag/data``, then what describes it, the page, and last the signatures."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from archive.core import segment, signed_note
from archive.core.facets import FACETS
from archive.core.leaf import Leaf, segment_digest
from archive.core.signed_note import Checkpoint
from archive.errors import FormatError
from archive.exporters.bundle import originals, page, statement, texts
from archive.exporters.bundle.files import Folder, HashedFile
from archive.exporters.bundle.lines import (
    check_record,
    escaped,
    record_line,
    shown_values,
)
from archive.exporters.bundle.renderings import DATA, write_renderings
from archive.production import BundleInput, BundleRecord, BundleResult, Withheld
from schemas.item import Key

LINES = 10_000
"""Records a file."""


@dataclass(slots=True)
class Progress:
    """What was seen so far, in memory that grows with originals only."""

    titles: Mapping[Key, str | None]
    """Every conversation that is shown, and its name if it has one."""
    known: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("keys", "no_key", "originals", "records", "withheld"), 0)
    )
    images: list[originals.Range] = field(default_factory=list)
    record_files: list[str] = field(default_factory=list)
    chosen: int = 0
    """Records of items that were chosen, not added by the rule."""
    last_index: int = -1
    segment_first: int = -1


def export_bundle(given: BundleInput, out: Path) -> BundleResult:
    """Write the bundle into ``out``, a new or empty folder.

    Raises:
        UsageError: the folder holds something.
        FormatError: a record does not prove itself, or the object string is not what its facets say.
    """
    checkpoint = signed_note.parse_checkpoint(signed_note.parse(given.checkpoint))
    if checkpoint.origin != given.origin:
        raise FormatError("a checkpoint of another archive")
    with Folder(out) as folder:
        progress = Progress(titles=_titles(given))
        _write_data(folder, given, checkpoint, progress)
        with given.numbered() if given.numbered else nullcontext(given.production) as number:
            result = _finish(folder, replace(given, production=number), checkpoint, progress)
            given.enter(result)
        return result


def _finish(folder: Folder, given: BundleInput, checkpoint: Checkpoint, progress: Progress) -> BundleResult:
    """Write what describes ``bag/data`` and bears the number of the production."""
    data_sha256 = _write_bag(folder, given)
    folder.add("signatures/checkpoint.txt", given.checkpoint)
    handed_out = statement.production(given, checkpoint, data_sha256, progress.counts)
    statement.sign(folder, given, "production", handed_out)
    statement.write_tokens(folder, given)
    texts.write(folder, given, checkpoint)
    known = progress.counts | {"chosen": progress.chosen}
    texts.write_certificates(folder, given, checkpoint, data_sha256, known)
    page.write(folder, given, progress.record_files, progress.images)
    whole = statement.bundle(given, folder)
    statement.sign(folder, given, "statement", whole)
    sealed = statement.seal(folder, given, whole)
    data = [path for path in folder.digests if path.startswith(DATA)]
    return BundleResult(
        data_sha256=data_sha256,
        statement_sha256=sha256(whole).hexdigest(),
        size=checkpoint.size,
        counts=progress.counts,
        files=len(data),
        length=sum(folder.lengths[path] for path in data),
        sealed=sealed,
        production=given.production,
        too_large=folder.too_large,
    )


def _write_data(folder: Folder, given: BundleInput, checkpoint: Checkpoint, progress: Progress) -> None:
    records = iter(given.records)
    with (
        folder.create(DATA + "segments.jsonl") as headers,
        folder.create(DATA + "metadata/exceptions.jsonl") as exceptions,
    ):
        following = next(records, None)
        while following is not None:
            path = f"{DATA}records/records_{len(progress.record_files) + 1:04d}.jsonl"
            progress.record_files.append(path)
            with folder.create(path) as lines:
                for _ in range(LINES):
                    _write_record(folder, following, checkpoint, progress, lines, headers, exceptions)
                    following = next(records, None)
                    if following is None:
                        break
    if progress.counts["keys"] < 2:
        raise FormatError("a bundle needs the records genesis and keys")
    write_renderings(folder, given, checkpoint, progress.titles)
    _write_metadata(folder, given, checkpoint)


def _titles(given: BundleInput) -> dict[Key, str | None]:
    """Give every conversation that is shown, and its name if it has one."""
    return {one.item.thread: one.thread_title for one in given.told()}


def _write_record(
    folder: Folder,
    record: BundleRecord,
    checkpoint: Checkpoint,
    progress: Progress,
    lines: HashedFile,
    headers: HashedFile,
    exceptions: HashedFile,
) -> None:
    leaf = check_record(record, checkpoint)
    if record.index <= progress.last_index:
        raise FormatError(f"record {record.index}: records come in the order of their index, once each")
    progress.last_index = record.index
    first = _header_first(record, leaf)
    if first != progress.segment_first:
        headers.write(escaped({"first": first, "note": record.header.decode()}) + b"\n")
        progress.segment_first = first
    lines.write(record_line(record, first))
    values = shown_values(record)
    ranges = originals.wanted(values)
    written = originals.write_originals(folder, record, ranges, progress.known)
    progress.images += [part for part in written if part.extension in originals.RASTER]
    counts = progress.counts
    counts["records"] += 1
    counts["keys"] += record.why == "keys"
    progress.chosen += record.why == "hit"
    counts["originals"] += len(written)
    for exception in _exceptions(record, values, (part.sha256 in progress.known for part in ranges)):
        counts["withheld"] += exception["reason"] == "withheld"
        counts["no_key"] += exception["reason"] == "no_key"
        exceptions.write(escaped({"index": record.index, **exception}) + b"\n")


def _header_first(record: BundleRecord, leaf: Leaf) -> int:
    """Give the first index of the record's segment, once its header is known to be the one of the leaf."""
    header, digest = _header(record.header)
    if not header.first <= record.index < header.first + header.count or digest != leaf.segment:
        raise FormatError(f"record {record.index}: its segment header is not the one that the leaf names")
    return header.first


@lru_cache(2)  # the records of a segment come one behind the other
def _header(note: bytes) -> tuple[segment.Header, str]:
    """Give the header of a segment, and its digest as leaves name it."""
    header = segment.parse_header(signed_note.parse(note).text)
    digest = segment_digest(
        writer=header.writer, batch=header.batch, page=header.page,
        slots=header.slots, first=header.first, count=header.count,
    )  # fmt: skip
    return header, digest


def _exceptions(record: BundleRecord, values: dict[str, Any], kept: Iterable[bool]) -> list[dict[str, Any]]:
    """Say what of this record is not handed out."""
    if record.frame is not None:
        return []
    if record.facets is None:
        return [{"reason": "no_key"}]
    found: list[dict[str, Any]] = []
    hidden = [name for name, facet in zip(FACETS, record.facets, strict=True) if isinstance(facet, Withheld)]
    if hidden:
        found.append({"facets": hidden, "reason": "withheld"})
    if not all(kept):
        found.append({"reason": "content_not_included"})
    attachments = values.get("attachments") or []
    missing = sum(row.get("state") == "missing" for row in attachments if isinstance(row, dict))
    if missing:
        found.append({"count": missing, "reason": "attachment_missing"})
    return found


def _write_metadata(folder: Folder, given: BundleInput, checkpoint: Checkpoint) -> None:
    matter = {"id": given.matter.id, "reference": given.matter.reference, "title": given.matter.title}
    folder.add(DATA + "metadata/matter.json", escaped(matter) + b"\n")
    rule = {
        "checkpoint": {"root": checkpoint.root.hex(), "size": checkpoint.size},
        "format": "beleg/bundle-data/v1",
        "options": given.options.model_dump(exclude_none=True),
        "origin": given.origin,
        "renderers": [list(pair) for pair in given.renderers],
    }
    folder.add(DATA + "metadata/rule.json", escaped(rule) + b"\n")
    folder.add(DATA + "metadata/limits.txt", texts.limits())


def _write_bag(folder: Folder, given: BundleInput) -> str:
    """Write the tag files of BagIt 1.0 (RFC 8493); give the digest of the payload manifest."""
    data = [path for path in folder.digests if path.startswith(DATA)]
    oxum = f"{sum(folder.lengths[path] for path in data)}.{len(data)}"
    folder.add("bag/bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    info = (
        ("External-Identifier", given.production),
        ("Payload-Oxum", oxum),
        ("Source-Organization", given.origin),
    )
    folder.add("bag/bag-info.txt", "".join(f"{name}: {value}\n" for name, value in info).encode())
    digest = folder.add("bag/manifest-sha256.txt", folder.manifest(DATA, "bag/"))
    tags = "".join(
        f"{folder.digests[path]}  {path.removeprefix('bag/')}\n"
        for path in ("bag/bag-info.txt", "bag/bagit.txt", "bag/manifest-sha256.txt")
    )
    folder.add("bag/tagmanifest-sha256.txt", tags.encode("ascii"))
    return digest
