"""A log key in AWS KMS: P-256 against moto, Ed25519 against recorded requests."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.stub import Stubber
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto import mock_aws

from archive.adapters.signer_kms import KmsSigner
from archive.core import signed_note
from archive.errors import Forbidden, Unreachable, UsageError
from tests.commandline.conftest import CHAT, Beleg


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        made = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        yield made["KeyMetadata"]["Arn"]


def test_a_key_in_kms_signs_from_its_record_on(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, kms: str
) -> None:
    beleg("ingest", chat)
    beleg("proof", "head", "--out", tmp_path / "before.note")
    done = beleg("keys", "rotate", "--log", "--kms", kms, "--json")
    assert done.code == 0, done.err
    assert "log_signer" in (archive / "beleg.toml").read_text()
    chat.write_text(CHAT + "[03.02.25, 12:00:00] Anna: jetzt mit KMS\n", encoding="utf-8")
    assert beleg("ingest", chat).code == 0
    report = beleg("verify", "--head", tmp_path / "before.note", "--key", done.json["verifier_key"], "--json")
    assert report.code == 0, report.out
    assert report.json["sealed_size"] == report.json["size"]
    assert report.json["log_key"] == done.json["verifier_key"]
    beleg("proof", "item", "6", "--out", tmp_path / "6.proof")
    assert beleg("verify", tmp_path / "6.proof", "--key", done.json["verifier_key"]).code == 0


def test_from_kms_back_to_a_key_file(beleg: Beleg, archive: Path, chat: Path, kms: str) -> None:
    assert beleg("keys", "rotate", "--log", "--kms", kms).code == 0
    new = beleg("keys", "rotate", "--log", "--json").json
    assert "log_signer" not in (archive / "beleg.toml").read_text()
    beleg("ingest", chat)
    report = beleg("verify", "--json").json
    assert (report["sealed_size"], report["log_key"]) == (report["size"], new["verifier_key"])


@pytest.mark.parametrize("how", ["rotate", "recover"])
def test_a_key_that_kms_lost_is_replaced(
    beleg: Beleg, archive: Path, chat: Path, kms: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert beleg("keys", "rotate", "--log", "--kms", kms).code == 0

    def lost(self: KmsSigner, call: str, *_: str, **__: object) -> object:
        raise Unreachable(f"KMS: {call} with {self.key}: DisabledException")

    monkeypatch.setattr(KmsSigner, "_ask", lost)
    stopped = beleg("ingest", chat)
    assert stopped.code == 4
    assert re.search(r"[0-9]+ records are committed and not sealed.*keys rotate --log", stopped.err)
    waiting = beleg("verify", "--json").json
    assert waiting["sealed_size"] < waiting["size"]
    done = beleg("keys", how, "--log", "--json")
    assert done.code == 0, done.err
    report = beleg("verify", "--json").json
    assert (report["sealed_size"], report["log_key"]) == (report["size"], done.json["verifier_key"])
    assert beleg("ingest", chat).code == 0


@pytest.mark.parametrize("wrong", [b"", b"no signature", "another key"])
def test_a_signature_that_does_not_hold_is_never_stored(
    beleg: Beleg, archive: Path, chat: Path, kms: str, wrong: bytes | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where an alias is given to another key while a command runs: the checkpoint would be false for ever."""
    assert beleg("keys", "rotate", "--log", "--kms", kms).code == 0
    other = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"][
        "Arn"
    ]

    real = KmsSigner.sign

    def sign(self: KmsSigner, data: bytes) -> bytes:
        return wrong if isinstance(wrong, bytes) else real(KmsSigner(self._connect, other), data)

    with monkeypatch.context() as patch:
        patch.setattr(KmsSigner, "sign", sign)
        stopped = beleg("ingest", chat)
    assert (stopped.code, "does not hold" in stopped.err) == (4, True)
    report = beleg("verify", "--json")
    assert (report.code, report.json["findings"]) == (0, [])
    assert beleg("ingest", chat).code == 0
    report = beleg("verify", "--json").json
    assert report["sealed_size"] == report["size"]


@pytest.mark.parametrize(("region", "says"), [("", "in which region"), ("no such", "no such")])
def test_a_region_that_is_missing_or_none_is_told(
    beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch, region: str, says: str
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(archive / "none"))
    if region:
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    done = beleg("keys", "rotate", "--log", "--kms", "alias/beleg")
    assert done.code == 2
    assert says in done.err


def test_a_p256_signature_in_another_encoding_is_refused(kms: str) -> None:
    signer = KmsSigner(lambda: boto3.client("kms"), kms)
    note = signed_note.parse(signed_note.sign("text\n", "name", signer))
    assert signed_note.verify(note, "name", signer.public)
    [line] = note.signatures
    for wrong in (line.signature + b"\0", b"\x30\x81" + line.signature[1:], bytes(70), b""):
        encoded = base64.b64encode(line.key_id + wrong).decode()
        if len(wrong) > 0:
            other = signed_note.parse(f"text\n\n\u2014 name {encoded}\n".encode())
            assert not signed_note.verify(other, "name", signer.public)
    key = signed_note.verifier_key("name", signer.public)
    assert signed_note.parse_verifier_key(key) == ("name", signer.public)


def _recorded(public: bytes) -> tuple[KmsSigner, Stubber]:
    client = boto3.client("kms", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")
    stub = Stubber(client)
    stub.add_response("get_public_key", {"PublicKey": public}, {"KeyId": "alias/beleg"})
    stub.activate()
    return KmsSigner(lambda: client, "alias/beleg"), stub


def test_ed25519_as_recorded() -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signer, stub = _recorded(public)
    text = signed_note.Checkpoint("o.example/x", 7, bytes(32)).text()
    asked = {
        "KeyId": "alias/beleg", "Message": text.encode(), "MessageType": "RAW", "SigningAlgorithm": "ED25519_SHA_512"
    }  # fmt: skip
    stub.add_response("sign", {"Signature": private.sign(text.encode())}, asked)
    note = signed_note.sign(text, "o.example/x", signer)
    assert note == signed_note.sign(text, "o.example/x", private)
    stub.assert_no_pending_responses()


def test_what_kms_may_answer() -> None:
    other = rsa.generate_private_key(65537, 2048).public_key()
    signer, _ = _recorded(other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(UsageError, match="ECC_NIST"):
        _ = signer.public
    for code, kind in (("AccessDeniedException", Forbidden), ("ThrottlingException", Unreachable)):
        client = boto3.client(
            "kms", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        with Stubber(client) as stub:
            stub.add_client_error("get_public_key", code)
            with pytest.raises(kind):
                _ = KmsSigner(lambda client=client: client, "k").public


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"<html>sign in</html>", "none of KMS|cannot be read"), (b"{}", "none of KMS"),
        (b'{"PublicKey": 7}', "cannot be read"), (b'{"PublicKey": "////"}', "no public key"),
    ],
)  # fmt: skip
def test_what_is_no_answer_of_kms_is_told_as_such(answer: bytes, says: str) -> None:
    """A login page, or what a proxy makes of a failure, ended each command as a fault."""
    client = boto3.client("kms", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")

    def answered(**_: object) -> AWSResponse:
        found = AWSResponse("", 200, {}, None)
        found._content = answer
        return found

    client.meta.events.register("before-send.kms", answered)
    with pytest.raises(Unreachable, match=says):
        _ = KmsSigner(lambda: client, "alias/beleg").public
