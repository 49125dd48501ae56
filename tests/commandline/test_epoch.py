"""A new epoch: everything still opens, nothing opens with the old keys, and a stopped change goes on."""

import shutil
from pathlib import Path

import pytest

from archive.core import keyfile
from archive.core.keypage import ZERO_SLOT, parse_page
from tests.commandline.conftest import Beleg
from tests.commandline.erasing import SECRET, erased, number_of
from tests.commandline.test_erase import chat

__all__ = ["chat"]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.services.keychain.KeyChain.replace.__kwdefaults__", {"n": 2**10})


def content_keys(archive: Path) -> dict[str, bytes]:
    data = (archive / "keys" / "legal.key").read_bytes()
    return keyfile.open_file(data, passphrase="a passphrase for tests")[2]


def live_slots(archive: Path, copy: str, generation: int) -> int:
    return sum(
        slot != ZERO_SLOT
        for path in (archive / "places" / copy).glob(f"keys/*/*/{generation:010d}")
        for slot in parse_page(path.read_bytes()).slots
    )


def test_the_pages_of_an_epoch_are_judged_though_older_ones_are_whole_or_known(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    """What was re-encrypted is gone, and then the vault comes back from a backup of before: nothing opens any more."""
    beleg("ingest", chat, "--mine", "Anna")
    assert beleg("verify", "--level", "2", "--since", tmp_path / "state").code == 0
    shutil.copy(tmp_path / "state", tmp_path / "same")
    places = archive / "places"
    shutil.copytree(places / "vault", tmp_path / "before")
    assert beleg("keys", "rotate", "--epoch").code == 0
    opened = beleg("verify", "--level", "2", "--since", tmp_path / "same", "--json")
    assert opened.json["opened"] > 5, "with the new keys; a false re-encryption fits its digests"
    for page in places.glob(f"vault*/keys/*/*/{1:010d}"):
        page.unlink()
    gone = beleg("verify", "--since", tmp_path / "state", "--json")
    assert (gone.code, {one["kind"] for one in gone.json["findings"]} & {"missing"}) == (3, {"missing"})
    for copy in ("vault", "vault-copy"):
        shutil.rmtree(places / copy)
        shutil.copytree(tmp_path / "before", places / copy)
    rolled_back = beleg("verify", "--json")
    assert rolled_back.code == 3, rolled_back.out
    assert "missing" in {one["kind"] for one in rolled_back.json["findings"]}


def test_an_epoch_ends_what_a_backup_could_bring_back(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    item = number_of(beleg, SECRET)
    shutil.copytree(archive / "places" / "vault", tmp_path / "stolen")
    before = content_keys(archive)
    erased(beleg, item)
    assert "not yet" in beleg("erase", "certificate", "R-1").out
    first, again = (beleg("verify", "--since", tmp_path / "state", "--json").json for _ in range(2))
    assert (again["since"], again["erased"]) == (first["size"], first["erased"])
    assert first["erased"] > 0
    done = beleg("keys", "rotate", "--epoch", "--json")
    assert done.code == 0, done.err
    assert done.json["number"] == 1
    assert done.json["pages"] > 5
    after = content_keys(archive)
    assert set(after) == {"content", "oversight", "writer"}, "no key of the epoch before is kept"
    assert after["content"] != before["content"]
    assert (after["writer"]) == before["writer"]
    for copy in ("vault", "vault-copy"):
        assert live_slots(archive, copy, 0) == 0
        assert live_slots(archive, copy, 1) > 5
    verified = beleg("verify", "--level", "2", "--json")
    assert verified.code == 0, verified.out
    assert verified.json["unopened"] == 0
    notes = [one["text"] for one in verified.json["findings"] if one["kind"] == "duplicate"]
    assert len(notes) == 2, "one for each vault copy, however many pages"
    assert "all zero" in notes[0]
    assert verified.json["erased"] >= 2
    assert number_of(beleg, "garantie")
    assert beleg("show", str(item)).code == 5
    beleg("rebuild")
    assert number_of(beleg, "garantie")
    told = beleg("erase", "certificate", "R-1", "--json").json
    assert told["beyond_recovery"] is not None
    assert beleg("ingest", chat, "--mine", "Anna").code == 0
    assert beleg("keys", "rotate", "--epoch", "--json").json["number"] == 2
    assert beleg("verify", "--level", "2").code == 0


def test_a_vault_from_before_the_epoch_revives_nothing(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    """Pages of the old generation come back beside the new ones: named by the verifier, zeroed by the next start."""
    beleg("ingest", chat, "--mine", "Anna")
    item = number_of(beleg, SECRET)
    shutil.copytree(archive / "places" / "vault", tmp_path / "backup")
    erased(beleg, item)
    assert "beleg mirror" in beleg("keys", "rotate", "--epoch").out
    shutil.copytree(tmp_path / "backup", archive / "places" / "vault", dirs_exist_ok=True)
    kinds = {f["kind"] for f in beleg("verify", "--json").json["findings"]}
    assert "key_returned" in kinds
    assert beleg("erase", "run", "--json").json["returned"] >= 2
    assert beleg("verify", "--level", "2").code == 0


@pytest.mark.parametrize(
    "stop",
    [
        *(1, 3, 5, 8, 13, 22, 31, 33),
        *(pytest.param(stop, marks=pytest.mark.long) for stop in (2, 4, 6, 7, 10, 16, 19, 25, 28, 30, 32)),
    ],
)
def test_a_stopped_change_of_epoch_goes_on(
    beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    """Stopped at a key file, the keys record, a page, its log, or the end: everything opens, and it is finished."""
    from archive.adapters.keys_folder import KeyFolder
    from archive.adapters.objects_folder import FolderStore
    from archive.errors import Unreachable

    beleg("ingest", chat, "--mine", "Anna")
    steps = [0]

    def faulty(owner: type, name: str) -> None:
        kept = getattr(owner, name)

        def step(*arguments: object) -> object:
            steps[0] += 1
            if steps[0] == stop:
                raise Unreachable("the place is gone")
            return kept(*arguments)

        monkeypatch.setattr(owner, name, step)

    with monkeypatch.context():
        for owner, name in ((KeyFolder, "replace"), (FolderStore, "put_new"), (FolderStore, "overwrite")):
            faulty(owner, name)
        stopped = beleg("keys", "rotate", "--epoch")
        assert stopped.code == 4, (steps, stopped.out)
        monkeypatch.undo()
    monkeypatch.setenv("BELEG_PASSPHRASE", "a passphrase for tests")
    monkeypatch.setenv("BELEG_ARCHIVE", str(archive))
    assert number_of(beleg, "garantie")
    assert beleg("rebuild").code == 0
    assert number_of(beleg, "garantie")
    done = beleg("keys", "rotate", "--epoch", "--json")
    assert done.code == 0, done.err
    assert done.json["number"] == 1
    assert set(content_keys(archive)) == {"content", "oversight", "writer"}
    verified = beleg("verify", "--level", "2", "--json")
    assert verified.code == 0, verified.out
    assert verified.json["unopened"] == 0
    assert live_slots(archive, "vault", 0) == 0


def test_without_all_key_files_nothing_is_changed(beleg: Beleg, archive: Path) -> None:
    files = {path: path.read_bytes() for path in (archive / "keys").iterdir()}
    away = archive / "keys" / "recovery.key"
    away.rename(archive / "recovery.key")
    refused = beleg("keys", "rotate", "--epoch")
    assert refused.code == 5
    assert "recovery" in refused.err
    (archive / "recovery.key").rename(away)
    assert {path: path.read_bytes() for path in (archive / "keys").iterdir()} == files
    assert beleg("keys", "rotate").code == 2
