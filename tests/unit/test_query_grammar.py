"""The query language: what it reads, and what it refuses at which place."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from archive.errors import QueryError, UsageError
from archive.query.amounts import Amount
from archive.query.fuzzy import Fuzzy
from archive.query.grammar import parse
from archive.query.plan import (
    And,
    AnyOf,
    Grouped,
    In,
    Near,
    Node,
    Not,
    Or,
    Period,
    Phrase,
    Reference,
    Term,
    Wildcard,
    Word,
)  # fmt: skip

A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("Garantie", Word("garantie")),
        ("a b", And((A, B))),
        ("a AND b UND c", And((A, B, C))),
        ("a OR b ODER c", Or((A, B, C))),
        ("a NOT b", And((A, Not(B)))),
        ("a UND NICHT b", And((A, Not(B)))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("NOT (a b)", Not(And((A, B)))),
        ('"Fünf Jahre"', Phrase((Term("fuenf"), Term("jahre")))),
        ("„Gilt das?“", Phrase((Term("gilt"), Term("das")))),
        ('"garantie"', Term("garantie")),
        ("PO-2024/117-B", Grouped("po2024117b")),
        ("K-80", Grouped("k80")),
        ("0171-2345678", Grouped("01712345678")),
        ('"K 80"', Phrase((Term("k"), Term("80")))),
        ("2024-17", Phrase((Term("2024"), Term("17")))),
        (
            "15.000,00",
            Or((Phrase((Term("15"), Term("000"), Term("00"))), Phrase((Term("15000"), Term("00"))))),
        ),
        ("10.000", Or((Phrase((Term("10"), Term("000"))), Term("10000")))),
        ("§433", Phrase((Term("§"), Term("433")))),
        ("from:+49-171/2345678", In("author", Grouped("491712345678"))),
        ('from:"+49 171"', In("author", Phrase((Term("49"), Term("171"))))),
        ("PO-20*", Phrase((Term("po"), Wildcard("20*")))),
        ("Gewähr*", Wildcard("gewaehr*")),
        ("M?ller", Wildcard("m?ller")),
        ("@Max #Tag", And((Term("@max"), Term("#tag")))),
        ("字", Wildcard("*字*")),
        ("+49-89/1234", Grouped("49891234")),
        ("w/o", Phrase((Term("w"), Term("o")))),
        ("a w/5 b", Near(A, B, 5, ordered=False)),
        ("a PRE/2 (b OR c) c", And((Near(A, AnyOf((B, C)), 2, ordered=True), C))),
        ("(a w/1 b) w/2 c", Near(Near(A, B, 1, ordered=False), C, 2, ordered=False)),
        ('from:"Müller GmbH"', In("author", Phrase((Term("mueller"), Term("gmbh"))))),
        ("with:anna", Or((In("author", Term("anna")), In("recipients", Term("anna"))))),
        ("channel:WhatsApp", In("marks", Term("channel=whatsapp"))),
        ("edited:ja", In("marks", Term("edited=yes"))),
        ('id:"a b"', In("marks", Term("id=a%20b"))),
        ("%Müller", Fuzzy("mueller", 1)),
        ("%%Herstellergarantie w/2 a", Near(Fuzzy("herstellergarantie", 2), A, 2, ordered=False)),
        ("from:%weber", In("author", Fuzzy("weber", 1))),
        ("filename:vertrag*", In("filename", Wildcard("vertrag*"))),
        ("lang:DE", In("marks", Term("lang=de"))),
        ("matter:m-1", Reference("matter", "M-1")),
        (
            "(https://a.de/x?id=4&y=(1))",
            Phrase(tuple(map(Term, ["https", "a", "de", "x", "id", "4", "y", "1"]))),
        ),
        ("amount:12TEUR", In("amounts", Amount(1200000, 1200000, "eur"))),
        ('amount:"1,5..2 Mio. €"', In("amounts", Amount(150000000, 200000000, "eur"))),
        ('id:"a*"', In("marks", Term("id=a*"))),
        ('source:"Werk 7"', Reference("source", "werk 7")),
        ("statement:Warranty", Reference("statement", "warranty")),
        ("amount:1.250,50€", In("amounts", Amount(125050, 125050, "eur"))),
        ("amount:>1000", In("amounts", Amount(100001, None, None))),
        ("amount:1.000..2,000.50", In("amounts", Amount(100000, 200050, None))),
        ('amount:"<= 5 000 EUR"', In("amounts", Amount(None, 500000, "eur"))),
        ("before:1970-01-02", Period(None, 86400)),
        ("after:1970-01-02", Period(2 * 86400, None)),
        ("on:1970", Period(0, 365 * 86400)),
        ("on:2.1.1970", Period(86400, 2 * 86400)),
    ],
)
def test_what_a_query_means(text: str, node: Node) -> None:
    assert parse(text).node == node
    assert parse(text).text == text


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 0, "nothing to search"),
        ("a b OR c", 4, "AND and OR are mixed"),
        ("a OR b c", 7, "AND and OR are mixed"),
        ("a oder b", 2, "is 'oder' a word or an operator"),
        ("(a", 0, "not closed"),
        ("a)", 1, "not opened"),
        ("()", 1, "nothing stands in it"),
        ('a "b', 2, "quotes are not closed"),
        ("a AND", 5, "something is missing"),
        ("OR a", 0, "both sides"),
        ("a w/3", 5, "something is missing"),
        ("a w/0 b", 2, "distance"),
        ("a w/3 b w/3 c", 8, "belong together"),
        ("a w/3 (b AND c)", 2, "place in the text"),
        ("@anna w/3 b", 6, "no place among the words"),
        ("a -b", 2, "write NOT"),
        ("b a%b", 2, "means nothing"),
        ("a w/ 5 b", 2, "looks like a distance"),
        ("a near/5 b", 2, "looks like a distance"),
        ("a /5 b", 2, "looks like a distance"),
        ("a w/5jahre", 2, "looks like a distance"),
        ("a & b", 2, "in quotes"),
        ("a || b", 2, "write OR"),
        ("5 %", 2, "5 finds 5 %"),
        ("a w/s b", 2, "looks like a distance"),
        ("id:\udcff", 3, "no character"),
        ("b~ %a", 3, "at least 4 characters"),
        ("%%pumpen", 0, "at least 7 characters"),
        ("%%%garantie", 0, "single word"),
        ("%po-20", 0, "single word"),
        ("amount:viel", 0, "asked for like"),
        ("amount:5..3", 0, "asked for like"),
        ("lang:xx", 0, "takes one of"),
        ("matter:…", 0, "a number like M-1"),
        ("a vertrag|garantie", 2, "write OR between"),
        ("id:m*", 0, "takes a whole id"),
        ("a amount:12 TEUR", 12, "belong to the amount"),
        ("…", 0, "no letter"),
        ("a *", 2, "at least two letters"),
        ("a subject:x", 2, "no field 'subject'"),
        ("from:", 0, "directly after the colon"),
        ("from: anna", 0, "directly after the colon"),
        ("has:money", 0, "takes one of attachment"),
        ("kind:x", 0, "takes one of"),
        ("edited:maybe", 0, "yes or no"),
        ("on:2021-02-30", 0, "no such date"),
        ("on:00.01.2024", 0, "no such date"),
        ("before:2024-00", 0, "no such date"),
        ("on:gestern", 0, "a date is"),
        ("(" * 60 + "a" + ")" * 60, 50, "deep"),
    ],
)
def test_what_is_refused_and_where(text: str, column: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert caught.value.column == column
    lines = str(caught.value).splitlines()
    assert lines[2].index("^") - 2 == column
    assert isinstance(caught.value, UsageError)


def test_an_unknown_field_names_the_fields() -> None:
    with pytest.raises(
        QueryError, match=r"allowed: from: to: with: .* matter: hold: statement: .* before: after: on:"
    ):
        parse("subject:x")


def test_before_on_and_after_meet_without_a_gap_in_any_zone() -> None:
    for zone in (UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")):
        for date in ("2021-03-28", "2021-10-31", "2021-12", "2024-02-29", "2021", "9998"):
            before, on, after = (
                parse(f"{name}:{date}", zone=zone).node for name in ("before", "on", "after")
            )
            assert isinstance(on, Period)
            assert before == Period(None, on.start)
            assert after == Period(on.end, None)
    berlin = parse("on:2021-03-28", zone=ZoneInfo("Europe/Berlin")).node
    assert berlin == Period(
        int(datetime(2021, 3, 27, 23, tzinfo=UTC).timestamp()),
        int(datetime(2021, 3, 28, 22, tzinfo=UTC).timestamp()),
    )
