"""How far the folders of a mailbox were read: the cursor of an IMAP source."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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
    missed: frozenset[int] = frozenset()
    """Mails that were asked for and not had; that is on record, and they are asked for again."""
    before: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """What was read under an older UIDVALIDITY, and of which nobody has told yet whether it is gone."""


@dataclass(slots=True)
class ImapCursor:
    """How far a mailbox was read, and whose it is."""

    account: str | None = None
    """None: a cursor of before this was told."""
    folders: dict[str, Folder] = field(default_factory=dict)
    server: str | None = None
    """Whose numbers these are; None: a cursor of before this was told."""

    def text(self) -> str:
        """Write it."""
        members: dict[str, dict[str, object]] = {
            name: _members(one) for name, one in sorted(self.folders.items())
        }
        if self.account is not None:
            members[_ACCOUNT] = {"account": self.account}
            if self.server is not None:
                members[_ACCOUNT]["server"] = self.server
        return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


_ACCOUNT = ""
"""No folder is called so."""


def _members(one: Folder) -> dict[str, object]:
    told: dict[str, object] = {"validity": one.validity, "modseq": one.modseq, "uids": ranges(one.uids)}
    if one.closed:
        told["closed"] = True
    if one.missed:
        told["missed"] = ranges(one.missed)
    if one.before:
        told["before"] = {str(validity): ranges(uids) for validity, uids in one.before.items()}
    return told


def read_imap_cursor(cursor: str | None) -> ImapCursor:
    """Read a cursor.

    Raises:
        FormatError: it is none.
    """
    if cursor is None:
        return ImapCursor()
    try:
        members: dict[str, Any] = json.loads(cursor)
        whose = members.pop(_ACCOUNT, {})
        folders = {
            name: Folder(
                int(one["validity"]),
                one["modseq"],
                frozenset(numbers(one["uids"])),
                one.get("closed") is True,
                frozenset(numbers(one.get("missed", ""))),
                {int(number): frozenset(numbers(uids)) for number, uids in one.get("before", {}).items()},
            )
            for name, one in members.items()
        }
        return ImapCursor(whose.get("account"), folders, whose.get("server"))
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
