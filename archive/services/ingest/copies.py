"""What is kept of a file that is not kept whole, so that a newer reader can read it again: the file as it was read.

Of a zip that is a zip again, with the members that were read; what must not be archived reads as stars, and what was
left out is not in it.
"""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from archive.errors import UnreadableInput
from archive.reading.tree import Member

ZIP = "application/zip"
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def digest_of(received: bytes, parser: str, members: Sequence[Member]) -> bytes:
    """Give what a copy's id is made from: the SHA-256 of the file as received, the reader whose view it is, and the
    members of a zip that are in it: one zip may hold several exports."""
    names = "".join(f"\0{member.inside}" for member in members if member.inside)
    return sha256(b"masked" + received + (parser + names).encode()).digest()


@contextmanager
def copy_of(members: Sequence[Member]) -> Iterator[Callable[[], BinaryIO]]:
    """Give how to open the copy of one file, of which these members were read; it is there until the context ends.

    A member of a zip that breaks off is in it as far as it can be read.
    """
    if not members[0].inside:
        yield members[0].open
        return
    with tempfile.TemporaryFile() as spool:
        with zipfile.ZipFile(spool, "w", zipfile.ZIP_DEFLATED) as out:
            for member in members:
                with suppress(UnreadableInput):  # counted as failed by who read it
                    _add(out, member.inside, member.open)

        def reopened() -> BinaryIO:
            spool.seek(0)
            return os.fdopen(os.dup(spool.fileno()), "rb")

        yield reopened


def _add(out: zipfile.ZipFile, name: str, opener: Callable[[], BinaryIO]) -> None:
    info = zipfile.ZipInfo(name, _EARLIEST)
    info.compress_type = zipfile.ZIP_DEFLATED
    with opener() as stream, out.open(info, "w", force_zip64=True) as entry:
        shutil.copyfileobj(stream, entry, 1 << 20)


def join(copies: Iterable[Path], target: Path) -> None:
    """Put several copies of one zip together, each as another reader saw it; the first that has a member gives it."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        known: set[str] = set()
        for copy in copies:
            with zipfile.ZipFile(copy) as one:
                for name in one.namelist():
                    if name not in known:
                        known.add(name)
                        _add(out, name, lambda one=one, name=name: one.open(name))  # type: ignore[misc]
