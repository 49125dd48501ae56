"""Several places are lost at once, and what came from a mirror is written to by nobody until a head agrees."""

import shutil
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
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
    assert done.code == 0, done.err
    assert beleg("rebuild").code == 0
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
    done = beleg("rebuild", "archive", "--head", head)
    assert (done.code, words in done.err, "does not stand" in done.err) == (5, True, False), done.err
