"""What other records say of an item is asked for as well: what became of it, and what its conversation is called."""

import json
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg


def webhook(folder: Path, name: str, second: int, **message: object) -> Path:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "4989123", "phone_number_id": "P1"},
        "contacts": [{"profile": {"name": "Lieferant"}, "wa_id": "49171"}],
        "messages": [
            {"from": "49171", "id": f"wamid.{name}", "timestamp": str(1709560000 + second), **message}
        ],
    }
    changes = [{"field": "messages", "value": value}]
    file = folder / f"{name}.json"
    file.write_text(
        json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "W1", "changes": changes}]})
    )
    return file


def said(body: str) -> dict[str, object]:
    return {"type": "text", "text": {"body": body}}


def revoked(name: str) -> dict[str, object]:
    return {"type": "revoke", "revoke": {"original_message_id": f"wamid.{name}"}}


@pytest.fixture
def filled(beleg: Beleg, archive: Path, tmp_path: Path) -> Beleg:
    files = (
        webhook(tmp_path, "A", 0, **said("Garantie sieben Jahre")),
        webhook(tmp_path, "B", 1, **said("Garantie bleibt stehen")),
        webhook(tmp_path, "C", 60, **revoked("A")),
    )
    assert beleg("ingest", *files).code == 0
    return beleg


def found(beleg: Beleg, *asked: str) -> list[tuple[str, bool]]:
    hits = beleg("search", *asked, "--second-opinion", "--recount", "--json").json["hits"]
    return [(hit["text"], hit["deleted"]) for hit in hits]


def test_what_a_later_event_deleted_is_deleted(filled: Beleg) -> None:
    gone, stands = ("Garantie sieben Jahre", True), ("Garantie bleibt stehen", False)
    assert found(filled, "garantie") == [gone, stands]
    assert found(filled, "garantie deleted:yes") == [gone]
    assert found(filled, "garantie deleted:no") == found(filled, "garantie NOT deleted:yes") == [stands]
    assert found(filled, "deleted:yes") == [gone, ("", True)]
    counted = filled("search", "garantie deleted:no", "--recount").out
    assert "not counted anew, but taken over from the search: what a later event deleted" in counted
    assert "taken over" not in filled("search", "garantie", "--recount").out
    assert "what a later event deleted is 1 items now" in filled("search", "deleted:yes", "--explain").out


def test_a_replay_says_what_was_deleted_since(filled: Beleg, tmp_path: Path) -> None:
    assert filled("search", "garantie deleted:no", "--certificate").code == 0
    assert filled("ingest", webhook(tmp_path, "D", 90, **revoked("B"))).code == 0
    again = filled("search", "--replay", "C-1")
    assert again.code == 3
    assert "what a later event deleted meant 1 items, means 2" in again.out


def test_what_a_later_event_edited_is_edited(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    edit = {
        "type": "edit",
        "edit": {"original_message_id": "wamid.A", "message": said("Garantie drei Jahre")},
    }
    files = (
        webhook(tmp_path, "A", 0, **said("Garantie sieben Jahre")),
        webhook(tmp_path, "B", 1, **said("Garantie bleibt stehen")),
        webhook(tmp_path, "C", 60, **edit),
    )
    assert beleg("ingest", *files).code == 0
    both = [("Garantie sieben Jahre", False), ("Garantie drei Jahre", False)]
    assert found(beleg, "garantie edited:yes") == both
    assert found(beleg, "garantie edited:no") == [("Garantie bleibt stehen", False)]
    then = ("--as-of", "2024-03-04T14:47:00+01:00")
    assert found(beleg, "garantie edited:yes", *then) == []
    assert len(found(beleg, "garantie edited:no", *then)) == 2


def test_an_edit_that_was_seen_counts_from_when_the_platform_says(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    message = {"id": 1, "type": "message", "from": "Anna", "from_id": "user1"}
    first, second, unknown = (
        {
            "date": "2024-01-10T10:00:00",
            "date_unixtime": "1704880800",
            "text": f"Garantie {years} Jahre",
            **more,
        }
        for years, more in (
            ("fünf", {}),
            ("drei", {"edited": "2024-03-01T10:00:00", "edited_unixtime": "1709287200"}),
            ("zwei", {}),
        )
    )
    for said in (first, second, unknown):
        export = {"name": "P", "type": "private_group", "id": 7, "messages": [{**message, **said}]}
        (tmp_path / "result.json").write_text(json.dumps(export), encoding="utf-8")
        assert beleg("ingest", tmp_path / "result.json").code == 0

    def stood(day: str) -> list[str]:
        return [text for text, _ in found(beleg, "garantie", "--as-of", day)]

    assert stood("2024-02-29") == ["Garantie fünf Jahre"]
    assert stood("2024-03-02") == ["Garantie drei Jahre"], "of the last edit nobody says when it was"
    assert stood("2999-01-01") == ["Garantie zwei Jahre"]


def test_later_words_did_not_stand_before_the_edit(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """Whoever first sees a message when it is edited already does not know what it said before."""
    messages = [
        {
            "id": 1,
            "date_unixtime": "1704880800",
            "edited_unixtime": "1709287200",
            "text": "Garantie drei Jahre",
        },
        {"id": 2, "date_unixtime": "1704880860", "text": "Garantie fehlt noch"},
    ]
    said = [
        {"type": "message", "from": "Anna", "from_id": "user1", "date": "2024-01-10T10:00:00", **one}
        for one in messages
    ]
    export = {"name": "P", "type": "private_group", "id": 7, "messages": said}
    (tmp_path / "result.json").write_text(json.dumps(export), encoding="utf-8")
    assert beleg("ingest", tmp_path / "result.json").code == 0
    number = str(beleg("search", "drei", "--json").json["hits"][0]["number"])
    before = ("--as-of", "2024-02-29")
    assert found(beleg, "garantie", *before) == [("Garantie fehlt noch", False)]
    assert found(beleg, "fehlt", *before) == [("Garantie fehlt noch", False)]
    told = beleg("search", "garantie", *before, "--second-opinion", "--recount")
    assert "1 item was left out, edited after that time" in told.out
    assert "left out, edited" not in beleg("search", "fehlt", *before).out, "only what the query would find"
    assert beleg("search", "garantie", *before, "--json").json["reworded"] == 1
    assert "drei" not in told.out
    shown = beleg("show", number, *before)
    assert (shown.code, "nobody knows what it said" in shown.err) == (2, True)
    assert len(found(beleg, "garantie", "--as-of", "2024-03-02")) == 2
    assert beleg("show", number, "--as-of", "2024-03-02").code == 0
    beleg("search", "garantie", *before, "--certificate")
    listed = dict(beleg("search", "--replay", "C-1", "--json").json["certificate"]["limits"])
    assert listed["items first seen edited after then, and left out"] == 1


def test_an_edit_without_a_time_is_told(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    chat = tmp_path / "WhatsApp Chat - Werk.txt"
    chat.write_text(
        "[10.01.24, 10:00:00] Anna: Garantie drei Jahre \u200e<Diese Nachricht wurde bearbeitet.>\n"
    )
    assert beleg("ingest", chat, "--timezone", "Europe/Berlin").code == 0
    (hit,) = beleg("search", "garantie", "--as-of", "2024-01-11", "--json").json["hits"]
    assert hit["edited"]
    assert "1 item was edited, nobody tells when" in beleg("search", "garantie", "--as-of", "2024-01-11").out
    assert "nobody tells when" not in beleg("search", "garantie", "--as-of", "2999-01-01").out


def test_a_hold_hangs_on_no_later_event(filled: Beleg) -> None:
    """It would keep less than the search of the same words shows."""
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    for query in ("deleted:yes", "garantie NOT (edited:no OR jahre)"):
        done = filled("hold", "place", "M-1", "--query", query, "--reason", "Klage", "--review", "2999-01-01")
        assert (done.code, "--item NUMBER" in done.err) == (2, True)
    assert filled("hold", "list", "--json").json == []


def test_a_conversation_is_found_by_its_name(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "export" / "einkauf").mkdir(parents=True)
    folder = tmp_path / "export"
    (folder / "channels.json").write_text('[{"id": "C1", "name": "einkauf", "members": ["U1"]}]')
    (folder / "users.json").write_text('[{"id": "U1", "name": "anna", "profile": {"real_name": "Anna"}}]')
    message = {"type": "message", "user": "U1", "ts": "1614580000.000100", "text": "Garantie zwei Jahre"}
    (folder / "einkauf" / "2021-03-01.json").write_text(json.dumps([message]))
    assert beleg("ingest", folder, webhook(tmp_path, "A", 0, **said("Garantie sieben Jahre"))).code == 0
    mine = [("Garantie zwei Jahre", False)]
    for query in ("thread:einkauf", "thread:C1", "garantie thread:eink*", "thread:einkauf OR thread:C1"):
        assert found(beleg, query) == mine, query
    assert found(beleg, "garantie NOT thread:einkauf") == [("Garantie sieben Jahre", False)]
    assert found(beleg, "thread:verkauf") == []
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    hold = ("hold", "place", "M-1", "--reason", "Klage", "--review", "2999-01-01")
    assert "--thread" in beleg(*hold, "--query", "thread:einkauf").err
    assert beleg(*hold, "--query", "thread:C1").code == beleg(*hold, "--thread", "einkauf").code == 0


def test_a_party_is_found_by_the_name_under_which_it_is_counted(filled: Beleg) -> None:
    filled("party", "add", "Zulieferer Nord", "--side", "counterpart", "--account", "whatsapp-business:49171")
    counts = filled("search", "garantie", "--counts", "--json").json
    assert counts["counts"]["parties"] == [{"value": "Zulieferer Nord", "items": counts["total"]}]
    for query in ('from:"Zulieferer Nord"', "with:zulieferer", "account:zulief*"):
        assert filled("search", query, "--second-opinion", "--recount", "--json").json["total"] == 3
    assert found(filled, "from:nord garantie deleted:no") == [("Garantie bleibt stehen", False)]
    assert found(filled, "from:lieferant deleted:no") == [("Garantie bleibt stehen", False)]
    assert "parties of that name show is 3 items now" in filled("search", "from:nord", "--explain").out
    assert found(filled, "from:süd") == found(filled, "to:nord") == []
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    hold = ("hold", "place", "M-1", "--reason", "Klage", "--review", "2999-01-01")
    assert "--party" in filled(*hold, "--query", "from:nord").err
    assert filled(*hold, "--query", "from:49171").code == filled(*hold, "--party", "Y-1").code == 0


def test_a_party_is_found_by_its_account_and_not_by_one_that_is_called_alike(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    table = tmp_path / "chat.csv"
    table.write_text("from,text\nMay,Garantie eins\nKarl May,Garantie zwei\nMAY,Garantie drei\n")
    beleg("ingest", str(table), "--mine", "Einkauf", "--channel", "table")
    beleg("party", "add", "Firma Nord", "--account", "table:May")
    answer = beleg("search", 'from:"Firma Nord"', "--second-opinion", "--recount", "--json").json
    assert [hit["text"] for hit in answer["hits"]] == ["Garantie eins", "Garantie drei"]


def test_a_hold_knows_the_party_that_was_registered_just_before(filled: Beleg) -> None:
    filled("matter", "open", "Pumpe", "--reason", "Klage")
    filled("search", "garantie")
    filled("party", "add", "Zulieferer Nord", "--account", "whatsapp-business:49171")
    hold = ("hold", "place", "M-1", "--reason", "Klage", "--review", "2999-01-01")
    assert "--party" in filled(*hold, "--query", "from:nord").err
    slip = filled(*hold, "--query", "channel:whatsap")
    assert (slip.code, "no such channel" in slip.err) == (2, True)


def test_another_name_for_a_protected_account_is_no_way_around(filled: Beleg) -> None:
    for name in ("Anna", "Zulieferer Nord"):
        filled("party", "add", name, "--account", "whatsapp-business:49171")
    filled("policy", "set", "--second-person", "Y-1", "--reason", "Betriebsvereinbarung")
    assert filled("search", "from:nord").code == 5
    assert filled("search", "from:nord", "--second", "privacy").code == 0
