"""Spaces of ids: programs that each company or board runs for itself all number from 1, so a number alone is nobody's.

A reader that did not tell them apart once says here how it called an item then.
"""

from typing import Any

from schemas.item import Item


def spaceless(item: Item) -> Item:
    """Give an item as it was called before keys of its channel had a space: all of them stood in one."""
    told = item.model_dump()
    bare = {name: _bare(value, item.key.channel) for name, value in told.items()}
    return Item.model_validate(bare)


def _bare(value: Any, channel: str) -> Any:
    if isinstance(value, dict):
        inner = {name: _bare(one, channel) for name, one in value.items()}
        return {**inner, "scope": ""} if _is_key(inner) and inner["channel"] == channel else inner
    return tuple(_bare(one, channel) for one in value) if isinstance(value, list | tuple) else value


def _is_key(value: dict[str, Any]) -> bool:
    return value.keys() == {"channel", "scope", "id", "derived"}
