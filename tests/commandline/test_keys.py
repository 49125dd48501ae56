"""Keys that are replaced, lost, stolen and retired; and what verification says of each."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import keyfile, layout, signed_note
from tests.commandline.conftest import CHAT, Beleg


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("replace", "create"):
        monkeypatch.setattr(f"archive.services.keychain.KeyChain.{name}.__kwdefaults__", {"n": 2**10})


def _secret(archive: Path, role: str, name: str) -> Ed25519PrivateKey:
    data = (archive / "keys" / f"{role}.key").read_bytes()
    return Ed25519PrivateKey.from_private_bytes(
        keyfile.open_file(data, passphrase="a passphrase for tests")[2][name]
    )


def _listed(beleg: Beleg, purpose: str, role: str) -> list[dict[str, object]]:
    rows = beleg("keys", "list", "--json").json
    return [row for row in rows if (row["purpose"], row["role"]) == (purpose, role)]


def _more(beleg: Beleg, chat: Path, line: str) -> None:
    chat.write_text(chat.read_text() + f"[03.02.25, 12:00:00] Anna: {line}\n", encoding="utf-8")
    done = beleg("ingest", chat)
    assert done.code == 0, done.err


def test_a_new_log_key_signs_from_its_record_on(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    beleg("ingest", chat)
    beleg("proof", "head", "--out", tmp_path / "before.note")
    old = _secret(archive, "ingest", "log")
    done = beleg("keys", "rotate", "--log", "--json")
    assert done.code == 0, done.err
    assert beleg("verify", "--json").json["log_key"] == done.json["verifier_key"], (
        "both count, the new one signed"
    )
    _more(beleg, chat, "nach dem Wechsel")
    report = beleg("verify", "--head", tmp_path / "before.note", "--json")
    assert (report.code, report.json["sealed_size"]) == (0, report.json["size"]), report.out
    assert beleg("verify", "--key", done.json["verifier_key"]).code == 0
    founding = beleg("verify", "--key", archive / "founding-slip.txt")
    assert (founding.code, "slip of the new one" in founding.out) == (3, True)
    assert "Signed by the log key that you gave" not in founding.out
    first, second = _listed(beleg, "log", "log")
    assert (first["retired"] is None, second["retired"]) == (False, None)
    # A thief of the old key signs a later history: the key does not count for that size any more.
    text = signed_note.Checkpoint(report.json["origin"], report.json["size"], bytes(32)).text()
    note = signed_note.sign(text, report.json["origin"], old)
    place = archive / "places" / "archive"
    (place / layout.checkpoint(report.json["size"], sha256(note).hexdigest())).write_bytes(note)
    _more(beleg, chat, "niemand steht still")
    assert [f["kind"] for f in beleg("verify", "--json").json["findings"]] == ["bad_signature"]


@pytest.mark.parametrize("role", ["ingest", "legal", "owner"])
def test_a_new_writer_key(beleg: Beleg, archive: Path, chat: Path, role: str) -> None:
    beleg("ingest", chat)
    done = beleg("keys", "rotate", "--writer", role, "--json")
    assert done.code == 0, done.err
    assert len(done.json["old"]) == 1
    _more(beleg, chat, "neu")
    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    assert beleg("person", "add", "K. Meier", "--role", "legal").code == 0
    assert beleg("verify", "--level", "2").code == 0
    assert beleg("keys", "rotate", "--writer", "nobody").code == 2


def test_a_stopped_rotation_is_finished_by_the_same_command(
    beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beleg("ingest", chat)
    with monkeypatch.context() as broken:
        from archive.services.keychain import KeyChain

        real, calls = KeyChain.replace, []

        def dies(self: KeyChain, role: str, secrets: dict[str, bytes], **more: int) -> None:
            calls.append(role)
            if len(calls) == 2:
                raise OSError(28, "no space left")
            real(self, role, secrets, n=2**10)

        broken.setattr(KeyChain, "replace", dies)
        assert beleg("keys", "rotate", "--log").code == 4
    _more(beleg, chat, "dazwischen")
    report = beleg("verify", "--json").json
    assert report["sealed_size"] == report["size"], "the prepared key signs what the old one may not"
    assert beleg("keys", "rotate", "--log").code == 0
    assert len(_listed(beleg, "log", "log")) == 2, "no third key"
    _more(beleg, chat, "danach")
    assert beleg("verify").code == 0


def test_a_lost_log_key_is_replaced_by_the_recovery_key(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    lost = archive / "keys" / "ingest.key"
    secrets = keyfile.open_file(lost.read_bytes(), passphrase="a passphrase for tests")[2]
    origin = json.loads(lost.read_text())["origin"]
    del secrets["log"]
    lost.write_bytes(
        keyfile.seal(secrets, origin=origin, role="ingest", passphrase="a passphrase for tests", n=2**10)
    )
    chat.write_text(CHAT + "[03.02.25, 12:00:00] Anna: ohne Kopf\n", encoding="utf-8")
    assert "1 items committed and NOT YET SEALED" in beleg("ingest", chat).out
    waiting = beleg("verify", "--json").json
    assert waiting["sealed_size"] < waiting["size"]
    number = beleg("search", "Kopf", "--json").json["hits"][0]["number"]
    assert "Committed, NOT YET SEALED, 20" in beleg("show", number).out
    (archive / "keys" / "owner.key").unlink()
    assert beleg("keys", "rotate", "--log").code == 5
    assert beleg("keys", "recover", "--log").code == 0
    report = beleg("verify", "--json")
    assert (report.code, report.json["sealed_size"]) == (0, report.json["size"])
    assert (archive / "keys" / "sealer.key").is_file()
    assert beleg("keys", "recover", "--writer", "owner").code == 0
    assert beleg("person", "add", "K. Meier", "--role", "legal").code == 0
    assert beleg("verify").code == 0


def test_with_the_key_file_of_ingestion_the_log_key_is_lost_and_that_is_said(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    """Else all that comes is committed and never sealed, and nobody knows what to do."""
    lost = archive / "keys" / "ingest.key"
    lost.unlink()
    done = beleg("keys", "recover", "--writer", "ingest")
    assert (done.code, "keys recover --log" in done.err) == (0, True)
    assert "NOT YET SEALED" in beleg("ingest", chat).out
    assert "where that key is lost: `beleg keys recover --log`" in beleg("status").out
    assert beleg("keys", "recover", "--log").code == 0
    assert "not yet sealed" not in beleg("status").out
    again = beleg("keys", "recover", "--writer", "ingest")
    assert (again.code, "--log" in again.err) == (0, False), "it lies in sealer.key"


def test_a_retired_key_counts_no_more(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("person", "add", "K. Meier", "--role", "legal")
    [person] = [row for row in _listed(beleg, "writer", "legal") if row["from"] != 0]
    assert beleg("keys", "retire", str(person["id"])[:8]).code == 0
    assert beleg("keys", "retire", str(person["id"])).code == 2, "twice"
    assert beleg("keys", "retire", "00000000").code == 2
    [log] = _listed(beleg, "log", "log")
    refused = beleg("keys", "retire", str(log["id"]))
    assert (refused.code, "keys rotate --log" in refused.err) == (5, True)
    [content] = _listed(beleg, "recipient", "content")
    assert "only content key" in beleg("keys", "retire", str(content["id"])).err
    assert beleg("verify").code == 0


def test_after_the_last_key_of_a_role_is_retired_it_is_said_what_helps(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    [owner] = _listed(beleg, "writer", "owner")
    done = beleg("keys", "retire", str(owner["id"]))
    assert (done.code, "keys recover --writer owner" in done.err) == (0, True)
    [privacy] = _listed(beleg, "writer", "privacy")
    refused = beleg("keys", "retire", str(privacy["id"]))
    assert (refused.code, "keys recover --writer owner" in refused.err) == (5, True)
    assert "keys rotate" not in refused.err, "that would take the key that counts no more"
    [recovery] = _listed(beleg, "writer", "recovery")
    assert beleg("keys", "recover", "--writer", "owner").code == 0
    assert beleg("keys", "retire", str(privacy["id"])).code == 0
    assert beleg("keys", "retire", str(recovery["id"])).code == 0, "an owner is there"
    last = _listed(beleg, "writer", "owner")[-1]
    assert "only owner key" in beleg("keys", "retire", str(last["id"])).err
    assert beleg("verify").code == 0


def test_of_two_rotations_at_one_time_the_second_replaces_the_key_of_the_first(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    from archive.services.key_change import rotate
    from archive.settings import load
    from archive.wiring import open_session

    with open_session(archive, load(archive), lambda _: "a passphrase for tests") as second:
        second.keys.secrets("ingest")
        first = beleg("keys", "rotate", "--writer", "ingest", "--json").json
        assert rotate(second, "writer", "ingest").old == (first["new"],)
    assert [row["retired"] is None for row in _listed(beleg, "writer", "ingest")] == [False, False, True]
    beleg("ingest", chat)
    assert beleg("verify").code == 0


def false_checkpoint(beleg: Beleg, archive: Path, beyond: int = 0) -> bytes:
    """By a thief of the log key, over a history that never was."""
    report = beleg("verify", "--json").json
    false = signed_note.Checkpoint(report["origin"], report["size"] + beyond, bytes(32))
    note = signed_note.sign(false.text(), report["origin"], _secret(archive, "ingest", "log"))
    name = layout.checkpoint(false.size, sha256(note).hexdigest())
    (archive / "places" / "archive" / name).write_bytes(note)
    return note


@pytest.mark.parametrize("beyond", [0, 400])
@pytest.mark.parametrize("remembers", [False, True], ids=["a new host", "the host that wrote"])
def test_a_false_checkpoint_stops_writers_until_it_is_disowned(
    beleg: Beleg, archive: Path, chat: Path, remembers: bool, beyond: int
) -> None:
    beleg("ingest", chat)
    digest = sha256(false_checkpoint(beleg, archive, beyond)).hexdigest()
    chat.write_text(CHAT + "[03.02.25, 12:00:00] Anna: steht\n", encoding="utf-8")
    if not remembers:
        (archive / "workspace" / "state.json").unlink()
    assert beleg("ingest", chat).code == 5
    assert {"fork", "rolled_back"} & {f["kind"] for f in beleg("verify", "--json").json["findings"]}
    shown = beleg("keys", "disown", "--json")
    assert shown.code == 3, shown.err
    assert [row["sha256"] for row in shown.json] == [digest]
    assert beleg("keys", "disown", "00" * 32).code == 2
    assert beleg("keys", "disown", digest).code == 0
    assert beleg("keys", "rotate", "--log").code == 0
    assert beleg("ingest", chat).code == 0
    after = beleg("verify", "--json").json
    assert [f["kind"] for f in after["findings"]] == ["disowned"], "it stays a finding"
    assert beleg("keys", "disown").code == 0


def test_status_beside_a_false_checkpoint_tells_it_and_does_not_forget_it(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    """On a host that was behind: what it reads on the way to the answer must not count as looked at."""
    beleg("ingest", chat)
    memory = archive / "workspace" / "state.json"
    behind, before = memory.read_bytes(), beleg("verify", "--json").json
    chat.write_text(CHAT + "[03.02.25, 12:00:00] Anna: steht\n", encoding="utf-8")
    assert beleg("ingest", chat).code == 0
    memory.write_bytes(behind)
    false = signed_note.Checkpoint(before["origin"], before["size"] + 1, bytes(32))
    note = signed_note.sign(false.text(), before["origin"], _secret(archive, "ingest", "log"))
    (archive / "places" / "archive" / layout.checkpoint(false.size, sha256(note).hexdigest())).write_bytes(
        note
    )
    for _ in range(2):
        shown = beleg("status", "--json")
        assert (shown.code, "rolled back" in shown.json["stopped"]) == (5, True)
        assert shown.json["size"] > before["size"]
    said = beleg("status")
    assert (said.code, "not looked at, see below" in said.out, "keys disown" in said.out) == (5, True, True)
    assert beleg("proof", "head", "--out", archive / "h.note").code == 5
    chat.write_text(CHAT + "[03.02.25, 13:00:00] Anna: fest\n", encoding="utf-8")
    assert beleg("ingest", chat).code == 5
