"""What a program shows of a file is read of it: turned and cropped pages, stamps, units, legends, fields."""

import pytest
from pikepdf import Array, Dictionary, Name, String

from archive.adapters.file_texts import words_of
from tests.unit.test_files_in_full import pdf, saved


def read(data: bytes, name: str = "", kind: str = "") -> tuple[str, set[str]]:
    words = words_of(data, name, kind, None)
    return words.state, set(words.text.split())


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_all_words_of_a_turned_page(turned: int) -> None:
    made, _ = pdf()
    page = made.pages[0].obj
    page.MediaBox, page.Rotate = [0, 0, 400, 900], turned
    page.Contents = made.make_stream(
        b"BT /F1 12 Tf 20 850 Td (Zusage) Tj 0 -840 Td (Unten) Tj 340 0 Td (Herstellergarantie) Tj ET"
    )
    assert read(saved(made)) == ("read", {"Zusage", "Unten", "Herstellergarantie"})


def test_words_that_were_cropped_away() -> None:
    made, _ = pdf("Vertragsstrafe")
    made.pages[0].obj.CropBox = [0, 0, 60, 360]
    assert read(saved(made)) == ("read", {"Vertragsstrafe"})


def test_what_a_note_draws_and_who_wrote_it() -> None:
    made, font = pdf()
    look = made.make_stream(
        b"BT /F1 9 Tf 1 1 Td (GENEHMIGT) Tj ET", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 90, 20],
        Resources=Dictionary(Font=Dictionary(F1=font)),
    )  # fmt: skip
    stamp = Dictionary(
        Type=Name.Annot, Subtype=Name.Stamp, Rect=[20, 20, 110, 40], F=4, AP=Dictionary(N=look)
    )
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Text, Rect=[1, 1, 9, 9], T=String("Einkauf"), Subj=String("Frist"),
        RC=String("<body><p>r&#252;ckfragen</p></body>"),
    )  # fmt: skip
    made.pages[0].obj.Annots = Array([made.make_indirect(stamp), made.make_indirect(note)])
    assert read(saved(made)) == ("read", {"Grundtext", "GENEHMIGT", "Einkauf", "Frist", "rückfragen"})


def test_a_page_whose_words_a_script_writes() -> None:
    page = b"<html><head><title>Angebot</title></head><body><div></div><script>t('Zusage')</script></body></html>"
    assert read(page, "a.html") == ("partly", {"Angebot"})
    assert read(page.replace(b"<div>", b"<div>Zusage"), "a.html") == ("read", {"Angebot", "Zusage"})


WORDS = "Gewährleistung für fünf Jahre, Rücknahme größerer Mängel"


@pytest.mark.parametrize("charset", ["cp850", "cp437", "mac-roman", "cp1252", "utf-8", "latin-1"])
def test_umlauts_of_old_programs(charset: str) -> None:
    assert read(WORDS.encode(charset), "a.csv") == ("read", set(WORDS.split()))


def test_one_bad_byte_costs_no_umlauts() -> None:
    said = f"{WORDS}\n{WORDS}"
    assert read(said.encode() + "ä".encode()[:1], "a.txt") == ("read", set(WORDS.split()))
    for mixed in (said.encode() + b"\nSt\xf6rung", b"St\xf6rung\r\n" + said.encode()):
        assert read(mixed, "a.log") == ("read", {*WORDS.split(), "Störung"})
    assert read("Straß".encode("cp1252"), "a.txt") == ("read", {"Straß"})
    assert read(WORDS.encode(), "a.txt", "text/plain; charset=iso-8859-1")[1] == set(WORDS.split())
