"""The manners of Microsoft Graph: tokens for an application, links that stay on its host, errors by their code.

Authority: learn.microsoft.com, "Get access without a user" (client credentials), "Paging Microsoft Graph data", "Use
delta query", "Throttling guidance", "Error responses".
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from archive.channels.live.web import Response, Web
from archive.errors import Refused, Unreachable

_ACCEPTED = (200, 400, 401, 403, 404, 410)
_WORD = re.compile(r"[A-Za-z0-9_.]{1,60}")
_EXPIRED = frozenset(word.lower() for word in (
    "resyncRequired", "syncStateNotFound", "syncStateInvalid", "fullSyncRequired", "invalidDeltaToken", "badDeltaToken",
))  # fmt: skip
_EARLY = 300.0
"""Seconds before its end at which a token is replaced."""


class Missing(Exception):
    """Something that the application may not read, or that is not there; the rest goes on."""


class Expired(Exception):
    """A delta link that Graph accepts no more."""


class Graph:
    """Graph for one application. ``token`` gives the next token, and for how many seconds it is good."""

    def __init__(self, url: str, web: Web, token: Callable[[], tuple[str, float]]) -> None:
        self._base, self.web, self._token = url.rstrip("/"), web, token
        self._until = 0.0

    def get(self, link: str) -> Response:
        """Ask for a path of Graph, or for a link that Graph gave.

        Raises:
            Expired: a delta link that is too old.
            Missing: not there, or not for this application.
            Refused: the application is not accepted.
            Unreachable: no answer, none of Graph, or a link that leads elsewhere.
        """
        url = link if "://" in link else f"{self._base}{link}"
        there, home = urlsplit(url), urlsplit(self._base)
        if (there.scheme, there.netloc) != (home.scheme, home.netloc):
            raise Unreachable("a link of Graph leads to another server")
        response = self._ask(url)
        if response.status == 401:  # a token may end before its time: taken back, or by another clock
            self._until = 0.0
            response = self._ask(url)
        if response.status == 200:
            return response
        if response.status == 401:
            raise Refused(f"{there.hostname}: it does not accept the login (HTTP 401)")
        code = _code(response)
        if response.status == 410 or code.lower() in _EXPIRED:
            raise Expired(code)
        if response.status in (403, 404):
            raise Missing(f"HTTP {response.status}, {code}")
        raise Unreachable(f"Graph answers HTTP {response.status}, {code}")

    def _ask(self, url: str) -> Response:
        if time.monotonic() >= self._until:
            self.web.bearer, seconds = self._token()
            self._until = time.monotonic() + max(0.0, seconds - _EARLY)
        return self.web.get(url, accepted=_ACCEPTED)

    def all(self, path: str) -> Iterator[dict[str, Any]]:
        """Give every object of a listing, over its pages; raises as ``get``."""
        link: str | None = path
        visited: set[str] = set()
        while link:
            if link in visited:
                raise Unreachable("a page of Graph that leads to itself")
            visited.add(link)
            told = self.get(link).object()
            values = told.get("value")
            if not isinstance(values, list) or not all(
                isinstance(one, dict) and "id" in one for one in values
            ):
                raise Unreachable("an answer of Graph without a list of things that have an id")
            yield from values
            following = told.get("@odata.nextLink")
            link = following if isinstance(following, str) else None


def client_credentials(
    web: Web, login: str, tenant: str, client: str, secret: str
) -> Callable[[], tuple[str, float]]:
    """Give what asks for a token of an application (OAuth 2.0 client credentials); raises Refused if it gets none."""

    def ask() -> tuple[str, float]:
        form = {
            "client_id": client, "client_secret": secret, "grant_type": "client_credentials",
            "scope": "https://graph.microsoft.com/.default",
        }  # fmt: skip
        response = web.get(
            f"{login.rstrip('/')}/{tenant}/oauth2/v2.0/token", form=form, accepted=(200, 400, 401)
        )
        told = response.object()
        token, seconds = told.get("access_token"), told.get("expires_in")
        if response.status != 200 or not isinstance(token, str) or not isinstance(seconds, int):
            raise Refused(f"the application gets no token ({_word(told.get('error'))})")
        return token, float(seconds)

    return ask


def _code(response: Response) -> str:
    """Give the code of an error, never its text."""
    try:
        error = json.loads(response.body)["error"]
        inner = error.get("innerError") or {}
        return (
            _word(inner.get("code"))
            if _word(error.get("code")) == "UnknownError"
            else _word(error.get("code"))
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "an error without a code"


def _word(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "an error without a code"
