"""Retention rules may ask for statements; holds may not, for they must not hang on a lexicon."""

import pytest

from archive.errors import QueryError
from archive.keeping.conversations import Conversations
from archive.keeping.retention import Rules
from archive.keeping.scope import ScopeTest
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


PROMISE = entry(1, item("da habt ihr 5 Jahre Garantie drauf", at="2024-05-14T08:00:00Z"))
IDIOM = entry(2, item("garantiert wieder so ein Montag", at="2024-05-14T08:00:00Z"))
REFUSED = entry(3, item("darauf geben wir keine Garantie", at="2024-05-14T08:00:00Z"))


def test_a_rule_by_statement_kind_judges_items_by_their_own_words() -> None:
    assert [rules("statement:warranty").classes(one) for one in (PROMISE, IDIOM, REFUSED)] == [
        {"promise"}, set(), {"promise"},
    ]  # fmt: skip
    assert [bool(rules("statement:warranty/promised").classes(one)) for one in (PROMISE, IDIOM, REFUSED)] == [
        True, False, False,
    ]  # fmt: skip
    assert rules("statement:any OR montag").classes(IDIOM) == {"promise"}
    assert rules("statement:any jahre").classes(REFUSED) == set()


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(QueryError):
        rules("statement:warrant")
    with pytest.raises(QueryError):
        rules("matter:M-1")


def test_a_hold_may_not_ask() -> None:
    with pytest.raises(QueryError):
        ScopeTest(Scope(query="statement:warranty"), {}, Conversations())
