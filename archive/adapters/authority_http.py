"""A time-stamp authority over HTTP (RFC 3161 §3.4)."""

import urllib.error
import urllib.request
from http.client import HTTPException

from archive.adapters.in_time import in_time
from archive.core.timestamp import MAX_TOKEN
from archive.errors import Unreachable


class HttpAuthority:
    """Asks one authority. What it answers is judged by whoever asked."""

    def __init__(self, name: str, url: str, timeout: float) -> None:
        self.name, self.url, self.timeout = name, url, timeout

    def stamp(self, request: bytes) -> bytes:
        """Give the answer to a request; see ``TimestampAuthority.stamp``.

        The timeout is that of the whole: a server that sends drop by drop would meet that of each read for ever.
        """
        late = f"authority {self.name}: no whole answer in {self.timeout:g} seconds"
        return in_time(lambda: self._ask(request), self.timeout, late)

    def _ask(self, request: bytes) -> bytes:
        asked = urllib.request.Request(  # noqa: S310  (the settings allow http and https only)
            self.url,
            data=request,
            headers={"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"},
        )
        try:
            with _OPENER.open(asked, timeout=self.timeout) as answer:
                data: bytes = answer.read(MAX_TOKEN + 1)
        except urllib.error.HTTPError as error:
            raise Unreachable(f"authority {self.name}: it answers HTTP {error.code}") from error
        except (urllib.error.URLError, HTTPException, OSError) as error:
            why = getattr(error, "reason", None) or type(error).__name__
            raise Unreachable(f"authority {self.name}: no answer: {why}") from error
        if len(data) > MAX_TOKEN:
            raise Unreachable(f"authority {self.name}: an answer that is too long")
        return data


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Go nowhere else than where the settings point."""


_OPENER = urllib.request.build_opener(_NoRedirect)
