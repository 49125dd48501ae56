"""Any changed, added, removed or renamed byte or file is found; nothing makes verify.py stumble."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.core.canonical import encode
from archive.exporters.bundle import export_bundle
from tests import bundle_checker
from tests.bundle_material import copy_tree, small_archive


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "E-1"
    export_bundle(small_archive().given(), out)
    return out


@pytest.fixture(scope="module")
def scratch(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_tree(bundle, tmp_path_factory.mktemp("scratch") / "E-1")


def paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_every_file_flipped_cut_lengthened_removed_renamed(scratch: Path) -> None:
    assert bundle_checker.run(scratch)[0] == 0
    for path in paths(scratch):
        good = path.read_bytes()
        middle = len(good) // 2
        changed = [
            bytes([good[0] ^ 1]) + good[1:],
            good[:middle] + bytes([good[middle] ^ 0x20]) + good[middle + 1 :],
            good[:-1] + bytes([good[-1] ^ 0x80]),
            good[:-1],
            good + b"\n",
            b"",
        ]
        for body in changed:
            path.write_bytes(body)
            assert bundle_checker.run(scratch)[0] == 3, f"{path.name}: {body[:40]!r}"
        path.unlink()
        assert bundle_checker.run(scratch)[0] == 3, f"{path} removed"
        path.write_bytes(good)
        renamed = path.with_name("x" + path.name)
        path.rename(renamed)
        assert bundle_checker.run(scratch)[0] == 3, f"{path} renamed"
        renamed.rename(path)
    assert bundle_checker.run(scratch)[0] == 0


@pytest.mark.parametrize(
    "step",
    [pytest.param(13, id="each thirteenth"), pytest.param(3, id="each third", marks=pytest.mark.long)],
)
def test_bytes_of_the_signatures(scratch: Path, step: int) -> None:
    for path in paths(scratch / "signatures"):
        good = path.read_bytes()
        for at in range(0, len(good), step):
            path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
            assert bundle_checker.run(scratch)[0] == 3, f"{path.name} at {at}"
        path.write_bytes(good)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_damage(scratch: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(paths(scratch)))
    good = path.read_bytes()
    start = data.draw(st.integers(0, len(good) - 1))
    end = data.draw(st.integers(start, min(len(good), start + 64)))
    piece = data.draw(st.binary(max_size=64))
    damaged = good[:start] + piece + good[end:]
    try:
        path.write_bytes(damaged)
        assert bundle_checker.run(scratch)[0] == (0 if damaged == good else 3)
    finally:
        path.write_bytes(good)


@pytest.mark.parametrize(
    "path", ["x.txt", "bag/x", "bag/data/x", "signatures/x.sig", "bag/data/originals/00/x.bin"]
)
def test_an_added_file_link_or_folder(scratch: Path, path: str, tmp_path: Path) -> None:
    target = scratch / path
    made = not target.parent.exists()
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(b"x")
    assert bundle_checker.run(scratch)[0] == 3
    target.unlink()
    target.symlink_to(tmp_path)
    assert bundle_checker.run(scratch)[0] == 3
    target.unlink()
    target.mkdir()
    assert bundle_checker.run(scratch)[0] == 3
    target.rmdir()
    os.mkfifo(target)
    assert bundle_checker.run(scratch)[0] == 3
    target.unlink()
    if made:
        target.parent.rmdir()


def relist(folder: Path) -> None:
    """What a forger without keys can do: make every hash list fit again."""
    from hashlib import sha256

    def line(path: Path) -> str:
        return f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder / 'bag')}\n"

    payload = sorted(paths(folder / "bag/data"), key=str)
    (folder / "bag/manifest-sha256.txt").write_text("".join(map(line, payload)))
    info = folder / "bag/bag-info.txt"
    oxum = f"Payload-Oxum: {sum(path.stat().st_size for path in payload)}.{len(payload)}"
    info.write_text(re.sub("Payload-Oxum: .*", oxum, info.read_text()))
    tags = [folder / "bag" / name for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")]
    (folder / "bag/tagmanifest-sha256.txt").write_text("".join(map(line, tags)))
    statement = json.loads((folder / "signatures/statement.json").read_bytes())
    statement["files"] = [
        [path, sha256((folder / path).read_bytes()).hexdigest()] for path, _ in statement["files"]
    ]
    (folder / "signatures/statement.json").write_bytes(encode(statement))


@pytest.mark.parametrize("index", range(12))
def test_a_record_taken_out_with_all_lists_made_to_fit(bundle: Path, tmp_path: Path, index: int) -> None:
    folder = copy_tree(bundle, tmp_path / "E-1")
    records = folder / "bag/data/records/records_0001.jsonl"
    rows = records.read_bytes().splitlines(keepends=True)
    del rows[index]
    records.write_bytes(b"".join(rows))
    relist(folder)
    assert bundle_checker.run(folder)[0] == 3


def mutate(row: dict[str, object], name: str) -> None:
    if name == "why":
        row["why"] = "context" if row["why"] == "hit" else "hit"
    elif name == "text":
        row["facets"][6][1] = row["facets"][6][1].replace("Garantie", "Gewähr")  # type: ignore[index]
    elif name == "salt":
        row["facets"][0][0] = "A" * 43  # type: ignore[index]
    elif name == "leaf":
        row["leaf"] = str(row["leaf"]).replace('"time":17', '"time":18')
    elif name == "path":
        row["path"][0] = "A" * 43  # type: ignore[index]
    elif name == "index":
        row["index"] = 99
    else:
        row["segment"] = 0


@pytest.mark.parametrize("name", ["why", "text", "salt", "leaf", "path", "index", "segment"])
def test_a_record_is_named(bundle: Path, tmp_path: Path, name: str) -> None:
    folder = copy_tree(bundle, tmp_path / "E-1")
    records = folder / "bag/data/records/records_0001.jsonl"
    rows = [json.loads(line) for line in records.read_text().split("\n")[:-1]]
    mutate(rows[3], name)
    records.write_bytes(b"".join(encode(row).replace(b"<", b"\\u003c") + b"\n" for row in rows))
    relist(folder)
    code, text = bundle_checker.run(folder)
    assert code == 3
    assert name == "why" or f"record {99 if name == 'index' else 3}: " in text, text


DEEP = b"[" * 100_000 + b"]" * 100_000 + b"\n"


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", b"{}\n", b"[]\n", b"null\n", b"\xff\xfe\n", b"{" * 5000 + b"\n", DEEP, b"9" * 9000 + b"\n",
     b'{"facets":1,"frame":2,"index":1e3,"leaf":3,"path":4,"segment":5,"why":6}\n',
     b'{"facets":[],"frame":null,"index":3,"leaf":"{}","path":[],"segment":[],"why":{}}\n',
     b'{"facets":null,"frame":null,"index":0,"leaf":"[1]","path":[1],"segment":0,"why":"hit"}\n'],
)  # fmt: skip
def test_hostile_files_give_no_traceback(bundle: Path, tmp_path: Path, body: bytes) -> None:
    for name in sorted(path.relative_to(bundle) for path in paths(bundle)):
        if "originals" in str(name):
            continue
        folder = tmp_path / "E-1"
        shutil.copytree(bundle, folder)
        (folder / name).write_bytes(body)
        assert bundle_checker.run(folder)[0] == 3
        shutil.rmtree(folder)


def test_a_folder_of_nothing(tmp_path: Path) -> None:
    assert bundle_checker.run(tmp_path)[0] == 3
