"""A person's items: found over channels, confirmed by people, given out with others masked, and erased."""

import json
import unicodedata
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.erasing import approved

CHAT = """[03.02.25, 09:14:05] Anna Weber: Guten Morgen Bernd, hier Anna
[03.02.25, 09:15:41] Bernd Klein: Da habt ihr fünf Jahre Garantie drauf
[03.02.25, 09:16:02] Anna Weber: Danke, das halten wir fest
"""
MAIL = """From anna@firm.example Mon Feb  3 10:00:00 2025
From: Anna Weber <anna@firm.example>
To: Bernd Klein <bernd@pumpen.example>
Subject: Angebot
Date: Mon, 03 Feb 2025 10:00:00 +0100
Message-ID: <1@firm.example>

Sehr geehrter Herr Klein, anbei das Angebot.

From other@firm.example Mon Feb  3 11:00:00 2025
From: Anna Klein <aklein@firm.example>
To: Bernd Klein <bernd@pumpen.example>
Subject: Andere Anna
Date: Mon, 03 Feb 2025 11:00:00 +0100
Message-ID: <2@firm.example>

Ich bin eine andere Anna.
"""


@pytest.fixture
def filled(beleg: Beleg, archive: Path, tmp_path: Path) -> Beleg:
    chat, mail = tmp_path / "WhatsApp Chat mit Bernd Klein.txt", tmp_path / "post.mbox"
    chat.write_text(CHAT, encoding="utf-8")
    mail.write_text(MAIL, encoding="utf-8")
    assert beleg("ingest", chat, mail, "--mine", "Anna Weber").code == 0
    return beleg


def lines(beleg: Beleg, name: str) -> list[tuple[int, str]]:
    return [(row["line"], row["spelling"]) for row in beleg("subject", "find", name, "--json").json["found"]]


def test_people_confirm_who_is_meant(filled: Beleg) -> None:
    found = lines(filled, "Anna Weber")
    assert {spelling for _, spelling in found} == {"Anna Weber", "Anna Klein"}, "also who shares a word only"
    assert len(found) == 3, "in the chat and in the mail under one name"
    assert filled("subject", "find", "Niemand").out.strip().endswith("such a name.")
    assert filled("subject", "find", "Anna Weber", "--confirm", "9").code == 2
    assert filled("subject", "find", "!!").code == 2
    assert filled("subject", "list", "--json").json == []


def test_a_person_is_given_their_items_and_nobody_elses(filled: Beleg, tmp_path: Path) -> None:
    mine = [str(n) for n, spelling in lines(filled, "Anna Weber") if spelling == "Anna Weber"]
    made = filled("subject", "find", "Anna Weber", *(o for n in mine for o in ("--confirm", n)), "--json")
    assert made.json["subject"]["id"] == "S-1"
    done = filled("subject", "export", "S-1", "--out", tmp_path / "out", "--json")
    assert done.code == 0, done.err
    data = json.loads((tmp_path / "out" / "data.json").read_text(encoding="utf-8"))
    assert len(data["items"]) == done.json["items"] == 3
    texts = " ".join(f"{row['title']} {row['text']} {row['thread']}" for row in data["items"])
    page = (tmp_path / "out" / "data.html").read_text(encoding="utf-8")
    for other in ("Bernd", "Klein", "andere Anna", "Garantie"):
        assert other not in texts, texts
        assert other not in page
    assert "hier Anna" in texts, "the person's own name stays"
    assert "Herr [another person]" in texts
    assert (done.json["named_in"], done.json["files"]) == (1, 0), "what the other one said in their chat"
    assert done.json["perhaps_named_in"] == 1, "another Anna"
    assert filled("subject", "export", "S-1", "--out", tmp_path / "out").code == 2
    assert filled("subject", "export", "S-7", "--out", tmp_path / "x").code == 2
    reads = filled("access", "--json").json["reads"]
    assert [r["command"] for r in reads][-1] == "subject export"


def test_a_person_is_given_their_files_and_where_others_name_them(filled: Beleg, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "foto.jpg").write_bytes(b"\xff\xd8\xff bytes")
    (folder / "WhatsApp Chat mit Carl.txt").write_text(
        "[04.02.25, 09:00:00] Anna Weber: \u200e<Anhang: foto.jpg>\n"
        "[04.02.25, 09:01:00] Anna Weber: Carl hat carl@x.example und +49 (170) 1234567, "
        "ich anna@firm.example, Auftrag 0815-4711\n"
        "[04.02.25, 09:02:00] Carl: Hallo Anna Weber\n"
        "[04.02.25, 09:03:00] Carl: Hallo Anna\n",
        encoding="utf-8",
    )
    assert filled("ingest", folder, "--mine", "Anna Weber").code == 0
    mine = [str(n) for n, spelling in lines(filled, "Anna Weber") if spelling == "Anna Weber"]
    filled("subject", "find", "Anna Weber", *(o for n in mine for o in ("--confirm", n)))
    done = filled("subject", "export", "S-1", "--out", tmp_path / "out", "--files", "--json")
    assert (done.code, done.json["named_in"], done.json["files"]) == (0, 3, 1), done.err
    data = json.loads((tmp_path / "out" / "data.json").read_text(encoding="utf-8"))
    [path] = [path for row in data["items"] for path in row["files"]]
    assert (tmp_path / "out" / path).read_bytes() == b"\xff\xd8\xff bytes"
    [text] = [row["text"] for row in data["items"] if "anna@firm" in (row["text"] or "")]
    assert (
        text
        == "[another person] hat [another person] und [another person], ich anna@firm.example, Auftrag 0815-4711"
    )
    assert set(data["named_in"][0]) == {"number", "channel", "time", "why"}


def test_a_person_is_erased_over_channels(filled: Beleg, archive: Path) -> None:
    mine = [str(n) for n, spelling in lines(filled, "Anna Weber") if spelling == "Anna Weber"]
    filled("subject", "find", "Anna Weber", *(o for n in mine for o in ("--confirm", n)))
    asked = filled("erase", "request", "S-1", "--ground", "17-1a", "--json")
    assert asked.code == 0, asked.err
    assert dict(asked.json["plan"]["counts"])["items"] == 3
    approved(filled, asked.json["plan"]["id"])
    assert filled("erase", "run", "R-1").code == 0
    assert filled("search", "Angebot", "--json").json["total"] == 0
    assert filled("search", "garantie", "--json").json["total"] == 1, "what others wrote stays"
    assert filled("search", '"andere Anna"', "--json").json["total"] == 1
    assert filled("verify", "--level", "2").code == 0


def test_more_than_was_signed_is_not_erased(filled: Beleg, tmp_path: Path) -> None:
    """A message that came in after the plan was signed belongs to the person too: the plan must be made anew."""
    mine = [str(n) for n, spelling in lines(filled, "Anna Weber") if spelling == "Anna Weber"]
    filled("subject", "find", "Anna Weber", *(o for n in mine for o in ("--confirm", n)))
    plan = filled("erase", "request", "S-1", "--ground", "17-1a", "--json").json["plan"]["id"]
    approved(filled, plan)
    later = tmp_path / "later"
    later.mkdir()
    chat = later / "WhatsApp Chat mit Bernd Klein.txt"
    chat.write_text(CHAT + "[04.02.25, 09:00:00] Anna Weber: Noch etwas\n", encoding="utf-8")
    assert filled("ingest", chat, "--mine", "Anna Weber").code == 0
    refused = filled("erase", "run", plan)
    assert refused.code == 5
    assert "more records belong to it" in refused.err
    again = filled("erase", "plan", "R-1", "--json").json["plan"]["id"]
    approved(filled, again)
    assert filled("erase", "run", "R-1").code == 0
    assert filled("search", "etwas", "--json").json["total"] == 0


def test_who_only_received_is_found_too(filled: Beleg, tmp_path: Path) -> None:
    """They are told where others wrote to them, and nothing of theirs is there to erase."""
    found = filled("subject", "find", "Bernd", "--json").json["found"]
    (one,) = (row for row in found if row["account"]["id"] == "bernd@pumpen.example")
    assert (one["received"], one["items"]) == (2, {})
    filled("subject", "find", "Bernd", "--confirm", str(one["line"]))
    done = filled("subject", "export", "S-1", "--out", tmp_path / "out", "--json").json
    assert (done["items"], done["named_in"]) == (0, 3), "two mails, and a chat that says the name"
    assert filled("erase", "request", "S-1", "--ground", "17-1a").code == 5


def test_a_spelling_takes_nothing_of_an_account_of_somebody_else(filled: Beleg, tmp_path: Path) -> None:
    """Two people of one name: an account tells them apart."""
    box = tmp_path / "namen.mbox"
    box.write_text(
        "From x Mon Feb  3 10:00:00 2025\nFrom: Anna\nTo: b@firm.example\nSubject: Wort1\n"
        "Date: Mon, 03 Feb 2025 10:00:00 +0100\nMessage-ID: <8@firm.example>\n\nohne Konto\n\n"
        "From x Mon Feb  3 10:00:00 2025\nFrom: Anna <other@firm.example>\nTo: b@firm.example\nSubject: Wort2\n"
        "Date: Mon, 03 Feb 2025 10:00:00 +0100\nMessage-ID: <9@firm.example>\n\nmit Konto\n\n",
        encoding="utf-8",
    )
    assert filled("ingest", box).code == 0
    found = filled("subject", "find", "Anna", "--json").json["found"]
    (line,) = (row["line"] for row in found if row["account"] is None)
    filled("subject", "find", "Anna", "--confirm", str(line))
    plan = filled("erase", "request", "S-1", "--ground", "17-1a", "--json").json["plan"]
    assert dict(plan["counts"])["items"] == 1


def test_a_name_is_masked_however_its_letters_are_written(filled: Beleg, tmp_path: Path) -> None:
    """In small letters beside an ß, whose capital form is longer; and with marks that stand alone, as a Mac writes."""
    chat = tmp_path / "WhatsApp Chat mit Jörg Baum.txt"
    apart = unicodedata.normalize("NFD", "Jörg")
    chat.write_text(
        "[04.02.25, 09:00:00] Jörg Baum: Hallo\n"
        f"[04.02.25, 09:01:00] Anna Weber: Grüße an jörg, die Straße von {apart} kenne ich\n",
        encoding="utf-8",
    )
    assert filled("ingest", chat, "--mine", "Anna Weber").code == 0
    mine = [str(n) for n, spelling in lines(filled, "Anna Weber") if spelling == "Anna Weber"]
    filled("subject", "find", "Anna Weber", *(o for n in mine for o in ("--confirm", n)))
    filled("subject", "export", "S-1", "--out", tmp_path / "out")
    data = json.loads((tmp_path / "out" / "data.json").read_text(encoding="utf-8"))
    [text] = [row["text"] for row in data["items"] if "Straße" in (row["text"] or "")]
    assert text == "Grüße an [another person], die Straße von [another person] kenne ich"


def test_who_is_known_by_registers_alone_is_masked_too(filled: Beleg, tmp_path: Path) -> None:
    """Bernd's own words are erased, or never were: parties, subjects and descriptions still know his name."""
    chat = tmp_path / "WhatsApp Chat mit Jana Holm.txt"
    chat.write_text(
        "[04.02.25, 09:00:00] Anna Weber: Frau Holm, Herr Zander hat zugesagt\n", encoding="utf-8"
    )
    assert filled("ingest", chat, "--mine", "Anna Weber").code == 0
    assert filled("party", "add", "Jana Holm", "--account", "whatsapp:Jana Holm").code == 0
    assert filled("party", "add", "Uwe Zander", "--account", "email:uz@firm.example").code == 0
    mine = [str(n) for n, spelling in lines(filled, "Anna Weber") if spelling == "Anna Weber"]
    filled("subject", "find", "Anna Weber", *(option for n in mine for option in ("--confirm", n)))
    assert filled("subject", "export", "S-1", "--out", tmp_path / "out").code == 0
    written = (tmp_path / "out" / "data.json").read_text(encoding="utf-8")
    assert "hat zugesagt" in written
    for other in ("Holm", "Zander", "Jana"):
        assert other not in written


def test_a_chat_is_not_called_after_the_other_person(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    for name in ("Jana Holm", "Uwe Zander"):
        chat = tmp_path / f"WhatsApp Chat mit {name}.txt"
        chat.write_text(
            "[04.02.25, 09:00:00] Anna Weber: Guten Tag\n[04.02.25, 10:00:00] Anna Weber: Ja\n",
            encoding="utf-8",
        )
        assert beleg("ingest", chat, "--mine", "Anna Weber").code == 0
    beleg("subject", "find", "Anna Weber", "--all")
    assert beleg("subject", "export", "S-1", "--out", tmp_path / "out").code == 0
    data = json.loads((tmp_path / "out" / "data.json").read_text(encoding="utf-8"))
    assert [row["thread"] for row in data["items"]] == ["chat 1", "chat 1", "chat 2", "chat 2"]


def test_a_name_is_masked_in_every_form_in_which_people_write_it(filled: Beleg, tmp_path: Path) -> None:
    """Turned round by a mail program, in the genitive, without umlauts; numbers as phones write them."""
    box = tmp_path / "umgekehrt.mbox"
    box.write_text(
        "From x Mon Feb  3 10:00:00 2025\nFrom: Anna Weber <anna@firm.example>\n"
        'To: "Özdemir, Kemal" <ko@firm.example>, "王伟" <ww@firm.example>\nSubject: Kemals Pumpe\n'
        "Date: Mon, 03 Feb 2025 10:00:00 +0100\nMessage-ID: <8@firm.example>\n"
        'MIME-Version: 1.0\nContent-Type: text/plain; charset="utf-8"\n\n'
        "Herr Oezdemir, ÖZDEMIR's Büro, 王伟说, +49\u00a0170\u00a0123\u201145\u201167, kemal.ö@bücher.example, "
        "Özdemir ko@firm.example, ich anna@firm.example, 170 Euro, Annas Wort\n\n",
        encoding="utf-8",
    )
    assert filled("ingest", box).code == 0
    mine = [str(n) for n, spelling in lines(filled, "Anna Weber") if spelling == "Anna Weber"]
    filled("subject", "find", "Anna Weber", *(o for n in mine for o in ("--confirm", n)))
    assert filled("subject", "export", "S-1", "--out", tmp_path / "out").code == 0
    data = json.loads((tmp_path / "out" / "data.json").read_text(encoding="utf-8"))
    [(title, text)] = [
        (row["title"], row["text"]) for row in data["items"] if "Pumpe" in (row["title"] or "")
    ]
    assert title == "[another person] Pumpe"
    other = "[another person]"
    assert text.strip() == (
        f"Herr {other}, {other}'s Büro, {other}说, {other}, {other}, {other} {other}, ich anna@firm.example, "
        "170 Euro, Annas Wort"
    )
