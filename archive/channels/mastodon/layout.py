"""What the files of Mastodon are, told by their outlines."""

from collections.abc import Callable

from archive.reading.json_walk import Path
from archive.reading.shape import Shape


def kind_of(shape: Shape) -> str | None:
    """Say what a member is: actor, outbox or statuses."""
    if shape.kind != "json":
        return None
    if shape.has("/orderedItems") and shape.has("/type"):
        return "outbox"
    if shape.has("/preferredUsername", "/inbox", "/id"):
        return "actor"
    for prefix in (
        "",
        "/*",
        "/last_status",
        "/*/last_status",
        "/ancestors/*",
        "/descendants/*",
        "/statuses/*",
    ):
        if shape.has(f"{prefix}/spoiler_text") and (
            shape.has(f"{prefix}/content") or shape.has(f"{prefix}/text")
        ):
            return "statuses"
    return None


def unit_of(shape: Shape) -> Callable[[Path], bool]:
    """Give what is a status in a member: all of it, or each of a list."""
    lone = (
        shape.has("/content", "/created_at")
        or shape.has("/last_status/created_at")
        or shape.has("/id", "/text")
    )
    return (lambda path: not path) if lone else _is_status


def _is_status(path: Path) -> bool:
    if len(path) == 1 and isinstance(path[0], int):
        return True
    return len(path) == 2 and path[0] in ("ancestors", "descendants", "statuses") and isinstance(path[1], int)
