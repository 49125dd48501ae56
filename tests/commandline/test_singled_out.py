"""Who is protected by the policy is singled out in one way more: by an item of theirs."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg


@pytest.fixture
def filled(beleg: Beleg, archive: Path, chat: Path) -> Beleg:
    assert beleg("ingest", chat).code == 0
    return beleg


def test_an_item_that_is_asked_for_by_its_id_is_looked_at_as_by_its_number(
    filled: Beleg, tmp_path: Path
) -> None:
    number = filled("search", "from:anna", "--json").json["hits"][0]["number"]
    id_ = filled("show", number, "--json").json["item"]["key"]["id"]
    filled("search", f'id:"{id_}"', "--certificate")
    filled("party", "add", "Anna", "--side", "ours")
    filled("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    by_id = ("search", f'id:"{id_}"')
    for command in (
        by_id, (*by_id, "--limit", "0", "--csv", tmp_path / "a.csv"), (*by_id, "--limit", "0", "--matter", "M-1"),
        ("search", "--replay", "C-1"), ("show", number), ("thread", number),
        ("matter", "add", "M-1", number), ("matter", "add", "M-1", "--thread", number),
        ("proof", "item", number, "--out", tmp_path / "a.proof"),
    ):  # fmt: skip
        assert filled(*command).code == 5, command
        assert list(tmp_path.glob("a.*")) == [], "a list that was refused would look like an empty one"
        assert filled(*command, "--second", "privacy").code == 0, command
        for written in tmp_path.glob("a.*"):
            written.unlink()
    assert filled("access", "--json").json["reads"][-1]["named"] == ["Y-1"]


def test_no_hold_and_no_matter_is_a_way_around_the_second_person(filled: Beleg, tmp_path: Path) -> None:
    number = filled("search", "from:anna", "--json").json["hits"][0]["number"]
    other = filled("search", "from:lieferant", "--json").json["hits"][0]["number"]
    filled("party", "add", "Anna", "--side", "ours", "--account", "whatsapp:Anna")
    filled("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    scopes = (("--party", "Y-1"), ("--account", "Anna"), ("--query", "from:anna"), ("--item", number),
              ("--query", "garantie"))  # fmt: skip
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    for scope in scopes:
        placed = filled("hold", "place", "M-1", *scope, "--reason", "Klage", "--review", "2030-01-01")
        assert placed.code == 0, placed.err
    for query in ("hold:H-1", "hold:H-2", "hold:H-3", "hold:H-4", "hold:any"):
        assert filled("search", query).code == 5, query
        assert filled("search", query, "--second", "privacy").code == 0, query
    assert filled("search", "hold:H-5").code == 0, "it asks for nobody"
    assert filled("matter", "add", "M-1", number, "--second", "privacy").code == 0
    assert filled("search", "matter:M-1").code == 5, "nothing but items of theirs"
    for command in (
        ("export", "M-1", "--out", tmp_path / "bundle"), ("review", "out", "M-1", "--out", tmp_path / "desk"),
        ("proof", "item", number, "--out", tmp_path / "item.proof"), ("matter", "add", "M-1", "--search", "from:anna"),
        ("matter", "remove", "M-1", "--search", "from:anna NOT guten"),
    ):  # fmt: skip
        assert filled(*command).code == 5, command
        assert filled(*command, "--second", "privacy").code == 0, command
    filled("matter", "add", "M-1", other)
    assert filled("search", "matter:M-1").code == 0
    assert filled("proof", "item", other, "--out", tmp_path / "other.proof").code == 0
    assert filled("proof", "item", "0", "--out", tmp_path / "genesis.proof").code == 0


CHAT = {
    "name": "Petra Müller", "type": "personal_chat", "id": 7, "messages": [
        {"id": number, "type": "message", "date": f"2024-03-0{number}T10:00:00", "from": name, "from_id": id_,
         "text": text}
        for number, (name, id_, text) in enumerate([
            ("Petra Müller", "user1", "Wir geben euch fünf Jahre Garantie, das sage ich zu."),
            ("Bert Klug", "user2", "Danke, bestellt."),
            ("Petra Müller", "user1", "Ich kündige zum Ersten."),
        ], 1)
    ],
}  # fmt: skip


@pytest.fixture
def protected(beleg: Beleg, archive: Path, tmp_path: Path) -> Beleg:
    """Item 0, 1, 2 of a chat in which somebody is protected under another name than the one that she bears there."""
    file = tmp_path / "result.json"
    file.write_text(json.dumps(CHAT))
    assert beleg("ingest", file).code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("party", "add", "P. Lang", "--side", "ours", "--account", "telegram:user1")
    beleg("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    return beleg


def items(beleg: Beleg) -> list[str]:
    return [str(hit["number"]) for hit in beleg("search", "channel:telegram", "--json").json["hits"]]


def test_an_account_has_every_name_that_it_bears_anywhere(protected: Beleg) -> None:
    _, theirs, _ = items(protected)
    assert protected("show", theirs).code == 0
    assert protected("search", "from:klug").code == protected("search", "bestellt").code == 0
    service = protected("search", "from:müller", "--second", "ingest")
    assert (service.code, "--second privacy" in service.err) == (5, True)
    for command in (
        ("search", "from:müller"), ("search", "account:%mueler"), ("subject", "find", "Petra"), ("thread", theirs),
        ("show", theirs, "--context", "1"), ("search", "bestellt", "--context", "1"),
        ("statement", "list", "--party", "etra Mül"), ("statement", "register", "--party", "etra Mül"),
    ):  # fmt: skip
        refused = protected(*command)
        assert (refused.code, refused.out) == (5, ""), command
        assert protected(*command, "--second", "privacy").code == 0, command


def test_an_account_that_was_registered_without_a_scope_is_meant_in_every_one(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    assert beleg("ingest", chat, "--mine", "Lieferant").code == 0
    number = beleg("search", "from:anna", "--json").json["hits"][0]["number"]
    beleg("party", "add", "Die Einkäuferin", "--side", "ours", "--account", "whatsapp:Anna")
    beleg("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    assert beleg("show", number).code == 5
    assert beleg("show", number, "--second", "privacy").code == 0
    counts = beleg("search", "morgen", "--counts", "--json").json["counts"]
    assert [one["value"] for one in counts["parties"]] == ["Die Einkäuferin"]
    found = beleg("subject", "find", "Einkäuferin", "--second", "privacy", "--json").json["found"]
    assert [one["why"] for one in found] == ["account of Y-1"]


def test_what_is_handed_out_is_judged_and_not_what_the_matter_holds(protected: Beleg, tmp_path: Path) -> None:
    hers, theirs, _ = items(protected)
    protected("matter", "add", "M-1", hers, "--second", "privacy")
    protected("matter", "add", "M-1", theirs, "--decision", "withheld")
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    assert protected("export", "M-1", "--out", one, "--context", "none").code == 5
    assert protected("export", "M-1", "--out", two, "--context", "none", "--second", "privacy").code == 0
    protected("matter", "remove", "M-1", hers)
    assert protected("export", "--again", "E-1", "--out", three).code == 5
    assert not one.exists()
    assert not three.exists()


def test_no_word_of_an_item_can_be_guessed_alone(protected: Beleg) -> None:
    hers, _, _ = items(protected)
    said = {
        protected("matter", "redact", "M-1", hers, *guess, "--reason", "x").err
        for guess in (
            ("--words", "Garantie"),
            ("--words", "Zwiebel"),
            ("--span", "0-9"),
            ("--span", "0-9999"),
        )
    }
    assert len(said) == 1, said
    preview = (
        "hold",
        "place",
        "M-1",
        "--reason",
        "x",
        "--review",
        "2030-01-01",
        "--preview",
        "--query",
        "kündige",
    )
    for scope in (("--party", "Y-1"), ("--account", "Petra Müller"), ("--account", "telegram:user1")):
        assert protected(*preview, *scope).code == 5, scope
        assert protected(*preview, *scope, "--second", "privacy").code == 0, scope
    assert protected(*preview).code == 0
    assert protected("access", "--json").json["reads"][-1]["command"] == "hold preview"
    for verb in ("confirm", "reject"):
        assert protected("statement", verb, hers).code == 5, verb
        assert protected("statement", verb, hers, "--second", "privacy").code == 0, verb
    protected("policy", "set", "--demand-purpose", "--reason", "Betriebsvereinbarung")
    assert protected("statement", "confirm", hers).code == 5
    assert protected("statement", "confirm", hers, "--purpose", "Anfrage").code == 0


def test_a_name_that_a_description_alone_tells_is_one(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """No message bears the handle, and a hold on it keeps all that she wrote."""
    users = [
        {"id": "U2", "name": "plang", "real_name": "Petra", "profile": {"email": "kollegin@firm.example"}}
    ]
    said = [{"type": "message", "user": "U2", "text": "Ich kündige", "ts": "1738570000.000100"}]
    with zipfile.ZipFile(tmp_path / "slack.zip", "w") as packed:
        for name, told in (("users.json", users), ("channels.json", []), ("halle/2025-02-03.json", said)):
            packed.writestr(name, json.dumps(told))
    assert beleg("ingest", tmp_path / "slack.zip").code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("party", "add", "Y", "--side", "ours", "--account", "slack:U2")
    beleg("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    place = ("hold", "place", "M-1", "--reason", "x", "--review", "2030-01-01", "--query", "kündige")
    for name in ("plang", "kollegin@firm.example", "Petra"):
        assert beleg(*place, "--account", name, "--preview").code == 5, name
    assert beleg(*place, "--account", "plang").code == 0
    assert beleg("search", "hold:H-1").code == 5
    assert beleg("search", "hold:H-1", "--second", "privacy", "--json").json["total"] == 1


def test_a_lost_catalogue_hides_nobody_from_a_second_export(
    filled: Beleg, archive: Path, tmp_path: Path
) -> None:
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    filled("matter", "add", "M-1", "--search", "from:anna")
    assert filled("export", "M-1", "--out", tmp_path / "first").code == 0
    filled("party", "add", "Anna", "--side", "ours")
    filled("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    (archive / "workspace" / "catalogue.sqlite").unlink()
    again = ("export", "--again", "E-1", "--out", tmp_path / "again")
    assert filled(*again).code == 5
    assert "the same bytes" in filled(*again, "--second", "privacy").out
