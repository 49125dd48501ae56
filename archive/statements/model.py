"""What goes into the finder and what comes out. Kinds, modalities and value keys are those of the labels."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

KINDS: tuple[str, ...] = (
    "warranty", "delivery", "quantity", "price", "discount_payment", "order", "order_confirmation", "acceptance",
    "refusal", "offer", "exclusivity", "liability_penalty", "property_assurance", "return_refund", "cancellation",
    "reservation", "objection", "confirmation_letter", "deadline", "payment_promise", "defect_admission", "takedown",
)  # fmt: skip
"""What a statement is about; ``lexicon/README.md`` says what each means."""

MODALITIES: tuple[str, ...] = (
    "promised", "conditional", "requested", "refused", "quoted", "negated", "hypothetical_or_joke",
)  # fmt: skip
"""How it is said; for declarations that are no promises ``promised`` means: made here and now."""

VALUES: tuple[str, ...] = (
    "amount", "amount_min", "amount_max", "currency", "per", "percent", "period", "period_min", "business_days",
    "date", "date_from", "date_to", "quantity", "quantity_min", "unit", "product_number", "order_number",
)  # fmt: skip
"""The keys that ``Find.values`` may have."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said before, by whom; ``number`` names the item, where there is one."""

    sender: str
    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the finder takes it."""

    text: str
    sender: str = ""
    sent: datetime | None = None
    """When it was sent, with the sender's zone; dates are resolved against its day there."""
    context: Sequence[Said] = ()
    """Earlier messages of the thread, the oldest first."""
    language: str | None = None
    """``de`` or ``en`` where it is known; else guessed by the words."""


@dataclass(frozen=True, slots=True)
class Find:
    """A statement that was found, and why."""

    kind: str
    modality: str
    start: int
    end: int
    """Characters [start, end) of the text: the exact words."""
    strength: int
    """0 to 100: how much the words look like a binding declaration. An order of reading, no probability."""
    parts: tuple[tuple[str, int], ...]
    """(what, points) of the strength, in order; they add up, cut at 0 and 100."""
    rule: str
    """``language/kind: name`` of the rule of the lexicon."""
    cues: tuple[str, ...]
    """What decided about the modality, as ``modality: words``."""
    values: dict[str, Any] = field(default_factory=dict)
    answers: int | None = None
    """The place in the context of what this answers, counted from its end: 0 is the last message."""
