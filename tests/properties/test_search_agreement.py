"""Random corpora and queries: Tantivy, Whoosh and the matcher find the same items in the same order."""

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.adapters.index_tantivy import TantivyIndex
from archive.adapters.index_whoosh import WhooshIndex
from archive.errors import QueryError
from archive.query.amounts import Amount
from archive.query.document import document
from archive.query.fuzzy import Fuzzy
from archive.query.grammar import parse
from archive.query.match import document_spans, matching
from archive.query.plan import (
    And,
    AnyOf,
    Everything,
    Grouped,
    In,
    Near,
    Node,
    Not,
    Numbers,
    Or,
    Period,
    Phrase,
    Positional,
    Query,
    Term,
    Until,
    Wildcard,
    Word,
)
from schemas.entry import Entry
from schemas.item import Item
from tests.entries import entries, item

WORDS = ["ja", "nein", "garantie", "garantien", "herstellergarantie", "zusage", "zugesagt", "vertrag",
         "verträge", "warranty", "warranties", "7", "👍", "株式", "@anna", "ß", "x_y", "5 €",
         "1.250,50", "EUR", "garnatie", "Miet-Vertrag", "7ja", "Gar-\nantie", "K80", "K 80",
         "250", "12.505"]  # fmt: skip
TIMES = [
    None,
    "1969-12-31T23:59:59Z",
    "2021-01-01T00:00:00Z",
    "2021-06-30T12:00:00.5Z",
    "2022-01-01T00:00:00Z",
]
SECONDS = [-1, 0, 1609459200, 1625054400, 1640995200]

texts = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
names = st.sampled_from(["Anna Weber", "Weber Anna", "Müller GmbH", "Bob"])
items = st.builds(
    lambda text, title, at, author, to, files, channel: item(
        text or None, title=title or None, at=at, author=author, to=to, files=files, channel=channel
    ),
    texts,
    texts,
    st.sampled_from(TIMES),
    st.none() | names,
    st.lists(names, max_size=2),
    st.lists(st.sampled_from(["vertrag.pdf", "ja.jpg"]), max_size=2),
    st.sampled_from(["whatsapp", "email"]),
)
corpora = st.lists(st.none() | items, max_size=12)

TERMS = [
    "ja",
    "nein",
    "garantie",
    "vertrag",
    "vertraege",
    "pdf",
    "7",
    "12505",
    "👍",
    "@anna",
    "anna",
    "株式",
    "ss",
    "nirgends",
]
single = (
    st.sampled_from([Word(w) for w in ("garantie", "zusagen", "vertrag", "warranty", "ja", "nirgends")])
    | st.sampled_from([Term(t) for t in TERMS])
    | st.sampled_from([Grouped(c) for c in ("k80", "7ja", "12505", "125050250", "77", "k81")])
    | st.sampled_from([Fuzzy("garantie", 1), Fuzzy("garantie", 2), Fuzzy("nein", 1), Fuzzy("vertrag", 2)])
    | st.sampled_from([Wildcard(p) for p in ("gar*", "*garantie", "ve?tr*", "j?", "@an*", "*an*", "zz*")])
)
phrases = st.lists(
    st.sampled_from([Term(t) for t in TERMS]) | st.sampled_from([Wildcard("gar*"), Wildcard("j?")]),
    min_size=1,
    max_size=3,
).map(lambda parts: Phrase(tuple(parts)))


def _near(children: st.SearchStrategy[Positional]) -> st.SearchStrategy[Positional]:
    return st.builds(Near, children, children, st.integers(1, 4), st.booleans()) | st.lists(
        children, min_size=1, max_size=3
    ).map(lambda found: AnyOf(tuple(found)))


positional: st.SearchStrategy[Positional] = st.recursive(single | phrases, _near, max_leaves=4)
in_field = st.builds(
    In,
    st.sampled_from(["author", "recipients", "thread"]),
    st.sampled_from([Term("anna"), Wildcard("m*r"), Phrase((Term("anna"), Term("weber"))), Term("chat")]),
) | st.sampled_from(
    [In("marks", Term(m)) for m in ("channel=email", "has=file", "has=image", "kind=posted", "id=m1")]
)
leaves: st.SearchStrategy[Node] = (
    single
    | phrases
    | positional.filter(lambda node: isinstance(node, Near))
    | in_field
    | st.builds(Period, st.none() | st.sampled_from(SECONDS), st.none() | st.sampled_from(SECONDS))
    | st.just(Everything())
    | st.builds(Numbers, st.frozensets(st.integers(0, 14), max_size=4))
    | st.builds(Until, st.integers(0, 14))
    | st.builds(In, st.just("filename"), st.sampled_from([Term("pdf"), Fuzzy("vertrag", 1), Wildcard("*j*")]))
    | st.builds(
        In,
        st.just("amounts"),
        st.builds(
            Amount,
            st.none() | st.sampled_from([400, 500, 125050]),
            st.none() | st.sampled_from([500, 200000]),
            st.sampled_from([None, "eur", "usd"]),
        ),
    )
)
trees: st.SearchStrategy[Node] = st.recursive(
    leaves,
    lambda children: (
        st.builds(Not, children)
        | st.lists(children, min_size=1, max_size=3).map(lambda found: And(tuple(found)))
        | st.lists(children, min_size=1, max_size=3).map(lambda found: Or(tuple(found)))
    ),
    max_leaves=6,
)
queries = st.builds(Query, st.just("random"), trees, st.lists(trees, max_size=1).map(tuple))


def by_matcher(corpus: list[Entry], query: Query, order: str) -> list[int]:
    documents = [found for entry in corpus if (found := document(entry))]
    sign = 1 if order == "oldest" else -1
    hits = sorted(
        matching(query, documents), key=lambda d: (d.time is None, sign * (d.time or 0), sign * d.index)
    )
    return [hit.index for hit in hits]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies=corpora, cut=st.integers(0, 12), asked=st.lists(queries, min_size=5, max_size=15))
def test_engines_agree_with_the_matcher(bodies: list[Item | None], cut: int, asked: list[Query]) -> None:
    corpus = entries(bodies)
    with tempfile.TemporaryDirectory() as folder:
        engines: list[Any] = [
            TantivyIndex(Path(folder, "tantivy"), shard_size=5),
            WhooshIndex(Path(folder, "whoosh")),
        ]
        try:
            for engine in engines:
                engine.apply(corpus[:cut])
                engine.apply(corpus[max(0, cut - 2) :])
            for query in asked:
                for order in ("oldest", "newest"):
                    hits = by_matcher(corpus, query, order)
                    for engine in engines:
                        page = engine.search(query, limit=50, order=order)
                        assert (page.total, list(page.indexes)) == (len(hits), hits), (engine.name, query)
        finally:
            for engine in engines:
                engine.close()


HOSTILE = (
    *"aAbßäÄİıſŒ①²½Ⅷ٣５Ａς株テｱ゙한", *"ﬁﷺﷲΐ", *"\u0345\u0301\u0308\u200b\u200c\u200d\u00ad\u2060\ufeff\u202e\ufffd",
    *"👨🏽🇩🇪", "\ufe0f", "\u0e33", *"\x00\x1e\x1f\x7f\x85\u2028\u00a0\t\n", *"@#_.-/+%'()&|~=:;,<>§€$0123", "␞",
    "entry=item", "entry=position", "garantie", "PO-2024/1", "@anna.b", "#tag_x", "12,50 €", *"    ",
)  # fmt: skip
hostile = st.lists(st.sampled_from(HOSTILE), max_size=30).map("".join)
"""What breaks analysers: joiners, ligatures that fold to words, signs of control, the marks of our own index."""


@st.composite
def hostile_cases(draw: st.DrawFn) -> tuple[list[Item], list[str]]:
    """Items, and queries as a person would type them, cut from the words of these items."""
    bodies = draw(
        st.lists(
            st.builds(
                lambda text, title, author, file, at: item(
                    text or None, title=title or None, author=f"n{author}", files=[f"f{file}"], at=at
                ),
                hostile, hostile, hostile, hostile, st.sampled_from(TIMES),
            ),
            min_size=1, max_size=8,
        )
    )  # fmt: skip
    asked = []
    for _ in range(draw(st.integers(5, 15))):
        body = draw(st.sampled_from(bodies))
        words = (
            draw(st.sampled_from([body.text, body.title, body.author.written if body.author else None]))
            or "x"
        )
        start = draw(st.integers(0, len(words) - 1))
        cut = words[start : start + draw(st.integers(1, 8))].replace('"', " ")
        shape = draw(
            st.sampled_from(['"{0}"', "{0}", "*{0}*", "%{0}", 'from:"{0}"', 'filename:"{0}"', 'id:"{0}"', 'NOT "{0}"',
                             '"{0}" w/3 garantie', '("{0}" OR garantie) NOT a'])
        )  # fmt: skip
        asked.append(shape.format(cut))
    return bodies, asked


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=hostile_cases())
def test_engines_agree_on_hostile_words(case: tuple[list[Item], list[str]]) -> None:
    bodies, asked = case
    corpus = entries(list(bodies))
    with tempfile.TemporaryDirectory() as folder:
        engines: list[Any] = [
            TantivyIndex(Path(folder, "tantivy"), shard_size=3),
            WhooshIndex(Path(folder, "whoosh")),
        ]
        try:
            for engine in engines:
                engine.apply(corpus)
            for text in asked:
                try:
                    query = parse(text)
                except QueryError:
                    continue  # what is refused is refused before any engine
                hits = by_matcher(corpus, query, "oldest")
                for engine in engines:
                    page = engine.search(query, limit=50)
                    assert (page.total, list(page.indexes)) == (len(hits), hits), (engine.name, text)
        finally:
            for engine in engines:
                engine.close()


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=items, node=positional)
def test_what_is_found_is_marked(body: Item, node: Positional) -> None:
    found = document(entries([body])[0])
    assert found
    query = Query("random", Near(node, node, 1, False) if isinstance(node, AnyOf) else node)
    marked = document_spans(query, found)
    assert bool(marked) == bool(list(matching(query, [found])))
    assert all(0 <= start < end <= len(found.text) for start, end in marked)
    assert all(first[1] <= second[0] for first, second in pairwise(marked))
