"""What a Matrix room keeps from an account: where its history is for members alone, all that was said before it came.

The server leaves such events away without a word (spec.matrix.org, room history visibility). So what was in force when
the account joined is asked for at each of its joins.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from archive.reading.times import in_utc
from archive.reading.tree import printable
from schemas.capture import Gap
from schemas.item import Key

VISIBILITY = "m.room.history_visibility"
_SHOWN = ("shared", "world_readable")
"""What lets whoever joins see what was said before."""

AskState = Callable[[str], Sequence[Any] | None]
"""Gives the visibility events in force at an event, by its id; None: the server does not tell."""


def hidden_before(room: str, me: str, events: Sequence[Any], state_at: AskState) -> Iterator[Gap]:
    """Give a gap for each time that the account came into a room which does not show it what was said before."""
    for event in events:
        ident = event.get("event_id") if isinstance(event, dict) else None
        if not isinstance(ident, str) or not _is_join(event, me):
            continue
        state = state_at(ident)
        if state is not None and _visibility(state) in _SHOWN:
            continue
        why = (
            "the server does not tell whether the account sees what was said before it joined"
            if state is None
            else "it shows the account nothing that was said while the account was no member of it"
        )
        thread = Key(channel="matrix", scope="", id=room)
        yield Gap(
            thread=thread,
            end=_time(event.get("origin_server_ts")),
            reason=f"room {printable(room)}: {why}",
        )


def _is_join(event: dict[str, Any], me: str) -> bool:
    if event.get("type") != "m.room.member" or event.get("state_key") != me:
        return False
    unsigned = event.get("unsigned")
    before = unsigned.get("prev_content") if isinstance(unsigned, dict) else None
    return _membership(event.get("content")) == "join" != _membership(before)


def _membership(content: object) -> object:
    return content.get("membership") if isinstance(content, dict) else None


def _visibility(state: Sequence[Any]) -> object:
    """Give what is in force; where nothing was ever said, that is ``shared``."""
    for event in state:
        if isinstance(event, dict) and event.get("type") == VISIBILITY:
            content = event.get("content")
            return content.get("history_visibility") if isinstance(content, dict) else None
    return _SHOWN[0]


def _time(milliseconds: object) -> str | None:
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        return None
    try:
        return in_utc(datetime.fromtimestamp(-(-milliseconds // 1000), UTC))  # never too early
    except (ValueError, OverflowError, OSError):
        return None
