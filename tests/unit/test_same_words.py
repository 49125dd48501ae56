"""Which items are one message: the clock of another phone, and the "ok" of somebody else."""

import pytest

from archive.services.same_words import Sayings, version_of
from schemas.item import Actor, Attachment, Edited, Key, Target, TimeStamp
from tests.ledger_kit import item_of

MINE, THEIRS = (Key(channel="test", scope="", id=name) for name in ("mine", "theirs"))


def at(seconds: int) -> TimeStamp:
    utc = f"2025-02-03T09:{15 + seconds // 60}:{seconds % 60:02}Z"
    return TimeStamp(written=utc, utc=utc)


@pytest.mark.parametrize(
    ("via", "seconds", "author", "same"),
    [(THEIRS, 2, "Bo", True), (THEIRS, 60, "Anna", True), (THEIRS, 61, "Anna", False),
     (MINE, 0, "Anna", True), (MINE, 0, "Bo", False), (MINE, 1, "Anna", False)],
)  # fmt: skip
def test_another_view_may_differ_by_a_minute_and_the_same_one_by_nothing(
    via: Key, seconds: int, author: str, same: bool
) -> None:
    said = Sayings()
    said.add(7, item_of("Ok", via=MINE, time=at(59), author=Actor(written="Anna")))
    other = item_of("ok", via=via, time=at(59 + seconds), author=Actor(written=author))
    assert said.copies(other) == ({7} if same else set())
    assert said.copies(item_of("ok", via=via)) == set(), "at no known time"


def test_a_picture_without_words_is_known_by_its_bytes() -> None:
    said = Sayings()
    files = (Attachment(state="present", sha256="a" * 64),)
    said.add(7, item_of("", via=MINE, time=at(0), attachments=files))
    assert said.copies(item_of("", via=THEIRS, time=at(1), attachments=files)) == {7}
    assert said.copies(item_of("", via=THEIRS, time=at(1))) == set()


def test_an_edit_is_a_version_of_what_it_names_and_an_answer_of_nothing() -> None:
    of = Target(relation="of", key=MINE)
    assert version_of(item_of("neu", event="edited", targets=(of,))) == MINE
    reaction = item_of("", event="reacted", targets=(of,))
    assert version_of(reaction) == reaction.key
    alone = item_of("neu", event="edited")
    assert version_of(alone) == alone.key
    assert version_of(item_of("neu", edited=Edited(), targets=(of,))) == MINE, "on X an edit is a post"
    plain = item_of("dazu", targets=(of,))
    assert version_of(plain) == plain.key


def test_a_phone_and_the_business_interface_show_one_message() -> None:
    said = Sayings()
    for number, channel in enumerate(("whatsapp", "slack")):
        said.add(number, item_of("481516", via=MINE, time=at(0), key=Key(channel=channel, scope="", id="1")))
    business = Key(channel="whatsapp-business", scope="", id="2")
    assert said.copies(item_of("481516", via=THEIRS, time=at(1), key=business)) == {0}
