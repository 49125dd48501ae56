"""How far the folders of a mailbox were read: the cursor of an IMAP source."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from archive.errors import FormatError


@dataclass(frozen=True, slots=True)
class Folder:
    """How far a folder was read."""

    validity: int
    modseq: int | None
    uids: frozenset[int]
    closed: bool = False
    """The server did not open it at the last look; that is on record."""


def write_folders(folders: dict[str, Folder]) -> str:
    """Write a cursor."""
    members = {name: _members(one) for name, one in sorted(folders.items())}
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _members(one: Folder) -> dict[str, object]:
    told: dict[str, object] = {"validity": one.validity, "modseq": one.modseq, "uids": ranges(one.uids)}
    return {**told, "closed": True} if one.closed else told


def read_folders(cursor: str | None) -> dict[str, Folder]:
    """Read a cursor.

    Raises:
        FormatError: it is none.
    """
    if cursor is None:
        return {}
    try:
        members: dict[str, Any] = json.loads(cursor)
        return {
            name: Folder(
                int(one["validity"]),
                one["modseq"],
                frozenset(numbers(one["uids"])),
                one.get("closed") is True,
            )
            for name, one in members.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FormatError("the cursor of a mailbox cannot be read") from error


def ranges(uids: Iterable[int]) -> str:
    """Write numbers as ``1:4,7``."""
    runs: list[list[int]] = []
    for uid in sorted(uids):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)


def numbers(text: str) -> Iterator[int]:
    """Read ``1:4,7``."""
    for part in text.split(",") if text else ():
        first, _, last = part.partition(":")
        yield from range(int(first), int(last or first) + 1)
