"""Readers search while one writer adds: every answer is that of a whole commit, nothing is found twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from archive.adapters.catalogue_sql import SqlCatalogue
from archive.adapters.index_tantivy import TantivyIndex
from archive.adapters.index_whoosh import WhooshIndex
from archive.query.grammar import parse
from tests.entries import entries

STEP, STEPS = 20, 40
CORPUS = entries(["garantie"] * (STEP * STEPS))
MAKERS = {
    "tantivy": lambda folder: TantivyIndex(folder / "tantivy", shard_size=160),
    "whoosh": lambda folder: WhooshIndex(folder / "whoosh"),
    "catalogue": lambda folder: SqlCatalogue(folder / "catalogue.db"),
}


def write(name: str, folder: str) -> None:
    """What the child does: small commits to the end."""
    index = MAKERS[name](Path(folder))
    for start in range(0, len(CORPUS), STEP):
        index.apply(CORPUS[start : start + STEP])
    index.close()


@pytest.mark.parametrize("name", ["tantivy", "whoosh"])
def test_readers_see_whole_commits(name: str, tmp_path: Path) -> None:
    reader = MAKERS[name](tmp_path)
    code = f"from tests.faults.test_search_while_writing import *; write({name!r}, {str(tmp_path)!r})"
    root = Path(__file__).parents[2]
    seen: set[int] = set()
    last = 0
    with subprocess.Popen([sys.executable, "-c", code], cwd=root) as child:
        while child.poll() is None or last < len(CORPUS):
            page = reader.search(parse("garantie"), limit=len(CORPUS))
            found = list(page.indexes)
            assert found == list(range(len(found))), "in order, without a hole, none twice"
            assert page.total == len(found) >= last
            assert page.total % STEP == 0, "a commit is seen whole"
            last = page.total
            seen.add(last)
            assert child.poll() in (None, 0)
    reader.close()
    assert last == len(CORPUS)
    assert len(seen) > 2, "the reader did read while the writer wrote"


def test_the_catalogue_is_read_while_it_is_written(tmp_path: Path) -> None:
    reader = SqlCatalogue(tmp_path / "catalogue.db")
    code = f"from tests.faults.test_search_while_writing import *; write('catalogue', {str(tmp_path)!r})"
    seen: set[int] = set()
    with subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2]) as child:
        while child.poll() is None or max(seen) < len(CORPUS):
            position = reader.position
            assert position % STEP == 0, "a commit is seen whole"
            found = [listed.index for listed in reader.items(range(position))]
            assert found == list(range(position)), "what the position says is there"
            seen.add(position)
            assert child.poll() in (None, 0)
    reader.close()
    assert max(seen) == len(CORPUS)
    assert len(seen) > 2, "the reader did read while the writer wrote"
