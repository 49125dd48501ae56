"""Whatever form words are wrapped in, they are found; and what cannot be opened is said to be so."""

import base64
import io
import quopri
import time
import zipfile
from hashlib import sha256

import pytest

from archive.reading.unwrapped import MOST_MEMBERS, unwrapped
from archive.redaction import folded, occurs

SECRET = "Sonderrabatt von 17 Prozent"
WORDS = frozenset({folded(SECRET)})


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, data)
    return out.getvalue()


def mail(body: bytes, kind: str = "text/html; charset=utf-8", coding: str = "base64") -> bytes:
    coded = base64.encodebytes(body) if coding == "base64" else quopri.encodestring(body)
    head = f"Subject: x\nMIME-Version: 1.0\nContent-Type: {kind}\nContent-Transfer-Encoding: {coding}\n\n"
    return head.encode() + coded


def put(words: str) -> str:
    return f"<w:r><w:t>{words}</w:t></w:r>"


def struck(words: str) -> str:
    return f'<w:del w:id="1"><w:r><w:delText>{words}</w:delText></w:r></w:del>'


def new(words: str) -> str:
    return f'<w:ins w:id="2">{put(words)}</w:ins>'


def office(body: str) -> bytes:
    return zipped("word/document.xml", f"<w:document><w:body>{body}</w:body></w:document>".encode())


TAGGED = b"<p>ein Sonder<wbr>rabatt <b>von</b>&nbsp;17 <i>Prozent</i></p>"


@pytest.mark.parametrize(
    "data",
    [
        SECRET.encode(),
        SECRET.encode("utf-16-le"),
        SECRET.encode("utf-16-be"),
        TAGGED,
        b'{"text":"Sonderrabatt von 17\\u0020Prozent"}',
        b'{"content":"{\\"text\\":\\"Sonderrabatt von 17\\\\u0020Prozent\\"}"}',
        mail(SECRET.encode(), "text/plain; charset=utf-8"),
        mail(TAGGED),
        mail(TAGGED, coding="quoted-printable"),
        mail("Grüße, Sonderrabatt von 17 Prozent".encode("cp1252"), "text/plain; charset=windows-1252"),
        mail(mail(TAGGED), "message/rfc822"),
        zipped("a.txt", SECRET.encode()),
        zipped("b.zip", zipped("a.eml", mail(TAGGED))),
        zipped(f"{SECRET}.txt", b""),
        b"MZ" + bytes(500) + zipped("a.txt", SECRET.encode()),
        office(put("Sonder") + struck("waren") + new("rabatt von 17 Prozent")),
        office(put("Sonderrabatt von ") + struck("17") + new("15") + put(" Prozent")),
        b"<p>Sonderrabatt <del>nicht unter</del> von 17 Prozent</p>",
        b'{"contentBytes":"' + base64.b64encode(zipped("a.txt", SECRET.encode())) + b'"}',
        b'{"raw":"' + base64.urlsafe_b64encode(mail(TAGGED)).rstrip(b"=") + b'"}',
        b'{"data":"' + base64.encodebytes(SECRET.encode() * 3).replace(b"\n", b"\\n") + b'"}',
        base64.encodebytes(f"{SECRET}, ".encode() * 9),
    ],
    ids=[
        "plain", "UTF-16", "UTF-16, big-endian", "tags", "escapes", "escapes in escapes",
        "mail", "mail of tags", "quoted-printable", "Windows", "mail in a mail",
        "zip", "zip in a zip with a mail", "name in a zip",
        "zip that unpacks itself", "tracked change accepted", "tracked change refused", "struck words",
        "file in an answer", "mail in an answer", "broken base64 in JSON", "base64",
    ],
)  # fmt: skip
def test_words_are_found_through_every_wrapping(data: bytes) -> None:
    found = unwrapped(data)
    assert any(occurs(WORDS, text) for text in found.texts)
    assert found.whole


LAW = "Gewährleistungsverlängerung"
RTF = b"{\\rtf1\\ansi Dazu eine {\\b Gew\\'e4hrleistungs}verl\\u228?ngerung.\\par}"
CARD = "NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Gew=C3=A4hrleistungs=\r\nverl=C3=A4ngerung\r\n"
REFERENCES = "".join(f"&#{ord(one)};" for one in LAW)


@pytest.mark.parametrize(
    "data",
    [
        LAW.encode("cp1252"),
        b"\xd0\xcf\x11\xe0" + bytes(range(256)) * 9 + LAW.encode("cp1252"),
        b"\xd0\xcf\x11\xe0" + bytes(range(256)) * 9 + b"\1" + LAW.encode("utf-16-le"),
        zipped("a.html", f"<html><body>{LAW}</body></html>".encode("latin-1")),
        zipped("a.rtf", RTF),
        CARD.encode(),
        b"<img src='data:text/plain;base64," + base64.b64encode(LAW.encode()) + b"'>",
        f"<span title='{REFERENCES}'>x</span>".encode(),
        b"<a href='https://safe.example/?u=https%3A%2F%2Fx%2F%3Fq%3DGew%25C3%25A4hrleistungsverl%25C3%25A4ngerung'>",
        b"mailto:a@x.example?body=Gew%E4hrleistungsverl%E4ngerung",
        b"Subject: x\nThread-Topic: =?utf-8?q?Gew=C3=A4hrleistungs?=\n =?utf-8?b?dmVybMOkbmdlcnVuZw==?=\n\n",
        b'{"content":"Gew\\u00c3\\u00a4hrleistungsverl\\u00c3\\u00a4ngerung"}',
        f"&lt;p&gt;{LAW.replace('s', '&amp;shy;s', 1)}&lt;/p&gt;".encode(),
    ],
    ids=[
        "Windows", "bytes of a program", "UTF-16 at an odd place", "Latin-1 in a zip", "RTF in a zip",
        "business card", "data in an address", "references in an attribute", "an address in an address",
        "Latin-1 in an address", "words of a header", "UTF-8 escaped byte by byte", "markup in markup",
    ],
)  # fmt: skip
def test_codings_within_codings_are_undone(data: bytes) -> None:
    assert any(occurs({folded(LAW)}, text) for text in unwrapped(data).texts)


def test_a_sign_that_json_writes_as_two_is_one() -> None:
    assert any(occurs({folded("👍 17")}, text) for text in unwrapped(b'"\\ud83d\\udc4d 17"').texts)


@pytest.mark.parametrize(
    "data",
    [
        b"Subject: =?idna?q?=C3=A4?= =?undefined?b?eA==?= =?hex?q?x?= =?utf-8?b?x?=\n\n",
        b"{\\rtf1 \\u99999? \\u-1? \\'zz \\",
        b"x;base64,AAAAAAAAA " * 20_000,
        b"%" * 50_000 + b"%2525" * 20_000,
        b"&amp;" * 50_000 + b"<" * 20_000 + b"=?" * 20_000,
        b'"\\ud83d \\udc4d\\ud800"',
    ],
    ids=["codings of no text", "broken RTF", "many data", "percent", "signs", "half signs"],
)
def test_what_is_hostile_is_read_in_time_and_without_a_fall(data: bytes) -> None:
    assert unwrapped(data).texts
    assert not any(occurs(WORDS, text) for text in unwrapped(data).texts)


def test_a_pdf_in_a_file_is_read_by_whoever_can_or_is_not_known_to_the_bottom() -> None:
    packed = zipped("a.pdf", b"%PDF-1.7 packed words")
    assert not unwrapped(packed).whole
    found = unwrapped(packed, lambda data: SECRET if data.startswith(b"%PDF") else None)
    assert found.whole
    assert any(occurs(WORDS, text) for text in found.texts)


def test_what_lies_in_a_file_is_known_by_its_digest() -> None:
    within = b"\x89PNG picture"
    outer = zipped("a.zip", zipped("word/media/image1.png", within))
    assert sha256(within).hexdigest() in unwrapped(outer).digests
    assert sha256(within).hexdigest() in unwrapped(mail(within, "image/png")).digests


def bomb() -> bytes:
    data = bytes(1000)
    for depth in range(7):
        data = zipped(f"{depth}.zip", data)
    return data


@pytest.mark.parametrize(
    "data",
    [b"\x1f\x8b\x08rest", b"7z\xbc\xaf\x27\x1crest", b"Rar!\x1a\x07\x00", b"PK\x03\x04 no zip", bomb()],
    ids=["gzip", "7z", "rar", "no zip", "bomb"],
)  # fmt: skip
def test_what_cannot_be_opened_to_the_bottom_is_said_so(data: bytes) -> None:
    assert not unwrapped(data).whole


def test_a_zip_of_too_many_members_is_left() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(MOST_MEMBERS + 1):
            packed.writestr(str(number), b"")
    assert not unwrapped(out.getvalue()).whole


def test_plain_files_are_whole_and_tell_nothing_they_do_not_hold() -> None:
    found = unwrapped(b"\xff\xd8\xff" + bytes(range(256)) * 40)
    assert found.whole
    assert not any(occurs(WORDS, text) for text in found.texts)


def test_changes_that_never_end_cost_little() -> None:
    began = time.process_time()
    unwrapped(b'<w:ins w:id="1"><del>' * 5_000 + b"</x>")
    assert time.process_time() - began < 2
