"""Every page that a person is given, as axe-core sees it: usable with a keyboard, a screen reader, a zoomed screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.exporters.bundle import export_bundle
from archive.exporters.coverage_page import page as coverage_page
from archive.exporters.desk import NAME, write_desk
from archive.exporters.verification_page import page as verification_page
from archive.production import DeskInput, Told
from schemas.coverage import Coverage, ThreadCoverage
from schemas.item import Actor, Key
from schemas.matter import Matter, Selection
from schemas.report import Finding, VerificationReport
from tests.browser.accessibility import complaints
from tests.browser.chromium import Chromium
from tests.browser.page_source import replaced, rewrite
from tests.bundle_material import small_archive
from tests.entries import item
from tests.tools import Tools


@pytest.fixture(scope="module")
def chromium(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tools.need("chromium"), tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("state", ["intact", "findings"])
def test_the_page_of_a_bundle(chromium: Chromium, tmp_path: Path, state: str, language: str) -> None:
    export_bundle(small_archive().given(language), tmp_path / "E-1")
    file = tmp_path / "E-1" / "START_verify.html"
    if state == "findings":
        rewrite(file, replaced("fünf Jahre", "zwei Jahre"))
    page = chromium.open(file)
    assert page.wait("verdict") == state
    assert complaints(page) == []


def test_the_desk(chromium: Chromium, tmp_path: Path) -> None:
    told = [Told(4, "a" * 64, "hit", item("fünf Jahre Garantie", id="m4", author=Actor(written="Anna")))]
    given = DeskInput(
        origin="x.example", matter=Matter(id="M-1", title="Pumpe", reason="x"), known=20, language="de",
        timezone="Europe/Berlin", told=lambda: told,
        chosen={4: Selection(matter="M-1", items=(4,), decision="hit")}, redactions={},
    )  # fmt: skip
    write_desk(given, tmp_path)
    page = chromium.open(tmp_path / NAME)
    assert page.wait("verdict") == "ready"
    assert complaints(page) == []


def test_the_pages_about_coverage_and_verification(chromium: Chromium, tmp_path: Path) -> None:
    key = Key(channel="x", scope="", id="a")
    thread = ThreadCoverage(
        channel="x", via=key, thread=key, title="Pumpe", sources=("s",), items=3, first=None, last=None, seen=None,
        state="partly", because=("an export shows the last state only",), gaps=(),
    )  # fmt: skip
    known = Coverage(since=None, runs=1, sources=(), accounts=(), threads=(thread,), lacking=())
    report = VerificationReport(
        origin="x.example", level=0, size=1, root="ab", log_key=None, log_key_given=False, checkpoints=1, sealed_size=1,
        tokens=0, heads=0, segments=1, objects=0, opened=0, unopened=0, erased=0,
        findings=(Finding(kind="altered", text="altered", name="segments/0"),),
    )  # fmt: skip
    pages = {
        "coverage": coverage_page(known, "x.example", "now"),
        "verification": verification_page(report, "now"),
    }
    for name, text in pages.items():
        (tmp_path / f"{name}.html").write_text(text)
        page = chromium.open(tmp_path / f"{name}.html")
        page.wait_for("document.readyState === 'complete' && document.querySelector('h1')")
        assert complaints(page) == [], name
