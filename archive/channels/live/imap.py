"""Mailboxes by IMAP (RFC 9051, RFC 3501): folders by UID, with CONDSTORE and QRESYNC (RFC 7162) where there are.

The cursor holds for each folder its UIDVALIDITY, its HIGHESTMODSEQ and the UIDs that were read. Whether a mail that is
gone was moved or deleted is told by whoever knows what was read under its UID. Folders are opened read-only, and no
flag is ever changed. Folders of the past that are not listed any more are gaps, and so are folders that the server
does not open and mails that it does not give: the others are read all the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import ClassVar
from urllib.parse import urlsplit

from archive.channels.email_files.items import thread_of, via_key
from archive.channels.live.imap_cursor import Folder, ImapCursor, read_imap_cursor
from archive.channels.live.imap_server import ImapServer
from archive.errors import Refused
from archive.reading.tree import printable
from archive.sources import ANOTHER_ACCOUNT, Answer, Gone, Haul, LiveFacts, Right, SourceSettings
from schemas.capture import Claim, Gap, Wait
from schemas.item import Key

MAILS_A_HAUL = 200
BYTES_A_HAUL = 3 << 20
"""So that records and cursor are one commit, as far as a single mail is not larger than that."""
LARGEST = 256 << 20
"""Bytes of a mail; longer ones are a gap."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What a folder shows now."""

    validity: int
    modseq: int | None
    old: frozenset[int] | None
    """The UIDs that were read before; None: nothing, or under another count."""
    listed: frozenset[int]
    exists: int
    """How many mails the server says there are, without drafts."""
    drafts: frozenset[int]
    """What is marked as not sent; what was read as a mail before that stays one."""
    missed: frozenset[int] = frozenset()
    """Those that the server did not give at the last look."""


@dataclass(slots=True)
class _Found:
    """What the folders gave so far in one collection."""

    gaps: list[Gap] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    """Where mails lay that lie there no more."""
    ended: dict[str, Folder] = field(default_factory=dict)
    counts: dict[str, Claim] = field(default_factory=dict)
    is_whole: bool = True
    """Every folder was opened and every mail had: what is in none of them is nowhere."""


_ANOTHER_SERVER = (
    "the server is another one than before, and numbers of mails are those of a server: give that source a name of "
    "its own"
)
_COUNTED_ANEW = (
    "folder {}: the server counts anew (UIDVALIDITY), so everything is read again; what came and went in between is "
    "not known"
)

_LEFT = "folder {}: it is not there any more, or not asked for"
_CLOSED = "folder {}: the server does not open it; the other folders are read"
_UNLISTED = (
    "its folder is not listed any more, and it is in no other folder that is read: deleted, or out of sight"
)
_GONE = "no folder any more"
_GONE_HERE = (
    "no folder that is read any more: deleted, or moved to one that is not read; nobody can tell which"
)


class ImapSource:
    """One account on one server."""

    kind: ClassVar[str] = "imap"
    facts: ClassVar[LiveFacts] = LiveFacts(
        reads="folders of a mailbox, opened read-only",
        goes_on="UIDVALIDITY and UIDs; folders that did not change are passed over where the server has QRESYNC",
        edits="a mail is never changed: the old one is deleted, the new one is new",
        deletions="where all folders are read, moves told apart; else a notice: in no folder that is read any more",
        tested="real server (Dovecot)",
        unseen="mails that came and went",
        never=(
            "mails that came and went between two looks",
            "whether a mail was deleted or moved to a folder that is not read",
        ),
    )

    def __init__(self, settings: SourceSettings, secret: str) -> None:
        self.settings, self._server = settings, ImapServer(settings, secret)

    def close(self) -> None:
        """Nothing to end: each look has a connection of its own."""

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give what it had to wait for since the last haul."""
        return ()

    def test(self) -> Iterator[Right]:
        """Say which folders would be read, and whether the server tells what changed."""
        with self._server.session():
            names = self._folders()
            wanted = [name for name, chosen in names if chosen]
            for name in wanted:
                told, said = self._server.open(name), f"folder {printable(name)}"
                yield (
                    Right(said, given="no", why="the server does not open it")
                    if told is None
                    else Right(f"{said}: {told[b'EXISTS']} mails", given="yes")
                )
            for name, chosen in names:
                if not chosen:
                    yield Right(f"folder {printable(name)}", given="left out", why=self.settings.why_not)
            quick = self._server.has("QRESYNC")
            yield Right(
                "the server tells which folders changed",
                given="yes" if quick else "never",
                why="" if quick else "all UIDs are compared",
            )
            whole = len(wanted) == len(names)
            yield Right(
                "deletions", given="yes", why=f"seen when a mail is in {_GONE if whole else _GONE_HERE}"
            )
            yield Right("edits", given="never", why="a mail is never changed")
            yield Right("drafts", given="left out", why="they were not sent")

    def collect(self, cursor: str | None) -> Iterator[Haul]:
        """Give new mails folder by folder, then what is gone: only then is it known what was moved.

        Until then the cursor keeps what is gone, so that a crash in between forgets nothing.
        """
        at, found = read_imap_cursor(cursor), _Found()
        if at.account not in (None, self.settings.account):
            raise Refused(ANOTHER_ACCOUNT)
        server = urlsplit(self.settings.url).hostname
        if at.server not in (None, server):
            raise Refused(_ANOTHER_SERVER)
        at.account, at.server = self.settings.account, server
        with self._server.session():
            names = self._folders()
            wanted = [name for name, chosen in names if chosen]
            for name in wanted:
                yield from self._folder(at, name, at.folders.get(name), found)
            unlisted = sorted(at.folders.keys() - {name for name, _ in names})
            homeless = [path for name in unlisted for path in _paths(name, at.folders[name])]
            if (
                found.gone or homeless
            ):  # what was moved meanwhile lies in a folder that was looked into before, perhaps
                names = self._folders()
                for name in (name for name, chosen in names if chosen):
                    yield from self._folder(at, name, found.ended.get(name), found, again=True)
        at.folders.update(found.ended)
        for name in sorted(at.folders.keys() - {*wanted, *found.ended}):
            found.gaps.append(self._gap(name, _LEFT))
            del at.folders[name]
        whole = found.is_whole and all(chosen for _, chosen in names)
        because = f"it is in {_GONE if whole else _GONE_HERE}"
        left = [Gone(path, because, is_deleted=whole) for path in found.gone]
        left += [Gone(path, _UNLISTED, is_deleted=False) for path in homeless]
        yield Haul(at.text(), gaps=tuple(found.gaps), gone=tuple(left), counts=tuple(found.counts.values()))

    def _folder(
        self, at: ImapCursor, name: str, known: Folder | None, found: "_Found", *, again: bool = False
    ) -> Iterator[Haul]:
        """Give the new mails of a folder, and note in ``found`` how far it was read.

        ``again``: a second time in one collection. What left it since the first is told by the next collection.
        """
        look = self._look(name, known)
        if look is None or (again and look.old is None and known is not None):
            found.is_whole = False
            if not again:
                found.gaps += [] if known is not None and known.closed else [self._gap(name, _CLOSED)]
                at.folders[name] = replace(known or Folder(0, None, frozenset()), closed=True)
            return
        before = dict(known.before) if known else {}
        if look.old is None and known is not None and known.validity:
            found.gaps.append(self._gap(name, _COUNTED_ANEW))
            before[known.validity] = known.uids
        old = look.old or frozenset()
        have, missed = set(old), set(look.missed & look.listed)
        kept = at.folders[name].uids if again and name in at.folders else frozenset()
        for answers, lost in self._mails(
            name, look, [*sorted(look.listed - have - missed - look.drafts), *sorted(missed)]
        ):
            have |= {uid for uid, _ in answers}
            news = [self._gap(name, why) for uid, why in lost if uid not in missed]
            found.gaps, found.is_whole = [*found.gaps, *news], found.is_whole and not news
            missed = (missed | {uid for uid, _ in lost}) - have
            at.folders[name] = Folder(
                look.validity, None, kept | have, missed=frozenset(missed), before=before
            )
            yield Haul(at.text(), tuple(answer for _, answer in answers), gaps=tuple(found.gaps))
            found.gaps = []
        left = old - look.listed
        found.gone += [] if again else _paths(name, Folder(look.validity, None, left, before=before))
        read, later = frozenset(have & look.listed), left if again else frozenset()
        found.ended[name] = Folder(
            look.validity, None if later else look.modseq, read | later, missed=frozenset(missed)
        )
        found.counts[name] = _count(name, look.exists, len(read))

    def _gap(self, folder: str, why: str) -> Gap:
        """Give a gap of a folder, as the thread that the reader of mails makes of it."""
        via = via_key(self.settings.account)
        ident = thread_of(_path(folder, 0, 0).rpartition("/")[0])
        thread = Key(channel="email", scope=via.id, id=ident, derived=True)
        return Gap(via=via, thread=thread, reason=why.format(printable(folder)))

    def _look(self, name: str, known: Folder | None) -> "_Look | None":
        """Open a folder and see what it shows; None: the server does not open it."""
        told = self._server.open(name)
        if told is None:
            return None
        validity, modseq = int(told[b"UIDVALIDITY"]), int(told.get(b"HIGHESTMODSEQ", 0)) or None
        old = known.uids if known is not None and known.validity == validity else None
        exists = int(told[b"EXISTS"])
        drafts = self._server.drafts() - (old or frozenset()) if exists else frozenset()
        exists -= len(drafts)
        if known is None or old is None:
            return _Look(validity, modseq, None, self._server.numbers(told), exists, drafts)
        # Only with QRESYNC does a deletion move the number (RFC 7162 §3.2.3).
        quick = self._server.has("QRESYNC") and modseq is not None
        listed = old | known.missed if quick and modseq == known.modseq else self._server.numbers(told)
        return _Look(validity, modseq, old, listed, exists, drafts, known.missed)

    def _mails(
        self, name: str, look: _Look, uids: Sequence[int]
    ) -> Iterator[tuple[list[tuple[int, Answer]], list[tuple[int, str]]]]:
        """Give mails in batches that memory can hold, with what could not be had, and why.

        What could not be had before is tried last, and not of a server that hung up meanwhile.
        """
        for at in range(0, len(uids), MAILS_A_HAUL):
            found: list[tuple[int, Answer]] = []
            missed: list[tuple[int, str]] = []
            weight = 0
            for uid, size in self._server.sizes(uids[at : at + MAILS_A_HAUL]).items():
                if uid in look.missed and self._server.hung_up:
                    continue
                if size is not None and size > LARGEST:
                    missed.append((uid, f"folder {{}}, UID {uid}: a mail of {size} bytes, above the limit"))
                    continue
                if found and weight + (size or 0) > BYTES_A_HAUL:
                    yield found, missed
                    found, missed, weight = [], [], 0
                body = self._server.mail(uid)
                if body is None:
                    missed.append((uid, f"folder {{}}, UID {uid}: a mail that the server does not give"))
                    yield found, missed  # so that it is known, if the server gives nothing more
                    found, missed, weight = [], [], 0
                    continue
                weight += len(body)
                origin = f"{name};UIDVALIDITY={look.validity}/;UID={uid}"
                found.append((uid, Answer(_path(name, look.validity, uid), body, origin, "email")))
            if found or missed:
                yield found, missed

    def _folders(self) -> list[tuple[str, bool]]:
        """Give every folder that can be opened, and whether it is asked for."""
        return [(name, self.settings.wants(name)) for name in self._server.folders()]


def _count(name: str, exists: int, read: int) -> Claim:
    return Claim(scope=f"folder {printable(name)}", kind="exact", expected=exists, found=read)


def _paths(name: str, folder: Folder) -> list[str]:
    """Give where the mails of a folder stand that were read, under each UIDVALIDITY."""
    under = {**folder.before, folder.validity: folder.uids}
    return [_path(name, validity, uid) for validity, uids in under.items() for uid in sorted(uids)]


def _path(folder: str, validity: int, uid: int) -> str:
    """Give where a mail stands in a haul: a folder each, named as on the server where that is a safe name."""
    safe = "/".join(
        part.replace("\0", "") if part not in ("", ".", "..") and len(part.encode()) <= 200 else ""
        for part in folder.split("/")
    )
    if safe != folder or "!" in folder or "\\" in folder:
        safe = f"folder {sha256(folder.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    return f"{safe}/{validity}-{uid}.eml"
