"""One suite for every search index: the same items, totals and order as the matcher gives."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import tantivy
import whoosh.index

from archive.adapters.index_folder import MARKER
from archive.adapters.index_tantivy import TantivyIndex
from archive.adapters.index_whoosh import WhooshIndex
from archive.adapters.tantivy_shard import Shard
from archive.errors import ArchiveError, Outdated
from archive.ports import SearchIndex
from archive.query.analysis import ANALYSER
from archive.query.document import STREAMS, document, joined
from archive.query.explain import explain
from archive.query.grammar import parse
from archive.query.grouping import ways
from archive.query.match import matching
from archive.query.resolve import MOST_WAYS
from schemas.capture import Sighting
from schemas.entry import Entry
from schemas.item import Deleted, Edited, Target
from tests.entries import account, entries, item, key, thread

Open = Callable[..., SearchIndex]


def tantivy_with_small_shards(folder: Path, **options: Any) -> SearchIndex:
    return TantivyIndex(folder, shard_size=7, **options)


@pytest.fixture(params=[tantivy_with_small_shards, WhooshIndex], ids=["tantivy", "whoosh"])
def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    made: list[SearchIndex] = []

    def make(**options: Any) -> SearchIndex:
        made.append(request.param(tmp_path / "index", **options))
        return made[-1]

    yield make
    for found in made:
        found.close()


CORPUS = entries(
    [
        account("anna", "Anna Weber"),
        item(
            "Wir geben Ihnen fünf Jahre Garantie auf die Pumpe 7.",
            at="2021-08-04T09:00:00Z",
            author="Anna Weber",
        ),
        item("Die Herstellergarantie gilt nicht, nur die Garantieverlängerung.", at="2021-08-04T09:00:00Z"),
        thread("chat-1", "Pumpe 7"),
        item("Garantien? Ohne Zeit.", author="Müller GmbH"),
        item("Hiermit kündige ich den Mietvertrag.", at="2021-12-31T23:59:59.999Z", to=["Anna Weber"]),
        item("Die Kuendigung der Mietverträge ist zugesagt", at="2022-01-01T00:00:00Z", channel="email"),
        None,
        item(
            "Bestellung PO-2024/117-B liefern wir bis 12.03.",
            at="2024-02-29T12:00:00Z",
            files=["Vertrag_final.pdf"],
        ),
        item("We promised warranty and delivery. 👍🏽", at="2024-03-01T12:00:00Z", author="Bob Miller"),
        item("Danke @max_weber für die #Zusage 🇩🇪", at="1969-07-20T20:17:40Z"),
        item("株式会社テスト", at="2023-01-01T00:00:00Z", files=["Foto.jpg"]),
        Sighting(capture="c", member="m", ranges=((1, None, None),)),
        item(
            "geändert: die Garantie gilt drei Jahre",
            title="AW: Pumpe",
            at="2021-08-04T10:00:00Z",
            event="edited",
            edited=Edited(),
            targets=(Target(relation="of", key=key("m1")),),
        ),
        item(None, event="deleted", deleted=Deleted(by="author"), at="2021-08-05T10:00:00Z"),
        item(
            "ja ja nein ja",
            at="2020-01-01T00:00:00Z",
            author="Anna Weber",
            to=["Müller GmbH", "Anna Schmidt"],
        ),
        "noch eine ohne Zeit garantiert",
        item("Straße GROẞ Gewährleistung gewaehrleistet Kundigung", at="2020-01-01T00:00:00Z"),
    ]
)

QUERIES = Path(__file__).with_name("queries.txt").read_text("utf-8").splitlines()


def expected(corpus: Sequence[Entry], text: str, order: str = "oldest") -> list[int]:
    """What the matcher finds, in order."""
    documents = [found for e in corpus if (found := document(e)) is not None]
    hits = list(matching(parse(text), documents))
    sign = -1 if order == "newest" else 1
    return [
        d.index for d in sorted(hits, key=lambda d: (d.time is None, sign * (d.time or 0), sign * d.index))
    ]


def test_a_number_of_many_groups_is_found_though_not_every_way_is_looked_up(open_index: Open) -> None:
    groups = ["1" * size for size in range(1, 7)]
    texts = [
        *groups,
        "1 11 111 1 11 111",
        "1111 1111 1111",
        "1 1 1 1 1 1 1 1 1 1 1",
        "1" * 12,
        "11111-111111",
    ]
    corpus = entries([item(text) for text in texts])
    query = parse("1" * 12)
    assert ways("1" * 12, {*groups, "1" * 12}.__contains__).count > MOST_WAYS
    index = open_index()
    index.apply(corpus)
    found = [one.index for one in matching(query, filter(None, map(document, corpus)))]
    page = index.search(query, limit=20)
    assert (page.total, page.indexes) == (3, found)


def test_every_query_agrees_with_the_matcher(open_index: Open) -> None:
    index = open_index()
    index.apply(CORPUS)
    for text in QUERIES:
        for order in ("oldest", "newest"):
            page = index.search(parse(text), limit=100, order=order)
            assert (page.total, list(page.indexes)) == (
                len(expected(CORPUS, text)), expected(CORPUS, text, order),
            ), text  # fmt: skip


def test_the_queries_find_something_and_leave_something() -> None:
    found = {text: expected(CORPUS, text) for text in QUERIES}
    assert found["garantie"] == [1, 2, 13, 4, 16]
    assert found["vertrag"] == [5, 6, 8]
    assert found["jahre pre/1 garantie"] == [1]
    assert found["after:2021"] == [6, 11, 8, 9]
    assert sum(bool(hits) for hits in found.values()) > 100


def test_pages_add_up(open_index: Open) -> None:
    index = open_index()
    index.apply(CORPUS)
    query = parse("NOT nirgends")
    whole = list(index.search(query, limit=100).indexes)
    paged = [i for offset in range(0, 20, 3) for i in index.search(query, limit=3, offset=offset).indexes]
    assert paged == whole
    none = index.search(query, limit=0)
    assert (none.total, list(none.indexes)) == (len(whole), [])
    assert list(index.search(query, limit=5, offset=1000).indexes) == []


def test_an_empty_index_answers(open_index: Open) -> None:
    index = open_index()
    assert index.position == 0
    for text in QUERIES:
        assert index.search(parse(text), limit=10).total == 0
    assert list(index.vocabulary()) == []


def test_the_answer_says_what_was_searched(open_index: Open) -> None:
    index = open_index()
    index.apply(CORPUS)
    page = index.search(parse("vertrag mietv*"), limit=1)
    assert [(e.word, e.terms) for e in page.expansions] == [
        ("vertrag", ("mietvertraege", "mietvertrag", "vertrag")),
        ("mietv*", ("mietvertraege", "mietvertrag")),
    ]
    page = index.search(parse("with:%wexer OR filename:ver* OR from:anna"), limit=1)
    assert [(e.word, e.terms) for e in page.expansions] == [
        ("from:%wexer", ("weber",)),
        ("to:%wexer", ("weber",)),
        ("filename:ver*", ("vertrag",)),
    ]
    lines = explain(parse("from:%wexer").node, page.expansions)
    assert lines[-1] == "  nearly %wexer, that is: weber"


def test_entries_without_items_advance_the_position(open_index: Open) -> None:
    index = open_index()
    index.apply(entries([None, account("a"), None]))
    assert index.position == 3
    assert index.search(parse("NOT nirgends"), limit=9).total == 0


def test_a_first_batch_without_items_harms_nothing_later(open_index: Open) -> None:
    index = open_index()
    for start in range(0, 12, 2):
        index.apply(entries([None, None, None, *["gut"] * 9])[start : start + 2])
    assert list(index.search(parse("gut"), limit=20).indexes) == list(range(3, 12))


def state(index: SearchIndex) -> list[object]:
    pages = [index.search(parse(text), limit=100) for text in QUERIES]
    return [index.position, [(p.total, list(p.indexes)) for p in pages], sorted(index.vocabulary())]


def test_overlapping_batches_and_restarts_change_nothing(open_index: Open) -> None:
    index = open_index()
    for start, end in ((0, 3), (0, 2), (1, 9), (3, 9), (8, 15), (0, 18), (17, 18)):
        index.apply(CORPUS[start:end])
        index.close()
        index = open_index()
    incremental = state(index)
    index.reset()
    assert index.position == 0
    assert index.search(parse("NOT nirgends"), limit=9).total == 0
    index.apply(iter(CORPUS))
    assert state(index) == incremental
    index.close()
    assert state(open_index()) == incremental
    anew = open_index(anew=True)
    assert anew.position == 0
    anew.apply(CORPUS)
    assert state(anew) == incremental


def test_a_gap_is_refused(open_index: Open) -> None:
    index = open_index()
    index.apply(CORPUS[:3])
    with pytest.raises(ArchiveError, match="at 3 and was given entry 5"):
        index.apply(CORPUS[5:])
    assert index.position == 3


def test_a_failure_while_applying_heals(open_index: Open) -> None:
    def failing() -> Iterator[Entry]:
        yield from CORPUS[:5]
        raise OSError("the store is gone")

    index = open_index()
    with pytest.raises(OSError, match="gone"):
        index.apply(failing())
    index.apply(CORPUS)
    assert index.search(parse("garantie"), limit=9).total == 5


def test_half_a_commit_is_not_in_the_next_one(open_index: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that fails at the third item keeps nothing of the first two."""
    index = open_index()
    index.apply(CORPUS[:2])
    seen = [0]

    def failing(parts: object) -> str:
        seen[0] += 1
        if seen[0] > 20:
            raise OSError("no memory")
        return joined(parts)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        for module in ("tantivy_shard", "index_whoosh"):
            patch.setattr(f"archive.adapters.{module}.joined", failing)
        with pytest.raises(OSError, match="no memory"):
            index.apply(CORPUS[2:7])
    assert index.position == 2
    index.apply(CORPUS)
    assert list(index.search(parse("garantie"), limit=9).indexes) == expected(CORPUS, "garantie")


def test_a_reader_sees_what_another_writer_committed(open_index: Open) -> None:
    writer = open_index()
    writer.apply(CORPUS[:2])
    reader = open_index()
    assert reader.search(parse("garantie"), limit=9).total == 1
    writer.apply(CORPUS[2:])
    assert reader.search(parse("garantie"), limit=9).total == 5
    assert reader.position == len(CORPUS)


def test_a_reader_tells_how_far_an_index_is_that_is_made_anew(open_index: Open) -> None:
    writer, reader = open_index(), open_index()
    writer.apply(CORPUS)
    query = parse("garantie")
    assert reader.search(query, limit=9).position == len(CORPUS)
    writer.reset()
    assert (reader.search(query, limit=9).total, reader.search(query, limit=9).position) == (0, 0)
    writer.apply(CORPUS[:4])
    page = reader.search(query, limit=9)
    assert (list(page.indexes), page.position) == ([1, 2], 4)
    writer.apply(CORPUS)
    assert reader.search(query, limit=9).total == 5


def test_a_foreign_folder_is_not_touched(open_index: Open, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    precious = tmp_path / "index" / "precious"
    precious.write_text("x")
    for options in ({}, {"anew": True}):
        with pytest.raises(Outdated, match="no mark of a search index of Beleg"):
            open_index(**options)
    assert [path.name for path in (tmp_path / "index").iterdir()] == ["precious"]


def test_another_version_asks_for_a_rebuild(open_index: Open, tmp_path: Path) -> None:
    index = open_index()
    index.apply(CORPUS)
    index.close()
    marker = tmp_path / "index" / MARKER
    marker.write_text(marker.read_text().replace(f'"analyser": "{ANALYSER}"', '"analyser": "0"'))
    with pytest.raises(Outdated, match=r"analyser 0 → .*beleg rebuild index"):
        open_index()
    assert open_index(anew=True).position == 0


def _everything_in(folder: Path) -> set[str]:
    """Every term and every stored text of an index, read by the engine itself from its folder."""
    if (folder / "shards").exists():
        found: set[str] = set()
        for place in sorted((folder / "shards").iterdir()):
            shard = Shard(place, 0)
            for stream in (*STREAMS, "marks"):
                found |= set(shard.terms(stream))
            searcher = shard._searcher
            for _, address in searcher.search(tantivy.Query.all_query(), limit=1000).hits:
                for values in searcher.doc(address).to_dict().values():
                    found |= {word for value in values for word in str(value).split()}
        return found
    reader = whoosh.index.open_dir(str(folder / "segments")).reader()
    terms = {term.decode() for _, term in reader.all_terms()}
    stored = [str(v) for n in range(reader.doc_count_all()) for v in reader.stored_fields(n).values()]
    assert reader.doc_count_all() == reader.doc_count(), "no deleted document lies in a segment"
    return terms | {word for text in stored for word in text.split()}


def test_what_is_forgotten_is_in_no_file(open_index: Open, tmp_path: Path) -> None:
    index = open_index()
    index.apply(CORPUS)
    words = {"mietvertrag", "kuendige", "株式", "#zusage", "id=m5"}
    assert words - {"id=m5"} <= _everything_in(tmp_path / "index")
    reader = open_index()
    assert reader.search(parse("mietvertrag"), limit=9).total == 2
    before = (index.position, index.head)
    gone = {5, 6, 10, 11}
    index.forget(gone, lambda start, end: CORPUS[start:end])
    index.close()
    assert not words & _everything_in(tmp_path / "index")
    for one in (index, reader, open_index()):
        assert (one.position, one.head) == before
        assert [i for i in expected(CORPUS, "NOT nirgends") if i not in gone] == list(
            one.search(parse("NOT nirgends"), limit=100).indexes
        )
        assert one.search(parse("mietvertrag OR 株式 OR #zusage"), limit=9).total == 0
    index.apply([*CORPUS, *entries([None] * len(CORPUS) + ["neu"])[len(CORPUS) :]])
    assert reader.search(parse("neu"), limit=9).total == 1


def test_a_crash_while_forgetting_heals(tmp_path: Path) -> None:
    """Between the old shard's going and the new one's coming: those behind the gap are made anew."""
    index = tantivy_index(tmp_path)
    index.apply(CORPUS)
    before = state(index)
    index.close()
    (tmp_path / "index" / "shards" / "000001").rename(tmp_path / "index" / "shards" / "discarded-000001")
    again = tantivy_index(tmp_path)
    assert again.position == 7
    again.apply(CORPUS)
    assert state(again) == before
    assert [p.name for p in (tmp_path / "index" / "shards").iterdir() if "discarded" in p.name] == []
    again.close()


def tantivy_index(folder: Path) -> SearchIndex:
    return tantivy_with_small_shards(folder / "index")
