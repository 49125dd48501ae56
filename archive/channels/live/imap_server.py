"""A connection to an IMAP server: folders opened read-only, and mails one by one.

Servers hang up over a mail that they cannot read. Such a mail is asked for twice, over a new connection; then it is
one that the server does not give, and the others are read all the same.
"""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from archive.errors import Refused, Unreachable
from archive.sources import SourceSettings

ASKED_AT_ONCE = 50_000
"""UIDs in one SEARCH: a line of an answer may not grow without end."""
HANGS_UP = 20
"""Times that a server may hang up without giving anything in between: then it is the server, not a mail."""


class ImapServer:
    """One account on one server; ``session`` opens the connection and ends it."""

    def __init__(self, settings: SourceSettings, secret: str) -> None:
        self._settings, self._secret = settings, secret
        self._client: IMAPClient | None = None
        self._open: tuple[str, int] | None = None
        """Name and UIDVALIDITY of the open folder."""
        self._in_vain = 0
        self.hung_up = False
        """Whether the server hung up over a mail in this session."""

    @contextmanager
    def session(self) -> Iterator[None]:
        """Log in, and out at the end.

        Raises:
            Refused: the login is not accepted.
            Unreachable: no answer.
        """
        self._in_vain, self.hung_up = 0, False
        try:
            self._log_in()
            yield
        finally:
            self._leave()

    def has(self, capability: str) -> bool:
        """Say whether the server has a capability."""
        with _asked("what the server can do"):
            return bool(self._now.has_capability(capability))

    def folders(self) -> list[str]:
        """Give every folder that can be opened."""
        with _asked("the list of folders"):
            listed = self._now.list_folders()
        return sorted(
            str(name)
            for flags, _, name in listed
            if b"\\Noselect" not in flags and b"\\NonExistent" not in flags
        )

    def open(self, name: str) -> dict[bytes, Any] | None:
        """Open a folder read-only; None if the server says NO: it went meanwhile, or is not for this account."""
        self._open = None
        with _asked("a folder"):
            try:
                told = dict(self._now.select_folder(name, readonly=True))
            except IMAPClientAbortError:
                raise
            except IMAPClientError:
                return None
        self._open = name, int(told[b"UIDVALIDITY"])
        return told

    def numbers(self, told: Mapping[bytes, Any]) -> frozenset[int]:
        """Give all UIDs of the open folder, by what the server told of it.

        ``n:*`` would name the last one even where there is none (RFC 3501 §6.4.8). Servers whose UIDs are times have
        few mails below a high number: those are asked for at once.
        """
        found: set[int] = set()
        after, exists = int(told.get(b"UIDNEXT", 2**32)), int(told[b"EXISTS"])
        step = ASKED_AT_ONCE if exists > ASKED_AT_ONCE else after
        for first in range(1, after if exists else 1, step):
            with _asked("the numbers of mails"):
                found.update(self._now.search(["UID", f"{first}:{min(after, first + step) - 1}"]))
        return frozenset(found)

    def drafts(self) -> frozenset[int]:
        """Give the UIDs of what was written in the open folder and not sent."""
        with _asked("which mails are drafts"):
            return frozenset(self._now.search(["DRAFT"]))

    def sizes(self, uids: Sequence[int]) -> dict[int, int | None]:
        """Give the sizes of those of these mails that are still there; None: the server does not tell them."""
        told = self._fetched(uids, "RFC822.SIZE")
        if told is None:
            return dict.fromkeys(uids)
        return {uid: int(one[b"RFC822.SIZE"]) for uid, one in told.items() if b"RFC822.SIZE" in one}

    def mail(self, uid: int) -> bytes | None:
        """Give a mail of the open folder; None: the server does not give it."""
        body = (self._fetched([uid], "BODY.PEEK[]") or {}).get(uid, {}).get(b"BODY[]")
        return None if body is None else bytes(body)

    def _fetched(self, uids: Sequence[int], what: str) -> dict[int, dict[bytes, Any]] | None:
        for _ in range(2):
            try:
                told = dict(self._now.fetch(uids, [what]))
            except TimeoutError as error:
                raise Unreachable("a mail: no answer") from error
            except (IMAPClientAbortError, OSError) as error:
                self._again(error)
            except IMAPClientError:
                return None
            else:
                self._in_vain = 0
                return told
        return None

    def _again(self, error: Exception) -> None:
        """Connect anew and open the same folder, after a server that hung up."""
        self._in_vain, self.hung_up = self._in_vain + 1, True
        if self._in_vain >= HANGS_UP:
            raise Unreachable(f"mails: the server hung up {HANGS_UP} times and gave nothing") from error
        before = self._open
        self._leave()
        self._log_in()
        if before is None or self.open(before[0]) is None or self._open != before:
            raise Unreachable("a mail: the server hung up, and its folder is another one now") from error

    @property
    def _now(self) -> IMAPClient:
        if self._client is None:
            raise Unreachable("there is no connection")
        return self._client

    def _log_in(self) -> None:
        parts = urlsplit(self._settings.url)
        host, secure = parts.hostname or "", parts.scheme == "imaps"
        with _asked(host):
            self._client = IMAPClient(
                host,
                port=parts.port or (993 if secure else 143),
                ssl=secure,
                ssl_context=ssl.create_default_context() if secure else None,
                timeout=self._settings.timeout,
            )
            self._client.login(self._settings.account or "", self._secret)

    def _leave(self) -> None:
        """Log out; a server that is gone already is no second error."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.logout()
        except (IMAPClientError, OSError):
            client.shutdown()


@contextmanager
def _asked(what: str) -> Iterator[None]:
    """Name what was asked for when there is no answer; the words of a server are not repeated."""
    try:
        yield
    except LoginError as error:
        raise Refused(f"{what}: the server does not accept the login") from error
    except (IMAPClientError, OSError) as error:
        raise Unreachable(f"{what}: no answer, or an error ({type(error).__name__})") from error
