"""The words of attachments: read once from the sealed bytes, kept beside the index, joined to the items."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from archive.ledger.opening import Opener
from archive.ports import Extractor, TextStore
from schemas.capture import Capture
from schemas.entry import Entry, FileText
from schemas.item import Attachment, Item

CaptureIndex = Callable[[str], int | None]
"""Gives the record that holds a capture."""
REMEMBERED = 10_000
"""Captures just met, which the catalogue may not know yet: more than one batch of a projection holds."""


class Texts:
    """Joins the words of attachments to entries."""

    def __init__(self, store: TextStore, extractor: Extractor) -> None:
        self.store, self.extractor = store, extractor

    def known(self, item: Item) -> tuple[FileText, ...]:
        """Give what was read of the files of an item, in their order; reads nothing."""
        digests = [one.sha256 for one in item.attachments if one.sha256]
        found = self.store.get(digests) if digests else {}
        return tuple(found[digest] for digest in digests if digest in found)

    def otherwise(self) -> int:
        """Give how many files were read under other rules: of an earlier version, or without OCR."""
        return self.store.otherwise(self.extractor.rules)

    def joined(
        self, entries: Iterable[Entry], opener: Opener, capture_index: CaptureIndex
    ) -> Iterator[Entry]:
        """Give entries in order of the ledger, items with the words of their files; read what was not read yet."""
        met: dict[str, int] = {}
        for entry in entries:
            body = entry.body
            if isinstance(body, Capture):
                met.setdefault(body.id, entry.index)
                if len(met) > REMEMBERED:
                    del met[next(iter(met))]
            elif isinstance(body, Item) and any(one.sha256 for one in body.attachments):
                known = {found.sha256: found for found in self.known(body)}
                for one in body.attachments:
                    if one.sha256 and one.sha256 not in known:
                        known[one.sha256] = self._read(one, opener, met, capture_index)
                order = dict.fromkeys(one.sha256 for one in body.attachments if one.sha256)
                yield replace(entry, texts=tuple(known[digest] for digest in order if digest))
                continue
            yield entry

    def _read(
        self, one: Attachment, opener: Opener, met: dict[str, int], capture_index: CaptureIndex
    ) -> FileText:
        digest = one.sha256 or ""
        index = met.get(one.capture or "")
        if index is None:
            index = capture_index(one.capture or "")
        entry = None if index is None else opener.entry(index)
        if entry is None or not isinstance(entry.body, Capture):
            # Erased or damaged, which may be mended: it is told now, and looked at again at the next rebuild.
            return FileText(digest, "gone", "")
        capture = entry.body
        if capture.length > self.extractor.longest:
            found = FileText(digest, "too_big", "")
        else:
            data = opener.content(entry.index, capture.start, capture.length)
            state, text = self.extractor.read(data, one.name or "", one.media_type or "")
            found = FileText(digest, state, text)
        self.store.put(found, self.extractor.rules)
        return found


class ReadAnew:
    """The words of files of one decision: every file is read anew, for what a projection remembers may be wrong."""

    def __init__(self) -> None:
        self._found: dict[str, FileText] = {}

    def get(self, digests: Sequence[str]) -> dict[str, FileText]:
        """Give what was read since the beginning."""
        return {digest: self._found[digest] for digest in digests if digest in self._found}

    def put(self, found: FileText, _rules: str) -> None:
        """Keep what was just read."""
        self._found[found.sha256] = found

    def digests(self) -> list[str]:
        """Give the digests of what was read."""
        return list(self._found)

    def otherwise(self, _rules: str) -> int:
        """Give 0: all was read now."""
        return 0

    def forget(self, digests: Iterable[str]) -> None:
        """Remove files."""
        for digest in digests:
            self._found.pop(digest, None)

    def reset(self) -> None:
        """Forget everything."""
        self._found.clear()

    def close(self) -> None:
        """Nothing is open."""
