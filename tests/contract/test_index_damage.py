"""What is not as it was written on disk is no answer."""

from pathlib import Path

import pytest

from archive.adapters.index_tantivy import TantivyIndex
from archive.errors import Outdated
from archive.query.grammar import parse
from tests.contract.test_search_index import CORPUS

SEARCHED = {".idx", ".pos", ".term", ".fast", ".fieldnorm", ".store"}


def put(file: Path, data: bytes) -> None:
    """Put other bytes in the place of a file: one that is cut off while an engine has it mapped ends the process."""
    new = file.with_name(file.name + ".new")
    new.write_bytes(data)
    new.replace(file)


def test_one_changed_bit_is_told_and_never_answered(tmp_path: Path) -> None:
    made = TantivyIndex(tmp_path / "index")
    made.apply(CORPUS)
    made.close()
    files = [file for file in (tmp_path / "index" / "shards").rglob("*.*") if file.suffix in SEARCHED]
    assert {file.suffix for file in files} == SEARCHED
    for file in files:
        whole = file.read_bytes()
        for place in (0, len(whole) // 3, len(whole) - 5):
            put(file, whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(Outdated, match="beleg rebuild index"):
                TantivyIndex(tmp_path / "index").search(parse("garantie w/5 jahre"), limit=10)
        put(file, whole)
    assert TantivyIndex(tmp_path / "index").search(parse("garantie w/5 jahre"), limit=10).total == 2
