"""Frames' objects (level 1) and content (level 2) of one segment (read half)."""

from collections.abc import Callable
from hashlib import sha256

from archive.core import layout
from archive.core.facets import split_frame
from archive.core.objects import MAX_OBJECT
from archive.core.payloads import UnknownSchema
from archive.core.segment import Segment
from archive.errors import FormatError, NotFound, NotOpened
from archive.ledger.opening import DestroyedKey, Opener
from archive.ledger.reader import Record, record_of
from schemas.capture import Capture
from schemas.report import Finding, FindingKind


class ContentCheck:
    """Checks objects and content, and counts what it saw."""

    def __init__(self, opener: Opener, report: Callable[[Finding], None]) -> None:
        """Check through ``opener``; findings go to ``report``."""
        self.opener, self.report = opener, report
        self.objects = self.opened = self.unopened = 0
        self.named = bytearray()
        """The first eight bytes of the digest of each object."""

    def _say(self, kind: FindingKind, text: str, index: int, name: str | None = None) -> None:
        self.report(Finding(kind=kind, text=f"record {index}: {text}", name=name, index=index))

    def check_objects(self, segment: Segment) -> None:
        """Check that every object that a frame names is there, whole and unaltered."""
        for ordinal in range(segment.header.count):
            frame, index = segment.frame(ordinal), segment.header.first + ordinal
            if frame[:2] == b"\0\0":
                continue
            try:
                objects, _ = split_frame(frame)
            except FormatError as error:
                self._say("altered", str(error), index)
                continue
            for ref in objects:
                self._check_object(ref.sha256, ref.length, index)

    def _check_object(self, digest: bytes, length: int, index: int) -> None:
        name = layout.object_name(digest.hex())
        self.objects += 1
        self.named += digest[:8]
        try:
            stored = self.opener.reader.places.archive.get(name, limit=MAX_OBJECT)
        except NotFound:
            self._say("missing", "one of its objects is gone", index, name)
        except FormatError as error:
            self._say("altered", str(error), index, name)
        else:
            if len(stored) != length or sha256(stored).digest() != digest:
                self._say("altered", "one of its objects is not the one sealed", index, name)

    def open_records(self, segment: Segment) -> None:
        """Open what the keys at hand open, and compare it with its commitment."""
        for ordinal in range(segment.header.count):
            try:
                record = record_of(segment, ordinal)
            except FormatError:
                continue  # level 0 has said so
            if record.leaf.record_class != "clear":
                self.open_record(record)

    def open_record(self, record: Record) -> None:
        """Open one record, and compare it with its commitment."""
        index = record.index
        try:
            if record.leaf.record_class == "state":
                self.opener.open(record)
            else:
                body = self.opener.body_of(record)
                if isinstance(body, Capture):
                    self._check_capture(index, body)
                elif record.frame[:2] != b"\0\0":
                    self._check_string(index)
            self.opened += 1
        except NotOpened as error:
            self.unopened += error.state == "no_key"
        except DestroyedKey:
            self._say("not_opened", "its key was destroyed, and no erasure orders it", index)
        except UnknownSchema as error:
            self._say("unknown", str(error), index)
        except NotFound as error:
            self._say("missing", str(error), index)
        except FormatError as error:
            self._say("not_opened", str(error), index)

    def _check_string(self, index: int) -> None:
        """Decrypt every part of the object string, also what no overflow points at."""
        _, length, key = self.opener.lines(index)
        for _ in self.opener.object_string(index, key, length):
            pass

    def _check_capture(self, index: int, capture: Capture) -> None:
        """Hold the content against its digest; where slices are kept, there is none, and the items hold them."""
        if capture.kept == "slices":
            if capture.length or None in (capture.received_length, capture.received_sha256):
                self._say("not_opened", "a capture kept as slices does not say what was received", index)
            self._check_string(index)
            return
        _, length, key = self.opener.lines(index)
        digest, at, end = sha256(), 0, capture.start + capture.length
        for piece in self.opener.object_string(index, key, length):
            digest.update(piece[max(0, capture.start - at) : max(0, end - at)])
            at += len(piece)
        if digest.hexdigest() != capture.sha256:
            self._say("not_opened", "the captured bytes are not those received", index)
