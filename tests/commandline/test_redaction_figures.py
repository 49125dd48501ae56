"""What is left of marked words: their figures in a subject, in answers, in files; and what only looks like them."""

import io
import json
from pathlib import Path

import openpyxl
import pytest

from archive.services.retold import Cuts
from tests.commandline.conftest import Beleg
from tests.commandline.test_redacted_files import mail, originals
from tests.commandline.test_redaction import found, tells
from tests.commandline.test_redaction_units import chosen, withheld


def workbook(amount: int) -> bytes:
    out, book = io.BytesIO(), openpyxl.Workbook()
    book.active["A1"] = amount
    book.active["A1"].number_format = '#,##0 "EUR"'
    book.save(out)
    return out.getvalue()


def answering(folder: Path, number: int, answered: int) -> None:
    file = folder / f"{number}.eml"
    file.write_bytes(b"In-Reply-To: <%d@x.example>\r\n" % answered + file.read_bytes())


def test_figures_of_marked_words_go_along(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    mail(folder, 1, "Angebot: ein Sonderrabatt von 17 Prozent auf 48.500 EUR", ("a.xlsx", workbook(48500)))
    first = folder / "1.eml"
    first.write_bytes(first.read_bytes().replace(b"Subject: Post 1", b"Subject: Rabatt 17 Prozent"))
    mail(folder, 2, "Antwort: die 17 sind gut, wie im Jahr 2017")
    answering(folder, 2, 1)
    mail(folder, 3, "Fremdes: 17 Prozent der Leute", ("b.xlsx", workbook(4850)))
    chosen(beleg, folder)
    withheld(beleg, "angebot", "--words", "Sonderrabatt von 17 Prozent", "--words", "48.500 EUR")
    done = beleg("export", "M-1", "--out", tmp_path / "E", "--profile", "review")
    assert done.code == 0, done.err
    assert f"also stand in 1 items: {found(beleg, 'fremdes')}" in done.out
    assert tells(tmp_path / "E", "Rabatt 17") == tells(tmp_path / "E", "die 17 sind") == []
    assert tells(tmp_path / "E", "wie im Jahr 2017"), "another number stays"
    assert originals(tmp_path / "E") == {".xlsx"}
    assert len(list((tmp_path / "E" / "bag" / "data" / "originals").rglob("*.xlsx"))) == 1


def test_what_would_be_withheld_is_said_before_it_is_handed_out(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    mail(folder, 1, "Angebot: ein Sonderrabatt von 17 Prozent")
    mail(folder, 2, "Antwort: die 17 sind gut")
    answering(folder, 2, 1)
    mail(folder, 3, "Fremdes: 17 Prozent der Leute")
    chosen(beleg, folder)
    withheld(beleg, "angebot", "--words", "Sonderrabatt von 17 Prozent")
    source, answer, other = (found(beleg, one) for one in ("angebot", "antwort", "fremdes"))
    before = beleg("export", "M-1", "--preview", "--json").json
    assert [(row["item"], row["follows"]) for row in before["withheld"]] == [(source, None), (answer, source)]
    assert (before["items"], before["doubtful"]) == (3, [other])
    said = beleg("export", "M-1", "--preview")
    assert f"tells again what {source} withholds" in said.out
    assert f"also stand in 1 items: {other}" in said.out
    assert beleg("access", "--json").json["reads"][-1]["command"] == "export --preview"
    assert beleg("export", "M-1", "--preview", "--out", tmp_path / "E").code == 2
    assert beleg("export", "--again", "E-1", "--preview").code == 2
    done = beleg("export", "M-1", "--out", tmp_path / "E", "--json").json
    assert (done["production"], done["redacted"]) == ("E-1", [source, answer]), (
        "nothing was put on record before"
    )
    assert done["doubtful"] == before["doubtful"]


def test_a_mark_within_a_longer_one_is_one_of_its_own(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    mail(folder, 1, "Das Projekt Falke startet")
    mail(folder, 2, "Falke ist gut")
    answering(folder, 2, 1)
    chosen(beleg, folder)
    withheld(beleg, "projekt", "--words", "Projekt Falke")
    withheld(beleg, "projekt", "--words", "Falke")
    assert beleg("export", "M-1", "--out", tmp_path / "E").code == 0
    assert tells(tmp_path / "E", "Falke") == []
    assert tells(tmp_path / "E", "Das [GESCHWÄRZT] startet"), "it is blackened once"
    stamped = beleg("export", "M-1", "--out", tmp_path / "F", "--exhibit", "Falke 7")
    assert (stamped.code, "what is to stand on each page" in stamped.err) == (2, True)
    assert beleg("review", "out", "M-1", "--out", tmp_path / "desk").code == 0
    assert '"spans":[[4,17]]' in (tmp_path / "desk" / "REVIEW.html").read_text(encoding="utf-8")


def test_a_folder_whose_name_tells_it_is_named_to_a_person(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    (folder / "Vertragsstrafenverzicht").mkdir(parents=True)
    mail(folder, 1, "Der Vertragsstrafenverzicht gilt")
    mail(folder / "Vertragsstrafenverzicht", 2, "Zwei")
    chosen(beleg, folder)
    withheld(beleg, "gilt", "--words", "Vertragsstrafenverzicht")
    done = beleg("export", "M-1", "--out", tmp_path / "E", "--json").json
    assert done["doubtful"] == [found(beleg, "zwei")]


def chat(folder: Path, *said: tuple[str, int | None], title: str = "Angebote") -> None:
    """A group of Telegram: words, and the message they answer."""
    messages = [
        {"id": n, "type": "message", "date_unixtime": str(1_709_283_600 + 60 * n), "from": "Eva", "from_id": "user1",
         "date": "2024-03-01T10:00:00", "text": text, **({"reply_to_message_id": answered} if answered else {})}
        for n, (text, answered) in enumerate(said, 1)
    ]  # fmt: skip
    folder.mkdir()
    told = {"name": title, "type": "private_group", "id": 9, "messages": messages}
    (folder / "result.json").write_text(json.dumps(told))


def test_figures_go_where_words_are_answered_or_quoted_and_are_told_further_on(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    marked = "Sonderrabatt von 17 Prozent"
    more = ("Erster: am 17. Mai", 4), ("Dritter: um 17 Uhr", 5), ("Vierter: Halle 17", 6)
    quoting = ("Zitat: Sonderrabatt von 17 Prozent? Die 17 sind gut", None)
    chat(folder, ("Angebot: " + marked, None), ("Antwort: 17 sind gut", 1), ("Gleich: 17 passt", None),
         ("Zweiter: 3 Stück", 2), *more, quoting)  # fmt: skip
    chosen(beleg, folder)
    withheld(beleg, "angebot", "--words", marked)
    done = beleg("export", "M-1", "--out", tmp_path / "E", "--json").json
    gone = {found(beleg, word) for word in ("angebot", "antwort", "zitat")}
    assert set(done["redacted"]) == gone
    assert tells(tmp_path / "E", "17 sind gut") == []
    assert tells(tmp_path / "E", "17. Mai"), "the number of a day, said in an answer to an answer"
    assert set(done["doubtful"]) == {found(beleg, one) for one in ("gleich", "erster", "dritter", "vierter")}
    first = found(beleg, "erster")
    assert (
        f"4 items: {found(beleg, 'gleich')}, {first}-{first + 2}\n"
        in beleg("export", "M-1", "--out", tmp_path / "F").out
    )


def test_the_name_of_a_conversation_tells_no_figure_that_is_marked_in_it(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    chat(folder, ("Angebot: Sonderrabatt von 17 Prozent", None), title="Falke 17")
    chosen(beleg, folder)
    withheld(beleg, "angebot", "--words", "Sonderrabatt von 17 Prozent")
    assert beleg("export", "M-1", "--out", tmp_path / "E", "--profile", "review").code == 0
    assert tells(tmp_path / "E", "Falke 17") == []
    item, right = found(beleg, "angebot"), Cuts._item
    monkeypatch.setattr(Cuts, "_item", lambda self, index: None if index == item else right(self, index))
    assert beleg("export", "--again", "E-1", "--out", tmp_path / "again").code == 0
    assert tells(tmp_path / "again", "Falke 17") == [], "nor once it was erased, and its words are not known"


def test_what_is_parted_otherwise_is_told_to_a_person_too(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    mail(folder, 1, "Angebot: Grenze Sonderrabatt 240000 EUR")
    mail(folder, 2, "Antwort: wirklich Sonder-Rabatt?")
    answering(folder, 2, 1)
    mail(folder, 3, "Fremdes: 240.000 EUR")
    mail(folder, 4, "Viertes: 240.0005, sondern Rabattmarken")
    chosen(beleg, folder)
    withheld(beleg, "angebot", "--words", "Sonderrabatt 240000 EUR")
    done = beleg("export", "M-1", "--preview")
    named = f"{found(beleg, 'antwort')}, {found(beleg, 'fremdes')}"
    assert f"also stand in 2 items: {named}\n" in done.out
    refused = beleg("matter", "redact", "M-1", found(beleg, "angebot"), "--words", "Grenze",
                    "--reason", "die Gren-ze")  # fmt: skip
    assert refused.code == 2, "a reason tells it in pieces"


def test_who_takes_back_nothing_of_his_own_is_told_what_stays(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    mail(folder, 1, "Angebot: ein Sonderrabatt von 17 Prozent")
    mail(folder, 2, "Antwort: Sonderrabatt von 17 Prozent")
    answering(folder, 2, 1)
    chosen(beleg, folder)
    withheld(beleg, "angebot", "--words", "Sonderrabatt von 17 Prozent")
    follower = str(found(beleg, "antwort"))
    done = beleg("matter", "redact", "M-1", follower, "--reason", "bekannt")
    assert "nothing is withheld by a decision on it\n" in done.out
    assert "other items withhold stays inside: `beleg export M-1 --preview`" in done.out
    assert f"{follower}  tells again what" in beleg("export", "M-1", "--preview").out
