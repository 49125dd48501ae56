"""Archives that the project's own code forged: the verifier must not call one of them intact."""

import base64
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import layout, signed_note
from archive.core.keypage import zero_slots
from archive.core.leaf import WRITERS
from archive.errors import FormatError
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.opening import Opener
from archive.ledger.writer import Ledger
from schemas.report import VerificationReport
from tests.attacks import filled
from tests.ledger_kit import ORIGIN, STREAM, Kit, change, erase_draft, item_draft


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


def test_a_zeroed_hold_is_damage_and_not_an_erasure() -> None:
    """Who may overwrite the vault must not make a record look erased, and the other copy still opens it."""
    kit = Kit()
    ledger = kit.found()
    kit.append(ledger, "legal", kit.matter_draft("M-1"))
    opener = Opener(kit_reader(kit), [kit.recipients["content"]])
    name = next(n for n in kit.vaults[0].objects if "/matter/" in n)
    kit.vaults[0].objects[name] = zero_slots(kit.vaults[0].objects[name], [0])
    assert opener.body(2).title == "Pumpe"  # type: ignore[union-attr]
    kit.vaults[1].objects[name] = zero_slots(kit.vaults[1].objects[name], [0])
    with pytest.raises(FormatError, match="no erasure"):
        Opener(kit_reader(kit), [kit.recipients["content"]]).body(2)
    assert "not_opened" in findings(kit.verify(2))


def test_a_damaged_first_vault_copy_does_not_close_a_record() -> None:
    kit = Kit()
    kit.append(kit.found(), "legal", kit.matter_draft("M-1"))
    name = next(n for n in kit.vaults[0].objects if "/matter/" in n)
    kit.vaults[0].objects[name] = b"damaged"
    assert Opener(kit_reader(kit), [kit.recipients["content"]]).body(2).title == "Pumpe"  # type: ignore[union-attr]


def kit_reader(kit: Kit) -> Ledger:
    ledger = kit.ledger()
    ledger.follow()
    return ledger


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_later_kind_is_could_not_tell_and_the_walk_goes_on(
    level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = Kit()
    ledger = kit.found()
    with monkeypatch.context() as later:
        later.setitem(WRITERS["content"], "poll", frozenset({"ingest"}))
        kit.append(ledger, "ingest", replace(item_draft("later"), kind="poll"))
        kit.append(ledger, "ingest", item_draft("after"))
    report = kit.verify(level)
    assert (report.size, report.exit_code) == (4, 4), report.findings


def test_an_empty_archive_place_is_a_report() -> None:
    kit = Kit()
    kit.append(kit.found(), "ingest", item_draft("gone"))
    kit.archive.objects.clear()
    assert "missing" in findings(kit.verify(1))


@pytest.mark.parametrize(
    "values",
    [
        {"what": {"body": "matter", "kind": "matter", "schema": 1}, "extra": [1]},
        {"what": {"body": "matter", "kind": "matter", "schema": 1}, "extra": None},
        {"what": {"body": "matter", "kind": "matter", "schema": 1}, "extra": {}, "raw": 7},
        {"what": {"body": {}, "kind": "matter", "schema": 1}, "extra": {}},
        {"what": {"body": "item", "kind": "matter", "schema": 1}, "extra": "x"},
        {"what": {"body": "hold", "kind": "matter", "schema": 1}, "extra": {}},
        {
            "what": {"body": "matter", "kind": "matter", "schema": 1},
            "extra": {"overflow": {"length": "1", "sha256": "", "start": None}},
        },
    ],
)
def test_a_hostile_payload_is_a_finding(values: dict[str, object]) -> None:
    kit = Kit()
    kit.append(kit.found(), "legal", Draft("matter", "matter", values=values))
    assert kit.verify(2).exit_code in (3, 4)


def test_a_body_of_another_kind_than_its_leaf() -> None:
    """An ingest key must not smuggle a decision into the catalogue under the leaf of an item."""
    kit = Kit()
    inner = kit.matter_draft("M-1")
    kit.append(kit.found(), "ingest", Draft("content", "item", STREAM, values=inner.values))
    assert findings(kit.verify(2)) == ["not_opened"]


def test_a_record_outside_the_stream_of_its_class() -> None:
    kit = Kit()
    kit.append(kit.found(), "owner", replace(clear_draft("disowned", {"checkpoints": ["0" * 64]})))
    ledger = kit.ledger()
    ledger.follow()
    with pytest.raises(FormatError, match="stream of its class"):
        kit.append(ledger, "legal", replace(kit.matter_draft("M-1"), stream=STREAM))
    kit.forge(ledger, "legal", replace(kit.matter_draft("M-1"), stream=STREAM))
    assert findings(kit.verify(0)) == ["altered"]


def test_a_founding_without_genesis() -> None:
    kit = Kit()
    ledger = kit.ledger()
    rows = [change("writer", w.role, "ed25519", w.private.public_key().public_bytes_raw())
            for w in kit.writers.values()]  # fmt: skip
    rows.append(change("log", "log", "ed25519", kit.log_key.public_key().public_bytes_raw()))
    rows += [change("recipient", p.role, p.algorithm, p.recipient().public) for p in kit.recipients.values()]
    drafts = [clear_draft("disowned", {"checkpoints": ["0" * 64]}), clear_draft("keys", {"changes": rows})]
    with pytest.raises(FormatError, match="no genesis"):
        ledger.found(kit.writers["owner"], drafts)
    assert not any(store.objects for _, store in kit.stores())
    ledger.judge = lambda finding: None
    ledger.found(kit.writers["owner"], drafts)
    assert "altered" in findings(kit.verify(0))


@pytest.mark.parametrize(
    ("role", "kind", "body"),
    [
        ("privacy", "erased", {"erase": 1, "pages": []}),
        ("ingest", "orphan", {"batch": None, "first": 2, "segment": "0" * 64}),
    ],
)
def test_receipts_and_orphans_of_nothing(role: str, kind: str, body: dict[str, object]) -> None:
    kit = Kit()
    ledger = kit.found()
    kit.forge(ledger, role, clear_draft(kind, body))
    assert findings(kit.verify(0)) == ["altered"]


def test_an_algorithm_of_a_later_version_is_could_not_tell() -> None:
    kit = Kit()
    ledger = kit.found()
    later = change("log", "log", "ml_dsa_44", b"k" * 65)
    kit.forge(ledger, "owner", clear_draft("keys", {"changes": [later]}))
    kinds = {f.kind for f in kit.verify(0).findings if f.severity != "note"}
    assert kinds == {"unknown", "missing"} or kinds == {"unknown"}


def test_an_erasure_may_not_name_clear_or_state_records_and_no_other_page_keeps_its_keys() -> None:
    kit = Kit()
    ledger = kit.found()
    kit.append(ledger, "ingest", item_draft("to go"))
    kit.append(ledger, "privacy", Draft("oversight", "request", values={}))
    kit.append(ledger, "legal", erase_draft(kit, ledger, [[0, 0], [2, 2]], request=3))
    assert findings(kit.verify(0)) == ["altered"]
    name = next(n for n in kit.vaults[0].objects if "/content/" in n)
    for vault in kit.vaults:
        live = vault.objects[name]
        vault.objects[name] = zero_slots(live, [0])
    assert findings(kit.verify(0)) == ["altered"]
    kit.vaults[0].objects[name[:-1] + "7"] = live
    assert sorted(findings(kit.verify(0))) == ["altered", "key_returned"]


def test_strangers_in_control_and_vault_are_named() -> None:
    kit = Kit()
    kit.append(kit.found(), "ingest", item_draft("here"))
    kit.control.objects["notes/1"] = b"x"
    kit.vaults[0].objects["notes/1"] = b"x"
    assert findings(kit.verify(0)) == ["unexpected", "unexpected"]


def test_a_role_re_encrypts_only_what_it_may() -> None:
    """Legal may not name pages of the class state: it cannot open them, and could only spoil them."""
    kit = Kit()
    ledger = kit.found()
    page = {"batch": "00" * 16, "class": "state", "generation": 1, "header": "00" * 32, "slots": "00" * 32}
    with pytest.raises(FormatError, match="may not re-encrypt"):
        kit.append(ledger, "legal", clear_draft("resealed", {"pages": [page]}))
    kit.forge(ledger, "legal", clear_draft("resealed", {"pages": [page]}))
    assert any("may not re-encrypt" in finding.text for finding in kit.verify(0).findings)


def test_a_clear_record_cannot_speak_of_a_later_size() -> None:
    kit = Kit()
    ledger = kit.found()
    with pytest.raises(FormatError, match="did not have"):
        kit.append(ledger, "owner", clear_draft("restored", {"root": "00" * 32, "size": 99}))
    kit.forge(ledger, "owner", clear_draft("restored", {"root": "00" * 32, "size": 99}))
    assert any("did not have" in finding.text for finding in kit.verify(0).findings)


@pytest.mark.parametrize("given", [b"x", b"", b"a note\n\n\xe2\x80\x94 name AAAAAAAAAA==\n"])
def test_a_file_that_is_no_head_convicts_nobody(given: bytes) -> None:
    """The auditor's own mistake, or a rotten stick: what it would have shown cannot be told."""
    report = filled(1).verify(0, heads=[("notes.txt", given)])
    assert report.exit_code == 4
    assert ["notes.txt" in finding.text for finding in report.findings] == [True]


def test_a_renewal_is_not_called_good_unlooked_at() -> None:
    kit = filled(1)
    body = {"algorithm": "sha512", "digest": "ab" * 64, "size": 3}
    kit.append(kit.ledger(), "ingest", clear_draft("renewal", body))
    assert kit.verify(2).exit_code == 4
    kit.append(kit.ledger(), "ingest", item_draft("it stops nobody"))
