"""An export that was interrupted is taken up again: whole originals stay, all else is written anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from archive.errors import FormatError, Unreachable, UsageError
from archive.exporters.bundle import export_bundle
from archive.exporters.bundle.files import UNFINISHED
from archive.production import BundleInput, BundleRecord, Objects
from tests import bundle_checker
from tests.bundle_material import Material, capture, draft

FILES = [b"eins" * 1000, b"zwei" * 2000, b"drei" * 3000]


def material() -> Material:
    made = Material().found()
    made.append(
        "ingest",
        [
            draft(capture(data, "image/png", f"{n}.png"), why="capture", stream="captures", content=data)
            for n, data in enumerate(FILES)
        ],
    )
    return made


def given(fails: dict[int, BaseException], opened: list[int]) -> BundleInput:
    """The material, of which some objects cannot be read."""
    whole = material().given()

    def watched(record: BundleRecord) -> BundleRecord:
        if record.objects is None:
            return record
        inner = record.objects

        @contextmanager
        def opening() -> Iterator[BinaryIO]:
            opened.append(record.index)
            if record.index in fails:
                raise fails[record.index]
            with inner.open() as stream:
                yield stream

        return replace(record, objects=Objects(inner.length, opening))

    return replace(whole, records=map(watched, whole.records))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "error", [Unreachable("no answer"), OSError(28, "No space left"), KeyboardInterrupt()]
)
def test_what_was_interrupted_is_taken_up_again(tmp_path: Path, error: BaseException) -> None:
    out = tmp_path / "E-1"
    with pytest.raises(type(error)):
        export_bundle(given({4: error}, []), out)
    assert (out / UNFINISHED).exists()
    assert bundle_checker.run(out)[0] == 3, "half a bundle passes nowhere"
    first, second = sorted((out / "bag/data/originals").rglob("*.png"))
    first.write_bytes(first.read_bytes()[:-1])  # as a crash may leave it
    (out / "bag/data/originals/zz").mkdir()
    (out / "bag/data/originals/zz" / second.name.replace(".png", ".bin")).write_bytes(second.read_bytes())
    opened: list[int] = []
    again = export_bundle(given({}, opened), out)
    assert len(opened) == 2, "one of three was there already"
    assert bundle_checker.run(out)[0] == 0
    fresh = export_bundle(given({}, []), tmp_path / "fresh")
    assert (again.data_sha256, again.counts) == (fresh.data_sha256, fresh.counts)
    assert tree(out).keys() == tree(tmp_path / "fresh").keys()
    assert not (out / "bag/data/originals/zz").exists(), "what nobody asked for is gone"


def test_what_cannot_be_handed_out_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        export_bundle(given({3: FormatError("not what it was")}, []), tmp_path / "E-1")
    assert list((tmp_path / "E-1").iterdir()) == []


def test_a_finished_bundle_or_another_folder_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "E-1"
    export_bundle(material().given(), out)
    before = tree(out)
    for folder in (out, tmp_path):
        with pytest.raises(UsageError, match="not an empty folder"):
            export_bundle(material().given(), folder)
    assert tree(out) == before


def test_two_exports_do_not_share_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "E-1"

    def meanwhile(_: object) -> None:
        assert bundle_checker.run(out)[0] == 3, "before it is on record, it passes nowhere"
        before = tree(out)
        with pytest.raises(UsageError, match="another export writes into"):
            export_bundle(given({}, []), out)
        assert tree(out) == before

    export_bundle(replace(given({}, []), enter=meanwhile), out)
    assert bundle_checker.run(out)[0] == 0


def test_what_is_not_on_record_is_unfinished(tmp_path: Path) -> None:
    def killed(_: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "E-1"
    with pytest.raises(KeyboardInterrupt):
        export_bundle(replace(given({}, []), enter=killed), out)
    assert bundle_checker.run(out)[0] == 3
    export_bundle(given({}, []), out)
    assert bundle_checker.run(out)[0] == 0


def test_a_link_among_the_originals_is_not_followed(tmp_path: Path) -> None:
    out = tmp_path / "E-1"
    with pytest.raises(Unreachable):
        export_bundle(given({4: Unreachable("no answer")}, []), out)
    file: Any = next((out / "bag/data/originals").rglob("*.png"))
    outside = tmp_path / "outside.png"
    file.rename(outside)
    file.symlink_to(outside)
    export_bundle(given({}, []), out)
    assert not file.is_symlink()
    assert outside.exists()
    assert bundle_checker.run(out)[0] == 0


@pytest.mark.parametrize("mark", ["", "mine\n", None])
def test_a_folder_of_somebody_else_is_left_alone_whatever_is_in_it(tmp_path: Path, mark: str | None) -> None:
    from archive.exporters.bundle.files import MARK

    folder = tmp_path / "akte"
    (folder / "sub").mkdir(parents=True)
    (folder / "akte.docx").write_bytes(b"x")
    (folder / "sub" / "b").write_bytes(b"y")
    (folder / UNFINISHED).write_text(MARK if mark is None else mark)
    before = tree(folder)
    with pytest.raises(UsageError, match="not an empty folder"):
        export_bundle(material().given(), folder)
    assert tree(folder) == before


def test_a_place_of_the_bundle_that_is_a_link_is_not_taken_up(tmp_path: Path) -> None:
    out, other = tmp_path / "E-1", tmp_path / "other"
    with pytest.raises(Unreachable):
        export_bundle(given({4: Unreachable("no answer")}, []), out)
    (out / "bag").rename(other)
    (out / "bag").symlink_to(other)
    before = tree(other)
    with pytest.raises(UsageError):
        export_bundle(given({}, []), out)
    assert tree(other) == before
