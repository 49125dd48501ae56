"""What the machine can do at best with the same bytes: the libraries alone, without a ledger around them."""

import os
import shutil
import sqlite3
import time
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256, shake_256
from pathlib import Path

import msgspec
import tantivy
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

RECORD = 1000
"""Bytes of facets of one record, as the figures assume."""
SEGMENT = 2000
"""Records under one signature."""


def rate(work: Callable[[], object], count: int, seconds: float = 0.5) -> float:
    """Give how many things a second are done by ``work``, which does ``count`` of them."""
    done, begun = 0, time.perf_counter()
    while (spent := time.perf_counter() - begun) < seconds or not done:
        work()
        done += count
    return done / spent


def libraries(texts: Sequence[bytes]) -> dict[str, float]:
    """Give operations a second on records of about a kilobyte."""
    records = [(text * (RECORD // max(1, len(text)) + 1))[:RECORD] for text in texts[:500]]
    packed = [zlib.compress(record, 3) for record in records]
    key, nonce = AESGCM(os.urandom(32)), os.urandom(12)
    sealed = [key.encrypt(nonce, record, b"") for record in packed]
    signer = Ed25519PrivateKey.generate()
    values = [{"text": record.decode("utf-8", "replace"), "what": {"kind": "item"}} for record in records]
    encoded = [msgspec.json.encode(value) for value in values]
    signature, public = signer.sign(records[0]), signer.public_key()

    def every(work: Callable[[bytes], object], given: Sequence[bytes]) -> Callable[[], object]:
        return lambda: [work(one) for one in given]

    count = len(records)
    return {
        "SHA-256": rate(every(lambda one: sha256(one).digest(), records), count),
        "SHA-256 of 330 bytes": rate(every(lambda one: sha256(one[:330]).digest(), records), count),
        "SHAKE256, 448 bytes": rate(every(lambda one: shake_256(one[:60]).digest(448), records), count),
        "AES-256-GCM encrypt": rate(every(lambda one: key.encrypt(nonce, one, b""), packed), count),
        "AES-256-GCM decrypt": rate(every(lambda one: key.decrypt(nonce, one, b""), sealed), count),
        "zlib 3": rate(every(lambda one: zlib.compress(one, 3), records), count),
        "zlib inflate": rate(every(zlib.decompress, packed), count),
        "JSON encode": rate(lambda: [msgspec.json.encode(value) for value in values], count),
        "JSON decode": rate(every(msgspec.json.decode, encoded), count),
        "Ed25519 sign": rate(lambda: signer.sign(records[0]), 1),
        "Ed25519 verify": rate(lambda: public.verify(signature, records[0]), 1),
    }


def append_floor(floor: dict[str, float]) -> float:
    """Give records a second if nothing were done but the cryptography of a record, and its share of a signature.

    Of a record: 12 facet commitments, one over them, frame and leaf hashed; keys drawn; facets packed and encrypted;
    the slot of the key page encrypted.
    """
    seconds = (
        13 / floor["SHA-256 of 330 bytes"] + 1 / floor["SHA-256"] + 1 / floor["SHA-256 of 330 bytes"]
        + 1 / floor["SHAKE256, 448 bytes"] + 1 / floor["zlib 3"] + 2 / floor["AES-256-GCM encrypt"]
        + 1 / floor["JSON encode"] + 2 / SEGMENT / floor["Ed25519 sign"]
    )  # fmt: skip
    return 1 / seconds


def verify_floor(floor: dict[str, float]) -> float:
    """Give records a second if nothing were done at level 1 but to hash leaf and frame and read the leaf."""
    return 1 / (1 / floor["SHA-256"] + 1 / floor["SHA-256 of 330 bytes"] + 1 / floor["JSON decode"])


def projections(texts: Sequence[str], folder: Path) -> dict[str, float]:
    """Give items a second that Tantivy indexes and SQLite stores, given nothing but the words."""
    schema = tantivy.SchemaBuilder().add_text_field("text", stored=True).build()
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "index").mkdir(parents=True)
    writer = tantivy.Index(schema, path=str(folder / "index")).writer(60_000_000, 1)
    begun = time.perf_counter()
    for text in texts:
        writer.add_document(tantivy.Document.from_dict({"text": text}, schema))
    writer.commit()
    indexed = time.perf_counter() - begun
    with sqlite3.connect(folder / "floor.sqlite") as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE item (record INTEGER PRIMARY KEY, body TEXT)")
        begun = time.perf_counter()
        database.executemany("INSERT INTO item VALUES (?, ?)", enumerate(texts))
        database.commit()
        stored = time.perf_counter() - begun
    database.close()
    return {"Tantivy": len(texts) / indexed, "SQLite": len(texts) / stored}
