"""Answers that come drop by drop, at which every read ends in time and the whole never does.

The library's timeout is that of each read. A server, or a line, that gives a byte now and then held a command for
ever. Here each span of that timeout must end an answer or bring what a slow line brings; head and body are watched
alike, of S3 and of KMS. Only the waiting counts, and not that for the first byte: who reads slowly himself blames
nobody, and a server may think.
"""

import io
import time
from http.client import HTTPResponse
from typing import Any

import botocore.awsrequest

SLOWEST = 1024
"""Bytes a second that an answer must bring: a modem of the last century shared by four brings as much."""


class TooSlow(OSError):
    """What came in the time allowed is no progress."""


def watch() -> None:
    """Let every connection that the library makes from now on watch its answers."""
    for connection in (botocore.awsrequest.AWSHTTPConnection, botocore.awsrequest.AWSHTTPSConnection):
        connection.response_class = _Watched


def told_of(error: BaseException) -> str | None:
    """Give what is to be said where an error of the library comes of an answer that was too slow."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, TooSlow):
            return str(seen)
        seen = seen.__cause__ or seen.__context__
    return None


class _Watched(HTTPResponse):
    """An answer whose bytes are counted against the time that they took."""

    def __init__(self, sock: Any, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        allowed = sock.gettimeout()
        if allowed:
            self.fp = io.BufferedReader(_Counted(self.fp.detach(), allowed))


class _Counted(io.RawIOBase):
    """The bytes of a socket, as long as enough of them come."""

    def __init__(self, raw: Any, allowed: float) -> None:
        super().__init__()
        self.raw, self.allowed = raw, allowed
        self.waited, self.got = 0.0, 0
        self._begun = False

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        found: int = self.raw.fileno()
        return found

    def close(self) -> None:
        if not self.closed:
            self.raw.close()
        super().close()

    def readinto(self, buffer: Any) -> int | None:
        """Read once.

        Raises:
            TooSlow: this span brought too little.
        """
        begun = time.monotonic()
        count: int | None = self.raw.readinto(buffer)
        if self._begun:
            self.waited += time.monotonic() - begun
        self._begun = True
        self.got += count or 0
        if count and self.waited >= self.allowed:
            if self.got < SLOWEST * self.waited:
                raise TooSlow(f"it comes drop by drop, {self.got} bytes in {self.waited:.0f} s")
            self.waited, self.got = 0.0, 0
        return count
