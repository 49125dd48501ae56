"""The bytes of format 1 do not change, and an archive written by it verifies for ever."""

import base64
import hashlib
import hmac
import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from archive import wiring
from archive.core.signed_note import parse_verifier_key
from archive.ledger.checks import Question
from archive.services.verify import verify
from archive.settings import load
from tests.vectors.make import ORIGIN, PASSPHRASE, core

HERE = Path(__file__).parent
KEPT: dict[str, Any] = json.loads((HERE / "core.json").read_text(encoding="utf-8"))


def test_every_byte_is_as_it_was() -> None:
    assert core() == KEPT


def test_the_vectors_follow_from_the_specification_alone() -> None:
    """Computed here with hashlib and the words of FORMAT.md, with nothing of ours."""
    key = bytes.fromhex(KEPT["record key"]["key"])
    drawn = hashlib.shake_256(b"beleg/record-key/v1\0" + key).digest(448)
    assert KEPT["record key"]["frame key"] == drawn[:32].hex()
    assert KEPT["record key"]["object key"] == drawn[32:64].hex()
    salts = [drawn[64 + 32 * i : 96 + 32 * i] for i in range(12)]
    assert KEPT["record key"]["salts"] == [salt.hex() for salt in salts]
    parts = [
        sha256(b"\x02" + salt + line.encode()).digest()
        for salt, line in zip(salts, KEPT["facet lines"], strict=True)
    ]
    assert KEPT["facet commitments"] == [part.hex() for part in parts]
    assert KEPT["commitment"] == sha256(b"\x03" + b"".join(parts)).hexdigest()
    assert KEPT["leaf hash"] == sha256(b"\x00" + KEPT["leaf"].encode()).hexdigest()
    assert len(KEPT["leaf"]) <= 512
    public = bytes.fromhex(KEPT["public key"])
    assert KEPT["key ids"]["writer"] == sha256(b"beleg/writer/v1\0ed25519\0" + public).hexdigest()[:32]
    writer = bytes.fromhex(KEPT["key ids"]["writer"])
    digest = sha256(
        b"\x06" + writer + bytes(16 + 32 + 32) + (4096).to_bytes(8, "big") + (7).to_bytes(4, "big")
    )
    assert KEPT["segment digest"] == base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
    stream = sha256(b"beleg/stream/v1\0" + ORIGIN.encode() + b"\0oversight").digest()[:16]
    assert KEPT["class streams"]["oversight"] == base64.urlsafe_b64encode(stream).decode().rstrip("=")
    named = (
        b'[{"channel":"whatsapp","derived":false,"id":"us","scope":""},'
        b'{"channel":"whatsapp","derived":false,"id":"Anna","scope":"us"}]'
    )
    mac = hmac.digest(bytes(range(32)), b"beleg/stream/v1\0" + named, "sha256")[:16]
    assert KEPT["content stream"] == base64.urlsafe_b64encode(mac).decode().rstrip("=")
    assert KEPT["slot hash of zeros"] == sha256(b"\x05" + bytes(48)).hexdigest()
    pages = b"content\0" + bytes(range(32)) + b"state\0" + bytes(32)
    assert KEPT["page digest"] == sha256(pages).hexdigest()
    note_id = sha256(ORIGIN.encode() + b"\n\x01" + public).hexdigest()[:8]
    encoded = base64.b64encode(b"\x01" + public).decode()
    assert KEPT["verifier key"] == f"{ORIGIN}+{note_id}+{encoded}"


@pytest.mark.parametrize("name", sorted(p.name for p in HERE.iterdir() if p.name.startswith("archive_")))
def test_an_archive_of_format_1_verifies_for_ever(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(HERE / name, folder)
    expected = json.loads((folder / "expected.json").read_text())
    with wiring.open_session(folder, load(folder), lambda _: PASSPHRASE) as session:
        state = session.ledger.follow()
        private = [session.keys.recipient(kind) for kind in ("content", "oversight", "state")]
        question = Question(level=2, log_key=parse_verifier_key(expected["log_key"]), private=private)
        report = verify(session.ledger.places, question)
        assert report.exit_code == 0, report.findings
        assert (report.size, report.root) == (expected["size"], expected["root"])
        assert report.unopened == 0
        kinds = [session.ledger.leaf(index).kind for index in range(state.size)]
        assert kinds == expected["kinds"]
        opener = session.opener("content")
        items = [index for index, kind in enumerate(kinds) if kind == "item"]
        texts = [sha256((opener.body(i).text or "").encode()).hexdigest() for i in items]  # type: ignore[union-attr]
        assert texts == expected["texts"]
