"""The typesetter keeps what it set: much is set in processes that end, and it is the same pages."""

import os
import signal

import pytest

from archive.errors import FormatError, Unfinished
from archive.exporters.report import typesetter
from archive.exporters.report.typesetter import Typesetter

PAGES = {
    "main.typ": b"""#set document(title: "A")
#set document(date: datetime(year: 2025, month: 2, day: 3, hour: 0, minute: 0, second: 0))
#set text(lang: "de", font: "Libertinus Serif")
= Angebot
#pagebreak()
Mehr
#metadata(2) <pages>"""
}
WRONG = {"main.typ": b"#geheim("}


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(typesetter, "MUCH", 10)
    setter = Typesetter()
    yield setter
    setter.end()


def test_pages_set_in_a_process_are_those_set_here(apart: Typesetter) -> None:
    here, there = apart.set(PAGES, 10), apart.set(PAGES, 10)
    assert here == there
    assert here[0].startswith(b"%PDF-")
    assert here[1] == 2


def test_a_process_ends_when_it_has_set_much(apart: Typesetter) -> None:
    processes = []
    for weight in (11, 5, 5, 1):
        apart.set(PAGES, weight)
        assert apart._process is not None
        processes.append(apart._process.pid)
    first, second, third, fourth = processes
    assert first != second == third != fourth
    with pytest.raises(ProcessLookupError):
        os.kill(first or 0, 0)


@pytest.mark.parametrize("weight", [10, 11], ids=["here", "apart"])
def test_what_cannot_be_set_is_refused_without_its_words(apart: Typesetter, weight: int) -> None:
    with pytest.raises(FormatError) as told:
        apart.set(WRONG, weight)
    assert "geheim" not in f"{told.value!r} {told.value.__cause__!r}"
    assert apart.set(PAGES, weight)[1] == 2


def test_a_process_that_was_ended_is_told_and_the_next_one_works(apart: Typesetter) -> None:
    apart.set(PAGES, 10)
    apart.set(PAGES, 5)
    assert apart._process is not None
    os.kill(apart._process.pid or 0, signal.SIGKILL)
    with pytest.raises(Unfinished, match="was ended"):
        apart.set(PAGES, 5)
    assert apart.set(PAGES, 11)[1] == 2
