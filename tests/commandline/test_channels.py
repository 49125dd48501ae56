"""Exports of many channels by the command line: recognition, parts, allow-lists, masks, counts that disagree."""

import json
import zipfile
from pathlib import Path

import pytest

from archive.channels import CHANNELS
from archive.channels.linkedin import LinkedInExport
from archive.channels.live import live_facts
from archive.channels.meta import FacebookExport, threads
from archive.services.channels import live_markdown, markdown
from tests.channels.own import OWN, as_json
from tests.commandline.conftest import Answer, Beleg

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def pack(path: Path, files: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def totals(answer: Answer) -> list[tuple[str | None, int, int, int]]:
    return [(run["channel"], run["items"], run["excluded"], run["failed"]) for run in answer.json]


def test_the_table_is_made_from_the_code_and_stands_in_the_readme(beleg: Beleg) -> None:
    assert markdown(CHANNELS) in README
    assert beleg("channels", "--markdown").out.strip() == markdown(CHANNELS)
    assert {row["channel"] for row in beleg("channels", "--json").json} == {
        channel.name for channel in CHANNELS
    }
    assert live_markdown(live_facts()) in README
    assert beleg("channels", "--live", "--markdown").out.strip() == live_markdown(live_facts())
    plain = beleg("channels").out
    assert all(channel.facts.ask_for in plain for channel in CHANNELS)


def test_every_channel_is_taken_and_taken_again_adds_nothing(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    for name, own in OWN.items():
        path = pack(tmp_path / "in" / f"{name}.zip", own.files)
        first, again = beleg("ingest", path, "--json"), beleg("ingest", path, "--json")
        assert [(run["channel"], run["items"], run["failed"]) for run in first.json] == [
            (name, own.items, 0)
        ], name
        assert [(run["items"], run["seen_again"]) for run in again.json] == [(0, own.items)], name
    assert beleg("verify", "--level", "2").code == 0


def test_a_folder_of_several_exports_gives_several_runs_and_parts_of_one_download_one(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    facebook = OWN["facebook"].files
    photo = "messages/inbox/anna_1/photos/p.jpg"
    rest = {name: data for name, data in facebook.items() if name != photo}
    folder = tmp_path / "in"
    pack(folder / "facebook-werk-001.zip", rest)
    pack(folder / "facebook-werk-002.zip", {photo: facebook[photo]})
    pack(folder / "slack.zip", OWN["slack"].files)
    done = beleg("ingest", folder, "--json")
    assert sorted(totals(done)) == [("facebook", 3, 0, 0), ("slack", 1, 0, 0)]
    [run] = beleg("ingest", *sorted(folder.glob("facebook*")), "--json").json
    assert (run["channel"], run["items"], run["seen_again"]) == ("facebook", 0, 3)
    captures = json.loads(beleg("search", "channel:facebook has:attachment", "--json").out)
    assert captures


def test_a_takeout_zip_of_two_products_gives_two_runs(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    files = {
        f"Takeout/{name}": data for key in ("youtube", "google-chat") for name, data in OWN[key].files.items()
    }
    done = beleg("ingest", pack(tmp_path / "takeout.zip", files), "--json")
    assert sorted((run["channel"], run["items"]) for run in done.json) == [("google-chat", 1), ("youtube", 1)]


def test_only_and_except_keep_the_rest_out_and_the_file_as_slices(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    def chat(ident: int, name: str, kind: str, words: str) -> dict[str, object]:
        said = {
            "id": 1,
            "type": "message",
            "date": "2024-03-04T09:00:00",
            "date_unixtime": "1709539200",
            "from": "Anna",
            "from_id": "user1",
            "text": words,
        }
        return {"id": ident, "name": name, "type": kind, "messages": [said]}

    account = {
        "chats": {
            "list": [
                chat(1, "Pumpe 7", "private_group", "dienstlich"),
                chat(2, "Oma", "personal_chat", "privat"),
            ]
        }
    }
    path = put(tmp_path / "in", {"result.json": as_json(account)}) / "result.json"
    done = beleg("ingest", path, "--only", "thread=Pumpe*", "--json")
    [run] = done.json
    assert (run["items"], run["excluded"], run["policy"]) == (1, 1, ["only thread=Pumpe*"])
    assert beleg("search", "privat", "--json").json["total"] == 0
    assert beleg("search", "dienstlich", "--json").json["total"] == 1
    [run] = beleg("ingest", path, "--except", "kind=direct", "--json").json
    assert (run["items"], run["seen_again"], run["excluded"]) == (0, 1, 1)
    wrong = beleg("ingest", path, "--only", "farbe=blau")
    assert wrong.code == 2
    assert "account=, thread=, folder= or kind=" in wrong.err


def test_secrets_are_masked_before_they_are_read_and_the_report_says_so(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    sticker = {
        "chatItem": {
            "chatId": "2",
            "authorId": "4",
            "dateSent": "1709539900000",
            "stickerMessage": {"sticker": {"packKey": "GEHEIMNIS", "emoji": "👍"}},
        }
    }
    files = {"main.jsonl": OWN["signal"].files["main.jsonl"] + b"\n" + as_json(sticker)}
    path = put(tmp_path / "in", files) / "main.jsonl"
    done = beleg("ingest", path)
    assert done.code == 0
    assert "keys and other secrets: 4 places masked" in done.out
    shown = beleg("show", str(beleg("search", "👍", "--json").json["hits"][0]["number"]), "--json").json
    raw = shown["item"]["raw"]
    [(start, end)] = raw["masked"]
    assert files["main.jsonl"][start:end] == b"GEHEIMNIS"
    assert "*********" in raw["slice"]
    assert "GEHEIMNIS" not in json.dumps(shown)
    assert beleg("verify", "--level", "2").code == 0


def test_counts_that_disagree_are_findings(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    value = json.loads(OWN["discord"].files["kanal.json"])
    value["messageCount"] = 5
    path = put(tmp_path / "in", {"kanal.json": as_json(value)}) / "kanal.json"
    done = beleg("ingest", path)
    assert done.code == 3
    assert "the export says 5, found 1" in done.err


def test_a_folder_that_holds_the_archive_is_read_without_it(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    put(archive.parent, {"in/a.eml": OWN["email"].files["a.eml"]})
    put(archive, {"result.json": OWN["telegram"].files["result.json"]})
    done = beleg("ingest", archive.parent)
    assert done.code == 0, done.err
    assert "excluded: a part of the archive itself" in done.out
    total = beleg("search", "NOT gibtesnicht", "--json").json["total"]
    assert total == OWN["email"].items + OWN["telegram"].items
    inside = beleg("ingest", archive / "keys")
    assert inside.code == 3
    assert "a part of the archive itself" in inside.err


def test_fields_that_no_reader_knows_and_hours_that_are_none_or_two_are_told(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    said = {"type": "message", "from": "Anna", "from_id": "user1", "neuerdings": 1}
    times = ("2024-10-27T02:30:00", "2024-03-31T02:30:00")
    messages = [said | {"id": n, "date": date, "text": f"Wort{n}"} for n, date in enumerate(times)]
    chat = {"name": "Pumpe", "type": "personal_chat", "id": 7, "messages": messages}
    done = beleg(
        "ingest", put(tmp_path / "in", {"result.json": as_json(chat)}), "--timezone", "Europe/Berlin"
    )
    assert "1 fields that this reader does not know, kept with their items" in done.out
    assert "no search finds their words): neuerdings" in done.out
    for words, uncertain in (("Wort0", "showed it twice"), ("Wort1", "never showed it")):
        [hit] = beleg("search", words, "--json").json["hits"]
        shown = beleg("show", str(hit["number"])).out
        assert uncertain in shown
        assert "Told      neuerdings: 1" in shown


def test_an_ambiguous_file_names_the_candidates(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    data = OWN["facebook"].files["messages/inbox/anna_1/message_1.json"]
    path = put(tmp_path / "in", {"lone.json": data}) / "lone.json"
    done = beleg("ingest", path)
    assert done.code == 3
    assert "facebook (60 %" in done.err
    assert "instagram (60 %" in done.err
    assert beleg("ingest", path, "--channel", "facebook").code == 0


def test_a_table_with_a_mapping(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    folder = put(
        tmp_path / "in",
        {"x.csv": b"Wann;Wer;Was\n3.2.2025 9:15;Anna;Garantie\n", "map.toml": b'time = "Wann"\nauthor = "Wer"\ntext = "Was"\n', "bad.toml": b'farbe = "Wann"\n'},
    )  # fmt: skip
    [run] = beleg("ingest", folder / "x.csv", "--mapping", folder / "map.toml", "--json").json
    assert (run["channel"], run["items"]) == ("table", 1)
    wrong = beleg("ingest", folder / "x.csv", "--mapping", folder / "bad.toml")
    assert wrong.code == 2
    assert "'farbe' is no role" in wrong.err


def test_kept_bytes_are_read_again_by_a_newer_reader(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(tmp_path / "in", OWN["facebook"].files)
    assert beleg("ingest", folder, "--mine", "Werk").code == 0
    assert "every capture was read by the reader of today" in beleg("ingest", "--reparse").out
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()  # only what was kept is there
    monkeypatch.setattr(FacebookExport, "parser", "facebook-export/99")
    before = threads.message

    def understands_more(run, scene, member, f, raw, made) -> None:
        before(run, scene, member, f, raw, made)
        if made.items[-1].text == "Ja":
            made.items[-1] = made.items[-1].model_copy(update={"text": "Ja, verstanden"})

    monkeypatch.setattr(threads, "message", understands_more)
    done = beleg("ingest", "--reparse")
    assert done.code == 0, done.err
    assert "read again: 1 items understood otherwise" in done.out
    hits = beleg("search", "verstanden", "--json").json["hits"]
    item = beleg("show", str(hits[0]["number"]), "--json").json["item"]
    assert (item["event"], item["basis"], item["parser"]) == ("posted", "reported", "facebook-export/99")
    assert ["read_again_by", "facebook-export/99"] in item["extra"]
    assert item["via"]["id"] == "Werk"
    assert [target["relation"] for target in item["targets"]] == ["of"]
    assert "every capture was read" in beleg("ingest", "--reparse").out
    assert beleg("search", "channel:facebook", "--json").json["total"] >= 3
    assert beleg("verify", "--level", "2").code == 0


def test_slices_cannot_be_read_again_and_say_so(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a table of which only a part was asked for nothing but the rows that were read is kept."""
    put(tmp_path / "in", {"messages.csv": OWN["linkedin"].files["messages.csv"]})
    beleg("ingest", tmp_path / "in", "--only", "kind=message")
    monkeypatch.setattr(LinkedInExport, "parser", "linkedin-export/99")
    done = beleg("ingest", "--reparse")
    assert done.code == 3
    assert "only slices of it were kept" in done.err
    assert beleg("ingest", "--reparse", tmp_path).code == 2
    assert beleg("ingest").code == 2
