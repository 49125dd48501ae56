"""What was erased does not come back: with the next export, for another account, from another mailbox."""

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.erasing import CHAT, SECRET, approved, erased, group, mail, number_of, stored_words


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    file.write_text(CHAT, encoding="utf-8")
    return file


def test_the_next_export_does_not_bring_it_back(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    erased(beleg, number_of(beleg, SECRET))
    more = chat.with_name("later") / chat.name
    more.parent.mkdir()
    more.write_text(CHAT + "[04.02.25, 10:00:00] Anna: Noch eine Frage\n", encoding="utf-8")
    done = beleg("ingest", more, "--mine", "Anna", "--json")
    assert done.code == 0, done.err
    (report,) = done.json
    assert (report["items"], report["excluded"]) == (1, 1)
    assert report["units"] == report["read"] + report["failed"] + report["excluded"]
    assert "erased before" in str(report["files"][0]["exclusions"])
    assert stored_words(archive) == []
    beleg("rebuild")
    assert stored_words(archive) == []
    assert beleg("search", SECRET, "--json").json["total"] == 0
    assert beleg("verify", "--level", "2").code == 0
    opened = beleg("verify", "--level", "2", "--json").json
    assert opened["unopened"] == 0


def test_the_same_bytes_read_for_another_account_do_not_bring_it_back(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    erased(beleg, number_of(beleg, SECRET))
    (report,) = beleg("ingest", chat, "--mine", "Lieferant", "--json").json
    assert (report["items"], report["excluded"]) == (0, 4)
    assert stored_words(archive) == []
    assert beleg("search", SECRET, "--json").json["total"] == 0
    (again,) = beleg("ingest", chat, "--mine", "Anna", "--json").json
    assert (again["seen_again"], again["excluded"]) == (3, 1), "what was not erased is known as before"


@pytest.mark.parametrize("mine", [["--mine", "anna@firm.example"], []], ids=["named", "unnamed"])
def test_the_mailbox_of_another_who_took_part_does_not_bring_it_back(
    beleg: Beleg, archive: Path, tmp_path: Path, mine: list[str]
) -> None:
    """The same mail lies in the mailbox of the sender and in that of the recipient, in different files."""
    sent, received = tmp_path / "sent.mbox", tmp_path / "received.mbox"
    sent.write_text(mail(1, "anna@firm.example", f"das {SECRET}", "x"), encoding="utf-8")
    received.write_text(
        mail(1, "anna@firm.example", f"das {SECRET}", "x") + mail(2, "bernd@firm.example", "zweite", "y"),
        encoding="utf-8",
    )
    beleg("ingest", sent, *mine)
    erased(beleg, number_of(beleg, SECRET))
    (report,) = beleg("ingest", received, "--mine", "einkauf@firm.example", "--json").json
    assert (report["items"], report["excluded"]) == (1, 1)
    assert stored_words(archive) == []


def test_kept_bytes_that_were_erased_are_not_read_again(
    beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    erased(beleg, number_of(beleg, SECRET))
    from archive.channels import CHANNELS

    (reader,) = (channel for channel in CHANNELS if channel.name == "whatsapp")
    monkeypatch.setattr(type(reader), "parser", "whatsapp-text/999")
    done = beleg("ingest", "--reparse")
    assert "its bytes were erased" in done.err
    assert stored_words(archive) == []


@pytest.fixture
def other_phone(tmp_path: Path) -> Path:
    """The same chat as the other side's phone exports it, in English; "ok" is nobody's own."""
    folder = tmp_path / "phone"
    folder.mkdir()
    file = folder / "WhatsApp Chat with Anna.txt"
    file.write_text(
        f"03/02/2025, 09:14 - Anna: Guten Morgen\n03/02/2025, 09:15 - Lieferant: ok\n"
        f"03/02/2025, 09:16 - Anna: Mein {SECRET} schicke ich privat\n03/02/2025, 09:17 - Lieferant: Neues\n",
        encoding="utf-8",
    )
    return file


@pytest.mark.parametrize("mine", ["Lieferant", "Anna"], ids=["other phone", "other language"])
def test_the_export_of_another_phone_does_not_bring_it_back_unasked(
    beleg: Beleg, archive: Path, chat: Path, other_phone: Path, mine: str
) -> None:
    """Nothing of it is the same but the words: name of the chat, form of times, bytes. A person is asked."""
    beleg("ingest", chat, "--mine", "Anna")
    erased(beleg, number_of(beleg, SECRET))
    done = beleg("ingest", other_phone, "--mine", mine)
    assert done.code == 0, done.err
    assert "1 items say exactly what something erased said" in done.err
    assert "4 units = 3 read + 0 failed + 1 excluded; 3 items sealed" in done.out
    assert stored_words(archive) == [], "the file in which it lies is not kept whole"
    assert beleg("search", SECRET, "--json").json["total"] == 0
    (known,) = beleg("ingest", other_phone, "--mine", mine, "--take-alike", "--json").json
    assert (known["items"], known["seen_again"]) == (1, 3), "somebody knows that it is another"
    assert "on the operator's word" in str(known["policy"])
    assert number_of(beleg, SECRET)
    (again,) = beleg("ingest", other_phone, "--mine", mine, "--json").json
    assert (again["items"], again["seen_again"], again["excluded"]) == (0, 4, 0), "what was taken in is known"


def test_a_photo_from_another_phone_is_asked_about_and_others_are_not(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    def export(title: str, *photos: bytes) -> Path:
        folder = tmp_path / f"WhatsApp Chat mit {title}"
        folder.mkdir()
        lines = []
        for number, photo in enumerate(photos):
            (folder / f"IMG-{number}.jpg").write_bytes(photo)
            lines.append(f"03.02.25, 09:1{number} - Anna: IMG-{number}.jpg (Datei angehängt)\n")
        (folder / f"WhatsApp Chat mit {title}.txt").write_text("".join(lines), encoding="utf-8")
        return folder

    beleg("ingest", export("Lieferant", b"\xff\xd8\xff one"), "--mine", "Anna")
    (item,) = (hit["number"] for hit in beleg("search", "channel:whatsapp", "--json").json["hits"])
    erased(beleg, item)
    (report,) = beleg(
        "ingest", export("Anna", b"\xff\xd8\xff two", b"\xff\xd8\xff one"), "--mine", "Lieferant", "--json"
    ).json
    assert (report["items"], report["excluded"]) == (1, 1)


def test_a_forged_memory_keeps_nothing_out(
    beleg: Beleg, archive: Path, chat: Path, other_phone: Path
) -> None:
    """Who may write to the workspace says that a message says what was erased: the ledger knows better."""
    beleg("ingest", chat, "--mine", "Anna")
    garantie = number_of(beleg, "garantie")
    secret = number_of(beleg, SECRET)
    erased(beleg, secret)
    with sqlite3.connect(archive / "workspace" / "seen.sqlite") as database:
        (words,) = database.execute("SELECT words FROM seen WHERE item = ?", (garantie,)).fetchone()
        assert database.execute("UPDATE seen SET words = ? WHERE item = ?", (words, secret)).rowcount == 1
    other_phone.write_text(
        "03/02/2025, 09:15 - Lieferant: Da habt ihr fünf Jahre Garantie drauf\n", encoding="utf-8"
    )
    (report,) = beleg("ingest", other_phone, "--mine", "Lieferant", "--json").json
    assert (report["items"], report["excluded"]) == (1, 0)


def slack(folder: Path, name: str, day: str, status: str, *said: tuple[str, str]) -> Path:
    """An export of Slack: each tells of everybody."""
    users = [
        {"id": id_, "name": id_, "real_name": name,
         "profile": {"email": f"{id_}@firm.example", "status_text": status}}
        for id_, name in (("UPETRA", "Petra Lang"), ("UBERT", "Bert Klug"))
    ]  # fmt: skip
    lines = [
        {"type": "message", "user": who, "text": text, "ts": f"{number + 1738570000}.{day[-2:]}0100"}
        for number, (who, text) in enumerate(said)
    ]
    files = {
        "users.json": users,
        "channels.json": [{"id": "C1", "name": "halle"}],
        f"halle/{day}.json": lines,
    }
    file = folder / name
    with zipfile.ZipFile(file, "w") as packed:
        for path, told in files.items():
            packed.writestr(path, json.dumps(told))
    return file


def test_the_description_of_an_account_does_not_come_back_either(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    """Somebody whose picture or status changed is described otherwise than before, and to everybody."""
    first = slack(tmp_path, "one.zip", "2025-02-03", "da", ("UPETRA", "Guten Morgen"), ("UBERT", "Bestellt"))
    assert beleg("ingest", first, "--mine", "Anna").code == 0
    beleg("subject", "find", "Petra Lang", "--all")
    asked = beleg("erase", "request", "S-1", "--ground", "17-1a", "--json").json["plan"]
    assert ["accounts", 1] in asked["counts"]
    approved(beleg, asked["id"])
    assert beleg("erase", "run", "R-1").code == 0
    second = slack(tmp_path, "two.zip", "2025-02-04", "weg", ("UBERT", "Geliefert"))
    done = beleg("ingest", second, "--mine", "Carl")
    assert "1 descriptions of accounts: erased before" in done.out
    assert beleg("search", "geliefert", "--json").json["total"] == 1
    with sqlite3.connect(archive / "workspace" / "catalogue.sqlite") as database:
        known = "".join(database.iterdump())
    assert "UBERT@firm.example" in known
    assert "UPETRA@firm.example" not in known
    assert beleg("verify", "--level", "2").code == 0


@pytest.mark.parametrize("held", [False, True], ids=["free", "held"])
def test_the_description_of_an_account_goes_from_every_capture_in_which_it_came(
    beleg: Beleg, archive: Path, tmp_path: Path, held: bool
) -> None:
    """The export of the next month says nothing of hers, and tells of her all the same."""
    first = slack(tmp_path, "one.zip", "2025-02-03", "da", ("UPETRA", "Guten Morgen"), ("UBERT", "Bestellt"))
    second = slack(tmp_path, "two.zip", "2025-03-04", "da", ("UBERT", "Geliefert"))
    assert beleg("ingest", first).code == beleg("ingest", second).code == 0
    if held:
        beleg("matter", "open", "Pumpe", "--reason", "Klage")
        beleg("hold", "place", "M-1", "--query", "geliefert", "--reason", "Klage", "--review", "2030-01-01")
    beleg("subject", "find", "Petra Lang", "--all")
    told = beleg("erase", "request", "S-1", "--ground", "17-1a", "--json").json["plan"]
    going = {"items": 1, "containers": 1} if held else {"items": 1, "containers": 2, "accounts": 1}
    assert dict(told["counts"]) == going | {"reads": 1}
    approved(beleg, told["id"])
    assert beleg("erase", "run", "R-1").code == 0
    assert beleg("search", "geliefert", "--json").json["total"] == 1
    assert beleg("verify", "--level", "2").code == 0


@pytest.mark.parametrize(
    ("asked", "gone"), [(0, [SECRET, "acht"]), (10_000, ["morgen", SECRET, "acht"])], ids=["walked", "asked"]
)
def test_a_group_that_another_exported_does_not_bring_it_back(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: int, gone: list[str]
) -> None:
    """Who exported it is neither author nor recipient of what others wrote there; nor does anything tell whose view
    there was once all of it is gone, but the report of the run."""
    monkeypatch.setattr("archive.services.ingest.suppressed.MANY", asked)
    assert beleg("ingest", group(tmp_path, "a.json"), "--mine", "Anna").code == 0
    erased(beleg, *(number_of(beleg, word) for word in gone))
    beleg("rebuild", "catalogue")
    (report,) = beleg("ingest", group(tmp_path, "c.json", "Bis dann"), "--mine", "Carl", "--json").json
    assert (report["items"], report["excluded"]) == (4 - len(gone), len(gone))
    assert stored_words(archive) == []
    assert beleg("search", "acht", "--json").json["total"] == 0
    assert beleg("search", '"bis dann"', "--json").json["total"] == 1
