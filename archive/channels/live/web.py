"""Asking over HTTP: limits honoured, pauses with jitter, answers capped in bytes and time.

A token goes to the server that was asked and, where that leads elsewhere, to nobody else.
"""

import json
import random
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from archive.errors import AskedToWait, Refused, Unreachable
from schemas.capture import Wait

LARGEST = 64 << 20
"""Bytes of an answer; of a file, see ``largest``."""
TRIES = 5
LONGEST_WAIT = 120.0
"""Seconds that a collection waits at a server's word; longer ones end it, and the next goes on."""
LONGEST_ANSWER = 1800.0
"""Seconds for one answer: a server that gives a byte now and then would keep a collection for ever."""
GLANCE = 1.0
"""Seconds of reading after which somebody looks whether the collection was stopped."""
REDIRECTS = 5
_SINCE_1970 = 1_000_000_000
"""A number of seconds from here on is an instant, and no span."""
_GZIP = ("gzip", "x-gzip")
_AGAIN = (429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that is whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def object(self) -> dict[str, Any]:
        """Give the JSON object that it is.

        Raises:
            Unreachable: it is none: a login or error page, perhaps.
        """
        value = self._json()
        if not isinstance(value, dict):
            raise Unreachable(f"{_host(self.url)}: an answer that is no JSON object")
        return value

    def array(self) -> list[Any]:
        """Give the JSON array that it is; raises as ``object``."""
        value = self._json()
        if not isinstance(value, list):
            raise Unreachable(f"{_host(self.url)}: an answer that is no list")
        return value

    def _json(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Unreachable(
                f"{_host(self.url)}: an answer that is no JSON: a login or error page, perhaps"
            ) from error


@dataclass
class Web:
    """A client for one source. The HTTP client is given, so that tests may replay what servers said."""

    timeout: float = 60.0
    bearer: str | None = None
    client: httpx.Client | None = None
    sleep: Callable[[float], None] = time.sleep
    waits: list[Wait] = field(default_factory=list)
    """What it had to wait for since somebody took them (``taken_waits``)."""

    def close(self) -> None:
        """Close the connections."""
        if self.client is not None:
            self.client.close()

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give the waits since the last time, and forget them."""
        taken, self.waits = tuple(self.waits), []
        return taken

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        accepted: tuple[int, ...] = (200,),
        largest: int = LARGEST,
        form: Mapping[str, str] | None = None,
    ) -> Response:
        """Ask until there is an answer with an accepted status; with a ``form``, by POST and without the token.

        Raises:
            Refused: the server does not accept the login (401, 403).
            Unreachable: no answer, another status, an answer that is too large, or a wait that is too long.
        """
        for attempt in range(TRIES):
            try:
                response = self._ask(url, headers or {}, params, largest, form)
            except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as error:
                if attempt == TRIES - 1:
                    raise Unreachable(f"{_host(url)}: no answer ({type(error).__name__})") from error
                self.pause(None, attempt, "no answer")
                continue
            if response.status in accepted:
                return response
            if response.status in (401, 403):
                raise Refused(f"{_host(url)}: it does not accept the login (HTTP {response.status})")
            if response.status not in _AGAIN or attempt == TRIES - 1:
                raise Unreachable(f"{_host(url)}: it answers HTTP {response.status}")
            self.pause(_told(response), attempt, f"HTTP {response.status}")
        raise AssertionError("the last try returns or raises")

    def _ask(
        self,
        url: str,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        largest: int,
        form: Mapping[str, str] | None,
    ) -> Response:
        if self.client is None:
            self.client = httpx.Client(timeout=self.timeout, follow_redirects=False, trust_env=True)
        home = urlsplit(url)
        for _ in range(REDIRECTS + 1):
            sent = {"Accept-Encoding": "gzip", **headers}
            at = urlsplit(url)
            if (
                self.bearer is not None
                and form is None
                and (at.scheme, at.netloc) == (home.scheme, home.netloc)
            ):
                sent["Authorization"] = f"Bearer {self.bearer}"  # to nobody else than whom the settings name
            method, data = ("GET", None) if form is None else ("POST", dict(form))
            with self.client.stream(method, url, headers=sent, params=params, data=data) as answer:
                target = answer.headers.get("location") if form is None else None
                if answer.status_code in (301, 302, 303, 307, 308) and target:
                    url, params = urljoin(url, target), None
                    if urlsplit(url).scheme not in ("https", home.scheme):
                        raise Unreachable(f"{_host(url)}: it leads away from an encrypted connection")
                    continue
                return Response(answer.status_code, answer.headers, self._body(answer, url, largest), url)
        raise Unreachable(f"{_host(url)}: more than {REDIRECTS} redirects")

    def _body(self, answer: httpx.Response, url: str, largest: int) -> bytes:
        """Read and unpack an answer piece by piece, never more than ``largest`` bytes of it."""
        packed = answer.headers.get("content-encoding", "").strip().lower()
        if packed not in ("", "identity", *_GZIP):
            raise Unreachable(f"{_host(url)}: an answer that is packed in a way nobody asked for")
        body, unpack = bytearray(), zlib.decompressobj(wbits=31) if packed in _GZIP else None
        begun = looked = time.monotonic()
        for piece in answer.iter_raw():
            # One byte more than is allowed is enough to know: a small answer may hold gigabytes of nothing.
            body += piece if unpack is None else unpack.decompress(piece, largest + 1 - len(body))
            if len(body) > largest:
                raise Unreachable(f"{_host(url)}: an answer of more than {largest} bytes")
            now = time.monotonic()
            if now - begun > LONGEST_ANSWER:
                raise Unreachable(
                    f"{_host(url)}: an answer that takes longer than {LONGEST_ANSWER:.0f} seconds"
                )
            if now - looked > GLANCE:
                looked = now
                self.sleep(0.0)  # who stopped the collection is heard here
        if unpack is not None and body and (not unpack.eof or unpack.unused_data):
            raise Unreachable(f"{_host(url)}: an answer that breaks off, or goes on behind its end")
        return bytes(body)

    def pause(self, told: str | None, attempt: int, reason: str) -> None:
        """Wait as long as the server says (``_told``), else longer with each attempt, and never quite the same.

        Raises:
            AskedToWait: the server asks for more than ``LONGEST_WAIT``.
        """
        seconds = _seconds(told) if told else None
        if seconds is not None and seconds > LONGEST_WAIT:
            # Without the number: one that counts down would be another failure each time.
            raise AskedToWait(f"it asks to wait longer than {LONGEST_WAIT:.0f} seconds ({reason})", seconds)
        pause = min(LONGEST_WAIT, 2.0**attempt) if seconds is None else seconds
        pause += random.uniform(0, 0.25 * pause + 0.1)  # noqa: S311  (no secret: so that clients do not come at once)
        self.waits.append(Wait(seconds=round(pause), reason=reason))
        self.sleep(pause)


def _told(response: Response) -> str | None:
    """Give what a server says of when to come again: Retry-After, or when its limit begins anew.

    Mastodon has X-RateLimit-Reset with a time, Bluesky RateLimit-Reset with the seconds since 1970.
    """
    names = (
        ("retry-after", "x-ratelimit-reset", "ratelimit-reset")
        if response.status == 429
        else ("retry-after",)
    )
    return next((response.headers[name] for name in names if response.headers.get(name)), None)


def _seconds(told: str) -> float | None:
    """Read Retry-After (RFC 9110 §10.2.3), seconds or a date, or a time as ``_told`` names it.

    An instant that is over says nothing: one of the two clocks is wrong, perhaps.
    """
    told = told.strip()
    if told.isascii() and told.isdigit():
        seconds = float(told[:10])
        return seconds if seconds < _SINCE_1970 else _left(seconds)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return _left(read(told).timestamp())
        except (TypeError, ValueError, OverflowError):
            continue
    return None


def _left(instant: float) -> float | None:
    return instant - time.time() if instant > time.time() else None


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the server"
