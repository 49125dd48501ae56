"""The words of attachments: read once from the sealed bytes, kept beside the index, joined to the items."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from archive.ledger.opening import Opener
from archive.ports import Extractor, FileKey, TextStore
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
        files = self._files(item)
        found = self.store.get(list(files)) if files else {}
        return tuple(found[file] for file in files if file in found)

    def of(self, attachment: Attachment) -> FileText | None:
        """Give what was read of a file; reads nothing."""
        file = self._file(attachment)
        return self.store.get([file]).get(file) if attachment.sha256 else None

    def _file(self, one: Attachment) -> FileKey:
        return one.sha256 or "", self.extractor.hint(one.name or "", one.media_type or "")

    def _files(self, item: Item) -> dict[FileKey, Attachment]:
        """Give the files of an item, each once: the same bytes under another name may be read otherwise."""
        found: dict[FileKey, Attachment] = {}
        for one in item.attachments:
            if one.sha256:
                found.setdefault(self._file(one), one)
        return found

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
            elif isinstance(body, Item) and (files := self._files(body)):
                known = self.store.get(list(files))
                texts = (
                    known.get(file) or self._read(one, opener, met, capture_index)
                    for file, one in files.items()
                )
                yield replace(entry, texts=tuple(texts))
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
        self.store.put(found, self._file(one)[1], self.extractor.rules)
        return found


class ReadAnew:
    """The words of files of one decision: every file is read anew, for what a projection remembers may be wrong."""

    def __init__(self) -> None:
        self._found: dict[FileKey, FileText] = {}

    def get(self, files: Sequence[FileKey]) -> dict[FileKey, FileText]:
        """Give what was read since the beginning."""
        return {file: self._found[file] for file in files if file in self._found}

    def put(self, found: FileText, hint: str, _rules: str) -> None:
        """Keep what was just read."""
        self._found[found.sha256, hint] = found

    def digests(self) -> list[str]:
        """Give the digests of what was read."""
        return list({digest for digest, _ in self._found})

    def otherwise(self, _rules: str) -> int:
        """Give 0: all was read now."""
        return 0

    def forget(self, digests: Iterable[str]) -> None:
        """Remove files."""
        gone = set(digests)
        self._found = {file: found for file, found in self._found.items() if file[0] not in gone}

    def reset(self) -> None:
        """Forget everything."""
        self._found.clear()

    def close(self) -> None:
        """Nothing is open."""
