"""The firehose of a Bluesky server over a WebSocket. The connection is given, so that tests may replay what it says."""

from collections.abc import Callable, Iterator
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

    def close(self) -> None:
        """End the connection."""
        ...


Connect = Callable[[str, float], Socket]


class RefusedCursor(Exception):
    """The server does not know such a number: it was set up anew, perhaps."""


def connect(url: str, timeout: float) -> Socket:
    """Open a connection; raises Unreachable."""
    try:
        return open_socket(url, open_timeout=timeout, max_size=LARGEST_FRAME, close_timeout=5)
    except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
        raise Unreachable(
            f"{urlsplit(url).hostname}: the firehose does not answer ({type(error).__name__})"
        ) from error


def listen(open_at: Connect, server: str, cursor: int, timeout: float) -> Iterator[tuple[Frame, bytes]]:
    """Give every frame after a number, as received too, until the server is quiet; ``#info`` frames as well.

    Raises:
        RefusedCursor: no such number there.
        Unreachable: no answer, the connection broke, or what came are no frames.
    """
    parts = urlsplit(server)
    scheme = "wss" if parts.scheme == "https" else "ws"
    url = f"{scheme}://{parts.netloc}/xrpc/com.atproto.sync.subscribeRepos?cursor={cursor}"
    socket = open_at(url, timeout)
    try:
        for _ in range(MOST):
            try:
                data = socket.recv(timeout=QUIET)
            except TimeoutError:
                return
            if not isinstance(data, bytes):
                raise Unreachable(f"{parts.hostname}: the firehose gives text")
            frame = read_frame(data)
            if frame.kind == "#error":
                if frame.text("error") == "FutureCursor":
                    raise RefusedCursor
                raise Unreachable(f"{parts.hostname}: the firehose ends with an error")
            yield frame, data
    except ConnectionClosed as error:
        raise Unreachable(f"{parts.hostname}: the firehose broke off") from error
    except Broken as error:
        raise Unreachable(f"{parts.hostname}: the firehose gives something that is no frame") from error
    finally:
        socket.close()
