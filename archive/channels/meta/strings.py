"""The strings of Meta: UTF-8 read as Latin-1 is repaired, string by string, keys too."""

from typing import Any

from archive.reading.json_fields import load_json


def repaired(value: Any) -> Any:
    """Every string that is Latin-1 throughout and then UTF-8; all others stay as they are."""
    if isinstance(value, str):
        if value.isascii():
            return value
        try:
            return value.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return value
    if isinstance(value, list):
        return [repaired(child) for child in value]
    if isinstance(value, dict):
        return {repaired(name): repaired(child) for name, child in value.items()}
    return value


def decode(data: bytes) -> Any:
    """A value of a download; an array stands under the name ""."""
    value = repaired(load_json(data))
    return {"": value} if isinstance(value, list) else value
