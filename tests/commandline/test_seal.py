"""Bundles that are sealed with a certificate besides: as openssl and the bundle's checker see them."""

import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from tests import bundle_checker
from tests.authority import Ca, Server, Stamper
from tests.commandline.conftest import Beleg
from tests.tools import Tools

SEAL = "signatures/statement.p7s"
SECRET = "Siegel"


@pytest.fixture
def root() -> Ca:
    return Ca("Wurzel der Siegel")


@pytest.fixture
def stamper(archive: Path, tmp_path: Path, tools: Tools) -> Iterator[Server]:
    tools.need("openssl")
    server = Server(Stamper(tmp_path / "nord", "nord")).start()
    file = archive / "beleg.toml"
    file.write_text(file.read_text() + server.settings())
    yield server
    server.stop()


@pytest.fixture
def matter(beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEG_PASSPHRASE_CERTIFICATE", SECRET)
    assert beleg("ingest", chat).code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", "--search", "garantie")


def certificate(folder: Path, root: Ca, key: Any = None) -> Path:
    key = key or ec.generate_private_key(ec.SECP256R1())
    file = folder / "siegel.p12"
    own = root.issue("Rechtsabteilung", key.public_key())
    file.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal", key, own, [root.certificate], BestAvailableEncryption(SECRET.encode())
        )
    )
    return file


def openssl(bundle: Path, root: Ca) -> bool:
    ca = bundle.parent / "root.pem"
    ca.write_bytes(root.pem)
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", SEAL, "-content",
         "signatures/statement.json", "-CAfile", str(ca), "-purpose", "any", "-out", "/dev/null"],
        cwd=bundle, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_openssl_and_the_checker_see_a_seal_with_its_time_stamp(
    beleg: Beleg, matter: None, stamper: Server, root: Ca, tmp_path: Path, kind: str
) -> None:
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else None
    bundle = tmp_path / "b"
    done = beleg(
        "export", "M-1", "--out", bundle, "--certificate", certificate(tmp_path, root, key), "--json"
    )
    assert (done.code, done.json["sealed"]) == (
        0, {"subject": "CN=Rechtsabteilung", "stamped_by": "nord", "problems": []},
    )  # fmt: skip
    assert openssl(bundle, root)
    assert not openssl(bundle, Ca("eine andere Wurzel"))
    printed = subprocess.run(
        ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", SEAL],
        cwd=bundle, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "id-smime-aa-signingCertificateV2" in printed
    assert "id-smime-aa-timeStampToken" in printed
    code, said = bundle_checker.run(bundle)
    assert code == 0, said
    assert "Seal        by CN=Rechtsabteilung" in said
    assert beleg("verify", bundle).code == 0


def test_what_is_altered_is_seen(beleg: Beleg, matter: None, root: Ca, tmp_path: Path) -> None:
    bundle = tmp_path / "b"
    assert beleg("export", "M-1", "--out", bundle, "--certificate", certificate(tmp_path, root)).code == 0
    whole = (bundle / SEAL).read_bytes()
    digest = sha256((bundle / "signatures/statement.json").read_bytes()).digest()
    for at in (whole.index(digest), len(whole) - 5):
        (bundle / SEAL).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert bundle_checker.run(bundle)[0] == 3
        assert not openssl(bundle, root)
    (bundle / SEAL).write_bytes(b"no seal")
    code, said = bundle_checker.run(bundle)
    assert (code, "FINDING: signatures/statement.p7s" in said) == (3, True)
    third = tmp_path / "d"
    assert beleg("export", "M-1", "--out", third, "--certificate", tmp_path / "siegel.p12").code == 0
    (bundle / SEAL).write_bytes((third / SEAL).read_bytes())
    assert bundle_checker.run(bundle)[0] == 3, "the seal of another bundle"


def test_without_an_authority_it_says_so(
    beleg: Beleg, matter: None, stamper: Server, root: Ca, tmp_path: Path
) -> None:
    stamper.stop()
    file = certificate(tmp_path, root)
    done = beleg("export", "M-1", "--out", tmp_path / "b", "--certificate", file)
    assert done.code == 4
    assert "WITHOUT A TIME STAMP" in done.out
    assert "no time stamp by nord" in done.out
    assert openssl(tmp_path / "b", root)
    assert bundle_checker.run(tmp_path / "b")[0] == 0


def test_files_that_cannot_seal(
    beleg: Beleg, matter: None, root: Ca, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(file: Path) -> str:
        done = beleg("export", "M-1", "--out", tmp_path / "b", "--certificate", file)
        assert done.code == 2
        assert not (tmp_path / "b").exists()
        return done.err

    assert "cannot be read" in tried(tmp_path / "none.p12")
    (tmp_path / "text.p12").write_text("no key")
    assert "no PKCS #12 file" in tried(tmp_path / "text.p12")
    assert "elliptic" in tried(certificate(tmp_path, root, ed25519.Ed25519PrivateKey.generate()))
    good = certificate(tmp_path, root)
    monkeypatch.setenv("BELEG_PASSPHRASE_CERTIFICATE", "falsch")
    assert "another passphrase" in tried(good)
    monkeypatch.delenv("BELEG_PASSPHRASE_CERTIFICATE")
    assert "BELEG_PASSPHRASE_CERTIFICATE" in tried(good)
