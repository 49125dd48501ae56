"""Items of a production as renderings tell them: by conversation and time, with their files."""

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property, lru_cache, partial
from typing import BinaryIO, cast

from archive.core.merkle import leaf_hash
from archive.core.objects import PART
from archive.errors import FormatError
from archive.ledger.opening import unless_erased
from archive.ledger.reader import Record
from archive.production import Custody, Cut, Told
from archive.redaction import applied
from archive.services.session import Session
from schemas.item import Attachment, Item, Thread
from schemas.matter import Included

AT_ONCE = 1000
CAPTURES = 4096
"""Descriptions of captures that are remembered."""


class Telling:
    """Tells items as often as somebody asks; how they stand in order, and in what they came, is looked up once."""

    def __init__(
        self,
        session: Session,
        items: Callable[[int], Item | None],
        selection: Sequence[tuple[int, Included]],
        cuts: Mapping[int, Cut],
        label: str,
        *,
        size: int | None = None,
        unsaid: Callable[[Thread], bool] = lambda _thread: False,
    ) -> None:
        """Nothing is read yet.

        Args:
            session: its catalogue must be at the head.
            items: gives an item; None where it was erased.
            selection: what to tell, and why.
            cuts: what of it is withheld.
            label: stands in the place of withheld words.
            size: conversations are called as they were below this record.
            unsaid: says which conversations stand without their name.
        """
        self._session, self._items, self._why = session, items, dict(selection)
        self._cuts, self._label = cuts, label
        self._size, self._unsaid = size, unsaid
        self._capture = lru_cache(CAPTURES)(session.catalogue.capture)

    def __call__(self) -> Iterator[Told]:
        """Give the items by thread and account, and within these by time, those without a time last.

        Of what was erased nothing is left to tell, and nothing of what is cut.
        """
        session = self._session
        for index in self._order:
            item = self._items(index)
            if item is not None:
                cut, record = self._cuts.get(index), session.ledger.record(index)
                whole = Told(
                    index=index, leaf=leaf_hash(record.raw).hex(), why=self._why[index], item=item,
                    thread_title=self._titles.get(item.thread.place),
                    open_files=tuple(opening(session, attachment) for attachment in item.attachments),
                    open_mail=partial(_bytes, item.raw.slice) if item.form == "mail" else None,
                    custody=self._custody(record, item),
                )  # fmt: skip
                yield whole if cut is None else applied(whole, cut, self._label)

    @cached_property
    def _order(self) -> Sequence[int]:
        return _order(self._session, list(self._why))

    @cached_property
    def _titles(self) -> Mapping[tuple[str, str, str], str | None]:
        return {
            thread.key.place: thread.title
            for thread in self._session.catalogue.threads(self._size)
            if not self._unsaid(thread)
        }

    def _custody(self, record: Record, item: Item) -> Custody:
        capture = self._capture(item.raw.capture) if item.raw.capture else None
        return Custody(record.leaf.time, record.segment.header.writer, capture)


def _order(session: Session, indexes: Sequence[int]) -> list[int]:
    keys = []
    for at in range(0, len(indexes), AT_ONCE):
        for listed in session.catalogue.items(indexes[at : at + AT_ONCE]):
            item = listed.item
            place = (item.thread.channel, item.thread.scope, item.thread.id, item.via.id)
            time = item.time.utc if item.time and item.time.utc else None
            keys.append((place, time is None, time or "", listed.index))
    return [index for *_, index in sorted(keys)]


def opening(
    session: Session, attachment: Attachment
) -> Callable[[], AbstractContextManager[BinaryIO]] | None:
    """Give how to read the bytes of an attachment; None if they were never there, or are erased."""
    if attachment.state != "present" or attachment.capture is None:
        return None
    index = session.catalogue.capture_index(attachment.capture)
    if index is None:
        raise FormatError("an attachment is not in the catalogue; rebuild it")
    opener, record = session.opener("content"), session.ledger.record(index)
    if unless_erased(lambda _: opener.record_key(record), index) is None:
        return None
    capture = session.catalogue.capture(attachment.capture)

    def pieces() -> Iterator[bytes]:
        _, length, key = opener.lines(index)
        start = capture.start if capture is not None else 0
        count = capture.length if capture is not None else length
        at = 0
        for piece in opener.object_string(index, key, length):
            yield piece[max(0, start - at) : max(0, start + count - at)]
            at += len(piece)

    return partial(stream, pieces)


@contextlib.contextmanager
def _bytes(data: bytes) -> Iterator[BinaryIO]:
    yield io.BytesIO(data)


@contextlib.contextmanager
def stream(pieces: Callable[[], Iterator[bytes]]) -> Iterator[BinaryIO]:
    """Give parts as a stream to read from."""
    yield cast(BinaryIO, io.BufferedReader(_Parts(pieces()), buffer_size=PART))


class _Parts(io.RawIOBase):
    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._rest = parts, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._parts, None)
            if piece is None:
                return 0
            self._rest = piece
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
