"""The folder of a search index: marked as ours before anything is written, and never taken for ours unmarked.

Whoosh keeps pickles in its files, so an index that somebody else wrote would be code that we run; and an
index made by other rules would give other hits. Both are refused here, before an engine opens anything.
"""

import json
import os
import shutil
from pathlib import Path

from archive.errors import OtherRules, Outdated
from archive.query.analysis import ANALYSER, UNICODE

FORMAT = 2
MARKER = "beleg-index.json"
_DISCARDED = "discarded-"


def claim(folder: Path, engine: str, engine_version: str) -> None:
    """Mark a new or empty folder as an index of this engine, or check the mark of an existing one.

    Raise ``Outdated`` when the folder holds something else, ``OtherRules`` for an index made by other rules.
    """
    mark = {
        "format": FORMAT,
        "engine": engine,
        "engine_version": engine_version,
        "analyser": ANALYSER,
        "unicode": UNICODE,
    }
    folder.mkdir(parents=True, exist_ok=True)
    found = _read(folder)
    if found is None:
        if not _empty(folder):
            raise Outdated(_strange(folder))
        _write(folder, mark)
    elif found != mark:
        changed = ", ".join(f"{k} {found.get(k)} → {v}" for k, v in mark.items() if found.get(k) != v)
        raise OtherRules(
            f"the search index in {folder} was made by other rules ({changed}): beleg rebuild index"
        )
    _sweep(folder)


def discard(folder: Path) -> None:
    """Remove an index that Beleg made, of whatever version, so that it can be made anew.

    The mark goes last: a crash leaves a folder that is still known as ours. A mark that cannot be read is
    still a mark: such an index was damaged.
    """
    if not folder.exists() or _empty(folder):
        return
    if not (folder / MARKER).is_file():
        raise Outdated(_strange(folder))
    for path in folder.iterdir():
        if path.name != MARKER:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (folder / MARKER).unlink()


def building(folder: Path) -> Path:
    """Return where a folder is built that will take the place of this one; an unfinished one is swept."""
    return folder.with_name(f"{_DISCARDED}new-{folder.name}")


def put_away(folder: Path) -> None:
    """Remove a folder of the index at one instant; what a crash leaves is swept at the next start."""
    if folder.exists():
        aside = folder.with_name(_DISCARDED + folder.name)
        if aside.exists():
            shutil.rmtree(aside)
        folder.rename(aside)
        shutil.rmtree(aside)


def _strange(folder: Path) -> str:
    if (folder / MARKER).is_file():
        return f"the search index in {folder} is damaged: beleg rebuild index"
    return (
        f"{folder} is not empty and bears no mark of a search index of Beleg; nothing there was touched. "
        "If it may go, delete it, then: beleg rebuild index"
    )


def _empty(folder: Path) -> bool:
    return all(path.name == f"{MARKER}.new" for path in folder.iterdir())


def _sweep(folder: Path) -> None:
    for path in (*folder.glob(_DISCARDED + "*"), *folder.glob(f"*/{_DISCARDED}*")):
        shutil.rmtree(path, ignore_errors=True)


def _read(folder: Path) -> dict[str, object] | None:
    try:
        found = json.loads((folder / MARKER).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write(folder: Path, mark: dict[str, object]) -> None:
    new = folder / f"{MARKER}.new"
    with new.open("w", encoding="utf-8") as file:
        json.dump(mark, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / MARKER)
