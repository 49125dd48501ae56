"""Whether a message proposes something that a yes would accept, and what it asks for."""

import re
from collections.abc import Collection, Mapping, Sequence

from archive.query.analysis import fold
from archive.statements.model import Find

_OPEN = frozenset(("promised", "conditional", "requested"))
_TERMS = frozenset(
    (
        "offer",
        "price",
        "discount_payment",
        "quantity",
        "exclusivity",
        "liability_penalty",
        "return_refund",
        "order",
    )
)
"""Kinds that propose a term when they are promised; a promised delivery or warranty is told, and needs no yes."""
_ASKED_FOR = frozenset(
    ("warranty", "delivery", "price", "return_refund", "liability_penalty", "property_assurance", "exclusivity",
     "discount_payment", "payment_promise", "quantity")
)  # fmt: skip
"""Who only asks for one of these, without a figure of his own, proposes nothing: a yes answers his question."""


class Proposals:
    """Reads what a message may be answered about."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        """Take the lists of a lexicon."""
        self._proposals, self._business, self._meetings = (
            re.compile("|".join(re.escape(word) for word in lists[name]) or "(?!)")
            for name in ("proposals", "business", "meetings")
        )

    def told(self, text: str, finds: Sequence[Find]) -> frozenset[str]:
        """Give what a message may be answered about, as ``Rule.after`` names it.

        Its kinds; ``proposal``; ``ask:kind`` for what it asks for, and ``only:kind`` where it proposes nothing.
        """
        kinds = {find.kind for find in finds if find.modality in _OPEN}
        asks = {f"ask:{find.kind}" for find in finds if find.modality == "requested"}
        if any(_proposal(find, text) for find in finds) or self._proposes(text, asks):
            kinds.add("proposal")
        else:
            kinds |= {f"only:{ask.removeprefix('ask:')}" for ask in asks}
        return frozenset(kinds | asks)

    def meets(self, text: str) -> bool:
        """Say whether a message is about meeting or calling, to which a yes accepts nothing."""
        return bool(self._meetings.search(fold(text)))

    def _proposes(self, text: str, asks: Collection[str]) -> bool:
        """Say whether a message proposes something though no rule finds a statement in it.

        Who asks for a term proposes only by a figure of his own, or when he asks for a yes.
        """
        small = fold(text)
        if _FIGURE.search(small) or _BARE.search(small):
            return True
        if asks:
            common = not _COMMON_TERMS.isdisjoint(asks) and _WE.search(small) is not None
            return common or _CONSENT.search(small) is not None
        return bool(self._proposals.search(small)) and bool(self._business.search(small))


def _proposal(find: Find, text: str) -> bool:
    if find.modality == "conditional":
        return True
    if find.modality == "requested":
        return find.kind not in _ASKED_FOR
    return find.modality == "promised" and (find.kind in _TERMS or "?" in text)


_FIGURE = re.compile(
    r"\d\s?(?:€|eur|\$|£|%|prozent|percent|each|pro\b|per\b|die stunde|das stueck|stueck|stk|pcs|units)|[€$£]\s?\d"
    r"|\b(?:fuer|for|bei|at|zu|je|price|preis|angebot|offer)\s\d{2,}(?![\d:])"
    r"|\d,\d\d(?!\d)|\b(?:fuer|for|at|zu|je)\s\d+[.,]\d\d(?!\d)"
    r"|\d\s?%|(?<![\d.,])\d{1,3}[.,]\d{3}(?![\d:]|[.,]\d)"
    r"|(?<![\d:.])\d{3,}(?![\d:]|\s?(?:grad|leute|people|kg|km|jahr|tag))"
)
"""A figure that may be a price or a quantity, and no time of the day."""
_NO_SUM_BEHIND = (
    "um", "ab", "gegen", "at", "around", "kw", "seite", "raum", "tor", "gate", "room", "halle", "gleis", "bus", "nr",
    "nummer", "linie", "in", "bis", "by", "von", "the", "am",
)  # fmt: skip
_NO_SUM_BEFORE = (
    "uhr", "min", r"h\b", "std", "stunden", "hours", "grad", "km", "kg", "jahr", "tag", "woche", "monat", "day", "week",
    "month", "year", "leute", "people", r"mann\b", r"m\b", r"am\b", r"pm\b", r"st\b", r"nd\b", r"rd\b", r"th\b",
    "ist fertig", "sind fertig", "mails", "paletten", "pallets",
)  # fmt: skip
_BARE = re.compile(
    r"(?<![\d:.,/])"
    + "".join(f"(?<!{word} )" for word in _NO_SUM_BEHIND)
    + rf"\d{{2,}}(?:[.,]\d+)?(?![\d:/]|\.\d|\.\s?[a-z]|\s?(?:{'|'.join(_NO_SUM_BEFORE)}))"
)
"""A number alone, of two digits and more, beside which nothing says that it is a time, a day or a place."""
_COMMON_TERMS = frozenset(("ask:discount_payment", "ask:liability_penalty", "ask:exclusivity"))
_WE = re.compile(
    r"\b(?:(?:koennen|koennten|duerfen|duerften|wollen|sollen) wir|(?:koenntet|koennt|kannst) (?:ihr|du) mit"
    r"|(?:can|could|shall|may) we)\b"
)
"""Who asks whether *we* can have such a term asks for a yes."""
_CONSENT = re.compile(
    r"\b(?:ok|okay|einverstanden|passt|in ordnung|recht|agreed?|deal|fine|alright|acceptable|happy|work for you|zustimm"
    r"|freigabe|go ahead|sign off)\b"
)
