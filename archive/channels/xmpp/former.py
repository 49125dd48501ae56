"""What the second version of this reader called a message.

It took the address of a room for the conversation of two who talk within it, and of the dump of a server it saw the
message alone, without the id and time of the archive.
"""

from archive.channels.export import Scene
from archive.channels.feeds.markup import Element
from archive.channels.xmpp.said import Said, child, local
from schemas.item import Key


class Formers:
    """Makes the ids of then."""

    def __init__(self, new: Scene) -> None:
        """``new``: any scene of this reading."""
        self._new, self._scenes = new, dict[str, Scene]()

    def of(self, outer: Element, message: Element, said: Said, room: str) -> Key:
        """Give it for a message in a conversation with ``room``, told with its resource or without."""
        bare = room.partition("/")[0]
        if bare not in self._scenes:
            key = self._new.thread.model_copy(update={"id": bare})
            self._scenes[bare] = Scene(self._new.channel, self._new.parser, self._new.via, key, scope=bare)
        scene = self._scenes[bare]
        result = None if local(outer) == "result" else child(outer, "result")
        forwarded = child(result, "forwarded") if result is not None else None
        held = child(forwarded, "delay") if forwarded is not None else None
        named, late, body = said.one("stanza-id"), said.one("delay"), said.one("body")
        ident = _told(result, "id") or _told(named, "id")
        if ident:
            return scene.key(ident)
        stamp, told = _told(held, "stamp") or _told(late, "stamp"), message.attributes
        return scene.derived(
            stamp, told.get("from"), told.get("to"), told.get("id"), body.text() if body else None
        )


def _told(one: Element | None, name: str) -> str | None:
    return one.attributes.get(name) if one is not None else None
