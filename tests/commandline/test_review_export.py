"""A production for review platforms, by the command line."""

import json
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.test_redacted_files import mail
from tests.commandline.test_redaction_units import chosen


@pytest.fixture
def matter(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    text = chat.read_text(encoding="utf-8") + "[04.02.25, 09:17:02] Anna: \u200e<Anhang: foto.jpg>\n"
    (folder / chat.name).write_text(text, encoding="utf-8")
    (folder / "foto.jpg").write_bytes(b"\xff\xd8\xff" + bytes(5000))
    mail = b"Message-ID: <1@x.example>\nFrom: a@x.example\nDate: Mon, 3 Feb 2025 09:00:00 +0100\n"
    mail += b"Subject: Garantie\n\nja\n"
    (folder / "brief.eml").write_bytes(mail)
    assert beleg("ingest", folder).code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    beleg("search", "garantie", "--matter", "M-1")
    return folder


def test_the_volume_lies_in_the_bundle_and_is_the_same_again(
    beleg: Beleg, matter: Path, tmp_path: Path
) -> None:
    out = tmp_path / "bundle"
    done = beleg("export", "M-1", "--out", out, "--profile", "review", "--bates", "ACME_", "--json")
    assert done.code == 0, done.err
    review = out / "bag" / "data" / "review"
    counts = json.loads((review / "counts.json").read_text())
    assert counts == {
        "documents": 4, "files": 1, "mails": 1, "missing": 0, "pages": 0, "replaced": 0, "slices": 2, "too_large": 0,
        "volumes": 1, "withheld": 0,
    }  # fmt: skip
    native = review / "VOL001" / "NATIVES" / "001" / "ACME_0000001.eml"
    assert native.read_bytes() == (matter / "brief.eml").read_bytes(), "a mail goes out as it came"
    [photo] = (review / "VOL001" / "NATIVES").rglob("*.jpg")
    assert photo.read_bytes() == (matter / "foto.jpg").read_bytes()
    assert beleg("verify", out).code == 0
    again = beleg("export", "--again", "E-1", "--out", tmp_path / "again", "--json")
    assert (again.code, again.json["same_as_before"]) == (0, True)
    photo.write_bytes(b"other")
    assert beleg("verify", out).code == 3


def test_a_mail_of_an_mbox_goes_out_without_the_line_before_it(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    mail = b"Message-ID: <1@x.example>\r\nFrom: a@x.example\r\nSubject: Garantie\r\n\r\nja\r\n"
    (tmp_path / "box.mbox").write_bytes(b"From a@x.example Mon Feb  3 09:00:00 2025\r\n" + mail)
    assert beleg("ingest", tmp_path / "box.mbox").code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    beleg("search", "garantie", "--matter", "M-1")
    assert beleg("export", "M-1", "--out", tmp_path / "out", "--profile", "review").code == 0
    [native] = (tmp_path / "out" / "bag/data/review/VOL001/NATIVES/001").iterdir()
    assert native.read_bytes() == mail


def test_pages_mails_and_volumes_lie_in_the_bundle_too(beleg: Beleg, matter: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    how = ("--profile", "review", "--bates", "ACME_", "--images", "--mails", "--volume-size", "1MB")
    assert beleg("export", "M-1", "--out", out, *how).code == 0
    review = out / "bag" / "data" / "review"
    counts = json.loads((review / "counts.json").read_text())
    assert (counts["volumes"], counts["too_large"]) == (len(list(review.glob("VOL*"))), 0)
    lines = (review / "VOL001" / "DATA" / "VOL001.opt").read_text().splitlines()
    assert counts["pages"] == sum(int(line.rsplit(",", 1)[1]) for line in lines) > 0
    assert len(list(review.rglob("EML/*/*.eml"))) == counts["slices"] > 0
    assert beleg("verify", out).code == 0
    again = beleg("export", "--again", "E-1", "--out", tmp_path / "again", "--json")
    assert (again.code, again.json["same_as_before"]) == (0, True)
    assert "--images" in beleg("export", "--again", "E-1", "--out", tmp_path / "x", "--images").err


def test_a_full_bundle_says_nothing_of_volumes(beleg: Beleg, matter: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    assert beleg("export", "M-1", "--out", out).code == 0
    rule = json.loads((out / "bag" / "data" / "metadata" / "rule.json").read_text())
    assert [name for name, _ in rule["renderers"]] == [
        "bundle", "conversations", "coverage", "custody", "report", "searches", "statements", "table",
    ]  # fmt: skip
    assert set(rule["options"]) == {"context", "language", "profile", "timezone"}
    assert not (out / "bag" / "data" / "review").exists()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--profile", "partial"), "--profile"),
        (("--bates", "acme1"), "--bates"),
        (("--bates", "ACME_", "--exhibit", "K 7"), "one stamp"),
        (("--profile", "review", "--bates", "acme1"), "--bates"),
        (("--profile", "review", "--slices", "week"), "--slices"),
        (("--profile", "review", "--volume-size", "lots"), "650MB"),
        (("--profile", "review", "--volume-size", "0MB"), "650MB"),
        (("--images",), "--profile review takes --images"),
        (("--profile", "court-de", "--mails", "--volume-size", "2GB"), "--volume-size, --mails"),
    ],
)
def test_what_cannot_be_meant(
    beleg: Beleg, matter: Path, tmp_path: Path, options: tuple[str, ...], word: str
) -> None:
    done = beleg("export", "M-1", "--out", tmp_path / "bundle", *options)
    assert done.code == 2
    assert word in done.err
    assert not (tmp_path / "bundle").exists()


def test_a_document_that_no_volume_holds_is_told(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """Who hands volumes over on discs has to know that one does not fit."""
    (tmp_path / "in").mkdir()
    mail(tmp_path / "in", 1, "klein")
    mail(tmp_path / "in", 2, "gross", ("a.bin", bytes(range(256)) * 4000))
    chosen(beleg, tmp_path / "in")
    how = ("--profile", "review", "--volume-size")
    done = beleg("export", "M-1", "--out", tmp_path / "E", *how, "1MB")
    assert "\n1 documents are larger with their files than a volume was to be: nothing is parted" in done.out
    assert beleg("export", "M-1", "--out", tmp_path / "F", *how, "9MB", "--json").json["too_large"] == 0
