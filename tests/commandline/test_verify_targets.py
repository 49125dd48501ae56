"""What may be named to ``verify``: archives, bundles, proofs; and the founding slip as the key."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg


@pytest.fixture
def bundle(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> Path:
    beleg("ingest", chat)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", "--search", "garantie")
    assert beleg("export", "M-1", "--out", tmp_path / "bundle").code == 0
    return tmp_path / "bundle"


def test_the_founding_slip_is_the_key(beleg: Beleg, archive: Path, bundle: Path, tmp_path: Path) -> None:
    slip = archive / "founding-slip.txt"
    done = beleg("verify", "--key", slip)
    assert done.code == 0
    assert "Signed by the log key that you gave" in done.out
    assert beleg("verify", bundle, "--key", slip).code == 0
    own = subprocess.run(
        [sys.executable, str(bundle / "verify.py"), str(bundle), "--key", str(slip)],
        capture_output=True,
        check=False,
    )
    assert own.returncode == 0, own.stdout

    beleg("init", tmp_path / "other")
    stranger = tmp_path / "other" / "founding-slip.txt"
    assert beleg("verify", "--key", stranger).code == 3
    assert beleg("verify", bundle, "--key", stranger).code == 3
    both = tmp_path / "both.txt"
    both.write_text(slip.read_text() + stranger.read_text())
    assert "2 log keys" in beleg("verify", "--key", both).err
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, 1+1+1")
    for place in ((), (bundle,)):
        refused = beleg("verify", *place, "--key", tmp_path / "letter.txt")
        assert (refused.code, "usage" in refused.err, "--key" in refused.err) == (2, False, True)


@pytest.mark.parametrize("gone", ["bag", "signatures", "verify.py", "START_verify.html"])
def test_a_bundle_without_a_part_is_a_bundle(beleg: Beleg, bundle: Path, gone: str) -> None:
    (shutil.rmtree if (bundle / gone).is_dir() else Path.unlink)(bundle / gone)
    done = beleg("verify", bundle)
    assert (done.code, "NOT INTACT" in done.out) == (3, True)


def test_an_archive_put_into_a_bundle_does_not_vouch_for_it(
    beleg: Beleg, archive: Path, bundle: Path
) -> None:
    shutil.copy(archive / "beleg.toml", bundle)
    shutil.copytree(archive / "places", bundle / "places")
    done = beleg("verify", bundle)
    assert (done.code, "beleg.toml: not listed" in done.out) == (3, True), done.out


def test_in_the_folder_of_a_bundle_the_bundle_is_verified(
    beleg: Beleg, archive: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the archive around it, nor one that settings in it name."""
    monkeypatch.delenv("BELEG_ARCHIVE", raising=False)
    monkeypatch.chdir(bundle)
    (bundle.parent / "beleg.toml").write_bytes((archive / "beleg.toml").read_bytes())
    assert "RESULT: INTACT" in beleg("verify").out
    shutil.copy(archive / "beleg.toml", bundle)
    shutil.copytree(archive / "places", bundle / "places")
    assert "beleg.toml: not listed" in beleg("verify").out
    shutil.rmtree(bundle / "signatures")
    assert beleg("verify").code == beleg("verify", bundle).code == 3
    refused = beleg("status")
    assert (refused.code, "is a bundle" in refused.err) == (2, True)


def test_what_is_no_proof_is_not_called_altered(beleg: Beleg, bundle: Path, tmp_path: Path) -> None:
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", bundle)
    for place, word in (
        (Path(packed), "unpack"),
        (bundle / "signatures" / "checkpoint.txt", "no proof"),
        (tmp_path / "nowhere", "nothing at"),
    ):
        done = beleg("verify", place)
        assert (done.code, done.out) == (2, "")
        assert word in done.err


def test_content_does_not_pass_for_a_record_about_keys(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    """The reason to be here is not sealed, and what is shown about keys is told in one number."""
    beleg("ingest", chat)
    proof = tmp_path / "3.proof"
    assert beleg("proof", "item", "3", "--bare", "--out", proof).code == 0
    assert beleg("verify", proof).code == 0
    proof.write_text(proof.read_text().replace('"why":"hit"', '"why":"keys"'))
    done = beleg("verify", proof)
    assert (done.code, "record 3: no such reason" in done.out) == (3, True), done.out


def test_records_under_no_checkpoint_are_named(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    assert "under none yet" not in beleg("verify").out
    size = beleg("verify", "--json").json["size"]
    newest = max((archive / "places" / "archive" / "checkpoints").iterdir())
    newest.unlink()
    done = beleg("verify")
    assert done.code == 0, "a crash before the checkpoint leaves the same"
    assert f"to {size - 1} are under none yet" in done.out


def test_a_machine_reads_what_is_wrong_with_a_bundle(beleg: Beleg, bundle: Path) -> None:
    good = beleg("verify", bundle, "--json").json
    assert (good["verdict"], good["findings"], good["unknown"]) == ("intact", [], [])
    (bundle / "README.txt").write_text("Alles gut")
    bad = beleg("verify", bundle, "--json").json
    assert (bad["verdict"], bad["exit_code"]) == ("not_intact", 3)
    [finding] = bad["findings"]
    assert finding.startswith("README.txt: altered")
