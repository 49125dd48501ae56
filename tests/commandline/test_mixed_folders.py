"""Folders as people hand them over: several exports, bad files, links. Every file is read or named."""

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from archive.reading import disk
from tests.channels.own import CHAT as OWN_CHAT
from tests.channels.own import DAY, MAIL, OWN, as_json
from tests.commandline.conftest import CHAT, Answer, Beleg

MBOX = b"From a@example.com Mon Mar  4 09:00:00 2024\n" + MAIL.replace(b"\r\n", b"\n") + b"\n"


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def slack_zip(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as target:
        for name, data in OWN["slack"].files.items():
            target.writestr(name, data)


def files(done: Answer) -> dict[str, Any]:
    """The counts of every file of every run, by name."""
    return {f"{run['origin']}:{file['member']}": file for run in done.json for file in run["files"]}


def channels(done: Answer) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for run in done.json:
        for file in run["files"]:
            found[file["channel"]] = found.get(file["channel"], 0) + file["items"]
    return {channel: items for channel, items in found.items() if items}


def test_a_mailbox_beside_the_zip_of_another_channel_is_read(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    folder = put(tmp_path / "two", {"Kundendienst.mbox": MBOX})
    slack_zip(folder / "Slack-Export Werk.zip")
    done = beleg("ingest", folder, "--json")
    assert channels(done) == {"slack": OWN["slack"].items, "email": 1}
    assert done.code == 0, done.err


def test_a_chat_beside_mails_is_read(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    mails = {f"{i}.eml": MAIL.replace(b"Text", f"Text {i}".encode()) for i in range(12)}
    folder = put(tmp_path / "in", {"WhatsApp Chat mit Bob.txt": CHAT.encode(), **mails})
    assert channels(beleg("ingest", folder, "--json")) == {"whatsapp": 3, "email": 12}


def test_a_folder_of_one_channel_beside_loose_files_of_two_others(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    slack = {f"werk/{name}": data for name, data in OWN["slack"].files.items()}
    folder = put(tmp_path / "in", {**slack, "WhatsApp Chat mit Bob.txt": CHAT.encode(), "alt.mbox": MBOX})
    done = beleg("ingest", folder, "--json")
    assert channels(done) == {"slack": OWN["slack"].items, "whatsapp": 3, "email": 1}
    assert done.code == 0


def test_what_a_chat_names_stays_with_it(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """A mail that was sent as a file in a chat is an attachment there, and no mail of its own."""
    chat = CHAT + "[03.02.25, 09:17:02] Anna: \u200e<Anhang: angebot.eml>\n"
    folder = put(tmp_path / "in", {"WhatsApp Chat mit Bob.txt": chat.encode(), "angebot.eml": MAIL})
    done = beleg("ingest", folder, "--json")
    assert channels(done) == {"whatsapp": 4}
    assert done.code == 0


BAD = {
    "bild.txt": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "leer.txt": b"",
    "nullen.txt": bytes(400),
    ".versteckt": b"hidden",
    "unter/ordner/rest.bin": b"\x00\x01",
}


@pytest.mark.parametrize("good", [{"gut.txt": CHAT.encode()}, {}], ids=["beside a chat", "alone"])
def test_bad_files_are_named_and_kept(
    beleg: Beleg, archive: Path, tmp_path: Path, good: dict[str, bytes]
) -> None:
    folder = put(tmp_path / "in", {**BAD, **good})
    done = beleg("ingest", folder)
    assert done.code == 3
    for name in BAD:
        assert sum(name in line for line in done.err.splitlines()) == 1, done.err
    done = beleg("ingest", folder, "--json")
    assert sum(run["failed"] for run in done.json) == len(BAD)
    assert sum(run["excluded"] for run in done.json) == 0
    named = files(done)
    assert all(named[f"in:{name}"]["capture"] for name in BAD)
    assert beleg("verify", "--level", "2").code == 0


def test_what_is_known_to_say_nothing_is_excluded(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    settings = {".DS_Store": b"\0", "Thumbs.db": b"\0", "__MACOSX/._x": b"\0"}
    folder = put(tmp_path / "in", {"gut.txt": CHAT.encode(), **settings})
    done = beleg("ingest", folder, "--json")
    assert (done.code, sum(run["excluded"] for run in done.json)) == (0, 3)


def test_one_unreadable_file_leaves_the_rest(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(
        tmp_path / "in",
        {"a.eml": MAIL, "b.eml": MAIL.replace(b"Subject: ", b"Subject: b"), "gut.txt": CHAT.encode()},
    )
    real = disk._File.__init__

    def forbidden(self: Any, file: Path, *rest: Any) -> None:
        if file.name == "a.eml":
            raise PermissionError(13, "Permission denied", str(file))
        real(self, file, *rest)

    monkeypatch.setattr(disk._File, "__init__", forbidden)
    done = beleg("ingest", folder, "--json")
    assert done.code == 3, done.err
    assert channels(done) == {"email": 1, "whatsapp": 3}
    bad = files(done)["in:a.eml"]
    assert (bad["failed"], bad["capture"]) == (1, None)
    assert "Permission denied" in bad["problem"]


@pytest.mark.parametrize("good", [{"gut.txt": CHAT.encode()}, {}], ids=["beside a chat", "alone"])
def test_links_and_pipes_are_named_and_never_opened(
    beleg: Beleg, archive: Path, tmp_path: Path, good: dict[str, bytes]
) -> None:
    put(tmp_path, {"outside/secret.txt": b"nothing of ours", "outside/chat.txt": OWN_CHAT})
    folder = put(tmp_path / "in", {"sub/notiz.bin": b"\0", **good})
    (folder / "weg").symlink_to("nirgends")
    (folder / "aussen").symlink_to(tmp_path / "outside")
    (folder / "datei.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (folder / "sub" / "kreis").symlink_to(folder)
    os.mkfifo(folder / "rohr")
    done = beleg("ingest", folder, "--json")
    assert done.code == 3
    named = files(done)
    for name in ("weg", "aussen", "datei.txt", "sub/kreis"):
        assert named[f"in:{name}"]["problem"] == "symbolic link, not followed"
        assert named[f"in:{name}"]["capture"] is None
    assert "not opened" in named["in:rohr"]["problem"]
    assert named["in:sub/notiz.bin"]["capture"]
    assert sum(run["items"] for run in done.json) == 3 * len(good)
    assert len(named) == 6 + len(good)


def test_an_empty_folder_is_told(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    done = beleg("ingest", tmp_path / "in")
    assert done.code == 3
    assert "holds no files" in done.err


def test_a_zip_is_taken_apart_like_a_folder(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "alles.zip", "w") as target:
        target.writestr("chats/WhatsApp Chat mit Bob.txt", CHAT)
        target.writestr("werk/general/2024-03-04.json", DAY)
        target.writestr("post/alt.mbox", MBOX)
        target.writestr("rest/x.bin", b"\0")
    done = beleg("ingest", tmp_path / "alles.zip", "--json")
    assert set(channels(done)) == {"whatsapp", "slack", "email"}
    assert files(done)["alles.zip:rest/x.bin"]["capture"]
    assert done.code == 3


def test_a_named_channel_alone_reads_and_the_rest_fails(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    folder = put(tmp_path / "in", {"gut.txt": CHAT.encode(), "a.eml": MAIL})
    done = beleg("ingest", folder, "--channel", "whatsapp", "--json")
    assert (done.code, channels(done)) == (3, {"whatsapp": 3})
    assert files(done)["in:a.eml"]["failed"] == 1


def test_known_bytes_that_give_new_items_are_told(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    put(tmp_path, {"WhatsApp Chat mit Poke.txt": CHAT.encode(), "WhatsApp Chat mit Ute.txt": CHAT.encode()})
    put(tmp_path, {"WhatsApp Chat mit Poke (1).txt": CHAT.encode()})
    assert beleg("ingest", tmp_path / "WhatsApp Chat mit Poke.txt").err == ""
    done = beleg("ingest", tmp_path / "WhatsApp Chat mit Poke (1).txt", "--json")
    assert (done.json[0]["items"], done.json[0]["seen_again"]) == (0, 3)
    assert done.json[0]["notes"] == []
    done = beleg("ingest", tmp_path / "WhatsApp Chat mit Ute.txt")
    assert "already" in done.err
    assert "3 items that were not" in done.err


def test_equal_files_under_different_names_in_one_folder_are_told(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    names = ("WhatsApp Chat mit Poke.txt", "WhatsApp Chat mit Ute.txt", "WhatsApp Chat mit Poke (1).txt")
    folder = put(tmp_path / "in", {name: CHAT.encode() for name in names})
    done = beleg("ingest", folder, "--json")
    assert channels(done) == {"whatsapp": 6}
    (note,) = done.json[0]["notes"]
    assert "WhatsApp Chat mit Ute.txt" in note
    assert "3 items that were not" in note


def test_strays_in_a_folder_of_an_export_do_not_cut_it_apart(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    """A mail and a chat that somebody put into a channel's folder: people and channels still belong to its days."""
    slack = OWN["slack"].files
    inside = next(name.rpartition("/")[0] for name in slack if "/" in name)
    days = {f"zweiter/{name.rpartition('/')[2]}": data for name, data in slack.items() if "/" in name}
    strays = {f"{inside}/mail.eml": MAIL, f"{inside}/_chat.txt": CHAT.encode(), "alt.mbox": MBOX}
    folder = put(tmp_path / "werk", {**slack, **days, **strays})
    done = beleg("ingest", folder, "--json")
    found = channels(done)
    assert found.keys() == {"slack", "whatsapp", "email"}
    assert found["whatsapp"] == 3
    assert done.code == 0
    runs = {file["member"]: run["id"] for run in done.json for file in run["files"]}
    lists = {name for name in slack if "/" not in name and name in runs}
    assert {runs[name] for name in lists} == {runs[name] for name in runs if name.startswith("zweiter/")}


def test_several_runs_over_one_new_zip_are_no_news(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "alles.zip", "w") as target:
        target.writestr("WhatsApp Chat mit Bob.txt", CHAT)
        target.writestr("alt.mbox", MBOX)
    runs = beleg("ingest", tmp_path / "alles.zip", "--json").json
    assert len(runs) == 2
    assert not any(run["notes"] for run in runs)


def test_an_export_that_leaves_much_out_leaves_no_export_of_others_out(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    folder = put(tmp_path / "in", {**OWN["facebook"].files, "gut.txt": CHAT.encode(), "a.eml": MAIL})
    put(folder, {"ads_information/advertisers.json": b'{"custom_audiences": []}'})
    done = beleg("ingest", folder, "--json")
    assert channels(done) == {"facebook": OWN["facebook"].items, "whatsapp": 3, "email": 1}
    assert done.code == 0, done.err
    [left_out] = [file for file in files(done).values() if file["member"].endswith("advertisers.json")]
    assert (left_out["excluded"], left_out["capture"]) == (1, None)


@pytest.mark.parametrize("taken", ["teams", "zendesk", "discord"])
def test_a_folder_of_another_platform_is_not_left_out_as_settings(
    beleg: Beleg, archive: Path, tmp_path: Path, taken: str
) -> None:
    flat = {name: data for name, data in OWN[taken].files.items() if "/" not in name}
    folder = put(tmp_path / "alles", flat)
    photo = "your_instagram_activity/messages/inbox/bob_2/photos/p.jpg"
    told = {
        "participants": [{"name": "Anna"}, {"name": "Bob"}],
        "messages": [{"sender_name": "Bob", "timestamp_ms": 1709539200000, "photos": [{"uri": photo}]}],
        "title": "Bob",
        "thread_path": "inbox/bob_2",
    }
    put(folder, {photo: b"\xff\xd8\xff", photo.replace("photos/p.jpg", "message_1.json"): as_json(told)})
    done = beleg("ingest", folder, "--json")
    assert channels(done)["instagram"] == 1
    assert channels(done)[taken]
    [hit] = beleg("search", "channel:instagram", "--json").json["hits"]
    [file] = beleg("show", hit["number"], "--json").json["item"]["attachments"]
    assert file["state"] == "present"
