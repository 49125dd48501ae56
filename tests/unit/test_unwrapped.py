"""Whatever form words are wrapped in, they are found; and what cannot be opened is said to be so."""

import base64
import io
import quopri
import zipfile

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
    ],
    ids=[
        "plain", "UTF-16", "UTF-16, big-endian", "tags", "escapes", "escapes in escapes",
        "mail", "mail of tags", "quoted-printable", "Windows", "mail in a mail",
        "zip", "zip in a zip with a mail", "name in a zip",
    ],
)  # fmt: skip
def test_words_are_found_through_every_wrapping(data: bytes) -> None:
    found = unwrapped(data)
    assert any(occurs(WORDS, text) for text in found.texts)
    assert found.whole


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
