"""Side labels: the price, the number, the date of performance that an order, offer or assent names as its own term.

Each is found by its value and the words beside it; which words are which says ``Frame``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.statements.entity_forms import Entity
from archive.statements.model import Find
from archive.statements.sentences import Sentence, Unit
from archive.statements.side_words import (
    AGREED,
    COUNTED_IN,
    FRAMES,
    LEADS,
    MANY,
    MEASURES,
    NO_GOODS,
    NO_PRICE_BEHIND,
    NO_QUANTITY_BEHIND,
    OF_DELIVERY,
    OF_OTHERS,
    OF_UNITS,
    PLACES,
    PRICE_BEHIND,
    PRICE_LEADS,
    PRICE_NOUNS,
    PRICE_TAILS,
    SEVERAL,
    SHORT,
    TAIL_STARTS,
    YEARS,
)  # fmt: skip

CARRIERS = frozenset(("order", "order_confirmation", "acceptance", "offer", "confirmation_letter"))
"""Declarations whose terms get labels of their own."""
SIDE_KINDS = frozenset(("price", "quantity", "delivery", "discount_payment"))
"""Kinds of such labels."""
_SIDES = {"money": "price", "qty": "quantity", "date": "delivery", "period": "delivery", "num": "price"}
_BOOKED = frozenset(("order", "order_confirmation"))
_NEAR = 4
"""Units beside a date in which a word tells what the date is for."""
_OWN_CLAUSE = 6
"""Units of a part between commas at most that a date has for itself."""


@dataclass(frozen=True, slots=True)
class _Place:
    """An entity among the units of its sentence."""

    entity: Entity
    units: list[Unit]
    at: int

    @property
    def before(self) -> str:
        """The word before it."""
        return self.units[self.at - 1].form if self.at else ""

    @property
    def after(self) -> str:
        """The word behind it."""
        return self.units[self.at + 1].form if self.at + 1 < len(self.units) else ""

    @property
    def form(self) -> str:
        """Its own form: ``<num>``, or ``<sum>`` for a number that may be an amount."""
        return self.units[self.at].form


def side_labels(
    finds: Sequence[Find], found: Sequence[Sentence], entities: Sequence[Entity]
) -> Iterator[Find]:
    """Give the side labels of the finds of a message.

    Args:
        finds: of one message, none of them a side label.
        found: the sentences of the message.
        entities: the values in it, in order.
    """
    places = [place for entity in entities if (place := _place(entity, found)) is not None]
    for find in finds:
        goods = find.kind == "delivery" and find.modality == "promised"
        if find.kind not in CARRIERS and not goods:
            continue
        for place in places:
            entity = place.entity
            if goods and not _named(place, find):
                continue
            inside = find.start <= entity.start < entity.end <= find.end + 1
            if inside or _beside(place, find, finds):
                side = _label(place, find, entities, inside=inside)
                if side is not None:
                    yield side


def _label(place: _Place, find: Find, entities: Sequence[Entity], *, inside: bool) -> Find | None:
    """Give the label of a value that belongs to a find; None where it names no term."""
    entity, last = place.entity, find.end + 1 if inside else place.units[-1].end
    side: str | None = _SIDES.get(entity.sort)
    if entity.sort == "num":
        side = _of_number(place, find, entities, last)
    if side is None or (side == "delivery" and not _performed(place, find)):
        return None
    start, end = entity.start, entity.end
    if side == "quantity" and entity.sort == "num":
        end = _noun(place, last)
    elif side == "price":
        start, end = _price_span(place, find.start if inside else 0, last)
    elif side == "delivery":
        start, end = _delivery_span(place, find.start if inside else 0, last)
    modality = "requested" if find.kind == "order" and side == "delivery" else find.modality
    return Find(
        kind=side, modality=modality, start=start, end=end, strength=max(20, find.strength - 10), parts=(),
        rule=f"side label: {find.rule}", cues=find.cues,
    )  # fmt: skip


def _place(entity: Entity, found: Sequence[Sentence]) -> _Place | None:
    for sentence in found:
        if sentence.units[0].start <= entity.start < sentence.units[-1].end:
            for number, unit in enumerate(sentence.units):
                if unit.entity is entity:
                    return _Place(entity, sentence.units, number)
    return None


def _named(place: _Place, find: Find) -> bool:
    """Say whether a delivery names so many goods: ``your 50 licences``, ``the 800 shirts``."""
    if place.entity.sort == "qty":
        return True
    many = place.entity.sort == "num" and place.entity.values["number"] >= SEVERAL
    return many and _noun(place, find.end) > place.entity.end


def _beside(place: _Place, find: Find, finds: Sequence[Find]) -> bool:
    """Say whether a value stands beside an order in words of its own: ``bestellt! 20 Stück, morgen früh``."""
    if find.kind not in _BOOKED or any(
        one.start < place.entity.end and place.entity.start < one.end for one in finds
    ):
        return False
    if place.entity.sort == "qty":
        return True
    return place.entity.sort == "date" and bool(place.entity.values) and _alone(place)


def _alone(place: _Place) -> bool:
    """Say whether a value has a part between commas, or a sentence, nearly for itself."""
    first, last = _part(place)
    return last - first < _OWN_CLAUSE


def _part(place: _Place) -> tuple[int, int]:
    """Give the units between the commas around a value."""
    first = last = place.at
    while first > 0 and place.units[first - 1].form != ",":
        first -= 1
    while last + 1 < len(place.units) and place.units[last + 1].form != ",":
        last += 1
    return first, last


def _of_number(place: _Place, find: Find, entities: Sequence[Entity], last: int) -> str | None:
    """Tell a price from a number of goods, where no unit and no currency stands beside it."""
    entity, kind = place.entity, find.kind
    if find.modality == "requested" or place.after in MEASURES:
        return None
    if place.form == "<sum>" and kind in AGREED:
        return "price"
    if kind == "offer" and any(e.sort == "num" and entity.end <= e.start < find.end for e in entities):
        return None
    before, value, noun = place.before, entity.values["number"], _noun(place, last) > entity.end
    if kind == "order" and before == "for" and (noun or value < COUNTED_IN):
        return "quantity"
    if before in PLACES or (YEARS[0] <= value <= YEARS[1] and value == int(value)):
        return None
    if noun and value < MANY and (kind in CARRIERS or kind == "delivery"):
        return "quantity"
    if before in PRICE_BEHIND or (kind == "offer" and before not in NO_PRICE_BEHIND):
        return "price"
    return "quantity" if kind in _BOOKED and before not in NO_QUANTITY_BEHIND else None


def _price_span(place: _Place, low: int, high: int) -> tuple[int, int]:
    """Give the span of a price: the noun and the preposition before it, the unit and the tax behind it."""
    units, first, last = place.units, place.at, place.at
    while first > 0 and place.at - first < LEADS and units[first - 1].start >= low:
        word = units[first - 1].form
        if word not in PRICE_LEADS and not word.endswith(PRICE_NOUNS):
            break
        first -= 1
    if place.entity.sort == "num" and not any(u.form.endswith(PRICE_NOUNS) for u in units[first : place.at]):
        first = place.at
    while last + 1 < len(units) and units[last + 1].end <= high and units[last + 1].form in PRICE_TAILS:
        last += 1
        if units[last].form in OF_UNITS and last + 1 < len(units) and units[last + 1].end <= high:
            last += 1
            break
    while last > place.at and units[last].form in TAIL_STARTS:
        last -= 1
    return units[first].start, units[last].end


def _delivery_span(place: _Place, low: int, high: int) -> tuple[int, int]:
    """Give the span of a date of performance: what is done then, the preposition before it, and a time behind it."""
    first, last = place.at, _part(place)[1]
    while first > 0 and place.at - first < LEADS and place.units[first - 1].start >= low:
        word = place.units[first - 1].form
        if word not in FRAMES and not word.startswith(OF_DELIVERY) and word not in ("bitte", "den", "the"):
            break
        first -= 1
    if last - place.at >= LEADS or place.units[last].end > high:
        last = place.at
    return place.units[first].start, place.units[last].end


def _performed(place: _Place, find: Find) -> bool:
    """Say whether a date or period is one of performance: beside a word of delivery, or a plain date."""
    near = [one.form for one in place.units[max(0, place.at - _NEAR) : place.at + _NEAR]]
    if any(word.startswith(OF_OTHERS) for word in near) or (find.kind, find.modality) == (
        "acceptance",
        "requested",
    ):
        return False
    if any(word.startswith(OF_DELIVERY) for word in near) and find.modality != "conditional":
        return True
    if (
        place.entity.sort != "date"
        or not place.entity.values
        or (find.kind, find.modality) == ("order", "conditional")
    ):
        return False
    return place.before in FRAMES or find.kind in _BOOKED


def _noun(place: _Place, last: int) -> int:
    """Give the end of the word behind a number, if it may be what is counted."""
    units, number = place.units, place.at
    if number + 1 >= len(units):
        return place.entity.end
    behind = units[number + 1]
    counted = len(behind.form) > SHORT - 1 and behind.form.isalpha() and behind.form not in NO_GOODS
    if not counted or behind.end > last:
        return place.entity.end
    second = units[number + 2] if number + 2 < len(units) else None
    if second is None or behind.form.endswith("s") or second.end > last:
        return behind.end
    noun = len(second.form) > SHORT and second.form.isalpha() and second.form.endswith("s")
    return second.end if noun and second.form not in NO_GOODS else behind.end
