"""A real home server: what was said, edited, redacted and sent, against what the archive says."""

from pathlib import Path
from typing import Any

import pytest

from tests.servers.process import founded, start
from tests.servers.process import here as beleg
from tests.servers.synapse import Synapse


@pytest.fixture(scope="module")
def people(synapse: Synapse) -> dict[str, str]:
    """Tokens of two accounts."""
    return {name: synapse.user(name) for name in ("einkauf", "lieferant")}


@pytest.fixture
def room(synapse: Synapse, people: dict[str, str]) -> str:
    """A room of both."""
    made = synapse.ask(
        people["lieferant"], "POST", "createRoom", {"name": "Angebote", "invite": ["@einkauf:localhost"]}
    )
    synapse.ask(people["einkauf"], "POST", f"join/{made['room_id']}", {})
    return str(made["room_id"])


@pytest.fixture
def archive(
    tmp_path: Path, synapse: Synapse, people: dict[str, str], room: str, monkeypatch: pytest.MonkeyPatch
) -> Path:
    folder = tmp_path / "archive"
    monkeypatch.setenv("MATRIX_TOKEN", people["einkauf"])
    founded(folder)
    done = beleg(
        None, folder, "source", "add", "chat", "matrix", "--url", synapse.url, "--account", "@einkauf:localhost",
        "--secret", "env:MATRIX_TOKEN", "--only", room,
    )  # fmt: skip
    assert done.code == 0, done.err
    return folder


def collect(archive: Path, code: int = 0) -> dict[str, Any]:
    done = beleg(None, archive, "collect", "chat", "--json")
    assert done.code == code, (done.out, done.err)
    return done.json[0]  # type: ignore[no-any-return]


def words(archive: Path) -> list[tuple[str, str]]:
    """(event, text) of every item that has words."""
    done = beleg(None, archive, "search", "from:*lieferant*", "--json", "--limit", "1000")
    assert done.code == 0, done.err
    return sorted((hit["event"], hit["text"]) for hit in done.json["hits"] if hit["event"] != "notice")


def text(body: str, **more: Any) -> dict[str, Any]:
    return {"msgtype": "m.text", "body": body, **more}


def test_what_happened_in_the_room_is_what_the_archive_tells(
    synapse: Synapse, people: dict[str, str], room: str, archive: Path
) -> None:
    them = people["lieferant"]
    elsewhere = synapse.ask(them, "POST", "createRoom", {"invite": ["@einkauf:localhost"]})["room_id"]
    synapse.ask(people["einkauf"], "POST", f"join/{elsewhere}", {})
    synapse.send(them, elsewhere, text("Nicht für das Archiv"))
    synapse.send(them, room, text("Fünf Jahre Garantie"))
    price = synapse.send(them, room, text("80 Euro"))
    wrong = synapse.send(them, room, text("Gehört nicht hierher"))
    file = synapse.upload(them, b"%PDF-1.4 Angebot")
    synapse.send(them, room, {"msgtype": "m.file", "body": "angebot.pdf", "url": file})
    other = synapse.upload(them, b"%PDF-1.4 Angebot, neu")
    synapse.send(them, room, {"msgtype": "m.file", "body": "angebot.pdf", "url": other})
    told = collect(archive)
    assert told["failed"] == 0
    before = told["items"]
    assert before >= 6
    again = collect(archive)
    assert (again["items"], again["failed"]) == (0, 0)

    newer = {"m.relates_to": {"rel_type": "m.replace", "event_id": price}, "m.new_content": text("90 Euro")}
    synapse.send(them, room, text("* 90 Euro", **newer))
    synapse.redact(them, room, wrong)
    told = collect(archive)
    assert (told["items"], told["gaps"]) == (2, 0)
    found = words(archive)
    assert ("posted", "Fünf Jahre Garantie") in found
    assert ("posted", "80 Euro") in found
    assert ("edited", "90 Euro") in found
    assert ("posted", "Gehört nicht hierher") in found, "what was redacted after it was read stays"
    assert any(event == "deleted" for event, _ in found)
    assert not any("Nicht für das Archiv" in said for _, said in found)
    hits = beleg(None, archive, "search", "has:file", "--json").json["hits"]
    items = [beleg(None, archive, "show", str(hit["number"]), "--json").json["item"] for hit in hits]
    files = [one for item in items for one in item["attachments"]]
    assert [one["state"] for one in files] == ["present", "present"]
    assert len({one["sha256"] for one in files}) == 2, "two files of one name are two files"
    assert beleg(None, archive, "verify", "--level", "2").code == 0


def test_what_a_room_shows_to_members_alone_is_a_gap_up_to_the_join(
    synapse: Synapse, people: dict[str, str], room: str, archive: Path
) -> None:
    assert collect(archive)["gaps"] == 0, "who is invited into a usual room sees all of it"
    secret = {
        "type": "m.room.history_visibility",
        "state_key": "",
        "content": {"history_visibility": "joined"},
    }
    asked = {"name": "Intern", "invite": ["@einkauf:localhost"], "initial_state": [secret]}
    other = str(synapse.ask(people["lieferant"], "POST", "createRoom", asked)["room_id"])
    synapse.send(people["lieferant"], other, text("Fünf Jahre Garantie, sagte er"))
    synapse.ask(people["einkauf"], "POST", f"join/{other}", {})
    synapse.send(people["lieferant"], other, text("Guten Tag"))
    settings = archive / "beleg.toml"
    settings.write_text(settings.read_text().replace(room, other))
    told = collect(archive, 3)
    assert told["gaps"] == 2, "the room that is not asked for any more, and what was said before"
    threads = beleg(None, archive, "coverage", "--json").json["threads"]
    (one,) = [one for one in threads if one["thread"]["id"] == other]
    (gap,) = one["gaps"]
    assert one["state"] == "partly"
    assert "nothing that was said while the account was no member" in gap["reason"]
    assert gap["end"] >= one["first"]
    synapse.ask(people["einkauf"], "PUT", "profile/@einkauf:localhost/displayname", {"displayname": "E."})
    assert collect(archive)["gaps"] == 0, "another name is no join"


def test_a_cursor_that_is_refused_is_a_gap_and_doubles_nothing(
    synapse: Synapse, people: dict[str, str], room: str, archive: Path
) -> None:
    for number in range(3):
        synapse.send(people["lieferant"], room, text(f"Nummer {number}"))
    first = collect(archive)
    from archive.channels.live.matrix import MatrixSource
    from archive.channels.live.web import Web
    from archive.sources import SourceSettings

    settings = SourceSettings(
        kind="matrix", url=synapse.url, account="@einkauf:localhost", secret="env:X", only=(room,)
    )
    web = Web(bearer=people["einkauf"])
    hauls = list(MatrixSource(settings, web).collect(f'{{"rooms":{{"{room}":"nonsense"}}}}'))
    web.close()
    assert [gap.reason for haul in hauls for gap in haul.gaps if "refuses" in gap.reason]
    assert sum(len(haul.answers) for haul in hauls) == 1
    assert first["items"] >= 3


def test_a_server_that_is_killed_in_the_middle_loses_and_doubles_nothing(
    synapse: Synapse, people: dict[str, str], room: str, archive: Path
) -> None:
    count = 350
    for number in range(count):
        synapse.send(people["lieferant"], room, text(f"{number:04d} Zusage"))
    process = start(None, archive, "collect", "chat", "--json")
    segments = archive / "places" / "archive" / "segments"
    while process.poll() is None and len(list(segments.glob("*"))) < 6:
        pass
    synapse.kill()
    process.communicate(timeout=120)
    assert process.returncode in (0, 4)
    synapse.up()
    collect(archive)
    done = beleg(None, archive, "search", "Zusage", "--json", "--limit", "1000")
    found = sorted(str(hit["text"]).strip() for hit in done.json["hits"])
    assert found == [f"{number:04d} Zusage" for number in range(count)]
    assert beleg(None, archive, "verify", "--level", "2").code == 0


def test_a_token_that_is_no_good_is_on_record(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRIX_TOKEN", "syt_wrong")
    told = collect(archive, code=5)
    assert "login" in told["stopped"]
    assert "syt_wrong" not in str(told)
