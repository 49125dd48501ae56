"""A projection killed at any moment heals: applying again doubles nothing and loses nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.adapters.catalogue_sql import SqlCatalogue
from archive.adapters.index_tantivy import TantivyIndex
from archive.adapters.index_whoosh import WhooshIndex
from archive.ports import Projection, SearchIndex
from archive.query.grammar import parse
from tests.entries import entries
from tests.servers.postgresql import PostgreSQL

MAKERS: dict[str, Callable[[Path], Projection]] = {
    "catalogue": lambda folder: SqlCatalogue(folder / "catalogue.db"),
    "postgresql": lambda _: SqlCatalogue(os.environ["BELEG_TEST_CATALOGUE"]),
    "tantivy": lambda folder: TantivyIndex(folder / "tantivy", shard_size=150),
    "whoosh": lambda folder: WhooshIndex(folder / "whoosh"),
}
SIZE = 600
CORPUS = entries([f"garantie nummer {i}" if i % 3 else None for i in range(SIZE)])
ITEMS = [entry.index for entry in CORPUS if entry.body]


def apply_in_small_steps(name: str, folder: str) -> None:
    """What the child does: batches of seven, for ever from where it stands."""
    projection = MAKERS[name](Path(folder))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while projection.position < SIZE:
        start = projection.position
        projection.apply(CORPUS[start : start + 7])
    projection.close()


@pytest.mark.parametrize("name", MAKERS)
def test_a_kill_at_any_moment_heals(
    name: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        monkeypatch.setenv("BELEG_TEST_CATALOGUE", server.new_database())
    code = (
        f"from tests.faults.test_projection_kill import *; apply_in_small_steps({name!r}, {str(tmp_path)!r})"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    reached = 0
    for attempt in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=root, env=environment
        )
        assert child.stdout
        child.stdout.readline()
        time.sleep(0.04 + 0.05 * attempt)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        projection = MAKERS[name](tmp_path)
        assert projection.position >= reached
        reached = projection.position
        _holds_exactly(projection, reached)
        projection.close()
    projection = MAKERS[name](tmp_path)
    projection.apply(CORPUS[max(0, reached - 20) :])
    _holds_exactly(projection, SIZE)
    projection.close()


def _holds_exactly(projection: Projection, position: int) -> None:
    expected = [index for index in ITEMS if index < position]
    if isinstance(projection, SqlCatalogue):
        assert [listed.index for listed in projection.items(range(SIZE))] == expected
        return
    index: SearchIndex = projection  # type: ignore[assignment]
    page = index.search(parse("garantie"), limit=SIZE)
    assert (page.total, list(page.indexes)) == (len(expected), expected)
