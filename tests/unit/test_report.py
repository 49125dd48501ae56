"""The report: valid as PDF/A-2a, the same each time, complete on paper, and not to be led astray by what it shows."""

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from archive.core.signed_note import Checkpoint
from archive.exporters.report import volumes, write_report
from archive.exporters.report.fonts import Shown, direction
from archive.production import BundleInput, Cut, Opening, Picture, Told
from archive.redaction import applied
from schemas.item import (
    Actor,
    Attachment,
    Deleted,
    Edited,
    Key,
    Rating,
    Reaction,
    Recipient,
    Target,
    TimeStamp,
)
from schemas.matter import ExportOptions
from tests.bundle_material import small_archive
from tests.tools import Tools
from tests.unit.test_review_volume import HOSTILE, photo, told

HEAD = Checkpoint(origin="test.example/archive/0123456789abcdef", size=99, root=bytes(32))
KEY = Key(channel="test", scope="s", id="m1")
CHAT = (
    told(1, "Da habt ihr 5 Jahre Garantie drauf 👍", 1, name="محمد"),
    told(2, "= 漢字 שלום #panic() *fett* \\ $x$ <script>", 2, name=HOSTILE),
    told(3, "Da habt ihr 6 Jahre Garantie drauf", 3, name="محمد", event="edited", key=KEY, edited=Edited()),
    told(4, "", 4, event="deleted", key=KEY, why="context"),
    told(5, "ja, passt so", 5, why="parent", targets=(Target(relation="reply", key=KEY, excerpt="5 Jahre"),)),
    told(
        6, "anbei", 6,
        attachments=(
            Attachment(name="Angebot.pdf", state="present", sha256="ab" * 32),
            Attachment(name="weg.ogg", state="missing", reason="not in export"),
        ),
    ),
    told(7, "neu \U0001fadf\ue000\x00\ufeff\ufffe Ende", None),
)  # fmt: skip


def given(items: Sequence[Told], **options: object) -> BundleInput:
    asked = ExportOptions(timezone="Europe/Berlin", **options)  # type: ignore[arg-type]
    return replace(small_archive().given(), told=lambda: items, options=asked)


def made(folder: Path, items: Sequence[Told], picture: Any = None, **options: object) -> volumes.Report:
    folder.mkdir(exist_ok=True)
    asked = given(items, **options)
    return write_report(replace(asked, picture=picture) if picture else asked, HEAD, folder, "Grenzen\n")


def words(file: Path) -> list[str]:
    """The text of each page."""
    with pypdfium2.PdfDocument(file) as document:
        return [page.get_textpage().get_text_range() for page in document]


def test_it_is_pdf_a_2a_with_nothing_active_in_it(tmp_path: Path) -> None:
    made(tmp_path, CHAT)
    with pikepdf.open(tmp_path / "report_0001.pdf") as document:
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
        root = document.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang).startswith("de")
        assert [str(intent.S) for intent in root.OutputIntents] == ["/GTS_PDFA1"]
        for name in ("/OpenAction", "/AA", "/AcroForm", "/AF"):
            assert name not in root
        assert "/JavaScript" not in root.get("/Names", {})
        assert "/EmbeddedFiles" not in root.get("/Names", {})
        fonts = [
            one
            for one in document.objects
            if isinstance(one, pikepdf.Dictionary) and "/FontDescriptor" in one
        ]
        assert fonts
        assert all({"/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys()) for font in fonts)


def test_everything_that_happened_stands_on_paper(tmp_path: Path) -> None:
    report = made(tmp_path, CHAT)
    text = "\n".join(words(tmp_path / "report_0001.pdf"))
    assert report.messages == 5, "an edit and a deletion are told at what they change"
    for said in (
        "5 Jahre Garantie", "6 Jahre Garantie", "vor der Bearbeitung", "gelöscht", "antwortet auf m1: 5 Jahre",
        "Angebot.pdf", "ab" * 32, "weg.ogg", "fehlt: not in export", "ohne Zeit", "#panic() *fett*",
        "$x$ <script>", "漢字", "Grenzen",
    ):  # fmt: skip
        assert said in text, said
    assert "2025-02-03 21:01:00 +0100" in text, (
        "in the zone of the matter, not turned around by a name in Arabic"
    )


def test_what_was_withheld_is_not_missing(tmp_path: Path) -> None:
    kept = applied(CHAT[5], Cut(frozenset({"attachments"})), "[GESCHWÄRZT]")
    made(tmp_path, [replace(kept, index=8), CHAT[5]])
    text = "\n".join(words(tmp_path / "report_0001.pdf"))
    assert "4 (davon fehlend: 1, zurückgehalten: 2)" in text
    assert "fehlt: withheld" not in text
    assert text.count("Angebot.pdf") == 1


def test_what_the_platform_says_beside_the_words_stands_on_paper(tmp_path: Path) -> None:
    said = TimeStamp(written="x", utc="2025-02-03T22:07:00Z", precision="second")
    anna = Actor(written="Anna Weiß", handle="anna@x.example")
    items = [
        told(1, "Gut", 1, rating=Rating(value="2", best="5"), edited=Edited(time=said)),
        told(2, "Ja", 2, reactions=(Reaction(value="❤", count=1, actors=(anna,)),)),
        told(3, "Nein", 3, recipients=(Recipient(role="cc", actor=anna),)),
        told(4, "", 4, event="deleted", deleted=Deleted(by="admin")),
    ]
    made(tmp_path, items)
    text = " ".join("\n".join(words(tmp_path / "report_0001.pdf")).split())
    for told_so in (
        "bearbeitet vor der Erfassung 2025-02-03 23:07:00 +0100", "Bewertung 2 / 5", "1: Anna Weiß · anna@x.example",
        "cc Anna Weiß · anna@x.example", "gelöscht von Verwalter",
    ):  # fmt: skip
        assert told_so in text.replace("\u2068", "").replace("\u2069", ""), told_so


def test_nothing_runs_over_the_edge_of_a_page(tmp_path: Path) -> None:
    """An address or a key has no place to break; the key of the log on the cover is compared with a paper. What fits is
    as it was, for who copies a digest from here."""
    digest = "8" * 64
    made(tmp_path, [told(1, f"{'W' * 300} {digest}", 1), told(2, "https://x.example/" + "a1" * 200, 2)])
    with pypdfium2.PdfDocument(tmp_path / "report_0001.pdf") as document:
        for page in document:
            text = page.get_textpage()
            edge = page.get_width() - 50
            assert all(text.get_charbox(at)[2] < edge for at in range(text.count_chars()))
    whole = "".join(words(tmp_path / "report_0001.pdf"))
    assert whole.count("W" * 10) == 30
    assert digest in whole


def test_what_no_font_has_is_named_and_counted(tmp_path: Path) -> None:
    report = made(tmp_path, CHAT)
    text = "\n".join(words(tmp_path / "report_0001.pdf"))
    for name in ("U+1FADF", "U+E000", "U+0000", "U+FEFF", "U+FFFE", "U+202E", "U+2069"):
        assert f"‹{name}›" in text, name
    assert report.replaced >= 7
    assert f"Zeichen ohne Schrift {report.replaced}" in " ".join(text.split())


def test_the_same_items_give_the_same_bytes(tmp_path: Path) -> None:
    made(tmp_path / "one", CHAT)
    made(tmp_path / "two", CHAT)
    first, second = ((tmp_path / name / "report_0001.pdf").read_bytes() for name in ("one", "two"))
    assert first == second


def test_each_page_is_stamped(tmp_path: Path) -> None:
    items = [told(n, "Lieferung der Pumpe. " * 20, n) for n in range(60)]
    made(tmp_path, items, exhibit="Anlage K 7")
    pages = words(tmp_path / "report_0001.pdf")
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"Anlage K 7, Seite {number}\r\n" in f"{page}\r\n", number


def test_bates_numbers_run_through_all_volumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "MESSAGES", 2)
    report = made(tmp_path, [told(n, f"Nachricht {n}", n) for n in range(4)], prefix="ACME_")
    pages = [page for path in report.paths for page in words(tmp_path / path)]
    assert len(pages) == 4
    for number, page in enumerate(pages, 1):
        assert f"ACME_{number:07d}" in page


def test_volumes_hold_a_bounded_number_of_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "MESSAGES", 25)
    items = [told(n, f"Nachricht {n}.", n) for n in range(60)]
    report = made(tmp_path, items)
    assert report.paths == ("report_0001.pdf", "report_0002.pdf", "report_0003.pdf")
    found = [page for path in report.paths for page in words(tmp_path / path)]
    assert all(any(f"Nachricht {n}." in page for page in found) for n in range(60))
    assert report.messages == 60


def drawn(opening: Opening) -> Picture | None:
    """What a reader of pictures gives: of bytes that say so, a red one."""
    with opening() as stream:
        if stream.read() != b"red":
            return None
    out = BytesIO()
    Image.new("RGB", (300, 200), "red").save(out, "JPEG")
    return Picture(out.getvalue(), 300, 200)


def test_pictures_stand_at_their_message_and_those_that_cannot_be_drawn_are_counted(tmp_path: Path) -> None:
    files = (photo("rot.png", b"red"), photo("kaputt.png", b"?"), photo("weg.png", b""))
    one = told(1, "anbei", 1, attachments=files, files=(b"red", b"?", None))
    made(tmp_path, [told(2, "davor", 0), one], drawn)
    with pikepdf.open(tmp_path / "report_0001.pdf") as document:
        sizes = [
            (page.index, int(found.Width)) for page in document.pages for found in page.get_images().values()
        ]
    assert sizes == [(1, 300)]
    cover, shown = words(tmp_path / "report_0001.pdf")
    assert "1 (nicht darstellbar: 1)" in " ".join(cover.split())
    assert "kaputt.png" in shown


def test_a_volume_holds_fewer_messages_where_they_have_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volumes, "MESSAGES", 25)
    items = [
        told(n, f"Bild {n}.", n, attachments=(photo("rot.png", b"red"),), files=(b"red",)) for n in range(7)
    ]
    assert made(tmp_path, items, drawn).paths == tuple(f"report_{n:04d}.pdf" for n in (1, 2, 3))


def test_the_cover_says_what_was_checked_and_what_bounds_the_sealing(tmp_path: Path) -> None:
    made(tmp_path, CHAT)
    cover = " ".join(words(tmp_path / "report_0001.pdf")[0].split())
    assert "Jeder Datensatz wurde beim Schreiben gegen den unterschriebenen Stand geprüft" in cover
    assert "KEIN ZEITBEWEIS" in cover


def test_a_name_of_letters_that_look_alike_is_marked(tmp_path: Path) -> None:
    made(tmp_path, [told(1, "eins", 1, name="\u0410nna Weiß"), told(2, "zwei", 2, name="Anna Weiß")])
    shown = words(tmp_path / "report_0001.pdf")[1]
    assert shown.count("Name aus mehreren Schriften") == 1


@pytest.mark.parametrize("name", ["poppler"])
def test_other_tools_read_and_draw_every_page(tmp_path: Path, tools: Tools, name: str) -> None:
    tools.need(name)
    made(tmp_path, CHAT)
    file = tmp_path / "report_0001.pdf"
    text = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True).stdout.decode()
    assert "5 Jahre Garantie" in text
    assert "漢字" in text
    subprocess.run(["pdftoppm", "-r", "40", "-png", str(file), str(tmp_path / "page")], check=True)
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) == len(words(file))
    for page in pages:
        with Image.open(page) as drawn:
            dark = sum(count for count, value in drawn.convert("L").getcolors(256) or [] if value < 128)
            assert dark > 100, "a page with something on it"
    told_of = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    assert "Tagged:          yes" in told_of
    assert "JavaScript:      no" in told_of
    fonts = subprocess.run(["pdffonts", str(file)], capture_output=True, text=True, check=True).stdout
    assert all(" yes " in line for line in fonts.splitlines()[2:]), "every font is embedded"


def test_what_is_withheld_is_not_there_and_said_to_be_withheld(tmp_path: Path) -> None:
    cut = replace(
        told(1, "[GESCHWÄRZT] bleibt", 1), cut=Cut(facets=frozenset({"text", "body", "raw", "extra"}))
    )
    made(tmp_path, [cut])
    text = "\n".join(words(tmp_path / "report_0001.pdf"))
    assert "[GESCHWÄRZT] bleibt" in text
    assert "zurückgehalten: body, extra, raw, text" in text


def test_a_matter_of_which_nothing_is_left_still_gives_a_report(tmp_path: Path) -> None:
    report = made(tmp_path, ())
    assert (report.paths, report.messages) == (("report_0001.pdf",), 0)


@pytest.mark.parametrize(
    ("text", "way"), [("12 שלום a", "rtl"), ("a שלום", "ltr"), ("123", "ltr"), ("محمد", "rtl")]
)
def test_the_direction_is_that_of_the_first_letter(text: str, way: str) -> None:
    assert direction(text) == way


def test_emoji_of_several_characters_stay_whole() -> None:
    shown = Shown()
    assert shown.text("👨\u200d👩\u200d👧 ❤\ufe0f") == "👨\u200d👩\u200d👧 ❤\ufe0f"
    assert shown.replaced == 0


def test_days_are_those_of_the_zone(tmp_path: Path) -> None:
    made(tmp_path, [told(1, "vor Mitternacht", 0), told(2, "nach Mitternacht", 200)])
    text = "\n".join(words(tmp_path / "report_0001.pdf")[1:])
    first, second = text.index("2025-02-03\r\n"), text.index("2025-02-04\r\n")
    assert first < text.index("vor Mitternacht") < second < text.index("nach Mitternacht")
