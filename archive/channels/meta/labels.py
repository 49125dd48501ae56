"""Labelled lists, the newest layout of both networks: ``{"timestamp", "media", "label_values", "fbid"}``.

No specification exists. Meta writes settings and advertising in the same form; what is communication shows by
the folder and the name of the file, which follow no language. Labels are words of the language of the account,
values lie in ``dict`` and ``vec`` too.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from archive.channels.export import Made, Run, plain_json
from archive.channels.meta.posts import wall
from archive.channels.meta.threads import attached
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.json_walk import Path, Value
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_count
from archive.reading.tree import Member
from archive.reading.units import Reading
from schemas.item import Body, Event, Form, Raw, Target

_FOLDERS = frozenset(
    "posts comments comments_and_reactions groups likes stories story_interactions reels media content".split()  # noqa: SIM905
)
_NAMES = re.compile(r"post|comment|like|reaction|poll|quiz|question|stor(?:y|ies)|reel")
_WEB = re.compile(r"https?://\S+")
_LABELS = "/label_values/*/label"


class Labelled(NamedTuple):
    """One value with the labels over it."""

    label: str
    value: str


def is_labelled(shape: Shape) -> bool:
    """Whether a file is a labelled list, of whatever."""
    return shape.kind == "json" and shape.ends(_LABELS)


def holds_communication(member: Member, shape: Shape) -> bool:
    """Whether a labelled list is of posts, comments, reactions or votes."""
    folder = member.folder.rstrip("/").rpartition("/")[2]
    return is_labelled(shape) and folder in _FOLDERS and _NAMES.search(member.name.lower()) is not None


def read_labelled(run: Run, member: Member) -> Iterator[Reading]:
    """The entries of one file, in the thread that its folder is."""
    scene, described = wall(run, member.folder.rstrip("/").rpartition("/")[2])
    waiting = [described]
    lone = shapes(run.tree).of(member).has(_LABELS)

    def is_unit(path: Path) -> bool:
        return not path if lone else 1 <= len(path) <= 2 and isinstance(path[-1], int)

    def make(_: Value, f: Fields, raw: Raw, made: Made) -> None:
        counted, listed = f.number("timestamp"), f.array("label_values")
        if counted is None or not listed:
            raise NotUnderstood("an entry without time or values")
        told = [one for entry in listed for one in _values(entry, "")]
        event, form = _what(member.name.lower())
        words = [one.value for one in told if event == "posted" and not _WEB.fullmatch(one.value)]
        media = [*f.objects("media"), *_media(listed)]
        time = from_count(counted, 1)
        link = next((one.value for one in told if _WEB.fullmatch(one.value)), None)
        made.items.append(
            scene.item(
                raw,
                scene.derived(time.written if time else None, f.id("fbid"), *(one.value for one in told)),
                event=event,
                form=form,
                author=scene.person(run.options.mine),
                time=time,
                text="\n".join(dict.fromkeys(words)) or None,
                body=Body(type="application/x-meta-label-values+json", content=plain_json(listed)),
                targets=(Target(relation="of", written_id=link, present="no"),) if form != "post" else (),
                attachments=tuple(attached(run, member, one, made, None) for one in media),
                extra=(*(one for one in told if one.value not in words), *made.told(f, "fbid")),
            )
        )
        made.threads.extend(thread.model_copy(update={"raw": raw}) for thread in waiting)
        waiting.clear()

    yield from run.json_units(member, is_unit, make)


def _what(name: str) -> tuple[Event, Form]:
    """What the account did, by the name of the file; a reaction is at a post or a comment of somebody."""
    if re.search(r"poll|quiz|question", name):
        return "voted", "comment"
    if re.search(r"like|reaction", name):
        return "reacted", "comment"
    return "posted", "comment" if "comment" in name else "post"


def _values(entry: object, over: str) -> Iterator[Labelled]:
    """All values of an entry with their labels, from the outside in."""
    if not isinstance(entry, dict):
        return
    label = "/".join(part for part in (over, str(entry.get("label") or entry.get("title") or "")) if part)
    value = entry.get("value") or entry.get("href")
    if isinstance(value, str):
        yield Labelled(label or "value", value)
    if isinstance(stamp := entry.get("timestamp_value"), int) and stamp:
        yield Labelled(label or "time", str(stamp))
    for name in ("dict", "vec"):
        inner = entry.get(name)
        for child in inner if isinstance(inner, list) else ():
            yield from _values(child, label)


def _media(listed: list[object]) -> Iterator[Fields]:
    """The files that stand under a label."""
    for entry in listed:
        inner = entry.get("media") if isinstance(entry, dict) else None
        for one in inner if isinstance(inner, list) else ():
            if isinstance(one, dict):
                yield Fields(one)
