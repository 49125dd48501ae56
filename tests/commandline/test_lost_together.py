"""Several places are lost at once, and what came from a mirror is written to by nobody until a head agrees."""

import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from archive.adapters.lock_file import LockFile
from archive.errors import StoreError
from archive.ledger.writer import Ledger
from archive.services import recover
from tests.commandline.conftest import Beleg
from tests.commandline.test_keys import false_checkpoint
from tests.commandline.test_lost_places import filled, goes_on, newest_head, places

__all__ = ["filled"]


def lose(archive: Path, *names: str) -> None:
    for name in names:
        shutil.rmtree(archive / "places" / name)


def test_archive_control_and_a_vault_copy_come_back_in_new_places(
    beleg: Beleg, filled: Path, chat: Path, tmp_path: Path
) -> None:
    """As when the account at the provider is closed: the mirror and one vault copy are left."""
    mirror, head = tmp_path / "mirror", newest_head(filled, tmp_path / "head.note")
    assert beleg("mirror", mirror).code == 0
    lose(filled, "archive", "control", "vault")
    asked = beleg("rebuild", "archive", "--from", mirror, "--head", head)
    assert (asked.code, "--into NEW --control NEW" in asked.err) == (4, True), asked.err
    new = ("--into", "places/archive-2", "--control", "places/control-2")
    done = beleg("rebuild", "archive", "--from", mirror, *new, "--head", head)
    assert done.code == 0, done.err
    assert (places(filled)["archive"], places(filled)["control"]) == ("places/archive-2", "places/control-2")
    done = beleg("keys", "copy", "--from", "2", "--into", "places/vault-2")
    assert done.code == 0, done.err
    goes_on(beleg, chat)


def test_a_control_place_that_is_there_is_not_passed_over(beleg: Beleg, filled: Path, tmp_path: Path) -> None:
    mirror, settings = tmp_path / "mirror", (filled / "beleg.toml").read_bytes()
    assert beleg("mirror", mirror).code == 0
    lose(filled, "archive")
    done = beleg("rebuild", "archive", "--from", mirror, "--control", "places/control-2")
    assert (done.code, "the control place, is there" in done.err) == (2, True), done.err
    assert (filled / "beleg.toml").read_bytes() == settings
    assert not (filled / "places" / "archive" / "segments").exists()
    done = beleg("rebuild", "archive", "--control", "places/control-2", "--head", mirror)
    assert (done.code, "--from" in done.err) == (2, True), done.err


@pytest.mark.parametrize(
    "command",
    [
        ("keys", "copy", "--from", "1", "--into", "places/vault-3"),
        ("rebuild", "markers", "--into", "places/control-3"),
        ("keys", "rotate", "--log"),
        ("approve", "D-1", "--key", "legal"),
    ],
    ids=" ".join,
)
def test_nothing_is_written_to_what_nobody_vouched_for(
    beleg: Beleg, filled: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """A mirror that was cut back would else be gone on with: a fork, signed by the log key."""
    mirror, hit = tmp_path / "mirror", beleg("search", "garantie", "--json").json["hits"][0]["number"]
    assert beleg("erase", "request", "--item", hit, "--ground", "17-1a").code == 0
    assert beleg("mirror", mirror).code == 0
    lose(filled, "archive")
    assert beleg("rebuild", "archive", "--from", mirror).code == 0
    before = sorted(path for path in (filled / "places").rglob("*") if path.is_file())
    done = beleg(*command)
    assert (done.code, "is read-only" in done.err) == (5, True), done.err
    assert sorted(path for path in (filled / "places").rglob("*") if path.is_file()) == before


@pytest.mark.parametrize("control", [True, False], ids=["control too", "control is there"])
def test_what_no_mirror_holds_is_given_up_by_a_person_only(
    beleg: Beleg, filled: Path, chat: Path, tmp_path: Path, control: bool
) -> None:
    mirror, head = tmp_path / "mirror", newest_head(filled, tmp_path / "head.note")
    assert beleg("mirror", mirror).code == 0
    assert beleg("person", "add", "Prüfer", "--role", "legal").code == 0
    seen = (filled / "workspace" / "state.json").read_bytes()  # as another host remembers it
    lose(filled, "archive", *(["control"] if control else []))
    new = ("--into", "places/archive-2", "--control", "places/control-2")
    if not control:
        assert beleg("rebuild", "archive", "--from", mirror, *new).code == 2
    done = beleg("rebuild", "archive", "--from", mirror, *new, *([] if control else ["--give-up-newer"]))
    assert (done.code, "--give-up-newer" in done.err) == (3, True), done.err
    done = beleg("rebuild", "archive", "--head", head)
    assert (done.code, "--give-up-newer" in done.err) == (5, True), done.err
    assert beleg("ingest", chat).code == 5
    done = beleg("rebuild", "archive", "--head", head, "--give-up-newer")
    assert (done.code, "every other host" in done.err) == (0, True), done.err
    assert beleg("rebuild").code == 0
    (filled / "workspace" / "state.json").write_bytes(seen)
    done = beleg("ingest", chat)
    assert (done.code, "--give-up-newer" in done.err, "state.json" in done.err) == (5, True, True), done.err
    (filled / "workspace" / "state.json").unlink()
    goes_on(beleg, chat, notes={"duplicate"})  # key pages of what was given up


@pytest.mark.parametrize(
    ("body", "words"), [(b"no head", "no head that can be read"), (None, "of another archive")]
)
def test_a_wrong_head_is_no_fault_of_the_archive(
    beleg: Beleg, filled: Path, tmp_path: Path, body: bytes | None, words: str
) -> None:
    mirror, head, other = tmp_path / "mirror", tmp_path / "head.note", tmp_path / "other"
    assert beleg("mirror", mirror).code == 0
    if body is None:
        assert beleg("init", other).code == 0
        body = newest_head(other, head).read_bytes()
    head.write_bytes(body)
    assert beleg("rebuild", "archive", "--from", mirror).code == 0
    assert "is read-only" in beleg("status").out
    done = beleg("rebuild", "archive", "--head", head)
    assert (done.code, words in done.err, "does not stand" in done.err) == (5, True, False), done.err


def test_what_was_disowned_before_the_loss_does_not_close_the_archive_for_good(
    beleg: Beleg, filled: Path, chat: Path, tmp_path: Path
) -> None:
    """That finding stays for ever; the outside head says that the rest is what was there."""
    mirror, note = tmp_path / "mirror", false_checkpoint(beleg, filled)
    digest = sha256(note).hexdigest()
    assert beleg("keys", "disown", digest).code == 0
    head = newest_head(filled, tmp_path / "head.note")
    assert beleg("mirror", mirror).code == 3, "of the copy it is told as of the archive"
    lose(filled, "archive")
    done = beleg("rebuild", "archive", "--from", mirror, "--head", head)
    assert done.code == 0, done.err
    assert "is read-only" not in beleg("status").out
    assert [f["kind"] for f in beleg("verify", "--json").json["findings"]] == ["disowned"]
    assert beleg("ingest", chat).code == 0


def test_a_mirror_from_before_the_keys_of_now_is_not_gone_on_with(
    beleg: Beleg, filled: Path, tmp_path: Path
) -> None:
    """Its keys were destroyed: nothing would open, and what is sealed would be sealed to nobody."""
    old, head = tmp_path / "old", newest_head(filled, tmp_path / "head.note")
    assert beleg("mirror", old).code == 0
    (filled / "keys" / "ingest.key").unlink()
    done = beleg("keys", "recover", "--writer", "ingest")  # as an epoch does, for one key alone
    assert (done.code, "beleg mirror" in done.err) == (0, True), done.out + done.err
    lose(filled, "archive", "control")
    places = ("--into", "places/archive-2", "--control", "places/control-2")
    done = beleg("rebuild", "archive", "--from", old, *places, "--head", head, "--give-up-newer")
    assert (done.code, "rotate --epoch" in done.err) == (5, True), done.err
    assert "read_only = true" in (filled / "beleg.toml").read_text()


def test_pages_that_are_good_nowhere_are_given_up_by_a_person_only(
    beleg: Beleg, filled: Path, chat: Path
) -> None:
    lose(filled, "vault")
    page = next((filled / "places" / "vault-copy").rglob("*/oversight/*"))
    page.write_bytes(b"rotten")
    settings = (filled / "beleg.toml").read_bytes()
    copying = ("keys", "copy", "--from", "2", "--into", "places/vault-2")
    done = beleg(*copying)
    assert (done.code, "--give-up-missing" in done.err) == (3, True), done.err
    assert (filled / "beleg.toml").read_bytes() == settings
    assert beleg(*copying, "--give-up-missing").code == 3
    assert places(filled)["vault"][0] == "places/vault-2"
    assert beleg("ingest", chat).code == 0
    assert beleg("keys", "copy", "--give-up-missing").code == 2


def test_nobody_commits_by_the_old_control_place_while_a_new_one_is_made(
    beleg: Beleg, filled: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be moved and not lost: two that commit at one head, each in its place, would both be signed."""
    lock, held, real = filled / "places" / "control.lock", [], recover.log_recovered

    def watched(ledger: Ledger, *rest: Any) -> None:
        held.append(LockFile(lock, print).is_held())
        real(ledger, *rest)
        held.append(LockFile(lock, print).is_held())

    monkeypatch.setattr(recover, "log_recovered", watched)
    assert beleg("rebuild", "markers", "--into", "places/control-2").code == 0
    assert held == [True, True]
    goes_on(beleg, chat)


@pytest.mark.parametrize("lost", ["control", "archive"])
def test_a_log_key_that_does_not_sign_keeps_no_place_lost(
    beleg: Beleg, filled: Path, chat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """Else neither could be mended: the key is replaced in an archive that is open."""
    mirror, head = tmp_path / "mirror", newest_head(filled, tmp_path / "head.note")
    assert beleg("mirror", mirror).code == 0
    lose(filled, lost)
    command = {
        "control": ("rebuild", "markers", "--into", "places/control-2"),
        "archive": ("rebuild", "archive", "--from", mirror, "--head", head),
    }[lost]

    def silent(ledger: Ledger) -> None:
        if ledger.log_key is not None:
            raise StoreError("the device gives no answer")

    with monkeypatch.context() as down:
        down.setattr(Ledger, "_signed_head", silent)
        done = beleg(*command)
        assert (done.code, "not sealed" in done.err) == (4, True), done.err
    assert beleg("keys", "rotate", "--log").code == 0
    goes_on(beleg, chat)


def test_an_owner_key_that_was_retired_does_not_stand_before_the_recovery_key(
    beleg: Beleg, filled: Path, chat: Path
) -> None:
    """Its file lies there still."""
    owner = next(row for row in beleg("keys", "list", "--json").json if row["role"] == "owner")
    assert beleg("keys", "retire", owner["id"]).code == 0
    digest = sha256(false_checkpoint(beleg, filled)).hexdigest()
    done = beleg("keys", "disown", digest)
    assert done.code == 0, done.err
    lose(filled, "control")
    done = beleg("rebuild", "markers", "--into", "places/control-2")
    assert done.code == 0, done.err
    (filled / "keys" / "recovery.key").unlink()
    done = beleg("keys", "copy", "--into", "places/vault-3")
    assert (done.code, "counts no more" in done.err) == (5, True), done.err
    assert beleg("ingest", chat).code == 0


def test_a_false_checkpoint_does_not_keep_the_control_place_lost(
    beleg: Beleg, filled: Path, chat: Path
) -> None:
    """By a thief of the log key, who may also delete in the control place; `keys disown` needs that place."""
    digest = sha256(false_checkpoint(beleg, filled, 400)).hexdigest()
    lose(filled, "control")
    command = ("rebuild", "markers", "--into", "places/control-2")
    done = beleg(*command)
    assert (done.code, "--disown" in done.err) == (5, True), done.err
    newest = sorted((filled / "places" / "archive" / "checkpoints").iterdir())[-2].name[-64:]
    assert beleg(*command, "--disown", digest, "--disown", newest).code in (2, 5), "that one is ours"
    done = beleg(*command, "--disown", digest)
    assert done.code == 0, done.err
    assert beleg("ingest", chat).code == 0
    assert [one["kind"] for one in beleg("verify", "--json").json["findings"]] == ["disowned"]


@pytest.mark.parametrize("role", ["ingest", "legal", "privacy"])
def test_a_lost_key_file_is_no_lost_archive_where_the_recovery_key_is(
    beleg: Beleg, filled: Path, chat: Path, role: str
) -> None:
    """The founding slip says so: it opens everything."""
    (filled / "keys" / f"{role}.key").unlink()
    done = beleg("keys", "recover", "--writer", role)
    assert done.code == 0, done.err
    (filled / "keys" / "recovery.key").unlink()
    if role == "privacy":
        opened = [row for row in beleg("doctor", "--json").json["probes"] if row["place"] == "keys"]
        assert {row["verdict"] for row in opened} == {"holds"}
        return
    chat.write_text(chat.read_text(encoding="utf-8") + "[04.02.25, 08:00:00] Anna: neu\n", encoding="utf-8")
    assert beleg("ingest", chat, "--json").json[0]["items"] == 1
    assert beleg("verify", "--level", "2").code == 0
