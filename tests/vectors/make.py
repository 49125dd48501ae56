"""Makes the vectors of format 1. The archive is made once and kept for ever; the bytes of core.json never change.

PYTHONPATH=. python tests/vectors/make.py core       # prints core.json anew; it must equal the file
PYTHONPATH=. python tests/vectors/make.py archive    # founds archive_1 where there is none yet
"""

import json
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive import wiring
from archive.core import facets, keypage, keys, leaf, merkle, objects, segment, signed_note
from archive.core.canonical import b64u, encode
from archive.core.seen import IngestSecret
from archive.services.hold import place
from archive.services.ingest import IngestOptions, ingest
from archive.services.matter import add_items, open_matter
from archive.settings import Settings, load
from archive.wiring import founding
from schemas.item import Key
from schemas.matter import Scope

HERE = Path(__file__).parent
ORIGIN = "vector.example/archive/00112233445566aa"
PASSPHRASE = "vector"


def core() -> dict[str, Any]:
    """Give every deterministic byte of the format on fixed inputs."""
    record_key = facets.RecordKey(bytes(range(32)))
    lines = facets.facet_lines({"what": {"kind": "item", "schema": 1}, "text": "fünf Jahre Garantie 🛠"})
    committed = facets.facet_commitments(record_key.salts, lines)
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = private.public_key().public_bytes_raw()
    writer = keys.key_id("writer", "ed25519", public)
    frame = facets.clear_frame({"format": 1, "origin": ORIGIN})
    first = leaf.encode_leaf(_leaf(writer, frame))
    header = segment.Header(
        ORIGIN,
        writer,
        None,
        0,
        1,
        1_790_000_000,
        bytes(32),
        merkle.leaf_hash(first),
        sha256(b"").digest(),
        None,
        None,
    )
    secret = IngestSecret(bytes(range(32)))
    via, thread = Key(channel="whatsapp", scope="", id="us"), Key(channel="whatsapp", scope="us", id="Anna")
    page = keypage.PageId(ORIGIN, bytes(16), "content")
    checkpoint = signed_note.Checkpoint(ORIGIN, 1, merkle.leaf_hash(first))
    return {
        "canonical": encode({"b": [1, None, True], "a": 'é\u2028\n"', "c": {}}).decode(),
        "record key": {
            "key": record_key.key.hex(),
            "frame key": record_key.frame_key.hex(),
            "object key": record_key.object_key.hex(),
            "salts": [salt.hex() for salt in record_key.salts],
        },
        "facet lines": [line.decode() for line in lines],
        "facet commitments": [value.hex() for value in committed],
        "commitment": facets.commitment(committed).hex(),
        "frame aad": (b"beleg/frame/v1\0" + ORIGIN.encode() + b"\0").hex(),
        "object list": facets.object_list([facets.ObjectRef(bytes(32), 4124)]).hex(),
        "public key": public.hex(),
        "key ids": {
            purpose: keys.key_id(purpose, algorithm, public)
            for purpose, algorithm in (("writer", "ed25519"), ("log", "ed25519"), ("recipient", "x25519"))
        },
        "verifier key": signed_note.verifier_key(ORIGIN, public),
        "clear frame": frame.hex(),
        "leaf": first.decode(),
        "leaf hash": merkle.leaf_hash(first).hex(),
        "segment digest": leaf.segment_digest(
            writer=writer, batch=bytes(16), page=bytes(32), slots=bytes(32), first=4096, count=7
        ),
        "segment header": segment.Header.text(header),
        "segment note": signed_note.sign(
            header.text(), segment.writer_name(ORIGIN, writer), private
        ).decode(),
        "checkpoint note": signed_note.sign(checkpoint.text(), ORIGIN, private).decode(),
        "class streams": {
            name: leaf.class_stream(ORIGIN, name) for name in ("clear", "state", "oversight", "matter")
        },
        "content stream": secret.stream(via, thread),
        "content stream without thread": secret.stream(via, None),
        "capture id": secret.capture_id(sha256(b"").digest()),
        "wrap info": page.wrap_info(writer).hex(),
        "slot aad": page.slot_aad(5).hex(),
        "slot hash of zeros": keypage.slot_hash(keypage.ZERO_SLOT).hex(),
        "page digest": keypage.page_digest({"state": bytes(32), "content": bytes(range(32))}).hex(),
        "object aad": objects._aad(ORIGIN, 3, last=True).hex(),
    }


def _leaf(writer: str, frame: bytes) -> leaf.Leaf:
    return leaf.Leaf(
        record_class="clear", commitment=None, frame_length=len(frame), frame_sha256=b64u(sha256(frame).digest()),
        index=0, kind="genesis", previous=b64u(bytes(32)),
        segment=leaf.segment_digest(writer=writer, batch=None, page=None, slots=None, first=0, count=1),
        stream=leaf.class_stream(ORIGIN, "clear"), stream_position=0, time=1_790_000_000, version=1,
    )  # fmt: skip


CHAT = """[03.02.25, 09:14:05] Anna: Guten Morgen
[03.02.25, 09:15:41] Lieferant: Da habt ihr fünf Jahre Garantie drauf
[03.02.25, 09:16:02] Anna: Danke, das halten wir fest
"""


def archive(folder: Path) -> None:
    """Found a small archive of every class, and write down what it must say for ever."""
    folder.mkdir()
    settings = Settings(origin=ORIGIN, timezone="Europe/Berlin")
    slip = founding.found(folder, settings, lambda _: PASSPHRASE, kem="x25519", scrypt_n=2**10)
    with tempfile.TemporaryDirectory() as name:
        chat = Path(name) / "WhatsApp Chat mit Lieferant.txt"
        chat.write_text(CHAT + "x" * 300_000 + "\n", encoding="utf-8")
        with wiring.open_session(folder, load(folder), lambda _: PASSPHRASE) as session:
            list(ingest(session, chat, IngestOptions()))
            session.catch_up()
            matter = open_matter(session, "Pumpe", "Klage")
            items = [i for i in range(session.ledger.state.size) if session.ledger.leaf(i).kind == "item"]
            add_items(session, matter.id, items[:2])
            place(session, matter.id, Scope(channels=("whatsapp",)), reason="Klage", review="2027-06-30")
            opener, state = session.opener("content"), session.ledger.state
            expected = {
                "origin": ORIGIN,
                "log_key": slip.log_key,
                "size": state.size,
                "root": state.frontier.root().hex(),
                "kinds": [session.ledger.leaf(i).kind for i in range(state.size)],
                "texts": [sha256((opener.body(i).text or "").encode()).hexdigest() for i in items],  # type: ignore[union-attr]
            }
    for needless in ("workspace", "places/control.lock"):
        path = folder / needless
        if path.is_dir():
            for file in sorted(path.rglob("*"), reverse=True):
                file.rmdir() if file.is_dir() else file.unlink()
            path.rmdir()
        elif path.exists():
            path.unlink()
    (folder / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["core"]:
        json.dump(core(), sys.stdout, indent=2)
        sys.stdout.write("\n")
    elif sys.argv[1:] == ["archive"]:
        archive(HERE / "archive_1")
    else:
        sys.exit(__doc__)
