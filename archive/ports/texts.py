"""The words of files."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from schemas.entry import FileState, FileText


class Extractor(Protocol):
    """Reads the words of a file of any kind; hostile files harm nothing and nobody."""

    longest: int
    """Bytes of a file beyond which it is not read."""
    rules: str
    """What decides the words that are found: rules, libraries, OCR, with their versions."""

    def read(self, data: bytes, name: str, media_type: str) -> "tuple[FileState, str]":
        """Give what could be read, and the words."""
        ...

    def close(self) -> None:
        """End whatever runs."""
        ...


class TextStore(Protocol):
    """The words of files that were read, by the digest of the file. Disposable."""

    def get(self, digests: Sequence[str]) -> "dict[str, FileText]":
        """Give what is known of these files, by digest."""
        ...

    def put(self, found: "FileText", rules: str) -> None:
        """Store what was read, under the version of the rules that read it."""
        ...

    def digests(self) -> "list[str]":
        """Give the digests of all files that are known."""
        ...

    def otherwise(self, rules: str) -> int:
        """Give how many files were read under other rules than these."""
        ...

    def forget(self, digests: Iterable[str]) -> None:
        """Remove files so that none of their words is left."""
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...
