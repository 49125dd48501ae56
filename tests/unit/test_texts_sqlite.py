"""The words of files on this host: what an earlier version kept is taken over once, whoever begins beside."""

import sqlite3
from functools import partial
from pathlib import Path

import pytest

from archive.adapters import texts_sqlite
from archive.adapters.texts_sqlite import SqliteTexts


def test_two_commands_take_over_what_an_earlier_version_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "texts.sqlite"
    before = sqlite3.connect(path)
    before.execute("CREATE TABLE texts (sha256 TEXT PRIMARY KEY, rules TEXT, state TEXT, text TEXT)")
    before.execute("INSERT INTO texts VALUES ('ab', '1', 'read', 'Garantie')")
    before.commit()
    before.close()
    others: list[SqliteTexts] = []
    began: list[str] = []

    class Slow(sqlite3.Connection):
        def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
            if sql.startswith("BEGIN") and not began:
                began.append(sql)
                others.append(SqliteTexts(path))  # it begins later, and is done before
            return super().execute(sql, *parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(texts_sqlite.sqlite3, "connect", partial(sqlite3.connect, factory=Slow))
    mine = SqliteTexts(path)
    for store in (mine, *others):
        assert store.get([("ab", "")])[("ab", "")].text == "Garantie"
        store.close()
