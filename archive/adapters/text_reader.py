"""Reads the words of files in a process that can do no harm (``confined_child``)."""

import shutil
import subprocess
from importlib.metadata import version

from pydantic import BaseModel, ValidationError

from archive.adapters import file_words
from archive.adapters.confined import ConfinedChild
from archive.errors import SettingsError
from schemas.entry import FileState

LONGEST = 64 * 1024 * 1024
RULES = 9
"""Version of what ``file_texts`` does; libraries count themselves."""


class _Answer(BaseModel):
    state: FileState
    text: str = ""


class TextReader:
    """An Extractor: one confined process for all files of a command."""

    longest = LONGEST

    def __init__(self, ocr: str | None = None) -> None:
        """``ocr``: languages for tesseract, as in ``deu+eng``; None reads no images.

        Raises:
            SettingsError: OCR is set, and tesseract or a language is not installed.
        """
        self._ocr = ocr
        self._child = ConfinedChild()
        libraries = ", ".join(f"{name} {version(name)}" for name in ("pypdfium2", "python-docx", "openpyxl"))
        self.rules = f"{RULES}; {libraries}; OCR {ocr or 'off'}"

    def hint(self, name: str, media_type: str) -> str:
        """Give what of a name and a type decides how bytes are read."""
        return file_words.hint(name, media_type)

    def read(self, data: bytes, name: str, media_type: str) -> tuple[FileState, str]:
        """Give what could be read of a file, and its words.

        Raises:
            Unfinished: this system does not let the reader be confined.
        """
        if len(data) > LONGEST:
            return "too_big", ""
        if self._ocr and not self._child.runs:
            _check_ocr(self._ocr)
        answer = self._child.ask(data, what="words", name=name, media_type=media_type, ocr=self._ocr)
        try:
            found = _Answer.model_validate(answer)
        except ValidationError:
            return "damaged", ""
        return found.state, found.text

    def close(self) -> None:
        """End the child."""
        self._child.close()


def _check_ocr(languages: str) -> None:
    program = shutil.which("tesseract")
    if program is None:
        raise SettingsError(
            "ocr is set, and tesseract is not installed (Debian: tesseract-ocr tesseract-ocr-deu)"
        )
    done = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False)  # noqa: S603
    missing = set(languages.split("+")) - set(done.stdout.split())
    if missing:
        raise SettingsError(f"ocr: tesseract does not have the languages {', '.join(sorted(missing))}")
