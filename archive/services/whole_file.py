"""Small files of this host, written whole or not at all."""

import os
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Put a text in the stead of what a file held; its folder is there.

    Raises:
        OSError: it could not be written; the file is as it was.
    """
    new = file.with_name(f"{file.name}.{os.getpid()}.new")  # two commands may come to this at once
    new.write_text(text, encoding="utf-8")
    new.replace(file)
