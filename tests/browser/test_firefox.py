"""START_verify.html in Firefox, from disk: what an engine of other hands makes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.exporters.bundle import export_bundle
from tests.browser.firefox import Firefox
from tests.browser.page_source import replaced, rewrite
from tests.bundle_material import small_archive
from tests.tools import Tools

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def firefox(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    browser = Firefox(tools.need("firefox"), tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def test_a_good_bundle_is_shown_and_found_intact(firefox: Firefox, tmp_path: Path) -> None:
    export_bundle(small_archive().given(), tmp_path / "E-1")
    firefox.open(tmp_path / "E-1" / "START_verify.html")
    assert firefox.wait("verdict") == "intact"
    text = firefox.ask("document.body.innerText")
    for words in (
        "UNVERÄNDERT",
        "fünf Jahre Garantie",
        "Nr. 3",
        "bearbeitet",
        "zurückgehalten: text, body, raw",
    ):
        assert words in text


def test_a_changed_one_turns_red_and_names_the_record(firefox: Firefox, tmp_path: Path) -> None:
    export_bundle(small_archive().given(), tmp_path / "E-1")
    page = tmp_path / "E-1" / "START_verify.html"
    rewrite(page, replaced("fünf Jahre", "zwei Jahre"))
    firefox.open(page)
    assert firefox.wait("verdict") == "findings"
    assert "Nr. 3: " in firefox.ask("document.getElementById('findings').textContent")
