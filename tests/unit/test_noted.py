"""What a host notes of outsiders: several runs end at one moment, and none of them fails by it."""

from multiprocessing import get_context
from pathlib import Path

from archive.services.noted import note, recall


def _often(file: Path) -> None:
    for number in range(200):
        note(file, {"nord": {"stamped": str(number)}})


def test_two_runs_that_end_at_once_do_not_take_each_others_file_away(tmp_path: Path) -> None:
    file = tmp_path / "workspace" / "anchors.json"
    processes = [get_context("fork").Process(target=_often, args=(file,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert recall(file, "it") == {"nord": {"stamped": "199"}}
    assert [path.name for path in file.parent.iterdir()] == ["anchors.json"]
