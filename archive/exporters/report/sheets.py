"""Documents of a volume on pages: a conversation or a mail as it is read, or the sheet that stands for a file."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from archive.exporters.events import messages
from archive.exporters.report.pages import Pages
from archive.exporters.report.typesetting import set_pages
from archive.exporters.report.words import Words
from archive.exporters.slices import Slice
from archive.production import Opening, Picture

TEMPLATE = "document.typ"


class Sheets:
    """Sets documents; each page bears the number of its document and its own."""

    def __init__(
        self, zone: str, language: Literal["de", "en"], picture: Callable[[Opening], Picture | None]
    ) -> None:
        self.zone, self.words, self.picture = zone, Words(language), picture

    def document(self, number: str, cut: Slice) -> tuple[bytes, int]:
        """Give a document as PDF, and its pages."""
        pages = Pages(self.zone, self.words, self.picture)
        told = pages.conversation(cut, messages(cut.items))
        return self._set(number, [told], [], pages)

    def slip(self, number: str, told: Sequence[str]) -> tuple[bytes, int]:
        """Give the sheet for a file that is handed out as it is.

        Args:
            number: of the document.
            told: its name, ending, length and SHA-256.
        """
        pages = Pages(self.zone, self.words, self.picture)
        names = (self.words[name] for name in ("file", "ending", "length", "sha256"))
        rows = [[name, pages.shown.line(value)] for name, value in zip(names, told, strict=True)]
        return self._set(number, [], rows, pages)

    def _set(
        self, number: str, conversations: list[dict[str, Any]], slip: list[list[str]], pages: Pages
    ) -> tuple[bytes, int]:
        values = {
            "title": number, "number": number, "language": self.words.language, "words": self.words.all(),
            "conversations": conversations, "slip": slip,
        }  # fmt: skip
        return set_pages(TEMPLATE, values, pages.pictures, pages.last)
