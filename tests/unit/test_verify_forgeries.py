"""Archives that the project's own code forged: the verifier must not call one of them intact."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import layout, signed_note
from archive.ledger.drafts import clear_draft
from schemas.report import VerificationReport
from tests.ledger_kit import ORIGIN, Kit, change, item_draft


def findings(report: VerificationReport) -> list[str]:
    return [finding.kind for finding in report.findings if finding.severity == "finding"]


def test_a_registered_key_that_signed_nothing_is_no_given_key() -> None:
    """A forger founds an archive of the same origin, registers the victim's public log key beside his own,
    and leaves the last record unsealed.
    """
    victim = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    kit = Kit()
    ledger = kit.found()
    keys = clear_draft("keys", {"changes": [change("log", "log", "ed25519", victim)]})
    kit.append(ledger, "owner", keys)
    kit.append(kit.ledger(sealer=False), "ingest", item_draft("forged"))
    assert kit.verify(2).exit_code == 0
    assert findings(kit.verify(2, log_key=(ORIGIN, victim))) == ["bad_signature"]
    ours = kit.log_key.public_key().public_bytes_raw()
    assert kit.verify(2, log_key=(ORIGIN, ours)).exit_code == 0


def test_a_bad_second_line_of_a_log_key_spoils_a_checkpoint() -> None:
    key = Ed25519PrivateKey.generate()
    note = signed_note.sign("text\n", "name", key).decode()
    bad = base64.b64encode(
        signed_note.key_id("name", key.public_key().public_bytes_raw()) + bytes(64)
    ).decode()
    both = signed_note.parse(f"{note}\u2014 name {bad}\n".encode())
    assert not signed_note.verify(both, "name", key.public_key().public_bytes_raw())


def test_a_checkpoint_with_many_cosignatures_is_read() -> None:
    kit = Kit()
    kit.found()
    (name, note) = next((n, b) for n, b in kit.archive.objects.items() if n.startswith("checkpoints/"))
    other = Ed25519PrivateKey.generate()
    line = signed_note.sign("x\n", "witness.example", other).split(b"\n")[2] + b"\n"
    longer = note + line * 200
    assert 8192 < len(longer) < 65_536
    from hashlib import sha256

    del kit.archive.objects[name]
    kit.archive.objects[layout.checkpoint(2, sha256(longer).hexdigest())] = longer
    assert kit.verify(1).exit_code == 0


def test_planted_rubbish_stops_no_writer_and_is_reported() -> None:
    kit = Kit()
    ledger = kit.found()
    for name in (
        "checkpoints/rubbish",
        layout.checkpoint(1, "0" * 64),
        layout.checkpoint(9, "1" * 64),
        f"segments/{2:020d}-rubbish",
        layout.segment(2, "2" * 64),
    ):
        kit.archive.objects[name] = b"rubbish" * 20_000
    kit.append(ledger, "ingest", item_draft("goes on"))
    kit.append(kit.ledger(), "ingest", item_draft("and on"))
    assert "altered" in findings(kit.verify(1))
