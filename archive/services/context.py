"""What surrounds the chosen items in a bundle: the unit rule, and always what a chosen item answers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from archive.catalogue import Listed
from archive.errors import UsageError
from archive.services.session import Session
from schemas.item import Item
from schemas.matter import ExportOptions, Included

RULES = "none, thread, day, or ±N for N items before and after"


def with_context(
    session: Session, hits: Mapping[int, str], options: ExportOptions
) -> tuple[tuple[int, Included], ...]:
    """Give (index, why) of everything that goes out, by index.

    Args:
        session: the catalogue must be at the head.
        hits: chosen item → ``hit`` or ``context``.
        options: the rule, and the zone in which days are counted.

    Raises:
        UsageError: a rule that does not exist.
    """
    found: dict[int, Included] = {}
    for index in hits:
        listed = session.catalogue.item(index)
        if listed is None:
            continue
        for near in _around(session, listed, options):
            found.setdefault(near.index, "context")
        for event in session.catalogue.versions(index):
            found.setdefault(event.index, "context")
        for parent in _parents(session, listed.item):
            found[parent] = "parent"
    for index, decision in hits.items():
        found[index] = "hit" if decision == "hit" else "context"
    return tuple(sorted(found.items()))


def _around(session: Session, listed: Listed, options: ExportOptions) -> Iterable[Listed]:
    rule, catalogue = options.context, session.catalogue
    if rule == "none":
        return ()
    if rule.startswith(("±", "+-")) and rule.lstrip("±+-").isdigit():
        count = int(rule.lstrip("±+-"))
        return catalogue.context(listed.index, before=count, after=count).items
    if rule not in ("thread", "day"):
        raise UsageError(f"{rule!r} is no context rule; there are: {RULES}")
    total = catalogue.thread(listed.item.thread, limit=1)
    whole = catalogue.thread(listed.item.thread, limit=total.before + len(total.items) + total.after).items
    if rule == "thread":
        return whole
    day = _day(listed.item, options.timezone)
    return [other for other in whole if day is not None and _day(other.item, options.timezone) == day]


def _day(item: Item, zone: str) -> str | None:
    if item.time is None or item.time.utc is None:
        return None
    return datetime.fromisoformat(item.time.utc).astimezone(ZoneInfo(zone)).date().isoformat()


def _parents(session: Session, item: Item) -> Iterable[int]:
    """Give the items that this one answers, quotes or stands under."""
    for target in item.targets:
        if target.relation in ("reply", "root", "quote") and target.key is not None:
            yield from session.catalogue.of_key(target.key)
