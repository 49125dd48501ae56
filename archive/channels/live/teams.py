"""Microsoft Teams by Microsoft Graph (learn.microsoft.com/graph/api): the customer's own application reads.

Channels and the chats of an account go on by delta: pages by ``@odata.nextLink``, at the end an
``@odata.deltaLink``, which gives everything that changed since, deleted messages too. Single chats go on by
``lastModifiedDateTime``, which an edit and a deletion move as well. A link that Graph refuses (410) is read from the
start again, and that is a gap: what was deleted meanwhile is not known.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import quote

from archive.channels.live.graph import Expired, Graph, Missing
from archive.channels.live.teams_account import check_account, try_account
from archive.channels.live.teams_cursor import TeamsCursor
from archive.channels.live.teams_images import images
from archive.channels.live.web import Response
from archive.errors import Refused, Unreachable
from archive.reading.tree import printable
from archive.sources import ANOTHER_ACCOUNT, Answer, Haul, LiveFacts, Right, SourceSettings, fits
from schemas.capture import Claim, Gap, Wait
from schemas.item import Key

CHATS = "chats"
"""In ``only``: every chat of the account, by one delta."""
_TEAM = "team:"
_TOP = "50"
"""The most that Graph gives in a page of messages."""
_OVERLAP = timedelta(seconds=1)
"""Changes of one second may come after a look within it."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A channel or chat."""

    ident: str
    path: str
    names: tuple[str, ...]
    thread: Key | None
    said: str
    owner: tuple[str, ...] = ()
    """The team whose channel it is, by number and name; of chats nobody but the account."""


class TeamsSource:
    """One application in one directory; ``account`` is the person or team whose view it is."""

    kind: ClassVar[str] = "teams"
    facts: ClassVar[LiveFacts] = LiveFacts(
        reads="channels of teams, single chats, or all chats of an account (`--only chats`), with pasted images",
        goes_on="delta links; of single chats lastModifiedDateTime",
        edits="last state, with time",
        deletions="marked by Graph, the words gone",
        tested="replayed answers; no real directory",
        unseen="words between two edits, and those of messages that were deleted",
        never=(
            "words between two edits",
            "files that lie in SharePoint or OneDrive: messages name them",
            "with `--only chats`: what is older than delta gives (eight months)",
        ),
    )

    def __init__(self, settings: SourceSettings, graph: Graph) -> None:
        self.settings, self.graph = settings, graph
        self._shut: dict[str, tuple[str, str]] = {}
        """Teams whose channels are not given: what they are called, and why."""

    def close(self) -> None:
        """End its connections."""
        self.graph.web.close()

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give what it had to wait for since the last haul."""
        return self.graph.web.taken_waits()

    def test(self) -> Iterator[Right]:
        """Say which channels and chats would be read, and what the application may not."""
        yield from try_account(self.graph, self.settings)
        for what, listing in (("teams", self._channels), ("chats", self._chats)):
            try:
                places = list(listing())
            except Missing as error:
                asked = what == "teams" or self.settings.wants(CHATS)
                self.settings.listed_in_part()
                yield Right(what, given="no" if asked else "left out", why=str(error))
                continue
            for place in places:
                chosen = self._wants(place)
                yield Right(
                    place.said,
                    given="yes" if chosen else "left out",
                    why="" if chosen else self.settings.why_not,
                )
        for said, why in self._shut.values():
            yield Right(said, given="no", why=why)
        yield Right(
            "edits and deletions",
            given="yes",
            why="as Graph tells them; the words of what is deleted are gone",
        )
        for never in self.facts.never:
            yield Right(never, given="never")

    def collect(self, cursor: str | None) -> Iterator[Haul]:
        """Give what is new, edited or deleted in every channel and chat that is asked for."""
        check_account(self.graph, self.settings)
        at = TeamsCursor.of(cursor)
        if at.account not in (None, self.settings.account):
            raise Refused(ANOTHER_ACCOUNT)
        at.account = self.settings.account
        gaps: list[Gap] = []
        deltas = list(self._listed(at, gaps, self._channels))
        for ident in [one for one in at.refused if one.startswith(_TEAM) and one not in self._shut]:
            del at.refused[ident]
        for ident, (said, why) in self._shut.items():
            gaps += self._refused(at, ident, said, why, _thread(ident))
        chats = list(self._listed(at, gaps, self._chats))
        if any(CHATS in place.names for place in chats):  # then all of them come by one delta
            deltas, chats = [*deltas, *(p for p in chats if CHATS in p.names)], []
        for ident in sorted((at.links.keys() | at.times.keys()) - {p.ident for p in (*deltas, *chats)}):
            if not at.refused.get("teams") and not at.refused.get("chats") and not self._shut:
                thread = None if ident.startswith(f"{CHATS}:") else _thread(ident)
                reason = f"{printable(ident)}: it is given no more, or not asked for"
                gaps.append(Gap(thread=thread, reason=reason))
                at.links.pop(ident, None)
                at.times.pop(ident, None)
                at.empty.pop(ident, None)
        for place in (*deltas, *chats):
            read = self._delta if place in deltas else self._modified
            at.begins(place.ident)
            try:
                for haul in read(at, place):
                    yield Haul(haul.cursor, haul.answers, (*gaps, *haul.gaps), haul.waits, haul.notes)
                    gaps.clear()
                at.refused.pop(place.ident, None)
            except Missing as error:
                gaps += self._refused(at, place.ident, place.said, str(error), place.thread)
        called = {place.ident: place.said for place in (*deltas, *chats)}
        counts = tuple(Claim.of_nothing(called[one]) for one in at.found_empty() if one in called)
        yield Haul(at.text(), gaps=tuple(gaps), waits=self.graph.web.taken_waits(), counts=counts)

    def _wants(self, place: _Place) -> bool:
        if place.owner:
            return self.settings.wants_of(place.owner, *place.names)
        return self.settings.wants(*place.names)

    def _listed(
        self, at: TeamsCursor, gaps: list[Gap], listing: Callable[[], Iterator[_Place]]
    ) -> Iterator[_Place]:
        what = "teams" if listing == self._channels else "chats"
        try:
            yield from filter(self._wants, listing())
            at.refused.pop(what, None)
        except Missing as error:
            self.settings.listed_in_part()
            gaps += self._refused(at, what, what, str(error), None)

    @staticmethod
    def _refused(at: TeamsCursor, ident: str, said: str, why: str, thread: Key | None) -> list[Gap]:
        """Give a gap, unless that one is on record already."""
        if at.refused.get(ident) == why:
            return []
        at.refused[ident] = why
        return [Gap(thread=thread, reason=f"{said}: it is not given ({why})")]

    def _delta(self, at: TeamsCursor, place: _Place) -> Iterator[Haul]:
        """Follow the links of a channel: first the list of all its messages, for delta begins some months ago."""
        more = "" if place.thread is None else "&$expand=replies"
        delta = f"{place.path}/delta?$top={_TOP}{more}"
        first = delta if place.thread is None else f"{place.path}?$top={_TOP}{more}"
        link, gaps = at.links.get(place.ident, first), tuple[Gap, ...]()
        visited: set[str] = set()
        while True:
            try:
                page = self.graph.get(link)
            except Expired:
                if link in (first, delta):
                    raise Unreachable("Graph refuses a reading from the start") from None
                reason = (
                    f"{place.said}: Graph refuses the place of the last reading, so everything is read again"
                )
                gaps, link = (
                    (Gap(thread=place.thread, reason=f"{reason}; deletions in between are not known"),),
                    first,
                )
                continue
            visited.add(link)
            told = page.object()
            following, last = told.get("@odata.nextLink"), told.get("@odata.deltaLink")
            link = following or last or ("" if "/delta" in link else delta)
            if not isinstance(link, str) or not link or (link != last and link in visited):
                raise Unreachable("a page of Graph that leads nowhere, or again to itself")
            answers, lost = self._answers(at, place, page, told)
            at.links[place.ident] = link
            if answers or gaps:
                yield Haul(at.text(), tuple(answers), (*gaps, *lost), self.graph.web.taken_waits())
                gaps = ()
            if link == last:
                return

    def _modified(self, at: TeamsCursor, place: _Place) -> Iterator[Haul]:
        """Read a single chat from the newest change down to what is known.

        The time moves only at the end: a crash before it asks for the same changes again.
        """
        since = at.times.get(place.ident)
        condition = f"&$filter=lastModifiedDateTime gt {since}" if since else ""
        link = f"{place.path}?$top={_TOP}&$orderby=lastModifiedDateTime desc{condition}"
        newest: datetime | None = None
        visited: set[str] = set()
        while link:
            page = self.graph.get(link)
            told = page.object()
            for one in _values(told):
                when = _time(one.get("lastModifiedDateTime")) or _time(one.get("createdDateTime"))
                newest = max(filter(None, (newest, when)), default=None)
            answers, lost = self._answers(at, place, page, told)
            visited.add(link)
            link = told.get("@odata.nextLink") or ""
            if link in visited:
                raise Unreachable("a page of Graph that leads to itself")
            if not link and newest is not None:
                at.times[place.ident] = (newest - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            if answers:
                yield Haul(at.text(), tuple(answers), lost, self.graph.web.taken_waits())

    def _answers(
        self, at: TeamsCursor, place: _Place, page: Response, told: dict[str, Any]
    ) -> tuple[list[Answer], tuple[Gap, ...]]:
        """Give a page, replies that did not fit into it, images, and what could not be had; nothing of an empty one."""
        values = _values(told)
        if not values:
            return [], ()
        at.empty.pop(place.ident, None)
        folder = sha256(place.ident.encode()).hexdigest()[:12]
        found, shown = [_answer(folder, place, page)], [*values]
        for one in values:
            link = one.get("replies@odata.nextLink")
            visited: set[str] = set()
            while link:
                if not isinstance(link, str) or link in visited:
                    raise Unreachable("a page of replies of Graph that leads nowhere, or again to itself")
                visited.add(link)
                more = self.graph.get(link)
                rest = more.object()
                if replies := _values(rest):
                    found.append(_answer(folder, place, more))
                    shown += replies
                link = rest.get("@odata.nextLink")
        pictures, missed = images(self.graph, folder, shown)
        lost = Gap(thread=place.thread, reason=f"{place.said}: {missed} pasted images could not be fetched")
        return [*found, *pictures], ((lost,) if missed else ())

    def _channels(self) -> Iterator[_Place]:
        """Give the channels of the teams that the application sees; teams that are not given are noted."""
        self._shut.clear()
        for team in self.graph.all("/teams?$select=id,displayName"):
            name = str(team.get("displayName") or "")
            try:
                channels = list(self.graph.all(f"/teams/{_part(team['id'])}/channels?$select=id,displayName"))
            except Missing as error:
                if any(fits(name, one.partition("/")[0]) for one in self.settings.only):
                    self._shut[f"{_TEAM}{team['id']}"] = printable(f"team {name}"), str(error)
                    self.settings.listed_in_part()
                continue
            for one in channels:
                ident, title = str(one["id"]), str(one.get("displayName") or "")
                names = (ident, f"{team['id']}/{ident}", f"{name}/{title}")
                path = f"/teams/{_part(team['id'])}/channels/{_part(ident)}/messages"
                said = printable(f"channel {name}/{title}")
                yield _Place(ident, path, names, _thread(ident), said, (str(team["id"]), name))

    def _chats(self) -> Iterator[_Place]:
        who = _part(self.settings.account or "")
        if self.settings.wants(CHATS):
            path = f"/users/{who}/chats/getAllMessages"
            yield _Place(f"{CHATS}:{who}", path, (CHATS,), None, f"all chats of {printable(who)}")
        for one in self.graph.all(f"/users/{who}/chats?$select=id,topic,chatType"):
            ident, topic = str(one["id"]), one.get("topic")
            names = (ident, topic) if isinstance(topic, str) and topic else (ident,)
            said = printable(f"chat {topic or ident}")
            yield _Place(ident, f"/chats/{_part(ident)}/messages", names, _thread(ident), said)


def _answer(folder: str, place: _Place, page: Response) -> Answer:
    """Name an answer by its bytes; the link itself holds tokens and is told by its path."""
    return Answer(f"{folder}/{sha256(page.body).hexdigest()[:16]}.json", page.body, place.path, "teams")


def _values(told: dict[str, Any]) -> list[dict[str, Any]]:
    values = told.get("value")
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        raise Unreachable("an answer of Graph without a list of values")
    return values


def _thread(ident: str) -> Key:
    return Key(channel="teams", scope="", id=ident)


def _part(ident: object) -> str:
    return quote(str(ident), safe="@:.-_")


def _time(written: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(written))
    except ValueError:
        return None
