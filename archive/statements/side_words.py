"""The words of ``lexicon/sides.toml``: by them ``sides`` tells what a value in an order, offer or assent is for."""

from collections.abc import Mapping, Sequence

from archive.errors import SettingsError
from archive.statements.triggers import TermTable

_LISTS = (
    "price_leads", "price_nouns", "price_tails", "price_tail_starts", "price_units", "price_behind", "no_price_behind",
    "no_quantity_behind", "measures", "places", "no_goods", "more", "these", "times", "date_leads", "of_delivery",
    "of_others",
)  # fmt: skip


class SideWords:
    """Says of a folded word in which of the lists it stands; they may hold beginnings and endings of words."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        """Take the lists of a lexicon. Raises SettingsError that names the one that is missing."""
        self._table = TermTable()
        self._bits = {name: 1 << number for number, name in enumerate(_LISTS)}
        for name, bit in self._bits.items():
            if (words := lists.get(f"side_{name}")) is None:
                raise SettingsError(f"lexicon/sides.toml: there is no list side_{name}")
            for word in words:
                self._table.add(word, bit)

    def has(self, name: str, word: str) -> bool:
        """Say whether a word stands in the list of a name."""
        return bool(word) and self._table.of[word] & self._bits[name] != 0
