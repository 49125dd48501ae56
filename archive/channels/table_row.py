"""A row of a table of any program: what it is called, and what older versions called it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from archive.channels.export import Scene
from archive.channels.spaces import by_number
from archive.reading.units import Former
from schemas.item import Key


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
        """Give what older versions called the row: by its number alone, and by the whole name of its table."""
        ident, key, place = self.one.get("id"), self.key, self.scene.scope
        then = partial(by_number, place)
        numbered = ident is not None and not self.dated and key.scope != place
        if self.before is not None:
            once = self.before.key(ident) if ident else self.before.derived(*self._said())
            return Former(once, alone=True, thread=self.before.thread.id, then=then if numbered else None)
        return Former(self.scene.key(ident), own=False, then=then) if numbered and ident else None
