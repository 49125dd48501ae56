"""Kept bytes read again: the input is put together as it was, so that a reader of the same mind changes nothing."""

import zipfile
from pathlib import Path

import pytest

from archive.channels import CHANNELS
from tests.channels.own import MAIL, OWN, as_json
from tests.commandline.conftest import Answer, Beleg


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
