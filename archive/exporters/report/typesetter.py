"""The typesetter, typst. It keeps in memory what it ever set, so whatever is much is set in processes that end."""

import json
import multiprocessing
import signal
from collections.abc import Mapping
from multiprocessing.connection import Connection

import typst

from archive.errors import FormatError, Unfinished
from archive.exporters.report import fonts

STANDARD = "a-2a"
MUCH = 1 << 20
"""Bytes of values that one process sets; each takes some two hundred times its size in memory."""


class Typesetter:
    """Sets pages here while it is little, then in one process after the other: one takes half a second to come up."""

    def __init__(self) -> None:
        """Nothing is started yet."""
        self._here = self._there = 0
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def set(self, files: Mapping[str, bytes], weight: int) -> tuple[bytes, int]:
        """Give a PDF/A-2a of ``main.typ``, and the number of its pages.

        Args:
            files: by their names.
            weight: bytes of the values among them.

        Raises:
            FormatError: it cannot be set.
            Unfinished: a process was ended from outside.
        """
        if self._pipe is None and self._here + weight <= MUCH:
            self._here += weight
            pages = _set(files)
        else:
            pages = self._apart(files, weight)
        if pages is None:
            raise FormatError(
                "the pages could not be set as PDF/A-2a; a bundle without pages: --profile review without --images"
            )
        return pages

    def _apart(self, files: Mapping[str, bytes], weight: int) -> tuple[bytes, int] | None:
        if self._pipe is None or self._there + weight > MUCH:
            self.end()
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        self._there += weight
        try:
            self._pipe.send(files)
            answer: tuple[bytes, int] | None = self._pipe.recv()
        except (EOFError, OSError) as error:
            self.end()
            raise Unfinished("the process that sets the pages was ended; run it again") from error
        return answer

    def end(self) -> None:
        """End the process, if there is one."""
        if self._pipe is not None and self._process is not None:
            self._pipe.close()
            self._process.join()
        self._pipe, self._process, self._there = None, None, 0


def _serve(pipe: Connection) -> None:
    """Set what is asked for, until nobody is there any more to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            pipe.send(_set(pipe.recv()))
        except (EOFError, OSError):
            return


def _set(files: Mapping[str, bytes]) -> tuple[bytes, int] | None:
    """Set pages; None if they cannot be, for what the library says of it may quote the text."""
    try:
        data = typst.compile(  # type: ignore[call-overload]
            dict(files),
            font_paths=fonts.loaded(),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=[STANDARD],
        )
        count = typst.query(  # type: ignore[type-var]
            dict(files),
            "<pages>",
            field="value",
            one=True,
            font_paths=fonts.loaded(),
            ignore_system_fonts=True,
        )
    except typst.TypstError:
        return None
    return bytes(data), int(json.loads(count))


TYPESETTER = Typesetter()
"""One a process, for what it keeps it keeps for the whole process."""
