"""Verifiers of others, on archives made by the real code: they agree, and they refuse what was tampered with."""

import base64
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.core.signed_note import parse_verifier_key
from tests.commandline.conftest import CHAT, Answer, Beleg
from tests.commandline.conftest import _cheap_passphrases as _cheap_passphrases
from tests.commandline.conftest import archive as archive
from tests.commandline.conftest import beleg as beleg
from tests.commandline.conftest import chat as chat
from tests.tools import Tools

MODULES = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")
SPKI = bytes.fromhex("302a300506032b6570032100")


class Exported:
    """What an archive hands to strangers."""

    def __init__(self, beleg: Beleg, chat: Path, folder: Path) -> None:
        self.folder = folder
        beleg("proof", "head", "--out", folder / "older.note")
        lines = [f"[03.02.25, 10:{n // 60:02}:{n % 60:02}] Anna: Zeile {n}\n" for n in range(700)]
        chat.write_text(CHAT + "".join(lines), encoding="utf-8")
        assert beleg("ingest", chat).code == 0
        found = beleg("search", "garantie", "--json").json["hits"][0]["number"]
        self.index: int = found
        for done in (
            beleg("proof", "tiles", "--out", folder / "tiles"),
            beleg("proof", "item", found, "--out", folder / "one.proof"),
        ):
            assert done.code == 0, done.err
        answer: Answer = beleg("keys", "list", "--json")
        self.key: str = next(row["verifier_key"] for row in answer.json if row["verifier_key"])

    @property
    def checkpoint(self) -> Path:
        return self.folder / "tiles" / "checkpoint"

    @property
    def tlog_proof(self) -> Path:
        return self.folder / "one.proof.tlog-proof"


@pytest.fixture
def exported(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> Exported:
    return Exported(beleg, chat, tmp_path)


def change(file: Path, at: int) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(bytes(data))


def test_go_sumdb_note_and_tlog(exported: Exported, tools: Tools, tmp_path: Path) -> None:
    go = tools.need("go")
    program = tmp_path / "check"
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(tmp_path / "c"),
    }

    def build() -> str:
        if not MODULES.is_dir():
            raise RuntimeError("golang-golang-x-mod-dev is not there")
        done = subprocess.run(
            [go, "build", "-o", str(program), "check.go"], cwd=Path(__file__).with_name("go"),
            env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[:200])
        return "sumdb/note and sumdb/tlog of golang.org/x/mod"

    tools.note("go x/mod", build)

    def check() -> subprocess.CompletedProcess[str]:
        command = [
            program,
            exported.folder / "tiles",
            exported.key,
            exported.tlog_proof,
            exported.folder / "older.note",
        ]
        return subprocess.run(
            list(map(str, command)), capture_output=True, text=True, timeout=60, check=False
        )

    done = check()
    assert done.returncode == 0, done.stdout + done.stderr
    word, size, entries, index, _ = done.stdout.split()
    assert (word, size, index) == ("AGREES", entries, str(exported.index))
    tiles = exported.folder / "tiles" / "tile"
    for file in (exported.checkpoint, tiles / "0" / "000", tiles / "entries" / "001", exported.tlog_proof):
        good = file.read_bytes()
        change(file, len(good) // 2)
        refused = check()
        assert refused.returncode != 0, f"{file} tampered with, and {refused.stdout}"
        file.write_bytes(good)
    assert check().returncode == 0


class _Ring:
    """The log key, as sigstore's checks ask for it."""

    def __init__(self, public: bytes) -> None:
        self.key = Ed25519PublicKey.from_public_bytes(public)

    def verify(self, *, key_id: object, signature: bytes, data: bytes) -> None:
        self.key.verify(signature, data)


def _entry(exported: Exported) -> SimpleNamespace:
    value = json.loads((exported.folder / "one.proof").read_text())
    record = next(one for one in value["records"] if one["index"] == exported.index)
    lines = value["checkpoint"].split("\n")

    def plain(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    proof = SimpleNamespace(
        log_index=exported.index, tree_size=int(lines[1]), root_hash=base64.b64decode(lines[2]),
        hashes=[plain(node) for node in record["path"]],
        checkpoint=SimpleNamespace(envelope=value["checkpoint"]),
    )  # fmt: skip
    identifier = bytes.fromhex(exported.key.split("+")[1])
    return SimpleNamespace(
        _inner=SimpleNamespace(
            inclusion_proof=proof,
            canonicalized_body=record["leaf"].encode(),
            log_id=SimpleNamespace(key_id=identifier),
        )
    )


def test_sigstore_checkpoint_and_inclusion(exported: Exported, tools: Tools) -> None:
    def version() -> str:
        from importlib.metadata import version

        return version("sigstore")

    tools.note("sigstore", version)
    from sigstore._internal.merkle import verify_merkle_inclusion
    from sigstore._internal.rekor.checkpoint import verify_checkpoint
    from sigstore.errors import VerificationError

    ring, entry = _Ring(parse_verifier_key(exported.key)[1]), _entry(exported)
    verify_merkle_inclusion(entry)
    verify_checkpoint(ring, entry)
    tampered: list[Callable[[SimpleNamespace], None]] = [
        lambda inner: setattr(inner, "canonicalized_body", inner.canonicalized_body[:-1] + b" "),
        lambda inner: inner.inclusion_proof.hashes.pop(),
        lambda inner: inner.inclusion_proof.hashes.__setitem__(0, bytes(32)),
    ]
    for tamper in tampered:
        other = _entry(exported)
        tamper(other._inner)
        with pytest.raises(VerificationError):
            verify_merkle_inclusion(other)
    other = _entry(exported)
    other._inner.inclusion_proof.root_hash = bytes(32)
    with pytest.raises(VerificationError):
        verify_checkpoint(ring, other)


def test_openssl_checks_the_signature_of_a_head(exported: Exported, tools: Tools) -> None:
    openssl = tools.need("openssl")
    text, _, lines = exported.checkpoint.read_text().rpartition("\n\n")
    signature = base64.b64decode(lines.split()[2])[4:]
    folder = exported.folder
    body = base64.encodebytes(SPKI + parse_verifier_key(exported.key)[1]).decode()
    (folder / "key.pem").write_text(f"-----BEGIN PUBLIC KEY-----\n{body}-----END PUBLIC KEY-----\n")
    (folder / "signature").write_bytes(signature)
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "text"]
    for wording, good in ((text + "\n", True), (text.replace("\n", "\n1", 1) + "\n", False)):
        (folder / "text").write_text(wording)
        done = subprocess.run(
            [*command, "-sigfile", "signature"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert (done.returncode == 0) is good, done.stdout + done.stderr


def test_sha256sum_checks_names_and_leaves(exported: Exported, archive: Path, tools: Tools) -> None:
    sha256sum = tools.need("sha256sum")
    place = archive / "places" / "archive"
    files = [file for kind in ("segments", "checkpoints", "objects") for file in (place / kind).rglob("*-*")]
    files += [file for file in (place / "objects").rglob("*") if file.is_file()]
    assert len(files) > 4
    listed = "".join(f"{file.name.rpartition('-')[2]}  {file}\n" for file in files if file.is_file())
    done = subprocess.run(
        [sha256sum, "-c", "--quiet"], input=listed, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    entry = _entry(exported)._inner
    leaf = subprocess.run(
        [sha256sum], input=b"\0" + entry.canonicalized_body, capture_output=True, check=True
    )
    tile = (exported.folder / "tiles" / "tile" / "0" / "000").read_bytes()
    assert (
        bytes.fromhex(leaf.stdout.split()[0].decode()) == tile[32 * exported.index : 32 * exported.index + 32]
    )
