"""Erasing by the command line: nothing of the words is left anywhere, and everything else still stands."""

import sqlite3
from pathlib import Path

import pytest

from tests.commandline.conftest import Answer, Beleg

SECRET = "Zwiebelkuchenrezept"

CHAT = f"""[03.02.25, 09:14:05] Anna: Guten Morgen
[03.02.25, 09:15:41] Lieferant: Da habt ihr fünf Jahre Garantie drauf
[03.02.25, 09:16:02] Anna: Mein {SECRET} schicke ich privat
[03.02.25, 09:17:02] Lieferant: Schönen Tag
"""


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    file.write_text(CHAT, encoding="utf-8")
    return file


def number_of(beleg: Beleg, words: str) -> int:
    found = beleg("search", words, "--json")
    assert found.code == 0, found.err
    assert found.json["total"] == 1, found.out
    return int(found.json["hits"][0]["number"])


def approved(beleg: Beleg, plan: str) -> None:
    for key in ("legal", "privacy"):
        done = beleg("approve", plan, "--key", key)
        assert done.code == 0, done.err


def erased(beleg: Beleg, *items: int, ground: str = "17-1a") -> Answer:
    options = [part for item in items for part in ("--item", str(item))]
    asked = beleg("erase", "request", *options, "--ground", ground, "--json")
    assert asked.code == 0, asked.err + asked.out
    approved(beleg, asked.json["plan"]["id"])
    done = beleg("erase", "run", asked.json["request"]["id"], "--json")
    assert done.code == 0, done.err + done.out
    return done


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def stored_words(archive: Path) -> list[str]:
    """Where the word stands: plain in any file, or in a term, row or stored field of a projection."""
    needle = SECRET.casefold()
    found = [
        name
        for name, data in bytes_of(archive).items()
        if any(form in data for form in (SECRET.encode(), needle.encode(), SECRET.encode("utf-16-le")))
    ]
    for name in ("catalogue", "texts", "seen"):
        with sqlite3.connect(archive / "workspace" / f"{name}.sqlite") as database:
            found += [f"{name}: {line[:40]}" for line in database.iterdump() if needle in line.casefold()]
    from archive.adapters.index_tantivy import TantivyIndex

    index = TantivyIndex(archive / "workspace" / "index-tantivy")
    found += [f"index: {term}" for term in index.vocabulary() if needle in term]
    index.close()
    return found


def test_an_erased_item_is_gone_everywhere_and_all_else_stands(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    assert beleg("ingest", chat, "--mine", "Anna").code == 0
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    item, kept = number_of(beleg, SECRET), number_of(beleg, "garantie")
    beleg("matter", "add", "M-1", str(kept), str(item))
    assert beleg("export", "M-1", "--out", tmp_path / "before").code == 0
    assert stored_words(archive), "the test would see the word if it stood there"
    erased(beleg, item)
    assert stored_words(archive) == []
    assert beleg("show", str(item)).code == 5
    assert beleg("search", SECRET, "--json").json["total"] == 0
    assert number_of(beleg, "garantie") == kept
    verified = beleg("verify", "--level", "2", "--json")
    assert verified.code == 0, verified.out
    assert verified.json["erased"] >= 2, "the item and the file in which it came"
    assert beleg("verify", tmp_path / "before").code == 0, "an older bundle stands as it stood"
    assert beleg("export", "M-1", "--out", tmp_path / "after").code == 0
    assert beleg("verify", tmp_path / "after").code == 0
    assert SECRET.encode() not in b"".join(
        data for name, data in bytes_of(tmp_path / "after").items() if not name.endswith(".pdf")
    )
    told = beleg("erase", "certificate", "R-1")
    assert told.code == 0, told.out
    for words in (
        "17-1a",
        "the key of legal",
        "the key of privacy",
        "Removed          20",
        "not yet: a backup",
    ):
        assert words in told.out


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


def test_a_hold_goes_before_a_request(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    item = number_of(beleg, SECRET)
    beleg("hold", "place", "M-1", "--item", str(item), "--reason", "Klage", "--review", "2027-06-30")
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert asked.code == 5
    assert "restricted: hold H-1" in asked.out
    beleg("hold", "release", "H-1", "--reason", "Vergleich")
    assert "H-1 was released" in beleg("erase", "list").out
    planned = beleg("erase", "plan", "R-1", "--json")
    assert planned.code == 0
    approved(beleg, planned.json["plan"]["id"])
    assert beleg("erase", "run", "R-1").code == 0
    assert stored_words(archive) == []


def test_a_held_neighbour_in_the_same_file_restricts(beleg: Beleg, archive: Path, chat: Path) -> None:
    """The file holds the words of both: destroying it would take the neighbour's, keeping it would leave ours."""
    beleg("ingest", chat, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    item, held = number_of(beleg, SECRET), number_of(beleg, "garantie")
    beleg("hold", "place", "M-1", "--query", "garantie", "--reason", "Klage", "--review", "2027-06-30")
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert asked.code == 5
    assert f"held neighbour {held}: hold H-1" in asked.out


def test_a_hold_placed_between_plan_and_run_wins(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    item = number_of(beleg, SECRET)
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a", "--json")
    approved(beleg, asked.json["plan"]["id"])
    beleg("hold", "place", "M-1", "--account", "Anna", "--reason", "Klage", "--review", "2027-06-30")
    size = beleg("status", "--json").json["size"]
    done = beleg("erase", "run", "R-1")
    assert done.code == 5
    assert "hold H-1" in done.err
    assert beleg("status", "--json").json["size"] == size, "nothing was appended"
    assert number_of(beleg, SECRET) == item


def test_nothing_goes_without_two_people_of_two_roles(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    item = number_of(beleg, SECRET)
    beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert "so far: nobody" in beleg("erase", "run", "D-1").err
    beleg("approve", "D-1", "--key", "legal")
    assert beleg("approve", "D-1", "--key", "legal").code == 2
    assert beleg("person", "add", "Justiziarin", "--role", "legal").code == 0
    assert beleg("approve", "D-1", "--key", archive / "keys" / "P-1.key").code == 0
    refused = beleg("erase", "run", "D-1")
    assert refused.code == 5
    assert "legal, legal" in refused.err
    assert beleg("approve", "D-1", "--key", "ingest").code == 5
    assert beleg("approve", "D-1", "--key", "owner").code == 0
    assert beleg("erase", "run", "D-1").code == 0
    assert beleg("erase", "run", "D-1").code == 2, "carried out once"


def test_what_is_asked_for_badly_is_refused(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    assert beleg("erase", "request", "--ground", "x").code == 2
    assert beleg("erase", "request", "--item", "5", "--ground", " ").code == 2
    assert beleg("erase", "request", "--item", "1", "--ground", "x").code == 2
    assert beleg("erase", "request", "S-9", "--ground", "x").code == 2
    assert beleg("erase", "plan", "R-9").code == 2
    assert beleg("erase", "run", "D-9").code == 2
    assert beleg("erase", "certificate", "R-9").code == 2
    assert beleg("approve", "D-9", "--key", "legal").code == 2
    assert beleg("approve", "D-9", "--key", "nobody").code == 2


def test_the_journal_tells_that_lines_were_erased_and_misses_none(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    item = number_of(beleg, SECRET)
    beleg("show", str(item))
    number_of(beleg, "garantie")
    erased(beleg, item)
    told = beleg("access", "--json")
    assert told.code == 0, told.out
    assert told.json["erased"] == 1, "the search that found it by its words; that it was shown stays"
    assert [read["command"] for read in told.json["reads"]] == ["show", "search"]
    journal = archive / "workspace" / "journal.jsonl"
    number_of(beleg, "garantie")
    number_of(beleg, "morgen")
    lines = journal.read_text().splitlines(keepends=True)
    assert len(lines) == 3
    journal.write_text(lines[0] + lines[2])
    assert beleg("access").code != 0, "a line that is missing and was not erased is still seen"


def mail(number: int, sender: str, words: str, attached: str | None = None) -> str:
    head = (
        f"From {sender} Mon Feb  3 10:00:00 2025\nFrom: {sender}\nTo: einkauf@firm.example\nSubject: Nr {number}\n"
        f"Date: Mon, 03 Feb 2025 10:0{number}:00 +0100\nMessage-ID: <{number}@firm.example>\n"
    )
    if attached is None:
        return f"{head}\n{words}\n\n"
    return (
        f'{head}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="xx"\n\n--xx\n'
        f"Content-Type: text/plain\n\n{words}\n--xx\nContent-Type: text/plain; name=notiz.txt\n"
        f"Content-Disposition: attachment; filename=notiz.txt\n\n{attached}\n--xx--\n\n"
    )


@pytest.fixture
def post(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    file = tmp_path / "post.mbox"
    file.write_text(
        mail(1, "anna@firm.example", "erste", f"hier das {SECRET}")
        + mail(2, "bernd@firm.example", "zweite", "andere Worte")
        + mail(3, "carla@firm.example", "dritte", "geteilte Datei")
        + mail(4, "anna@firm.example", "vierte", "geteilte Datei"),
        encoding="utf-8",
    )
    assert beleg("ingest", file).code == 0
    return file


def test_the_words_of_files_go_too(beleg: Beleg, archive: Path, post: Path) -> None:
    item = number_of(beleg, SECRET)
    assert item == number_of(beleg, "erste"), "the word stands in the attached file alone"
    assert any("texts" in place for place in stored_words(archive))
    erased(beleg, item)
    assert stored_words(archive) == []
    assert number_of(beleg, "zweite")
    assert beleg("verify", "--level", "2").code == 0


def test_a_hold_on_the_words_of_a_file_counts_without_the_memory_of_them(
    beleg: Beleg, archive: Path, post: Path
) -> None:
    """Who may write to the workspace empties what was read of the file: the hold reads the file itself."""
    item = number_of(beleg, SECRET)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--query", SECRET, "--reason", "Klage", "--review", "2030-01-01")
    with sqlite3.connect(archive / "workspace" / "texts.sqlite") as database:
        assert database.execute("UPDATE texts SET text = '', state = 'read'").rowcount >= 3
    asked = beleg("erase", "request", "--item", str(item), "--ground", "17-1a")
    assert asked.code == 5
    assert "hold H-1" in asked.out


def test_a_file_that_another_item_has_stays_with_it(beleg: Beleg, archive: Path, post: Path) -> None:
    mine, theirs = number_of(beleg, "vierte"), number_of(beleg, "dritte")
    asked = beleg("erase", "request", "--item", str(mine), "--ground", "17-1a")
    assert "1 files that other items have too" in asked.out
    approved(beleg, "D-1")
    assert beleg("erase", "run", "R-1").code == 0
    assert beleg("search", "geteilte", "--json").json["hits"][0]["number"] == theirs
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--item", str(theirs), "--reason", "Klage", "--review", "2030-01-01")
    assert beleg("verify", "--level", "2").code == 0


def test_a_file_of_a_held_item_restricts_the_other(beleg: Beleg, archive: Path, post: Path) -> None:
    """Containers apart: the same bytes came as a second file, so only the shared attachment links the two."""
    mine, theirs = number_of(beleg, "vierte"), number_of(beleg, "dritte")
    drop = beleg("erase", "request", "--item", str(mine), "--containers-only", "--ground", "Platz", "--json")
    assert dict(drop.json["plan"]["counts"]) == {"containers": 1}
    approved(beleg, drop.json["plan"]["id"])
    assert beleg("erase", "run", "R-1").code == 0
    assert number_of(beleg, "vierte") == mine, "the items stay"
    assert beleg("verify", "--level", "2").code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--item", str(theirs), "--reason", "Klage", "--review", "2030-01-01")
    asked = beleg("erase", "request", "--item", str(mine), "--ground", "17-1a")
    assert asked.code == 5
    assert f"same file as held item {theirs}" in asked.out


def test_a_container_is_not_dropped_from_under_a_hold(beleg: Beleg, archive: Path, post: Path) -> None:
    item, held = number_of(beleg, "erste"), number_of(beleg, "zweite")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--item", str(held), "--reason", "Klage", "--review", "2030-01-01")
    asked = beleg("erase", "request", "--item", str(item), "--containers-only", "--ground", "Platz")
    assert asked.code == 5
    assert "hold H-1" in asked.out


def test_every_capture_in_which_it_came_goes(beleg: Beleg, archive: Path, chat: Path) -> None:
    """A later, longer export of the same chat showed it again; so did a copy in the same folder."""
    beleg("ingest", chat, "--mine", "Anna")
    more = chat.with_name("more")
    more.mkdir()
    (more / chat.name).write_text(CHAT + "[04.02.25, 10:00:00] Anna: Später\n", encoding="utf-8")
    beleg("ingest", more / chat.name, "--mine", "Anna")
    asked = beleg("erase", "request", "--item", str(number_of(beleg, SECRET)), "--ground", "17-1a", "--json")
    assert dict(asked.json["plan"]["counts"])["containers"] == 2
    approved(beleg, "D-1")
    assert beleg("erase", "run", "R-1").code == 0
    report = beleg("verify", "--level", "2", "--json").json
    assert report["erased"] >= 3
    assert number_of(beleg, "später")


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


def test_the_other_engine_forgets_too(beleg: Beleg, archive: Path, chat: Path) -> None:
    settings = archive / "beleg.toml"
    told = settings.read_text(encoding="utf-8")
    assert 'engine = "tantivy"' in told
    settings.write_text(told.replace('engine = "tantivy"', 'engine = "whoosh"'), encoding="utf-8")
    beleg("ingest", chat, "--mine", "Anna")
    item = number_of(beleg, SECRET)
    assert beleg("search", SECRET, "--second-opinion").code == 0
    erased(beleg, item)
    needle = SECRET.casefold().encode()
    left = [name for name, data in bytes_of(archive / "workspace").items() if needle in data.lower()]
    assert left == []
    assert not (archive / "workspace" / "index-tantivy").exists(), "made anew when it is asked for"
    assert beleg("search", "garantie", "--second-opinion").code == 0
    from archive.adapters.index_whoosh import WhooshIndex

    index = WhooshIndex(archive / "workspace" / "index-whoosh")
    assert not [term for term in index.vocabulary() if SECRET.casefold() in term]
    index.close()
