"""Captures of web pages: WARC and WACZ.

Authority: IIPC, WARC 1.1 (ISO 28500); specs.webrecorder.net, WACZ. A page is an observation: what a server gave at
a time. Digests of the records are recomputed; one that does not fit is told with the item. A crawler's request and
its own records are no pages.
"""

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from archive.channels.export import ExportReader, LeaveOut, Made, Run, Taker
from archive.ports import Facts
from archive.reading.decoding import decode
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import NotUnderstood
from archive.reading.private import Private
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Content, Reading, UnitFailed
from archive.reading.warc import VERSION, Record, digest_fits, http_of, payload, records
from schemas.capture import Claim
from schemas.item import Attachment, Body, Raw, Target, Thread

WORDS_CAP = 8 << 20
"""Words of a longer page stand in its file alone: several times their length is needed to read them."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_SIGNED_IN = {"cookie", "authorization"}
_TITLE = re.compile(r"<title[^>]*>([^<]{0,2000})", re.IGNORECASE)


class _Reading(Run):
    _digests = _fitting = 0
    """Digests that the captures state and that could be computed; those that are of the bytes."""

    def completeness(self) -> Completeness:
        """Hold the digests that the crawler wrote down against the bytes."""
        told = super().completeness()
        if self._digests == self._fitting:
            return told
        claim = Claim(
            scope="digests of the records", kind="exact", expected=self._digests, found=self._fitting
        )
        return replace(told, claims=(*told.claims, claim))

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        if _is_warc(shape) or self.tree.single:
            return self._records
        if re.search(
            r"(?:^|/)(?:datapackage(?:-digest)?\.json|pages/[^/]+\.jsonl|indexes/[^/]+)$", member.path
        ):
            return "index and description of the capture"
        return None

    def _records(self, member: Member) -> Iterator[Reading]:
        with member.open() as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            for number, record in enumerate(records(stream)):
                start, end = (None, None) if packed else (record.start, record.end)
                if record.problem:
                    yield UnitFailed(member.path, record.problem, start, end)
                    continue
                raw = Raw(
                    member=member.path, start=start, end=end, pointer=f"record {number}", slice=record.stored
                )
                yield self._one(member, record, raw)

    def _one(self, member: Member, record: Record, raw: Raw) -> Reading:
        made = Made()
        return self._made(member, made, raw.start or 0, raw.end or 0, lambda: self._page(record, raw, made))

    def _page(self, record: Record, raw: Raw, made: Made) -> None:
        fields, kind = record.fields, record.fields.get("warc-type", "")
        if kind in ("request", "warcinfo", "metadata", "conversion"):
            raise LeaveOut(f"{kind}: a record of the crawler, no page{_kept_with(kind, record.block)}")
        if kind == "continuation":
            raise NotUnderstood("the rest of a page that was cut into segments: they are not put together")
        if kind not in ("response", "resource", "revisit"):
            raise NotUnderstood("a record of a kind that WARC does not know")
        written, ident = fields.get("warc-date"), fields.get("warc-record-id")
        url, first = fields.get("warc-target-uri", "").strip("<>"), fields.get("warc-refers-to")
        if not url or not written:
            raise NotUnderstood("a page without address or time")
        http = "application/http" in fields.get("content-type", "")
        status, head, body = http_of(record.block) if http else ("", {}, record.block)
        extra = [("warc_type", kind)] + ([("status", status)] if status else [])
        extra += [
            (name, fields[name])
            for name in (
                "warc-ip-address",
                "warc-refers-to-target-uri",
                "warc-refers-to-date",
                "warc-segment-number",
            )
            if name in fields
        ]
        for name, data in (
            ("warc-block-digest", record.block),
            ("warc-payload-digest", payload(record.block) if http else body),
        ):
            fits = digest_fits(fields[name], data) if name in fields and kind != "revisit" else None
            if fits is not None:
                extra.append((name, "fits" if fits else "DOES NOT FIT"))
                self._digests += 1
                self._fitting += fits
        media = (head.get("content-type") if http else fields.get("content-type")) or ""
        bare = media.partition(";")[0].strip().lower()
        charset = _CHARSET.search(media)
        scene = self.scene(
            re.sub(r"^(https?://[^/?#]+).*", r"\1", url), derived=True, visibility="public", history="none"
        )
        made.threads.append(
            Thread(key=scene.thread, via=self.via, kind="feed", title=scene.thread.id, url=url, raw=raw)
        )
        page = bare in ("text/html", "application/xhtml+xml")
        words = None
        if page or bare.startswith("text/"):
            if "content-encoding" in head:
                extra.append(("words", f"packed by {head['content-encoding']}: they stand in the file alone"))
            elif len(body) > WORDS_CAP:
                extra.append(("words", "longer than the limit: they stand in the file alone"))
            else:
                words = decode(body, charset[1] if charset else None).text
        title = _TITLE.search(words) if words and page else None
        name = url.partition("?")[0].rstrip("/").rpartition("/")[2] or "index"
        attachments: tuple[Attachment, ...] = ()
        if body and kind != "revisit":
            locator = f"{raw.member}#{raw.pointer}"
            attachments = (
                Attachment(
                    name=name,
                    media_type=bare or None,
                    state="present",
                    locator=locator,
                    url=url,
                    length=len(body),
                ),
            )
            made.contents.append(Content(locator=locator, open=_Opener(body)))
        made.items.append(
            scene.item(
                raw,
                scene.key((ident or f"{url} {written}").strip("<>")),
                form="article",
                basis="observed",
                time=from_iso(written, "UTC", "by_spec"),
                title=html_to_text(title[1]) if title else url,
                text=(html_to_text(words) if page else words) if words else None,
                body=Body(type=bare, content=words) if page and words else None,
                attachments=attachments,
                targets=(Target(relation="of", key=scene.key(first.strip("<>")), written_id=first),)
                if first
                else (),
                extra=(("url", url), *extra),
            )
        )


def _kept_with(kind: str, block: bytes) -> str:
    """Say that a crawler was signed in: the capture is evidence and stays as it is, and so does what opens the door."""
    head = http_of(block)[1] if kind == "request" else {}
    return "; it bears a sign-in, which is kept with the capture" if head.keys() & _SIGNED_IN else ""


class _Opener:
    """Opens bytes that are at hand."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __call__(self) -> Any:
        return io.BytesIO(self._data)


def _is_warc(shape: Shape) -> bool:
    if VERSION.match(shape.head):
        return True
    if shape.head[:2] != b"\x1f\x8b":
        return False
    try:
        return bool(VERSION.match(zlib.decompressobj(31).decompress(shape.head, 64)))
    except zlib.error:
        return False


class WebCaptures(ExportReader):
    """Reads WARC files, alone or in a WACZ."""

    name: ClassVar[str] = "web"
    parser: ClassVar[str] = "web-capture/3"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Captures of web pages",
        layouts=("WARC, plain or packed", "WACZ"),
        ask_for="a capture of the pages with a browser or crawler that writes WARC",
        edits="each capture is one observation",
        deletions="absent",
        receipts="no",
        direct="no",
        claim="unknown",
        tested="real files",
    )

    def private(self, tree: Tree) -> Iterator[Private]:  # noqa: ARG002
        """Nothing: index and signature of a WACZ are part of the evidence."""
        return iter(())

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the version line of the first record."""
        return (97, "WARC records") if _is_warc(shape) else (0, "")
