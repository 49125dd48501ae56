"""The channel: records as pages."""

import io
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from archive.channels.export import ExportReader, LeaveOut, Made, Run, Scene, Taker
from archive.channels.web_capture.described import DESCRIPTION, Listed, page_of, roots
from archive.ports import Facts, ReadOptions
from archive.reading.decoding import decode
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.packed_members import DICTIONARY, PACKED, ZSTD, begins
from archive.reading.private import Private
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Content, MemberProblem, Reading, UnitExcluded, UnitFailed
from archive.reading.warc import VERSION, Record, digest_fits, http_of, payload, records
from schemas.capture import Claim, Gap
from schemas.item import Attachment, Body, Key, Raw, Target, Thread

WORDS_CAP = 8 << 20
"""Words of a longer page stand in its file alone: several times their length is needed to read them."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_SIGNED_IN = {"cookie", "authorization"}
_TITLE = re.compile(r"<title[^>]*>([^<]{0,2000})", re.IGNORECASE)


_MOST_KNOWN = 100_000
"""Pages that are remembered while a capture is read, for what names them by address and time."""
_STRUCTURE = frozenset(
    {
        *("warc-type", "warc-record-id", "warc-date", "warc-target-uri", "content-type", "content-length"),
        *("warc-refers-to", "warc-block-digest", "warc-payload-digest"),
    }
)
_TOLD = frozenset(
    {
        *("warc-ip-address", "warc-refers-to-target-uri", "warc-refers-to-date", "warc-segment-number"),
        *("warc-segment-origin-id", "warc-segment-total-length", "warc-truncated", "warc-concurrent-to"),
        *(
            "warc-warcinfo-id",
            "warc-profile",
            "warc-identified-payload-type",
            "warc-filename",
            "warc-page-id",
        ),
        *(
            "warc-protocol",
            "warc-cipher-suite",
            "warc-resource-type",
            "warc-json-metadata",
            "warc-refers-to-container",
        ),
        *("warc-source-uri", "warc-creation-date"),
    }
)
"""Header fields of a record that are read, and those that are known and told."""
_ANSWERED = ("location", "last-modified", "content-language", "content-disposition")
"""Header fields of a server that are told with its answer."""


class _Reading(Run):
    _digests = _fitting = 0
    """Digests that the captures state and that could be computed; those that are of the bytes."""

    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._roots, self._listed, self._cut = roots(tree), Listed(), 0
        self._captured: OrderedDict[tuple[str, str], Key] = OrderedDict()
        """Address and time ("" for any) of a page → its key."""

    def completeness(self) -> Completeness:
        """Hold the digests that the crawler wrote down, and the files that it listed, against the bytes."""
        told = super().completeness()
        found = [
            ("digests of the records", self._digests, self._fitting),
            (f"files that {DESCRIPTION} lists", self._listed.count, self._listed.fitting),
        ]
        claims = (
            Claim(scope=scope, kind="exact", expected=expected, found=fitting)
            for scope, expected, fitting in found
            if expected != fitting
        )
        reasons = [f"{path} lies elsewhere, and is not in this capture" for path in self._listed.elsewhere]
        if self._cut:
            reasons.append(f"{self._cut} pages were cut off by the crawler (WARC-Truncated)")
        gaps = (Gap(via=self.via, reason=reason) for reason in reasons)
        return replace(told, claims=(*told.claims, *claims), gaps=(*told.gaps, *gaps))

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        records = _is_warc(shape) or shape.head.startswith(DICTIONARY)
        if not records and shape.head.startswith(ZSTD):
            return self._zstd
        if records or self.tree.single:
            return self._records
        if member.name == DESCRIPTION:
            return self._described
        if re.search(r"(?:^|/)pages/[^/]+\.jsonl$", member.path):
            return self._pages
        within = any(member.path.startswith(root) for root in self._roots)
        indexed = re.search(r"(?:^|/)(?:datapackage-digest\.json|indexes/[^/]+)$", member.path)
        return "index and description of the capture" if within or indexed else None

    def _zstd(self, member: Member) -> Iterator[Reading]:
        yield MemberProblem(member.path, "packed by zstd, and no WARC: unpack it (zstd -d), then it is read")

    def _described(self, member: Member) -> Iterator[Reading]:
        self._listed.add(member, self.tree)
        yield UnitExcluded(member.path, "index and description of the capture")

    def _pages(self, member: Member) -> Iterator[Reading]:
        """The pages that the capture is about, with the words that a browser saw."""
        expected = found = 0

        def make(f: Fields, raw: Raw, made: Made) -> None:
            nonlocal expected, found
            url = f.text("url")
            if url is None:
                raise LeaveOut("index and description of the capture")
            captured = self._captured.get((url.partition("#")[0], ""))
            expected, found = expected + 1, found + (captured is not None)
            if not f.data.get("text"):
                raise LeaveOut("a page of the index without words: its record is read")
            made.items.append(page_of(f, self._scene(url, raw, made), raw, made, captured))

        yield from self.line_units(member, make)
        if expected and len(self._captured) < _MOST_KNOWN:
            self.claims.append(Claim(scope=member.path, kind="exact", expected=expected, found=found))

    def _scene(self, url: str, raw: Raw, made: Made) -> Scene:
        scene = self.scene(
            re.sub(r"^(https?://[^/?#]+).*", r"\1", url), derived=True, visibility="public", history="none"
        )
        made.threads.append(
            Thread(key=scene.thread, via=self.via, kind="feed", title=scene.thread.id, url=url, raw=raw)
        )
        return scene

    def _remember(self, url: str, written: str, key: Key) -> None:
        for time in (written, ""):
            self._captured.setdefault((url.partition("#")[0], time), key)
            if len(self._captured) > _MOST_KNOWN:
                self._captured.popitem(last=False)

    def _records(self, member: Member) -> Iterator[Reading]:
        with member.open() as stream:
            packed = stream.read(4).startswith(PACKED)
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
        if kind in ("request", "warcinfo", "metadata"):
            raise LeaveOut(f"{kind}: a record of the crawler, no page{_kept_with(kind, record.block)}")
        if kind == "continuation":
            raise NotUnderstood("the rest of a page that was cut into segments: they are not put together")
        if kind not in ("response", "resource", "revisit", "conversion"):
            raise NotUnderstood("a record of a kind that WARC does not know")
        written, ident = fields.get("warc-date"), fields.get("warc-record-id")
        url, first = fields.get("warc-target-uri", "").strip("<>"), fields.get("warc-refers-to")
        if not url or not written:
            raise NotUnderstood("a page without address or time")
        http = "application/http" in fields.get("content-type", "")
        status, head, body = http_of(record.block) if http else ("", {}, record.block)
        extra = [("warc_type", kind)] + ([("status", status)] if status else [])
        extra += [(name, value) for name, value in fields.items() if name not in _STRUCTURE]
        extra += [(name, head[name]) for name in _ANSWERED if name in head]
        made.unknown |= fields.keys() - _STRUCTURE - _TOLD
        self._cut += "warc-truncated" in fields
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
        scene = self._scene(url, raw, made)
        page = bare in ("text/html", "application/xhtml+xml") or (
            not bare and b"<html" in body[:2000].lower()
        )
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
        key = scene.key((ident or f"{url} {written}").strip("<>"))
        again = fields.get("warc-refers-to-target-uri"), fields.get("warc-refers-to-date")
        of = scene.key(first.strip("<>")) if first else self._captured.get((again[0] or "", again[1] or " "))
        if kind in ("response", "resource"):
            self._remember(url, written, key)
        made.items.append(
            scene.item(
                raw,
                key,
                form="article",
                basis="observed",
                time=from_iso(written, "UTC", "by_spec"),
                title=html_to_text(title[1]) if title else url,
                text=(html_to_text(words) if page else words) if words else None,
                body=Body(type=bare, content=words) if page and words else None,
                attachments=attachments,
                targets=(Target(relation="of", key=of, written_id=first or again[0]),)
                if first or again[0]
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
    return bool(VERSION.match(shape.head) or VERSION.match(begins(shape.head)))


class WebCaptures(ExportReader):
    """Reads WARC files, alone or in a WACZ."""

    name: ClassVar[str] = "web"
    parser: ClassVar[str] = "web-capture/6"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Captures of web pages",
        layouts=("WARC, plain or packed by gzip or zstd", "WACZ, with the words that its index tells"),
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
        if shape.head.startswith(DICTIONARY):
            return 90, "packed by zstd with a dictionary, as WARC may be"
        if _is_warc(shape):
            return 97, "WARC records"
        return (50, "packed by zstd, as WARC may be") if shape.head.startswith(ZSTD) else (0, "")
