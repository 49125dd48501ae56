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

    def hint(self, name: str, media_type: str) -> str:
        """Give what of a name and a type decides how bytes are read: the same bytes and hint give the same words."""
        ...

    def read(self, data: bytes, name: str, media_type: str) -> "tuple[FileState, str]":
        """Give what could be read, and the words."""
        ...

    def close(self) -> None:
        """End whatever runs."""
        ...


FileKey = tuple[str, str]
"""The digest of a file, and the hint under which its bytes are read."""


class TextStore(Protocol):
    """The words of files that were read, by digest and hint. Disposable."""

    def get(self, files: "Sequence[FileKey]") -> "dict[FileKey, FileText]":
        """Give what is known of these files."""
        ...

    def put(self, found: "FileText", hint: str, rules: str) -> None:
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
