"""The strength of a find: points that anybody can add up again. An order of reading, never a probability."""

from collections.abc import Sequence

from archive.statements.entity_forms import Entity
from archive.statements.model import Find

_MODALITY = {
    "promised": 15, "refused": 10, "conditional": 0, "negated": 0, "requested": -15, "quoted": -20,
    "hypothetical_or_joke": -45,
}  # fmt: skip


def strength(
    find: Find, entities: Sequence[Entity], firm: Sequence[str]
) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Give the strength, 0 to 100, and its parts."""
    parts = [("rule", find.strength), (f"modality {find.modality}", _MODALITY[find.modality])]
    inside = {one.sort for one in entities if find.start <= one.start < find.end}
    if inside & {"period", "date", "money", "percent", "qty"}:
        parts.append(("names a value", 10))
    if inside & {"order", "product"}:
        parts.append(("names an order or a product", 5))
    if firm:
        parts.append((f"firm words: {', '.join(dict.fromkeys(firm))}", 10))
    return max(0, min(100, sum(points for _, points in parts))), tuple(parts)
