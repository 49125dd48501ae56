"""Content codings (RFC 9110 §8.4.1): what a server packed an answer by, undone within a bound.

gzip and deflate (RFC 1952, 1950, also the bare RFC 1951 that many send), br (RFC 7932), zstd (RFC 8878, whose window
is no more than 8 MB in an answer, RFC 9659).
"""

import zlib
from collections.abc import Callable

import brotli
import zstandard

from archive.reading.json_fields import NotUnderstood

WINDOW = 8 << 20
_PIECE = 1 << 20
_TOO_MUCH = "expands beyond the limit"


def uncoded(body: bytes, codings: str, most: int) -> bytes | None:
    """Undo the codings of a body, as the field ``Content-Encoding`` lists them: in the order of their use.

    Gives None for a coding that is not known, or bytes that are not coded so.

    Raises:
        NotUnderstood: it expands to more than ``most`` bytes.
    """
    for coding in reversed([one.strip().lower() for one in codings.split(",") if one.strip()]):
        undo = _KNOWN.get(coding)
        if undo is None:
            return None
        try:
            body = undo(body, most)
        except (zlib.error, brotli.error, zstandard.ZstdError):
            return None
    return body


def _same(body: bytes, most: int) -> bytes:  # noqa: ARG001
    return body


def _gzip(body: bytes, most: int) -> bytes:
    try:
        return _inflated(body, most, 47)
    except zlib.error:
        return _inflated(body, most, -15)


def _inflated(body: bytes, most: int, window: int) -> bytes:
    unzip = zlib.decompressobj(window)
    found = unzip.decompress(body, most)
    if unzip.unconsumed_tail:
        raise NotUnderstood(_TOO_MUCH)
    return found


def _brotli(body: bytes, most: int) -> bytes:
    unpacker, found = brotli.Decompressor(), bytearray()
    data = body
    while True:
        piece = unpacker.process(data, output_buffer_limit=_PIECE)
        data = b""
        found += piece
        if len(found) > most:
            raise NotUnderstood(_TOO_MUCH)
        if unpacker.is_finished():
            return bytes(found)
        if not piece and unpacker.can_accept_more_data():
            raise brotli.error(
                "it does not end"
            )  # no mark tells what is packed so: any bytes may begin alike


def _zstd(body: bytes, most: int) -> bytes:
    found = bytearray()
    unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW)
    with unpacker.stream_reader(body, read_across_frames=True) as stream:
        while piece := stream.read(_PIECE):
            found += piece
            if len(found) > most:
                raise NotUnderstood(_TOO_MUCH)
    return bytes(found)


_KNOWN: dict[str, Callable[[bytes, int], bytes]] = {
    "identity": _same, "gzip": _gzip, "x-gzip": _gzip, "deflate": _gzip, "br": _brotli, "zstd": _zstd,
}  # fmt: skip
