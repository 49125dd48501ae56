"""Volumes by size, conversations as mails, documents on pages: read back by other tools."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from archive.adapters.picture_reader import PictureReader
from archive.exporters.report.sheets import Sheets
from archive.production import Opening, Picture, Told
from schemas.item import Attachment
from tests.unit.test_review_volume import HOSTILE, everything, photo, rows, told, write


def many(count: int, data: bytes) -> list[Told]:
    """A letter each, every one with a file."""
    return [
        told(n, f"Brief {n}", n, form="mail", title=f"Brief {n}", attachments=(photo("plan.jpg", data),), files=(data,))
        for n in range(1, count + 1)
    ]  # fmt: skip


def lengths(volume: Path) -> int:
    files = (path for path in volume.rglob("*") if path.is_file() and path.parent.name != "DATA")
    return sum(path.stat().st_size for path in files)


def test_a_volume_is_no_larger_than_asked_and_no_family_is_cut(tmp_path: Path) -> None:
    items = [*many(5, bytes(3000)), *many(1, bytes(20_000)), *many(1, bytes(100))]
    done = write(tmp_path / "v", items, size=8000)
    names = sorted(path.name for path in (tmp_path / "v").iterdir())
    assert names == ["VOL001", "VOL002", "VOL003", "VOL004", "VOL005"]
    assert (done.volumes, done.too_large, done.documents) == (5, 1, 14)
    sizes = [lengths(tmp_path / "v" / name) for name in names]
    assert [size > 8000 for size in sizes] == [False, False, False, True, False]
    found = [row for name in names for row in rows(tmp_path / "v", name)]
    assert [row["BEGBATES"] for row in found] == [f"ACME_{n:07d}" for n in range(1, 15)]
    for row in found:
        volume = tmp_path / "v" / row["PRODVOLUME"]
        assert (volume / row["NATIVEPATH"]).is_file()
        if row["PARENTBATES"]:
            parent = next(one for one in found if one["BEGBATES"] == row["PARENTBATES"])
            assert parent["PRODVOLUME"] == row["PRODVOLUME"]
    there = {str(path.relative_to(tmp_path / "v")) for path in (tmp_path / "v").rglob("*") if path.is_file()}
    assert there == set(done.paths)


def test_without_a_size_there_is_one_volume_even_of_nothing(tmp_path: Path) -> None:
    done = write(tmp_path / "v", [])
    assert (done.volumes, done.paths, rows(tmp_path / "v")) == (1, ["VOL001/DATA/VOL001.dat"], [])


def test_a_conversation_as_a_mail_has_its_transcript_and_its_files(tmp_path: Path) -> None:
    write(tmp_path / "v", everything(), mails=True)
    found = [row for row in rows(tmp_path / "v") if row["EMLPATH"]]
    assert [row["DOCTYPE"] for row in found] == ["conversation"] * 3
    data = (tmp_path / "v" / "VOL001" / found[0]["EMLPATH"]).read_bytes()
    mail: Any = email.message_from_bytes(data, policy=email.policy.default)
    assert mail.defects == []
    assert mail["X-Beleg-Part"] == "2025-02-03"
    assert mail["X-RSMF-Version"] is None, "a name cannot write headers"
    assert len(mail["To"].addresses) == 3
    text = mail.get_body(("plain",)).get_content()
    assert text == (tmp_path / "v" / "VOL001" / found[0]["TEXTPATH"]).read_text()
    assert "before the edit: Garantie: vier Jahre" in text
    [file] = mail.iter_attachments()
    assert (file.get_content(), file.get_content_type()) == (b"JPEG", "application/octet-stream")
    assert file.get_filename() == "ACME_0000001_7_1.jpg"


def none(_: Opening) -> Picture | None:
    return None


def test_every_document_stands_on_numbered_pages_and_in_the_load_file_of_pages(tmp_path: Path) -> None:
    long = told(50, "Zeile\n" * 200, 300, thread=told(1, "").item.key)
    items = [*everything(), long]
    done = write(tmp_path / "v", items, sheets=Sheets("Europe/Berlin", "de", none))
    found = rows(tmp_path / "v")
    lines = (tmp_path / "v" / "VOL001" / "DATA" / "VOL001.opt").read_bytes().decode("ascii").split("\r\n")
    assert lines.pop() == ""
    assert [line.split(",")[0] for line in lines] == [row["BEGBATES"] for row in found]
    total = 0
    for line, row in zip(lines, found, strict=True):
        key, volume, place, begins, folder, box, count = line.split(",")
        assert (volume, begins, folder, box) == ("VOL001", "Y", "", "")
        path = tmp_path / "v" / volume / place.replace("\\", "/")
        with pypdfium2.PdfDocument(path) as document:
            assert len(document) == int(count) == int(row["PAGECOUNT"])
            for number, page in enumerate(document, 1):
                assert f"{key}_{number:04d}" in page.get_textpage().get_text_range()
        total += int(count)
    assert (done.pages, total) == (total, total)
    assert max(int(row["PAGECOUNT"]) for row in found) > 3
    [slip] = [row for row in found if row["DOCTYPE"] == "attachment"]
    with pypdfium2.PdfDocument(tmp_path / "v/VOL001/IMAGES/001" / f"{slip['BEGBATES']}.pdf") as document:
        text = " ".join(document[0].get_textpage().get_text_range().split())
    assert "Als Datei übergeben" in text
    assert slip["SHA256HASH"] in text.replace(" ", "")


def test_a_file_that_is_a_pdf_and_its_sheet_are_kept_apart(tmp_path: Path) -> None:
    plan = Attachment(
        name="plan.pdf", media_type="application/pdf", state="present", length=4, sha256="ab" * 32
    )
    write(
        tmp_path / "v",
        [told(1, "anbei", attachments=(plan,), files=(b"%PDF",))],
        sheets=Sheets("UTC", "de", none),
    )
    volume = tmp_path / "v" / "VOL001"
    assert (volume / "NATIVES/001/ACME_0000002.pdf").read_bytes() == b"%PDF"
    with pypdfium2.PdfDocument(volume / "IMAGES/001/ACME_0000002.pdf") as sheet:
        assert "plan.pdf" in sheet[0].get_textpage().get_text_range()


@contextmanager
def opening(data: bytes) -> Iterator[BinaryIO]:
    yield BytesIO(data)


def image(kind: str, size: tuple[int, int] = (300, 200), **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def pictures() -> Iterator[PictureReader]:
    made = PictureReader()
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
def test_pictures_are_drawn_anew(pictures: PictureReader, kind: str) -> None:
    found = pictures(partial(opening, image(kind, (3000, 1500))))
    assert found is not None
    assert (found.width, found.height) == (1000, 500)
    with Image.open(BytesIO(found.data)) as drawn:
        assert (drawn.format, drawn.size) == ("JPEG", (1000, 500))
        assert drawn.getpixel((500, 250))[0] > 240  # type: ignore[index]
    assert pictures(partial(opening, image(kind, (3000, 1500)))) == found, "the same each time"


def test_what_a_photo_carries_besides_is_gone_and_it_stands_upright(pictures: PictureReader) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Geheime Notiz"
    found = pictures(partial(opening, image("JPEG", exif=exif)))
    assert found is not None
    assert (found.width, found.height) == (200, 300)
    assert b"Geheime" not in found.data


@pytest.mark.parametrize(
    "data",
    [b"", b"keines", b"<svg xmlns='http://www.w3.org/2000/svg'/>", image("PNG")[:60], b"%!PS-Adobe-3.0 EPSF-3.0\n"],
    ids=["nothing", "words", "SVG", "half a picture", "PostScript"],
)  # fmt: skip
def test_what_is_no_picture_is_none(pictures: PictureReader, data: bytes) -> None:
    assert pictures(partial(opening, data)) is None
    assert pictures(partial(opening, image("PNG"))) is not None, "and the next one is drawn"


def test_a_picture_of_too_many_pixels_is_not_drawn(pictures: PictureReader) -> None:
    out = BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    assert pictures(partial(opening, out.getvalue())) is None


def test_a_picture_stands_on_the_page_of_its_document(tmp_path: Path, pictures: PictureReader) -> None:
    data = image("PNG")
    broken = photo(f"{HOSTILE}.png", b"x")
    one = told(1, "anbei", attachments=(photo("plan.png", data), broken), files=(data, b"x"))
    write(tmp_path / "v", [one], sheets=Sheets("UTC", "en", pictures))
    with pikepdf.open(tmp_path / "v/VOL001/IMAGES/001/ACME_0000001.pdf") as document:
        drawn = [image for page in document.pages for image in page.get_images().values()]
    assert [(int(one.Width), int(one.Height)) for one in drawn] == [(300, 200)]
