"""Every object name of FORMAT.md §10 is spelt here, nowhere else."""

import re

from archive.errors import FormatError

SEGMENTS = "segments/"
CHECKPOINTS = "checkpoints/"
OBJECTS = "objects/"
TOKENS = "tokens/"
COMMITS = "commits/"
KEYS = "keys/"
PROBES = "probe/"
"""What a test of a place wrote and may not have been allowed to remove; says nothing."""

_NUMBERED = re.compile(r"[a-z]+/([0-9]{20})-([0-9a-f]{64})")
_ARCHIVED = re.compile(
    r"(?:(?:segments|checkpoints)/[0-9]{20}-|objects/(?P<begin>[0-9a-f]{2})/(?=(?P=begin))|tokens/)"
    r"(?P<digest>[0-9a-f]{64})"
)


def segment(first: int, sha256: str) -> str:
    """Name a segment by the index of its first record and its digest."""
    return f"{SEGMENTS}{first:020d}-{sha256}"


def checkpoint(size: int, sha256: str) -> str:
    """Name a checkpoint by its size and its digest."""
    return f"{CHECKPOINTS}{size:020d}-{sha256}"


def parse_numbered(name: str) -> tuple[int, str]:
    """Take the name of a segment or checkpoint apart: (first or size, digest).

    Raises:
        FormatError: it is not such a name.
    """
    match = _NUMBERED.fullmatch(name)
    if not match:
        raise FormatError(f"an object name that format 1 does not know: {name[:120]!r}")
    return int(match[1]), match[2]


def digest_of(name: str) -> str:
    """Take the SHA-256 of its bytes out of the name of anything in the archive place.

    Raises:
        FormatError: it is not such a name.
    """
    match = _ARCHIVED.fullmatch(name)
    if not match:
        raise FormatError(f"an object name that format 1 does not know: {name[:120]!r}")
    return match["digest"]


def object_name(sha256: str) -> str:
    """Name an encrypted object by its digest."""
    return f"{OBJECTS}{sha256[:2]}/{sha256}"


def token(sha256: str) -> str:
    """Name a time-stamp token by its digest."""
    return f"{TOKENS}{sha256}"


def marker(first: int) -> str:
    """Name the commit marker of the segment that begins at ``first``."""
    return f"{COMMITS}{first:020d}"


def parse_marker_name(name: str) -> int:
    """Give the index at which the segment of a commit marker begins.

    Raises:
        FormatError: it is not the name of a marker.
    """
    digits = name.removeprefix(COMMITS)
    if not digits.isascii() or not digits.isdigit() or name != marker(int(digits)):
        raise FormatError(f"an object name that format 1 does not know: {name[:120]!r}")
    return int(digits)


def page(batch: bytes, record_class: str, generation: int = 0) -> str:
    """Name a key page by its batch, class and generation."""
    return f"{KEYS}{batch.hex()}/{record_class}/{generation:010d}"


_PAGE = re.compile(r"keys/([0-9a-f]{32})/([a-z]+)/([0-9]{10})")


def parse_page_name(name: str) -> tuple[bytes, str, int]:
    """Take the name of a key page apart: (batch, class, generation).

    Raises:
        FormatError: it is not such a name.
    """
    match = _PAGE.fullmatch(name)
    if not match:
        raise FormatError(f"an object name that format 1 does not know: {name[:120]!r}")
    return bytes.fromhex(match[1]), match[2], int(match[3])


def is_known(name: str) -> bool:
    """Say whether format 1 has such a name in any place."""
    for parse in (digest_of, parse_marker_name, parse_page_name):
        try:
            parse(name)
        except FormatError:
            continue
        return True
    return False
