"""What finds of one message do to each other: finds that are one, finds that yield, and side labels."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from archive.statements.entity_forms import Entity
from archive.statements.model import Find
from archive.statements.sentences import Sentence
from archive.statements.side_words import SideWords
from archive.statements.sides import CARRIERS, SIDE_KINDS, side_labels, value_in

_JOINED = frozenset(
    (
        "acceptance", "objection", "defect_admission", "deadline", "refusal", "cancellation", "reservation", "takedown",
        "order_confirmation", "confirmation_letter", "return_refund", "warranty", "discount_payment", "delivery",
        "property_assurance",
    )
)  # fmt: skip
"""Kinds of which neighbouring clauses that say the same are one find."""
_ANSWERS = frozenset(("acceptance", "refusal"))
"""Of these, only within one sentence: ``no can do. 7200 is the lowest``."""
_ADMITTED = ("promised", "conditional")
_GAP = 8
"""Characters between two clauses that are neighbours: a comma, a conjunction."""
_IN_LETTERS = frozenset(("confirmation_letter", "price", "quantity", "delivery", "discount_payment"))
_BEATS: dict[str, frozenset[str]] = {
    "liability_penalty": frozenset(("price", "payment_promise", "discount_payment", "delivery")),
    "defect_admission": frozenset(("objection",)),
    "refusal": frozenset(("acceptance", "cancellation", "offer", "price")),
    "takedown": frozenset(("delivery", "objection")),
    "cancellation": frozenset(("order", "delivery", "order_confirmation")),
    "return_refund": frozenset(("order", "payment_promise", "price", "delivery")),
    "payment_promise": frozenset(("price", "delivery")),
    "discount_payment": frozenset(("price",)),
    "objection": frozenset(("price",)),
    "warranty": frozenset(("price",)),
    "acceptance": frozenset(("order",)),
    "offer": frozenset(("order",)),
    "order": frozenset(("confirmation_letter",)),
}
"""Kinds that go before others over the same words: a penalty of 200 a day is no price."""
_YES = 12
"""Characters of a mere yes at most."""
_SAID_BESIDE = {
    "price": frozenset(("delivery", "quantity", "deadline")),
    "quantity": frozenset(("order", "delivery", "offer")),
}
"""Kind → those that, where they share its clause, leave it the value alone."""
_MOST_OF = 0.6
"""Share of a find that a carrier must cover for the find to yield to the side label in it."""


def together(
    finds: Sequence[Find], found: Sequence[Sentence], entities: Sequence[Entity], words: SideWords
) -> list[Find]:
    """Give the finds of a message as they stand together, in order of place; ``words`` tell what values are for."""
    finds = list(_joined(finds, found))
    finds = [_of_a_defect(_of_an_order(find, finds), finds, entities) for find in finds]
    finds = [find for find in finds if not any(_beaten(find, other) for other in finds)]
    finds = [find for find in finds if not _repair_time(find, finds, entities)]
    finds = [find for find in finds if not _mere_yes(find, finds)]
    letters = [find for find in finds if find.kind == "confirmation_letter"]
    finds = [
        find
        for find in finds
        if find.kind in _IN_LETTERS or not any(_inside(find, letter) for letter in letters)
    ]
    sides = list(side_labels(finds, found, entities, words))
    kept = [find for find in finds if not (find.kind in SIDE_KINDS and _yields(find, finds, sides))]
    kept = [_value_alone(find, kept, found, entities, words) for find in kept]
    return _one_each([*kept, *sides])


def _value_alone(
    find: Find, finds: Sequence[Find], found: Sequence[Sentence], entities: Sequence[Entity], words: SideWords
) -> Find:
    """Give a price or number without the clause that says something else too: ``we put up six men at 26.90``."""
    beside = _SAID_BESIDE.get(find.kind, ())
    if find.modality != "promised" or not any(
        other.kind in beside and _shared(find, other) > _MOST_OF * (find.end - find.start) for other in finds
    ):
        return find
    span = value_in(find, found, entities, words)
    return replace(find, start=span[0], end=span[1]) if span else find


def _joined(finds: Iterable[Find], found: Sequence[Sentence]) -> Iterator[Find]:
    """Join neighbouring finds of one kind and modality; of an acceptance and a mere yes keep both words."""
    stops = [sentence.units[-1].end for sentence in found]
    last: dict[str, Find] = {}
    order: list[str] = []
    for find in finds:
        before = last.get(find.kind)
        near = before is not None and 0 <= find.start - before.end <= _GAP
        if (
            before is not None
            and find.kind in _ANSWERS
            and any(before.end <= one < find.start for one in stops)
        ):
            near = False
        if before is not None and find.kind in _JOINED and near and before.modality == find.modality:
            stronger = max(before, find, key=lambda one: one.strength)
            last[find.kind] = replace(stronger, start=before.start, end=find.end)
            continue
        if before is not None:
            yield before
        else:
            order.append(find.kind)
        last[find.kind] = find
    for kind in order:
        yield last[kind]


def _of_an_order(find: Find, finds: Sequence[Find]) -> Find:
    """In an order a date of delivery is a wish."""
    if find.kind != "delivery" or find.modality != "promised":
        return find
    if any(other.kind == "order" and other.modality in ("promised", "conditional") for other in finds):
        return replace(find, modality="requested", cues=(*find.cues, "requested: the date of an order"))
    return find


def _of_a_defect(find: Find, finds: Sequence[Find], entities: Sequence[Entity]) -> Find:
    """Beside a defect that is admitted, what costs nothing is made good: ``wrong grout, I redo it at no charge``."""
    if find.kind != "price" or find.modality != "promised":
        return find
    if any(one.sort in ("money", "num") and find.start <= one.start < find.end for one in entities):
        return find
    if not any(other.kind == "defect_admission" and other.modality in _ADMITTED for other in finds):
        return find
    return replace(find, kind="warranty", cues=(*find.cues, "warranty: beside a defect that is admitted"))


def _shared(one: Find, other: Find) -> int:
    """Give how many characters two finds have in common; 0 or less where they stand apart."""
    return min(one.end, other.end) - max(one.start, other.start)


def _beaten(find: Find, other: Find) -> bool:
    if find.kind not in _BEATS.get(other.kind, ()):
        return False
    return 2 * _shared(find, other) > find.end - find.start


def _repair_time(find: Find, finds: Sequence[Find], entities: Sequence[Entity]) -> bool:
    """Say whether a delivery is only the time of a warranty: ``was in zwei Jahren bricht, ersetzen wir``."""
    dated = any(
        entity.sort == "date" and find.start <= entity.start < entity.end <= find.end for entity in entities
    )
    if find.kind != "delivery" or dated:
        return False
    return any(other.kind in ("warranty", "return_refund") and _shared(find, other) > 0 for other in finds)


def _mere_yes(find: Find, finds: Sequence[Find]) -> bool:
    """Say whether a yes only leads in what is promised itself: ``Ja, das bekommen Sie bis Freitag``."""
    if find.kind != "acceptance" or find.end - find.start > _YES:
        return False
    return any(other.kind != "acceptance" and 0 <= other.start - find.end <= _GAP for other in finds)


def _inside(find: Find, other: Find) -> bool:
    """Say whether a find lies inside another; the point of a date may stand outside."""
    return other.start <= find.start and find.end <= other.end + 1


def _yields(find: Find, finds: Sequence[Find], sides: Sequence[Find]) -> bool:
    """Say whether a find over the clause of an order or offer yields to the short side label in it."""
    if not any(side.kind == find.kind and _inside(side, find) for side in sides):
        return False
    return any(
        other.kind in CARRIERS and _shared(find, other) > _MOST_OF * (find.end - find.start)
        for other in finds
    )


def _one_each(finds: Sequence[Find]) -> list[Find]:
    """Drop a find whose words overlap those of an earlier one of its kind."""
    chosen: list[Find] = []
    for find in finds:
        if not any(
            find.kind == other.kind and find.start < other.end and other.start < find.end for other in chosen
        ):
            chosen.append(find)
    return chosen
