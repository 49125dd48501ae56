"""Amounts with their cents as one: *2 Euro und 50 Cent* is no range."""

import re
from collections.abc import Sequence

from archive.statements.entity_forms import Entity
from archive.statements.numbers import plain

_JOINED = re.compile(r"\s*(?:und|and|&)?\s*", re.IGNORECASE)
_CENTS = re.compile(r"[^\W\d_]*\d*\s?(?:cents?|ct|rappen|rp|pence|p)(?!\w)", re.IGNORECASE)


def with_cents(text: str, found: Sequence[Entity]) -> list[Entity]:
    """Give entities with cents that stand behind a whole amount as a part of it."""
    kept: list[Entity] = []
    for one in found:
        before = kept[-1] if kept else None
        if before is not None and _belongs(text, before, one):
            values = before.values | one.values
            values |= {"amount": plain(before.values["amount"] + one.values["amount"])}
            values |= {"currency": before.values["currency"]}
            kept[-1] = Entity("money", before.start, one.end, values)
        else:
            kept.append(one)
    return kept


def _belongs(text: str, whole: Entity, cents: Entity) -> bool:
    if (whole.sort, cents.sort) != ("money", "money") or whole.values.keys() != {"amount", "currency"}:
        return False
    counted = _CENTS.match(text, cents.start) is not None and cents.values.get("amount", 1) < 1
    whole_one = isinstance(whole.values["amount"], int)
    return counted and whole_one and _JOINED.fullmatch(text, whole.end, cents.start) is not None
