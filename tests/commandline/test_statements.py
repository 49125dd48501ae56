"""Statements by the command line: found at ingest, explained, decided on, searched, registered, measured."""

import csv
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.commandline.conftest import Beleg

CHAT = """[03.02.25, 09:14:05] Anna: Guten Morgen, wie lange ist die Garantie auf die Pumpe?
[03.02.25, 09:15:41] Lieferant: Da habt ihr 5 Jahre Garantie drauf, sag ich dir so zu
[03.02.25, 09:16:02] Anna: Danke!
[03.02.25, 09:20:00] Lieferant: Kann dir noch eine zweite für 1.900 Euro anbieten
[03.02.25, 09:21:00] Anna: ja, passt so
[03.02.25, 09:30:00] Anna: garantiert wieder so ein Montag
[03.02.25, 09:31:00] Lieferant: Frühere Lieferung können wir leider nicht garantieren
"""


@pytest.fixture
def filled(beleg: Beleg, archive: Path, tmp_path: Path) -> Beleg:
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    file.write_text(CHAT, encoding="utf-8")
    done = beleg("ingest", file, "--mine", "Anna")
    assert done.code == 0, done.err
    return beleg


def found(beleg: Beleg, *wanted: str) -> list[tuple[str, str, str]]:
    answer = beleg("statement", "list", "--json", *wanted)
    assert answer.code == 0, answer.err
    return [(line["kind"], line["modality"], line["words"]) for line in answer.json["lines"]]


def one(beleg: Beleg, *wanted: str) -> dict[str, object]:
    (line,) = beleg("statement", "list", "--json", *wanted).json["lines"]
    return dict(line)


class TestFinding:
    def test_ingest_finds_promises_and_passes_over_idioms(self, filled: Beleg) -> None:
        (promise,) = found(filled, "--kind", "warranty", "--modality", "promised")
        assert "5 Jahre Garantie drauf" in promise[2]
        assert not any("Montag" in words for _, _, words in found(filled))

    def test_a_short_yes_accepts_the_offer_before_it_and_both_are_linked(self, filled: Beleg) -> None:
        accepted = one(filled, "--kind", "acceptance")
        offer = one(filled, "--kind", "offer")
        assert accepted["answers"] == offer["item"]
        assert offer["answered_by"] == [accepted["id"]]
        assert accepted["sender"] == "Anna"
        assert offer["sender"] == "Lieferant"

    def test_values_are_normalised(self, filled: Beleg) -> None:
        assert one(filled, "--kind", "warranty", "--modality", "promised")["values"] == {"period": "P5Y"}

    def test_lists_are_narrowed(self, filled: Beleg) -> None:
        assert {line[0] for line in found(filled, "--party", "anna")} >= {"acceptance"}
        assert found(filled, "--since", "2026-01-01") == []
        assert len(found(filled, "--min-score", "90")) < len(found(filled))
        for wrong in (("--kind", "warrant"), ("--modality", "maybe"), ("--party", "Y-9")):
            assert filled("statement", "list", *wrong).code == 2

    def test_a_rebuilt_catalogue_finds_the_same(self, filled: Beleg) -> None:
        before = filled("statement", "list", "--json").json
        assert filled("rebuild", "catalogue").code == 0
        assert filled("statement", "list", "--json").json == before

    def test_searching_takes_kind_and_modality(self, filled: Beleg) -> None:
        assert filled("search", "statement:warranty/promised", "--json").json["total"] == 1
        assert filled("search", "statement:warranty", "--json").json["total"] == 2
        assert filled("search", "statement:acceptance passt", "--json").json["total"] == 1
        assert filled("search", "statement:any", "--json").json["total"] >= 3


class TestDeciding:
    def test_a_rejected_find_leaves_lists_and_searches_and_a_confirmed_one_is_marked(
        self, filled: Beleg
    ) -> None:
        promise = str(one(filled, "--kind", "warranty", "--modality", "promised")["id"])
        done = filled("statement", "confirm", promise, "--note", "Zusage des Vertriebs")
        assert done.code == 0, done.err
        assert one(filled, "--kind", "warranty", "--modality", "promised")["decision"] == "confirmed"
        assert found(filled, "--kind", "warranty", "--modality", "promised", "--unreviewed") == []
        offer = one(filled, "--kind", "offer")
        assert filled("statement", "reject", str(offer["id"])).code == 0
        assert found(filled, "--kind", "offer") == []
        assert len(found(filled, "--kind", "offer", "--rejected")) == 1
        assert filled("search", "statement:offer", "--json").json["total"] == 0
        assert filled("search", "statement:rejected", "--json").json["total"] == 1
        assert filled("search", "statement:confirmed", "--json").json["total"] == 1
        shown = filled("statement", "show", promise)
        assert "Zusage des Vertriebs" in shown.out
        assert filled("verify", "--level", "2").code in (0, 3)

    def test_what_does_not_exist_is_refused(self, filled: Beleg) -> None:
        for command in ("show", "confirm", "reject"):
            assert filled("statement", command, "999.1").code == 2
            assert filled("statement", command, "x").code == 2
        promise = str(one(filled, "--kind", "warranty", "--modality", "promised")["id"])
        assert filled("statement", "confirm", promise, "--matter", "M-9").code == 2


class TestShowing:
    def test_a_statement_explains_itself(self, filled: Beleg) -> None:
        accepted = str(one(filled, "--kind", "acceptance")["id"])
        shown = filled("statement", "show", accepted)
        assert shown.code == 0, shown.err
        for words in ("acceptance, promised", "»", "rule", "strength", "answers", "offer"):
            assert words in shown.out

    def test_each_look_is_in_the_journal(self, filled: Beleg) -> None:
        found(filled)
        filled("statement", "show", str(one(filled, "--kind", "acceptance")["id"]))
        filled("statement", "register")
        commands = {read["command"] for read in filled("access", "--json").json["reads"]}
        assert {"statement list", "statement show", "statement register"} <= commands

    def test_the_register_says_who_promised_what_until_when(self, filled: Beleg, tmp_path: Path) -> None:
        assert (
            filled("party", "add", "Lieferant", "--kind", "organisation", "--side", "counterpart").code == 0
        )
        lines = filled("statement", "register", "--party", "Lieferant", "--json").json
        (warranty,) = [line for line in lines if line["kind"] == "warranty"]
        assert warranty["until"] == "P5Y"
        assert warranty["party"] == "Lieferant"
        table, book = tmp_path / "r.csv", tmp_path / "r.xlsx"
        assert filled("statement", "register", "--csv", table, "--xlsx", book).code == 0
        with table.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        assert rows[0][:4] == ["party", "by", "to", "said"]
        assert load_workbook(book).active.max_row == len(rows)
        assert filled("statement", "list", "--csv", table).code == 2

    def test_no_list_is_written_into_a_place_or_a_folder_that_is_not_there(
        self, filled: Beleg, archive: Path, tmp_path: Path
    ) -> None:
        for option in ("--csv", "--xlsx"):
            for verb in ("list", "register"):
                inside = archive / "places" / "archive" / "s.table"
                refused = filled("statement", verb, option, inside)
                assert refused.code == 2
                assert "the archive's own" in refused.err
                assert not inside.exists()
                refused = filled("statement", verb, option, tmp_path / "nowhere" / "s.table")
                assert refused.code == 2
                assert "is no folder" in refused.err


class TestHandingOut:
    @pytest.fixture
    def matter(self, filled: Beleg) -> Beleg:
        assert filled("matter", "open", "Pumpe", "--reason", "Streit").code == 0
        assert filled("matter", "add", "M-1", "--search", "statement:any").code == 0
        return filled

    def test_a_bundle_holds_register_and_marks_and_comes_again_byte_for_byte(
        self, matter: Beleg, tmp_path: Path
    ) -> None:
        offer = one(matter, "--kind", "offer")
        assert matter("statement", "reject", str(offer["id"])).code == 0
        out = tmp_path / "bundle"
        assert matter("export", "M-1", "--out", out).code == 0
        lines = [
            json.loads(line) for line in (out / "bag/data/statements.jsonl").read_text("utf-8").splitlines()
        ]
        assert {"warranty", "acceptance"} <= {line["kind"] for line in lines}
        assert "offer" not in {line["kind"] for line in lines}
        book = load_workbook(out / "bag/data/table/messages.xlsx")
        assert book.sheetnames == ["items 1", "register 1"]
        words = [str(row[8].value) for row in book["register 1"].iter_rows(min_row=2)]
        assert any("5 Jahre Garantie drauf" in text for text in words)
        assert 'data-file="bag/data/statements.jsonl"' in (out / "START_verify.html").read_text("utf-8")
        assert matter("verify", out).code == 0
        # What is decided later changes nothing of what was handed out.
        promise = one(matter, "--kind", "warranty", "--modality", "promised")
        assert matter("statement", "reject", str(promise["id"])).code == 0
        again = matter("export", "--again", "E-1", "--out", tmp_path / "again", "--json")
        assert again.json["same_as_before"] is True

    def test_what_is_redacted_is_in_no_line(self, matter: Beleg, tmp_path: Path) -> None:
        promise = one(matter, "--kind", "warranty", "--modality", "promised")
        done = matter(
            "matter",
            "redact",
            "M-1",
            str(promise["item"]),
            "--words",
            "5 Jahre Garantie",
            "--reason",
            "Geheimnis",
        )
        assert done.code == 0, done.err
        out = tmp_path / "bundle"
        assert matter("export", "M-1", "--out", out).code == 0
        for file in ("statements.jsonl", "table/messages.xlsx"):
            assert b"5 Jahre Garantie" not in (out / "bag/data" / file).read_bytes()
        lines = [
            json.loads(line) for line in (out / "bag/data/statements.jsonl").read_text("utf-8").splitlines()
        ]
        assert not any(line["index"] == promise["item"] and line["kind"] == "warranty" for line in lines)

    def test_the_other_side_gets_no_finds(self, matter: Beleg, tmp_path: Path) -> None:
        out = tmp_path / "bundle"
        done = matter("export", "M-1", "--profile", "opposing", "--out", out)
        assert done.code == 0, done.err
        assert not (out / "bag/data/statements.jsonl").exists()


class TestForgetting:
    def test_what_was_erased_is_in_no_table(self, filled: Beleg, archive: Path) -> None:
        from archive.adapters.catalogue_sql import SqlCatalogue

        promise = one(filled, "--kind", "warranty", "--modality", "promised")
        assert filled("statement", "confirm", str(promise["id"])).code == 0
        assert filled("statement", "list").code == 0
        (place,) = archive.rglob("catalogue.sqlite")
        catalogue = SqlCatalogue(place)
        item = int(str(promise["item"]))
        assert catalogue.statements_of([item])
        assert catalogue.statement_decisions()
        catalogue.forget([item])
        assert not catalogue.statements_of([item])
        assert not catalogue.statement_decisions()
        catalogue.close()


class TestEvaluating:
    def test_a_labelled_file_is_measured_without_an_archive(self, beleg: Beleg, tmp_path: Path) -> None:
        file = tmp_path / "labelled.jsonl"
        text = "da hast du 5 Jahre Garantie drauf"
        line = {
            "id": "1", "lang": "de", "channel": "whatsapp", "sender": "a", "text": text, "context": [],
            "sent_at": "2024-05-14T10:00:00+02:00", "note": "",
            "labels": [{"kind": "warranty", "modality": "promised", "span": text, "values": {"period": "P5Y"}}],
        }  # fmt: skip
        file.write_text(json.dumps(line) + "\n", encoding="utf-8")
        answer = beleg("statement", "evaluate", file, "--json")
        assert answer.code == 0, answer.err
        assert {k: answer.json["warranty"][k] for k in ("precision", "recall", "f1", "n")} == {
            "precision": 1.0, "recall": 1.0, "f1": 1.0, "n": 1,
        }  # fmt: skip
        assert answer.json["by_modality"]["promised"]["warranty"]["n"] == 1
        assert answer.json["kind_only"]["warranty"]["f1"] == 1.0
        assert "warranty" in beleg("statement", "evaluate", file).out

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("{", "line 1"),
            ('{"text": "a"}\n{"id": 1}', "line 2: there is no 'text'"),
            ('{"text": "a", "labels": [{"kind": "x", "modality": "promised", "span": "a"}]}', "no kind"),
            (
                '{"text": "a", "labels": [{"kind": "price", "modality": "promised", "span": "b"}]}',
                "not stand",
            ),
        ],
    )
    def test_a_line_that_cannot_be_read_is_named(
        self, beleg: Beleg, tmp_path: Path, line: str, said: str
    ) -> None:
        file = tmp_path / "labelled.jsonl"
        file.write_text(line, encoding="utf-8")
        answer = beleg("statement", "evaluate", file)
        assert answer.code == 2
        assert said in answer.err
