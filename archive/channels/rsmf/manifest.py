"""What a manifest says of its participants and conversations, and what they are called beyond it."""

import io
import json
from collections import Counter
from typing import Any

from archive.channels.export import Scene
from archive.errors import UnreadableInput
from archive.reading.json_fields import Fields, NotUnderstood, as_text, load_json
from archive.reading.json_walk import walk
from schemas.item import Actor, Key

_OF_PERSON = frozenset({"id", "display", "email", "avatar", "account_id"})
_OF_TALK = frozenset({"id", "display", "platform", "type", "participants", "icon"})


class Manifest:
    """The participants and conversations of one manifest, and which manifests it belongs to."""

    def __init__(self, data: bytes) -> None:
        self.people = _listed(data, "participants")
        self.talks = _listed(data, "conversations")
        self.collection = _collection(data)
        shown = Counter(one.text("display") for one in self.people.values())
        self._alike = {name for name, count in shown.items() if count > 1}

    @property
    def pictures(self) -> set[str]:
        """Names of the files that show a participant or a platform."""
        told = [one.text("avatar") for one in self.people.values()]
        return {name for name in (*told, *(one.text("icon") for one in self.talks.values())) if name}

    def name_of(self, talk: str | None, alone: str) -> str:
        """Name a conversation so that another manifest's of the same number is not taken for it.

        A collection says that its manifests go on with each other. Else a direct conversation is told by who takes
        part, which never changes; of a channel the members do, so it is told by its name.
        """
        about = self.talks.get(talk or "") or Fields({})
        platform = about.text("platform") or "unknown"
        told = [self.collection or "", about.text("display") or ""]
        if about.text("type") == "direct":
            told += sorted(self._told(str(number)) for number in about.array("participants"))
        described = json.dumps(told, ensure_ascii=False) if any(told) else ""
        return f"{platform}/{talk or alone}{described}"

    def who(self, scene: Scene, number: str | None) -> Actor | None:
        """Somebody by account or address, by a name that nobody else here has, else by the number here."""
        told = self.people.get(number or "")
        if told is None:
            return scene.person(number)
        ident, shown = told.id("account_id") or told.text("email"), told.text("display")
        if ident is None and (shown is None or shown in self._alike):
            key = Key(channel=scene.channel, scope=scene.thread.id, id=str(number), derived=True)
            return Actor(account=key, written=shown)
        actor = scene.actor(ident, shown)
        return actor and actor.model_copy(update={"handle": told.text("email")})

    def said_of(self, number: str | None, talk: str | None) -> list[tuple[str, str]]:
        """What is told besides of who spoke and of where: a viewer shows it with each event."""
        return [
            *_besides("participant", self.people.get(number or ""), _OF_PERSON),
            *_besides("conversation", self.talks.get(talk or ""), _OF_TALK),
        ]

    def _told(self, number: str) -> str:
        one = self.people.get(number) or Fields({})
        return one.id("account_id") or one.text("email") or one.text("display") or number


def _besides(what: str, told: Fields | None, known: frozenset[str]) -> list[tuple[str, str]]:
    data: dict[str, Any] = told.data if told else {}
    return [(f"{what} {name}", as_text(value)) for name, value in sorted(data.items()) if name not in known]


def _collection(data: bytes) -> str | None:
    try:
        for value in walk(io.BytesIO(data), lambda path: None if path else False):
            if value.path == ("eventcollectionid",) and value.whole:
                found = load_json(value.data)
                return str(found) if found else None
    except (UnreadableInput, NotUnderstood):
        return None
    return None


def _listed(data: bytes, name: str) -> dict[str, Fields]:
    """The participants or conversations by id; what is broken among them is passed over."""
    found: dict[str, Fields] = {}
    try:
        for value in walk(
            io.BytesIO(data),
            lambda path: True if len(path) == 2 and path[0] == name else None if len(path) > 1 else False,
        ):
            if value.path[:1] == (name,) and value.whole:
                try:
                    fields = Fields(load_json(value.data))
                except NotUnderstood:
                    continue
                if ident := fields.id("id"):
                    found[ident] = fields
    except UnreadableInput:
        return found
    return found
