"""Mailboxes by IMAP (RFC 9051, RFC 3501): folders by UID, with CONDSTORE and QRESYNC (RFC 7162) where there are.

The cursor holds for each folder its UIDVALIDITY, its HIGHESTMODSEQ and the UIDs that were read. Whether a mail that is
gone was moved or deleted is told by whoever knows what was read under its UID. Folders are opened read-only, and no
flag is ever changed. Folders of the past that are not listed any more are gaps, and so are folders that the server
does not open: the others are read all the same.
"""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from archive.channels.email_files.items import thread_of, via_key
from archive.channels.live.imap_cursor import Folder, read_folders, write_folders
from archive.errors import Refused, Unreachable
from archive.reading.tree import printable
from archive.sources import Answer, Gone, Haul, LiveFacts, Right, SourceSettings
from schemas.capture import Claim, Gap, Wait
from schemas.item import Key

MAILS_A_HAUL = 200
BYTES_A_HAUL = 3 << 20
"""So that records and cursor are one commit, as far as a single mail is not larger than that."""
LARGEST = 256 << 20
"""Bytes of a mail; longer ones are a gap."""
ASKED_AT_ONCE = 50_000
"""UIDs in one SEARCH: a line of an answer may not grow without end."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What a folder shows now."""

    validity: int
    modseq: int | None
    old: frozenset[int] | None
    """The UIDs that were read before; None: nothing, or under another count."""
    listed: frozenset[int]
    exists: int
    """How many mails the server says there are."""
    unchanged: bool = False


_COUNTED_ANEW = (
    "folder {}: the server counts anew (UIDVALIDITY), so everything is read again; what was deleted in between is "
    "not known"
)

_LEFT = "folder {}: it is not there any more, or not asked for"
_CLOSED = "folder {}: the server does not open it; the other folders are read"


class ImapSource:
    """One account on one server."""

    kind: ClassVar[str] = "imap"
    facts: ClassVar[LiveFacts] = LiveFacts(
        reads="folders of a mailbox, opened read-only",
        goes_on="UIDVALIDITY and UIDs; folders that did not change are passed over where the server has QRESYNC",
        edits="a mail is never changed: the old one is deleted, the new one is new",
        deletions="seen when a mail is in no folder any more; moved ones are told apart",
        tested="real server (Dovecot)",
        never=("mails that came and went between two looks",),
    )

    def __init__(self, settings: SourceSettings, secret: str) -> None:
        self.settings, self._secret = settings, secret

    def close(self) -> None:
        """Nothing to end: each look has a connection of its own."""

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give what it had to wait for since the last haul."""
        return ()

    def test(self) -> Iterator[Right]:
        """Say which folders would be read, and whether the server tells what changed."""
        with self._session() as client:
            names = self._folders(client)
            wanted = [name for name, chosen in names if chosen]
            for name in wanted:
                told, said = _opened(client, name), f"folder {printable(name)}"
                yield (
                    Right(said, given="no", why="the server does not open it")
                    if told is None
                    else Right(f"{said}: {told[b'EXISTS']} mails", given="yes")
                )
            for name, chosen in names:
                if not chosen:
                    yield Right(f"folder {printable(name)}", given="left out", why="not named by `only`")
            if not wanted:
                yield Right("mails", given="no", why='no folder is named: only = ["INBOX"]')
            quick = client.has_capability("QRESYNC")
            yield Right(
                "the server tells which folders changed",
                given="yes" if quick else "never",
                why="" if quick else "all UIDs are compared",
            )
            yield Right("deletions", given="yes", why="seen when a mail is in no folder any more")
            yield Right(
                "edits", given="never", why="a mail is never changed; a draft is deleted and written anew"
            )

    def collect(self, cursor: str | None) -> Iterator[Haul]:
        """Give new mails folder by folder, then what is gone: only then is it known what was moved.

        Until then the cursor keeps what is gone, so that a crash in between forgets nothing.
        """
        now = read_folders(cursor)
        gaps: list[Gap] = []
        gone: list[Gone] = []
        ended: dict[str, Folder] = {}
        counts: list[Claim] = []
        with self._session() as client:
            wanted = [name for name, chosen in self._folders(client) if chosen]
            for name in wanted:
                known = now.get(name)
                look = self._look(client, name, known)
                if look is None:
                    if known is None or not known.closed:
                        gaps.append(self._gap(name, _CLOSED))
                    now[name] = replace(known or Folder(0, None, frozenset()), closed=True)
                    continue
                if look.old is None and known is not None and known.validity:
                    gaps.append(self._gap(name, _COUNTED_ANEW))
                if look.unchanged:
                    ended[name] = Folder(look.validity, look.modseq, look.listed)
                    counts.append(_count(name, look.exists, len(look.listed)))
                    continue
                have = set(look.old or ())
                for answers, missed in self._mails(client, name, look.validity, sorted(look.listed - have)):
                    have |= {uid for uid, _ in answers}
                    now[name] = Folder(look.validity, None, frozenset(have))
                    yield Haul(
                        write_folders(now), tuple(answer for _, answer in answers), gaps=(*gaps, *missed)
                    )
                    gaps.clear()
                gone += [
                    Gone(_path(name, look.validity, uid), "the server lists it in this folder no more")
                    for uid in sorted((look.old or frozenset()) - look.listed)
                ]
                ended[name] = Folder(look.validity, look.modseq, frozenset(have & look.listed))
                counts.append(_count(name, look.exists, len(ended[name].uids)))
        now.update(ended)
        for name in sorted(now.keys() - set(wanted)):
            gaps.append(self._gap(name, _LEFT))
            del now[name]
        yield Haul(write_folders(now), gaps=tuple(gaps), gone=tuple(gone), counts=tuple(counts))

    def _gap(self, folder: str, why: str) -> Gap:
        """Give a gap of a folder, as the thread that the reader of mails makes of it."""
        via = via_key(self.settings.account)
        ident = thread_of(_path(folder, 0, 0).rpartition("/")[0])
        thread = Key(channel="email", scope=via.id, id=ident, derived=True)
        return Gap(via=via, thread=thread, reason=why.format(printable(folder)))

    def _look(self, client: IMAPClient, name: str, known: Folder | None) -> "_Look | None":
        """Open a folder and see what it shows; None: the server does not open it."""
        told = _opened(client, name)
        if told is None:
            return None
        validity, modseq = int(told[b"UIDVALIDITY"]), int(told.get(b"HIGHESTMODSEQ", 0)) or None
        old = known.uids if known is not None and known.validity == validity else None
        # Only with QRESYNC does a deletion move the number (RFC 7162 §3.2.3).
        quick = client.has_capability("QRESYNC") and modseq is not None
        if old is not None and known is not None and quick and modseq == known.modseq:
            return _Look(validity, modseq, old, old, int(told[b"EXISTS"]), unchanged=True)
        return _Look(validity, modseq, old, _listed(client, int(told[b"UIDNEXT"])), int(told[b"EXISTS"]))

    def _mails(
        self, client: IMAPClient, name: str, validity: int, uids: Sequence[int]
    ) -> Iterator[tuple[list[tuple[int, Answer]], list[Gap]]]:
        """Give mails in batches that memory can hold, with what could not be had."""
        for at in range(0, len(uids), MAILS_A_HAUL):
            batch = uids[at : at + MAILS_A_HAUL]
            with _asked("the sizes of mails"):
                sizes = client.fetch(batch, ["RFC822.SIZE"])
            found: list[tuple[int, Answer]] = []
            missed: list[Gap] = []
            weight = 0
            for uid in batch:
                size = int(sizes.get(uid, {}).get(b"RFC822.SIZE", 0))
                if uid not in sizes:
                    continue  # deleted since it was listed
                if size > LARGEST:
                    missed.append(
                        self._gap(name, f"folder {{}}, UID {uid}: a mail of {size} bytes, above the limit")
                    )
                    continue
                if found and weight + size > BYTES_A_HAUL:
                    yield found, missed
                    found, missed, weight = [], [], 0
                with _asked("a mail"):
                    told = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {})
                body = told.get(b"BODY[]")
                if body is None:
                    continue
                weight += len(body)
                origin = f"{name};UIDVALIDITY={validity}/;UID={uid}"
                found.append((uid, Answer(_path(name, validity, uid), bytes(body), origin, "email")))
            if found or missed:
                yield found, missed

    def _folders(self, client: IMAPClient) -> list[tuple[str, bool]]:
        """Give every folder that can be opened, and whether it is asked for."""
        with _asked("the list of folders"):
            listed = client.list_folders()
        names = [
            str(name)
            for flags, _, name in listed
            if b"\\Noselect" not in flags and b"\\NonExistent" not in flags
        ]
        return [(name, self.settings.wants(name)) for name in sorted(names)]

    @contextmanager
    def _session(self) -> Iterator[IMAPClient]:
        parts = urlsplit(self.settings.url)
        host, secure = parts.hostname or "", parts.scheme == "imaps"
        with _asked(f"{host}"):
            client = IMAPClient(
                host,
                port=parts.port or (993 if secure else 143),
                ssl=secure,
                ssl_context=ssl.create_default_context() if secure else None,
                timeout=self.settings.timeout,
            )
        try:
            with _asked(f"{host}"):
                client.login(self.settings.account or "", self._secret)
            yield client
        finally:
            _leave(client)


def _count(name: str, exists: int, read: int) -> Claim:
    return Claim(scope=f"folder {printable(name)}", kind="exact", expected=exists, found=read)


def _opened(client: IMAPClient, name: str) -> dict[bytes, Any] | None:
    """Open a folder read-only; None if the server says NO: it went meanwhile, or is not for this account."""
    with _asked("a folder"):
        try:
            return dict(client.select_folder(name, readonly=True))
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            return None


def _leave(client: IMAPClient) -> None:
    """Log out; a server that is gone already is no second error."""
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


def _listed(client: IMAPClient, after: int) -> frozenset[int]:
    """Give all UIDs of the open folder. ``n:*`` would name the last one even where there is none (RFC 3501 §6.4.8)."""
    found: set[int] = set()
    for first in range(1, after, ASKED_AT_ONCE):
        with _asked("the numbers of mails"):
            found.update(client.search(["UID", f"{first}:{min(after, first + ASKED_AT_ONCE) - 1}"]))
    return frozenset(found)


def _path(folder: str, validity: int, uid: int) -> str:
    """Give where a mail stands in a haul: a folder each, named as on the server where that is a safe name."""
    safe = "/".join(
        part.replace("\0", "") if part not in ("", ".", "..") and len(part.encode()) <= 200 else ""
        for part in folder.split("/")
    )
    if safe != folder or "!" in folder or "\\" in folder:
        safe = f"folder {sha256(folder.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    return f"{safe}/{validity}-{uid}.eml"
