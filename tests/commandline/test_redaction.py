"""A production with redactions, searched byte by byte for what must not be in it."""

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
import typst

from tests.browser.chromium import Chromium, Page
from tests.browser.page_source import replaced, rewrite, unpacked
from tests.commandline.conftest import Beleg
from tests.tools import Tools

SECRET = "Sonderrabatt von 17 Prozent"
ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")
WHOLE = "Mein Arzt hat mir Ruhe verordnet"


def readings(data: bytes, name: str) -> Iterator[bytes]:
    """Give the bytes of a file, and of everything packed into it."""
    yield data
    if b"\\u" in data:
        yield ESCAPE.sub(lambda match: chr(int(match[1], 16)).encode("utf-8", "replace"), data)
    if name.endswith(".html"):
        yield unpacked(data.decode()).encode()
    if name.endswith((".zip", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for member in packed.namelist():
                yield from readings(packed.read(member), member)
    if name.endswith(".pdf"):
        with pypdfium2.PdfDocument(data) as document:
            for page in document:
                yield page.get_textpage().get_text_range().encode()
    if name.endswith(".rsmf"):
        for part in message_from_bytes(data).walk():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield from readings(payload, part.get_filename() or "body")


def packed(words: bytes, shift: int) -> bytes:
    """Give those characters of base64 that the words alone determine; fewer would stand in signatures by chance."""
    ends = (shift + len(words)) * 8 // 6
    return base64.b64encode(b" " * shift + words)[-(-shift * 8 // 6) : ends]


def tells(folder: Path, words: str) -> list[str]:
    """Give the files in which the words stand in any coding."""
    said = words.encode()
    codings = [said, words.encode("utf-16-le"), *(packed(said, shift) for shift in range(3))]
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and any(coded in data for data in readings(path.read_bytes(), path.name) for coded in codings)
    ]


def mail(number: int, subject: str, body: str, answers: int | None = None) -> bytes:
    head = f"Message-ID: <{number}@x.example>\nFrom: a@x.example\nTo: b@x.example\nSubject: {subject}\n"
    head += f"Date: Mon, 3 Feb 2025 09:0{number}:00 +0100\nMIME-Version: 1.0\n"
    head += f"In-Reply-To: <{answers}@x.example>\n" if answers else ""
    head += "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    return head.encode() + base64.encodebytes(body.encode())


@pytest.fixture
def matter(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.eml").write_bytes(
        mail(1, "Angebot", f"Guten Tag,\nwir geben einen {SECRET}, Garantie 5 Jahre.\n")
    )
    (folder / "2.eml").write_bytes(
        mail(2, "Re: Angebot", "Danke!\n\n> wir geben einen Sonderrabatt\n> von 17 Prozent, Garantie", 1)
    )
    (folder / "3.eml").write_bytes(mail(3, "Privat", f"Garantie? {WHOLE}. Bis bald"))
    chat = f"[03.02.25, 09:15:01] Anna: Garantie, und der {SECRET} gilt\n"
    chat += (
        "[03.02.25, 09:16:01] Bernd: \u200e<Anhang: notiz.txt>\n[03.02.25, 09:17:01] Bernd: Garantie gut\n"
    )
    (folder / "WhatsApp Chat mit Anna.txt").write_text(chat, encoding="utf-8")
    (folder / "notiz.txt").write_text(f"Notiz: {SECRET}", encoding="utf-16-le")
    assert beleg("ingest", folder).code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    beleg("search", "garantie", "--matter", "M-1")
    return folder


def found(beleg: Beleg, query: str) -> int:
    (one,) = beleg("search", query, "--json").json["hits"]
    return int(one["number"])


def redact(beleg: Beleg, query: str, words: str) -> int:
    item = found(beleg, query)
    done = beleg("matter", "redact", "M-1", str(item), "--words", words, "--reason", "GEHEIMNIS")
    assert done.code == 0, done.err
    return item


@pytest.mark.parametrize("profile", ["full", "review"])
def test_no_byte_of_the_bundle_tells_it(beleg: Beleg, matter: Path, tmp_path: Path, profile: str) -> None:
    plain = tmp_path / "plain"
    assert beleg("export", "M-1", "--out", plain, "--profile", profile).code == 0
    assert len(tells(plain, SECRET)) > 3, "the search of this test finds what is there"
    item = redact(beleg, '"wir geben einen"  NOT danke', SECRET)
    private = found(beleg, "arzt")
    assert beleg("matter", "redact", "M-1", str(private), "--facet", "text", "--reason", "privat").code == 0
    out = tmp_path / "out"
    done = beleg("export", "M-1", "--out", out, "--profile", profile, "--json")
    assert done.code == 0, done.err
    assert len(done.json["redacted"]) == 5, "the mail, its answer, the private one, the chat line, the note"
    for words in (SECRET, "17 Prozent", WHOLE, "notiz.txt"):
        assert tells(out, words) == []
    assert tells(out, "Garantie 5 Jahre"), "what was not withheld is there"
    assert beleg("verify", out).code == 0
    assert beleg("matter", "redact", "M-1", str(item), "--words", "steht nicht da", "--reason", "x").code == 2
    lines = [json.loads(line) for line in (out / "bag/data/redactions.jsonl").read_text().splitlines()]
    by_item = {line["index"]: line for line in lines}
    assert by_item[item]["text"].startswith("Guten Tag,\nwir geben einen [GESCHWÄRZT], Garantie")
    assert (by_item[private]["text"], by_item[private]["reason"]) == (None, "privat")
    assert [line["follows"] for line in lines].count(item) == 3
    sheet = openpyxl.load_workbook(out / "bag/data/metadata/redaction_log.xlsx").active
    assert sheet is not None
    assert sheet.max_row == 6
    again = beleg("export", "--again", done.json["production"], "--out", tmp_path / "again", "--json")
    assert again.json["same_as_before"] is True


@pytest.mark.parametrize("profile", ["review", "opposing"])
def test_what_stays_inside_is_logged_and_told_by_nobody(
    beleg: Beleg, matter: Path, tmp_path: Path, profile: str
) -> None:
    item = found(beleg, '"wir geben einen" NOT danke')
    beleg("matter", "add", "M-1", str(item), "--decision", "privileged", "--note", "Anwalt")
    out = tmp_path / "out"
    done = beleg("export", "M-1", "--out", out, "--profile", profile, "--json")
    assert done.code == 0, done.err
    assert tells(out, "wir geben einen") == []
    rows = list(openpyxl.load_workbook(out / "bag/data/metadata/privilege_log.xlsx").active.values)  # type: ignore[union-attr]
    assert len(rows) == 2
    assert (rows[1][1], rows[1][4], rows[1][8], rows[1][9]) == (item, "a@x.example", "privileged", "Anwalt")


def test_the_page_shows_a_redacted_copy_as_such_and_stays_intact(
    beleg: Beleg, matter: Path, tmp_path: Path, tools: Tools
) -> None:
    item = redact(beleg, '"wir geben einen" NOT danke', SECRET)
    out = tmp_path / "out"
    assert beleg("export", "M-1", "--out", out).code == 0
    browser = Chromium(tools.need("chromium"), tmp_path / "profile")
    try:
        page = browser.open(out / "START_verify.html")
        assert page.wait("verdict") == "intact"
        threads = "[...document.querySelectorAll('#thread-list button')]"
        page.ask(f"{threads}.find((one) => one.textContent.includes('email')).click()")
        shown = page.ask(f"document.getElementById('record-{item}').innerText")
        assert "Guten Tag,\nwir geben einen [GESCHWÄRZT], Garantie" in shown
        assert "Geschwärzte Abschrift, vom Herausgeber gemacht" in shown
        assert "zurückgehalten: what, text, body, extra, raw" in shown
        rewrite(out / "START_verify.html", replaced("[GESCHWÄRZT], Garantie", "Garantie"))
        changed = browser.open(out / "START_verify.html")
        assert changed.wait("verdict") == "findings", "the copy is under the signature"
    finally:
        browser.close()


def test_a_withheld_item_that_was_erased_gives_nothing_free(
    beleg: Beleg, matter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows it is known from the production of before; a new production cannot know it, and is refused."""
    from archive.services.retold import Cuts

    item = next(
        hit["number"]
        for hit in beleg("search", '"17 Prozent"', "--json").json["hits"]
        if "<" not in hit["text"]
    )
    assert beleg("matter", "redact", "M-1", str(item), "--words", SECRET, "--reason", "Geheimnis").code == 0
    first = beleg("export", "M-1", "--out", tmp_path / "one", "--json").json
    assert len(first["redacted"]) > 1, "something follows it"
    right = Cuts._item
    monkeypatch.setattr(Cuts, "_item", lambda self, index: None if index == item else right(self, index))
    again = beleg("export", "--again", "E-1", "--out", tmp_path / "again", "--json").json
    assert again["redacted"] == first["redacted"]
    assert tells(tmp_path / "again", SECRET) == []
    fresh = beleg("export", "M-1", "--out", tmp_path / "new")
    assert (fresh.code, "was erased since" in fresh.err) == (5, True)
    assert list((tmp_path / "new").iterdir()) == [] if (tmp_path / "new").exists() else True


def test_words_of_files_that_were_lost_with_a_projection_are_read_again(
    beleg: Beleg, archive: Path, matter: Path, tmp_path: Path
) -> None:
    page = f"#set page(width: 12cm)\n{SECRET}"
    other = tmp_path / "mehr"
    other.mkdir()
    chat = "[04.02.25, 09:15:01] Anna: Garantie folgt\n[04.02.25, 09:16:01] Bernd: \u200e<Anhang: plan.pdf>\n"
    (other / "WhatsApp Chat mit Kurt.txt").write_text(chat, encoding="utf-8")
    pdf = bytes(typst.compile({"main.typ": page.encode()}, format="pdf"))  # type: ignore[call-overload]
    (other / "plan.pdf").write_bytes(pdf)
    assert beleg("ingest", other).code == 0
    beleg("matter", "add", "M-1", "--search", "garantie")
    redact(beleg, '"wir geben einen"  NOT danke', SECRET)
    (archive / "workspace" / "texts.sqlite").unlink()
    assert beleg("export", "M-1", "--out", tmp_path / "out").code == 0
    assert [
        path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.read_bytes() == pdf
    ] == []


def test_who_answers_an_answer_repeats_no_short_words(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.eml").write_bytes(mail(1, "Angebot", "Garantie, und 17 Prozent dazu"))
    (folder / "2.eml").write_bytes(mail(2, "Re: Angebot", "Garantie gut", 1))
    (folder / "3.eml").write_bytes(mail(3, "Re: Angebot", "die 17 Prozent Garantie?", 2))
    assert beleg("ingest", folder).code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", "--search", "garantie")
    first = min(hit["number"] for hit in beleg("search", '"17 Prozent"', "--json").json["hits"])
    assert beleg("matter", "redact", "M-1", str(first), "--words", "17 Prozent", "--reason", "x").code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "out").code == 0
    assert tells(tmp_path / "out", "17 Prozent") == []


def test_a_text_that_is_withheld_is_withheld_whole(beleg: Beleg, matter: Path, tmp_path: Path) -> None:
    item = beleg("search", f'"{WHOLE}"', "--json").json["hits"][0]["number"]
    assert beleg("matter", "add", "M-1", "--search", f'"{WHOLE}"').code == 0
    how = ("--words", "Arzt", "--facet", "text", "--reason", "privat")
    assert beleg("matter", "redact", "M-1", str(item), *how).code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "out").code == 0
    assert tells(tmp_path / "out", "Ruhe verordnet") == []


def test_no_id_that_is_a_hash_of_what_is_withheld_stands_in_it(
    beleg: Beleg, matter: Path, tmp_path: Path, tools: Tools
) -> None:
    """Whoever tries all texts would find the one that gives the id."""
    mail_item = redact(beleg, '"wir geben einen"  NOT danke', SECRET)
    chat_item = found(beleg, "channel:whatsapp rabatt NOT has:file")
    keys = [beleg("show", str(item), "--json").json["item"]["key"] for item in (mail_item, chat_item)]
    hashes = [keys[0]["scope"].removeprefix("body:"), keys[1]["id"]]
    assert keys[1]["derived"]
    plain = tmp_path / "plain"
    assert beleg("export", "M-1", "--out", plain, "--profile", "full").code == 0
    for profile in ("full", "review", "opposing"):
        out = tmp_path / profile
        assert beleg("export", "M-1", "--out", out, "--profile", profile).code == 0
        assert beleg("verify", out).code == 0
        for one in hashes:
            assert len(one) >= 16
            assert tells(out, one) == []
    page = chromium_page(tools, tmp_path, tmp_path / "full")
    names = page.ask("document.getElementById('thread-list').textContent")
    assert page.wait("verdict") == "intact"
    assert "Anna" in names, "the blackened line stands in its conversation"
    page.browser.close()


def chromium_page(tools: Tools, tmp_path: Path, bundle: Path) -> Page:
    page = Chromium(tools.need("chromium"), tmp_path / "profile").open(bundle / "START_verify.html")
    page.wait("verdict")
    return page


@pytest.mark.long
def test_a_proof_that_holds_what_a_matter_withholds_says_so(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    assert beleg("ingest", chat).code == 0
    assert beleg("matter", "open", "Pumpe", "--reason", "Streit").code == 0
    assert beleg("matter", "add", "M-1", "--search", "garantie").code == 0
    number = str(beleg("search", "garantie", "--json").json["hits"][0]["number"])
    assert beleg("matter", "redact", "M-1", number, "--words", "Garantie", "--reason", "x").code == 0
    whole = beleg("proof", "item", number, "--out", tmp_path / "whole")
    assert (whole.code, "M-1 withholds it" in whole.err) == (0, True), whole.err
