"""Further names of people: platforms know one person by display name, real name, user name and address.

Whoever looks for a person, or holds what they said, knows one of these and not which one a message shows.
"""

from collections.abc import Iterable

from schemas.item import Actor


def others(names: Iterable[object], *known: str | None) -> tuple[str, ...] | None:
    """Give names that are told beside those that are known, each once; None where there are none."""
    told = (name.strip() for name in names if isinstance(name, str) and name.strip())
    return tuple(dict.fromkeys(name for name in told if name not in known)) or None


def also_called(actor: Actor | None, *names: object) -> Actor | None:
    """Give somebody with further names."""
    if actor is None:
        return None
    own = actor.account.id if actor.account else None
    found = others((*(actor.also or ()), *names), actor.written, actor.handle, own)
    return actor.model_copy(update={"also": found}) if found else actor
