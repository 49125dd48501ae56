"""What a message states by itself is remembered; nothing may come out otherwise than if it were found anew."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.statements.finder import Finder, finder
from archive.statements.labels import read_labels
from archive.statements.model import Message, Said

SENT = datetime(2024, 5, 15, 9, 30, tzinfo=UTC)


def chat(language: str) -> Iterator[Message]:
    """One chat of all labelled messages, in which two answer each other, with a day's change in the middle."""
    file = Path(__file__).parent / f"development_{language}.jsonl"
    said: list[Said] = []
    labelled = list(read_labels(file.read_text(encoding="utf-8"), file.name))
    for number, one in enumerate(labelled):
        sender = ("me", "they", "they")[number % 3]
        sent = SENT.replace(day=15 + (number > len(labelled) // 2))
        yield replace(one.message, sender=sender, sent=sent, context=tuple(said[-3:]))
        said.append(Said(sender, one.message.text))


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_is_as_if_nothing_were_remembered(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = list(chat(language))
    words, remembers = finder().lexicon, Finder(finder().lexicon)
    found = [remembers.find(message) for message in messages]
    monkeypatch.setattr(Finder, "REMEMBERED", 0)
    forgets = Finder(words)
    assert found == [forgets.find(message) for message in messages]
    assert any(one.answers is not None for finds in found for one in finds), "something was answered"


def test_a_later_answer_does_not_change_what_was_said() -> None:
    asked = Message("Passt, machen wir so.", "they", SENT, (Said("me", "Ich biete 20 Stück zu 85 €."),))
    alone = replace(asked, context=())
    for first, second in ((asked, alone), (alone, asked)):
        made = Finder(finder().lexicon)
        by_order = {id(message): made.find(message) for message in (first, second)}
        assert [one.kind for one in by_order[id(asked)]] == ["acceptance"]
        assert by_order[id(alone)] == []
