"""Who is found by what describes them, and what of others concerns somebody though it does not name them."""

import json
from pathlib import Path
from typing import Any

from tests.commandline.conftest import Beleg

ACTOR = "https://m.example/users/aw77"
POST = {
    "id": f"{ACTOR}/statuses/1", "type": "Note", "published": "2023-01-05T09:00:00Z", "attributedTo": ACTOR,
    "to": ["https://www.w3.org/ns/activitystreams#Public"], "content": "<p>Hallo</p>",
}  # fmt: skip


def found(beleg: Beleg, name: str) -> list[dict[str, Any]]:
    done = beleg("subject", "find", name, "--json")
    assert done.code == 0, done.err
    return list(done.json["found"])


def test_who_is_called_so_by_a_description_alone_is_found(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    described = {
        "id": ACTOR,
        "type": "Person",
        "preferredUsername": "aw77",
        "inbox": f"{ACTOR}/inbox",
    }
    activity = {
        "id": f"{POST['id']}/activity",
        "type": "Create",
        "actor": ACTOR,
        "published": POST["published"],
        "object": POST,
    }
    box = {"id": "outbox.json", "type": "OrderedCollection", "totalItems": 1, "orderedItems": [activity]}
    context = {"@context": "https://www.w3.org/ns/activitystreams"}
    (folder / "outbox.json").write_text(json.dumps(context | box))
    for name in ("Kanal 77", "Anna Weber"):  # a later name is in the description alone
        (folder / "actor.json").write_text(json.dumps(context | described | {"name": name}))
        assert beleg("ingest", folder).code == 0
    (one,) = found(beleg, "Weber, Anna")
    assert (one["account"]["id"], one["items"], one["why"]) == (
        ACTOR,
        {"mastodon": 1},
        "described as Anna Weber",
    )
    assert beleg("subject", "find", "Anna Weber", "--all").out.splitlines()[-1].strip() == f"mastodon:{ACTOR}"


def telegram(tmp_path: Path, *said: tuple[str, str], reacting: str | None = None) -> Path:
    reactions = [
        {
            "type": "emoji",
            "count": 1,
            "emoji": "👍",
            "recent": [{"from": reacting, "from_id": "user5", "date": "2025-02-03T11:00:00"}],
        }
    ]
    messages = [
        {"id": number, "type": "message", "date": f"2025-02-03T10:0{number}:00", "from": who, "from_id": f"user{who}",
         "text": text, "reactions": reactions if reacting and number == 1 else []}
        for number, (who, text) in enumerate(said, 1)
    ]  # fmt: skip
    file = tmp_path / "gruppe.json"
    file.write_text(json.dumps({"name": "Halle", "type": "private_group", "id": 7, "messages": messages}))
    return file


def test_who_only_reacted_is_found_and_told_where(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    file = telegram(tmp_path, ("Bert", "Wir geben fünf Jahre"), ("Carl", "gut"), reacting="Anna Weber")
    assert beleg("ingest", file).code == 0
    (one,) = found(beleg, "Anna Weber")
    assert (one["account"]["id"], one["items"], one["reacted"]) == ("user5", {}, 1)
    beleg("subject", "find", "Anna Weber", "--all")
    done = beleg("subject", "export", "S-1", "--out", tmp_path / "out", "--json").json
    assert (done["items"], done["named_in"]) == (0, 2)
    told = json.loads((tmp_path / "out" / "data.json").read_text())["named_in"]
    assert [one["why"] for one in told] == ["reaction", "conversation"]


CHAT = """[03.02.25, 09:14:05] Anna Weber: Guten Morgen, @491712345678 weiß das, @4917099 auch
[03.02.25, 09:15:41] Bert: Da habt ihr fünf Jahre drauf
[03.02.25, 09:16:02] Bert: Anna, @4917099
"""


def test_what_the_other_one_said_in_a_chat_is_told_and_mentions_are_masked(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    chat = tmp_path / "WhatsApp Chat mit Bert.txt"
    chat.write_text(CHAT, encoding="utf-8")
    other = tmp_path / "gruppe.json"
    telegram(tmp_path, ("Bert", "Anna kommt später"), ("Carl", "gut"))
    assert beleg("ingest", chat, "--mine", "Anna Weber").code == 0
    assert beleg("ingest", other).code == 0
    beleg("subject", "find", "Anna Weber", "--all")
    done = beleg("subject", "export", "S-1", "--out", tmp_path / "out", "--json").json
    assert (done["items"], done["named_in"], done["perhaps_named_in"]) == (1, 2, 1)
    data = json.loads((tmp_path / "out" / "data.json").read_text())
    assert data["items"][0]["text"] == "Guten Morgen, [another person] weiß das, [another person] auch"
    page = (tmp_path / "out" / "data.html").read_text()
    assert "2 Einträge anderer nennen Sie" in page
    assert "in 1 weiteren steht ein Teil" in page


def test_two_of_one_name_can_be_told_apart(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    for owner, words in (("Bert", "Hier Anna die eine"), ("Carl", "Hier Anna die andere")):
        folder = tmp_path / owner
        folder.mkdir()
        chat = folder / f"WhatsApp Chat mit {owner}.txt"
        chat.write_text(f"[03.02.25, 09:14:05] Anna: {words}\n[03.02.25, 09:15:00] {owner}: Moin\n")
        assert beleg("ingest", chat, "--mine", owner).code == 0
    first, second = beleg("subject", "find", "Anna").out.splitlines()[1:3]
    assert first.split(maxsplit=1)[1] != second.split(maxsplit=1)[1]
    assert "Hier Anna die andere" in beleg("show", second.split()[-1]).out, (
        "the line names an item to look at"
    )


def test_who_has_all_the_words_comes_first(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    senders = ("bert@firm.example", "z.weber@firm.example")
    box = "".join(
        f"From {who} Mon Feb  3 10:00:00 2025\nFrom: {who}\nTo: chef@firm.example\nSubject: x\n"
        f"Date: Mon, 03 Feb 2025 10:00:00 +0100\nMessage-ID: <{who}>\n\nx\n\n"
        for who in senders
    )
    (tmp_path / "a.mbox").write_text(box)
    assert beleg("ingest", tmp_path / "a.mbox").code == 0
    assert found(beleg, "z.weber@firm.example")[0]["account"]["id"] == "z.weber@firm.example"
