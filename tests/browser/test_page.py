"""START_verify.html in a real browser, from disk: what it shows, what it finds, what it never does."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from archive.exporters.brackets import Stamp
from archive.exporters.bundle import export_bundle, statement
from archive.exporters.bundle.page import CONVERSATIONS
from archive.exporters.bundle.texts import part
from archive.production import Told
from archive.statements.model import KINDS, MODALITIES
from schemas.item import Actor, Deleted, Edited, Event, Rating, Reaction, Recipient, TimeStamp
from schemas.matter import Included
from tests.browser.chromium import Chromium, Page
from tests.browser.page_source import replaced, rewrite
from tests.bundle_material import Material, copy_tree, draft, item, small_archive
from tests.tools import Tools


@pytest.fixture(scope="module")
def chromium(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tools.need("chromium"), tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "E-1"
    export_bundle(small_archive().given(), out)
    return out


@pytest.fixture
def opened(chromium: Chromium) -> Iterator[Callable[..., Page]]:
    pages: list[Page] = []

    def open_page(folder: Path, before: str = "") -> Page:
        pages.append(chromium.open(folder / "START_verify.html", before))
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()


def changed(bundle: Path, target: Path, *replacements: tuple[str, str]) -> Path:
    folder = copy_tree(bundle, target)
    for old, new in replacements:
        rewrite(folder / "START_verify.html", replaced(old, new, 1))
    return folder


def test_an_intact_bundle_is_shown_and_found_intact(opened: Callable[..., Page], bundle: Path) -> None:
    page = opened(bundle)
    assert page.wait("verdict") == "intact"
    text = page.ask("document.body.innerText")
    expected = (
        "UNVERÄNDERT", "Grüße! Sie haben fünf Jahre Garantie", "Jürgen Müller", "+49 170 1234567", "Nr. 3",
        "02.03.2026, 10:01", "bearbeitet", "zurückgehalten: text, body, raw", "Vertrag.pdf",
    )  # fmt: skip
    for words in expected:
        assert words in text, words
    assert page.ask("document.querySelectorAll('article.bad').length") == 0
    assert page.ask("document.querySelectorAll('article img').length") == 1
    log_key = json.loads((bundle / "signatures/production.json").read_bytes())["log_key"]
    assert log_key in page.ask("document.getElementById('facts').textContent")


def test_content_becomes_no_markup_and_cannot_hide(opened: Callable[..., Page], bundle: Path) -> None:
    page = opened(bundle)
    assert page.wait("verdict") == "intact"
    made = "main script, main svg, main iframe, main a, main style"
    assert page.ask(f"document.querySelectorAll('{made}').length") == 0
    shown = page.ask("document.getElementById('record-6').textContent")
    assert "</script><script>alert(1)</script>" in shown
    assert "⟨U+202E⟩" in shown
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u0007\ufeff]", shown)
    assert "😀" in page.ask("document.getElementById('record-3').textContent")


def test_it_asks_the_network_for_nothing(
    chromium: Chromium, opened: Callable[..., Page], bundle: Path
) -> None:
    page = opened(bundle)
    assert page.wait("verdict") == "intact"
    assert all(url.startswith(("file:", "data:image/")) for url in chromium.requests), chromium.requests
    image = "const i = new Image(); i.onerror = () => r('no'); i.src = 'http://example.test/x'"
    blocked = "new Promise(r => { %s; })" % image  # noqa: UP031
    answer = chromium.call("Runtime.evaluate", page.session, expression=blocked, awaitPromise=True)
    assert answer["result"]["value"] == "no"


def test_language_and_find(opened: Callable[..., Page], bundle: Path) -> None:
    page = opened(bundle)
    assert page.wait("verdict") == "intact"
    page.ask("document.getElementById('language').click()")
    assert (
        page.ask("document.documentElement.lang + document.getElementById('verdict-title').textContent")
        == "enINTACT"
    )
    page.ask(
        "const f = document.getElementById('find'); f.value = 'GARANTIE'; f.dispatchEvent(new Event('input'))"
    )
    assert page.ask("document.querySelectorAll('#messages article').length") == 2
    assert page.ask("document.querySelector('mark').textContent") == "Garantie"


def test_it_tells_what_a_platform_says_beside_the_words(
    opened: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = TimeStamp(written="x", utc="2026-03-02T10:05:00Z", precision="second")
    anna = Actor(written="Anna Weiß", handle="anna@x.example")
    made = Material().found()
    made.append(
        "ingest",
        [
            draft(item(1, "Gut", edited=Edited(time=said), rating=Rating(value="2", best="5"))),
            draft(
                item(
                    2,
                    "Ja",
                    recipients=(Recipient(role="cc", actor=anna),),
                    reactions=(Reaction(value="👍", count=1, actors=(anna,)),),
                )
            ),
            draft(item(3, None, deleted=Deleted(by="admin"))),
        ],
    )
    monkeypatch.setattr(statement, "stamps", lambda _: [Stamp(1, 2, 0, 60), Stamp(6, 5, 86400, 86460)])
    export_bundle(made.given(), tmp_path / "E-1")
    page = opened(tmp_path / "E-1")
    assert page.wait("verdict") == "intact"
    told = [page.ask(f"document.getElementById('record-{n}').innerText") for n in (2, 3, 4)]
    for text, words in zip(
        told,
        (
            ("bearbeitet vor der Erfassung 02.03.2026, 11:05:00", "Bewertung 2 / 5"),
            ("cc Anna Weiß · anna@x.example", "👍 1 Anna Weiß"),
            ("gelöscht von: Verwalter",),
        ),
        strict=True,
    ):
        assert all(word in text for word in words), text
        assert "zwischen 01.01.1970, 01:00:00 MEZ – 02.01.1970, 01:01:00 MEZ" in text
    for name, count in (("changed", 2), ("hit", 3), ("files", 0)):
        page.ask(f"$('filter').value = '{name}'; $('filter').dispatchEvent(new Event('change'))")
        assert page.ask("document.getElementById('found').textContent") == f"{count} Treffer", name


def test_without_time_stamps_it_says_so(opened: Callable[..., Page], bundle: Path) -> None:
    page = opened(bundle)
    assert page.wait("verdict") == "intact"
    assert "KEIN ZEITBEWEIS" in page.ask("document.getElementById('facts').textContent")


@pytest.mark.parametrize(
    ("old", "new", "record"),
    [
        ("fünf Jahre", "zwei Jahre", 3),
        ("Anna Weiß", "Anna Weis", 4),
        ('"why":"hit"', '"why":"context"', None),
        ('"stream_position', '"stream_positiom', None),
        ("beleg/segment/v1", "beleg/segment/v2", None),
        ("E-1", "E-2", None),
        ('"path":["', '"path":["A', 0),
        ("— example.test", "— example.tesd", None),
        ('"reason":"no_key"', '"reason":"no_kex"', None),
    ],
)
def test_a_changed_page_turns_red_and_names_the_record(
    opened: Callable[..., Page], bundle: Path, tmp_path: Path, old: str, new: str, record: int | None
) -> None:
    page = opened(changed(bundle, tmp_path / "E-1", (old, new)))
    assert page.wait("verdict") == "findings"
    assert "NICHT UNVERÄNDERT" in page.ask("document.body.innerText")
    if record is not None:
        assert f"Nr. {record}: " in page.ask("document.getElementById('findings').textContent")
    if record in (3, 4):
        assert page.ask(f"document.getElementById('record-{record}').classList.contains('bad')")


def test_records_taken_out_or_doubled_are_found(
    opened: Callable[..., Page], bundle: Path, tmp_path: Path
) -> None:
    lines = (bundle / "bag/data/records/records_0001.jsonl").read_text().split("\n")[:-1]
    page = opened(changed(bundle, tmp_path / "less", (lines[4] + "\n", "")))
    assert page.wait("verdict") == "findings"
    page = opened(changed(bundle, tmp_path / "more", (lines[4] + "\n", lines[4] + "\n" + lines[4] + "\n")))
    assert page.wait("verdict") == "findings"


def test_a_changed_script_does_not_run(opened: Callable[..., Page], bundle: Path, tmp_path: Path) -> None:
    page = opened(
        changed(
            bundle, tmp_path / "E-1", ('return this.findings.length ? "findings"', 'return 0 ? "findings"')
        )
    )
    assert page.wait("verdict", 3) == "pending"


def test_without_ed25519_it_says_that_it_cannot_tell(opened: Callable[..., Page], bundle: Path) -> None:
    page = opened(bundle, "crypto.subtle.importKey = () => Promise.reject(new Error('NotSupportedError'))")
    assert page.wait("verdict") == "unknown"
    assert "Ed25519" in page.ask("document.getElementById('findings').textContent")


def test_other_writers_and_log_keys_are_found(opened: Callable[..., Page], tmp_path: Path) -> None:
    material = Material().found()
    material.append("legal", [draft(item(1, "falsche Rolle"))])
    export_bundle(material.given(), tmp_path / "role")
    export_bundle(small_archive().given(log="privacy"), tmp_path / "log")
    export_bundle(small_archive().given(writer="ingest"), tmp_path / "writer")
    forged = Material().found()
    forged.append("ingest", [draft(item(1, "untergeschoben"))], as_writer="legal")
    export_bundle(forged.given(), tmp_path / "forged")
    for name in ("role", "log", "writer", "forged"):
        assert opened(tmp_path / name).wait("verdict") == "findings", name


def test_the_whole_folder(opened: Callable[..., Page], bundle: Path, tmp_path: Path) -> None:
    def verdict(folder: Path) -> str | None:
        page = opened(folder)
        assert page.wait("verdict") == "intact"
        page.give_folder("#folder", folder)
        return page.wait("folder")

    assert verdict(bundle) == "intact"
    folder = copy_tree(bundle, tmp_path / "E-1")
    (folder / "note.txt").write_text("x")
    assert verdict(folder) == "findings"
    (folder / "note.txt").unlink()
    original = next((folder / "bag/data/originals").rglob("*.png"))
    good = original.read_bytes()
    original.write_bytes(good[:-1] + b"x")
    assert verdict(folder) == "findings"
    original.unlink()
    assert verdict(folder) == "findings"
    original.write_bytes(good)
    assert verdict(folder) == "intact"
    (folder / "verify.py").write_text("print('INTACT')")
    assert verdict(folder) == "findings"


def test_a_conversation_is_called_by_its_name(opened: Callable[..., Page], tmp_path: Path) -> None:
    name = 'Pumpe <b>7</b> "Köln" </script>'
    told = Told(5, "0" * 64, "hit", item(5, "x"), thread_title=name)
    given = small_archive().given()
    given = replace(given, told=lambda: [told], renderers=(("conversations", "1"),))
    export_bundle(given, tmp_path / "E-1")
    page = opened(tmp_path / "E-1")
    assert page.wait("verdict") == "intact"
    assert f"{name} \u00b7 whatsapp chat-7" in page.ask("document.getElementById('thread-list').textContent")
    assert page.ask("document.querySelectorAll('main b, nav b').length") == 0
    file = tmp_path / "E-1" / "START_verify.html"
    whole = file.read_text()
    for other in (
        whole.replace("Pumpe", "Lampe"),
        whole.replace(f'data-file="{CONVERSATIONS}"', 'data-file="x"'),
    ):
        assert other != whole
        file.write_text(other)
        assert opened(tmp_path / "E-1").wait("verdict") == "findings", "the signed list has another name"


def test_records_in_many_blocks_are_shown_in_order_and_checked_to_the_last(
    opened: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.exporters.bundle.page.BLOCK", 20_000)
    material = Material().found()
    numbers = [*range(30, 60), *range(30)]
    material.append("ingest", [draft(item(n, f"Nachricht {n:02d}, {'viel ' * 300}")) for n in numbers])
    export_bundle(material.given(), tmp_path / "E-1")
    page = opened(tmp_path / "E-1")
    assert page.wait("verdict") == "intact"
    assert page.ask("document.querySelectorAll('script[data-part]').length") > 5
    texts = page.ask("[...document.querySelectorAll('#messages .text')].map((one) => one.textContent)")
    assert [text.split(",")[0] for text in texts] == [f"Nachricht {n:02d}" for n in range(60)]
    page.ask("const f = document.getElementById('find'); f.value = 'nachricht 07'")
    page.ask("document.getElementById('find').dispatchEvent(new Event('input'))")
    page.wait_for("document.querySelectorAll('#messages article').length === 1")
    folder = changed(tmp_path / "E-1", tmp_path / "E-2", ("Nachricht 29", "Nachricht 28"))
    page = opened(folder)
    assert page.wait("verdict") == "findings"
    assert "Nr. 61: " in page.ask("document.getElementById('findings').textContent")
    page.wait_for("document.querySelectorAll('article.bad').length === 1")


def test_a_name_of_letters_that_look_alike_is_marked(opened: Callable[..., Page], tmp_path: Path) -> None:
    material = Material().found()
    names = ["Anna Weiß", "\u0410nna Weiß", "\u0391\u03bd\u03bd\u03b1 Papadopoulou"]
    material.append("ingest", [draft(item(n, "x", author=name)) for n, name in enumerate(names)])
    export_bundle(material.given(), tmp_path / "E-1")
    page = opened(tmp_path / "E-1")
    assert page.wait("verdict") == "intact"
    heads = page.ask("[...document.querySelectorAll('#messages .head')].map((one) => one.textContent)")
    assert ["Name aus mehreren Schriften" in head for head in heads] == [False, True, False]


def test_the_page_has_a_word_for_everything_that_happens_and_is_stated() -> None:
    source = part("words.js").decode()
    words = source[: source.index("const STATED")]
    stated = source[source.index("const STATED") :]
    for name in (*get_args(Event), *get_args(Included)):
        assert name == "posted" or re.search(rf"\b{name}: \[", words), name
    for name in (*KINDS, *MODALITIES):
        assert re.search(rf"\b{name}: \"", stated), name
