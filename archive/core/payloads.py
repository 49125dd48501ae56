"""Between models and facets: what a record says, as the twelve facets (FORMAT.md §12).

The mapping of an item is the one that redaction relies on: what identifies, what dates, who, to whom, the
words, the files and the raw bytes are facets of their own. Every other body stands whole in ``extra``.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from archive.core.canonical import encode
from archive.errors import FormatError
from schemas.base import Model
from schemas.capture import Capture, RunReport, Sighting
from schemas.entry import EntryBody
from schemas.item import Account, Item, Thread
from schemas.keeping import Approval, ErasureRequest, HoldNotice, Plan, PolicyEntry, Subject
from schemas.matter import (
    Certificate,
    Hold,
    HoldRelease,
    Matter,
    Note,
    Party,
    Person,
    Production,
    Read,
    ReadPolicy,
    Redaction,
    Selection,
)
from schemas.statement import StatementDecision

SCHEMA = 1
OVERFLOW = 256 * 1024
CROWDED = 4 * 1024 * 1024
"""Facets of more than this many bytes shed every string over ``SHORT``, so that no honest item is too big."""
SHORT = 4096

BODIES: dict[str, tuple[str, str, type[Model]]] = {
    "item": ("content", "item", Item),
    "account": ("content", "account", Account),
    "thread": ("content", "thread", Thread),
    "capture": ("content", "capture", Capture),
    "sighting": ("content", "sighting", Sighting),
    "run": ("oversight", "run", RunReport),
    "read": ("oversight", "read", Read),
    "read_policy": ("oversight", "policy", ReadPolicy),
    "person": ("oversight", "person", Person),
    "hold": ("oversight", "hold", Hold),
    "hold_release": ("oversight", "hold", HoldRelease),
    "hold_notice": ("oversight", "hold", HoldNotice),
    "erasure_request": ("oversight", "request", ErasureRequest),
    "plan": ("oversight", "plan", Plan),
    "approval": ("oversight", "approval", Approval),
    "policy": ("oversight", "policy", PolicyEntry),
    "production": ("oversight", "production", Production),
    "matter": ("matter", "matter", Matter),
    "selection": ("matter", "selection", Selection),
    "note": ("matter", "note", Note),
    "redaction": ("matter", "decision", Redaction),
    "statement": ("matter", "decision", StatementDecision),
    "party": ("matter", "party", Party),
    "subject": ("matter", "party", Subject),
    "certificate": ("matter", "certificate", Certificate),
}
"""Body name → (class, kind, model)."""

_NAMES: dict[type[Model], str] = {model: name for name, (_, _, model) in BODIES.items()}
_WHAT = ("key", "event", "form", "basis", "via", "thread", "parser", "visibility", "history")
_OWN_FACET = ("time", "author", "recipients", "targets", "title", "text", "body", "attachments")
_STATE = ("edited", "deleted", "expires")


@dataclass(slots=True)
class Payload:
    """A body as facets, and the bytes that are too long to stand in one."""

    record_class: str
    kind: str
    values: dict[str, Any]
    overflow: list[bytes] = field(default_factory=list)


def to_payload(body: EntryBody, *, overflow_start: int = 0) -> Payload:
    """Give the facets of a body; its overflow begins at ``overflow_start`` of the object string."""
    name = _NAMES[type(body)]
    record_class, kind, _ = BODIES[name]
    what: dict[str, Any] = {"body": name, "kind": kind, "schema": SCHEMA}
    dumped = body.model_dump(exclude_none=True)
    raw = dumped.pop("raw", None)
    values: dict[str, Any] = {"what": what}
    if isinstance(body, Item):
        _spread_item(dumped, values)
    else:
        values["extra"] = dumped
    if raw is not None:
        values["raw"] = _raw_value(raw)
    plain = _plain(values)
    if plain is not None:
        return Payload(record_class, kind, plain)
    payload = _spill(record_class, kind, values, OVERFLOW, overflow_start)
    if len(encode(payload.values)) > CROWDED:
        payload = _spill(record_class, kind, values, SHORT, overflow_start)
    return payload


def _plain(values: dict[str, Any]) -> dict[str, Any] | None:
    """Give the values of a record that as a whole is shorter than what a string must be to be moved; else None.

    Nearly all are. It is what ``_spill`` gives, without a look at every string: of bytes there are none but the
    slice, and a lone surrogate does not encode.
    """
    raw = values.get("raw")
    plain = {**values, "raw": {**raw, "slice": _slice_value(raw["slice"])}} if raw is not None else values
    try:
        return plain if len(encode(plain)) <= OVERFLOW else None
    except UnicodeEncodeError:
        return None


def _spill(record_class: str, kind: str, values: dict[str, Any], threshold: int, start: int) -> Payload:
    """Give the values with every string of more than ``threshold`` bytes moved to the object string."""
    payload = Payload(record_class, kind, {})

    def spill(value: Any) -> Any:
        nonlocal start
        if isinstance(value, str):
            data = _utf8(value)
            if len(data) <= threshold:
                return data.decode()
        elif isinstance(value, bytes):
            data = value
            if len(data) <= threshold:
                return _slice_value(data)
        elif isinstance(value, dict):
            return {key: spill(member) for key, member in value.items()}
        elif isinstance(value, list | tuple):
            return [spill(member) for member in value]
        else:
            return value
        place = {"length": len(data), "sha256": sha256(data).hexdigest(), "start": start}
        payload.overflow.append(data)
        start += len(data)
        return {"overflow": place}

    payload.values = {key: spill(value) for key, value in values.items()}
    return payload


def _utf8(text: str) -> bytes:
    """Encode; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD (the raw slice keeps it)."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _spread_item(dumped: dict[str, Any], values: dict[str, Any]) -> None:
    what = values["what"]
    for name in _WHAT:
        if name in dumped:
            what[name] = dumped[name]
    for name in _OWN_FACET:
        if dumped.get(name) not in (None, ()):
            values[name] = dumped[name]
    reactions = {name: dumped[name] for name in ("reactions", "rating") if dumped.get(name)}
    extra = {name: dumped[name] for name in _STATE if name in dumped}
    if dumped["extra"]:
        extra["pairs"] = dumped["extra"]
    values["reactions"] = reactions or None
    values["extra"] = extra or None


def _raw_value(raw: dict[str, Any]) -> dict[str, Any]:
    return {**raw, "sha256": sha256(raw["slice"]).hexdigest()}


def _slice_value(data: bytes) -> dict[str, str]:
    try:
        return {"utf8": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


_NESTED = (list, dict)
Overflow = Callable[[int, int], bytes]
"""Gives (start, length) of a record's own objects, decrypted."""


class UnknownSchema(FormatError):
    """A payload of a later schema: kept and proven, but not displayed by this version."""


def from_values(values: Mapping[str, Any], overflow: Overflow | None = None) -> EntryBody:
    """Give the body back.

    Raises:
        UnknownSchema: a body name, schema number or member that this code does not know.
        FormatError: facets that do not fit their model, or overflow that is not what was committed to.
    """
    what = values["what"]
    name = what.get("body") if isinstance(what, dict) else None
    if not isinstance(name, str) or what.get("schema") != SCHEMA or name not in BODIES:
        raise UnknownSchema("a payload of a schema that this version does not know")
    restored = {
        key: _restore(value, overflow) if type(value) in _NESTED else value for key, value in values.items()
    }
    try:
        data = _gather_item(restored) if name == "item" else dict(restored["extra"])
        raw = restored["raw"]
        if raw is not None:
            raw.pop("sha256")
            data["raw"] = raw
        body: EntryBody = BODIES[name][2].model_validate(data, strict=False)  # type: ignore[assignment]
    except (ValidationError, LookupError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ValidationError) and _only_further_members(error):
            raise UnknownSchema("a payload with members that this version does not know") from error
        # The words of the error would quote the content: only the name of the body is told.
        raise FormatError(f"a payload that is not a {name} of schema {SCHEMA}") from error
    return body


def _only_further_members(error: ValidationError) -> bool:
    """Say whether all that is wrong are members that no model has: a later version adds some, under the same number."""
    return all(
        one["type"] == "extra_forbidden" for one in error.errors(include_url=False, include_input=False)
    )


def to_kind(body: EntryBody) -> tuple[str, str]:
    """Give the class and kind that a body must be sealed under."""
    record_class, kind, _ = BODIES[_NAMES[type(body)]]
    return record_class, kind


def _gather_item(values: Mapping[str, Any]) -> dict[str, Any]:
    what, extra, reactions = values["what"], values["extra"] or {}, values["reactions"] or {}
    data = {name: what[name] for name in _WHAT if name in what}
    data.update({name: values[name] for name in _OWN_FACET if values[name] is not None})
    data.update({name: extra[name] for name in _STATE if name in extra})
    data.update(reactions)
    data["extra"] = extra.get("pairs", ())
    return data


def _restore(value: Any, overflow: Overflow | None) -> Any:
    """Give bytes and long strings back. Scalars are passed over in place, for they are nine in ten."""
    if type(value) is list:
        return [_restore(member, overflow) if type(member) in _NESTED else member for member in value]
    if type(value) is not dict:
        return value
    if len(value) == 1:
        (name, inner), *_ = value.items()
        if name == "utf8" and isinstance(inner, str):
            return inner.encode()
        if name == "base64" and isinstance(inner, str):
            try:
                return base64.b64decode(inner, validate=True)
            except binascii.Error as error:
                raise FormatError("a slice that is not base64") from error
        if name == "overflow":
            return _fetch(inner, overflow)
    return {
        name: _restore(member, overflow) if type(member) in _NESTED else member
        for name, member in value.items()
    }


def _fetch(place: Any, overflow: Overflow | None) -> bytes:
    if overflow is None:
        raise FormatError("a value that lies in an object, where no objects are at hand")
    if not isinstance(place, dict) or place.keys() != {"length", "sha256", "start"}:
        raise FormatError("an overflow that format 1 does not know")
    if type(place["start"]) is not int or type(place["length"]) is not int:
        raise FormatError("an overflow that format 1 does not know")
    data = overflow(place["start"], place["length"])
    if sha256(data).hexdigest() != place["sha256"]:
        raise FormatError("an overflow that is not what was committed to")
    return data


_PEOPLED = ("author", "recipients", "reactions")


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(one) for name, one in value.items() if name != "also"}
    return [_bare(one) for one in value] if isinstance(value, list | tuple) else value


def content_digest_input(payload: Payload) -> bytes:
    """Give what counts when two items are compared: the facets without provenance (raw, captures, parser), and without
    the further names of people: an export gives those of today with messages of any age."""
    values = {name: _bare(value) if name in _PEOPLED else value for name, value in payload.values.items()}
    if payload.kind == "thread":
        values["extra"] = _bare(values["extra"])
    values.pop("raw", None)
    what = dict(values["what"])
    what.pop("parser", None)
    values["what"] = what
    if values.get("attachments"):
        values["attachments"] = [
            {name: member for name, member in row.items() if name not in ("capture", "locator")}
            for row in values["attachments"]
        ]
    return encode(values)
