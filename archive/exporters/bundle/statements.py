"""Statements of a production: lines for the page's marks, and the register as a sheet of the workbook.

They are found again in the items as they are shown, so what is withheld is in no line, and the same items under the
same lexicon give the same bytes. A sentence of which something is blackened states nothing: without the word that is
gone it may say the opposite. The version of this renderer names the lexicon.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.exporters.bundle.lines import escaped
from archive.production import Told
from archive.redaction import labelled, unblackened
from archive.statements.evaluate import ENOUGH, overlap
from archive.statements.finder import one_by_one
from archive.statements.found import found_in
from archive.statements.model import Find, Message, Said
from archive.statements.of_item import CONTEXT, message_of, sender_of, speaks
from archive.statements.ports import FindAll
from schemas.statement import StatementDecision

SHEET = "register"
HEAD = (
    "statement", "item", "said_utc", "by", "to", "kind", "modality", "strength", "words", "values", "until", "answers",
    "answered_by", "decision",
)  # fmt: skip
_STOP = re.compile(r"[.!?…]+\s+(?=[^\W_a-zäöüß])|[\n;]")
"""Ends a sentence for sure: an abbreviation is not followed by a capital letter."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement of an item of the production."""

    told: Told
    number: int
    find: Find
    answers: int | None
    decision: str | None

    @property
    def name(self) -> str:
        """How it is called: ``57.1``."""
        return f"{self.told.index}.{self.number}"


def stated(
    told: Iterable[Told],
    decisions: Mapping[int, Sequence[StatementDecision]],
    label: str,
    find_all: FindAll = one_by_one,
) -> Iterator[Stated]:
    """Give the statements of items in the order of the production, without those that somebody rejected.

    Args:
        told: by conversation and time, as a production tells them.
        decisions: item → the decisions that count, oldest first.
        label: stands in the place of withheld words.
        find_all: finds them.
    """
    for one, find, number, answers in found_in(_speaking(told), find_all):
        if _mutilated(one, find, label):
            continue
        made = _decision(one, find, decisions.get(one.index, ()), label)
        if made != "rejected":
            yield Stated(one, number, find, answers, made)


def _speaking(told: Iterable[Told]) -> Iterator[tuple[Told, Message]]:
    """Give the items that speak, each as a message with what was said before it in its conversation."""
    place, before = None, list[Said]()
    for one in told:
        here = (one.item.thread, one.item.via)
        if here != place:
            place, before = here, list[Said]()
        if not speaks(one.item):
            continue
        dated = one.item.time is not None and one.item.time.utc is not None
        yield one, message_of(one.item, before[-CONTEXT:] if dated else [])
        if dated:
            before.append(Said(sender_of(one.item), one.item.text or "", one.index))


def _mutilated(one: Told, find: Find, label: str) -> bool:
    """Say whether something is blackened in the sentences of a find."""
    if one.cut is None or not one.cut.spans:
        return False
    stops = list(_STOP.finditer(one.item.text or ""))
    start = max((stop.end() for stop in stops if stop.end() <= find.start), default=0)
    end = min((stop.start() for stop in stops if stop.start() >= find.end), default=len(one.item.text or ""))
    return any(first < end and last > start for first, last in labelled(one.cut.spans, label))


def _decision(one: Told, find: Find, made: Sequence[StatementDecision], label: str) -> str | None:
    """Give the last decision on the words of a find; decisions name places of the text as it was."""
    spans = one.cut.spans if one.cut is not None else ()
    here = unblackened(find.start, spans, label), unblackened(find.end, spans, label)
    for decision in reversed(made):
        if decision.kind == find.kind and overlap((decision.start, decision.end), here) >= ENOUGH:
            return decision.decision
    return None


def line(one: Stated) -> bytes:
    """Give the line of a statement in ``statements.jsonl``; places count characters of the text that is shown."""
    find = one.find
    value = {
        "answers": one.answers,
        "decision": one.decision,
        "end": find.end,
        "index": one.told.index,
        "kind": find.kind,
        "modality": find.modality,
        "rule": find.rule,
        "start": find.start,
        "statement": one.name,
        "strength": find.strength,
        "values": {key: str(given) for key, given in find.values.items()},
    }
    return escaped(value) + b"\n"


def rows(found: Sequence[Stated]) -> Iterator[tuple[int | str, ...]]:
    """Give the rows of the register, by sender and in the order of the production."""
    answering: dict[int, list[str]] = {}
    for one in found:
        if one.answers is not None:
            answering.setdefault(one.answers, []).append(one.name)
    for one in sorted(found, key=lambda stated: _sender(stated).casefold()):
        item, find = one.told.item, one.find
        values = find.values
        until = next((str(values[key]) for key in ("date_to", "date", "period") if key in values), "")
        yield (
            one.name, one.told.index, item.time.utc or "" if item.time else "", _sender(one),
            "; ".join(r.actor.name or "-" for r in item.recipients if r.role in ("to", "member", "cc")),
            find.kind, find.modality, find.strength, (item.text or "")[find.start : find.end],
            "; ".join(f"{key} {value}" for key, value in values.items()), until,
            "" if one.answers is None else one.answers, "; ".join(answering.get(one.told.index, ())),
            one.decision or "",
        )  # fmt: skip


def _sender(one: Stated) -> str:
    author = one.told.item.author
    return (author.name if author else None) or "-"
