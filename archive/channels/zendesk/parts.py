"""The pieces of a ticket: people, times, its state, and by what its files are known."""

from collections.abc import Iterable, Iterator

from archive.channels.called import also_called
from archive.channels.export import Made, Scene
from archive.reading.json_fields import Fields
from archive.reading.json_walk import Path
from archive.reading.shape import Shape
from archive.reading.times import from_iso
from schemas.item import Actor, Item, Key, Rating, Raw, TimeStamp

PEOPLE = ("requester", "submitter", "assignee")
TICKET = (
    *("url", "external_id", "type", "priority", "status", "recipient"),
    *("assignee_id", "organization_id", "group_id", "collaborator_ids", "follower_ids", "email_cc_ids"),
    *("forum_topic_id", "problem_id", "has_incidents", "due_at", "tags", "custom_fields"),
    *("fields", "satisfaction_rating", "brand_id", "via", "ticket_form_id", "followup_ids"),
)


def person(scene: Scene, f: Fields, role: str) -> Actor | None:
    """Somebody of a ticket: by number, or as the export of an account tells them, with their name."""
    told = f.object(role) or Fields({})
    number, named = f.id(f"{role}_id"), told.id("id")
    same = number in (None, named)
    actor = scene.actor(number or named, told.text("name") if same else None)
    return also_called(actor, told.text("email")) if same else actor


def with_names(items: Iterable[Item], f: Fields) -> Iterator[Item]:
    """Comments of a ticket that tells of people with their names."""
    people = [one for role in PEOPLE if (one := f.object(role)) is not None]
    names = {one.id("id"): (one.text("name"), one.text("email")) for one in people}
    for item in items:
        who = item.author
        name, address = names.get(who.account.id, (None, None)) if who and who.account else (None, None)
        if who and name and not who.written:
            who = who.model_copy(update={"written": name})
        yield item.model_copy(update={"author": also_called(who, address)})


def state_of(scene: Scene, key: Key, f: Fields, raw: Raw, made: Made) -> Item:
    """What a ticket with its comments says besides them: its state, its own fields, how the customer rated it."""
    rated = f.object("satisfaction_rating") or Fields({})
    score = rated.text("score")
    given = score is not None and score not in ("offered", "unoffered")
    return scene.item(
        raw,
        key,
        event="deleted" if f.data.get("status") == "deleted" else "notice",
        time=time_of(f, "updated_at"),
        title=f.text("subject"),
        text=rated.text("comment"),
        rating=Rating(value=score or "") if given else None,
        visibility="internal",
        extra=made.told(f, *TICKET, "is_public"),
    )


def time_of(f: Fields, name: str) -> TimeStamp | None:
    """A time of the interface: in UTC."""
    written = f.text(name)
    return from_iso(written, "UTC", "by_spec") if written else None


def is_unit(path: Path) -> bool:
    """Say whether a ticket, an audit or a comment lies there."""
    return (
        len(path) == 2
        and path[0] in ("tickets", "audits", "comments", "results")
        and isinstance(path[1], int)
    ) or (len(path) == 1 and isinstance(path[0], int))


def kind_of(shape: Shape) -> str | None:
    """Say what a file holds, by its outline."""
    if shape.kind not in ("json", "lines"):
        return None
    for prefix in ("", "/*", "/tickets/*", "/audits/*", "/comments/*", "/ticket", "/audit"):
        if shape.has(f"{prefix}/requester_id", f"{prefix}/submitter_id") and shape.has(f"{prefix}/subject"):
            return "tickets"
        if shape.has(f"{prefix}/requester/id", f"{prefix}/submitter/id", f"{prefix}/subject"):
            return "tickets"
        if shape.has(f"{prefix}/ticket_id", f"{prefix}/events", f"{prefix}/author_id"):
            return "audits"
        if shape.has(f"{prefix}/author_id", f"{prefix}/public", f"{prefix}/body"):
            return "comments"
        if shape.has(f"{prefix}/comment_id", f"{prefix}/public", f"{prefix}/type"):
            return "events"
    return None
