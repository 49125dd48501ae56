"""What a hold keeps: by days of any calendar, by every account that a party ever had, and what it says of itself."""

import unicodedata
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from archive.ledger.drafts import draft_of
from archive.services.session import Session
from schemas.matter import HoldRelease, Party
from tests.commandline.conftest import Beleg
from tests.mailbox import Mailbox

NIGHT = """[04.03.24, 00:30:00] Anna: Um Mitternacht zugesagt
[04.03.24, 12:00:00] Lieferant: Mittags bestätigt
[06.03.24, 12:00:00] Lieferant: Zwei Tage danach
"""


@pytest.fixture
def held(beleg: Beleg, archive: Path, tmp_path: Path) -> Beleg:
    """An archive in Berlin with a chat, whose first message is of the day before by the clock of Greenwich."""
    chat = tmp_path / "WhatsApp Chat mit Nacht.txt"
    chat.write_text(NIGHT, encoding="utf-8")
    assert beleg("ingest", chat, "--mine", "Anna").code == 0
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    return beleg


def number(beleg: Beleg, words: str) -> str:
    (hit,) = beleg("search", words, "--json").json["hits"]
    return str(hit["number"])


def place(beleg: Beleg, *scope: str) -> None:
    done = beleg("hold", "place", "M-1", *scope, "--reason", "Klage", "--review", "2030-01-01")
    assert done.code == 0, done.err


def refusal(beleg: Beleg, item: str) -> str:
    return beleg("erase", "request", "--item", item, "--ground", "17-1a").out


@pytest.mark.parametrize(
    "scope",
    [("--from", "2024-03-04", "--to", "2024-03-04"), ("--query", "on:2024-03-04")],
    ids=["days", "query"],
)
def test_a_day_is_a_day_by_any_calendar(held: Beleg, scope: tuple[str, ...]) -> None:
    assert held("search", "on:2024-03-04", "--json").json["total"] == 2, "as people in Berlin count days"
    place(held, *scope)
    assert "hold H-1" in refusal(held, number(held, "mitternacht"))
    shown = {str(hit["number"]) for hit in held("search", "hold:H-1", "--json").json["hits"]}
    assert shown == {number(held, "mitternacht"), number(held, "mittags")}


def test_whose_time_nobody_knows_is_held_by_a_query_for_days(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    settings = archive / "beleg.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('timezone = "Europe/Berlin"\n', ""))
    chat = tmp_path / "WhatsApp Chat mit Nacht.txt"
    chat.write_text(NIGHT, encoding="utf-8")
    beleg("ingest", chat, "--mine", "Anna")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    item = number(beleg, "mitternacht")
    assert beleg("search", "mitternacht on:2024-03-04", "--json").json["total"] == 0
    place(beleg, "--query", "mitternacht NOT on:2020-01-01 before:2025-01-01")
    assert "hold H-1" in refusal(beleg, item)
    assert beleg("search", "hold:H-1", "--json").json["total"] == 1


def appended(session: Session, body: Party | HoldRelease) -> None:
    """Write an entry as whoever holds the legal key alone can, past every command."""
    session.ledger.append(session.writer("legal"), lambda _: [draft_of(body)])


def open_archive(archive: Path) -> Session:
    from archive.settings import load
    from archive.wiring import open_session

    return open_session(archive, load(archive), lambda *_: "a passphrase for tests")


def test_a_party_cannot_be_emptied_under_its_hold(held: Beleg, archive: Path) -> None:
    assert held("party", "add", "Die Gegenseite", "--account", "whatsapp:Lieferant").code == 0
    place(held, "--party", "Y-1")
    with open_archive(archive) as session:
        appended(session, Party(id="Y-1", name="Niemand"))
    assert "hold H-1" in refusal(held, number(held, "mittags"))


def test_a_hold_cannot_be_released_before_it_is_placed(held: Beleg, archive: Path) -> None:
    with open_archive(archive) as session:
        appended(session, HoldRelease(hold="H-1", reason="im Voraus", released=session.now()))
    place(held, "--channel", "whatsapp")
    assert [row["released"] for row in held("hold", "list", "--json").json] == [None]
    assert "hold H-1" in refusal(held, number(held, "mittags"))


def test_a_preview_asks_what_placing_asks(held: Beleg) -> None:
    end = ("--reason", "Klage", "--review", "2030-01-01", "--preview")
    for wrong in (("M-9", "--channel", "whatsapp"), ("M-1", "--party", "Y-7"), ("M-1", "--thread", "keiner")):
        assert held("hold", "place", *wrong, *end).code == 2, wrong
    told = held("hold", "place", "M-1", "--from", "2024-03-04", "--to", "2024-03-04", *end)
    assert "2 of 3 items" in told.out
    assert held("hold", "list", "--json").json == []
    assert "NOTHING is in its scope" in held("hold", "place", "M-1", "--account", "Lifeferant", *end).out
    named = held("hold", "place", "M-1", "--account", "whatsapp:LIEFERANT", *end)
    assert "NOTHING" not in named.out, "as `party add` takes it, and however it is written"


def test_a_hold_that_comes_too_late_says_where_the_item_went(held: Beleg) -> None:
    item = number(held, "mittags")
    held("erase", "request", "--item", item, "--ground", "17-1a")
    for key in ("legal", "privacy"):
        held("approve", "D-1", "--key", key)
    (erase,) = held("erase", "run", "R-1", "--json").json["erase"]
    late = held("hold", "place", "M-1", "--item", item, "--reason", "Klage", "--review", "2030-01-01")
    assert late.code == 3
    assert f"item {item} was erased at {erase}" in late.out
    later = held("hold", "place", "M-1", "--channel", "whatsapp", "--reason", "x", "--review", "2030-01-01")
    assert later.code == 0
    assert "1 items were erased before" in later.out


@pytest.mark.parametrize("kind", ["hold", "party"])
def test_what_a_hold_stands_on_erased_past_the_door_stops_every_loss(
    held: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Two who hold keys order the erasure of a hold, or of the party that it names, by a program of their own."""
    from archive.services.dispose import legal
    from archive.services.dispose.belonging import belonging

    assert held("party", "add", "Die Gegenseite", "--account", "whatsapp:Lieferant").code == 0
    place(held, "--party", "Y-1")
    with open_archive(archive) as session:
        session.ledger.follow()
        (record,) = (i for i in range(session.ledger.state.size) if session.ledger.leaf(i).kind == kind)

    def wider(*arguments: Any) -> Any:
        closure = belonging(*arguments)
        closure.accounts.add(record)
        return closure

    victim = number(held, "mitternacht")
    with monkeypatch.context() as forged:
        forged.setattr(legal, "belonging", wider)
        held("erase", "request", "--item", victim, "--ground", "x")
        for key in ("legal", "privacy"):
            held("approve", "D-1", "--key", key)
        assert "nobody may erase" in held("erase", "run", "R-1").err, "the program itself refuses it"
        forged.setattr(legal, "PROTECTED", frozenset())
        assert held("erase", "run", "R-1").code == 0
    stopped = held("erase", "request", "--item", number(held, "danach"), "--ground", "x")
    assert stopped.code == 4, stopped.out
    assert f"the {kind} of record {record} was erased, past this program" in stopped.err


def test_custodians_are_told_by_mail_and_it_is_written_down(
    held: Beleg, mailbox: Mailbox, tmp_path: Path
) -> None:
    held("party", "add", "Anna", "--side", "ours")
    held("party", "add", "Bert", "--side", "ours")
    place(held, "--channel", "whatsapp", "--query", "Geheimwort")
    both = ("Y-1", "Y-2", "--mail", "anna@firm.example", "--mail", "bert@firm.example")
    for wrong in (both[:-2], (*both, "--by", "letter"), (*both, "--acknowledged"), ("Y-1", "--words", "x")):
        assert held("hold", "notice", "H-1", *wrong).code == 2
    assert held("hold", "notice", "H-9", "Y-1", "--mail", "anna@firm.example").code == 2
    assert held("hold", "notice", "H-1", "Y-1", "--mail", "anna@firm.example", "--reminded").code == 2
    assert mailbox.received == []
    done = held("hold", "notice", "H-1", *both, "--due", "2030-01-31", "--json")
    assert (done.code, [one["by"] for one in done.json]) == (
        0,
        ["mail to anna@firm.example", "mail to bert@firm.example"],
    )
    [(to, mail), _] = mailbox.received
    told = message_from_bytes(mail, policy=policy.default)
    text = told.get_content()
    assert (to, "H-1" in told["Subject"]) == (["anna@firm.example"], True)
    assert all(word in text for word in ("Pumpe", "H-1", "2030-01-31", "whatsapp"))
    assert "Geheimwort" not in text
    assert "Klage" not in text
    words = tmp_path / "words.txt"
    words.write_text("Bitte nichts löschen.", encoding="utf-8")
    assert (
        held(
            "hold", "notice", "H-1", "Y-2", "--mail", "bert@firm.example", "--reminded", "--words", words
        ).code
        == 0
    )
    assert (
        message_from_bytes(mailbox.received[-1][1], policy=policy.default).get_content().strip()
        == words.read_text()
    )
    [hold] = held("hold", "report", "--json").json
    assert [(one["party"], one["reminded"] is not None) for one in hold["told"]] == [
        ("Y-1", False),
        ("Y-2", True),
    ]


def test_what_no_server_took_is_not_written_down(held: Beleg, mailbox: Mailbox) -> None:
    held("party", "add", "Anna", "--side", "ours")
    place(held, "--channel", "whatsapp")
    mailbox.server_close()
    done = held("hold", "notice", "H-1", "Y-1", "--mail", "anna@firm.example")
    assert (done.code, "not sent" in done.err) == (4, True), done.err
    assert held("hold", "report", "--json").json[0]["told"] == []


@pytest.mark.parametrize("name", ["", " ", "@"])
def test_an_account_of_no_letters_is_none(held: Beleg, name: str) -> None:
    """Such a hold would stand in every list and keep nothing, for good."""
    done = held("hold", "place", "M-1", "--account", name, "--reason", "Klage", "--review", "2030-01-01")
    assert (done.code, "names nobody" in done.err) == (2, True)


def test_no_hold_is_placed_for_a_closed_matter(held: Beleg) -> None:
    assert held("matter", "close", "M-1").code == 0
    done = held("hold", "place", "M-1", "--channel", "whatsapp", "--reason", "x", "--review", "2030-01-01")
    assert (done.code, "M-1 is closed" in done.err) == (2, True)


def test_who_is_told_anew_acknowledges_anew(held: Beleg) -> None:
    place(held, "--channel", "whatsapp")
    assert held("party", "add", "Anna").code == 0
    held("hold", "notice", "H-1", "Y-1", "--due", "2025-01-31")
    held("hold", "notice", "H-1", "Y-1", "--acknowledged")
    assert held("hold", "report").code == 0
    held("hold", "notice", "H-1", "Y-1", "--due", "2025-02-28")
    report = held("hold", "report")
    assert (report.code, "acknowledged OVERDUE" in report.out) == (3, True)


def test_a_day_is_asked_for_in_one_form(held: Beleg) -> None:
    done = held("hold", "place", "M-1", "--from", "20240304", "--reason", "Klage", "--review", "2030-01-01")
    assert (done.code, "write one like 2027-06-30" in done.err) == (2, True)


def test_a_released_hold_keeps_nothing(held: Beleg) -> None:
    place(held, "--channel", "whatsapp")
    assert "  keeps " in held("hold", "report").out
    held("hold", "release", "H-1", "--reason", "Vergleich")
    told = held("hold", "report").out
    assert "  would keep " in told
    assert "  keeps " not in told


@pytest.mark.parametrize("written", ["apart", "spaced"])
def test_a_name_holds_however_its_letters_are_written(
    beleg: Beleg, archive: Path, tmp_path: Path, written: str
) -> None:
    """A list of contacts from a Mac writes ö as two signs: a hold by it kept nothing of its party."""
    chat = tmp_path / "WhatsApp Chat mit Jörg Baum.txt"
    chat.write_text(
        "[04.02.25, 09:00:00] Jörg Baum: Hallo\n[04.02.25, 09:01:00] Anna: Ja\n", encoding="utf-8"
    )
    assert beleg("ingest", chat, "--mine", "Anna").code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    name = unicodedata.normalize("NFD", "Jörg Baum") if written == "apart" else " Jörg  Baum"
    assert beleg("party", "add", "Gegenseite", "--account", f"whatsapp:{name}").code == 0
    preview = ("--reason", "Klage", "--review", "2030-01-01", "--preview", "--json")
    for option, value in (("--account", name), ("--party", "Y-1"), ("--thread", name)):
        done = beleg("hold", "place", "M-1", option, value, *preview)
        assert done.code == 0, done.err
        assert done.json["covered"] == 2, "what was said to them too"


def test_what_was_said_to_a_party_is_held_though_nobody_wrote_down_to_whom(
    held: Beleg, tmp_path: Path
) -> None:
    other = tmp_path / "WhatsApp Chat mit Bert.txt"
    other.write_text("[07.03.24, 09:00:00] Anna: Woanders gesagt\n", encoding="utf-8")
    assert held("ingest", other, "--mine", "Anna").code == 0
    assert held("party", "add", "Die Gegenseite", "--account", "whatsapp:Lieferant").code == 0
    place(held, "--party", "Y-1")
    promise = number(held, "mitternacht")
    assert "hold H-1" in refusal(held, promise)
    found = held("search", "hold:H-1", "--json").json["hits"]
    assert len(found) == 3
    assert promise in {str(hit["number"]) for hit in found}
    [hold] = held("hold", "report", "--json").json
    assert hold["covered"] == 3
    assert "would erase 1 items" in refusal(held, number(held, "woanders")), "said in another chat"


def test_a_hold_does_not_end_with_the_item_that_shows_who_was_there(held: Beleg, tmp_path: Path) -> None:
    """The greeting of another day is nothing that the hold asks for; all that it asks for hangs on it."""
    for name, said in (("one", "[07.03.17, 09:00:00] Petra: Hallo\n"),
                       ("two", "[07.03.24, 09:00:00] Bert: Zehn Jahre Gewährleistung\n")):  # fmt: skip
        chat = tmp_path / name / "WhatsApp Chat mit Projekt Pumpwerk.txt"
        chat.parent.mkdir()
        chat.write_text(said, encoding="utf-8")
        assert held("ingest", chat, "--mine", "Anna").code == 0
    held("party", "add", "Petra", "--account", "whatsapp:Petra")
    place(held, "--party", "Y-1", "--query", "gewährleistung")
    assert "hold H-1 (alone it shows who" in refusal(held, number(held, "hallo"))
    assert held("search", "hold:H-1", "--json").json["total"] == 2
    assert held("hold", "report", "--json").json[0]["covered"] == 2


@pytest.mark.parametrize(
    ("written", "key"),
    [("matrix:@anna:firm.example", ("matrix", "", "@anna:firm.example")), ("slack:T1:U2", ("slack", "T1", "U2")),
     ("bluesky:did:plc:abc", ("bluesky", "", "did:plc:abc")), ("email:a@b.example", ("email", "", "a@b.example")),
     ("matrix::@anna:firm.example", ("matrix", "", "@anna:firm.example"))],
)  # fmt: skip
def test_an_id_may_hold_colons(written: str, key: tuple[str, str, str]) -> None:
    from archive.services.party import parse_account

    assert parse_account(written).place == key
