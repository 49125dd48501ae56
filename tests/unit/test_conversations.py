"""Who is reached by a hold on somebody: what was said to them, also where nobody wrote down to whom."""

from typing import Any

import pytest

from archive.core.payloads import to_payload
from archive.keeping.conversations import Conversations
from archive.keeping.held import HoldTest
from archive.keeping.scope import ScopeTest
from schemas.item import Account, Actor, Item, Reaction, Recipient, Target, Thread
from schemas.matter import Hold, Party, PartyAccount, Scope
from tests.entries import SEALED, account, actor, entry, item, key, thread

PETRA = Party(id="Y-1", name="Petra Kern", accounts=(PartyAccount(account=key("petra")),))
FACETS = ("time", "author", "recipients", "targets", "reactions")


def archive(*bodies: Item | Thread | Account) -> Conversations:
    """Who talks where, in an archive of these, which are numbered from 1."""
    made = Conversations()
    for index, body in enumerate(bodies, 1):
        values = to_payload(body).values
        if isinstance(body, Item):
            made.take_item(index, SEALED + index, dict.fromkeys(FACETS) | values)
        elif isinstance(body, Thread):
            made.take_thread(values["extra"])
        else:
            made.take_account(values["extra"])
    return made


def held(judged: Item, *bodies: Item | Thread | Account, **scope: Any) -> bool:
    """Say whether a hold keeps an item in an archive of it and of these."""
    hold = Hold(
        id="H-1", matter="M-1", reason="claim", review="2030-01-01", placed="2024-01-01T00:00:00Z",
        scope=Scope(**(scope or {"parties": ("Y-1",)})),
    )  # fmt: skip
    return HoldTest(hold, 9, {"Y-1": [PETRA]}, archive(judged, *bodies)).keeps(entry(1, judged))


SAID = item("Wir liefern bis Freitag", author="Anna", id="1")
ANSWER = item("Danke", author="Petra", id="2")


def place(kind: str, chat: str = "chat-1") -> Thread:
    return thread(chat).model_copy(update={"kind": kind})


def test_what_others_say_where_a_party_talks_is_held() -> None:
    assert held(SAID, ANSWER)
    assert not held(SAID, item("Danke", author="Petra", id="2", chat="chat-2"))
    assert not held(SAID, item("Danke", author="Petrax", id="2"))


def test_an_account_reaches_as_far_as_a_party() -> None:
    assert held(SAID, ANSWER, accounts=("PETRA",))
    assert held(SAID, ANSWER, accounts=("whatsapp:petra",))
    assert not held(SAID, ANSWER, accounts=("bob",))
    assert not held(SAID, ANSWER, accounts=("petra",), channels=("signal",))


@pytest.mark.parametrize(
    "other",
    [
        item("Hallo", author="Bob", id="3", to=("Petra",)),
        item("Hallo", author="Bob", id="3", reactions=(Reaction(value="👍", actors=(actor("Petra"),)),)),
        thread("chat-1").model_copy(update={"participants": (Actor(account=key("petra")),)}),
        thread("chat-1", "Petra  KERN"),
    ],
    ids=["addressed", "reacted", "member", "title"],
)
def test_who_never_wrote_may_be_there_all_the_same(other: Item | Thread) -> None:
    assert held(SAID, other)


def test_a_chat_whose_id_is_an_account_is_with_it() -> None:
    assert held(item("Wir liefern", author="Anna", chat="petra"))


@pytest.mark.parametrize("kind", ["wall", "location", "feed", "mailbox", "folder"])
def test_who_stands_beside_others_does_not_talk_with_them(kind: str) -> None:
    assert not held(SAID, ANSWER, place(kind))
    assert held(SAID, ANSWER, place("group")), "a conversation"
    assert held(SAID, ANSWER, place(kind), place("group")), "two views that contradict each other"


def of(id_: str, relation: Any = "reply") -> tuple[Target, ...]:
    return (Target(relation=relation, key=key(id_)),)


@pytest.mark.parametrize(
    ("said", "answered"),
    [({"targets": of("2")}, {}), ({}, {"targets": of("1")}), ({"targets": of("0")}, {"targets": of("0")}),
     ({}, {"event": "reacted", "targets": of("1", "of")}),
     ({"targets": (Target(relation="reply", written_id="2"),)}, {})],
    ids=["answers them", "they answered", "same thing", "they reacted", "by its id alone"],
)  # fmt: skip
def test_answers_are_conversations_in_every_place(said: dict[str, Any], answered: dict[str, Any]) -> None:
    ours, theirs = SAID.model_copy(update=said), ANSWER.model_copy(update=answered)
    assert held(ours, theirs, place("wall"))
    assert not held(ours, theirs.model_copy(update={"author": actor("Bob")}), place("wall"))


def test_mail_goes_to_whom_it_names() -> None:
    mail = SAID.model_copy(update={"form": "mail"})
    assert held(mail, ANSWER), "nobody is named: who knows whom it went to"
    bob = mail.model_copy(update={"recipients": (Recipient(role="to", actor=actor("Bob")),)})
    assert not held(bob, ANSWER)
    mentioned = mail.model_copy(update={"recipients": (Recipient(role="mentioned", actor=actor("Bob")),)})
    assert held(mentioned, ANSWER)


def test_a_name_too_long_to_stand_in_the_record_stops_nothing() -> None:
    crowd = tuple(actor(f"{number} {'n' * 5000}") for number in range(900))
    crowded = item("x", author="Petra", id="3", reactions=(Reaction(value="x", actors=crowd),))
    assert "overflow" in str(to_payload(crowded).values)
    assert held(SAID, crowded)


HELLO = item("Guten Morgen", author="Petra", id="0", at="2017-02-03T08:00:00Z")
PROMISE = item("Fünf Jahre Garantie", author="Anna", id="1", at="2023-05-04T08:00:00Z")
OF_2023 = {"parties": ("Y-1",), "start": "2023-01-01"}


@pytest.mark.parametrize("scope", [OF_2023, {"parties": ("Y-1",), "query": "garantie"}])
def test_what_alone_shows_who_is_there_is_kept_too(scope: dict[str, Any]) -> None:
    assert held(PROMISE, HELLO, **scope)
    assert held(HELLO, PROMISE, **scope), "without it the promise would be held no more"
    assert not held(HELLO, thread("chat-1").model_copy(update={"participants": (actor("Petra"),)}), **scope)
    assert not held(HELLO, PROMISE, **scope, channels=("signal",))
    assert not held(HELLO, PROMISE, **scope, items=(2,))


def test_the_first_of_two_shows_it() -> None:
    hold = Hold(
        id="H-1", matter="M-1", reason="claim", review="2030-01-01", placed="2024-01-01T00:00:00Z",
        scope=Scope(parties=("Y-1",), query="garantie"),
    )  # fmt: skip
    test = HoldTest(hold, 9, {"Y-1": [PETRA]}, archive(HELLO, HELLO, PROMISE))
    assert [test.keeps(entry(index, body)) for index, body in enumerate((HELLO, HELLO, PROMISE), 1)] == [
        True, False, True,
    ]  # fmt: skip
    assert not test.wants(entry(1, HELLO))


def test_on_a_wall_what_was_answered_shows_it() -> None:
    answer = PROMISE.model_copy(update={"targets": of("0")})
    assert held(HELLO, answer, place("wall"), **OF_2023)
    assert not held(HELLO, PROMISE, place("wall"), **OF_2023), "nothing hangs on it"


def test_an_account_has_every_name_that_was_ever_told_of_it() -> None:
    told = account("petra", "Lang, Petra").model_copy(
        update={"address": "petra@pumpen.example", "handle": "pl"}
    )
    for name in ("lang, petra", "petra@pumpen.example", "PL"):
        assert not held(SAID, ANSWER, accounts=(name,))
        assert held(SAID, ANSWER, told, accounts=(name,)), name
    renamed = item("Hallo", author=Actor(account=key("petra"), written="P. Kern"), id="7", chat="chat-7")
    assert held(SAID, ANSWER, renamed, accounts=("p. kern",))
    mails = [one.model_copy(update={"form": "mail"}) for one in (ANSWER, renamed)]
    assert not held(SAID, *mails, accounts=("p. kern",)), "many write through one address"


@pytest.mark.parametrize(
    ("written", "asked"),
    [("+49 170 1234567", "+491701234567"), ("491701234567", "0049 (170) 123-4567"), ("petra", "@Petra"),
     ("@petra", "petra"), ("Müller Jörg", "mueller joerg"), ("Rene Gross", "René Groß"),
     ("+49\u00a0170\u00a01234567", "whatsapp:+49 170 1234567")],
)  # fmt: skip
def test_an_account_is_one_however_programs_write_it(written: str, asked: str) -> None:
    who = Actor(account=key(written))
    assert held(SAID, item("Danke", author=who, id="2"), accounts=(asked,))
    assert held(item("Danke", author=who, id="2"), accounts=(asked,))
    assert not held(SAID, item("Danke", author=who, id="2"), accounts=(f"{asked}8",))
    party = Party(
        id="Y-1", name="Die Gegenseite", accounts=(PartyAccount(account=key(asked.rpartition(":")[2])),)
    )
    assert ScopeTest(Scope(parties=("Y-1",)), {"Y-1": [party]}, archive()).may_mean(account(written))


def test_what_alone_shows_how_an_account_is_called_is_kept_too() -> None:
    lang, müller = (Actor(account=key("petra"), written=name) for name in ("Petra Lang", "Petra Müller"))
    bodies = [
        item("Guten Morgen", author=lang, id="0", at="2017-02-03T08:00:00Z"),
        item("Wir sind da", author=müller, id="1", at="2018-02-03T08:00:00Z"),
        item("Bis morgen", author=müller, id="2", at="2018-02-04T08:00:00Z"),
        item("Fünf Jahre Garantie", author=lang, id="3", at="2023-05-04T08:00:00Z", chat="chat-2"),
    ]

    def kept(name: str, *told: Account) -> list[bool]:
        hold = Hold(
            id="H-1", matter="M-1", reason="claim", review="2030-01-01", placed="2024-01-01T00:00:00Z",
            scope=Scope(accounts=(name,), start="2023-01-01"),
        )  # fmt: skip
        test = HoldTest(hold, 9, {}, archive(*bodies, *told))
        return [test.keeps(entry(index, body)) for index, body in enumerate(bodies, 1)]

    assert kept("Petra Müller") == [True, True, False, True], (
        "without the second, nobody is called so any more"
    )
    assert kept("petra") == [True, False, False, True], "the id stands on each"
    assert kept("Petra Müller", account("petra", "Petra Müller")) == [True, False, False, True]


def test_whose_view_it_is_takes_part() -> None:
    seen = item("Hallo", author="Bob", id="3", via="petra")
    assert held(SAID, seen), "the same group, as another account shows it"
    assert not held(SAID, seen, place("feed"))
    assert not held(SAID, item("Hallo", author="Bob", id="3", via="unknown"), accounts=("unknown",))
