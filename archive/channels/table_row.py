"""A row of a table of any program: what it is called, and what older versions called it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from archive.channels.export import Scene
from archive.channels.spaces import by_number
from archive.reading.units import Former
from schemas.item import Item, Key


@dataclass(frozen=True)
class TableRow:
    """What a row tells, and of which table it is."""

    one: Mapping[str, str]
    """Role → what stands in its columns."""
    before: Scene | None
    """The table under its whole name, as an older version called it; None where that is its name."""
    fresh: bool
    """Whether it is the first of its table."""
    scene: Scene
    dated: bool
    """Whether the table is that of a day or a month."""

    @cached_property
    def key(self) -> Key:
        """Every program numbers its rows from 1, and again next month: a row is told by time and author too."""
        ident, written, author = (self.one.get(role) for role in ("id", "time", "author"))
        if not ident:
            return self.scene.derived(*self._said())
        if self.dated:
            return self.scene.derived(ident, written, author)
        key = self.scene.key(ident)
        return key.model_copy(update={"scope": " ".join(one for one in (key.scope, written, author) if one)})

    def _said(self) -> tuple[str | None, ...]:
        written, author, other, title, text = (
            self.one.get(role) for role in ("time", "author", "to", "title", "text")
        )
        return written, author, other, title, text

    def former(self) -> Former | None:
        """Give what older versions called the row: by its number alone, and by the whole name of its table.

        Other firms have tables of that name, which begin at 1 as well: a number proves nothing, and what is the same in
        all else is the same row.
        """
        ident, place = self.one.get("id"), self.scene.scope
        numbered = ident is not None and not self.dated and self.key.scope != place
        then = partial(by_number, place) if numbered else None
        if self.before is None:
            return Former(self.scene.key(ident), own=False, then=then) if numbered and ident else None
        thread = self.before.thread.id
        if ident is None:
            return Former(self.before.derived(*self._said()), alone=True, thread=thread)
        whole = partial(_of_whole_name, self.before, ident)
        return Former(self.before.key(ident), own=False, thread=thread, then=whole, or_then=then)


def _of_whole_name(before: Scene, ident: str, item: Item) -> Item:
    """Give a row as it was called when a table was called by the whole name of its file."""
    targets = (
        one.model_copy(update={"key": before.key(one.written_id)}) if one.written_id else one
        for one in item.targets
    )
    called = {"key": before.key(ident), "thread": before.thread, "targets": tuple(targets)}
    return item.model_copy(update=called)
