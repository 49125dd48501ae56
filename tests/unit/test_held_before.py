"""Holds on a conversation that an older version of its reader called otherwise."""

from typing import Any

from archive.keeping.before import Before
from archive.query.document import document
from archive.reading.units import Former, UnitRead
from schemas.item import READ_AGAIN_BY, THREAD_BEFORE, Item, Target
from tests.entries import entry, item, key
from tests.unit.test_conversations import held


def then(words: str, chat: str = "messages", **said: Any) -> Item:
    return item(words, chat=chat, parser="reader/1", **said)


def now(words: str, chat: str, *told: tuple[str, str], **said: Any) -> Item:
    return item(words, chat=chat, parser="reader/2", extra=((THREAD_BEFORE, "messages"), *told), **said)


OLD = then("Zugesagt", id="1", author="Petra")
LATER = now("Bestätigt", "talk-1", id="2", author="Anna")
OTHER = now("Anderes", "talk-2", id="3", author="Anna")
ANEW = now(
    "Zugesagt", "talk-2", (READ_AGAIN_BY, "reader/2"), id="1", author="Petra",
    targets=(Target(relation="of", key=key("1"), present="yes"),),
)  # fmt: skip


def test_a_hold_on_the_name_of_then_keeps_what_is_said_later() -> None:
    for one in (LATER, OTHER):
        assert held(one, OLD, threads=("messages",)), "which of the two was meant nobody can say"
        assert not held(one, OLD, threads=("posts",))


def test_a_hold_on_the_name_of_now_keeps_what_was_said_before() -> None:
    assert held(OLD, LATER, threads=("talk-1",))
    assert not held(OTHER, LATER, threads=("talk-1",)), "what is read now lies where it lies"
    assert not held(then("Öffentlich", "room", id="9"), LATER, threads=("talk-1",))
    as_now = item("Im Raum", chat="messages", parser="reader/2", id="9")
    assert not held(as_now, LATER, threads=("talk-1",)), "the newer reader calls others so still"


def test_a_column_of_that_name_in_an_export_ends_no_hold() -> None:
    told = then("Zugesagt", id="1", extra=((THREAD_BEFORE, "elsewhere"),))
    assert held(told, LATER, threads=("talk-1",))
    assert held(told, LATER, threads=("elsewhere",)), "in doubt"


def test_what_was_read_again_lies_where_it_was_read() -> None:
    assert held(OLD, LATER, ANEW, threads=("talk-2",))
    assert not held(OLD, LATER, ANEW, threads=("talk-1",))
    assert held(then("Andere Worte", id="1", author="Petra"), LATER, ANEW, threads=("talk-1",)), "another one"


def test_who_talked_there_then_is_reached_there_now() -> None:
    assert held(LATER, OLD)
    assert not held(LATER, now("Ja", "talk-2", id="4", author="Petra")), "another conversation of now"
    assert held(OLD, now("Ja", "talk-2", id="4", author="Anna"), accounts=("petra",))


def test_a_search_finds_a_conversation_by_both_names() -> None:
    made = document(entry(1, LATER))
    assert made is not None
    assert made.thread == ("talk-1", "messages")


def test_a_version_that_cannot_be_read_is_the_oldest() -> None:
    before = Before()
    before.take_item({"what": {**_what(LATER), "parser": "reader/x"}, "extra": {"pairs": LATER.extra}})
    assert before.called_now(OLD) == {"messages"}
    before.take_item({"what": {**_what(LATER), "parser": "reader/3"}, "extra": {"pairs": LATER.extra}})
    assert before.called_now(OLD.model_copy(update={"parser": "reader"})) == {"messages"}


def _what(one: Item) -> dict[str, Any]:
    return {"key": one.key.model_dump(), "thread": one.thread.model_dump()}


def test_what_is_told_beside_an_item_stands_in_the_same_conversation() -> None:
    receipt, alien = now("", "talk-1", id="2r"), now("", "talk-2", id="5")
    former = {LATER.key: Former(key("2"), thread="messages")}
    unit = UnitRead("m", items=(LATER, receipt, alien), former=former)
    assert unit.threads_before() == ["messages", "messages", None]
    same = UnitRead("m", items=(OLD,), former={OLD.key: Former(key("x"), thread="messages")})
    assert same.threads_before() == [None]
