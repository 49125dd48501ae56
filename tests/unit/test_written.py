"""Withheld words that are written in other signs are found."""

import base64
import bz2
import gzip
import lzma
import time
import zlib

import pytest

from archive.reading.undone import readings
from archive.reading.unwrapped import unwrapped
from archive.redaction import folded, occurs

SECRET = "Mühlenköniggroßpreis"
WORDS = frozenset({folded(SECRET)})
UTF16 = SECRET.encode("utf-16-le")


def as_tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(character)) for character in text)


@pytest.mark.parametrize(
    "text",
    [
        "siehe M%u00FChlenk%u00f6niggro%u00DFpreis",
        r'var a = "M\xfchlenk\u{f6}niggro\xDFpreis"',
        r"b'M\xc3\xbchlenk\xc3\xb6niggro\xc3\x9fpreis'",
        r"printf 'M\303\274hlenk\303\266niggro\303\237preis'",
        r"(M\374hlenk\366niggro\337preis)",
        r'a:after{content:"M\fc hlenk\0000f6niggro\df preis"}',
        "'Mühlen' + 'königgroß'\n  + \"preis\"",
        "<t>Mühlen<![CDATA[königgroß]]>preis</t>",
        "Maildir/.M&APw-hlenk&APY-niggro&AN8-preis/cur",
        "M+APw-hlenk+APY-niggro+AN8-preis",
        "https://xn--Mhlenkniggropreis-hob44byd.example/",
        f"\u202e{SECRET[::-1]}\u202c",
        f'<bdo dir="rtl">{SECRET[::-1]}</bdo>',
        SECRET.encode().hex(),
        f"0x{SECRET.encode('utf-16-be').hex().upper()}",
        f"a{UTF16.hex()}",
        SECRET.encode().hex(" "),
        ", ".join(f"0x{byte:02x}" for byte in SECRET.encode()),
    ],
)
def test_other_ways_of_writing_are_undone(text: str) -> None:
    assert any(occurs(WORDS, reading) for reading in readings(text))


def test_tag_characters_are_read() -> None:
    assert any(occurs({"quittenmus"}, reading) for reading in readings(f"ok{as_tags('Quittenmus')}"))


def test_a_dump_is_read_over_its_lines() -> None:
    data = SECRET.encode()
    rows = [f"{at:08x}: {data[at : at + 16].hex(' ', 2)}  fade" for at in range(0, len(data), 16)]
    assert any(occurs(WORDS, reading) for reading in readings("\n".join(rows)))


def test_escapes_that_are_no_characters_stay() -> None:
    assert r"\u{ffffff} C:\d800" in list(readings(r"\u{ffffff} C:\d800"))


@pytest.mark.parametrize(
    "data",
    [
        b"https://x.example/t/" + base64.urlsafe_b64encode(f"?{SECRET}".encode()) + b"/open",
        b"NOTE;ENCODING=BASE64:\r\n " + base64.encodebytes(SECRET.encode() * 4).replace(b"\n", b"\r\n "),
        base64.b64encode(b"Quittenmus 77"),
        base64.b64encode(gzip.compress(SECRET.encode(), mtime=0)),
        gzip.compress(SECRET.encode(), mtime=0),
        bz2.compress(SECRET.encode()),
        lzma.compress(SECRET.encode()),
    ],
)
def test_packed_and_coded_words_are_found(data: bytes) -> None:
    wanted = WORDS | {"quittenmus 77"}
    assert any(occurs(wanted, text) for text in unwrapped(data).texts)


def test_what_a_pdf_does_not_show_is_found() -> None:
    address = b"<</URI (http://x.example/M\\374hlenk\\366niggro\\337preis)>>"
    script = zlib.compress(b'<</JS (app.alert\\("Quitten\\\\x6dus 77"\\))>>')
    layer = f"<</Name <FEFF{'Nordwind 99'.encode('utf-16-be').hex()}>>>".encode()
    packed = b"9 0 obj <</Filter /FlateDecode>> stream\n" + script + b"\nendstream"
    picture = b"8 0 obj <</Subtype /Image>> stream\n" + zlib.compress(b"Apfelkraut 55") + b"\nendstream"
    told = unwrapped(b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n" + address + layer + packed + picture).texts
    for words in (WORDS, {"quittenmus 77"}, {"nordwind 99"}):
        assert any(occurs(words, text) for text in told), words
    assert not any(occurs({"apfelkraut 55"}, text) for text in told)


@pytest.mark.parametrize("piece", ["\\", "\\12", "+A", "xn--", "<bdo rtl>", "ab ", '" + ', "0x", "\u202e"])
def test_long_texts_of_such_signs_cost_little(piece: str) -> None:
    began = time.process_time()
    assert list(readings(piece * 20_000))
    assert time.process_time() - began < 2
