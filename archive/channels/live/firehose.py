"""The firehose of a Bluesky server over a WebSocket. The connection is given, so that tests may replay what it says."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import connect as open_socket

from archive.channels.bluesky.frames import Frame, read_frame
from archive.channels.bluesky.repository import Broken
from archive.errors import Unreachable

QUIET = 5.0
"""Seconds without a frame after which a server has nothing more to say."""
LARGEST_FRAME = 8 << 20
MOST = 200_000
"""Frames of one collection; a server of very many accounts is read further by the next."""


class Socket(Protocol):
    """What is needed of a connection."""

    def recv(self, timeout: float | None = None) -> str | bytes:
        """Give the next message; raises TimeoutError, or ConnectionClosed at the end."""
        ...


Connect = Callable[[str, float], AbstractContextManager[Socket]]


class RefusedCursor(Exception):
    """The server does not know such a number: it was set up anew, perhaps."""


@contextmanager
def connect(url: str, timeout: float) -> Iterator[Socket]:
    """Open a connection; raises Unreachable."""
    try:
        with open_socket(url, open_timeout=timeout, max_size=LARGEST_FRAME, close_timeout=5) as socket:
            yield socket
    except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
        raise Unreachable(
            f"{urlsplit(url).hostname}: the firehose does not answer ({type(error).__name__})"
        ) from error


def stream_url(server: str, cursor: int | None) -> str:
    """Give the address of a server's firehose; without a number it begins with the next event."""
    parts = urlsplit(server)
    scheme = "wss" if parts.scheme == "https" else "ws"
    asked = "" if cursor is None else f"?cursor={cursor}"
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/xrpc/com.atproto.sync.subscribeRepos{asked}"


def listen(open_at: Connect, server: str, cursor: int, timeout: float) -> Iterator[tuple[Frame, bytes]]:
    """Give every frame after a number, as received too, until the server is quiet; ``#info`` frames as well.

    Raises:
        RefusedCursor: no such number there.
        Unreachable: no answer, the connection broke, or what came are no frames.
    """
    parts, url = urlsplit(server), stream_url(server, cursor)
    try:
        with open_at(url, timeout) as socket:
            yield from _frames(socket, parts.hostname)
    except ConnectionClosed as error:
        raise Unreachable(f"{parts.hostname}: the firehose broke off") from error
    except Broken as error:
        raise Unreachable(f"{parts.hostname}: the firehose gives something that is no frame") from error


def _frames(socket: Socket, host: str | None) -> Iterator[tuple[Frame, bytes]]:
    for _ in range(MOST):
        try:
            data = socket.recv(timeout=QUIET)
        except TimeoutError:
            return
        if not isinstance(data, bytes):
            raise Unreachable(f"{host}: the firehose gives text")
        frame = read_frame(data)
        if frame.kind == "#error":
            if frame.text("error") == "FutureCursor":
                raise RefusedCursor
            raise Unreachable(f"{host}: the firehose ends with an error")
        yield frame, data
