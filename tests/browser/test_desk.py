"""REVIEW.html in a real browser: deciding, blackening, saving."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.exporters.desk import NAME, write_desk
from archive.production import DeskInput, Told
from schemas.item import Actor
from schemas.matter import Matter, Selection
from tests.browser.chromium import Chromium, Page
from tests.entries import item
from tests.tools import Tools

TEXT = "Grüße 😀 von\u202e uns: 17 Prozent </script><b>fett</b>"


@pytest.fixture(scope="module")
def chromium(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tools.need("chromium"), tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def page(chromium: Chromium, tmp_path: Path) -> Iterator[Page]:
    items = [
        Told(4, "a" * 64, "hit", item(TEXT, id="m4", author=Actor(written="Anna"))),
        Told(7, "b" * 64, "context", item("zweiter", id="m7")),
    ]
    given = DeskInput(
        origin="x.example", matter=Matter(id="M-1", title="<i>Pumpe", reason="x"), known=20, language="de",
        timezone="Europe/Berlin", told=lambda: items,
        chosen={4: Selection(matter="M-1", items=(4,), decision="hit")}, redactions={},
    )  # fmt: skip
    assert write_desk(given, tmp_path) == 2
    opened = chromium.open(tmp_path / NAME)
    assert opened.wait("verdict") == "ready"
    yield opened
    opened.close()


def mark(page: Page, words: str) -> None:
    """Select words of item 4 as a reader does."""
    page.ask(
        "(() => { const parts = [...document.querySelectorAll('#item-4 .text [data-at]')];"
        f"const words = {json.dumps(words)}, part = parts.find((one) => one.textContent.includes(words)).firstChild;"
        "const at = part.data.indexOf(words), range = document.createRange();"
        "range.setStart(part, at); range.setEnd(part, at + words.length);"
        "getSelection().removeAllRanges(); getSelection().addRange(range); })()"
    )


def press(page: Page, words: str) -> None:
    page.ask(
        f"[...document.querySelectorAll('button')].find((one) => one.textContent === {json.dumps(words)}).click()"
    )


def write(page: Page, item_number: int, label: str, words: str) -> None:
    page.ask(
        f"(() => {{ const one = document.querySelector('#item-{item_number} input[aria-label^=\"{label}\"]');"
        f"one.value = {json.dumps(words)}; one.dispatchEvent(new Event('input')); }})()"
    )


def test_what_is_marked_is_counted_in_characters(page: Page) -> None:
    mark(page, "17 Prozent")
    press(page, "Markierung schwärzen")
    assert page.ask("document.querySelector('#item-4 mark.cut').textContent") == "17 Prozent"
    assert page.ask("decisions()") is None, "a reason is asked for"
    assert "Nr. 4" in page.ask("document.getElementById('refused').textContent")
    write(page, 4, "Grund", "GEHEIMNIS")
    page.ask("document.querySelector('#item-7 input[value=\"privileged\"]').click()")
    write(page, 7, "Notiz", "Anwalt")
    made = json.loads(page.ask("JSON.stringify(decisions())"))
    first, second = made.pop("decisions")
    assert made == {"format": "beleg/review/v1", "origin": "x.example", "matter": "M-1", "known": 20}
    start = TEXT.index("17 Prozent")
    assert first == {
        "item": 4,
        "leaf": "a" * 64,
        "spans": [[start, start + 10]],
        "facets": [],
        "reason": "GEHEIMNIS",
    }
    assert second == {"item": 7, "leaf": "b" * 64, "decision": "privileged", "note": "Anwalt"}
    press(page, "Schwärzung aufheben")
    assert len(json.loads(page.ask("JSON.stringify(decisions())"))["decisions"]) == 1


def test_content_stays_content_and_nothing_is_asked_of_a_network(page: Page, chromium: Chromium) -> None:
    assert page.ask("document.querySelectorAll('main b, main i, main a, main img').length") == 0
    shown = page.ask("document.getElementById('item-4').textContent")
    assert "⟨U+202E⟩" in shown
    assert "</script><b>fett</b>" in shown
    assert page.ask("document.getElementById('matter').textContent") == "M-1 <i>Pumpe"
    assert all(url.startswith("file:") for url in chromium.requests), chromium.requests


def test_nothing_marked_is_told_and_a_note_needs_a_decision(page: Page) -> None:
    press(page, "Markierung schwärzen")
    assert "markieren" in page.ask("document.getElementById('refused').textContent")
    write(page, 7, "Notiz", "x")
    assert page.ask("decisions()") is None
    assert "nicht in der Sache" in page.ask("document.getElementById('refused').textContent")
    page.ask("document.getElementById('language').click()")
    assert page.ask("document.documentElement.lang") == "en"
