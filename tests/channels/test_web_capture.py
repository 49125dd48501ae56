"""WARC: packing, chunks, digests, revisits, and records that end in the middle."""

import base64
import gzip
import hashlib
import json
import random
import tracemalloc
import zipfile
from pathlib import Path

import brotli
import pytest
import zstandard

from archive.channels.web_capture import WORDS_CAP, WebCaptures
from archive.reading.packed_members import Zstd
from archive.reading.tree import Tree
from archive.reading.units import Completeness, UnitExcluded
from archive.reading.warc import RECORD_CAP

READER = WebCaptures()


def record(kind: str, block: bytes, **fields: str) -> bytes:
    told = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{len(block)}>",
        "WARC-Target-URI": "https://x.example/a.html",
        "WARC-Date": "2020-01-01T00:00:00Z",
        "Content-Type": "application/http",
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"WARC/1.1\r\n{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def page(body: bytes, *fields: str) -> bytes:
    return (
        "\r\n".join(
            ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=iso-8859-1", *fields, "", ""]
        ).encode()
        + body
    )


def test_pages_plain_and_packed_chunked_and_zipped(read, tmp_path: Path) -> None:
    body = "<html><head><title>T</title></head><body>Größe</body></html>".encode("latin-1")
    chunked = page(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), "Transfer-Encoding: chunked")
    zipped = page(gzip.compress(body), "Content-Encoding: gzip")
    data = [record("response", one) for one in (page(body), chunked, zipped)]
    (tmp_path / "a.warc").write_bytes(b"".join(data))
    (tmp_path / "b.warc.gz").write_bytes(b"".join(map(gzip.compress, data)))
    (tmp_path / "c.warc.gz").write_bytes(gzip.compress(b"".join(data)))
    items = read(READER, tmp_path).items
    assert len(items) == 9
    assert {(i.title, i.text, i.basis) for i in items} == {("T", "Größe", "observed")}
    assert {i.attachments[0].length for i in items} == {len(body)}
    assert items[0].time.utc == "2020-01-01T00:00:00Z"


def test_digests_are_recomputed_and_revisits_point_back(read, tmp_path: Path) -> None:
    block = page(b"x")
    good = "sha1:" + base64.b32encode(hashlib.sha1(block).digest()).decode()
    (tmp_path / "a.warc").write_bytes(
        record("response", block, WARC_Block_Digest=good, WARC_Payload_Digest="sha256:" + "0" * 64)
        + record("revisit", page(b""), WARC_Refers_To="<urn:uuid:9>")
        + record("request", b"GET / HTTP/1.1\r\n\r\n")
        + record("seltsam", b"")
    )
    outcome = read(READER, tmp_path / "a.warc")
    first, revisit = outcome.items
    assert dict(first.extra)["warc-block-digest"] == "fits"
    assert dict(first.extra)["warc-payload-digest"] == "DOES NOT FIT"
    assert (revisit.targets[0].written_id, revisit.attachments) == ("<urn:uuid:9>", ())
    assert revisit.targets[0].key.id == "urn:uuid:9", "as the page is called"
    assert outcome.counts == (2, 1, 1)
    assert [(c.expected, c.found) for c in outcome.claims if c.expected] == [(2, 1)]


def test_a_sign_in_of_the_crawler_is_told(read, tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(
        record("response", page(b"x"))
        + record("request", b"GET / HTTP/1.1\r\nCookie: sid=geheim\r\n\r\n")
        + record("request", b"GET / HTTP/1.1\r\nAccept: */*\r\n\r\n")
    )
    plain = "request: a record of the crawler, no page"
    readings = read(READER, tmp_path / "a.warc").readings
    reasons = sorted(one.reason for one in readings if isinstance(one, UnitExcluded))
    assert reasons == [plain, f"{plain}; it bears a sign-in, which is kept with the capture"]


def test_a_page_that_unpacks_without_end_fails_alone(read, tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
    bomb = head + gzip.compress(bytes(RECORD_CAP + 1), 1)
    long = page(b"x" * (WORDS_CAP + 1))
    (tmp_path / "a.warc").write_bytes(
        b"".join(record("response", block) for block in (bomb, long, page(b"y")))
    )
    outcome = read(READER, tmp_path / "a.warc")
    assert outcome.failures == ["expands beyond the limit"]
    cut, good = outcome.items
    assert (cut.text, cut.attachments[0].state) == (None, "present")
    assert "words" in dict(cut.extra)
    assert good.text == "y"


def test_a_record_cut_off_and_a_lying_length_lose_no_other(read, tmp_path: Path) -> None:
    good = record("response", page(b"x"))
    for bad in (
        good[:-30],
        b"WARC/1.0\r\nContent-Length: 99999999999\r\n\r\nx",
        b"kein Record",
        gzip.compress(good)[:40],
    ):
        (tmp_path / "a.warc").write_bytes(good + bad)
        outcome = read(READER, tmp_path / "a.warc")
        assert len(outcome.items) == 1
        assert outcome.failures


def numbered(*numbers: int) -> list[bytes]:
    said = "https://x.example/{}"
    return [
        record("response", page(b"<p>Seite %d" % n), WARC_Record_ID=f"<{n}>", WARC_Target_URI=said.format(n))
        for n in numbers
    ]


def test_damage_between_or_within_packed_records_loses_no_neighbour(read, tmp_path: Path) -> None:
    first, second, third = numbered(1, 2, 3)
    plain, packed = tmp_path / "a.warc", tmp_path / "b.warc.gz"
    plain.write_bytes(first + b"no record\r\n\r\n" * 50_000 + second)
    broken = bytearray(gzip.compress(second))
    broken[len(broken) // 2] ^= 0xFF
    packed.write_bytes(gzip.compress(first) + broken + gzip.compress(third))
    outcome = read(READER, plain)
    assert [item.text for item in outcome.items] == ["Seite 1", "Seite 2"]
    assert outcome.failures == ["no WARC record where one should begin, or cut off"]
    outcome = read(READER, packed)
    assert [item.text for item in outcome.items] == ["Seite 1", "Seite 3"]
    assert outcome.failures == ["packed bytes that are damaged"]


def test_line_ends_without_number_fill_no_memory(read, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, (numbered(1)[0], b"\r\n" * 30_000_000, numbered(2)[0]))))
    tracemalloc.start()
    try:
        assert [item.text for item in read(READER, path).items] == ["Seite 1", "Seite 2"]
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_packed_words_that_nobody_unpacks_are_no_words(read, tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(
        record("response", page(b"\x8b\x02\x80garbage\xff", "Content-Encoding: br"), WARC_Record_ID="<1>")
        + record("response", page("Größe".encode(), "Content-Encoding: br"), WARC_Record_ID="<2>")
        + record(
            "response",
            page("<!DOCTYPE html><html>Größe".encode("latin-1"), "Content-Encoding: gzip"),
            WARC_Record_ID="<3>",
        )
    )
    packed, unpacked, single = read(READER, tmp_path / "a.warc").items
    assert (packed.text, packed.body) == (None, None)
    assert dict(packed.extra)["words"] == "packed by br: they stand in the file alone"
    assert packed.attachments[0].state == "present"
    assert unpacked.text is not None
    assert single.text == "Größe", "that it is a page shows in any encoding of single bytes"


def test_the_rest_of_a_page_in_segments_is_a_failure(read, tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(
        record("response", page(b"halb"), WARC_Segment_Number="1") + record("continuation", b"ganz")
    )
    outcome = read(READER, tmp_path / "a.warc")
    assert outcome.failures == ["the rest of a page that was cut into segments: they are not put together"]
    assert dict(outcome.items[0].extra)["warc-segment-number"] == "1"


def test_index_and_signature_of_a_wacz_are_no_private_things(tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.warc", numbered(1)[0])
        archive.writestr("datapackage-digest.json", '{"signedData": {}}')
    with Tree.open(path) as tree:
        assert list(READER.private(tree)) == []


def test_a_page_that_was_cut_off_and_what_a_record_says_of_itself(read, tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(
        record(
            "response", page(b"x", "Location: /b"), WARC_Truncated="length", WARC_Neu="1", WARC_Profile="p"
        )
    )
    outcome = read(READER, tmp_path / "a.warc")
    told = dict(outcome.items[0].extra)
    assert (told["warc-truncated"], told["warc-neu"], told["warc-profile"], told["location"]) == ("length", "1", "p", "/b")  # fmt: skip
    assert outcome.readings[0].unknown_fields == {"warc-neu"}
    assert [gap.reason for gap in outcome.readings[-1].gaps] == [
        "1 pages were cut off by the crawler (WARC-Truncated)"
    ]


def test_revisits_by_address_and_time_conversions_and_pages_without_a_type(read, tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(
        record("response", b"HTTP/1.1 200 OK\r\n\r\n<html><body>ohne Typ</body></html>", WARC_Record_ID="<1>")
        + record("revisit", page(b""), WARC_Record_ID="<2>", WARC_Refers_To_Target_URI="https://x.example/a.html", WARC_Refers_To_Date="2020-01-01T00:00:00Z")
        + record("conversion", b"umgewandelt", WARC_Record_ID="<3>", WARC_Refers_To="<1>", Content_Type="text/plain")
    )  # fmt: skip
    first, again, other = read(READER, tmp_path / "a.warc").items
    assert first.text == "ohne Typ"
    assert (again.targets[0].key, other.targets[0].key) == (first.key, first.key)
    assert other.text == "umgewandelt"


def test_a_wacz_tells_the_words_that_were_seen_and_is_held_against_its_lists(read, tmp_path: Path) -> None:
    data = numbered(1)[0]
    pages = [
        {"format": "json-pages-1.0", "id": "pages"},
        {"id": "a", "url": "https://x.example/1#x", "ts": "2020-01-01T00:00:00Z", "title": "T", "text": "Zusage, vom Skript gezeigt"},
        {"id": "b", "url": "https://x.example/fehlt", "title": "U"},
    ]  # fmt: skip
    resources = [
        {"path": "archive/data.warc", "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"},
        {"path": "logs/a.log", "hash": "sha256:" + "0" * 64},
        {"path": "https://far.example/b.wacz"},
    ]
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.warc", data)
        archive.writestr("datapackage.json", json.dumps({"resources": resources}))
        archive.writestr("logs/a.log", "x")
        archive.writestr("pages/pages.jsonl", "\n".join(map(json.dumps, pages)))
    outcome = read(READER, path)
    record_, seen = outcome.items
    assert (seen.title, seen.text, seen.targets[0].key) == ("T", "Zusage, vom Skript gezeigt", record_.key)
    assert outcome.failures == []
    assert {(c.scope, c.expected, c.found) for c in outcome.claims if c.expected} == {
        ("pages/pages.jsonl", 2, 1),
        ("files that datapackage.json lists", 2, 1),
    }
    reasons = [gap.reason for one in outcome.readings if isinstance(one, Completeness) for gap in one.gaps]
    assert reasons == ["https://far.example/b.wacz lies elsewhere, and is not in this capture"]


def test_what_is_packed_by_zstd_and_no_capture_says_what_to_do(read, detect, tmp_path: Path) -> None:
    path = tmp_path / "a.tar.zst"
    path.write_bytes(zstandard.compress(b"no capture"))
    assert detect(READER, path) == 50
    assert read(READER, path).failures == [
        "packed by zstd, and no WARC: unpack it (zstd -d), then it is read"
    ]


@pytest.mark.parametrize("dictionary", ["none", "plain", "packed"])
def test_records_packed_by_zstd_with_and_without_a_dictionary(
    read, detect, tmp_path: Path, dictionary: str
) -> None:
    bodies = [b"<html><body>Zusage %d</body></html>" % n for n in range(200)]
    pages = [
        record("response", page(body), WARC_Record_ID=f"<urn:uuid:{n}>") for n, body in enumerate(bodies)
    ]
    known = zstandard.train_dictionary(4096, pages)
    front = known.as_bytes() if dictionary == "plain" else zstandard.compress(known.as_bytes())
    front = zstandard_skipped(front)
    packer = zstandard.ZstdCompressor(dict_data=known) if dictionary != "none" else zstandard.ZstdCompressor()
    whole = [packer.compress(one) for one in pages]
    path = tmp_path / "a.warc.zst"
    path.write_bytes((front if dictionary != "none" else b"") + b"".join(whole))
    assert detect(READER, path) == (97 if dictionary == "none" else 90)
    assert [item.text for item in read(READER, path).items] == [f"Zusage {n}" for n in range(200)]

    whole[7] = whole[7][:-6] + b"\0" * 6  # a damaged frame takes no neighbour along
    path.write_bytes((front if dictionary != "none" else b"") + b"".join(whole))
    outcome = read(READER, path)
    assert {f"Zusage {n}" for n in range(200)} - {item.text for item in outcome.items} <= {"Zusage 7"}
    assert len(outcome.failures) == 1


def zstandard_skipped(data: bytes) -> bytes:
    """A skippable frame, as a dictionary for WARC lies in."""
    return b"\x5d\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


def test_a_dictionary_that_is_none_is_told(read, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.zst"
    for front in (zstandard_skipped(b"")[:6], zstandard_skipped(b"\x28\xb5\x2f\xfdrubbish")):
        path.write_bytes(front)
        assert read(READER, path).failures == ["packed by zstd with a dictionary that cannot be read"]


def test_answers_packed_by_brotli_and_zstd_are_read(read, tmp_path: Path) -> None:
    body = "<html><body>Größe</body></html>".encode("latin-1")
    packed = {
        "br": brotli.compress(body),
        "zstd": zstandard.compress(body),
        "gzip, br": brotli.compress(gzip.compress(body)),
        "BR": body * 3,  # a crawler unpacked it, and left the field
    }
    path = tmp_path / "a.warc"
    path.write_bytes(
        b"".join(
            record("response", page(data, f"Content-Encoding: {name}"), WARC_Record_ID=f"<urn:uuid:{name}>")
            for name, data in packed.items()
        )
    )
    items = read(READER, path).items
    assert [item.text for item in items] == ["Größe"] * 3 + ["Größe\n\nGröße\n\nGröße"]
    assert [item.attachments[0].length for item in items] == [len(body)] * 3 + [len(body) * 3]


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_an_answer_that_unpacks_to_too_much_fails_alone(read, tmp_path: Path, coding: str) -> None:
    pack = brotli.compress if coding == "br" else zstandard.compress
    bomb = pack(bytes(RECORD_CAP + 1))
    path = tmp_path / "a.warc"
    path.write_bytes(
        record("response", page(bomb, f"Content-Encoding: {coding}")) + record("response", page(b"neighbour"))
    )
    outcome = read(READER, path)
    assert outcome.failures == ["expands beyond the limit"]
    assert [item.text for item in outcome.items] == ["neighbour"]


def test_a_large_record_is_unpacked_in_few_pieces() -> None:
    data = random.Random(1).randbytes(4 << 20)
    packed, members, found, pieces = zstandard.compress(data), Zstd(), bytearray(), 0
    while packed:
        piece, packed = members.unpack(packed)
        found, pieces = found + piece, pieces + 1
    assert bytes(found) == data
    assert pieces <= 32, "each piece is joined to all that came before"
