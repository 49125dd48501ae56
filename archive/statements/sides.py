"""What finds of one message do to each other: side labels, finds that are one, and finds that yield."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from archive.statements.entities import Entity
from archive.statements.model import Find
from archive.statements.sentences import Sentence, Unit

_CARRIERS = frozenset(("order", "order_confirmation", "acceptance", "offer", "confirmation_letter"))
_SIDES = {"money": "price", "qty": "quantity", "date": "delivery", "period": "delivery", "num": "price"}
_SIDE_KINDS = frozenset(("price", "quantity", "delivery", "discount_payment"))
_JOINED = frozenset(
    ("acceptance", "objection", "defect_admission", "deadline", "refusal", "cancellation", "reservation", "takedown",
     "order_confirmation", "confirmation_letter", "return_refund", "warranty")
)  # fmt: skip
"""Kinds of which neighbouring clauses that say the same are one find."""
_GAP = 8
"""Characters between two clauses that are neighbours: a comma, a conjunction."""


def together(finds: Sequence[Find], found: Sequence[Sentence], entities: Sequence[Entity]) -> list[Find]:
    """Give the finds of a message as they stand together, in order of place."""
    finds = list(_joined(finds))
    finds = [_of_an_order(find, finds) for find in finds]
    finds = [find for find in finds if not any(_beaten(find, other) for other in finds)]
    finds = [find for find in finds if not _repair_time(find, finds, entities)]
    finds = [find for find in finds if not _mere_yes(find, finds)]
    letters = [find for find in finds if find.kind == "confirmation_letter"]
    finds = [
        find
        for find in finds
        if find.kind in _IN_LETTERS or not any(_inside(find, letter) for letter in letters)
    ]
    sides = list(_side_labels(finds, found, entities))
    kept = [find for find in finds if not (find.kind in _SIDE_KINDS and _yields(find, finds, sides))]
    return _one_each([*kept, *sides])


_IN_LETTERS = frozenset(("confirmation_letter", "price", "quantity", "delivery", "discount_payment"))
_BEATS: dict[str, frozenset[str]] = {
    "liability_penalty": frozenset(("price", "payment_promise", "discount_payment", "delivery")),
    "defect_admission": frozenset(("objection",)),
    "refusal": frozenset(("acceptance", "cancellation", "offer", "price")),
    "takedown": frozenset(("delivery",)),
    "cancellation": frozenset(("order", "delivery", "order_confirmation")),
    "return_refund": frozenset(("order", "payment_promise", "price", "delivery")),
    "payment_promise": frozenset(("price", "delivery")),
    "discount_payment": frozenset(("price",)),
    "objection": frozenset(("price",)),
    "warranty": frozenset(("price",)),
    "acceptance": frozenset(("order",)),
    "order": frozenset(("confirmation_letter",)),
}
"""Kinds that go before others over the same words: a penalty of 200 a day is no price."""


def _beaten(find: Find, other: Find) -> bool:
    if find.kind not in _BEATS.get(other.kind, ()):
        return False
    return 2 * (min(find.end, other.end) - max(find.start, other.start)) > find.end - find.start


def _repair_time(find: Find, finds: Sequence[Find], entities: Sequence[Entity]) -> bool:
    """Say whether a delivery is only the time of a warranty: ``was in zwei Jahren bricht, ersetzen wir``."""
    if find.kind != "delivery" or any(_names(entity, find) for entity in entities if entity.sort == "date"):
        return False
    return any(
        other.kind in ("warranty", "return_refund") and min(find.end, other.end) > max(find.start, other.start)
        for other in finds
    )


def _names(entity: Entity, find: Find) -> bool:
    return find.start <= entity.start < entity.end <= find.end


_YES = 12
"""Characters of a mere yes at most."""


def _mere_yes(find: Find, finds: Sequence[Find]) -> bool:
    """Say whether a yes only leads in what is promised itself: ``Ja, das bekommen Sie bis Freitag``."""
    if find.kind != "acceptance" or find.end - find.start > _YES:
        return False
    return any(other.kind != "acceptance" and 0 <= other.start - find.end <= _GAP for other in finds)


def _inside(find: Find, other: Find) -> bool:
    return other.start <= find.start and find.end <= other.end


def _joined(finds: Iterable[Find]) -> Iterator[Find]:
    """Join neighbouring finds of one kind and modality; of an acceptance and a mere yes keep both words."""
    last: dict[str, Find] = {}
    order: list[str] = []
    for find in finds:
        before = last.get(find.kind)
        near = before is not None and 0 <= find.start - before.end <= _GAP
        if before is not None and find.kind in _JOINED and near and _same(before, find):
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


def _same(one: Find, other: Find) -> bool:
    return one.modality == other.modality


def _of_an_order(find: Find, finds: Sequence[Find]) -> Find:
    """In an order a date of delivery is a wish."""
    if find.kind != "delivery" or find.modality != "promised":
        return find
    if any(other.kind == "order" and other.modality in ("promised", "conditional") for other in finds):
        return replace(find, modality="requested", cues=(*find.cues, "requested: the date of an order"))
    return find


def _yields(find: Find, finds: Sequence[Find], sides: Sequence[Find]) -> bool:
    """Say whether a find over the clause of an order or offer yields to the short side label in it."""
    if not any(side.kind == find.kind and _inside(side, find) for side in sides):
        return False
    return any(
        other.kind in _CARRIERS
        and min(find.end, other.end) - max(find.start, other.start) > 0.6 * (find.end - find.start)
        for other in finds
    )


def _side_labels(
    finds: Sequence[Find], found: Sequence[Sentence], entities: Sequence[Entity]
) -> Iterator[Find]:
    for find in finds:
        goods = find.kind == "delivery" and find.modality == "promised"
        if find.kind not in _CARRIERS and not goods:
            continue
        for entity in entities:
            side: str | None = _SIDES.get(entity.sort)
            if goods and not _named(entity, found, find):
                continue
            inside = find.start <= entity.start < entity.end <= find.end
            if side is None or not (inside or _apart(entity, find, finds)):
                continue
            before = _before(entity, found)
            start = entity.start
            if entity.sort == "num":
                later = any(e.sort == "num" and entity.end <= e.start < find.end for e in entities)
                sum_alone = _form(entity, found) == "<sum>" and find.kind in _AGREED
                asked = find.modality == "requested" or (find.kind == "offer" and later and not sum_alone)
                side = (
                    None
                    if asked
                    else "price"
                    if sum_alone
                    else _number(
                        before,
                        find.kind,
                        entity.values["number"],
                        noun=_noun(entity, found, find.end) > entity.end,
                    )
                )
                if side is None:
                    continue
            if side == "delivery" and not _performed(entity, found):
                continue
            modality = "requested" if find.kind == "order" and side == "delivery" else find.modality
            end = (
                _noun(entity, found, find.end) if side == "quantity" and entity.sort == "num" else entity.end
            )
            if side == "price":
                start, end = _price_span(entity, found, find)
            elif side == "delivery":
                start = _delivery_start(entity, found, find)
            yield Find(
                kind=side, modality=modality, start=start, end=end, strength=max(20, find.strength - 10),
                parts=(), rule=f"side label: {find.rule}", cues=find.cues,
            )  # fmt: skip


_AGREED = frozenset(("acceptance", "offer"))
"""Declarations in which a bare sum is what is asked or paid."""


def _form(entity: Entity, found: Sequence[Sentence]) -> str:
    units, at = _place(entity, found)
    return units[at].form if units else ""


def _place(entity: Entity, found: Sequence[Sentence]) -> tuple[list[Unit], int]:
    """Give the units of the sentence of an entity, and its number among them; without one none and 0."""
    for sentence in found:
        for number, unit in enumerate(sentence.units):
            if unit.entity is entity:
                return sentence.units, number
    return [], 0


_PRICE_LEADS = frozenset(
    ("zu", "zum", "von", "je", "at", "a", "pauschal", "monatlich", "ueber", "of", "for", "fuer")
)
_PRICE_NOUNS = ("preis", "satz", "rate", "price", "pauschale", "fee")
_PRICE_TAILS = frozenset(
    (
        "netto", "brutto", "a", "an", "plus", "zzgl", "mwst", "vat", "each", "pro", "per", "je", "stueck",
        "das", "der", "den", "inkl", "including", "monat", "im", "apiece", "all", "in", "fix", "bar", "cash", "net",
    )
)  # fmt: skip
_TAIL_STARTS = frozenset(
    (
        "a", "an", "das", "der", "den", "im", "in", "all", "plus", "zzgl", "inkl", "including", "pro", "per", "je",
    )
)  # fmt: skip
"""Words that want another behind them: ``the amount`` does not end with one."""


def _price_span(entity: Entity, found: Sequence[Sentence], find: Find) -> tuple[int, int]:
    """Give the span of a price: the noun and the preposition before it, the unit and the tax behind it."""
    units, at = _place(entity, found)
    first = last = at
    if not units:
        return entity.start, entity.end
    while first > 0 and at - first < _LEADS and units[first - 1].start >= find.start:
        word = units[first - 1].form
        if word not in _PRICE_LEADS and not word.endswith(_PRICE_NOUNS):
            break
        first -= 1
    if entity.sort == "num" and not any(unit.form.endswith(_PRICE_NOUNS) for unit in units[first:at]):
        first = at
    while last + 1 < len(units) and units[last + 1].end <= find.end and units[last + 1].form in _PRICE_TAILS:
        last += 1
        if units[last].form in _OF_UNITS and last + 1 < len(units) and units[last + 1].end <= find.end:
            last += 1
            break
    while last > at and units[last].form in _TAIL_STARTS:
        last -= 1
    return units[first].start, units[last].end


def _named(entity: Entity, found: Sequence[Sentence], find: Find) -> bool:
    """Say whether a delivery names so many goods: ``your 50 licences``, ``the 800 shirts``."""
    if entity.sort == "qty":
        return True
    many = entity.sort == "num" and entity.values["number"] >= _SEVERAL
    return many and _noun(entity, found, find.end) > entity.end


_SEVERAL = 2
_LEADS = 3
_OF_UNITS = frozenset(("a", "an", "pro", "per", "je", "plus", "zzgl", "inkl", "including"))


def _delivery_start(entity: Entity, found: Sequence[Sentence], find: Find) -> int:
    """Give the start of a date of performance: what is done then, and the preposition before it."""
    units, at = _place(entity, found)
    first = at
    if not units:
        return entity.start
    while first > 0 and at - first < _LEADS and units[first - 1].start >= find.start:
        word = units[first - 1].form
        if (
            word not in _FRAMES
            and not word.startswith(_DELIVERY)
            and word not in ("spaetestens", "bitte", "den", "the")
        ):
            break
        first -= 1
    return units[first].start


def _apart(entity: Entity, find: Find, finds: Sequence[Find]) -> bool:
    """Say whether a quantity stands beside an order in words of its own: ``bestellt! 20 Stück, wie gehabt``."""
    if entity.sort != "qty" or find.kind not in ("order", "order_confirmation"):
        return False
    return not any(one.start < entity.end and entity.start < one.end for one in finds)


def _number(before: str, kind: str, value: float, *, noun: bool) -> str | None:
    """Tell a price from a number of goods, where no unit and no currency stands beside it."""
    if kind == "order" and before == "for" and (noun or value < 50):
        return "quantity"
    if before in _PLACES or (_YEARS[0] <= value <= _YEARS[1] and value == int(value)):
        return None
    if (
        noun
        and value < _MANY
        and kind in ("confirmation_letter", "offer", "acceptance", "order_confirmation", "order", "delivery")
    ):
        return "quantity"
    if before in ("fuer", "zu", "for", "at", "je", "a", "bei", "um", "auf"):
        return "price"
    if kind == "offer" and before not in ("ueber", "von", "fuer", "mit", "of"):
        return "price"
    if kind in ("order", "order_confirmation") and before not in (
        "nr",
        "zwischen",
        "und",
        "ab",
        "am",
        "no",
        "nummer",
        "number",
    ):
        return "quantity"
    return None


_MANY = 10_000
"""From here on a number without a unit is rather an amount."""
_YEARS = (2015, 2039)
_PLACES = frozenset(
    ("raum", "zimmer", "room", "los", "lot", "halle", "hall", "nr", "no", "platz", "position", "pos")
)


def _noun(entity: Entity, found: Sequence[Sentence], last: int) -> int:
    """Give the end of the word behind a number, if it may be what is counted."""
    for sentence in found:
        for number, unit in enumerate(sentence.units[:-1]):
            behind = sentence.units[number + 1]
            if unit.entity is entity:
                counted = len(behind.form) > 3 and behind.form.isalpha() and behind.form not in _NO_GOODS
                if not counted or behind.end > last:
                    return entity.end
                return _plural(sentence.units, number + 1, last)
    return entity.end


def _plural(units: Sequence[Unit], at: int, last: int) -> int:
    """Give the end of a noun that stands behind another word: ``3 plow blades``, ``400 reconditioned pallets``."""
    second = units[at + 1] if at + 1 < len(units) else None
    if second is None or units[at].form.endswith("s") or second.end > last:
        return units[at].end
    noun = len(second.form) > _SHORT and second.form.isalpha() and second.form.endswith("s")
    return second.end if noun and second.form not in _NO_GOODS else units[at].end


_SHORT = 4
_NO_GOODS = frozenset(
    (
        "davon", "bitte", "gern", "gerne", "noch", "dann", "from", "please", "more", "nach", "fuer", "oder", "with",
        "each", "also", "fertig", "netto", "inkl", "plus", "pro", "zum", "wieder", "those", "that", "these",
        "nimmst", "nehmt", "nehmen", "anbieten", "waeren", "waere", "cash", "sind", "geht", "gehen", "passt", "machen",
        "klingt", "would", "were", "haben", "mehr", "extra", "statt", "instead", "works", "fine", "euro", "gibt",
        "kommen", "einigen", "treffen", "deal", "dabei", "danach", "komplett", "okay", "when", "then", "total", "flat",
        "brutto", "zusammen", "pauschal", "entscheiden", "entschieden",
    )
)  # fmt: skip


def _before(entity: Entity, found: Sequence[Sentence]) -> str:
    """Give the word before an entity in its sentence."""
    for sentence in found:
        for number, unit in enumerate(sentence.units):
            if unit.entity is entity:
                return sentence.units[number - 1].form if number else ""
    return ""


_FRAMES = frozenset(
    (
        "bis", "am", "zum", "zu", "in", "innerhalb", "within", "by", "on", "for", "until", "ab", "from", "fuer",
        "next", "kw", "spaetestens", "vor", "before", "mit",
    )
)  # fmt: skip
_DELIVERY = (
    "liefer", "deliver", "ship", "versand", "abhol", "montag", "einbau", "install", "collect", "pick", "anlieferung",
    "termin", "wunschtermin", "kommen", "kommt", "arriv", "start", "beginn", "fitting", "uebergabe", "handover",
)  # fmt: skip
_OTHER = (
    "garantie", "gewaehr", "warrant", "guarantee", "skonto", "netto", "net", "zahl", "pay", "freibleibend", "gueltig",
    "valid", "rate", "instal", "gebunden", "vertrag", "laufzeit", "invoice", "rechnung", "vorkasse", "frist",
)  # fmt: skip


def _performed(entity: Entity, found: Sequence[Sentence]) -> bool:
    """Say whether a date or period is one of performance: beside a word of delivery, or a plain date."""
    for sentence in found:
        for number, unit in enumerate(sentence.units):
            if unit.entity is not entity:
                continue
            near = [one.form for one in sentence.units[max(0, number - 4) : number + 4]]
            if any(word.startswith(_OTHER) for word in near):
                return False
            if any(word.startswith(_DELIVERY) for word in near):
                return True
            before = sentence.units[number - 1].form if number else ""
            return entity.sort == "date" and bool(entity.values) and before in _FRAMES
    return False


def _one_each(finds: Sequence[Find]) -> list[Find]:
    """Drop a find whose words overlap those of an earlier one of its kind."""
    chosen: list[Find] = []
    for find in finds:
        if not any(
            find.kind == other.kind and find.start < other.end and other.start < find.end for other in chosen
        ):
            chosen.append(find)
    return chosen
