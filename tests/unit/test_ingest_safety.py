"""What must not get into the ledger, or be lost on the way: changed files, spoilt caches, old pages."""

from hashlib import sha256
from pathlib import Path

import pytest

from archive.adapters.objects_folder import FolderStore
from archive.adapters.state_file import StateFile
from archive.core.canonical import decode, encode
from archive.errors import UnreadableInput
from archive.services.ingest.contents import KEEP, measure
from tests.ledger_kit import ORIGIN, Kit


def test_a_file_that_changes_before_it_is_sealed_is_not_sealed_under_its_old_digest(tmp_path: Path) -> None:
    file = tmp_path / "growing.mbox"
    file.write_bytes(b"a" * (KEEP + 1))
    measured = measure(lambda: file.open("rb"))
    with measured.open() as stream:
        assert sha256(stream.read(2 * KEEP)).digest() == measured.sha256
        assert stream.read(1) == b""
    file.write_bytes(b"a" * (KEEP + 2))
    with measured.open() as stream:
        assert len(stream.read(2 * KEEP)) == KEEP + 2
        with pytest.raises(UnreadableInput):
            stream.read(1)


def test_a_flipped_digit_in_the_state_file_is_no_truth(tmp_path: Path) -> None:
    """It would be written on into the ledger as a wrong stream position."""
    ledger, path = Kit().found(), tmp_path / "state.json"
    StateFile(path, ORIGIN).save(ledger.state, {"legal": {"writer": bytes(32)}})
    assert StateFile(path, ORIGIN).load().size == 2
    text = path.read_bytes()
    path.write_bytes(text.replace(b'"positions":[["', b'"positions":[["x', 1))
    assert path.read_bytes() != text
    assert StateFile(path, ORIGIN).load().size == 0
    path.write_bytes(b"\xff")
    assert StateFile(path, ORIGIN).load().size == 0
    head, _, data = text.partition(b"\n")
    seal = decode(head)
    assert isinstance(seal, dict)
    path.write_bytes(encode({**seal, "macs": 3}) + b"\n" + data)
    read = StateFile(path, ORIGIN)
    assert read.load().size == 2
    assert not read.is_genuine("legal", {"writer": bytes(32)})


def test_overwriting_a_page_leaves_no_old_bytes_under_a_temporary_name(tmp_path: Path) -> None:
    """A process that was killed between link and unlink leaves the live page a second time."""
    store = FolderStore(tmp_path)
    store.put_new("keys/a/content/0", b"live key")
    left = tmp_path / "keys/a/content/.0123456789abcdef.new"
    left.hardlink_to(tmp_path / "keys/a/content/0")
    store.overwrite("keys/a/content/0", b"zeroed")
    assert not left.exists()
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"zeroed"]
