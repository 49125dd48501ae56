"""Mastodon by its client interface (docs.joinmastodon.org): the account's own posts and its direct conversations.

Posts go on by ``min_id``, which gives the oldest behind it; ``since_id`` would give the newest and leave holes. Edits
and deletions do not come by themselves: the newest posts are asked for again, by number, and what changed or answers
404 is told.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from archive.channels.live.web import Response, Web
from archive.errors import FormatError, Refused, Unreachable
from archive.reading.times import in_utc
from archive.reading.tree import printable
from archive.sources import (
    ANOTHER_ACCOUNT,
    Answer,
    Gone,
    Haul,
    LiveFacts,
    Right,
    SourceSettings,
)
from schemas.capture import Claim, Gap, Wait

PAGE = 40
WINDOW = 200
"""Posts that are asked for again each time; older ones are taken to stay."""
BATCH = 20
STREAMS = ("statuses", "direct")


@dataclass(slots=True)
class _Cursor:
    """How far each stream was read, and the newest posts: number → (URI, time of the last edit, page it came in)."""

    last: dict[str, str] = field(default_factory=dict)
    window: dict[str, list[str | None]] = field(default_factory=dict)
    read: int | None = None
    """Posts that were read and are not known to be gone; None: a cursor of before this was counted."""
    me: str | None = None
    """Number of the account on its server; None: a cursor of before this was told."""
    asked: list[str] = field(default_factory=list)
    """The streams that were asked for at the last look."""
    left: dict[str, str] = field(default_factory=dict)
    """Since when a stream is not asked for that was read before."""
    server: str | None = None
    """Whose numbers these are; None: a cursor of before this was told."""
    empty: bool = False
    """That there are no direct conversations is on record."""

    @classmethod
    def of(cls, text: str | None) -> "_Cursor":
        if text is None:
            return cls(read=0)
        try:
            told = json.loads(text)
            return cls(
                dict(told["last"]),
                {str(k): list(v) for k, v in told["window"].items()},
                told.get("read"),
                told.get("me"),
                list(told.get("asked", told["last"])),
                dict(told.get("left", {})),
                told.get("server"),
                bool(told.get("empty")),
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise FormatError("the cursor of a Mastodon account cannot be read") from error

    def text(self) -> str:
        newest = sorted(self.window, key=_order)[-WINDOW:]
        self.window = {number: self.window[number] for number in newest}
        names = ("last", "window", "read", "me", "asked", "left", "server", "empty")
        return json.dumps({name: getattr(self, name) for name in names}, separators=(",", ":"))

    def turn_to(self, wanted: Sequence[str], now: str) -> Iterator[Gap]:
        """Note which streams are asked for now; what came and went in one that was left is not known."""
        for stream in [one for one in self.asked if one not in wanted]:
            self.left.setdefault(stream, now)
            yield Gap(reason=f"{stream}: it is not asked for any more")
        for stream in [one for one in self.left if one in wanted]:
            lost = f"{stream}: it was not asked for: what came and went in between is not known"
            yield Gap(start=self.left.pop(stream), end=now, reason=lost)
        self.asked = list(wanted)


class MastodonSource:
    """One account on one server."""

    kind: ClassVar[str] = "mastodon"
    facts: ClassVar[LiveFacts] = LiveFacts(
        reads="the account's own posts (`--only statuses`) and direct conversations (`direct`)",
        goes_on="`min_id`",
        edits="of the newest 200 posts, with all versions",
        deletions="of the newest 200 posts: the server answers 404",
        tested="replayed answers; an emulation (mastodon-mock) in the long tests; no real server",
        unseen="posts that came and went",
        never=(
            "what was posted and deleted between two looks",
            "edits and deletions of direct conversations",
            "pictures and films: posts name them",
        ),
    )

    def __init__(self, settings: SourceSettings, web: Web) -> None:
        self.settings, self.web = settings, web
        self._base = settings.url.rstrip("/")

    def close(self) -> None:
        """End its connections."""
        self.web.close()

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give what it had to wait for since the last haul."""
        return self.web.taken_waits()

    def test(self) -> Iterator[Right]:
        """Say whose token it is, and which streams would be read."""
        me = self._me()
        yield self.settings.try_login(printable(me["acct"]), *self._names(me))
        yield Right(
            f"posts: {me.get('statuses_count')} by the server's own count", given=self._is_read("statuses")
        )
        yield Right("direct conversations", given=self._is_read("direct"))
        yield Right("edits and deletions", given="yes", why=f"of the newest {WINDOW} posts")

    def _names(self, me: dict[str, Any]) -> list[str]:
        """Give what an account is called: here and whole, each with the sign before it and without."""
        names = {str(me.get("acct")), str(me.get("username"))}
        names |= {f"{name}@{urlsplit(self._base).hostname}" for name in names}
        return sorted(names | {f"@{name}" for name in names})

    def _is_read(self, stream: str) -> Any:
        return "yes" if self.settings.wants(stream) else "left out"

    def collect(self, cursor: str | None) -> Iterator[Haul]:
        """Give new posts, what changed among the newest, and direct conversations."""
        at = _Cursor.of(cursor)
        account = self._me()
        me = str(account["id"])
        self.settings.check_login(*self._names(account))
        server = urlsplit(self._base).netloc
        if at.me not in (None, me) or at.server not in (None, server):
            raise Refused(ANOTHER_ACCOUNT)
        at.me, at.server = me, server
        streams = [one for one in STREAMS if self.settings.wants(one)]
        gaps = tuple(at.turn_to(streams, in_utc(datetime.now(UTC))))
        for haul in self._read(at, me, streams):
            yield replace(haul, gaps=(*gaps, *haul.gaps))
            gaps = ()
        counts = self._counts(at, account)
        yield Haul(at.text(), gaps=gaps, waits=self.web.taken_waits(), counts=counts)

    def _read(self, at: _Cursor, me: str, streams: Sequence[str]) -> Iterator[Haul]:
        if "statuses" in streams:
            yield from self._changed(at)
            yield from self._posts(at, me)
        if "direct" in streams:
            yield from self._conversations(at)

    def _counts(self, at: _Cursor, account: dict[str, Any]) -> tuple[Claim, ...]:
        """Compare the server's own count, asked for before the posts were read; direct posts are not in it."""
        expected, found = account.get("statuses_count"), list[Claim]()
        if at.read is not None and isinstance(expected, int) and self.settings.wants("statuses"):
            found.append(Claim(scope="posts", kind="exact", expected=expected, found=at.read))
        if "direct" not in at.last and self.settings.wants("direct") and not at.empty:
            found.append(Claim.of_nothing("direct conversations"))
            at.empty = True
        return tuple(found)

    def _posts(self, at: _Cursor, me: str) -> Iterator[Haul]:
        while True:
            params = {"limit": str(PAGE), "min_id": at.last.get("statuses", "0")}
            response = self._get(f"/api/v1/accounts/{me}/statuses", params)
            posts = _posts(response)
            if not posts:
                return
            place = f"statuses/{posts[-1]['id']}-{posts[0]['id']}.json"
            self._remember(at, posts, place)
            before, at.last["statuses"] = (
                at.last.get("statuses"),
                max((str(one["id"]) for one in posts), key=_order),
            )
            if before == at.last["statuses"]:
                return  # a server that gives the same page again
            if at.read is not None:
                at.read += sum(one.get("visibility") != "direct" for one in posts)
            yield Haul(at.text(), (_answer(place, response),), waits=self.web.taken_waits())

    def _changed(self, at: _Cursor) -> Iterator[Haul]:
        """Ask for the newest posts again: edited ones come with all their versions, deleted ones answer 404."""
        numbers = sorted(at.window, key=_order)
        for first in range(0, len(numbers), BATCH):
            batch = numbers[first : first + BATCH]
            alive = {str(one["id"]): one for one in self._again(batch)}
            answers: list[Answer] = []
            gone: list[Gone] = []
            for number in batch:
                uri, edited, place = at.window[number]
                if number not in alive:
                    gone.append(Gone(str(place), "the server answers 404 for it", ident=uri))
                    del at.window[number]
                    at.read = None if at.read is None else at.read - 1
                elif alive[number].get("edited_at") != edited:
                    answers += self._versions(number)
                    place = f"edited/{number}-{len(answers)}.json"
                    self._remember(at, [alive[number]], place)
                    answers.append(self._one(number, place))
            if answers or gone:
                yield Haul(at.text(), tuple(answers), gone=tuple(gone), waits=self.web.taken_waits())

    def _again(self, numbers: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Give those of these posts that are still there, one by one: not every server answers for many at once."""
        for number in numbers:
            response = self._get(f"/api/v1/statuses/{number}", accepted=(200, 404))
            if response.status == 200:
                yield response.object()

    def _one(self, number: str, place: str) -> Answer:
        return _answer(place, self._get(f"/api/v1/statuses/{number}"))

    def _versions(self, number: str) -> list[Answer]:
        response = self._get(f"/api/v1/statuses/{number}/history", accepted=(200, 404))
        return [_answer(f"history/{number}.json", response)] if response.status == 200 else []

    def _conversations(self, at: _Cursor) -> Iterator[Haul]:
        while True:
            response = self._get(
                "/api/v1/conversations", {"limit": str(PAGE), "min_id": at.last.get("direct", "0")}
            )
            listed = [
                one
                for one in response.array()
                if isinstance(one, dict) and isinstance(one.get("last_status"), dict)
            ]
            new = [
                one
                for one in listed
                if _order(str(one["last_status"]["id"])) > _order(at.last.get("direct", "0"))
            ]
            if not new:
                return
            numbers = [str(one["last_status"]["id"]) for one in new]
            answers = [_answer(f"direct/{numbers[-1]}-{numbers[0]}.json", response)]
            for number in numbers:
                context = self._get(f"/api/v1/statuses/{number}/context")
                told = context.object()
                if told.get("ancestors") or told.get("descendants"):
                    answers.append(_answer(f"direct/context-{number}.json", context))
            at.last["direct"] = max(numbers, key=_order)
            yield Haul(at.text(), tuple(answers), waits=self.web.taken_waits())

    @staticmethod
    def _remember(at: _Cursor, posts: Sequence[dict[str, Any]], place: str) -> None:
        for one in posts:
            uri = one.get("uri") if isinstance(one.get("uri"), str) else str(one["id"])
            at.window[str(one["id"])] = [uri, one.get("edited_at"), place]

    def _me(self) -> dict[str, Any]:
        found = self._get("/api/v1/accounts/verify_credentials").object()
        if not isinstance(found.get("id"), str) or not isinstance(found.get("acct"), str):
            raise Unreachable("an answer of verify_credentials without an account")
        return found

    def _get(
        self, path: str, params: dict[str, str] | None = None, accepted: tuple[int, ...] = (200,)
    ) -> Response:
        return self.web.get(f"{self._base}{path}", params=params, accepted=accepted)


def _order(number: str) -> tuple[int, str]:
    """Numbers grow with time and may be longer than others: by length first (as the interface says of ids)."""
    return len(number), number


def _answer(place: str, response: Response) -> Answer:
    return Answer(place, response.body, response.url, "mastodon")


def _posts(response: Response) -> list[dict[str, Any]]:
    found = response.array()
    if not all(isinstance(one, dict) and isinstance(one.get("id"), str) for one in found):
        raise Unreachable("a list with something that is no post")
    return sorted(found, key=lambda one: _order(one["id"]), reverse=True)
