"""A disposal that is killed between any two of its steps, that races with a hold or with another, or that meets an
old copy of the vault: nothing held is lost, what was ordered is carried out at the next start, and it is said."""

import json
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.faults.test_processes import environment

SECRET = "Zwiebelkuchenrezept"
CHAT = f"""[03.02.25, 09:14:05] Anna: Guten Morgen
[03.02.25, 09:15:41] Lieferant: Da habt ihr fünf Jahre Garantie drauf
[03.02.25, 09:16:02] Anna: Mein {SECRET} schicke ich privat
[03.02.25, 09:17:02] Lieferant: Schönen Tag
"""

DRIVER = """
import contextlib, io, json, os, sys
from pathlib import Path

from archive.adapters import catalogue_sql, index_folder, index_tantivy, journal_file, objects_folder, texts_sqlite
from archive.core import keyfile

keyfile.DEFAULT_N = 2**10
import archive.wiring.founding
archive.wiring.founding.found.__kwdefaults__["scrypt_n"] = 2**10

fatal, steps = int(os.environ.get("KILL_AT", "-1")), []

def deadly(owner, name):
    kept = getattr(owner, name)

    def step(*arguments, **options):
        if os.environ.get("KILL_AT") is not None:
            if len(steps) == fatal:
                os._exit(77)
            steps.append(name)
        return kept(*arguments, **options)

    setattr(owner, name, step)

deadly(objects_folder.FolderStore, "put_new")
deadly(objects_folder.FolderStore, "overwrite")
deadly(objects_folder, "_sync_folder")
deadly(catalogue_sql.SqlCatalogue, "forget")
deadly(catalogue_sql, "scrub")
deadly(index_tantivy.TantivyIndex, "forget")
deadly(index_tantivy, "put_away")
deadly(texts_sqlite.SqliteTexts, "forget")
deadly(journal_file.JournalFile, "_begin")

from cli.main import run
code, told = 0, []
for command in json.loads(sys.argv[1]):
    if os.environ.get("RESULTS"):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            code = run(command)
        told.append((code, json.loads(out.getvalue() or "null")))
        Path(os.environ["RESULTS"]).write_text(json.dumps(told))
        continue
    code = run(command)
    if code not in (0, 3):
        break
if os.environ.get("STEPS"):
    Path(os.environ["STEPS"]).write_text(json.dumps(steps))
sys.stdout.flush()
os._exit(code)
"""


def drive(
    folder: Path, *commands: list[str], kill_at: int | None = None, steps: Path | None = None
) -> "subprocess.Popen[str]":
    surroundings = environment(folder)
    if kill_at is not None:
        surroundings["KILL_AT"] = str(kill_at)
    if steps is not None:
        surroundings["STEPS"] = str(steps)
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, json.dumps(commands)],
        env=surroundings, cwd=folder.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def answer(folder: Path, *commands: list[str], code: int = 0, **options: Any) -> Any:
    process = drive(folder, *commands, **options)
    out, err = process.communicate(timeout=240)
    assert process.returncode == code, err + out
    return json.loads(out[out.rindex("\n{") :] if "\n{" in out else out) if code == 0 else err


def results(folder: Path, *commands: list[str]) -> list[tuple[int, Any]]:
    """Give (exit code, machine answer) of commands that one process runs one after the other."""
    place = folder.parent / "results"
    surroundings = {**environment(folder), "RESULTS": str(place)}
    subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(commands)],
        env=surroundings, cwd=folder.parent, capture_output=True, check=False, timeout=240,
    )  # fmt: skip
    return [(code, told) for code, told in json.loads(place.read_text())]


def words_in(folder: Path) -> list[str]:
    """Where the word stands, in whatever form a projection keeps it."""
    found = [
        str(path)
        for path in folder.rglob("*")
        if path.is_file()
        and (SECRET.encode() in (data := path.read_bytes()) or SECRET.casefold().encode() in data)
    ]
    for name in ("catalogue", "texts"):
        with sqlite3.connect(folder / "workspace" / f"{name}.sqlite") as database:
            found += [line[:60] for line in database.iterdump() if SECRET.casefold() in line.casefold()]
    from archive.adapters.index_tantivy import TantivyIndex

    index = TantivyIndex(folder / "workspace" / "index-tantivy")
    found += [term for term in index.vocabulary() if SECRET.casefold() in term]
    index.close()
    return found


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a plan that two people approved; item 6 is the one to go."""
    root = tmp_path_factory.mktemp("disposal")
    folder, chat = root / "archive", root / "WhatsApp Chat mit Lieferant.txt"
    chat.write_text(CHAT, encoding="utf-8")
    found = answer(
        folder,
        ["init", str(folder), "--timezone", "Europe/Berlin"],
        ["ingest", str(chat), "--mine", "Anna"],
        ["matter", "open", "Pumpe", "--reason", "Klage"],
        ["search", SECRET, "--json"],
    )
    item = found["hits"][0]["number"]
    answer(
        folder,
        ["erase", "request", "--item", str(item), "--ground", "17-1a"],
        ["approve", "D-1", "--key", "legal"],
        ["approve", "D-1", "--key", "privacy", "--json"],
    )
    (root / "item").write_text(str(item))
    return folder


@pytest.fixture
def ready(approved: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    shutil.copytree(approved, folder)
    return folder


def item_of(approved: Path) -> int:
    return int((approved.parent / "item").read_text())


@pytest.mark.parametrize(
    "every", [pytest.param(9, id="each ninth step"), pytest.param(1, id="each step", marks=pytest.mark.long)]
)
def test_killed_at_every_step(approved: Path, tmp_path: Path, every: int) -> None:
    """Whatever was ordered is carried out by the next command that shows anything; before the order nothing is lost."""
    steps_file, item = tmp_path / "steps", item_of(approved)
    whole = tmp_path / "whole"
    shutil.copytree(approved, whole)
    answer(whole, ["erase", "run", "R-1", "--json"], kill_at=10_000, steps=steps_file)
    steps = json.loads(steps_file.read_text())
    assert {"put_new", "overwrite", "forget", "scrub", "put_away"} <= set(steps)
    assert words_in(whole) == []
    outcomes = set()
    # The order is in the first steps, so both sides of it are met whatever is left out.
    for number in sorted({0, 1, 2, *range(0, len(steps), every)}):
        folder = tmp_path / f"at-{number}"
        shutil.copytree(approved, folder)
        process = drive(folder, ["erase", "run", "R-1", "--json"], kill_at=number)
        _, err = process.communicate(timeout=120)
        assert process.returncode == 77, err
        found, certified, verified = results(
            folder,
            ["search", "Garantie", "--json"],
            ["erase", "certificate", "R-1", "--json"],
            ["verify", "--level", "2", "--json"],
        )
        assert found[1]["total"] == 1
        outcomes.add(certified[0])
        report = verified[1]
        assert [f for f in report["findings"] if f["kind"] not in ("duplicate", "clock")] == []
        if certified[0] == 0:
            assert words_in(folder) == [], f"killed at step {number}, {steps[number]}"
            assert item in [rest["index"] for rest in certified[1]["rest"]]
            assert report["erased"] >= 2
        else:
            assert certified[0] == 4
            assert report["erased"] == 0, "not ordered, so not lost"
            assert answer(folder, ["search", SECRET, "--json"])["total"] == 1
        shutil.rmtree(folder)
    assert outcomes == {0, 4}, "some kills come before the order, some after"


def test_two_disposals_and_a_hold_race(ready: Path) -> None:
    """Two processes carry out the same plan while a third places a hold on it: either the hold lands first and
    nothing is lost, or the erasure does and is done once."""
    item = item_from(ready)
    hold = ["hold", "place", "M-1", "--item", item, "--reason", "Klage", "--review", "2030-01-01", "--json"]
    racing = [
        drive(ready, ["erase", "run", "R-1", "--json"]),
        drive(ready, hold),
        drive(ready, ["erase", "run", "R-1", "--json"]),
    ]
    codes = []
    for process in racing:
        _, err = process.communicate(timeout=240)
        codes.append(process.returncode)
        assert process.returncode in (0, 2, 3, 5), err
    report = answer(ready, ["verify", "--level", "2", "--json"])
    assert [f for f in report["findings"] if f["kind"] not in ("duplicate", "clock")] == []
    if codes[1] == 3:  # the hold came after the erasure, and said so
        assert 0 in (codes[0], codes[2])
        assert report["erased"] >= 2
        assert words_in(ready) == []
    else:
        assert codes[1] == 0
        assert report["erased"] == 0
        assert answer(ready, ["search", SECRET, "--json"])["total"] == 1


def item_from(folder: Path) -> str:
    plan = answer(folder, ["search", SECRET, "--json"])
    return str(plan["hits"][0]["number"])


def test_a_hold_that_lands_first_always_wins(ready: Path) -> None:
    item = item_from(ready)
    hold = ["hold", "place", "M-1", "--item", item, "--reason", "Klage", "--review", "2030-01-01", "--json"]
    answer(ready, hold)
    errors = answer(ready, ["erase", "run", "R-1"], code=5)
    assert "hold H-1" in errors
    assert answer(ready, ["search", SECRET, "--json"])["total"] == 1


def test_an_old_copy_of_the_vault_revives_nothing(ready: Path, tmp_path: Path) -> None:
    """Backups of the vault and of the workspace are brought back: the verifier sees it, the next start ends it."""
    backup = tmp_path / "backup"
    for name in ("places/vault", "places/vault-copy", "workspace"):
        shutil.copytree(ready / name, backup / name)
    answer(ready, ["erase", "run", "R-1", "--json"])
    for name in ("places/vault", "places/vault-copy"):
        shutil.rmtree(ready / name)
        shutil.copytree(backup / name, ready / name)
    process = drive(ready, ["verify", "--json"])
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 3
    assert {f["kind"] for f in json.loads(out)["findings"] if f["kind"] != "duplicate"} >= {"key_returned"}
    shutil.rmtree(ready / "workspace")
    shutil.copytree(backup / "workspace", ready / "workspace")
    assert words_in(ready), "the old catalogue is back"
    found = answer(ready, ["search", "Garantie", "--json"])
    assert found["total"] == 1
    assert words_in(ready) == []
    report = answer(ready, ["verify", "--level", "2", "--json"])
    assert [f for f in report["findings"] if f["kind"] not in ("duplicate", "clock")] == []
    assert report["erased"] >= 2


def test_one_old_copy_is_found_too(ready: Path, tmp_path: Path) -> None:
    shutil.copytree(ready / "places/vault-copy", tmp_path / "copy")
    answer(ready, ["erase", "run", "R-1", "--json"])
    shutil.rmtree(ready / "places/vault-copy")
    shutil.copytree(tmp_path / "copy", ready / "places/vault-copy")
    size = answer(ready, ["status", "--json"])["size"]
    done = answer(ready, ["erase", "run", "--json"])
    assert done["returned"] >= 2
    assert answer(ready, ["status", "--json"])["size"] > size, "that keys came back is logged by new receipts"
    assert answer(ready, ["verify", "--level", "2", "--json"])["erased"] >= 2
    again = answer(ready, ["erase", "run", "--json"])
    assert (again["returned"], again["zeroed"]) == (0, 0)


def test_a_forged_memory_of_this_host_hides_no_open_erasure(ready: Path, tmp_path: Path) -> None:
    """The file that saves reading pages says that all is done: the certificate does not, and a run looks anew."""
    copies = ("places/vault", "places/vault-copy")
    for name in copies:
        shutil.copytree(ready / name, tmp_path / name)
    steps = tmp_path / "steps"
    answer(ready, ["status", "--json"], kill_at=10_000, steps=steps)
    process = drive(ready, ["erase", "run", "R-1", "--json"], kill_at=len(json.loads(steps.read_text())) + 6)
    process.communicate(timeout=60)
    assert process.returncode == 77
    ordered = drive(ready, ["erase", "certificate", "R-1"])
    ordered.communicate(timeout=60)
    assert ordered.returncode == 4
    memory = {
        "origin": tomllib.loads((ready / "beleg.toml").read_text())["origin"],
        "erase": 10**9,
        "orphan": 10**9,
    }
    (ready / "workspace" / "erasures.json").write_text(json.dumps(memory))
    answer(ready, ["search", "Garantie", "--json"])
    unfinished = drive(ready, ["erase", "certificate", "R-1"])
    out, _ = unfinished.communicate(timeout=60)
    assert unfinished.returncode == 4, out
    assert "NOT YET" in out
    answer(ready, ["erase", "run", "--json"])
    assert answer(ready, ["erase", "certificate", "R-1", "--json"])["removed"]


def test_a_catalogue_edited_by_hand_hides_no_hold(ready: Path) -> None:
    """Holds are read from the ledger: rows removed from the catalogue change nothing."""
    item = item_from(ready)
    answer(
        ready,
        ["hold", "place", "M-1", "--item", item, "--reason", "Klage", "--review", "2030-01-01", "--json"],
    )
    with sqlite3.connect(ready / "workspace" / "catalogue.sqlite") as database:
        database.execute("DELETE FROM holds")
        database.execute("DELETE FROM items")
        database.execute("UPDATE captures SET body = '{}'")
    assert "hold H-1" in answer(ready, ["erase", "run", "R-1"], code=5)


def test_bytes_of_a_killed_reading_are_swept(ready: Path) -> None:
    """A process that was killed while it read kept bytes again leaves them in the workspace."""
    left = ready / "workspace" / "reparse-999999999-x"
    left.mkdir()
    (left / "chat.txt").write_text(CHAT, encoding="utf-8")
    answer(ready, ["erase", "run", "R-1", "--json"])
    assert not left.exists()
