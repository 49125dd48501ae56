"""Decoded JSON, read field by field: what nobody asked for is what the reader does not know.

Platforms add fields without notice. A reader takes the fields that it understands out of ``Fields``; the
rest is told by ``rest`` and goes to ``Item.extra``, so that nothing is dropped and a changed format shows.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONGEST = 20_000
"""Characters of one value in ``extra``; the whole lies in the raw slice."""


class NotUnderstood(ValueError):
    """Not what the platform writes. The message holds no content."""


def load_json(data: bytes | str) -> Any:
    """Decode. Numbers with a fraction stay text (an id or a time is no float); half surrogate pairs become
    U+FFFD, for they are no characters and cannot be stored. Of a name that an object gives several times the
    last counts, as almost everybody reads it; what it covers is kept beside it. Raises NotUnderstood."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        value = json.loads(text, parse_float=str, parse_constant=_no_number, object_pairs_hook=_all_of)
    except RecursionError as error:
        raise NotUnderstood("JSON nested deeper than the limit") from error
    except ValueError as error:
        raise NotUnderstood("not valid JSON") from error
    return _well_formed(value) if _ESCAPED_SURROGATE.search(text) else value


def _all_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; a value whose name comes again under a name that no reader knows (``text (1 of 2)``)."""
    value = dict(pairs)
    if len(value) < len(pairs):
        count = Counter(name for name, _ in pairs)
        met = Counter[str]()
        for name, covered in pairs:
            met[name] += 1
            if met[name] < count[name]:
                value[f"{name} ({met[name]} of {count[name]})"] = covered
    return value


def _no_number(name: str) -> NoReturn:
    raise NotUnderstood(f"{name} is no JSON number")


def _well_formed(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_well_formed(child) for child in value]
    if isinstance(value, dict):
        return {_well_formed(name): _well_formed(child) for name, child in value.items()}
    return value


def as_text(value: object) -> str:
    """A value as text for ``extra``: strings as they are, the rest as JSON; a very long one is cut."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


class Fields:
    """An object whose fields are taken one by one; a field of an unexpected type counts as not taken."""

    __slots__ = ("_taken", "data")

    def __init__(self, value: object) -> None:
        """Raises NotUnderstood if it is no object."""
        if not isinstance(value, dict):
            raise NotUnderstood("no JSON object")
        self.data: dict[str, Any] = value
        self._taken: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self.data

    def get(self, name: str) -> Any:
        """The value as it is; None if absent."""
        self._taken.add(name)
        return self.data.get(name)

    def first(self, *names: str) -> Any:
        """The first value that is neither absent, None nor empty."""
        found = None
        for name in names:
            value = self.get(name)
            if found is None and value not in (None, "", [], {}):
                found = value
        return found

    def text(self, *names: str) -> str | None:
        """The first non-empty string."""
        for name in names:
            value = self.data.get(name)
            if isinstance(value, str):
                self._taken.add(name)
                if value:
                    return value
            elif value is None:
                self._taken.add(name)
        return None

    def id(self, *names: str) -> str | None:
        """The first string or whole number, as a string: ids are never counted with."""
        for name in names:
            value = self.data.get(name)
            if isinstance(value, bool) or value is None or value == "":
                self._taken.add(name)
            elif isinstance(value, str | int):
                self._taken.add(name)
                return str(value)
        return None

    def number(self, name: str) -> int | None:
        """A whole number, also one written as a string."""
        value = self.data.get(name)
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        self._taken.add(name)
        return value

    def flag(self, name: str) -> bool:
        """Whether it is true."""
        value = self.data.get(name)
        if isinstance(value, bool) or value is None:
            self._taken.add(name)
        return value is True

    def object(self, name: str) -> "Fields | None":
        """An object within; what is in it is the caller's to read."""
        value = self.data.get(name)
        if isinstance(value, dict):
            self._taken.add(name)
            return Fields(value)
        if value is None:
            self._taken.add(name)
        return None

    def objects(self, name: str) -> list["Fields"]:
        """The objects of an array."""
        return [Fields(child) for child in self.array(name) if isinstance(child, dict)]

    def array(self, name: str) -> list[Any]:
        """An array; empty if there is none."""
        value = self.data.get(name)
        if isinstance(value, list) or value is None:
            self._taken.add(name)
        return value if isinstance(value, list) else []

    def known(self, *names: str) -> None:
        """Fields that say nothing for the archive: neither unknown nor told."""
        self._taken.update(names)

    def tell(self, *names: str) -> Iterator[tuple[str, str]]:
        """Known fields without a place in the item, for ``extra``."""
        for name in names:
            value = self.get(name)
            if value not in (None, "", [], {}):
                yield name, as_text(value)

    def rest(self) -> list[tuple[str, str]]:
        """What was not taken, sorted by name; empty values too, for their names may be new."""
        return [
            (name, as_text(value)) for name, value in sorted(self.data.items()) if name not in self._taken
        ]

    def unknown(self) -> frozenset[str]:
        """The names of what was not taken."""
        return frozenset(self.data) - self._taken
