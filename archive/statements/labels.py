"""Labelled messages: one JSON object a line, with the kinds, modalities, spans and values of the labels."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.errors import UsageError
from archive.statements.model import KINDS, MODALITIES, VALUES, Message, Said


@dataclass(frozen=True, slots=True)
class Label:
    """What somebody says is in a message: characters [start, end) of its text."""

    kind: str
    modality: str
    start: int
    end: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with its labels."""

    id: str
    language: str
    message: Message
    labels: tuple[Label, ...]


def read_labels(text: str, name: str) -> Iterator[Labelled]:
    """Read a file of labels. Raises UsageError that names the line and what is wrong with it."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield _labelled(json.loads(line), number)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise UsageError(f"{name}, line {number}: {_said(error)}") from error


def _said(error: Exception) -> str:
    return f"there is no {error}" if isinstance(error, KeyError) else str(error)


def _labelled(given: dict[str, Any], number: int) -> Labelled:
    text, sent = given["text"], given.get("sent_at")
    if not isinstance(text, str):
        raise ValueError("text is no text")
    context = tuple(Said(str(one["sender"]), str(one["text"])) for one in given.get("context") or ())
    message = Message(
        text=text,
        sender=str(given.get("sender", "")),
        sent=datetime.fromisoformat(sent) if sent else None,
        context=context,
        language=given.get("lang"),
    )
    labels = tuple(_label(one, text) for one in given.get("labels") or ())
    return Labelled(str(given.get("id", number)), str(given.get("lang", "")), message, labels)


def _label(given: dict[str, Any], text: str) -> Label:
    kind, modality, span = given["kind"], given["modality"], given["span"]
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind; they are {', '.join(KINDS)}")
    if modality not in MODALITIES:
        raise ValueError(f"{modality!r} is no modality; they are {', '.join(MODALITIES)}")
    if isinstance(span, list) and len(span) == 2 and all(type(place) is int for place in span):
        start, end = span
        if not 0 <= start < end <= len(text):
            raise ValueError(f"the span {span} lies outside the text")
    else:
        start = text.find(span)
        end = start + len(span)
        if not span or start < 0:
            raise ValueError(f"the span {span!r} does not stand in the text")
    values = given.get("values") or {}
    if unknown := values.keys() - set(VALUES):
        raise ValueError(f"there is no value {', '.join(sorted(unknown))}")
    return Label(kind, modality, start, end, values)
