"""Slack by its Web API (docs.slack.dev/reference/methods): the customer's own app reads the channels it is named.

``conversations.history`` goes on by ``ts``, which is the time at which something was first posted: it never shows
edits, deletions or new replies to older messages. So the newest messages are listed again each time, and those of the
last ``days`` days, with all their threads, every ``full_hours``. A ``ts`` is an id and stays text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from archive.channels.live.slack_api import Missing, SlackApi, order
from archive.channels.live.slack_cursor import Conversation, SlackCursor
from archive.channels.live.web import Response, Web
from archive.errors import Refused, Unreachable
from archive.reading.tree import printable
from archive.sources import Answer, Gone, Haul, LiveFacts, Right, SourceSettings, has_passed
from schemas.capture import Claim, Gap, Wait
from schemas.item import Key

RECENT = 100
"""Messages of a channel that are listed again each time."""
_TYPES = "public_channel,private_channel,mpim,im"
_USER = re.compile(r"[UW][A-Z0-9]{4,20}")


class SlackSource:
    """One app in one workspace."""

    kind: ClassVar[str] = "slack"
    facts: ClassVar[LiveFacts] = LiveFacts(
        reads="channels and conversations that the customer's own app is a member of, with threads and files",
        goes_on="ts, in each channel",
        edits="of the newest messages each time, of the last `days` days every `full_hours`; the last state only",
        deletions="as edits; thread parents leave a tombstone",
        tested="replayed answers; an emulation (backlot) in the long tests; no real workspace",
        unseen="messages that came and went, and words between two edits",
        never=(
            "words between two edits, and what was posted and deleted between two looks",
            "new replies to threads that are older than `days` days",
        ),
    )

    def __init__(self, settings: SourceSettings, web: Web) -> None:
        self.settings, self.api = settings, SlackApi(settings.url, web)
        self._who: Response | None = None
        self._limited: set[str] = set()
        """Channels of which the plan shows nothing at all."""

    def close(self) -> None:
        """End its connections."""
        self.api.web.close()

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give what it had to wait for since the last haul."""
        return self.api.web.taken_waits()

    def test(self) -> Iterator[Right]:
        """Say whose token it is, what it may do, and which channels would be read."""
        who = self._auth().object()
        whose = printable(f"{who.get('user')} in {who.get('team')}")
        yield self.settings.try_login(whose, *self._account_names())
        channels = list(self._channels())
        chosen = [one for one in channels if self.settings.wants(*_names(one))]
        yield from _scopes(self._auth().headers.get("x-oauth-scopes"), chosen)
        for channel in channels:
            ident, said = str(channel["id"]), _said(channel)
            if not self.settings.wants(*_names(channel)):
                yield Right(f"channel {said}", given="left out", why=self.settings.why_not)
                continue
            try:
                self.api.ask("conversations.history", {"channel": ident, "limit": "1"})
            except Missing as error:
                yield Right(f"channel {said}", given="no", why=f"{error}: invite the app into it")
            else:
                yield Right(f"channel {said}", given="yes")
        yield Right("edits and deletions", given="yes", why=f"of the last {self.settings.days} days")
        for what in self.facts.never:
            yield Right(what, given="never")

    def collect(self, cursor: str | None) -> Iterator[Haul]:
        """Give what is new in each channel, and what changed among what was read."""
        at = SlackCursor.of(cursor)
        team = str(self._auth().object().get("team_id"))
        if at.team not in (None, team):
            raise Refused("the token is of another workspace than before: give that source a name of its own")
        self.settings.check_login(*self._account_names())
        at.team, now = team, datetime.now(UTC)
        wanted = [one for one in self._channels() if self.settings.wants(*_names(one))]
        lost = sorted(at.channels.keys() - {str(one["id"]) for one in wanted})
        gaps = [_lost(team, ident) for ident in lost]
        for ident in lost:
            del at.channels[ident]
        deep = has_passed(at.full, timedelta(hours=self.settings.full_hours), now)
        for channel in wanted:
            ident = str(channel["id"])
            try:
                yield from self._channel(at, channel, deep=deep and ident in at.channels)
                at.refused.pop(ident, None)
            except Missing as error:
                if at.refused.get(ident) != str(error):  # told once, not at every look
                    at.refused[ident] = str(error)
                    reason = f"channel {_said(channel)}: it is not given ({error})"
                    gaps.append(Gap(thread=_thread(team, ident), reason=reason))
        if deep:
            at.full = now.isoformat()
        said = {str(one["id"]): _said(one) for one in wanted}
        empty = at.found_empty(said)
        gaps += [_hidden(team, ident) for ident in empty if ident in self._limited]
        counts = tuple(Claim.of_nothing(f"channel {said[one]}") for one in empty if one not in self._limited)
        yield Haul(
            at.text(self.settings.days), gaps=tuple(gaps), waits=self.api.web.taken_waits(), counts=counts
        )

    def _channel(self, at: SlackCursor, channel: dict[str, Any], *, deep: bool) -> Iterator[Haul]:
        ident = str(channel["id"])
        known = at.channels.setdefault(ident, Conversation())
        yield from self._again(at, ident, known, deep=deep)
        while True:
            asked = {"channel": ident, "oldest": known.last, "limit": "100"}
            if known.low is not None:
                asked["latest"] = known.low  # what a collection that broke off had not read yet
            is_first = known.last == "0"
            for page, messages in self.api.pages("conversations.history", asked):
                is_limited = is_first and bool(page.object().get("is_limited"))
                gaps = (_hidden(at.team, ident),) if is_limited else ()
                if is_limited and not messages:
                    self._limited.add(ident)
                if messages:
                    haul = self._haul(at, ident, page, messages, gaps=gaps)
                    stamps = sorted((str(one["ts"]) for one in messages), key=order)
                    known.top = max(known.top or stamps[-1], stamps[-1], key=order)
                    known.low = min(known.low or stamps[0], stamps[0], key=order)
                    yield self._with(haul, at)
            before, known.last = known.last, known.top or known.last
            known.top = known.low = None
            if known.last == before:
                break  # nothing new, or a server that gives the same whatever it is asked
        yield from self._threads(at, ident, known)

    def _threads(self, at: SlackCursor, ident: str, known: Conversation) -> Iterator[Haul]:
        """Read the replies of threads of which new ones are known."""
        while known.todo:
            root = known.todo[0]
            read = known.seen[root].replies if root in known.seen else ""
            asked = {"channel": ident, "ts": root, "oldest": read or "0", "limit": "100"}
            for page, messages in self.api.pages("conversations.replies", asked):
                replies = [str(one["ts"]) for one in messages if one["ts"] != root]
                if replies:
                    read = max(read, *replies, key=order)
                    yield self._with(self._haul(at, ident, page, messages), at)
            if root in known.seen:
                known.seen[root].replies = read  # only now: pages may come in any order
            known.todo.pop(0)

    def _again(self, at: SlackCursor, ident: str, known: Conversation, *, deep: bool) -> Iterator[Haul]:
        """List what was read before once more: what changed, and what is there no longer."""
        roots = sorted((ts for ts, one in known.seen.items() if not one.root), key=order)
        if not deep:
            roots = roots[-RECENT:]
        if not roots:
            return
        listed: set[str] = set()
        hides = False
        asked = {
            "channel": ident,
            "oldest": roots[0],
            "latest": roots[-1],
            "inclusive": "true",
            "limit": "100",
        }
        for page, messages in self.api.pages("conversations.history", asked):
            listed |= {str(one["ts"]) for one in messages}
            hides = hides or bool(page.object().get("is_limited"))
            if any(known.differs(one) for one in messages):
                yield self._with(self._haul(at, ident, page, messages), at)
        roots = [ts for ts in roots if ts in known.seen]  # what left the window meanwhile is compared no more
        missing = [ts for ts in roots if ts not in listed and not self._is_there(ident, ts)]
        # A plan hides the oldest: what is missing above something that is listed was deleted.
        hidden = {ts for ts in missing if hides and not any(order(one) < order(ts) for one in listed)}
        gone = [_told(known.pop(ts, "the server lists it no more"), ts in hidden) for ts in missing]
        if deep:
            for root in [ts for ts in roots if ts not in missing and known.seen[ts].replies]:
                yield from self._thread_again(at, ident, known, root, gone)
        for root in missing:
            gone += [
                _told(known.pop(ts, "its thread is there no more"), root in hidden)
                for ts in known.replies_of(root)
            ]
        if gone:
            yield self._with(Haul("", gone=tuple(gone)), at)

    def _thread_again(
        self, at: SlackCursor, ident: str, known: Conversation, root: str, gone: list[Gone]
    ) -> Iterator[Haul]:
        listed: set[str] = set()
        try:
            for page, messages in self.api.pages(
                "conversations.replies", {"channel": ident, "ts": root, "limit": "100"}
            ):
                listed |= {str(one["ts"]) for one in messages}
                if any(known.differs(one) for one in messages if one["ts"] != root):
                    yield self._with(self._haul(at, ident, page, messages), at)
        except Missing:
            listed.clear()  # the thread is gone, and its replies with it
        gone += [
            known.pop(ts, "the server lists it in its thread no more")
            for ts in known.replies_of(root)
            if ts not in listed
        ]

    def _is_there(self, ident: str, ts: str) -> bool:
        """Ask for one message by its number: a listing may have been cut."""
        asked = {"channel": ident, "oldest": ts, "latest": ts, "inclusive": "true", "limit": "1"}
        return any(one["ts"] == ts for one in self.api.ask("conversations.history", asked)[1])

    def _haul(
        self,
        at: SlackCursor,
        ident: str,
        page: Response,
        messages: Sequence[dict[str, Any]],
        gaps: tuple[Gap, ...] = (),
    ) -> Haul:
        """Give a page with what its reader must know beside it: workspace, channel, people, files."""
        known = at.channels[ident]
        place = f"{ident}/{self.api.digest(page)}.json"
        fresh = [one for one in messages if known.differs(one)]
        files, missed = self.api.files(ident, fresh)
        people = sorted({user for one in messages for user in _people(one)})
        answers = [
            Answer("auth.json", self._auth().body, "auth.test", "slack"),
            *self.api.once("conversations.info", "channel", ident, f"conversations/{ident}.json"),
            Answer(place, page.body, self.api.origin(page), "slack"),
        ]
        for user in people:
            answers += self.api.once("users.info", "user", user, f"users/{user}.json")
        known.take(messages, place)
        if missed:
            lost = f"channel {printable(ident)}: {missed} files could not be fetched"
            gaps = (*gaps, Gap(thread=_thread(at.team, ident), reason=lost))
        return Haul("", (*answers, *files), gaps)

    def _with(self, haul: Haul, at: SlackCursor) -> Haul:
        """Give a haul with the cursor as it stands now; other channels may still have to be compared with theirs."""
        waits = self.api.web.taken_waits()
        return Haul(at.text(), haul.answers, haul.gaps, waits, haul.notes, haul.gone)

    def _auth(self) -> Response:
        if self._who is None:
            self._who = self.api.ask("auth.test", {})[0]
            if not isinstance(self._who.object().get("team_id"), str):
                raise Unreachable("an answer of auth.test without a workspace")
        return self._who

    def _account_names(self) -> tuple[str, ...]:
        """Give the user and the workspace of the token, by name and number."""
        who = self._auth().object()
        return tuple(str(who.get(name)) for name in ("user", "user_id", "team", "team_id"))

    def _channels(self) -> Iterator[dict[str, Any]]:
        """Give every conversation that the token sees, as ``conversations.list`` gives it."""
        asked = {"types": _TYPES, "limit": "200", "exclude_archived": "false"}
        for page, _ in self.api.pages("conversations.list", asked):
            for one in page.object().get("channels", ()):
                if not isinstance(one, dict) or not isinstance(one.get("id"), str):
                    raise Unreachable("a list of channels with something that is none")
                yield one


def _scopes(granted: str | None, chosen: Sequence[dict[str, Any]]) -> Iterator[Right]:
    """Say which scopes the token has of those that are needed, where Slack tells (``X-OAuth-Scopes``)."""
    if granted is None:
        return
    has = {scope.strip() for scope in granted.split(",")}
    needed = {"users:read": "names of people", "files:read": "files"}
    needed |= {f"{_family(one)}:history": "messages" for one in chosen}
    for scope, what in sorted(needed.items()):
        yield Right(f"scope {scope}", given="yes" if scope in has else "no", why=what)


def _family(channel: dict[str, Any]) -> str:
    for flag, family in (("is_im", "im"), ("is_mpim", "mpim"), ("is_private", "groups")):
        if channel.get(flag) is True:
            return family
    return "channels"


def _names(channel: dict[str, Any]) -> list[str]:
    found = (channel.get(name) for name in ("id", "name", "name_normalized"))
    return [one for one in found if isinstance(one, str) and one]


def _said(channel: dict[str, Any]) -> str:
    name = channel.get("name")
    return printable(f"{name} ({channel['id']})" if isinstance(name, str) and name else str(channel["id"]))


def _people(message: dict[str, Any]) -> Iterator[str]:
    """Give who wrote it, and whom its words mention."""
    if isinstance(message.get("user"), str) and _USER.fullmatch(message["user"]):
        yield message["user"]
    text = message.get("text")
    yield from re.findall(r"<@([UW][A-Z0-9]{4,20})[|>]", text if isinstance(text, str) else "")


def _thread(team: str | None, ident: str) -> Key:
    return Key(channel="slack", scope=team or "", id=ident)


def _lost(team: str, ident: str) -> Gap:
    reason = f"channel {printable(ident)}: the app sees it no more, or it is not asked for"
    return Gap(thread=_thread(team, ident), reason=reason)


def _told(gone: Gone, is_hidden: bool) -> Gone:
    """Of what a plan may hide nobody can tell whether it was deleted."""
    if not is_hidden:
        return gone
    because = (
        f"{gone.because}, and the plan of the workspace hides the oldest: deleted or hidden, nobody can tell"
    )
    return replace(gone, because=because, is_deleted=False)


def _hidden(team: str | None, ident: str) -> Gap:
    return Gap(
        thread=_thread(team, ident),
        reason=f"channel {printable(ident)}: the plan of the workspace hides older messages",
    )
