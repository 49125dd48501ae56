"""What was seen again in another file is found there by an erasure, however the run over that file went."""

import json
import zipfile
from pathlib import Path

import pytest

from archive.services.ingest import run as running
from tests.channels.own import as_json
from tests.commandline.conftest import Beleg
from tests.commandline.erasing import SECRET, erased, number_of


def said(number: int, text: str) -> dict[str, object]:
    return {
        "id": number,
        "type": "message",
        "date": "2024-03-04T09:00:00",
        "date_unixtime": "1709539200",
        "from": "Anna",
        "from_id": "user1",
        "text": text,
    }


def chat(path: Path, *messages: dict[str, object]) -> Path:
    path.write_bytes(as_json({"name": "Pumpe", "type": "personal_chat", "id": 7, "messages": list(messages)}))
    return path


def workspace(path: Path, *texts: str) -> Path:
    with zipfile.ZipFile(path, "w") as zipped:
        for day, text in enumerate(texts, start=4):
            user = "U2" if SECRET in text else "U1"
            message = {"type": "message", "user": user, "text": text, "ts": f"{1709 + day}544000.000400"}
            zipped.writestr(f"room/2024-03-0{day}.json", as_json([message]))
    return path


def containers(beleg: Beleg) -> int:
    """Erase the one message with the word; gives how many files went with it."""
    number = number_of(beleg, SECRET)
    plan = erased(beleg, number)
    assert plan.json
    shown = beleg("erase", "certificate", "R-1", "--json").json
    return int(dict(shown["counts"])["containers"])


def test_after_a_run_that_was_stopped(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beleg("ingest", chat(tmp_path / "a.json", said(9, f"mein {SECRET}")))
    whole = chat(tmp_path / "b.json", *(said(n, "ja") for n in range(1, 5)), said(9, f"mein {SECRET}"))
    monkeypatch.setattr(running, "RECORDS_A_BATCH", 3)
    commit = running.Run.commit

    def stopped(run: running.Run) -> None:
        commit(run)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(running.Run, "commit", stopped)
        assert beleg("ingest", whole).code == 4
    assert beleg("ingest", whole).code == 0
    assert containers(beleg) == 2


def test_after_a_run_that_took_only_a_part(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    beleg("ingest", workspace(tmp_path / "a.zip", "Guten Morgen", f"mein {SECRET}"))
    whole = workspace(tmp_path / "b.zip", "siehe xoxe-12-34-geheim", f"mein {SECRET}")
    assert beleg("ingest", whole, "--only", "account=U1").code == 0
    assert beleg("ingest", whole).code == 0
    assert containers(beleg) == 2


def test_a_file_that_was_taken_in_whole_tells_nothing_new(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    beleg("ingest", chat(tmp_path / "a.json", said(1, "ja")))
    both = chat(tmp_path / "b.json", said(1, "ja"), said(2, "nein"))
    beleg("ingest", both)
    before = json.loads(beleg("verify", "--json").out)["size"]
    beleg("ingest", both)
    assert beleg("verify", "--json").json["size"] == before + 1, "the report of the run"
