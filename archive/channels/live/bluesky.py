"""Bluesky by the server of an account (PDS): the firehose, and where it does not reach back, the records themselves.

Every commit names the revision before it (``since``), so a hole in what was read is seen exactly, and only then are
all records listed again (``listRecords``) and compared; the signed tree (``getRepo``) says how many there must be.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, ClassVar

from archive.channels.bluesky.frames import Frame, records
from archive.channels.bluesky.records import jsonable, key_time
from archive.channels.bluesky.repository import Broken, Car, Tree, read_cbor
from archive.channels.live.atproto import COLLECTIONS, Atproto, Known, blob_ids
from archive.channels.live.firehose import Connect, RefusedCursor, connect, listen, stream_url
from archive.channels.live.web import Web
from archive.errors import Refused, Unreachable
from archive.sources import (
    ANOTHER_ACCOUNT,
    FIREHOSE,
    REPOSITORY,
    Answer,
    Gone,
    Haul,
    LiveFacts,
    Right,
    SourceSettings,
    has_passed,
)
from schemas.capture import Claim, Gap, Wait

FRAMES_A_HAUL = 100


class BlueskySource:
    """One account on its server. Nothing of it is secret, so no login is needed."""

    kind: ClassVar[str] = "bluesky"
    facts: ClassVar[LiveFacts] = LiveFacts(
        reads="the account's posts, answers, reposts and likes, with pictures: `--only firehose`, `--only repository`",
        goes_on="the number of the last event, and the chain of revisions",
        edits="every version by the firehose; else the last state",
        deletions="as events; of the newest 2000 records also by comparison",
        tested="real server (Bluesky PDS)",
        unseen="records that came and went",
        never=("direct messages", "what was changed twice while the firehose did not reach back"),
    )

    def __init__(self, settings: SourceSettings, web: Web, open_at: Connect = connect) -> None:
        self.settings, self.open_at = settings, open_at
        self.server = Atproto(settings.url, web)

    def close(self) -> None:
        """End its connections."""
        self.server.web.close()

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give what it had to wait for since the last haul."""
        return self.server.web.taken_waits()

    def test(self) -> Iterator[Right]:
        """Say whose repository it is, and whether the firehose answers."""
        did = self.server.did_of(self.settings.account or "")
        what = f"the repository of {did}, revision {self.server.latest(did)}"
        if self._wants_any():
            yield self.settings.may_read(what, *self._names(did))
        else:
            yield Right(what, given="no", why="only names neither firehose nor repository")
        if self.settings.wants(FIREHOSE):
            with self.open_at(stream_url(self.settings.url, None), self.settings.timeout):
                yield Right("the firehose answers", given="yes")
        else:
            yield Right("the firehose", given="left out", why="versions between two looks are not seen")
        for what in self.facts.never:
            yield Right(what, given="never")

    def _names(self, did: str) -> tuple[str, ...]:
        """Give all names of the account: a rule may be meant for it under each of them."""
        account = self.settings.account or ""
        more = (self.server.handle_of(did),) if self.settings.is_ruled else ()
        return (account, account.removeprefix("@"), did, *more)

    def _wants_any(self) -> bool:
        return any([self.settings.wants(FIREHOSE), self.settings.wants(REPOSITORY)])  # both are asked about

    def collect(self, cursor: str | None) -> Iterator[Haul]:
        """Give the events since the last look; what they do not reach back to is listed and compared."""
        at = Known.of(cursor)
        did = self.server.did_of(self.settings.account or "")
        if at.did not in (None, did):
            raise Refused(ANOTHER_ACCOUNT)
        self.settings.check_login(*self._names(did))
        at.did = did
        latest = self.server.latest(did)
        due = has_passed(at.full, timedelta(hours=self.settings.full_hours), datetime.now(UTC))
        before, holes = at.rev, tuple[Gap, ...]()
        if self._wants_any() and (at.rev != latest or at.seq is None):
            if self.settings.wants(FIREHOSE):
                yield from self._events(at, did, latest)
            if at.rev != latest and before is not None and self.settings.wants(FIREHOSE):
                holes = (_hole(at.rev, latest),)
            if at.rev != latest:
                due = True
        if due and self._wants_any():
            yield from self._compare(at, did, holes)
        yield self._with(at)

    def _with(self, at: Known, answers: tuple[Answer, ...] = (), **more: Any) -> Haul:
        return Haul(at.text(), answers, waits=self.server.web.taken_waits(), **more)

    def _events(self, at: Known, did: str, latest: str) -> Iterator[Haul]:
        """Read the firehose up to the newest revision; ``at.rev`` moves only while no revision is missing."""
        answers: list[Answer] = []
        missed = count = 0
        try:
            for frame, data in listen(self.open_at, self.settings.url, at.seq or 0, self.settings.timeout):
                self.server.web.sleep(0.0)  # who stopped it is heard here: others may say much
                if frame.did == did:
                    count += 1
                    answers.append(
                        Answer(_place(frame), data, f"subscribeRepos, event {frame.seq}", "bluesky")
                    )
                    found, lost = self._take(at, frame, data, did)
                    answers, missed = answers + found, missed + lost
                at.seq = frame.seq or at.seq
                if count >= FRAMES_A_HAUL:
                    yield self._with(at, tuple(answers), gaps=_missed(missed))
                    answers, count, missed = [], 0, 0
                if at.rev == latest:
                    break
        except RefusedCursor:
            at.seq = None  # numbered anew; whether anything is missing, the revisions tell
        if answers:
            yield self._with(at, tuple(answers), gaps=_missed(missed))

    def _take(self, at: Known, frame: Frame, data: bytes, did: str) -> tuple[list[Answer], int]:
        """Take in what a commit did, if it follows on what was read; give its pictures."""
        if frame.kind != "#commit":
            return [], 0
        rev, before = frame.text("rev"), frame.text("since")
        if frame.body.get("tooBig") is not True and at.rev in (None, before):
            at.rev = rev if at.rev is not None or before is None else None
        answers: list[Answer] = []
        missed = 0
        try:
            for operation, block, body in records(frame, data):
                path, cid = str(operation.get("path")), operation.get("cid")
                if operation.get("action") == "delete":
                    at.seen.pop(path, None)
                elif block is not None and path.partition("/")[0] in COLLECTIONS:
                    at.note(path, str(cid), _place(frame))
                    found, lost = self.server.blobs(did, blob_ids(jsonable(read_cbor(body))), "frames")
                    answers, missed = answers + found, missed + lost
        except Broken as error:
            raise Unreachable("the firehose gives a commit that is none") from error
        return answers, missed

    def _compare(self, at: Known, did: str, holes: tuple[Gap, ...]) -> Iterator[Haul]:
        """List all records, keep the pages that hold news, and tell what is gone; the tree says how many there are."""
        tree = self._tree(did)
        listed: dict[str, int] = {}
        there: set[str] = set()
        for collection in COLLECTIONS:
            for page, told in self.server.records(did, collection):
                paths = {f"{collection}/{one['uri'].rpartition('/')[2]}": str(one["cid"]) for one in told}
                there |= paths.keys()
                listed[collection] = listed.get(collection, 0) + len(paths)
                if any(at.differs(path, cid) for path, cid in paths.items()):
                    place = f"records/{collection.rpartition('.')[2]}-{self.server.digest(page)}.json"
                    for path, cid in paths.items():
                        at.note(path, cid, place)
                    pictures, missed = self.server.blobs(
                        did, [cid for one in told for cid in blob_ids(one.get("value"))], "records"
                    )
                    answer = Answer(place, page.body, f"listRecords {collection}", "bluesky")
                    yield self._with(at, (answer, *pictures), gaps=(*holes, *_missed(missed)))
                    holes = ()
        gone = tuple(
            Gone(at.seen[path].place, "the server lists it no more", ident=f"at://{did}/{path}")
            for path in sorted(at.seen.keys() - there)
        )
        for path in at.seen.keys() - there:
            del at.seen[path]
        at.rev, at.full = tree.rev, datetime.now(UTC).isoformat()
        counts = tuple(
            Claim(scope=name, kind="exact", expected=expected, found=listed.get(name, 0))
            for name, expected in tree.counts.items()
        )
        yield self._with(at, gaps=holes, gone=gone, counts=counts)

    def _tree(self, did: str) -> "_Tree":
        """Fetch the repository, and count what its signed tree names."""
        car = self.server.repository(did)
        try:
            parsed = Car(BytesIO(car))
            tree = Tree(parsed)
            counts = dict.fromkeys(COLLECTIONS, 0)
            for entry in tree.entries():
                collection = entry.path.partition("/")[0]
                if collection in counts:
                    counts[collection] += 1
            commit = read_cbor(parsed.read(parsed.roots[0]) or b"")
            return _Tree(str(commit["rev"]), counts)
        except (Broken, IndexError, KeyError, TypeError) as error:
            raise Unreachable("an answer that is no repository") from error


class _Tree:
    """What the tree says: its revision, and how many records each collection has."""

    def __init__(self, rev: str, counts: dict[str, int]) -> None:
        self.rev, self.counts = rev, counts


def _place(frame: Frame) -> str:
    return f"frames/{frame.seq or 0:020d}"


def _hole(read: str | None, latest: str) -> Gap:
    """Name the time of which versions may be missing: revisions are times."""
    return Gap(
        start=_second(key_time(read or "")),
        end=_second(key_time(latest)),
        reason="the firehose does not reach back to the last look: what was changed twice in between is not known",
    )


def _second(time: str | None) -> str | None:
    return f"{time[:19]}Z" if time else None


def _missed(count: int) -> tuple[Gap, ...]:
    return (Gap(reason=f"{count} pictures and films of posts could not be fetched"),) if count else ()
