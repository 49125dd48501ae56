"""Which items lie in the bytes of others: platforms write a conversation, or a message with its answers, as one."""

import re
from hashlib import sha256

from archive.redaction import texts_of
from schemas.item import Item, Key

NAMED = 6
"""Characters from which on an id is looked for in bytes: a shorter one stands in them by chance."""

_MESSAGE_ID = re.compile(r"<([^<>\s]+)>")


class Units:
    """Knows from which bytes items were read, and their ids."""

    def __init__(self) -> None:
        self._read: dict[bytes, set[int]] = {}
        self._ids: dict[Key, dict[bytes, set[int]]] = {}
        self._mails: dict[str, set[int]] = {}

    def add(self, index: int, item: Item) -> None:
        """Remember an item."""
        self._read.setdefault(_digest(item), set()).add(index)
        if item.form == "mail":
            self._mails.setdefault(item.key.id, set()).add(index)
        elif len(item.key.id) >= NAMED and not item.key.derived:
            ids = self._ids.setdefault(item.thread, {})
            ids.setdefault(item.key.id.encode(), set()).add(index)

    def read_from(self, item: Item) -> set[int]:
        """Give the items that were read from the very bytes from which this one was."""
        return self._read.get(_digest(item), set()) if item.raw.slice else set()

    def named_in(self, item: Item) -> set[int]:
        """Give the items of its conversation whose ids stand in its bytes: they may lie in them, as of another day."""
        ids = self._ids.get(item.thread, {})
        return {index for id_, found in ids.items() if id_ in item.raw.slice for index in found}

    def mails_in(self, item: Item) -> set[int]:
        """Give the mails that a mail names by their Message-ID: among its references, or because it holds them."""
        if item.form != "mail" or not self._mails:
            return set()
        named = {id_ for text in texts_of(item) for id_ in _MESSAGE_ID.findall(text)}
        return {index for id_ in named & self._mails.keys() for index in self._mails[id_]}


def _digest(item: Item) -> bytes:
    return sha256(item.raw.slice).digest()
