"""Whether a file tells what is withheld: it is a withheld one, or the words stand in it, or nobody can look."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from archive.ledger.opening import unless_erased
from archive.reading.unwrapped import Unwrapped, unwrapped
from archive.redaction import occurs
from archive.services.session import Session
from schemas.item import Attachment

OVERLAP = 1 << 16
"""Bytes that pieces of a file have in common, so that no words fall between two."""
OPENED = 32 * 1024 * 1024
"""A file up to this size is opened to the bottom; of a larger one the bytes are looked at as they lie."""
UNSEEN = frozenset({"image", "media", "partly", "protected", "damaged", "too_big", "unknown"})
"""What a file is of which nobody can tell which words it holds. Of a kind that is not read the bytes are looked at, as
they lie: mailboxes, drawings and databases keep their words packed or scrambled."""
DESCRIBED = 4096
"""Descriptions of files that are remembered."""
FEW = 4
"""Opened files that are remembered: each is asked about for every source."""


class Files:
    """Looks into attached files."""

    def __init__(self, session: Session) -> None:
        self.session, self.opener = session, session.opener("content")
        self.withheld: set[str] = set()
        """Digests of files that are withheld themselves."""
        self.described = lru_cache(DESCRIBED)(session.catalogue.capture)
        self.opened: dict[tuple[int, str, str, bool], Unwrapped] = {}

    def withhold(self, attachments: Iterable[Attachment]) -> None:
        """Withhold files, wherever else they hang."""
        self.withheld.update(one.sha256 for one in attachments if one.sha256)

    def tell(self, attachment: Attachment, words: frozenset[str]) -> bool:
        """Say whether a file is a withheld one, or one lies in it, or withheld words stand in it."""
        if attachment.sha256 in self.withheld:
            return True
        if attachment.capture is None or not (words or self.withheld):
            return False
        index = self.session.catalogue.capture_index(attachment.capture)
        if index is None:
            return False
        capture = self.described(attachment.capture)
        if capture is not None and occurs(words, f"{capture.origin}\n{capture.member or ''}"):
            return True  # the record of a file says in which folder of an export it lay
        stored = self.session.texts.of(attachment)
        if stored is not None and occurs(words, stored.text):
            return True
        opened = unless_erased(self.opener.lines, index)
        if opened is None:
            return False
        _, length, key = opened
        pieces = self.opener.object_string(index, key, length)
        if length > OPENED:
            return _stand_in(pieces, words)
        inside = self._opened(index, attachment, pieces, unread=stored is None)
        if not self.withheld.isdisjoint(inside.digests):
            return True
        return any(occurs(words, text) for text in inside.texts)

    def shut(self, attachment: Attachment) -> bool:
        """Say whether a file holds what could not be opened: any words may stand there."""
        capture = attachment.capture
        index = None if capture is None else self.session.catalogue.capture_index(capture)
        opened = None if index is None else unless_erased(self.opener.lines, index)
        if index is None or opened is None or opened[1] > OPENED:
            return False
        stored = self.session.texts.of(attachment)
        pieces = self.opener.object_string(index, opened[2], opened[1])
        return not self._opened(index, attachment, pieces, unread=stored is None).whole

    def words(self, attachments: Iterable[Attachment]) -> str:
        """Give the words of files, as far as they were read."""
        stored = (self.session.texts.of(one) for one in attachments if one.capture)
        return "\n".join(one.text for one in stored if one is not None)

    def unseen(self, attachment: Attachment) -> bool:
        """Say whether nobody can tell which words a file holds."""
        stored = self.session.texts.of(attachment) if attachment.capture else None
        return stored is not None and stored.state in UNSEEN

    def _opened(
        self, index: int, attachment: Attachment, pieces: Iterator[bytes], *, unread: bool
    ) -> Unwrapped:
        """Give what a file tells; with its words, if nobody has read them yet or a projection lost them."""
        name, kind = attachment.name or "", attachment.media_type or ""
        asked = (index, name, kind, unread)
        known = self.opened.get(asked)
        if known is None:
            data = b"".join(pieces)
            known = unwrapped(data, self._read)
            if unread:
                known.texts.append(self.session.texts.extractor.read(data, name, kind)[1])
            self.opened[asked] = known
            while len(self.opened) > FEW:
                del self.opened[next(iter(self.opened))]
        return known

    def _read(self, data: bytes) -> str | None:
        """Give the words of a PDF that lies in a file, of a scan none; None if it does not open."""
        state, words = self.session.texts.extractor.read(data, "", "application/pdf")
        return words if state in ("read", "partly", "image") else None


def _stand_in(pieces: Iterator[bytes], words: frozenset[str]) -> bool:
    """Say whether words stand in bytes as they lie."""
    tail = b""
    for piece in pieces:
        texts = ((tail + piece).decode(coding, "replace") for coding in ("utf-8", "utf-16-le", "utf-16-be"))
        if any(occurs(words, text) for text in texts):
            return True
        tail = piece[-OVERLAP:]
    return False
