"""The events of one manifest as items."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO

from archive.channels.export import Made, Run, Scene
from archive.channels.rsmf.manifest import Manifest
from archive.reading.json_fields import Fields, NotUnderstood, as_text
from archive.reading.media_types import media_type_of
from archive.reading.times import from_iso
from archive.reading.units import Content, Former
from schemas.item import (
    Actor,
    Attachment,
    Deleted,
    Edited,
    Event,
    Item,
    Key,
    Raw,
    Reaction,
    Target,
    Thread,
    TimeStamp,
)

_EVENTS: dict[str, Event] = {
    "message": "posted",
    "join": "joined",
    "leave": "left",
    "disclaimer": "notice",
    "history": "notice",
}
Files = dict[str, tuple[int, Callable[[], BinaryIO], str | None]]
"""Name → length, opener, and the member in which it lies, if it is one."""


class Talks:
    """The conversations of one manifest while its events are read."""

    def __init__(self, run: Run, manifest: Manifest, files: Files) -> None:
        self.manifest, self._run, self._files = manifest, run, files
        self._scenes: dict[str, Scene] = {}
        self._before: dict[str, Scene] = {}
        self._keys: dict[tuple[str, str], Key] = {}
        """Conversation and id of an event that was read → its key."""

    def event(self, f: Fields, raw: Raw, made: Made) -> None:
        """One event: its first state, each edit, each receipt."""
        ident, kind, talk = f.id("id"), f.text("type"), f.id("conversation") or ""
        time, body, number = _time(f, "timestamp"), f.text("body"), f.id("participant")
        if kind is None or (time is None and body is None):
            raise NotUnderstood("an event without type, time or words")
        scene = self._scenes.get(talk)
        if scene is None:
            scene = self._scenes[talk] = self._scene(talk, raw, made)
        who = partial(self.manifest.who, scene)
        edits, parent, gone, author = f.objects("edits"), f.id("parent"), f.flag("deleted"), who(number)
        acted = author.account.id if author and author.account else None
        # An id alone is that of one manifest; with time and sender it stays the same when the words change.
        when = time.written if time else None
        key = scene.derived(ident, when, acted) if ident and time else scene.derived(ident, when, acted, body)
        made.former[key] = self._former(talk, ident, when, number, body)
        if ident:
            self._keys[talk, ident] = key
        answered = self._keys.get((talk, parent or ""))
        receipts = f.objects("read_receipts")
        states = _states(edits, body)
        f.known("type", "direction", "importance", "participant")
        event: Event = "deleted" if gone and len(states) == 1 else _EVENTS.get(kind, "notice")
        item = scene.item(
            raw,
            key,
            event=event,
            author=author,
            time=time,
            text=states[0],
            targets=(Target(relation="root", key=answered, written_id=parent),) if parent else (),
            attachments=tuple(self._attachments(f, made, raw)),
            reactions=tuple(_reactions(f, who)),
            edited=Edited(time=_time(edits[-1], "timestamp")) if edits else None,
            deleted=Deleted(by="unknown") if event == "deleted" else None,
            history="full" if edits else "last_state",
            extra=(
                *((("event_id", ident),) if ident else ()),
                *((("edits", as_text([one.data for one in edits])),) if edits else ()),
                *made.told(f, "custom", "direction", "importance"),
                *self.manifest.said_of(number, talk),
            ),
        )
        made.items += [
            item,
            *self._edits(scene, item, edits, states, raw, gone=gone),
            *self._receipts(scene, item, receipts, raw, made),
        ]

    def _former(
        self, talk: str, ident: str | None, when: str | None, number: str | None, body: str | None
    ) -> Former:
        """What the first version of this reader called an event: by its id alone, which other manifests have too."""
        about = self.manifest.talks.get(talk) or Fields({})
        place = f"{about.text('platform') or 'unknown'}/{talk or self._run.tree.name}"
        scene = self._before.setdefault(place, self._run.scene(place))
        scene.scope = place
        if ident:
            return Former(scene.key(ident), own=False, thread=place, text=body)
        return Former(scene.derived(when, number, body), thread=place, text=body)

    def _edits(
        self,
        scene: Scene,
        first: Item,
        edits: list[Fields],
        states: list[str | None],
        raw: Raw,
        *,
        gone: bool,
    ) -> Iterator[Item]:
        """Each edit with the words behind it; of what was deleted at last the last state is the deletion."""
        for at, (edit, words) in enumerate(zip(edits, states[1:], strict=False), 1):
            is_last = gone and at == len(states) - 1
            yield scene.item(
                raw,
                scene.derived(first.key.id, "edit", str(at), edit.text("timestamp")),
                event="deleted" if is_last else "edited",
                author=self.manifest.who(scene, edit.id("participant")) or first.author,
                time=_time(edit, "timestamp"),
                text=words,
                targets=(_about(first),),
                edited=Edited(time=_time(edit, "timestamp")),
                deleted=Deleted(by="unknown") if is_last else None,
                history="full",
            )

    def _receipts(
        self, scene: Scene, of: Item, receipts: list[Fields], raw: Raw, made: Made
    ) -> Iterator[Item]:
        before = made.former[of.key]
        for receipt in receipts:
            event: Event = "read" if (receipt.text("action") or "read") == "read" else "delivered"
            key = scene.derived(of.key.id, event, receipt.id("participant"))
            once = before.key.model_copy(
                update={"id": f"{before.key.id}/{event}/{receipt.id('participant')}", "derived": False}
            )
            made.former[key] = replace(before, key=once, text=None)
            yield scene.item(
                raw,
                key,
                event=event,
                author=self.manifest.who(scene, receipt.id("participant")),
                time=_time(receipt, "timestamp"),
                targets=(_about(of),),
            )

    def _attachments(self, f: Fields, made: Made, raw: Raw) -> Iterator[Attachment]:
        for one in f.objects("attachments"):
            name, shown = one.text("id"), one.text("display")
            known = self._files.get(name or "")
            media = media_type_of(shown or name or "")
            if known is None or name is None:
                yield Attachment(
                    name=shown or name,
                    media_type=media,
                    state="missing",
                    reason="not in export",
                    length=one.number("size"),
                )
                continue
            locator = f"{raw.member}#{raw.pointer}/{name}"
            made.contents.append(Content(locator=locator, open=known[1], member=known[2]))
            if known[2] is not None:
                self._run.beside.used.add(known[2])
            yield Attachment(
                name=shown or name, media_type=media, state="present", locator=locator, length=known[0]
            )

    def _scene(self, talk: str, raw: Raw, made: Made) -> Scene:
        about = self.manifest.talks.get(talk) or Fields({})
        ident = self.manifest.name_of(talk, self._run.tree.name)
        group = about.text("type") not in ("direct", None)
        scene = self._run.scene(ident, visibility="group" if group else "direct")
        scene.scope = ident
        members = (self.manifest.who(scene, n) for n in about.array("participants") if isinstance(n, str))
        kind: Any = "group" if group else "chat"
        made.threads.append(
            Thread(
                key=scene.thread,
                via=self._run.via,
                kind=kind,
                title=about.text("display"),
                participants=tuple(member for member in members if member),
                visibility=scene.visibility,
                raw=raw,
            )
        )
        return scene


def _about(item: Item) -> Target:
    """What happened to an event; its id in the manifest is told with it."""
    return Target(relation="of", key=item.key, written_id=dict(item.extra).get("event_id"), present="yes")


def _states(edits: list[Fields], body: str | None) -> list[str | None]:
    """The words at first and behind each edit; the last are those of the event. One state where none is told."""
    if not any(one.text("previous") for one in edits):
        return [body]
    before = [one.text("previous") for one in edits]
    after = [one.text("new") for one in edits]
    return [before[0], *(new or old for new, old in zip(after[:-1], before[1:], strict=True)), body]


def _reactions(f: Fields, who: Callable[[str | None], Actor | None]) -> Iterator[Reaction]:
    for one in f.objects("reactions"):
        value = one.text("value")
        if value:
            people = tuple(actor for n in one.array("participants") if (actor := who(str(n))))
            yield Reaction(value=value, count=one.number("count"), actors=people)


def _time(f: Fields, name: str) -> TimeStamp | None:
    written = f.text(name)
    return (from_iso(written, "UTC", "by_spec") or TimeStamp(written=written)) if written else None
