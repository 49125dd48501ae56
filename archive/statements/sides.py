"""Side labels: the price, the number, the date of performance that an order, offer or assent names as its own term.

Each is found by its value and the words beside it; which words are which says ``Frame``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.statements.entity_forms import Entity
from archive.statements.model import Find
from archive.statements.sentences import Sentence, Unit
from archive.statements.side_words import SideWords

CARRIERS = frozenset(("order", "order_confirmation", "acceptance", "offer", "confirmation_letter"))
"""Declarations whose terms get labels of their own."""
SIDE_KINDS = frozenset(("price", "quantity", "delivery", "discount_payment"))
"""Kinds of such labels."""
_SIDES = {"money": "price", "qty": "quantity", "date": "delivery", "period": "delivery", "num": "price"}
_BOOKED = frozenset(("order", "order_confirmation"))
_AGREED = frozenset(("acceptance", "offer", "confirmation_letter"))
"""Declarations in which a bare sum is what is asked or paid."""
_LEADS = 3
"""Units before a value that may belong to it."""
_SEVERAL = 2
_COUNTED_IN = 50
"""Behind ``for`` a smaller number in an order counts goods."""
_MANY = 10_000
"""From here on a number without a unit is rather an amount."""
_YEARS = (2015, 2039)
_SHORT = 4
"""Letters of a word that is too short for the name of goods."""
_NAMED = 2
"""Words that name goods behind ``three of the``, at most."""
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
    words: SideWords

    def behind(self, name: str) -> bool:
        """Say whether the word before it is in a list."""
        return self.words.has(name, self.before)

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
    finds: Sequence[Find], found: Sequence[Sentence], entities: Sequence[Entity], words: SideWords
) -> Iterator[Find]:
    """Give the side labels of the finds of a message.

    Args:
        finds: of one message, none of them a side label.
        found: the sentences of the message.
        entities: the values in it, in order.
        words: by which it is told what a value is for.
    """
    places = [place for entity in entities if (place := _place(entity, found, words)) is not None]
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


_SORTS_OF = {"price": ("money",), "quantity": ("qty", "num")}
"""Kind → the sorts of values that it is about."""


def value_in(
    find: Find, found: Sequence[Sentence], entities: Sequence[Entity], words: SideWords
) -> tuple[int, int] | None:
    """Give the characters of the first value of a price or quantity, with what belongs to it; None where none is."""
    sorts = _SORTS_OF[find.kind]
    inside = (one for one in entities if find.start <= one.start < one.end <= find.end + 1)
    value = next((one for one in inside if one.sort in sorts), None)
    place = _place(value, found, words) if value else None
    if place is None:
        return None
    if find.kind == "price":
        return _price_span(place, find.start, find.end + 1)
    return place.entity.start, _counted(place, find.end)


def _label(place: _Place, find: Find, entities: Sequence[Entity], *, inside: bool) -> Find | None:
    """Give the label of a value that belongs to a find; None where it names no term."""
    entity, last = place.entity, find.end + 1 if inside else place.units[-1].end
    side: str | None = _SIDES.get(entity.sort)
    if entity.sort == "num":
        side = _of_number(place, find, entities, last)
    if side == "quantity" and place.words.has("times", place.after) and entity.values.get("unit") is None:
        return None
    if side is None or (side == "delivery" and not _performed(place, find)):
        return None
    start, end = entity.start, entity.end
    if side == "quantity":
        end = _counted(place, last)
    elif side == "price":
        start, end = _price_span(place, find.start if inside else 0, last)
    elif side == "delivery":
        start, end = _delivery_span(place, find.start if inside else 0, last)
    modality = "requested" if find.kind == "order" and side == "delivery" else find.modality
    return Find(
        kind=side, modality=modality, start=start, end=end, strength=max(20, find.strength - 10), parts=(),
        rule=f"side label: {find.rule}", cues=find.cues,
    )  # fmt: skip


def _place(entity: Entity, found: Sequence[Sentence], words: SideWords) -> _Place | None:
    for sentence in found:
        if sentence.units[0].start <= entity.start < sentence.units[-1].end:
            for number, unit in enumerate(sentence.units):
                if unit.entity is entity:
                    return _Place(entity, sentence.units, number, words)
    return None


def _named(place: _Place, find: Find) -> bool:
    """Say whether a delivery names so many goods: ``your 50 licences``, ``the 800 shirts``."""
    if place.entity.sort == "qty":
        return True
    many = place.entity.sort == "num" and place.entity.values["number"] >= _SEVERAL
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
    if find.modality == "requested" or place.words.has("measures", place.after):
        return None
    if place.form == "<sum>" and kind in _AGREED:
        return "price"
    if kind == "offer" and any(e.sort == "num" and entity.end <= e.start < find.end for e in entities):
        return None
    before, value, noun = place.before, entity.values["number"], _noun(place, last) > entity.end
    if kind == "order" and before == "for" and (noun or value < _COUNTED_IN):
        return "quantity"
    if place.behind("places") or (_YEARS[0] <= value <= _YEARS[1] and value == int(value)):
        return None
    if noun and value < _MANY and (kind in CARRIERS or kind == "delivery"):
        return "quantity"
    if place.behind("price_behind") or (kind == "offer" and not place.behind("no_price_behind")):
        return "price"
    return "quantity" if kind in _BOOKED and not place.behind("no_quantity_behind") else None


def _price_span(place: _Place, low: int, high: int) -> tuple[int, int]:
    """Give the span of a price: the noun and the preposition before it, the unit and the tax behind it."""
    units, first, last, has = place.units, place.at, place.at, place.words.has
    while first > 0 and place.at - first < _LEADS and units[first - 1].start >= low:
        word = units[first - 1].form
        if not has("price_leads", word) and not has("price_nouns", word):
            break
        first -= 1
    if place.entity.sort == "num" and not any(has("price_nouns", u.form) for u in units[first : place.at]):
        first = place.at
    while last + 1 < len(units) and units[last + 1].end <= high and has("price_tails", units[last + 1].form):
        last += 1
        if has("price_units", units[last].form) and last + 1 < len(units) and units[last + 1].end <= high:
            last += 1
            break
    while last > place.at and has("price_tail_starts", units[last].form):
        last -= 1
    return units[first].start, units[last].end


def _delivery_span(place: _Place, low: int, high: int) -> tuple[int, int]:
    """Give the span of a date of performance: what is done then, the preposition before it, and a time behind it."""
    first, last = place.at, _part(place)[1]
    while first > 0 and place.at - first < _LEADS and place.units[first - 1].start >= low:
        word = place.units[first - 1].form
        if not place.words.has("date_leads", word) and not place.words.has("of_delivery", word):
            break
        first -= 1
    if last - place.at >= _LEADS or place.units[last].end > high:
        last = place.at
    return place.units[first].start, place.units[last].end


def _performed(place: _Place, find: Find) -> bool:
    """Say whether a date or period is one of performance: beside a word of delivery, or a plain date."""
    has = place.words.has
    near = [one.form for one in place.units[max(0, place.at - _NEAR) : place.at + _NEAR]]
    if any(has("of_others", word) for word in near) or (find.kind, find.modality) == (
        "acceptance",
        "requested",
    ):
        return False
    if any(has("of_delivery", word) for word in near) and find.modality != "conditional":
        return True
    if (
        place.entity.sort != "date"
        or not place.entity.values
        or (find.kind, find.modality) == ("order", "conditional")
    ):
        return False
    return place.behind("date_leads") or find.kind in _BOOKED


def _counted(place: _Place, last: int) -> int:
    """Give the end of what is counted: ``40 chairs``, ``40 boxes``, ``three of the large ones``."""
    entity, of = place.entity, place.at + 2
    end = _noun(place, last) if entity.sort == "num" else entity.end
    bare = end == entity.end and not entity.values.get("unit")
    if not bare or place.after != "of" or of >= len(place.units):
        return end
    of += place.words.has("these", place.units[of].form)
    return _words_on(place, of, last) or end


def _words_on(place: _Place, first: int, last: int) -> int:
    """Give the end of the words that name goods, two at most; 0 where there are none."""
    end = 0
    for unit in place.units[first : first + _NAMED]:
        if not unit.form.isalnum() or place.words.has("no_goods", unit.form) or unit.end > last:
            break
        end = unit.end
    return end


def _noun(place: _Place, last: int) -> int:
    """Give the end of the word behind a number, if it may be what is counted."""
    units, number, has = place.units, place.at, place.words.has
    while number + 1 < len(units) and has("more", units[number + 1].form):
        number += 1
    if number + 1 >= len(units):
        return place.entity.end
    behind = units[number + 1]
    counted = len(behind.form) > _SHORT - 1 and behind.form.isalpha() and not has("no_goods", behind.form)
    if not counted or behind.end > last:
        return place.entity.end
    second = units[number + 2] if number + 2 < len(units) else None
    if second is None or behind.form.endswith("s") or second.end > last:
        return behind.end
    noun = len(second.form) > _SHORT and second.form.isalpha() and second.form.endswith("s")
    return second.end if noun and not has("no_goods", second.form) else behind.end
