"""The chain of the read journal: which bytes a line's hash and its signatures cover.

``chain = SHA-256(label("beleg/journal/v1") ‖ JCS(the line without chain))``; the line names the hash before it.
A signature covers ``label("beleg/read/v1") ‖ label(origin) ‖ JCS(the line without journal, line, previous, chain,
signed and second)``: what was looked at, not where it came to stand.
"""

from collections.abc import Sequence
from hashlib import sha256

from archive.core.canonical import encode, label
from schemas.matter import Read

START = "0" * 64
"""The hash before the first line of a journal."""

_PLACE = {"journal", "line", "previous", "chain", "signed", "second"}


def chain_of(read: Read) -> str:
    """Give the hash of a line."""
    return sha256(
        label("beleg/journal/v1") + encode(read.model_dump(exclude_none=True, exclude={"chain"}))
    ).hexdigest()


def to_sign(read: Read, origin: str) -> bytes:
    """Give what a person signs who looks, or who agrees that another looks."""
    return label("beleg/read/v1") + label(origin) + encode(read.model_dump(exclude_none=True, exclude=_PLACE))


def oldest(lines: Sequence[Read]) -> str | None:
    """Give the earliest time that lines bear: one that a clock ahead wrote is as old, at least, as those behind it."""
    return min((read.time for read in lines), default=None)
