"""YouTube: comments and live-chat messages of Google Takeout.

Authority: none; headers of several years and languages. Folder, file and column names follow the language of
the account, so columns are told by their number, place and values. The text is a row of JSON objects, in 2023 one
object around them.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood, load_json
from archive.reading.rows import Cells, split_row
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member
from archive.reading.units import MemberProblem, Reading
from schemas.item import Body, Form, Key, Raw, Recipient, Target, Thread, TimeStamp

_TEXT = re.compile(r"\s*\{")
_TIMES = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_CHANNEL = re.compile(r"UC[\w-]{22}\Z")
_COMMENTS: dict[int, tuple[str, ...]] = {
    7: ("id", "channel", "time", "price", "parent", "video", "text"),
    8: ("id", "channel", "time", "price", "parent", "video", "text", "top"),
    9: ("id", "channel", "time", "price", "parent", "post", "video", "text", "top"),
}
_LIVE = ("id", "channel", "time", "price", "video", "text")
_ENGLISH = {
    "comment id": "id",
    "channel id": "channel",
    "comment create timestamp": "time",
    "date": "time",
    "price": "price",
    "parent comment id": "parent",
    "post id": "post",
    "video id": "video",
    "comment text": "text",
    "top-level comment id": "top",
    "live chat id": "id",
    "live chat create timestamp": "time",
    "live chat text": "text",
}


def _layout(shape: Shape) -> tuple[str, ...] | None:
    """The roles of the columns, by their names in English, else by number and by where the text stands."""
    if shape.kind != "text" or not 6 <= len(shape.header) <= 10:
        return None
    named = tuple(_ENGLISH.get(name.lower(), f"? {name}") for name in shape.header)
    if {"id", "time", "text"} <= set(named) and "channel" in named:
        return named
    first = _first_row(shape)
    place = next((at for at, cell in enumerate(first) if _parts(cell) is not None), None)
    if place is None:
        return None
    roles = _LIVE if len(shape.header) == 6 and place == 5 else _COMMENTS.get(len(shape.header))
    return roles if roles and roles[place : place + 1] == ("text",) and _fits(roles, first) else None


def _first_row(shape: Shape) -> tuple[str, ...]:
    lines = shape.head.decode("utf-8-sig", "replace").splitlines()
    return split_row(lines[1], ",") if len(lines) > 1 else ()


def _fits(roles: tuple[str, ...], first: tuple[str, ...]) -> bool:
    """Whether the first row speaks against this order: a time or a channel where something else should stand."""
    told = dict(zip(roles, first, strict=False))
    return not any(
        pattern.match(value) and not pattern.match(told.get(role, ""))
        for role, pattern in (("time", _TIMES), ("channel", _CHANNEL))
        for value in told.values()
    )


class _Reading(Run):
    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        roles = _layout(shape)
        if roles:
            return lambda m: self._rows(m, roles)
        if shape.kind == "html" and b"youtube" in shape.head.lower() and "comment" in member.name.lower():
            return self._page
        if shape.kind == "text" and any(_parts(cell) is not None for cell in _first_row(shape)):
            return self._unknown
        if shape.kind in ("text", "json", "html") and not self.tree.single:
            return "history, subscriptions and settings, no comments"
        return None

    def _unknown(self, member: Member) -> Iterator[Reading]:
        yield MemberProblem(member.path, "texts of YouTube under columns in an order that is not known")

    def _page(self, member: Member) -> Iterator[Reading]:
        yield MemberProblem(
            member.path, "HTML of before 2023: it is kept, not read; request the Takeout again as CSV"
        )

    def _rows(self, member: Member, roles: tuple[str, ...]) -> Iterator[Reading]:
        self.via = self.as_told()
        scenes: dict[str, Scene] = {}
        live = "parent" not in roles

        def make(cells: Cells, raw: Raw, made: Made) -> None:
            told = {role: (cells.get(name) or None) for role, name in zip(roles, cells.data, strict=False)}
            ident, written, video = told.get("id"), told.get("time"), told.get("video") or told.get("post")
            text, people, body = _words(told.get("text"))
            if not ident or not written:
                raise NotUnderstood("a row without id or time")
            channel = told.get("channel")
            if channel and not self.options.mine:
                self.via = Key(channel=self.channel, scope="", id=channel)
            place = video or "unknown"
            fresh = place not in scenes
            scene = scenes.setdefault(
                place, self.scene(place, derived=video is None, visibility="public", history="none")
            )
            targets = [
                Target(relation=relation, key=scene.key(other), written_id=other)  # type: ignore[arg-type]
                for relation, other in (("reply", told.get("parent")), ("root", told.get("top")))
                if other and not (relation == "root" and other == told.get("parent"))
            ]
            form: Form = "message" if live else "comment"
            price = told.get("price")
            key = (
                scene.key(ident)
                if "-" in ident or len(ident) > 8 or ident[:1] == "U"
                else scene.derived(ident, written, video, text)
            )
            made.items.append(
                scene.item(
                    raw,
                    key,
                    form=form,
                    author=scene.actor(channel, self.options.mine),
                    recipients=tuple(
                        Recipient(role="mentioned", actor=actor)
                        for one in people
                        if (actor := scene.actor(one))
                    ),
                    time=from_iso(written, "UTC", "by_spec") or TimeStamp(written=written),
                    targets=tuple(targets),
                    text=text,
                    body=body,
                    extra=(
                        *((("price_micros", price),) if price not in (None, "0") else ()),
                        *made.told(cells),
                    ),
                )
            )
            if fresh:
                made.threads.append(
                    Thread(key=scene.thread, via=self.via, kind="topic", title=video, raw=raw)
                )

        yield from self.csv_units(member, make)


def _parts(written: str) -> list[Fields] | None:
    """The pieces of a text: JSON objects in a row, in 2023 within one; None if it is a plain text."""
    if not _TEXT.match(written):
        return None
    try:
        parts = load_json(f"[{written}]")
    except NotUnderstood:
        return None
    if len(parts) == 1 and isinstance(parts[0], dict) and isinstance(parts[0].get("takeoutSegments"), list):
        parts = parts[0]["takeoutSegments"]
    fields = [Fields(part) for part in parts if isinstance(part, dict)]
    known = ("text", "emoji", "link", "mention", "videoLink")
    return fields if parts and all(any(name in f for name in known) for f in fields) else None


def _shown(part: Fields) -> str:
    """A piece as it is read: its text, the address behind a shortened one, the name of an emoji."""
    text, link, emoji = part.text("text") or "", part.object("link"), part.object("emoji")
    address = link.text("linkUrl", "url") if link else None
    if address and address != text:
        return f"{text} ({address})" if text else address
    return text or (emoji.text("shortcode", "shortcutText", "emojiId") or "" if emoji else "")


def _words(written: str | None) -> tuple[str | None, list[str], Body | None]:
    """The text, the channels that it mentions, and the parts as they are."""
    fields = _parts(written) if written else None
    if written is None or fields is None:
        return written, [], None
    people = [ident for f in fields if (m := f.object("mention")) and (ident := m.text("externalChannelId"))]
    plain = len(fields) == 1 and set(fields[0].data) == {"text"}
    rich = None if plain else Body(type="application/x-youtube-text+json", content=written)
    return "".join(_shown(f) for f in fields), people, rich


class YouTubeTakeout(ExportReader):
    """Reads ``comments.csv`` and live chats of a Takeout, whatever they are called."""

    name: ClassVar[str] = "youtube"
    parser: ClassVar[str] = "youtube-takeout/2"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="YouTube",
        layouts=(
            "Takeout: comments and live chats as CSV, 6 to 9 columns, any language",
            "HTML before 2023: kept and answered, not read",
        ),
        ask_for="takeout.google.com: YouTube, comments and live chats",
        edits="no",
        deletions="absent",
        receipts="no",
        direct="no; one's own comments only",
        claim="last_state",
        tested="real files",
        left_out=("history, subscriptions and settings",),
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By number and place of the columns and the form of the text."""
        return (90, "rows with comment texts as YouTube writes them") if _layout(shape) else (0, "")
