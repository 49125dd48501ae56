"""The version of the finder changes with everything that decides a find, and with nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from archive.statements import version
from archive.statements.finder import finder
from archive.statements.lexicon import lexicon_version
from archive.statements.version import FINDS_NOTHING, sources, version_of

LOADED = """
import json, sys
from archive.statements.finder import finder
from archive.statements import of_item
finder()
print(json.dumps([name for name in sys.modules if name.startswith("archive.")]))
"""
DECIDE_NOTHING = {"archive.errors", "archive.query"}
"""Loaded with the finder, without a say in what it finds."""


@pytest.fixture
def other_sources(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    changed = dict(sources())
    monkeypatch.setattr(version, "sources", lambda: changed)
    return changed


def test_every_module_that_the_finder_loads_is_in_it() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout)) - DECIDE_NOTHING
    known = {
        f"archive.{name.removesuffix('.py').replace('/', '.')}" for name in sources() if name.endswith(".py")
    }
    known = {name.removesuffix(".__init__") for name in known}
    assert "archive.statements.sides" in loaded
    assert loaded == known


def test_modules_that_are_left_out_exist() -> None:
    folder = Path(version.__file__).parent
    assert all((folder / name).is_file() for name in FINDS_NOTHING)


@pytest.mark.parametrize("name", ["statements/sides.py", "query/languages.txt"])
def test_a_rule_outside_the_lexicon_changes_it(other_sources: dict[str, str], name: str) -> None:
    before = version_of({"de/price.toml": "kind = 'price'"})
    other_sources[name] += "#"
    assert version_of({"de/price.toml": "kind = 'price'"}) != before


def test_ends_of_lines_do_not(other_sources: dict[str, str]) -> None:
    before = version_of({"a.toml": "one\ntwo\n"})
    for name, text in other_sources.items():
        other_sources[name] = text.replace("\n", "\r\n")
    assert version_of({"a.toml": "one\r\ntwo\r\n"}) == before


def test_a_word_of_the_lexicon_and_the_name_of_its_file_change_it() -> None:
    assert len({version_of(one) for one in ({}, {"a": "b"}, {"a": "c"}, {"c": "b"}, {"a": "b\nc"})}) == 5


def test_the_finder_has_the_version_that_is_read_without_it() -> None:
    assert finder().version == lexicon_version()
