"""A conversation without ids that comes in again: what an export says otherwise is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg

LINES = (
    ("25.02.24, 09:14", "Anna", "Wir liefern am 5.3."),
    ("26.02.24, 09:15", "Bob", "gut"),
    ("27.02.24, 09:16", "Anna", "IMG-20240227-WA0001.jpg (Datei angehängt)"),
    ("28.02.24, 09:17", "Anna", "bis dann"),
)


@pytest.fixture
def given(beleg: Beleg, archive: Path, tmp_path: Path) -> Callable[..., str]:
    """Ingests the chat, a line of it replaced, a time rewritten; gives the answer."""

    def run(*lines: tuple[str, str, str], written: Callable[[str], str] = str) -> str:
        path = tmp_path / "WhatsApp Chat mit Anna.txt"
        path.write_text("".join(f"{written(time)} - {name}: {text}\n" for time, name, text in lines))
        done = beleg("ingest", path, "--mine", "Bob")
        assert done.code == 0, done.err
        return done.out + done.err

    return run


def test_what_goes_on_or_is_shorter_says_nothing_more(given) -> None:
    assert "stand among" not in given(*LINES[:3])
    for lines in (LINES[1:], LINES, LINES):
        told = given(*lines)
        assert "are in the archive" not in told
        assert "stand among" not in told


def test_what_was_edited_or_left_out_stands_among_what_was_known(given) -> None:
    given(*LINES)
    edited = (*LINES[0][:2], "Wir liefern am 7.3. <Diese Nachricht wurde bearbeitet.>")
    told = given(edited, LINES[1], (*LINES[2][:2], "<Medien ausgeschlossen>"), LINES[3])
    assert "1 new items stand among known ones" in told  # the first one has nothing known before it


def test_the_same_chat_by_another_clock_is_told(given) -> None:
    given(*LINES)
    told = given(*LINES, written=lambda time: f"2/{time[:2]}/24, 9{time[-3:]} AM")
    assert "1 conversations are in the archive, and none of their 4 items" in told
    assert "stands there twice" in told
