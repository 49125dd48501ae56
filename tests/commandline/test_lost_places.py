"""Each place is lost once (FORMAT.md section 11), and the archive goes on, by the commands that a person types."""

import os
import shutil
import tomllib
from collections.abc import Set
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.commandline.conftest import Beleg


@pytest.fixture
def filled(beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive, in whose folder stands who works on it: places are named from there."""
    monkeypatch.chdir(archive)
    assert beleg("ingest", chat).code == 0
    assert beleg("matter", "open", "Pumpe", "--reason", "Streit").code == 0
    return archive


def newest_head(archive: Path, out: Path) -> Path:
    """What an outsider kept."""
    note = max((archive / "places" / "archive" / "checkpoints").iterdir())
    return Path(shutil.copy(note, out))


def places(archive: Path) -> Any:
    return tomllib.loads((archive / "beleg.toml").read_text())["places"]


def goes_on(beleg: Beleg, chat: Path, notes: Set[str] = frozenset()) -> None:
    chat.write_text(
        chat.read_text(encoding="utf-8") + "[04.02.25, 08:00:00] Anna: weiter\n", encoding="utf-8"
    )
    assert beleg("ingest", chat, "--json").json[0]["items"] == 1
    assert beleg("search", "garantie", "--json").json["total"] == 1
    assert beleg("matter", "show", "M-1").code == 0
    report = beleg("verify", "--level", "2", "--json").json
    assert {finding["kind"] for finding in report["findings"]} <= notes
    assert report["exit_code"] == 0


def test_control(beleg: Beleg, filled: Path, chat: Path) -> None:
    lost = {path.name: path.read_bytes() for path in (filled / "places/control/commits").iterdir()}
    shutil.rmtree(filled / "places" / "control")
    (filled / "places" / "control").mkdir()
    refused = beleg("ingest", chat)
    assert refused.code == 5, "nobody writes onto a place that was cut back"
    assert "Where the place is lost: `beleg rebuild markers --into NEW`" in refused.err
    assert beleg("verify").code == 3
    assert beleg("rebuild", "markers").code == 2, "it goes into a new place"
    assert beleg("rebuild", "markers", "--into", "places/archive").code in (2, 4), "and into an empty one"
    done = beleg("rebuild", "markers", "--into", "places/control-2", "--json")
    assert done.code == 0, done.err
    assert done.json["markers"] == len(lost)
    made = {path.name: path.read_bytes() for path in (filled / "places/control-2/commits").iterdir()}
    assert {name: made[name] for name in lost} == lost
    assert places(filled)["control"] == "places/control-2"
    again = beleg("rebuild", "markers", "--into", "places/control-2")
    assert (again.code, "is the control place already" in again.err) == (2, True), again.err
    goes_on(beleg, chat)


def test_control_made_anew_by_a_command_that_was_killed_at_its_end_is_logged(
    beleg: Beleg, filled: Path, chat: Path
) -> None:
    """As if it died before beleg.toml named the new place: the same command goes on."""
    settings = (filled / "beleg.toml").read_bytes()
    for path in (filled / "places/control/commits").iterdir():
        path.unlink()
    for _ in range(2):
        (filled / "beleg.toml").write_bytes(settings)
        done = beleg("rebuild", "markers", "--into", "places/control-2")
        assert done.code == 0, done.err
    goes_on(beleg, chat)


def test_status_names_a_vault_copy_that_is_not_there(beleg: Beleg, filled: Path) -> None:
    assert "gives no answer" not in beleg("status").out
    shutil.rmtree(filled / places(filled)["vault"][1])
    done = beleg("status")
    assert (done.code, "vault copy 2 gives no answer" in done.out) == (0, True), done.out + done.err


@pytest.mark.parametrize(
    ("place", "way"),
    [
        ("control", "this was the control place: if it is lost, and not only out of reach or named wrongly, "
         "`beleg rebuild markers --into NEW` makes it anew"),
        ("archive", "`beleg rebuild archive --from MIRROR --into NEW --head FILE` makes it anew"),
        ("vault", "vault copy 1: if it is lost, and not only out of reach or named wrongly, "
         "`beleg keys copy --from 2 --into NEW`"),
        ("vault-copy", "`beleg keys copy --from 1 --into NEW`"),
    ],
)  # fmt: skip
def test_a_place_that_is_not_there_is_told_with_the_way_back(
    beleg: Beleg, filled: Path, chat: Path, tmp_path: Path, place: str, way: str
) -> None:
    (filled / "places" / place).rename(tmp_path / "gone")
    chat.write_text(
        chat.read_text(encoding="utf-8") + "[04.02.25, 08:00:00] Anna: weiter\n", encoding="utf-8"
    )
    done = beleg("ingest", chat)
    assert (done.code, way in done.err) == (4, True), done.err
    if place.startswith("vault"):
        assert way in " ".join(beleg("status", "--json").json["warnings"])
    else:
        assert way in beleg("status").err
    told = beleg("doctor", "--no-keys", "--json").json
    assert told["exit_code"] == 4, "not there is not unfit"
    assert any(way in probe["seen"] for probe in told["probes"] if probe["what"] == "answer")


def test_the_way_back_is_told_of_an_archive_that_is_named_from_here(
    beleg: Beleg, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the README names it: the place was then taken for one of somebody else."""
    (filled / "places" / "control").rename(filled / "gone")
    monkeypatch.chdir(filled.parent)
    done = beleg("status", "--archive", filled.name)
    assert (done.code, "this was the control place" in done.err) == (4, True), done.err


@pytest.mark.parametrize("full", ["workspace", "places/archive"])
def test_status_names_a_disk_that_is_nearly_full(
    beleg: Beleg, filled: Path, full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Places lie on disks of their own, and one that is full stops every run."""

    def usage(path: Path) -> tuple[int, int, int]:
        free = 1 << 20 if Path(path) == (filled / full).resolve() else 1 << 40
        return shutil._ntuple_diskusage(1 << 41, (1 << 41) - free, free)  # type: ignore[attr-defined,no-any-return]

    monkeypatch.setattr(shutil, "disk_usage", usage)
    told = [line for line in beleg("status").out.splitlines() if "less than 2 GB" in line]
    whose = "the workspace" if full == "workspace" else full
    assert told == [f"! less than 2 GB are left on the disk of {whose}"]


@pytest.mark.parametrize("copy", [1, 2])
def test_one_vault_copy(beleg: Beleg, filled: Path, chat: Path, copy: int) -> None:
    shutil.rmtree(filled / places(filled)["vault"][copy - 1])
    (filled / places(filled)["vault"][copy - 1]).mkdir()
    assert beleg("verify").code == 3
    assert beleg("search", "garantie", "--json").json["total"] == 1, "the other copy opens everything"
    assert beleg("keys", "copy", "--from", copy, "--into", "places/vault-3").code == 3, (
        "not from the lost one"
    )
    done = beleg("keys", "copy", "--from", 3 - copy, "--into", "places/vault-4", "--json")
    assert done.code == 0, done.err + done.out
    assert done.json["copied"] == done.json["pages"] > 0
    old = ("places/vault", "places/vault-copy")[copy - 1]
    assert "every other host" in done.err
    assert f"{old}: where it still exists it holds keys" in done.err
    assert places(filled)["vault"][copy - 1] == "places/vault-4"
    goes_on(beleg, chat)


def test_a_page_that_no_vault_copy_has_is_told_by_its_record(beleg: Beleg, filled: Path, chat: Path) -> None:
    """All keys are at hand: what is lacking is the page."""
    hit = beleg("search", "garantie", "--json").json["hits"][0]["number"]
    for copy in places(filled)["vault"]:
        for page in (filled / copy / "keys").rglob("*/content/*"):
            page.unlink()
    done = beleg("show", hit)
    assert (done.code, f"record {hit}: its key page is in no vault copy" in done.err) == (5, True), done.err
    for copy in places(filled)["vault"]:
        shutil.rmtree(filled / copy / "keys")
    chat.write_text(chat.read_text(encoding="utf-8") + "[04.02.25, 08:00:00] Anna: neu\n", encoding="utf-8")
    done = beleg("ingest", chat)
    assert (done.code, "in no vault copy" in done.err) == (5, True), done.err


def test_the_archive_place(beleg: Beleg, filled: Path, chat: Path, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    old = newest_head(filled, tmp_path / "old.note")
    assert beleg("person", "add", "Prüfer", "--role", "legal").code == 0
    assert beleg("mirror", mirror).code == 0
    head = newest_head(filled, tmp_path / "head.note")
    shutil.rmtree(filled / "places" / "archive")
    assert beleg("verify").code in (3, 4)
    done = beleg("rebuild", "archive", "--from", mirror, "--into", "places/archive-2", "--json")
    assert done.code == 0, done.err
    assert "read-only until an outside head agrees" in done.err
    assert beleg("ingest", chat).code == 5
    assert beleg("matter", "open", "Zwei", "--reason", "Streit").code == 5
    assert beleg("search", "garantie", "--json").json["total"] == 1, "it may be read"
    forged = tmp_path / "forged.note"
    forged.write_bytes(head.read_bytes().replace(b"\n", b"\nx", 1))
    assert beleg("rebuild", "archive", "--head", forged).code == 5
    assert beleg("ingest", chat).code == 5
    done = beleg("rebuild", "archive", "--head", old, "--head", head, "--json")
    assert done.code == 0, done.err
    assert done.json["agreed"] == done.json["records"]
    goes_on(beleg, chat)


def test_a_mirror_that_is_older_than_a_head_stays_read_only(
    beleg: Beleg, filled: Path, chat: Path, tmp_path: Path
) -> None:
    """What was acknowledged after the mirror is lost: that must not be papered over."""
    mirror = tmp_path / "mirror"
    assert beleg("mirror", mirror).code == 0
    assert beleg("person", "add", "Prüfer", "--role", "legal").code == 0
    head = newest_head(filled, tmp_path / "head.note")
    for place in ("archive", "control"):
        shutil.rmtree(filled / "places" / place)
        (filled / "places" / place).mkdir()
    done = beleg("rebuild", "archive", "--from", mirror, "--json")
    assert (done.code, done.json["lost_from"]) == (3, 11), "this host has seen more"
    done = beleg("rebuild", "archive", "--head", head)
    assert (done.code, "this host has seen" in done.err) == (5, True), done.err
    done = beleg("rebuild", "archive", "--head", head, "--give-up-newer")
    assert (done.code, "does not stand" in done.err) == (5, True), done.err
    assert beleg("ingest", chat).code == 5


def test_an_older_mirror_says_where_it_ends_and_a_newer_one_brings_the_rest(
    beleg: Beleg, filled: Path, chat: Path, tmp_path: Path
) -> None:
    older, newer, head = tmp_path / "older", tmp_path / "newer", newest_head(filled, tmp_path / "head.note")
    assert beleg("mirror", older).code == 0
    assert beleg("person", "add", "Prüfer", "--role", "legal").code == 0
    assert beleg("mirror", newer).code == 0
    shutil.rmtree(filled / "places" / "archive")
    done = beleg("rebuild", "archive", "--from", older, "--json")
    assert (done.code, f"ends before record {done.json['lost_from']}," in done.err) == (3, True), done.err
    refused = beleg("rebuild", "archive", "--head", head)
    assert (refused.code, "newer mirror" in refused.err) == (5, True), refused.err
    done = beleg("rebuild", "archive", "--from", newer, "--head", head, "--json")
    assert (done.code, "lost_from" in done.json) == (0, False), done.err
    agreed, records = done.json["agreed"], done.json["records"]
    assert agreed < records, "the head is older than the mirror, and says nothing of what came after it"
    assert f"of {records} records the head kept outside signs the first {agreed};" in done.err
    goes_on(beleg, chat)


def test_archive_and_control_at_once(beleg: Beleg, filled: Path, chat: Path, tmp_path: Path) -> None:
    mirror, head = tmp_path / "mirror", newest_head(filled, tmp_path / "head.note")
    assert beleg("mirror", mirror).code == 0
    for place in ("archive", "control"):
        shutil.rmtree(filled / "places" / place)
        (filled / "places" / place).mkdir()
    done = beleg("rebuild", "archive", "--from", mirror, "--head", head)
    assert done.code == 0, done.err
    goes_on(beleg, chat)


def test_what_is_no_mirror_of_this_archive_changes_nothing(
    beleg: Beleg, filled: Path, chat: Path, tmp_path: Path
) -> None:
    other, mirror = tmp_path / "other", tmp_path / "mirror"
    assert beleg("init", other).code == 0
    assert beleg("--archive", other, "mirror", mirror).code == 0
    settings = (filled / "beleg.toml").read_bytes()
    everything = {path for path in (filled / "places").rglob("*") if path.is_file()}
    (tmp_path / "empty" / "archive").mkdir(parents=True)
    for place, words in (
        (tmp_path / "nowhere", "no mirror here"),
        (tmp_path / "empty", "no mirror here"),
        (mirror, "another archive"),
    ):
        done = beleg("rebuild", "archive", "--from", place)
        assert (done.code, words in done.err) == (2, True), done.err
    done = beleg("mirror", mirror)
    assert (done.code, "another archive" in done.err) == (2, True), "nor are two mirrors mixed"
    assert (filled / "beleg.toml").read_bytes() == settings
    assert {path for path in (filled / "places").rglob("*") if path.is_file()} == everything
    goes_on(beleg, chat)


def test_a_place_has_a_home_of_its_own(beleg: Beleg, filled: Path) -> None:
    for place in ("places/archive", "places/vault/mirror", "places"):
        assert beleg("mirror", filled / place).code == 2
    settings = (filled / "beleg.toml").read_bytes()
    (filled / "link").symlink_to(filled / "places" / "vault-copy")
    same = (filled / "places" / "vault-copy", "./places/vault-copy", "places/x/../vault-copy", "link")
    for place in ("places/vault-copy", *same, "workspace/vault", "keys", "."):
        done = beleg("keys", "copy", "--from", "2", "--into", place)
        assert (done.code, "of its own" in done.err) == (2, True), f"{place}: both copies would be one"
    assert beleg("rebuild", "markers", "--into", "places/vault/x").code == 2
    assert (filled / "beleg.toml").read_bytes() == settings
    for spelling in ("places/vault/", f"{filled}/places/vault", "places/x/../vault"):
        changed = settings.replace(b'"places/vault-copy"', f'"{spelling}"'.encode())
        assert changed != settings
        (filled / "beleg.toml").write_bytes(changed)
        done = beleg("status")
        assert (done.code, "of its own" in done.err) == (2, True), done.err


def test_a_mirror_does_not_lie_in_the_place_of_another_archive(
    beleg: Beleg, filled: Path, tmp_path: Path
) -> None:
    """It would be a finding there for good; nor does it lie in another mirror."""
    other, mirror = tmp_path / "other", tmp_path / "mirror"
    assert beleg("init", other).code == 0
    assert beleg("--archive", other, "mirror", mirror).code == 0
    for place in ("places/archive", "places/control/new", "places/vault/keys/x", "places/archive/segments"):
        done = beleg("mirror", other / place)
        assert (done.code, "is a place of an archive" in done.err) == (2, True), done.err
    assert beleg("mirror", mirror / "archive").code == 2
    assert beleg("--archive", other, "verify").code == 0
    assert beleg("mirror", other / "copy").code == 0, "beside the places of another archive it may lie"


def test_nothing_but_what_bears_out_its_name_comes_from_a_mirror(
    beleg: Beleg, filled: Path, chat: Path, tmp_path: Path
) -> None:
    """A locked place would keep it for years, and a planted marker stops every writer."""
    mirror, head = tmp_path / "mirror", newest_head(filled, tmp_path / "head.note")
    assert beleg("mirror", mirror).code == 0
    good = {path for path in (filled / "places").rglob("*") if path.is_file()}
    shutil.rmtree(filled / "places" / "archive")
    (mirror / "archive" / "x").mkdir()
    named = f"archive/segments/{9998:020}-{sha256(b'rubbish').hexdigest()}"
    planted = (
        "archive/x/foo", f"archive/segments/{9:020}-{'0' * 64}", named, f"control/commits/{9999:020}",
    )  # fmt: skip
    for name in planted:
        (mirror / name).write_bytes(b"rubbish")
    forked = (next((mirror / "control/commits").iterdir())).read_bytes()
    (mirror / "control" / "commits" / "readme").write_bytes(forked)
    done = beleg("rebuild", "archive", "--from", mirror, "--head", head, "--json")
    assert (done.code, done.json["left"]) == (3, 5), done.err
    assert all(name.partition("/")[2] in done.err for name in planted)
    assert {path for path in (filled / "places").rglob("*") if path.is_file()} >= good
    assert not any(
        path.read_bytes() == b"rubbish" for path in (filled / "places").rglob("*") if path.is_file()
    )
    goes_on(beleg, chat)


def test_a_damaged_segment_of_a_mirror_is_named(beleg: Beleg, filled: Path, tmp_path: Path) -> None:
    """What is whole may be read; the archive stays read-only."""
    mirror, head = tmp_path / "mirror", newest_head(filled, tmp_path / "head.note")
    assert beleg("mirror", mirror).code == 0
    shutil.rmtree(filled / "places" / "archive")
    damaged = max((mirror / "archive" / "segments").iterdir())
    damaged.write_bytes(b"damaged")
    done = beleg("rebuild", "archive", "--from", mirror)
    assert (done.code, damaged.name in done.err) == (3, True), done.err
    assert not (filled / "places" / "archive" / "segments" / damaged.name).exists()
    assert beleg("rebuild", "archive", "--head", head).code == 5


def test_a_lost_place_is_made_anew_in_no_other_archive(beleg: Beleg, filled: Path, tmp_path: Path) -> None:
    other, mirror, junk = tmp_path / "other", tmp_path / "mirror", tmp_path / "junk"
    assert beleg("init", other).code == 0
    assert beleg("mirror", mirror).code == 0
    junk.mkdir()
    (junk / "file").write_bytes(b"x")
    settings = (filled / "beleg.toml").read_bytes()
    for place in (other / "places" / "archive", junk, mirror / "archive"):
        done = beleg("rebuild", "archive", "--from", mirror, "--into", place)
        assert (done.code, "not empty" in done.err) == (2, True), done.err
    for place in (other / "places" / "vault", junk):
        done = beleg("keys", "copy", "--from", "1", "--into", place)
        assert (done.code, "no key page of this archive" in done.err) == (2, True), done.err
    assert (filled / "beleg.toml").read_bytes() == settings
    assert beleg("--archive", other, "verify").code == 0
    half = filled / "places" / "half"
    shutil.copytree(filled / "places" / "vault", half)
    next(path for path in half.rglob("*") if path.is_file()).unlink()
    assert beleg("keys", "copy", "--from", "1", "--into", half).code == 0, "what broke off goes on"
    assert beleg("verify").code == 0


def test_planted_names_end_no_mirror_and_reach_no_terminal(
    beleg: Beleg, filled: Path, tmp_path: Path
) -> None:
    """Names of planted objects are the attacker's words: escapes and reversed text among them."""
    planted = filled / "places" / "archive" / "segments" / "\x1b[2J\u202eINTACT"
    planted.write_bytes(b"x")
    (filled / "places" / "control" / "commits" / os.fsdecode(b"\xff")).write_bytes(b"x")
    done = beleg("verify")
    assert done.code == 3
    done_too = beleg("mirror", tmp_path / "mirror")
    assert (done_too.code, "The copy is intact" in done_too.out) == (3, True), done_too.out + done_too.err
    for said in (done.out, done_too.err):
        assert "⟨U+001B⟩[2J⟨U+202E⟩INTACT" in said
        assert not any(character in said for character in "\x1b\u202e\udcff")
    assert not any("INTACT" in path.name for path in (tmp_path / "mirror").rglob("*"))
    planted.unlink()


@pytest.mark.parametrize("place", ["archive", "control", "vault"])
def test_no_archive_is_founded_within_a_place_of_another(
    beleg: Beleg, archive: Path, chat: Path, place: str
) -> None:
    assert beleg("ingest", chat).code == 0
    within = archive / "places" / place / "neu"
    done = beleg("init", within)
    assert (done.code, "is a place of an archive" in done.err) == (2, True), done.err
    assert not within.exists()
    assert beleg("verify").code == 0


def test_a_mirror_does_not_take_the_control_place_of_another_archive_for_its_half(
    beleg: Beleg, filled: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    assert beleg("init", other).code == 0
    place = tmp_path / "bucket"
    (other / "places" / "control").rename(tmp_path / "control")
    place.mkdir()
    (tmp_path / "control").rename(place / "control")
    before = sorted(path.name for path in (place / "control").rglob("*"))
    done = beleg("mirror", place)
    assert (done.code, "markers of another archive" in done.err) == (2, True), done.err
    assert sorted(path.name for path in (place / "control").rglob("*")) == before


def test_no_lost_place_is_made_anew_within_a_place_of_another(
    beleg: Beleg, filled: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    assert beleg("init", other).code == 0
    for command in (
        ("keys", "copy", "--from", "1", "--into", other / "places" / "vault" / "sub"),
        ("rebuild", "markers", "--into", other / "places" / "control" / "sub"),
    ):
        done = beleg(*command)
        assert (done.code, "is a place of an archive" in done.err) == (2, True), done.err
    assert beleg("--archive", other, "verify").code == 0


def test_a_new_place_is_named_from_where_one_stands(
    beleg: Beleg, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As every file on a command line is: it was taken from the archive's folder, and nothing said so."""
    monkeypatch.chdir(tmp_path)
    done = beleg("rebuild", "markers", "--into", f"{filled.name}/places/control-2")
    assert (done.code, str(filled / "places" / "control-2") in done.err) == (0, True), done.err
    assert tomllib.loads((filled / "beleg.toml").read_text())["places"]["control"] == "places/control-2"
    assert beleg("keys", "copy", "--into", "second").code == 0
    assert str(tmp_path / "second") in tomllib.loads((filled / "beleg.toml").read_text())["places"]["vault"]
    assert any((tmp_path / "second").iterdir())
    assert beleg("verify").code == 0
