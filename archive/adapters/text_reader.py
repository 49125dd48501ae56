"""Reads the words of files in a confined child process (``text_child``), started when first needed."""

import json
import os
import shutil
import struct
import subprocess
import sys
from importlib.metadata import version
from typing import IO, cast

from pydantic import TypeAdapter, ValidationError

from archive.adapters.text_child import UNCONFINED
from archive.errors import ArchiveError, SettingsError, Unfinished
from schemas.entry import FileState

LONGEST = 64 * 1024 * 1024
RULES = 2
"""Version of what ``file_texts`` does; libraries count themselves."""

_STATE: TypeAdapter[FileState] = TypeAdapter(FileState)


class TextReader:
    """An Extractor: one child process for all files of a command."""

    longest = LONGEST

    def __init__(self, ocr: str | None = None) -> None:
        """``ocr``: languages for tesseract, as in ``deu+eng``; None reads no images.

        Raises:
            SettingsError: OCR is set, and tesseract or a language is not installed.
        """
        self._ocr = ocr
        self._child: subprocess.Popen[bytes] | None = None
        libraries = ", ".join(f"{name} {version(name)}" for name in ("pypdfium2", "python-docx", "openpyxl"))
        self.rules = f"{RULES}; {libraries}; OCR {ocr or 'off'}"

    def read(self, data: bytes, name: str, media_type: str) -> tuple[FileState, str]:
        """Give what could be read of a file, and its words.

        Raises:
            Unfinished: this system does not let the reader be confined.
        """
        if len(data) > LONGEST:
            return "too_big", ""
        head = json.dumps(
            {"name": name, "media_type": media_type, "length": len(data), "ocr": self._ocr}
        ).encode()
        child = self._running()
        try:
            stdin, stdout = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)
            stdin.write(struct.pack(">I", len(head)) + head + data)
            stdin.flush()
            answer = json.loads(_exactly(stdout, struct.unpack(">I", _exactly(stdout, 4))[0]))
            return _STATE.validate_python(answer["state"]), str(answer["text"])
        except (OSError, EOFError, ValueError, KeyError, TypeError, ValidationError):
            # The process that guards the readers fell itself, or answers nonsense: this file is told, the next
            # one gets a new process.
            self.close()
            if child.returncode == UNCONFINED:
                raise Unfinished(
                    "files cannot be read here: the system lets their reader not be cut off from the network. It needs "
                    "Linux on x86-64 or ARM64, with seccomp or user namespaces"
                ) from None
            return "damaged", ""

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            child, self._child = self._child, None
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self.close()
            if self._ocr:
                _check_ocr(self._ocr)
            environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
            self._child = subprocess.Popen(  # our own module, in this interpreter
                [sys.executable, "-I", "-m", "archive.adapters.text_child"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd="/",
                start_new_session=True,
            )  # fmt: skip
        return self._child


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


def _exactly(stream: IO[bytes], length: int) -> bytes:
    if length > 64 * 1024 * 1024:
        raise ArchiveError("the reader of files answered too much")
    found = stream.read(length)
    if len(found) < length:
        raise EOFError
    return found
