"""What stands on the pages of a report: conversations, days and messages as plain values for the template."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from archive.exporters.events import Message, words_of
from archive.exporters.extensions import extension
from archive.exporters.report.fonts import Shown, direction
from archive.exporters.report.words import Words
from archive.exporters.slices import Slice, in_zone, local_time
from archive.exporters.table import rated
from archive.exporters.visible import is_mixed
from archive.production import Opening, Picture, Told
from schemas.item import Actor, Attachment, Recipient, TimeStamp

ISOLATED = "\u2068{}\u2069"
"""Around names from outside: a name in Arabic must not turn the time beside it around."""


PICTURE_MM = (85, 95)
"""A picture is no wider and no higher."""
SMALLEST_DOT_MM = 25.4 / 72
"""A small picture is not blown up further than this a dot."""
COUNTED = (
    "hit",
    "context",
    "parent",
    "files",
    "missing",
    "kept",
    "edited",
    "deleted",
    "pictures",
    "not_drawn",
)
RASTER = frozenset({"bmp", "gif", "jpg", "png", "tif", "webp"})


def pictures_in(one: Told) -> int:
    """Give how many pictures are to be drawn of an item."""
    return sum(opening is not None and _is_picture(attachment) for attachment, opening in _files(one))


def _files(one: Told) -> list[tuple[Attachment, Opening | None]]:
    known = (*one.open_files, *(None for _ in one.item.attachments))
    return list(zip(one.item.attachments, known, strict=False))


def _is_picture(one: Attachment) -> bool:
    return extension(one.media_type, one.name) in RASTER


class Pages:
    """Turns slices into values; counts what it saw."""

    def __init__(self, zone: str, words: Words, picture: Callable[[Opening], Picture | None]) -> None:
        self.zone, self.words, self.picture, self.shown = zone, words, picture, Shown()
        self.counts = dict.fromkeys(COUNTED, 0)
        self.pictures: dict[str, Picture] = {}
        """By the name that the values use."""
        self.records: set[int] = set()
        """What stands on these pages."""
        self.first: datetime | None = None
        self.last: datetime | None = None

    def conversation(self, one: Slice, found: list[Message]) -> dict[str, Any]:
        """Give a conversation, or a part of one that goes on in the next volume."""
        days = groupby(found, key=lambda message: self._day(message.first))
        return {
            "title": self.shown.line(one.items[0].thread_title or one.thread.id),
            "channel": one.thread.channel,
            "id": self.shown.line(one.thread.id),
            "seen_by": self.shown.line(one.via.id),
            "days": [{"day": day, "messages": list(map(self._message, group))} for day, group in days],
        }

    def _message(self, message: Message) -> dict[str, Any]:
        first, last = message.first, message.last
        item = first.item
        self.counts[first.why] += 1
        self.records.update(message.records)
        self.counts["edited"] += bool(message.versions)
        self.counts["deleted"] += message.deletion is not None
        author = item.author
        name = (author.name if author else None) or self.words["nobody"]
        account = author.account.id if author and author.account else None
        text = self.shown.text((last.item.text or "").rstrip())
        return {
            "number": first.index,
            "time": self._time(first),
            "zone": self._doubt(first),
            "who": ISOLATED.format(self.shown.line(name))
            + (f" ({self.words['mixed']})" if is_mixed(name) else ""),
            "account": ISOLATED.format(self.shown.line(account)) if account and account != name else "",
            "why": first.why,
            "event": "" if item.event == "posted" else self.words.event(item.event),
            "to": "; ".join(self._recipient(one) for one in item.recipients),
            "title": self.shown.line(item.title or ""),
            "text": text,
            "direction": direction(text),
            "versions": [self._version(one) for one in self._earlier(message)],
            "deleted": self._deletion(message),
            "answers": list(self._answers(first)),
            "files": list(self._filed(message.filed)),
            "beside": list(self._beside(message)),
            "around": [self._around(one) for one in message.around],
            "withheld": ", ".join(sorted(message.cut)),
        }

    def _recipient(self, one: Recipient) -> str:
        return f"{self.words.role(one.role)} {self._named(one.actor)}"

    def _named(self, actor: Actor) -> str:
        """Give a name, and the account beside it, for names can be alike."""
        account = actor.handle or (actor.account.id if actor.account else None)
        told = dict.fromkeys(one for one in (actor.written, account) if one)
        return ISOLATED.format(self.shown.line(" · ".join(told) or self.words["nobody"]))

    def _beside(self, message: Message) -> Iterator[str]:
        """Give what the platform says of a message beside its words, as a state of the moment of capture."""
        last = message.last.item
        if last.edited is not None and not message.versions and last.event != "edited":
            self.counts["edited"] += 1
            yield f"{self.words['marked']} {self._stamp(last.edited.time)}".rstrip()
        if last.deleted is not None and last.deleted.by != "unknown":
            yield f"{self.words['deleted']} {self.words['by']} {self.words[last.deleted.by]}"
        if last.rating is not None:
            yield f"{self.words['rating']} {self.shown.line(rated(last.rating))}"
        for one in message.reactions:
            count = str(one.count if one.count is not None else len(one.actors))
            names = ", ".join(map(self._named, one.actors))
            yield f"{self.shown.line(one.value)} {count}" + (f": {names}" if names else "")

    def _stamp(self, time: TimeStamp | None) -> str:
        if time is None:
            return ""
        moment = in_zone(time, self.zone)
        return moment.strftime("%Y-%m-%d %H:%M:%S %z") if moment else self.shown.line(time.written)

    def _earlier(self, message: Message) -> list[Told]:
        return [message.first, *message.versions[:-1]] if message.versions else []

    def _version(self, one: Told) -> dict[str, str]:
        text = self.shown.text((one.item.text or "").rstrip())
        return {"time": self._time(one), "text": text, "direction": direction(text)}

    def _deletion(self, message: Message) -> str:
        if message.deletion is None:
            return ""
        same = message.deletion is message.first
        return self.words["deleted"] if same else self._around(message.deletion)

    def _answers(self, one: Told) -> Iterator[str]:
        for target in one.item.targets:
            if target.relation != "of":
                excerpt = f": {self.shown.line(target.excerpt)[:160]}" if target.excerpt else ""
                named = target.key.id if target.key else target.written_id
                yield f"{self.words.relation(target.relation)} {self.shown.line(named or '-')}{excerpt}"

    def _filed(self, one: Told) -> Iterator[dict[str, str | int]]:
        """Give the files of an item; what somebody withheld is not missing from the archive."""
        if one.cut is None or "attachments" not in one.cut.facets:
            yield from (self._file(*pair) for pair in _files(one))
            return
        for attachment in one.item.attachments:
            self.counts["files"] += 1
            self.counts["kept"] += 1
            name = self.shown.line(attachment.name or attachment.role)
            yield {"name": name, "state": self.words["withheld"], "sha256": "", "picture": "", "width": 0}

    def _file(self, one: Attachment, opening: Opening | None) -> dict[str, str | int]:
        self.counts["files"] += 1
        self.counts["missing"] += one.state == "missing"
        state = (
            "" if one.state == "present" else f"{self.words['missing']}: {self.shown.line(one.reason or '?')}"
        )
        name, width = self._picture(opening) if opening is not None and _is_picture(one) else ("", 0)
        return {
            "name": self.shown.line(one.name or one.role), "state": state, "sha256": one.sha256 or "",
            "picture": name, "width": width,
        }  # fmt: skip

    def _picture(self, opening: Opening) -> tuple[str, int]:
        """Give the name of a picture among the values, and its width in mm; no name where it cannot be drawn."""
        drawn = self.picture(opening)
        if drawn is None:
            self.counts["not_drawn"] += 1
            return "", 0
        self.counts["pictures"] += 1
        name = f"picture{len(self.pictures) + 1}.svg"
        self.pictures[name] = drawn
        wide, high = PICTURE_MM
        fit = min(wide, high * drawn.width / drawn.height, drawn.width * SMALLEST_DOT_MM)
        return name, max(1, round(fit))

    def _around(self, one: Told) -> str:
        name = one.item.author.name if one.item.author else None
        who = ISOLATED.format(self.shown.line(name or self.words["nobody"]))
        return f"{self.words.event(one.item.event)} {self.shown.line(words_of(one))} {who} {self._time(one)}"

    def _day(self, one: Told) -> str:
        moment = local_time(one, self.zone)
        return moment.date().isoformat() if moment else self.words["undated"]

    def _time(self, one: Told) -> str:
        moment = local_time(one, self.zone)
        if moment is None:
            return self.shown.line(one.item.time.written) if one.item.time else self.words["undated"]
        self.first = moment if self.first is None else min(self.first, moment)
        self.last = moment if self.last is None else max(self.last, moment)
        return moment.date().isoformat() + moment.strftime(" %H:%M:%S %z")

    def _doubt(self, one: Told) -> str:
        time = one.item.time
        return self.words["assumed"] if time and time.utc and time.zone_source == "assumed" else ""
