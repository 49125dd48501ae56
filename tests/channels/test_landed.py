"""A newer version of a reader keeps every id and thread of the versions that landed, or names those of then."""

from dataclasses import replace
from pathlib import Path

import pytest

from archive.reading.units import Former, UnitRead
from schemas.item import Item, Key
from tests.channels.landed import EXPORTS, Called, called, name_of, read, table, table_of_words, words

LANDED, WORDS = table(), table_of_words()


def forgotten(units: list[UnitRead], then: Called) -> list[dict[str, str]]:
    """Give what a version of then called otherwise, and nothing of now names."""
    now: dict[tuple[str, str], set[str]] = {}
    """By what something is known: view and key → the threads in which it is."""
    for unit in units:
        for item, before in zip(unit.items, unit.threads_before(), strict=True):
            threads = {item.thread.id, *([before] if before else [])}
            for key in _names(item, unit.former.get(item.key)):
                now.setdefault((name_of(item.via), name_of(key)), set()).update(threads)
    return [one for one in then if one["thread"] not in now.get((one["via"], one["key"]), ())]


def _names(item: Item, former: Former | None) -> list[Key]:
    """By its own key, that of then, and what it is about something is known: an erasure and a hold follow these."""
    about = [one.key for one in item.targets if one.relation == "of" and one.key is not None]
    return [item.key, *about, *([former.key] if former is not None else [])]


@pytest.mark.parametrize("name", EXPORTS)
def test_no_version_forgets_what_an_older_one_called_an_item(name: str, tmp_path: Path) -> None:
    parser, units = read(EXPORTS[name], tmp_path)
    assert units
    assert LANDED.get(name, {}).get(parser) == called(units), (
        f"{parser} is not in the table, or calls items otherwise than when it landed: give it a new version, name what "
        "items and threads were called (Former), and add it (python -m tests.channels.landed)"
    )
    assert WORDS.get(name, {}).get(parser) == words(units), (
        f"{parser} reads otherwise than when it landed, and who ingests the same file again is told that it was edited: "
        "give it a new version, and add that (python -m tests.channels.landed)"
    )
    for version, then in LANDED[name].items():
        assert forgotten(units, then) == [], f"as {version} called them"


def test_an_id_that_changes_unnamed_is_noticed(tmp_path: Path) -> None:
    _, units = read(EXPORTS["rsmf: edits and receipts"], tmp_path)
    then = LANDED["rsmf: edits and receipts"]["rsmf/1"]
    assert len(forgotten([replace(unit, former={}) for unit in units], then)) == len(then)
    (moved,) = [Former(one.key) for unit in units for one in unit.former.values() if one.key.id == "e1"]
    former = {key: moved for unit in units for key, one in unit.former.items() if one.key.id == "e1"}
    left = forgotten([replace(unit, former=former) for unit in units], then)
    assert '["teams/c", "e1", false]' in {one["key"] for one in left}, "its thread is called otherwise, too"
