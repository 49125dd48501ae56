"""Retention rules may ask for statements; holds may not, for they must not hang on a lexicon."""

from zoneinfo import ZoneInfo

import pytest

from archive.errors import QueryError
from archive.keeping.conversations import Conversations
from archive.keeping.retention import Rules
from archive.keeping.scope import ScopeTest
from schemas.entry import Entry
from schemas.keeping import Policy, RetentionClass, RetentionRule
from schemas.matter import Scope
from tests.entries import entry, item


def rules(query: str) -> Rules:
    kept = RetentionClass(name="promise", years=10)
    return Rules(
        Policy(
            classes=(kept,), rules=(RetentionRule(name="promise", query=query),), reason="works agreement"
        ),
        {},
        Conversations(),
    )


def classes(query: str, judged: Entry) -> set[str]:
    """The classes that a rule with this query gives to an item."""
    return {kept.name for kept, _ in rules(query).terms(judged, ZoneInfo("UTC"))}


PROMISE = entry(1, item("da habt ihr 5 Jahre Garantie drauf", at="2024-05-14T08:00:00Z"))
IDIOM = entry(2, item("garantiert wieder so ein Montag", at="2024-05-14T08:00:00Z"))
REFUSED = entry(3, item("darauf geben wir keine Garantie", at="2024-05-14T08:00:00Z"))


def test_a_rule_by_statement_kind_judges_items_by_their_own_words() -> None:
    assert [classes("statement:warranty", one) for one in (PROMISE, IDIOM, REFUSED)] == [
        {"promise"}, set(), {"promise"},
    ]  # fmt: skip
    assert [bool(classes("statement:warranty/promised", one)) for one in (PROMISE, IDIOM, REFUSED)] == [
        True, False, False,
    ]  # fmt: skip
    assert classes("statement:any OR montag", IDIOM) == {"promise"}
    assert classes("statement:any jahre", REFUSED) == set()


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(QueryError):
        rules("statement:warrant")
    with pytest.raises(QueryError):
        rules("matter:M-1")


def test_a_hold_may_not_ask() -> None:
    with pytest.raises(QueryError):
        ScopeTest(Scope(query="statement:warranty"), {}, Conversations())
