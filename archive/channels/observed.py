"""What Beleg itself saw a platform show no more: deletions as items that were observed, not reported.

Where it may lie in a part that nobody looked into, a notice says so, and nothing is said to be deleted.

The lines are Beleg's own: a live source says that something is gone, and the collection says what had been read there.
"""

from collections.abc import Iterator
from typing import ClassVar, Final

from archive.channels.export import ExportReader, Made, Run, Taker
from archive.ports import Facts
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member
from archive.reading.units import Reading
from schemas.item import Deleted, Item, Key, Raw, Target

FORM: Final = "beleg-observed/1"


class _Reading(Run):
    def taker(self, member: Member) -> Taker | str | None:
        return self._lines if _is_ours(shapes(self.tree).of(member)) else None

    def _lines(self, member: Member) -> Iterator[Reading]:
        yield from self.line_units(member, self._gone)

    def _gone(self, f: Fields, raw: Raw, made: Made) -> None:
        if f.text("form") != FORM:
            raise NotUnderstood("another form")
        key, thread, via = (Key.model_validate(f.data[name]) for name in ("key", "thread", "via"))
        seen, because, was = f.text("seen"), f.text("because"), f.text("was")
        name = f.text("id") or f"gone {seen} {key.id}"  # lines of before had no name of their own
        is_deleted = f.text("event") != "notice"  # lines of before tell of deletions alone
        f.known("key", "thread", "via", "form")
        made.items.append(
            Item(
                key=Key(channel=key.channel, scope=key.scope, id=name, derived=True),
                event="deleted" if is_deleted else "notice",
                form="message",
                basis="observed",
                via=via,
                thread=thread,
                parser=self.parser,
                time=from_iso(seen, None) if seen else None,
                targets=(Target(relation="of", key=key, present="yes"),),
                text=None if is_deleted else because,
                deleted=Deleted(by="unknown", reason=because) if is_deleted else None,
                extra=(("was", was or ""), *made.told(f)),
                raw=raw,
            )
        )


def _is_ours(shape: Shape) -> bool:
    return shape.kind in ("lines", "json") and any(
        shape.has(f"{prefix}/form", f"{prefix}/because", f"{prefix}/seen") for prefix in ("", "/*")
    )


class ObservedChanges(ExportReader):
    """Reads what collections wrote down as gone."""

    name: ClassVar[str] = "observed"
    parser: ClassVar[str] = "observed/1"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="Observed by Beleg",
        layouts=("what a live source showed no more",),
        ask_for="nothing: collections write it",
        edits="no",
        deletions="as seen",
        receipts="no",
        direct="as the source",
        claim="gaps_by_design",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By the fields of its lines."""
        return (100, "lines that a collection wrote") if _is_ours(shape) else (0, "")
