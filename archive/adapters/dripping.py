"""Answers that never come to their end: drop by drop, or with more than any has.

The library's timeout is that of each read. A server, or a line, that gives a byte now and then held a command for
ever; one that gives without end took all memory. Here each span of that timeout must end an answer or bring what a
slow line brings, and what is no stored object has a length that it may not pass. Head and body are watched alike, of
S3 and of KMS, what a server says before a body was sent to it, and how it takes that. Only the waiting counts, and not
that for the first byte: who reads slowly himself blames nobody, and a server may think.
"""

import functools
import io
import time
from http.client import CONTINUE, HTTPResponse, parse_headers
from typing import Any

import botocore.awsrequest

SLOWEST = 1024
"""Bytes a second that a line must bring or take: a modem of the last century shared by four brings as much."""

LARGEST = 8 << 20
"""Bytes of an answer that is kept whole: a page of a listing has a thousand names of a thousand bytes at most."""

MOST_INTERIM = 16
"""Answers that only say that one is to come (RFC 9110, 15.2), before it."""

_LINE = 65536
"""Bytes of a line of a head, as the standard library allows them."""


class NeverEnds(OSError):
    """What came is no progress towards an end."""


def watch() -> None:
    """Let every connection that the library makes from now on watch its answers."""
    botocore.awsrequest.AWSHTTPConnectionPool.ConnectionCls = _Connection
    botocore.awsrequest.AWSHTTPSConnectionPool.ConnectionCls = _TlsConnection
    botocore.awsrequest.AWSResponse = _Whole


def told_of(error: BaseException) -> str | None:
    """Give what is to be said where an error of the library comes of an answer that never ends."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, NeverEnds):
            return str(seen)
        seen = seen.__cause__ or seen.__context__
    return None


class _Pace:
    """What went over a line, against the time that was waited for it."""

    def __init__(self) -> None:
        self.waited, self.count = 0.0, 0

    def went(self, count: int, waited: float, allowed: float | None, how: str) -> None:
        """Count bytes, and the seconds that they took.

        Raises:
            NeverEnds: the span that ends with them brought too little.
        """
        self.count, self.waited = self.count + count, self.waited + waited
        if count and allowed and self.waited >= allowed:
            if self.count < SLOWEST * self.waited:
                raise NeverEnds(f"it {how} drop by drop, {self.count} bytes in {self.waited:.0f} s")
            self.waited, self.count = 0.0, 0


class _Counted(io.RawIOBase):
    """The bytes of a socket, as long as enough of them come."""

    def __init__(self, raw: Any, allowed: float | None, begun: bytes = b"") -> None:
        super().__init__()
        self.raw, self.allowed, self.begun = raw, allowed, begun
        self._pace, self._first = _Pace(), not begun

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
            NeverEnds: this span brought too little.
        """
        if self.begun:
            given, self.begun = self.begun[: len(buffer)], self.begun[len(buffer) :]
            buffer[: len(given)] = given
            return len(given)
        asked = time.monotonic()
        count: int | None = self.raw.readinto(buffer)
        waited = 0.0 if self._first else time.monotonic() - asked
        self._first = False
        self._pace.went(count or 0, waited, self.allowed, "comes")
        return count


class _Answer(HTTPResponse):
    """An answer whose bytes are counted against the time that they took."""

    def __init__(self, sock: Any, *arguments: Any, begun: bytes = b"", **named: Any) -> None:
        """Read an answer from a socket, of which the first line may have been read already."""
        super().__init__(sock, *arguments, **named)
        self.fp = io.BufferedReader(_Counted(self.fp.detach(), sock.gettimeout(), begun))
        self._interim = 0

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        self._interim += status == CONTINUE
        if self._interim > MOST_INTERIM:
            raise NeverEnds("it says again and again that one is to come")
        return version, status, reason


class _Watching:
    """A connection whose answers are watched, also those to the question whether a body may be sent."""

    response_class: Any = _Answer
    sock: Any

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._pace = _Pace()

    def send(self, data: Any) -> None:
        """Send once.

        Raises:
            NeverEnds: this span took too little.
        """
        asked = time.monotonic()
        super().send(data)  # type: ignore[misc]
        if isinstance(data, bytes):
            self._pace.went(len(data), time.monotonic() - asked, self.sock.gettimeout(), "is taken")

    def _handle_expect_response(self, message_body: Any) -> None:
        """Send the body where the server says so; else what it says is the beginning of its answer.

        In the library's own words the rest of a head, or an answer that is no ``100``, would go past the watch, and a
        connection that ends within a head would be read for ever.
        """
        with _Counted(self.sock.makefile("rb", 0), self.sock.gettimeout()) as heard:
            line = heard.readline(_LINE + 1)
            if self._is_100_continue_status(line):  # type: ignore[attr-defined]
                parse_headers(heard)
                self._send_message_body(message_body)  # type: ignore[attr-defined]
                return
        self._response_received = True  # the library's word for: send nothing more
        self.response_class = functools.partial(_Answer, begun=line)


class _Connection(_Watching, botocore.awsrequest.AWSHTTPConnection):  # type: ignore[misc]
    pass


class _TlsConnection(_Watching, botocore.awsrequest.AWSHTTPSConnection):  # type: ignore[misc]
    pass


class _Whole(botocore.awsrequest.AWSResponse):  # type: ignore[misc]
    """An answer that the library reads whole, whatever its length: all but a stored object."""

    @property
    def content(self) -> bytes:
        """Give the body.

        Raises:
            NeverEnds: it is longer than any.
        """
        if self._content is None:  # type: ignore[has-type]  # the library has none
            data = bytearray()
            for piece in self.raw.stream():
                data += piece
                if len(data) > LARGEST:
                    self.raw.close()
                    raise NeverEnds(f"it is longer than {LARGEST >> 20} MiB")
            self._content = bytes(data)
        found: bytes = self._content
        return found
