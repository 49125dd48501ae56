"""What a program shows of a file is read of it: turned and cropped pages, stamps, units, legends, fields."""

import zipfile
from io import BytesIO

import docx
import pytest
import xlsxwriter
from pikepdf import Array, Dictionary, Name, String

from archive.adapters.file_texts import words_of
from tests.unit.test_file_texts import with_member, workbook
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
    assert read((f"{WORDS}\n" * 9).encode() + b"\xe4", "a.log")[0] == "read", (
        "of umlauts that are read, many are no sign"
    )
    assert (
        read((f"{WORDS}\n" + "Гарантия на пять лет\n" * 9).encode("cp1251", "replace"), "a.log")[0]
        == "partly"
    )
    assert read("Straß".encode("cp1252"), "a.txt") == ("read", {"Straß"})
    assert read(WORDS.encode(), "a.txt", "text/plain; charset=iso-8859-1")[1] == set(WORDS.split())


def empty() -> bytes:
    out = BytesIO()
    docx.Document().save(out)
    return out.getvalue()


def written(*paragraphs: str) -> bytes:
    """A document with these paragraphs, as markup."""
    said = "".join(f"<w:p>{one}</w:p>" for one in paragraphs)
    return with_member(
        empty(),
        "word/document.xml",
        lambda xml: xml.replace(b"<w:sectPr", said.encode() + b"<w:sectPr", 1),
    )


def run(words: str, kind: str = "t") -> str:
    return f"<w:r><w:{kind}>{words}</w:{kind}></w:r>"


def test_a_tracked_change_leaves_both_words() -> None:
    changed = f"<w:del w:id='1'>{run('fünf', 'delText')}</w:del><w:ins w:id='2'>{run('drei')}</w:ins>{run(' Jahre')}"
    moved = f"<w:moveFrom w:id='3'>{run('Frist')}</w:moveFrom><w:moveTo w:id='4'>{run('Verzug')}</w:moveTo>"
    lines = words_of(written(changed, moved, run("Zusage")), "a.docx", "", None).text.splitlines()
    assert {"drei Jahre", "fünf Jahre", "Verzug", "Frist"} <= set(lines)
    assert lines.count("Zusage") == 1


def test_what_a_document_draws() -> None:
    vml = "xmlns:v='urn:schemas-microsoft-com:vml'"
    mark = f"<w:r><w:pict><v:shape {vml}><v:textpath string='ENTWURF'/></v:shape></w:pict></w:r>"
    entries = "".join(f"<w:listEntry w:val='{one}'/>" for one in ("zwei", "drei", "vier"))
    chosen = f"<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:ddList><w:result w:val='1'/>{entries}"
    field = f"{chosen}</w:ddList></w:ffData></w:fldChar></w:r>{run(' Jahre')}"
    wp = "xmlns:wp='http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing'"
    shown = f"<wp:inline {wp}><wp:docPr id='1' name='x' descr='Siegel &amp; Band'/></wp:inline>"
    picture = f"<w:r><w:drawing>{shown}</w:drawing></w:r>"
    state, found = read(written(mark, field, picture), "a.docx")
    assert state == "read"
    assert {"ENTWURF", "drei", "Jahre", "Siegel", "Band"} <= found
    assert not {"zwei", "vier"} & found


def test_pictures_that_are_described_are_pictures() -> None:
    picture = written(
        "<w:r><w:drawing><wp:docPr xmlns:wp='x' id='1' name='x' descr='scan001.jpg'/></w:drawing></w:r>"
    )
    out = BytesIO(picture)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("word/media/image1.png", b"\x89PNG\r\n")
    assert words_of(out.getvalue(), "a.docx", "", None).state == "image"
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("word/media/media1.m4a", b"....ftyp")
    spoken = with_member(
        out.getvalue(),
        "word/document.xml",
        lambda xml: xml.replace(b"<w:sectPr", f"<w:p>{run('Zusage')}</w:p><w:sectPr".encode(), 1),
    )
    assert words_of(spoken, "a.docx", "", None).state == "partly", "somebody speaks in it"


def test_what_a_workbook_shows_beside_its_values() -> None:
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Preise")
    sheet.write(0, 0, 5, book.add_format({"num_format": '"rund "0 "Stück";-0 "Fehlmenge"'}))
    sheet.write(1, 0, -5, book.add_format({"num_format": '0 "Stück";-0 "Fehlmenge"'}))
    sheet.write(2, 0, 7.5, book.add_format({"num_format": '#,##0.00 "€"'}))
    sheet.insert_button("C3", {"caption": "Freigeben"})
    for holder in (sheet, book.add_chartsheet("Verlauf")):
        chart = book.add_chart({"type": "pie"})
        chart.add_series({"values": "=Preise!$A$1:$A$2", "name": f"Reihe{holder.name}"})
        sheet.insert_chart("D1", chart) if holder is sheet else holder.set_chart(chart)
    book.close()
    words = words_of(out.getvalue(), "a.xlsx", "", None)
    assert words.state == "read"
    assert {"rund 5 Stück", "-5 Fehlmenge", "7.5 € (7,50 €)"} <= set(words.text.splitlines())
    assert {"Freigeben", "Verlauf", "ReihePreise", "ReiheVerlauf"} <= set(words.text.split())


def test_what_a_workbook_remembers_of_others() -> None:
    main = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"
    out = BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as package:
        kept = f"<pivotCacheDefinition {main}><cacheFields><cacheField name='Kunde'><sharedItems><s v='Zulieferer'/>"
        package.writestr(
            "xl/pivotCache/pivotCacheDefinition1.xml",
            f"{kept}</sharedItems></cacheField></cacheFields></pivotCacheDefinition>",
        )
        package.writestr(
            "xl/externalLinks/externalLink1.xml",
            f"<externalLink {main}><cell r='A1' t='str'><v>Sonderpreis</v></cell></externalLink>",
        )
    state, found = read(out.getvalue(), "a.xlsx")
    assert state == "read"
    assert {"Kunde", "Zulieferer", "Sonderpreis"} <= found


@pytest.mark.parametrize(
    "space",
    [
        "http://schemas.microsoft.com/office/word/2003/wordml",
        "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    ],
)
def test_a_document_that_is_one_file_of_xml(space: str) -> None:
    said = f"<?xml version='1.0'?><w:d xmlns:w='{space}'><w:p><w:t>Gara</w:t><w:t>ntie</w:t></w:p></w:d>"
    assert "Garantie" in read(said.encode(), "a.xml", "text/xml")[1]
    assert read(said[:-3].encode(), "a.xml", "text/xml")[0] == "read"


def test_the_numbers_of_paragraphs() -> None:
    space = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"
    levels = "".join(
        f"<w:lvl w:ilvl='{place}'><w:start w:val='1'/><w:numFmt w:val='{form}'/><w:lvlText w:val='{text}'/></w:lvl>"
        for place, (form, text) in enumerate(
            [("decimal", "§ %1"), ("decimal", "(%1.%2)"), ("lowerLetter", "%3)"), ("bullet", "*")]
        )
    )
    numbering = (
        f"<w:numbering {space}><w:abstractNum w:abstractNumId='7'>{levels}</w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num><w:num w:numId='2'><w:abstractNumId w:val='7'/>"
        "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='12'/></w:lvlOverride></w:num></w:numbering>"
    )

    def listed(words: str, level: int, number: int = 1) -> str:
        named = f"<w:ilvl w:val='{level}'/><w:numId w:val='{number}'/>"
        return f"<w:pPr><w:numPr>{named}</w:numPr></w:pPr>{run(words)}"

    made = written(
        listed("Umfang", 0), listed("Frist", 1), listed("Rest", 1), listed("Teil", 2), listed("Punkt", 3),
        run("Ohne"), listed("Garantie", 0), listed("Dauer", 1), listed("Schluss", 0, 2),
        f"<w:pPr><w:pStyle w:val='Heading9'/></w:pPr>{run('Anhang')}",
    )  # fmt: skip
    made = with_member(made, "word/numbering.xml", lambda _: numbering.encode())
    style = b"<w:pPr><w:numPr><w:ilvl w:val='2'/><w:numId w:val='2'/></w:numPr></w:pPr></w:style>"
    made = with_member(
        made,
        "word/styles.xml",
        lambda xml: xml.replace(b"</w:styles>", b"<w:style w:styleId='Heading9'>" + style + b"</w:styles>"),
    )
    lines = words_of(made, "a.docx", "", None).text.splitlines()
    shown = [
        "§ 1 Umfang",
        "(1.1) Frist",
        "(1.2) Rest",
        "a) Teil",
        "Punkt",
        "Ohne",
        "§ 2 Garantie",
        "(2.1) Dauer",
    ]
    assert [line for line in lines if line.strip()][:10] == [*shown, "§ 12 Schluss", "a) Anhang"]
