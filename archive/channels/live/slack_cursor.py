"""How far each channel of a Slack workspace was read, and what is compared when it is listed again."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.channels.live.slack_api import order
from archive.errors import FormatError
from archive.sources import Gone

WINDOW = 500
"""Messages of a channel, replies included, that are remembered for comparison."""


@dataclass(slots=True)
class Seen:
    """What is remembered of a message: the answer it came in, its last edit, the last reply that was read, its root."""

    place: str
    edited: str = ""
    replies: str = ""
    root: str = ""


@dataclass(slots=True)
class Conversation:
    """One channel. All up to ``last`` was read; of a reading that broke off, also what is from ``low`` to ``top``."""

    last: str = "0"
    top: str | None = None
    low: str | None = None
    todo: list[str] = field(default_factory=list)
    """Roots of threads with replies that were not read yet."""
    seen: dict[str, Seen] = field(default_factory=dict)

    def differs(self, message: dict[str, Any]) -> bool:
        """Say whether a message is other than it was, or new."""
        known = self.seen.get(str(message["ts"]))
        if known is None or known.edited != _edited(message):
            return True
        return not known.root and order(_latest(message)) > order(known.replies)

    def take(self, messages: Sequence[dict[str, Any]], place: str) -> None:
        """Remember messages of an answer, and which threads have new replies."""
        for one in messages:
            ts, root = str(one["ts"]), str(one.get("thread_ts") or "")
            before = self.seen.get(ts)
            is_reply = root not in ("", ts)
            replies = before.replies if before else ""
            self.seen[ts] = Seen(place, _edited(one), replies, root if is_reply else "")
            if not is_reply and order(_latest(one)) > order(replies) and ts not in self.todo:
                self.todo.append(ts)

    def pop(self, ts: str, because: str) -> Gone:
        """Forget a message that is gone."""
        return Gone(self.seen.pop(ts).place, because, ident=ts)

    def replies_of(self, root: str) -> list[str]:
        """Give the replies to a message that are remembered."""
        return [ts for ts, one in self.seen.items() if one.root == root]


@dataclass(slots=True)
class SlackCursor:
    """The cursor of a source."""

    team: str | None = None
    full: str | None = None
    """When everything that is remembered was last compared."""
    channels: dict[str, Conversation] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """Channels that were asked for and not given, and why: on record already."""
    empty: list[str] = field(default_factory=list)
    """Channels in which nothing was ever found: on record already."""

    @classmethod
    def of(cls, text: str | None) -> "SlackCursor":
        """Read a cursor; raises FormatError if it is none."""
        if text is None:
            return cls()
        try:
            told = json.loads(text)
            channels = {str(name): _conversation(one) for name, one in told["channels"].items()}
            return cls(
                told["team"], told["full"], channels, dict(told["refused"]), list(told.get("empty", ()))
            )
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise FormatError("the cursor of a Slack workspace cannot be read") from error

    def found_empty(self, asked: Iterable[str]) -> list[str]:
        """Give the channels of these in which nothing was ever found, each once: those that are not on record so."""
        empty = [one for one in asked if one not in self.refused and self.channels[one].last == "0"]
        new = [one for one in empty if one not in self.empty]
        self.empty = empty
        return new

    def text(self, days: int | None = None) -> str:
        """Write it; what is beyond the window, or older than ``days`` days if they are given, is compared no more."""
        oldest = "" if days is None else f"{time.time() - 86_400 * days:.6f}"
        members = {name: _members(one, oldest) for name, one in sorted(self.channels.items())}
        told = {
            "team": self.team, "full": self.full, "channels": members, "refused": self.refused, "empty": self.empty
        }  # fmt: skip
        return json.dumps(told, separators=(",", ":"))


def _edited(message: dict[str, Any]) -> str:
    if message.get("subtype") == "tombstone":
        return "gone"
    edited = message.get("edited")
    return str(edited.get("ts") or "") if isinstance(edited, dict) else ""


def _latest(message: dict[str, Any]) -> str:
    latest = message.get("latest_reply")
    return latest if isinstance(latest, str) and message.get("reply_count") else ""


def _members(one: Conversation, oldest: str) -> dict[str, Any]:
    newest = sorted(one.seen, key=order)[-WINDOW:]
    one.seen = {ts: one.seen[ts] for ts in newest if order(ts) >= order(oldest)}
    places = {
        place: number for number, place in enumerate(dict.fromkeys(seen.place for seen in one.seen.values()))
    }
    seen = {
        ts: _trimmed([places[told.place], told.edited, told.replies, told.root])
        for ts, told in one.seen.items()
    }
    return {
        "last": one.last, "top": one.top, "low": one.low, "todo": one.todo, "places": list(places), "seen": seen
    }  # fmt: skip


def _trimmed(row: list[Any]) -> list[Any]:
    while row[-1] == "":
        row.pop()
    return row


def _conversation(told: dict[str, Any]) -> Conversation:
    places = told["places"]
    seen = {str(ts): Seen(str(places[row[0]]), *map(str, row[1:])) for ts, row in told["seen"].items()}
    return Conversation(told["last"], told["top"], told["low"], list(told["todo"]), seen)
