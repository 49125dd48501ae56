"""Two hundred queries on fifty items: what brute force on the raw words says, every engine and the matcher say.

The conditions in ``queries.txt`` are regular expressions on the items as written; they know nothing of the
analyser, the families or an index.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archive.adapters.index_tantivy import TantivyIndex
from archive.adapters.index_whoosh import WhooshIndex
from archive.ports import SearchIndex
from archive.query.document import document
from archive.query.grammar import parse
from archive.query.match import matches
from schemas.entry import Entry
from tests.entries import entries, item

HERE = Path(__file__).parent
BERLIN = ZoneInfo("Europe/Berlin")


def lines(name: str) -> list[str]:
    text = (HERE / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("# ")]


@dataclass(frozen=True)
class Raw:
    num: int
    day: str
    channel: str
    author: str
    to: list[str]
    thread: str
    text: str
    files: list[str]


def corpus() -> list[Raw]:
    found = []
    for line in lines("items.txt"):
        number, when, channel, author, to, thread, said = (part.strip() for part in line.split("|", 6))
        text, _, files = said.partition("‖")
        day = "" if when == "-" else datetime.fromisoformat(when).astimezone(BERLIN).date().isoformat()
        found.append(
            Raw(
                int(number), day, channel, author, [] if to == "-" else to.split(", "), thread, text.strip(),
                [name.strip() for name in files.split(",") if name.strip()],
            )
        )  # fmt: skip
    return found


def sealed(raws: list[Raw]) -> list[Entry]:
    times = [line.split("|")[1].strip() for line in lines("items.txt")]
    return entries(
        [
            item(
                raw.text or None, id=f"m{raw.num}", at=None if at == "-" else at, channel=raw.channel,
                author=raw.author, to=raw.to, chat=raw.thread, files=raw.files, via="export-phone",
                form="mail" if raw.channel == "email" else "message",
            )
            for raw, at in zip(raws, times, strict=True)
        ]
    )  # fmt: skip


def spelled(text: str) -> str:
    text = text.casefold()
    for letter, two in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(letter, two)
    return text


def by_brute_force(raw: Raw, condition: str) -> bool:
    words = [spelled(raw.text), *map(spelled, raw.files)]
    known = {
        "num": raw.num, "day": raw.day, "c": raw.channel, "th": raw.thread,
        "t": lambda p: any(re.search(p, part.replace("_", " ") if "_" not in p else part) for part in words),
        "n": lambda p: any(re.search(p, part) for part in words[1:]),
        "a": lambda p: re.search(p, spelled(raw.author)) is not None,
        "r": lambda p: any(re.search(p, spelled(name)) for name in raw.to),
    }  # fmt: skip
    return bool(eval(condition, {}, known))


CORPUS = corpus()
ENTRIES = sealed(CORPUS)
QUERIES = [tuple(line.split(" => ", 1)) for line in lines("queries.txt")]
Engine = Callable[[Path], SearchIndex]


@pytest.fixture(scope="module", params=["tantivy", "whoosh"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    folder = tmp_path_factory.mktemp(request.param) / "index"
    made = TantivyIndex(folder, shard_size=11) if request.param == "tantivy" else WhooshIndex(folder)
    made.apply(ENTRIES)
    yield made
    made.close()


def test_there_are_enough_queries_that_tell_something() -> None:
    assert len(QUERIES) >= 200
    found = [sum(by_brute_force(raw, condition) for raw in CORPUS) for _, condition in QUERIES]
    assert sum(0 < count < len(CORPUS) for count in found) >= 150


def expected(condition: str) -> list[int]:
    return [raw.num for raw in CORPUS if by_brute_force(raw, condition)]


@pytest.mark.parametrize(("text", "condition"), QUERIES, ids=[text for text, _ in QUERIES])
def test_the_matcher(text: str, condition: str) -> None:
    query = parse(text, zone=BERLIN)
    documents = [found for entry in ENTRIES if (found := document(entry))]
    assert [d.index for d in documents if matches(query, d)] == expected(condition)


def test_the_engines(index: SearchIndex) -> None:
    for text, condition in QUERIES:
        page = index.search(parse(text, zone=BERLIN), limit=100)
        assert (page.total, sorted(page.indexes)) == (len(expected(condition)), expected(condition)), text
