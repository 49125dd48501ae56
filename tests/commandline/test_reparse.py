"""Kept bytes read again: the input is put together as it was, so that a reader of the same mind changes nothing."""

import json
import zipfile
from pathlib import Path

import pytest

from archive.channels import CHANNELS
from archive.channels.slack_export import SlackExport
from tests.channels.own import MAIL, OWN, as_json
from tests.commandline.conftest import Answer, Beleg
from tests.commandline.erasing import SECRET, erased, number_of


@pytest.fixture
def again(beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch):
    """Ingest an input, then read it again with readers that bear a higher number and understand the same."""

    def _again(*given: object) -> Answer:
        assert beleg("ingest", *given).code == 0
        for channel in CHANNELS:
            monkeypatch.setattr(type(channel), "parser", f"{channel.parser.partition('/')[0]}/99")
        return beleg("ingest", "--reparse", "--json")

    return _again


def told(answer: Answer) -> list[tuple[str, int, int, int]]:
    assert answer.code == 0, answer.err
    return sorted((run["channel"], run["items"], run["seen_again"], run["excluded"]) for run in answer.json)


def test_a_table_is_read_again_by_its_mapping(again, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Wann;Wer;Was\n3.2.2025 9:15;Anna;Garantie\n")
    (tmp_path / "map.toml").write_text('time = "Wann"\nauthor = "Wer"\ntext = "Was"\n')
    done = again(tmp_path / "x.csv", "--mapping", tmp_path / "map.toml")
    assert told(done) == [("table", 0, 1, 0)]


def test_each_channel_of_one_zip_is_read_again_and_reads_its_own_files(again, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as archive:
        for channel in ("youtube", "google-chat"):
            for name, data in OWN[channel].files.items():
                archive.writestr(f"Takeout/{name}", data)
    assert told(again(tmp_path / "takeout.zip")) == [("google-chat", 0, 1, 0), ("youtube", 0, 1, 0)]


CHATS = {
    f"WhatsApp Chat - {who}.zip": {"_chat.txt": f"[03.02.25, 09:14:05] {who}: Guten Morgen\n".encode()}
    for who in ("Anna", "Carl")
}
TEAMS = {
    f"{team}.zip": {
        "users.json": as_json([{"id": "U1", "team_id": team, "name": "anna", "profile": {}}]),
        "room/2024-03-04.json": as_json(
            [
                {
                    "type": "message",
                    "user": "U1",
                    "text": f"{team} xoxe-12-34-geheim",
                    "ts": "1709544000.000400",
                }
            ]
        ),
    }
    for team in ("T1", "T2")
}


@pytest.mark.parametrize("inner", [CHATS, TEAMS], ids=["kept whole", "kept as slices"])
def test_two_exports_of_one_channel_in_one_zip_are_both_read_again(
    again, tmp_path: Path, inner: dict[str, dict[str, bytes]]
) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as outer:
        outer.writestr("mails/a.eml", MAIL)
        for name, files in inner.items():
            with outer.open(name, "w") as stream, zipfile.ZipFile(stream, "w") as one:
                for path, data in files.items():
                    one.writestr(path, data)
    [mail, *chats] = told(again(tmp_path / "all.zip"))
    assert mail == ("email", 0, 1, 0)
    assert [(items, seen) for _, items, seen, _ in chats] == [(0, 1), (0, 1)]


def test_files_with_the_bytes_of_others_stay_in_their_places(again, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    mails = {"a.eml": MAIL, "b.eml": MAIL, "c.eml": MAIL.replace(b"Subject: ", b"Subject: Noch einmal ")}
    for name, data in mails.items():
        (folder / name).write_bytes(
            b"Message-ID: <%s@x.example>\n" % name[:1].replace("b", "a").encode() + data
        )
    [(channel, items, seen, _)] = told(again(folder))
    assert (channel, items, seen) == ("email", 0, 3)


def test_equal_files_beside_are_still_there(again, tmp_path: Path) -> None:
    said = {
        "type": "message",
        "date": "2024-03-04T09:00:00",
        "date_unixtime": "1709539200",
        "from": "Anna",
        "from_id": "user1",
    }
    messages = [
        said | {"id": n, "text": "", "file": f"files/{n}.pdf", "mime_type": "application/pdf"} for n in (1, 2)
    ]
    folder = tmp_path / "in"
    (folder / "files").mkdir(parents=True)
    for n in (1, 2):
        (folder / "files" / f"{n}.pdf").write_bytes(b"%PDF-1.7 Angebot")
    chat = {"name": "Pumpe", "type": "personal_chat", "id": 7, "messages": messages}
    (folder / "result.json").write_bytes(as_json(chat))
    assert told(again(folder)) == [("telegram", 0, 2, 0)]


TOKEN = "https://files.example/p.pdf?t=xoxe-12-34-geheim"
DAYS = {
    f"room/2024-03-0{day}.json": as_json(
        [{"type": "message", "user": "U1", "text": text, "ts": f"170954{day}000.000400"}]
    )
    for day, text in ((4, f"siehe {TOKEN}"), (5, f"mein {SECRET}"), (6, "Guten Morgen"))
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A zip of a workspace, of which something may not be archived."""
    with zipfile.ZipFile(tmp_path / "workspace.zip", "w") as archive:
        for name, data in DAYS.items():
            archive.writestr(name, data)
    return tmp_path / "workspace.zip"


def seen_by_the_reader(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    read = SlackExport.read

    def _read(self, tree, options):
        found.update((member.path, member.open().read()) for member in tree.files())
        yield from read(self, tree, options)

    monkeypatch.setattr(SlackExport, "read", _read)
    return found


def test_a_zip_kept_as_slices_is_read_again_as_it_was_read(
    again, workspace: Path, beleg: Beleg, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = seen_by_the_reader(monkeypatch)
    assert told(again(workspace)) == [("slack", 0, 3, 0)]
    masked = {name: data.replace(b"xoxe-12-34-geheim", b"*" * 17) for name, data in DAYS.items()}
    assert found == masked != DAYS
    found.clear()
    monkeypatch.setattr(SlackExport, "parser", "slack/100")
    assert told(beleg("ingest", "--reparse", "--json")) == [("slack", 0, 3, 0)]
    assert found == masked
    assert beleg("verify", "--level", "2").code == 0


def test_files_kept_as_slices_are_read_again_in_their_folder(again, workspace: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(workspace) as archive:
        archive.extractall(tmp_path / "in")
    assert told(again(tmp_path / "in")) == [("slack", 0, 3, 0)]


def test_a_zip_kept_as_slices_in_a_folder_is_read_again(again, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    workspace.rename(tmp_path / "in" / "workspace.zip")
    (tmp_path / "in" / "a.eml").write_bytes(MAIL)
    assert told(again(tmp_path / "in")) == [("email", 0, 1, 0), ("slack", 0, 3, 0)]


def test_one_file_kept_as_slices_is_read_again(again, tmp_path: Path) -> None:
    (tmp_path / "main.jsonl").write_bytes(OWN["signal"].files["main.jsonl"])
    [(channel, items, seen, _)] = told(again(tmp_path / "main.jsonl"))
    assert (channel, items, seen) == ("signal", 0, OWN["signal"].items)


def test_a_file_of_which_some_is_masked_as_a_whole_is_read_again(again, tmp_path: Path) -> None:
    header = "CONVERSATION ID,FROM,SENDER PROFILE URL,DATE,CONTENT,IS MESSAGE DRAFT\n"
    rows = "2-a=,Petra,u/p,2026-03-02 08:15:44 UTC,Hallo,No\n2-a=,Petra,u/p,,Entwurf,Yes\n"
    (tmp_path / "messages.csv").write_text(header + rows)
    assert told(again(tmp_path / "messages.csv")) == [("linkedin", 0, 1, 1)]


def test_a_second_file_of_a_name_does_not_cost_the_first_its_copy(
    beleg: Beleg, archive: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(workspace, "a") as zipped:
        zipped.writestr("room/2024-03-05.json", "[]")
    assert beleg("ingest", workspace).code == 3
    monkeypatch.setattr(SlackExport, "parser", "slack/99")
    assert told(beleg("ingest", "--reparse", "--json")) == [("slack", 0, 3, 0)]


def test_what_no_copy_has_is_named(
    beleg: Beleg, archive: Path, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file with something that was erased before, and a message beside it, is in no copy."""
    (tmp_path / "own").mkdir()
    with zipfile.ZipFile(workspace) as zipped:
        zipped.extract("room/2024-03-05.json", tmp_path / "own")
    beleg("ingest", tmp_path / "own")
    erased(beleg, number_of(beleg, SECRET))
    beside = {"type": "message", "user": "U1", "text": "daneben", "ts": "1709545900.000400"}
    with zipfile.ZipFile(tmp_path / "next.zip", "w") as zipped:
        for name, data in DAYS.items():
            zipped.writestr(name, as_json([*json.loads(data), beside]) if "05" in name else data)
    assert beleg("ingest", tmp_path / "next.zip").code == 0
    monkeypatch.setattr(SlackExport, "parser", "slack/99")
    again = beleg("ingest", "--reparse")
    assert again.code == 3
    assert "2 seen before" in again.out
    assert "next.zip: not read again: of room/2024-03-05.json only slices were kept" in again.err


def test_taken_in_twice_the_copy_is_kept_once(beleg: Beleg, archive: Path, workspace: Path) -> None:
    beleg("ingest", workspace)
    before = beleg("verify", "--json").json["size"]
    assert beleg("ingest", workspace).code == 0
    assert beleg("verify", "--json").json["size"] == before + 1, "the report of the run"


def test_an_erased_message_goes_from_the_copy_too(
    beleg: Beleg, archive: Path, workspace: Path, monkeypatch
) -> None:
    beleg("ingest", workspace)
    done = erased(beleg, number_of(beleg, SECRET))
    assert done.json
    for channel in CHANNELS:
        monkeypatch.setattr(type(channel), "parser", f"{channel.parser.partition('/')[0]}/99")
    again = beleg("ingest", "--reparse")
    assert again.code == 3
    assert "only slices of it were kept" in again.err
    found = seen_by_the_reader(monkeypatch)
    assert beleg("ingest", workspace).code == 0
    found.clear()
    for channel in CHANNELS:
        monkeypatch.setattr(type(channel), "parser", f"{channel.parser.partition('/')[0]}/100")
    beleg("ingest", "--reparse")
    assert not any(SECRET.encode() in data for data in found.values())
    assert beleg("search", SECRET, "--json").json["total"] == 0
    assert beleg("verify", "--level", "2").code == 0


def test_a_held_neighbour_does_not_keep_the_copy(
    beleg: Beleg, archive: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own bytes lie in its record; else one held message would keep all people of a workspace from erasure."""
    beleg("ingest", workspace)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--query", "Morgen", "--reason", "Klage", "--review", "2030-01-01")
    held, item = number_of(beleg, "Morgen"), number_of(beleg, SECRET)
    dropped = beleg("erase", "request", "--item", str(held), "--containers-only", "--ground", "17-1a")
    assert dropped.code == 5, "a copy is not dropped by choice while something in it is held"
    erased(beleg, item)
    assert number_of(beleg, "Morgen") == held
    monkeypatch.setattr(SlackExport, "parser", "slack/99")
    assert "only slices of it were kept" in beleg("ingest", "--reparse").err
    assert beleg("hold", "check").code == 0
    assert beleg("verify", "--level", "2").code == 0


def test_a_copy_that_packs_better_than_what_comes_from_outside_is_read_again(
    again, workspace: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(workspace) as given, zipfile.ZipFile(tmp_path / "wide.zip", "w") as wide:
        for name in given.namelist():
            data = given.read(name)
            wide.writestr(name, data[:1] + b" " * (9 << 20) + data[1:] if "2024-03-04" in name else data)
    assert told(again(tmp_path / "wide.zip")) == [("slack", 0, 3, 0)]
