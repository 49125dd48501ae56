"""Catalogue and index made anew: in one process and in several, the same comes out."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from archive import wiring
from archive.core import facets
from archive.query.analysis import ANALYSER
from archive.settings import load
from schemas.entry import Entry
from tests.commandline.conftest import Beleg
from tests.commandline.erasing import erased, number_of

STARTS = (0, 1, 7)


def entries(folder: Path, start: int) -> list[Entry]:
    with wiring.open_session(
        folder, load(folder), lambda _: "a passphrase for tests", processes=2
    ) as session:
        session.ledger.follow()
        return list(session.entries(start, session.ledger.state.size - 2))


def tables(folder: Path) -> dict[str, list[Any]]:
    """Every row of the catalogue."""
    with sqlite3.connect(folder / "workspace" / "catalogue.sqlite") as base:
        names = [name for (name,) in base.execute("select name from sqlite_master where type = 'table'")]
        return {name: sorted(base.execute(f"select * from {name}"), key=repr) for name in names}


@pytest.fixture
def filled(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> Path:
    """Three segments of items, one item erased, a file with words."""
    assert beleg("ingest", chat).code == 0
    second = tmp_path / "WhatsApp Chat mit Werk.txt"
    lines = (f"[04.02.25, 10:{n:02}:00] Werk: Lieferung {n} kommt am {n % 28 + 1}.3." for n in range(50))
    second.write_text("\n".join(lines), encoding="utf-8")
    assert beleg("ingest", second).code == 0
    note = tmp_path / "Zusage.txt"
    note.write_text("drei Jahre Garantie auf das Laufrad", encoding="utf-8")
    assert beleg("ingest", note, "--channel", "loose").code in (0, 3)
    assert erased(beleg, number_of(beleg, '"halten wir fest"')).code == 0
    return archive


@pytest.mark.parametrize("start", STARTS)
def test_records_opened_in_processes_are_those_opened_here(
    filled: Path, start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = entries(filled, start)
    monkeypatch.setattr("archive.services.session.MANY", 1)
    assert entries(filled, start) == here
    assert [entry.index for entry in here] == list(range(start, start + len(here)))
    assert {entry.state for entry in here} >= {"open", "erased"}


def test_a_rebuild_in_processes_gives_the_rows_and_finds_of_one(
    beleg: Beleg, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, found = tables(filled), beleg("search", "garantie OR lieferung", "--json").json["total"]
    assert found >= 52
    monkeypatch.setattr("archive.services.session.MANY", 1)
    for count in (1, 2):
        done = beleg("rebuild", "all", "--processes", count)
        assert done.code == 0, done.err
        assert tables(filled) == before
        assert beleg("search", "garantie OR lieferung", "--recount", "--second-opinion").code == 0
        assert beleg("search", "garantie OR lieferung", "--json").json["total"] == found


def test_an_index_of_another_version_is_made_anew_by_whoever_comes(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    """A schedule must not stand still after an upgrade until a person comes."""
    beleg("ingest", chat)
    before = beleg("search", "garantie", "--json").json["total"]
    marker = archive / "workspace" / "index-tantivy" / "beleg-index.json"
    marker.write_text(marker.read_text().replace(f'"analyser": "{ANALYSER}"', '"analyser": "0"'))
    again = beleg("ingest", chat)
    assert (again.code, "made anew" in again.err) == (0, True)
    found = beleg("search", "garantie", "--recount", "--json")
    assert (found.json["total"], found.err) == (before, "")
    (marker.parent / "shards" / "strange").write_text("x")
    marker.unlink()
    assert beleg("search", "garantie").code == 4, "what is not known as ours is not touched"


def test_a_memory_of_ingestion_that_cannot_be_read_is_named(
    beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a holder of the ingest key may write it: frames that inflate to more than is allowed."""
    real = facets.zlib.compress
    with monkeypatch.context() as forging:
        forging.setattr(facets.zlib, "compress", lambda data, level: real(bytes(16 << 20), 9))
        assert beleg("ingest", chat).code == 0
    for command in (("rebuild", "seen"), ("ingest", chat)):
        done = beleg(*command)
        assert (done.code, "memory of ingestion" in done.err, "--level 2" in done.err) == (4, True, True), (
            done.err
        )
