"""Matrix rooms by the client-server interface (spec.matrix.org): events in the order of the server, room by room.

``/messages`` gives each room from the token where the last reading ended up to where the room stands now, without
holes, and edits and redactions come as events of their own. What a redaction removed before it was read is gone.
Encrypted rooms give events whose words stay closed.
"""

import json
from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, ClassVar
from urllib.parse import quote

from archive.channels.live.matrix_history import VISIBILITY, hidden_before
from archive.channels.live.web import Response, Web
from archive.errors import AskedToWait, FormatError, Refused, Unreachable
from archive.reading.tree import printable
from archive.sources import ANOTHER_ACCOUNT, Answer, Haul, LiveFacts, Right, SourceSettings
from schemas.capture import Claim, Gap, Wait
from schemas.item import Key

PAGE = 100
LARGEST_FILE = 256 << 20


class MatrixSource:
    """One account on one home server."""

    kind: ClassVar[str] = "matrix"
    facts: ClassVar[LiveFacts] = LiveFacts(
        reads="rooms, with files that are not encrypted",
        goes_on="a token for each room",
        edits="as events",
        deletions="redactions, as events",
        tested="real server (Synapse)",
        unseen="words that were redacted before they were read",
        never=(
            "words of encrypted rooms",
            "what was redacted before it was read",
            "what was said before the account joined, in rooms that show it to members alone",
        ),
    )

    def __init__(self, settings: SourceSettings, web: Web) -> None:
        self.settings, self.web = settings, web
        self._base, self._me = settings.url.rstrip("/"), ""

    def close(self) -> None:
        """End its connections."""
        self.web.close()

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give what it had to wait for since the last haul."""
        return self.web.taken_waits()

    def test(self) -> Iterator[Right]:
        """Say whose token it is, and which rooms would be read."""
        who = self._who()
        yield self.settings.try_login(printable(who), *_names(who))
        for room, name, chosen in self._rooms():
            said = _said(room, name)
            yield Right(
                f"room {said}",
                given="yes" if chosen else "left out",
                why="" if chosen else self.settings.why_not,
            )
            if chosen and self._state(room, "m.room.encryption").get("algorithm"):
                yield Right(
                    f"words of {said}", given="never", why="the room is encrypted: its events stay closed"
                )
        yield Right("edits and redactions", given="yes", why="as events; what was redacted before is gone")

    def collect(self, cursor: str | None) -> Iterator[Haul]:
        """Give the events of every room that is asked for, from its token on."""
        before, tokens, empty = _read(cursor)
        self._me = self._who()
        self.settings.check_login(*_names(self._me))
        if before not in (None, self._me):  # its view of a room would begin where that of another ended
            raise Refused(ANOTHER_ACCOUNT)
        names = {room: name for room, name, chosen in self._rooms() if chosen}
        wanted = list(names)
        lost = sorted(tokens.keys() - set(wanted))
        gaps = tuple(
            Gap(
                thread=_thread(room),
                reason=f"room {printable(room)}: the account is no member any more, or it is not asked for",
            )
            for room in lost
        )
        for room in lost:
            del tokens[room]
            empty.pop(room, None)
        for room in wanted:
            if not tokens.get(room):
                empty.setdefault(room, False)
            for haul in self._room(room, tokens, self._now(room), wanted, empty):
                yield Haul(haul.cursor, haul.answers, (*gaps, *haul.gaps), haul.waits, haul.notes)
                gaps = ()
        new = [room for room, told in empty.items() if not told]
        empty |= dict.fromkeys(new, True)
        counts = tuple(Claim.of_nothing(f"room {_said(room, names[room])}") for room in new)
        yield Haul(_write(self._me, tokens, empty), gaps=gaps, waits=self.web.taken_waits(), counts=counts)

    def _who(self) -> str:
        who = self._json("/_matrix/client/v3/account/whoami").get("user_id")
        if not isinstance(who, str):
            raise Unreachable("an answer of /whoami without an account")
        return who

    def _now(self, room: str) -> str:
        """Give the token of where a room stands now; ``/sync`` may be answered from a cache."""
        path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/messages"
        token = self._json(path, params={"dir": "b", "limit": "1"}).get("start")
        if not isinstance(token, str):
            raise Unreachable("an answer of /messages without a token")
        return token

    def _room(
        self, room: str, tokens: dict[str, str], now: str, wanted: Collection[str], empty: dict[str, bool]
    ) -> Iterator[Haul]:
        """Give the pages of a room up to ``now``; the token in ``tokens`` moves with them.

        One in which somebody said something goes from ``empty``: what stands there else tells of the room itself.
        """
        limit, visited = PAGE, set[str]()
        while True:
            page, gaps = self._page(room, tokens, now, limit)
            told = page.object()
            events = told.get("chunk")
            if not isinstance(events, list):
                raise Unreachable("an answer of /messages without a list of events")
            names = [name for _, name, _ in _files(events)]
            if len(set(names)) < len(names) and limit > 1:
                limit = max(1, min(limit, len(events)) // 2)  # files of one name need folders of their own
                continue
            end = told.get("end")
            is_last = not isinstance(end, str) or not events
            if not is_last and (end in visited or end == tokens.get(room)):
                raise Unreachable("a page of /messages that leads again to itself")
            visited.add(str(end))
            if not events:
                tokens[room] = now
            if events or gaps:
                place = _place(room, page.body)
                answer = Answer(f"{place}/messages.json", page.body, page.url, "matrix")
                files, missed = self._media(place, events)
                if missed:
                    lost = f"room {printable(room)}: {missed} files could not be fetched"
                    gaps = (*gaps, Gap(thread=_thread(room), reason=lost))
                hidden = hidden_before(room, self._me, events, lambda event: self._shown_at(room, event))
                gaps = (*gaps, *self._moved(room, events, wanted), *hidden)
                tokens[room] = now if is_last else str(end)
                if any(isinstance(event, dict) and "state_key" not in event for event in events):
                    empty.pop(room, None)
                yield Haul(_write(self._me, tokens, empty), (answer, *files), gaps, self.web.taken_waits())
            if is_last:
                return
            limit = PAGE

    def _shown_at(self, room: str, event: str) -> list[Any] | None:
        """Give what said at an event who sees the history of a room; None: the server does not tell."""
        path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/context/{quote(event, safe='')}"
        wanted = {"limit": "0", "filter": json.dumps({"types": [VISIBILITY]})}
        state = self._json(path, accepted=(200, 400, 403, 404), params=wanted).get("state")
        return state if isinstance(state, list) else None

    @staticmethod
    def _moved(room: str, events: list[Any], wanted: Collection[str]) -> Iterator[Gap]:
        """Tell that a conversation goes on in another room (``m.room.tombstone``), which is not read."""
        for event in events:
            is_end = isinstance(event, dict) and event.get("type") == "m.room.tombstone"
            content = event.get("content") if is_end else None
            heir = content.get("replacement_room") if isinstance(content, dict) else None
            if isinstance(heir, str) and heir not in wanted:
                why = f"it goes on as {printable(heir)}, which is not asked for, or not joined"
                yield Gap(thread=_thread(room), reason=f"room {printable(room)}: {why}")

    def _page(
        self, room: str, tokens: dict[str, str], now: str, limit: int
    ) -> tuple[Response, tuple[Gap, ...]]:
        """Ask for a page; a token that the server refuses is left away, and that is a gap."""
        path = f"{self._base}/_matrix/client/v3/rooms/{quote(room, safe='')}/messages"
        params = {"dir": "f", "limit": str(limit), "to": now}
        if not tokens.get(room):
            return self.web.get(path, params=params), ()
        page = self.web.get(path, params={**params, "from": tokens[room]}, accepted=(200, 400))
        if page.status == 200:
            return page, ()
        del tokens[room]
        lost = Gap(
            thread=_thread(room),
            reason=f"room {printable(room)}: the server refuses the place of the last reading; read from the start",
        )
        return self.web.get(path, params=params), (lost,)

    def _media(self, place: str, events: list[Any]) -> tuple[list[Answer], int]:
        """Fetch the files of a page, each under the name by which its event calls it; how many could not be had."""
        answers: list[Answer] = []
        missed = 0
        for address, name, kind in dict.fromkeys(_files(events)):
            server, _, ident = address.removeprefix("mxc://").partition("/")
            path = f"/_matrix/client/v1/media/download/{quote(server, safe='')}/{quote(ident, safe='')}"
            try:
                file = self.web.get(f"{self._base}{path}", largest=LARGEST_FILE)
            except AskedToWait:
                raise
            except (Unreachable, Refused):
                missed += 1  # the event stays, and says that its file is missing
                continue
            if "text/html" in file.headers.get("content-type", "") and "html" not in kind:
                missed += 1  # a login page
                continue
            answers.append(Answer(f"{place}/{name}", file.body, address, "matrix"))
        return answers, missed

    def _rooms(self) -> Iterator[tuple[str, str | None, bool]]:
        """Give the rooms of the account: id, name, and whether it is asked for, by id, name or alias."""
        rooms = self._json("/_matrix/client/v3/joined_rooms").get("joined_rooms")
        if not isinstance(rooms, list) or not all(isinstance(room, str) for room in rooms):
            raise Unreachable("an answer of /joined_rooms without a list of rooms")
        for room in sorted(rooms):
            name = self._state(room, "m.room.name").get("name")
            alias = self._state(room, "m.room.canonical_alias").get("alias")
            names = [one for one in (room, name, alias) if isinstance(one, str)]
            yield room, name if isinstance(name, str) else None, self.settings.wants(*names)

    def _state(self, room: str, kind: str) -> dict[str, Any]:
        path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/state/{kind}"
        return self._json(path, accepted=(200, 403, 404))

    def _json(
        self, path: str, accepted: tuple[int, ...] = (200,), params: dict[str, str] | None = None
    ) -> dict[str, Any]:
        return self.web.get(f"{self._base}{path}", accepted=accepted, params=params).object()


def _names(who: str) -> tuple[str, ...]:
    """Give what an account is called: whole, and on its own server."""
    here = who.partition(":")[0]
    return who, here, here.removeprefix("@")


def _said(room: str, name: str | None) -> str:
    return printable(f"{name} ({room})" if name else room)


def _thread(room: str) -> Key:
    return Key(channel="matrix", scope="", id=room)


def _files(events: list[Any]) -> Iterator[tuple[str, str, str]]:
    """Give (address, name, media type as written) of the files that events carry in the clear."""
    for event in events:
        content = event.get("content") if isinstance(event, dict) else None
        address = content.get("url") if isinstance(content, dict) else None
        if isinstance(content, dict) and isinstance(address, str) and address.startswith("mxc://"):
            name = content.get("filename") or content.get("body")
            info = content.get("info")
            kind = info.get("mimetype") if isinstance(info, dict) else None
            yield address, _name(name if isinstance(name, str) else ""), str(kind or "")


def _name(written: str) -> str:
    """Give a name that is safe as the last part of a path."""
    name = PurePosixPath(written.replace("\\", "/").replace("\0", "")).name.strip()
    if name in ("", ".", "..") or len(name.encode("utf-8", "replace")) > 200 or name == "messages.json":
        return f"file {sha256(written.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    return name


def _place(room: str, body: bytes) -> str:
    """Give the folder of a page in its haul."""
    return f"{sha256(room.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}-{sha256(body).hexdigest()[:12]}"


def _read(cursor: str | None) -> tuple[str | None, dict[str, str], dict[str, bool]]:
    """Give whose cursor it is (None: one of before this was told), the token of each room, and the empty ones.

    Of an empty room it says whether that is on record.
    """
    if cursor is None:
        return None, {}, {}
    try:
        told = json.loads(cursor)
        rooms = {str(room): str(token) for room, token in told["rooms"].items()}
        return told.get("me"), rooms, {str(room): bool(one) for room, one in told.get("empty", {}).items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FormatError("the cursor of a Matrix account cannot be read") from error


def _write(me: str, tokens: dict[str, str], empty: dict[str, bool]) -> str:
    told = {"me": me, "rooms": dict(sorted(tokens.items())), "empty": empty}
    return json.dumps(told, separators=(",", ":"))
