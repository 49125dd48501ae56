"""Outside heads: handed out by the command line, and what verification says when they are held against it."""

import shutil
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import keyfile, signed_note
from tests.commandline.conftest import CHAT, Beleg
from tests.mailbox import Mailbox


def _settings(archive: Path, text: str) -> None:
    file = archive / "beleg.toml"
    file.write_text(file.read_text() + text)


def test_a_head_goes_to_a_file_a_place_and_a_mailbox(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, mailbox: Mailbox
) -> None:
    beleg("ingest", chat)
    notary = tmp_path / "notary"
    notary.mkdir()
    done = beleg(
        "proof", "head", "--out", tmp_path / "a.note", "--copy-to", notary,
        "--mail", "revision@firm.example", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    note = (tmp_path / "a.note").read_bytes()
    [copied] = [file for file in notary.rglob("*") if file.is_file()]
    assert copied.read_bytes() == note
    [(to, mail)] = mailbox.received
    assert to == ["revision@firm.example"]
    [attached] = message_from_bytes(mail, policy=policy.default).iter_attachments()
    assert attached.get_content() == note
    assert beleg("verify", "--head", tmp_path / "a.note", "--head", notary).code == 0
    assert beleg("proof", "head", "--out", tmp_path / "a.note").code == 0, "the same head again"
    beleg("ingest", "--channel", "loose", Path(__file__))
    assert beleg("proof", "head", "--out", tmp_path / "a.note").code == 2, "never over another"
    assert (tmp_path / "a.note").read_bytes() == note


def test_who_does_not_get_the_head_is_told_and_the_others_get_it(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    notary = tmp_path / "notary"
    notary.mkdir()
    done = beleg("proof", "head", "--copy-to", tmp_path / "not mounted", "--copy-to", notary)
    assert done.code == 4
    assert "NOT given" in done.out
    assert any(notary.rglob("*.*")) or any(notary.rglob("*-*"))
    assert not (tmp_path / "not mounted").exists()
    assert beleg("proof", "head", "--mail", "a\nBcc: b@c.example").code == 2
    assert beleg("proof", "head").code == 2


def test_a_head_does_not_go_into_a_place_of_the_archive_itself(
    beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the place is spelled: there it would be a finding, and no outsider had it."""
    monkeypatch.chdir(archive)
    for place in (
        "places/archive",
        "./places/archive/",
        archive / "places" / "archive",
        "places/vault/heads",
    ):
        done = beleg("proof", "head", "--copy-to", place)
        assert (done.code, "belongs elsewhere" in done.err) == (2, True), (place, done.err)
    assert beleg("verify").code == 0


def test_a_folder_on_the_command_line_is_one_from_where_the_user_stands(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stick").mkdir()
    monkeypatch.chdir(tmp_path)
    done = beleg("proof", "head", "--copy-to", "stick", "--archive", archive)
    assert (done.code, any((tmp_path / "stick").rglob("*-*"))) == (0, True), done.out


def test_the_head_of_another_archive_is_called_that(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    beleg("init", tmp_path / "other")
    beleg("proof", "head", "--out", tmp_path / "other.note", "--archive", tmp_path / "other")
    done = beleg("verify", "--head", tmp_path / "other.note")
    assert (done.code, "of another archive" in done.out) == (3, True)


def test_heads_go_out_after_a_run_and_a_failure_stops_no_capture(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    notary = tmp_path / "notary"
    notary.mkdir()
    _settings(archive, f"\n[heads]\ncopy_to = ['{notary}', '{tmp_path / 'gone'}']\n")
    done = beleg("ingest", chat)
    assert done.code == 4, "the chat is sealed; one outsider did not get the head"
    assert "3 items sealed" in done.out
    assert "gone" in done.err
    [head] = [file for file in notary.rglob("*") if file.is_file()]
    assert beleg("verify", "--head", head, "--json").json["newest_head"] is not None
    assert "could not go" in " ".join(beleg("status", "--json").json["warnings"])
    (tmp_path / "gone").mkdir()
    assert beleg("proof", "head").code == 0
    assert "could not go" not in " ".join(beleg("status", "--json").json["warnings"]), "given by hand since"


def test_rolled_back_forked_and_merely_older_are_told_apart(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    beleg("ingest", chat)
    beleg("proof", "head", "--out", tmp_path / "first.note")
    yesterday = tmp_path / "yesterday"
    shutil.copytree(archive, yesterday)
    chat.write_text(CHAT + "[03.02.25, 09:20:00] Lieferant: Bis Freitag\n", encoding="utf-8")
    beleg("ingest", chat)
    beleg("proof", "head", "--out", tmp_path / "second.note")

    older = beleg("verify", "--head", tmp_path / "first.note")
    assert older.code == 0, older.out
    assert "older_head" in older.out
    assert "could have been cut off unseen" in older.out

    assert beleg("verify", yesterday).code == 0, "by itself an archive of yesterday looks whole"
    cut = beleg("verify", yesterday, "--head", tmp_path / "second.note", "--json")
    assert cut.code == 3
    assert [f["kind"] for f in cut.json["findings"]] == ["rolled_back"]

    chat.write_text(CHAT + "[03.02.25, 09:20:00] Lieferant: Bis Montag\n[03.02.25, 09:21:00] Anna: Gut\n")
    assert beleg("ingest", chat, "--archive", yesterday).code == 0
    assert beleg("verify", yesterday).code == 0, "and a rewritten one too"
    forked = beleg("verify", yesterday, "--head", tmp_path / "second.note", "--json")
    assert [f["kind"] for f in forked.json["findings"]] == ["fork"]
    beleg("proof", "head", "--archive", yesterday, "--out", tmp_path / "other.note")
    both = beleg("verify", "--head", tmp_path / "second.note", "--head", tmp_path / "other.note", "--json")
    assert both.code == 3
    assert {f["kind"] for f in both.json["findings"]} <= {"fork", "rolled_back"}


def test_what_else_lies_in_a_folder_of_heads_convicts_nobody(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    beleg("ingest", chat)
    folder = tmp_path / "heads"
    folder.mkdir()
    (folder / "README.txt").write_text("kept by the auditor")
    assert beleg("verify", "--head", folder).code == 2
    assert beleg("proof", "head", "--out", folder / "h1.note").code == 0
    done = beleg("verify", "--head", folder)
    assert (done.code, "README.txt is no head" in done.err) == (0, True), done.out
    (folder / "h1.note").write_bytes(b"cut")
    assert beleg("verify", "--head", folder).code == 4, "what it would have shown cannot be told"


def test_what_mail_programs_and_editors_do_to_a_head_convicts_nobody(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    """A mark of an editor was the head of another archive; other line ends made it one that cannot be read."""
    beleg("ingest", chat)
    beleg("proof", "head", "--out", tmp_path / "h.note")
    note = (tmp_path / "h.note").read_bytes()
    folder = tmp_path / "kept"
    folder.mkdir()
    for name, data in {
        "mark.txt": b"\xef\xbb\xbf" + note, "lines.txt": note.replace(b"\n", b"\r\n"), "end.txt": note.rstrip(b"\n"),
        "both.txt": b"\xef\xbb\xbf" + note.replace(b"\n", b"\r\n") + b"\r\n",
    }.items():  # fmt: skip
        (folder / name).write_bytes(data)
    told = beleg("verify", "--head", folder, "--json")
    assert (told.code, told.json["heads"], told.json["newest_head"]) == (0, 4, told.json["size"]), told.out
    (folder / "both.txt").write_bytes(note.replace(b"beleg.archive", b"Beleg.archive"))
    assert beleg("verify", "--head", folder).code == 3, "a word in it is another matter"


def test_a_head_without_end_is_not_read_to_it(beleg: Beleg, archive: Path) -> None:
    assert beleg("verify", "--head", Path("/dev/zero")).code == 4


def test_heads_may_be_named_side_by_side(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> None:
    """A shell makes such a line of ``--head *.note``."""
    beleg("ingest", chat)
    notes = [tmp_path / f"{name}.note" for name in "abc"]
    for one in notes:
        assert beleg("proof", "head", "--out", one).code == 0
    done = beleg("verify", "--head", *notes, "--level", "0", "--json")
    assert (done.code, done.json["heads"]) == (0, 3), done.err


def test_an_archive_cut_back_behind_a_rotation_is_told_from_a_foreign_head(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    beleg("ingest", chat)
    kept = shutil.copytree(archive, tmp_path / "kept")
    assert beleg("keys", "rotate", "--log").code == 0
    rows = beleg("keys", "list", "--json").json
    key = next(row["verifier_key"] for row in rows if row.get("verifier_key") and row["retired"] is None)
    assert beleg("proof", "head", "--out", tmp_path / "h.note").code == 0
    shutil.rmtree(archive)
    shutil.copytree(kept, archive)
    done = beleg("verify", "--head", tmp_path / "h.note")
    assert (done.code, "cut off before its key was registered" in done.out) == (3, True), done.out
    told = beleg("verify", "--head", tmp_path / "h.note", "--key", key, "--json").json["findings"]
    assert "rolled_back" in {one["kind"] for one in told}


def test_a_thief_of_a_replaced_log_key_convicts_nobody_of_a_cut(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    """Not even before an auditor who still has the slip of that key."""
    beleg("ingest", chat)
    file = (archive / "keys" / "ingest.key").read_bytes()
    stolen = Ed25519PrivateKey.from_private_bytes(
        keyfile.open_file(file, passphrase="a passphrase for tests")[2]["log"]
    )
    assert beleg("keys", "rotate", "--log").code == 0
    chat.write_text(CHAT + "[03.02.25, 12:00:00] Anna: danach\n", encoding="utf-8")
    assert beleg("ingest", chat).code == 0
    origin = beleg("verify", "--json").json["origin"]
    false = tmp_path / "false.note"
    false.write_bytes(signed_note.sign(signed_note.Checkpoint(origin, 500, bytes(32)).text(), origin, stolen))
    done = beleg("verify", "--head", false, "--key", archive / "founding-slip.txt", "--json")
    assert {one["kind"] for one in done.json["findings"]} == {"bad_signature"}, done.out
    assert "500 records is signed by a log key that record" in done.out


def test_the_window_is_told_in_the_unit_that_fits(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    assert beleg("proof", "head", "--out", tmp_path / "h.note").code == 0
    assert "in the 0 minutes since then" in beleg("verify", "--head", tmp_path / "h.note").out
