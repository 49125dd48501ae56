"""The way through the archive by its commands: from founding to a bundle that verifies."""

import shutil
from pathlib import Path

import pytest

from tests.commandline.conftest import CHAT, Beleg
from tests.servers.postgresql import PostgreSQL


def test_the_whole_way(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> None:
    runs = beleg("ingest", chat, "--mine", "Anna", "--json")
    assert runs.code == 0
    [run] = runs.json
    assert (run["units"], run["read"], run["failed"], run["excluded"], run["items"]) == (3, 3, 0, 0, 3)
    assert run["channel"] == "whatsapp"

    found = beleg("search", "garantie", "--json").json
    assert found["total"] == 1
    [hit] = found["hits"]
    assert "fünf Jahre" in hit["text"]
    assert [word for word, _ in found["searched"]] == ["garantie"]

    shown = beleg("show", hit["number"], "--context", "1", "--json").json
    assert shown["item"]["author"]["written"] == "Lieferant"
    assert [len(shown["before"]), len(shown["after"])] == [1, 1]
    assert beleg("thread", hit["number"], "--json").json["total"] == 3

    matter = beleg("matter", "open", "Pumpe", "--reason", "Klage", "--json").json
    assert matter["id"] == "M-1"
    assert beleg("matter", "open", "Zweite", "--reason", "Prüfung", "--json").json["id"] == "M-2"
    assert beleg("search", "garantie", "--matter", "M-1", "--json").json["added"] == 1
    assert beleg("matter", "add", "M-1", hit["number"], "--json").json["added"] == 0

    hold = beleg(
        "hold", "place", "M-1", "--query", "garantie", "--reason", "Klage", "--review", "2099-06-30", "--json"
    ).json
    assert (hold["hold"]["id"], hold["covered"], hold["looked_at"]) == ("H-1", 1, 3)
    assert beleg("hold", "list", "--json").json[0]["released"] is None
    assert beleg("hold", "release", "H-1", "--reason", "Vergleich").code == 0
    assert beleg("hold", "list", "--json").json[0]["released"]["reason"] == "Vergleich"

    one, two = tmp_path / "one", tmp_path / "two"
    made = beleg("export", "M-1", "--out", one, "--json")
    assert made.code == 0, made.err
    assert (made.json["production"], made.json["records"], made.json["keys"]) == ("E-1", 3 + 2, 2)
    again = beleg("export", "--again", "E-1", "--out", two, "--json")
    assert again.json["same_as_before"] is True
    assert _tree(one / "bag" / "data") == _tree(two / "bag" / "data")
    assert beleg("verify", one).code == 0
    assert beleg("verify", "--level", "2", "--json").code == 0
    assert beleg("matter", "show", "M-1", "--json").json["productions"][0]["id"] == "E-1"


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_an_overlapping_export_adds_only_the_difference(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    chat.write_text(CHAT + "[03.02.25, 09:20:00] Lieferant: Bis Freitag\n", encoding="utf-8")
    [run] = beleg("ingest", chat, "--json").json
    assert (run["items"], run["seen_again"]) == (1, 3)
    assert beleg("search", "garantie", "--json").json["total"] == 1
    number = beleg("search", "garantie", "--json").json["hits"][0]["number"]
    assert beleg("show", number, "--json").json["seen_again"] == 1, "the second provenance stays"
    [run] = beleg("ingest", chat, "--json").json
    assert (run["items"], run["seen_again"]) == (0, 4)
    assert beleg("show", number, "--json").json["seen_again"] == 1, "the same file again tells nothing new"


def test_rebuilding_gives_the_same_answers(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", "--search", "garantie")
    questions = (
        ("search", "garantie", "--json"),
        ("matter", "show", "M-1", "--json"),
        ("thread", "6", "--json"),
    )
    before = [beleg(*question).out for question in questions]
    assert beleg("rebuild").code == 0
    assert [beleg(*question).out for question in questions] == before
    shutil.rmtree(archive / "workspace")
    assert [beleg(*question).out for question in questions] == before
    [run] = beleg("ingest", chat, "--json").json
    assert (run["items"], run["seen_again"]) == (0, 3), "what was seen is folded from the ledger again"


def test_the_catalogue_in_postgresql(
    beleg: Beleg, archive: Path, chat: Path, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    beleg("ingest", chat)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", "--search", "garantie")
    questions = (
        ("search", "garantie", "--counts", "--json"),
        ("thread", "6", "--json"),
        ("show", "7", "--json"),
    )
    before = [beleg(*question).out for question in questions]
    settings = archive / "beleg.toml"
    text = settings.read_text()
    settings.write_text('catalogue = "env:BELEG_TEST_URL"\n' + text)
    missing = beleg("search", "garantie")
    assert (missing.code, "BELEG_TEST_URL is not set" in missing.err) == (2, True)
    monkeypatch.setenv("BELEG_TEST_URL", postgresql.new_database())
    assert [beleg(*question).out for question in questions] == before
    assert beleg("rebuild", "catalogue").code == 0
    assert [beleg(*question).out for question in questions] == before
    settings.write_text('catalogue = "postgresql+pg8000://me:secret@host/x"\n' + text)
    refused = beleg("search", "garantie")
    assert (refused.code, "secret" in refused.err) == (2, False)


def test_projections_of_another_ledger_of_equal_size_are_noticed(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    beleg("init", other, "--timezone", "Europe/Berlin")
    for folder in (archive, other):
        assert beleg("ingest", chat, "--archive", folder).code == 0
        assert beleg("search", "garantie", "--archive", folder).code == 0
    for name, rebuilt in (("catalogue.sqlite", "catalogue"), ("index-tantivy", "index")):
        mine, foreign = archive / "workspace" / name, other / "workspace" / name
        shutil.rmtree(mine) if mine.is_dir() else mine.unlink()
        shutil.copytree(foreign, mine) if foreign.is_dir() else shutil.copy(foreign, mine)
        refused = beleg("search", "garantie")
        assert refused.code == 4
        assert "followed another ledger" in refused.err
        assert beleg("rebuild", rebuilt).code == 0
        assert beleg("search", "garantie", "--json").json["total"] == 1


def test_split_roles_keep_to_what_they_have(beleg: Beleg, tmp_path: Path, chat: Path) -> None:
    folder = tmp_path / "archive"
    assert beleg("init", folder, "--split", "--timezone", "Europe/Berlin").code == 0
    keys, aside = folder / "keys", tmp_path / "aside"
    shutil.move(keys, aside)

    def only(*roles: str) -> None:
        shutil.rmtree(keys, ignore_errors=True)
        for role in roles:
            shutil.copytree(aside / role, keys / role)

    only("ingest")
    assert beleg("ingest", chat).code == 0
    refused = beleg("search", "garantie")
    assert refused.code == 5
    assert "legal" in refused.err
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 5
    assert beleg("verify", "--level", "1").code == 0

    only("legal")
    assert beleg("search", "garantie", "--json").json["total"] == 1
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    assert beleg("ingest", chat).code == 5
    status = beleg("status", "--json").json
    assert status["sealed"] == status["size"] - 1, "committed, and not yet sealed by the ingest host"

    only("auditor")
    assert beleg("verify", "--level", "1").code == 0
    assert beleg("verify", "--level", "2").code == 4, "an auditor opens oversight, not content"
    assert beleg("show", "6").code == 5

    only("ingest")
    chat.write_text(CHAT + "[03.02.25, 09:20:00] Lieferant: Bis Freitag\n", encoding="utf-8")
    assert beleg("ingest", chat).code == 0
    status = beleg("status", "--json").json
    assert status["sealed"] == status["size"]


def test_parties_persons_keys(beleg: Beleg, archive: Path) -> None:
    party = beleg(
        "party", "add", "Lieferant", "--side", "counterpart", "--account", "whatsapp:+49 30", "--json"
    )
    assert party.json["id"] == "Y-1"
    assert beleg("party", "list", "--json").json[0]["accounts"][0]["account"]["id"] == "+49 30"
    person = beleg("person", "add", "Justiziarin", "--role", "legal", "--json").json
    assert person["id"] == "P-1"
    listed = beleg("keys", "list", "--json").json
    assert person["writer"] in {key["id"] for key in listed if key["role"] == "legal"}
    assert beleg("verify", "--level", "2").code == 0


def test_the_demo(beleg: Beleg, tmp_path: Path) -> None:
    done = beleg("demo", "--folder", tmp_path / "demo", "--json")
    assert done.code == 0, done.err
    assert done.json["items"] == 84
    assert Path(done.json["start"]).is_file()
    assert beleg("demo", "--folder", tmp_path / "demo").code == 2, "an earlier demo is never touched"
