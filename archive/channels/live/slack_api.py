"""The manners of Slack's Web API: errors with status 200, pages by cursor, files behind the token.

Authority: docs.slack.dev, "Using the Web API", "Pagination", "Rate limits", and the errors of each method.
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from archive.channels.live.web import TRIES, Response, Web
from archive.errors import AskedToWait, Refused, Unreachable
from archive.sources import Answer

LARGEST_FILE = 256 << 20
_LOGIN = frozenset(
    (
        *(
            "not_authed",
            "invalid_auth",
            "account_inactive",
            "token_revoked",
            "token_expired",
            "no_permission",
        ),
        *("org_login_required", "missing_scope", "not_allowed_token_type", "team_access_not_granted"),
        *("two_factor_setup_required", "access_denied"),
    )
)
_NOT_GIVEN = frozenset(
    (
        *("channel_not_found", "not_in_channel", "thread_not_found", "ekm_access_denied", "user_not_found"),
        *("user_not_visible", "method_not_supported_for_channel_type"),
    )
)
_BUSY = frozenset(("ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"))
_REPLIES = "conversations.replies"
_WORD = re.compile(r"[a-z_:,.]{1,80}")
_TS = re.compile(r"\d{1,12}\.\d{6}")
_FILE_ID = re.compile(r"F[A-Z0-9]{7,12}")


class Missing(Exception):
    """One channel, thread or person that the workspace does not give; the rest goes on."""


class _LostPlace(Exception):
    """The cursor of a listing is refused: it is listed anew."""


def order(ts: str) -> tuple[int, str]:
    """Order stamps by their value: seconds may have other digits than today's, and none are before all."""
    return (len(ts.partition(".")[0]), ts) if ts else (-1, "")


class SlackApi:
    """The methods of one workspace."""

    def __init__(self, url: str, web: Web) -> None:
        self._base, self.web = url.rstrip("/"), web
        self._known: dict[str, list[Answer]] = {}

    def ask(self, method: str, asked: dict[str, str]) -> tuple[Response, list[dict[str, Any]]]:
        """Ask a method; give the answer and its messages, if it has some.

        Raises:
            Refused: the token is not accepted, or lacks a scope.
            Missing: what was asked for is not given.
            Unreachable: no answer, or none of Slack.
        """
        for attempt in range(TRIES):
            response = self.web.get(f"{self._base}/{method}", params=asked)
            told = response.object()
            if told.get("ok") is True:
                return response, _messages(told)
            error = _word(told.get("error"))
            if error in _LOGIN:
                needed = f", needed is {_word(told.get('needed'))}" if error == "missing_scope" else ""
                raise Refused(f"{method}: the token is not accepted ({error}{needed})")
            if error in _NOT_GIVEN:
                raise Missing(error)
            if error == "invalid_cursor":
                raise _LostPlace
            if error not in _BUSY or attempt == TRIES - 1:
                raise Unreachable(f"{method}: Slack answers {error}")
            self.web.pause(response.headers.get("retry-after"), attempt, error)
        raise AssertionError("the last try returns or raises")

    def pages(self, method: str, asked: dict[str, str]) -> Iterator[tuple[Response, list[dict[str, Any]]]]:
        """Give every page of a listing. An empty page may have others behind it; only a missing cursor ends it.

        A cursor that the server refuses in the middle leads to the listing anew, once.

        Raises:
            as ``ask``; Unreachable also if a server gives the same page without end.
        """
        restarts = 0
        cursors: set[str] = set()
        params = dict(asked)
        while True:
            try:
                page, messages = self.ask(method, params)
            except _LostPlace as error:
                restarts += 1
                if restarts > 1:
                    raise Unreachable(f"{method}: Slack refuses its own cursors") from error
                params, cursors = dict(asked), set()
                continue
            yield page, messages
            told = page.object()
            following = (told.get("response_metadata") or {}).get("next_cursor") or ""
            if following:
                if following in cursors:
                    raise Unreachable(f"{method}: Slack gives the same page again and again")
                cursors.add(following)
                params["cursor"] = following
            elif told.get("has_more") is True:
                # A channel is listed from its newest message down, a thread from its oldest reply up.
                bound, last = ("oldest", max) if method == _REPLIES else ("latest", min)
                reached = last((str(one["ts"]) for one in messages), key=order, default=None)
                if reached is None or params.get(bound) == reached:
                    raise Unreachable(f"{method}: Slack says that there is more, and not where")
                params.pop("cursor", None)
                params[bound] = reached
            else:
                return

    def once(self, method: str, what: str, ident: str, path: str) -> list[Answer]:
        """Give the answer about a person or channel, asked for once a collection; none if Slack gives none."""
        if path not in self._known:
            try:
                body = self.ask(method, {what: ident})[0].body
                self._known[path] = [Answer(path, body, f"{method} {ident}", "slack")]
            except Missing:
                self._known[path] = []  # messages name whoever wrote them all the same, by number
        return self._known[path]

    def files(self, channel: str, messages: Sequence[dict[str, Any]]) -> tuple[list[Answer], int]:
        """Fetch the files of messages; how many could not be had. The token goes to Slack alone."""
        answers: dict[str, Answer] = {}
        missed = 0
        for file in (file for one in messages for file in one.get("files") or () if isinstance(file, dict)):
            ident, url = file.get("id"), file.get("url_private_download") or file.get("url_private")
            if not isinstance(ident, str) or not _FILE_ID.fullmatch(ident) or not isinstance(url, str):
                continue
            path = f"{channel}/{ident}/{_name(file.get('name'))}"
            if path in answers or file.get("mode") in ("external", "tombstone", "hidden_by_limit"):
                continue
            if not self._is_slack(url):
                continue  # an address of somebody else: whoever wrote the message could name any
            try:
                got = self.web.get(url, largest=LARGEST_FILE)
            except AskedToWait:
                raise
            except (Unreachable, Refused):
                missed += 1  # the message stays, and says that its file is missing
                continue
            if "text/html" in got.headers.get("content-type", "") and "html" not in str(file.get("mimetype")):
                missed += 1  # a login page: the token lacks files:read
                continue
            answers[path] = Answer(path, got.body, ident, "slack")
        return list(answers.values()), missed

    def _is_slack(self, url: str) -> bool:
        try:
            there, home = urlsplit(url), urlsplit(self._base)
            host = there.hostname or ""
        except ValueError:
            return False
        if (there.scheme, there.netloc) == (home.scheme, home.netloc):
            return True
        return there.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))

    @staticmethod
    def digest(page: Response) -> str:
        """Give a short name of an answer."""
        return sha256(page.body).hexdigest()[:16]

    @staticmethod
    def origin(page: Response) -> str:
        """Give what was asked, without host."""
        parts = urlsplit(page.url)
        return f"{parts.path.rpartition('/')[2]}?{urlencode(parse_qsl(parts.query))}"


def _messages(told: dict[str, Any]) -> list[dict[str, Any]]:
    found = told.get("messages", [])
    if not isinstance(found, list) or not all(
        isinstance(one, dict) and isinstance(one.get("ts"), str) and _TS.fullmatch(one["ts"]) for one in found
    ):
        raise Unreachable("a list of messages with something that is none")
    return found


def _word(value: object) -> str:
    """Give an error by its word, never any other text of a server."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "an error without a word"


def _name(written: object) -> str:
    name = PurePosixPath(str(written or "file").replace("\\", "/").replace("\0", "")).name.strip()
    return name if name not in ("", ".", "..") and len(name.encode("utf-8", "replace")) <= 200 else "file"
