"""What goes along with a redaction, and what a rendering may still tell."""

import json
import re
from itertools import pairwise
from urllib.parse import quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import archive.redaction.folding as folding
from archive.production import Cut, Told
from archive.redaction import (
    SHORTEST,
    applied,
    blackened,
    both,
    carried,
    closed,
    folded,
    following,
    merged,
    needles,
    occurrences,
    occurs,
)
from archive.redaction.folding import MANY
from schemas.item import Actor, Attachment, Body, Item, Key, Raw, Recipient, Target, TimeStamp

SECRET = "der Rabatt beträgt 17 Prozent"


def item(text: str | None = None, **given: object) -> Item:
    values: dict[str, object] = {
        "key": Key(channel="email", scope="", id="1"), "event": "posted", "form": "mail",
        "via": Key(channel="email", scope="", id="box"), "thread": Key(channel="email", scope="", id="t"),
        "parser": "x/1", "text": text, "raw": Raw(member="", slice=b""), **given,
    }  # fmt: skip
    return Item.model_validate(values)


@pytest.mark.parametrize(
    "text",
    [
        f"Hallo, {SECRET}!",
        "> der Rabatt\n> beträgt 17\n> Prozent",
        "DER  RABATT BETRÄGT 17\u00a0PROZENT",
        "der Rabatt betra\u0308gt 17 Prozent",
        "der Ra\u200bbatt be\u00adträgt 17 Prozent",
        "der *Rabatt* beträgt _17_ Prozent",
        "der Ra**batt** beträgt ~17~ `Prozent`",
        "der 'Rabatt' beträgt (17) Pro-zent",
        "| der | Rabatt | beträgt: 17 | Prozent |",
        "der Rabatt beträgt 17Prozent",
    ],
)
def test_words_are_found_however_they_are_quoted(text: str) -> None:
    found = occurrences([folded(SECRET)], text)
    assert found
    left = blackened(text, found, "")
    assert "17" not in left
    assert folded(SECRET) not in folded(left)


@pytest.mark.parametrize(
    "text", ["Wir geben Gewähr-\nleistung darauf", "> Wir geben Gewähr\u2010 \n>> leistung darauf"]
)
def test_a_word_that_is_broken_at_the_end_of_a_line_is_found(text: str) -> None:
    words = frozenset({folded("gewährleistung darauf")})
    ((start, end),) = occurrences(words, text)
    assert (start, end) == (text.index("Gew"), len(text))
    assert occurs(words, text)
    assert occurs(frozenset({folded(text)}), "wir geben Gewährleistung darauf")
    assert not occurs(words, "Gewähr- oder Leistung darauf")


BLACK = "█"
WORDS = st.text(st.characters(exclude_characters=BLACK), max_size=40)


@given(WORDS, WORDS, WORDS.filter(bool))
@example("0-\n", "", "0-")
@example("", "a\u0308", "ä")
@example("a ", " b", "a b")
@example("", ":¼1", "1")
def test_nothing_found_is_left(before: str, after: str, word: str) -> None:
    needle = folded(word)
    text = before + word + after
    if needle and occurs([needle], text):
        assert not occurs([needle], blackened(text, occurrences([needle], text), BLACK))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda p: tuple(sorted(p)))))
def test_merged_ranges_cover_the_same(spans: list[tuple[int, int]]) -> None:
    done = merged(spans)
    assert {n for start, end in spans for n in range(start, end)} == {
        n for start, end in done for n in range(start, end)
    }
    assert all(one[1] < other[0] for one, other in pairwise(done))


def test_a_quotation_without_its_full_stop_is_one() -> None:
    words = needles(item("Nein. Das kostet 30 Prozent mehr. Danke"), Cut(frozenset({"text"}))).near
    assert occurrences(words, "du sagtest: das kostet 30 Prozent mehr, oder?") == ((12, 38),)


def test_body_and_bytes_always_go_along() -> None:
    assert closed(Cut(frozenset({"author"}))).facets == {"author", "body", "extra", "raw"}
    assert closed(Cut(spans=((0, 2),))).facets == {"text", "body", "extra", "raw"}
    assert closed(Cut()).facets == frozenset()


def test_a_span_beside_a_withheld_text_shows_nothing_of_it() -> None:
    whole, part = Cut(frozenset({"text"})), Cut(frozenset({"text"}), ((0, 2),))
    assert both(whole, part).spans == both(part, whole).spans == ()


@pytest.mark.parametrize(
    ("word", "text", "stands"),
    [
        ("er in", "die Erinnerung", False),
        ("er in", "kommt er-in", True),
        ("ja", "Ja, gern", True),
        ("17 %", "um *17*% mehr", True),
        ("17,5", "um 1,75 mehr als 175", False),
        ("17,5", "um „17,5“ mehr", True),
        ("17", "im Jahr 2017, und 170, 17,5 und 1.17", False),
        ("17", "um 17er, 17% und 17, auch 17.", True),
        ("48.500 EUR", "zahlt 48500 EUR", True),
        ("1.250,50 €", "kostet 1250.50 €, sagt er", True),
        ("48500", "zahlt 48.500 oder 48'500", True),
        ("48.500", "zahlt 148.500", False),
        ("rabatt", "der Ra-\nbatt", True),
        ("größe 3", "GROSSE 3 und Große 3", True),
        ("…", "und … so", False),
    ],
)
def test_a_short_word_is_no_part_of_two_others(word: str, text: str, *, stands: bool) -> None:
    assert occurs([folded(word)], text) is stands
    assert bool(occurrences([folded(word)], text)) is stands


def test_short_words_are_looked_for_only_where_they_are_meant() -> None:
    found = needles(item("ja"), Cut(frozenset({"text"})))
    assert (found.everywhere, found.near) == (frozenset(), {"ja"})
    assert all(len(word) >= SHORTEST for word in needles(item(SECRET), Cut(spans=((0, 29),))).everywhere)


@pytest.mark.parametrize(
    ("other", "facet"),
    [
        (item(title=SECRET), "title"),
        (item(targets=(Target(relation="reply", excerpt=SECRET),)), "targets"),
        (item(attachments=(Attachment(name=f"{SECRET}.pdf", state="missing"),)), "attachments"),
        (item(author=Actor(written=SECRET)), "author"),
        (item(recipients=(Recipient(role="to", actor=Actor(handle=SECRET)),)), "recipients"),
        (item(body=Body(type="text/html", content=f"<p>{SECRET}</p>")), "body"),
        (item(extra=(("note", SECRET),)), "extra"),
        (item(raw=Raw(member="", slice=SECRET.encode())), "raw"),
        (item(raw=Raw(member="", slice=json.dumps({"t": SECRET}).encode())), "raw"),
    ],
)  # fmt: skip
def test_what_tells_it_again_goes_along(other: Item, facet: str) -> None:
    cut = following(other, frozenset({folded(SECRET)}), 7)
    assert {facet, "raw"} <= cut.facets
    assert cut.follows == 7
    assert following(item("anderes"), frozenset({folded(SECRET)}), 7) == Cut()


def test_words_in_escapes_take_the_whole_text_along() -> None:
    words = frozenset({folded(SECRET)})
    for coded in (
        "der Ra&shy;batt betr&auml;gt&nbsp;17 Prozent",
        f"https://x.example/?q={quote_plus(SECRET)}",
    ):
        found = following(item(f"{SECRET}. Und: {coded}"), words, 7)
        assert found.facets >= {"text", "raw"}
        assert found.spans == ()
    assert following(item("R&D: 3 < 5"), words, 7) == Cut()


def test_a_rendering_is_given_nothing_that_is_withheld() -> None:
    everything = item(
        f"Also {SECRET}.", title=SECRET, author=Actor(written=SECRET), body=Body(type="text/plain", content=SECRET),
        attachments=(Attachment(name=SECRET, state="present", sha256="a" * 64),), extra=(("x", SECRET),),
        recipients=(Recipient(role="to", actor=Actor(written=SECRET)),), raw=Raw(member=SECRET, slice=SECRET.encode()),
        targets=(Target(relation="reply", excerpt=SECRET),), time=TimeStamp(written=SECRET),
    )  # fmt: skip
    names = ("title", "author", "attachments", "recipients", "targets", "time")
    cut = closed(Cut(frozenset(names), ((5, 5 + len(SECRET)),)))
    told = applied(Told(1, "", "hit", everything, open_files=(None,)), cut, "[X]")
    assert told.item.text == "Also [X]."
    assert "Rabatt" not in repr(told.item)
    assert "a" * 64 not in repr(told.item)
    assert told.open_mail is None


def test_figures_and_longer_words_of_what_is_marked_are_known_by_themselves() -> None:
    text = "Wir geben einen Sonderrabatt von 17 Prozent, wegen K80 und 48.500 EUR"
    found = needles(item(text), Cut(spans=((16, len(text)),)))
    assert found.figures == {"17", "k80", "48 500"}
    assert {"17 prozent", "48 500 eur"} <= found.near & found.short
    assert "sonderrabatt" in found.parts
    whole = needles(item(text), Cut(frozenset({"text"})))
    assert whole.figures == frozenset(), "of a whole text nobody said that each figure is the secret"
    assert {"17", "48 500"} <= whole.parts


def test_figures_are_looked_for_in_what_people_read_and_not_in_bytes() -> None:
    answer = item("ja", raw=Raw(member="", slice=b"Date: 17 March, ja"))
    assert following(answer, frozenset(), 7, frozenset({"17"})) == Cut()
    titled = item("ja", title="Um 17 mehr")
    assert "title" in following(titled, frozenset(), 7, frozenset({"17"})).facets


@pytest.mark.parametrize("before", ["AW: ", "Re: AW:", "WG: Fwd : ", "RE[2]: ", ""])
def test_a_withheld_subject_is_that_of_what_it_answers(before: str) -> None:
    found = needles(item("x", title=f"{before}Projekt Falke"), Cut(frozenset({"title"})))
    assert "projekt falke" in found.everywhere


@pytest.mark.parametrize(
    "said",
    [
        "On Mon, Mar 4, 2024 at 3:01 PM Anna wrote:", "Sent: Monday, March 4, 2024 3:01 PM", "um 3:01pm, at 3:01 p.m.",
        "am 4.3.24 um 15.01 Uhr", "am 3/4/24, 15:01", "am 4. März um 15:01 Uhr",
    ],
)  # fmt: skip
def test_a_withheld_hour_is_known_by_any_clock(said: str) -> None:
    at = TimeStamp(
        written="04.03.24, 15:01", utc="2024-03-04T14:01:00Z", precision="minute", zone="Europe/Berlin"
    )
    words = needles(item("x", time=at), Cut(frozenset({"time"}))).own
    left = blackened(said, occurrences(words, said), BLACK)
    assert not re.search(r"\d", left), left


def test_a_text_is_folded_once_however_many_words_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, real = [], folding.folded
    monkeypatch.setattr(folding, "folded", lambda text: calls.append(text) or real(text))
    assert occurrences([f"wort {n}" for n in range(1000)], "ein Satz mit Wort 7") == ((13, 19),)
    assert len(calls) == 1


@given(st.sets(st.text("ab", min_size=1, max_size=4), min_size=1), st.text("ab", max_size=30))
def test_many_words_are_found_as_few_are(words: set[str], text: str) -> None:
    some, filled = frozenset(words), frozenset(words) | {f"{n}{n}{n}{n}" for n in range(100, 100 + MANY)}
    assert occurs(filled, text) == occurs(some, text) == any(word in text for word in words)
    assert occurrences(filled, text) == occurrences(some, text)


def test_places_are_found_in_what_says_the_same_and_in_nothing_else() -> None:
    said = "Code 4711, bitte"
    assert carried([(5, 9)], said, said) == ((5, 9),)
    assert carried([(5, 9)], said, "Co\u200bde  4711, bitte") == ((7, 11),)
    assert carried([(5, 9)], said, "Code 4712, bitte") == ()


def test_a_day_in_the_name_of_a_file_and_words_in_its_address_tell_them_too() -> None:
    day = TimeStamp(written="x", utc="2024-03-04T09:00:00Z", precision="second")
    own = needles(item("ja", time=day), closed(Cut(frozenset({"time"})))).own
    photo = item(attachments=(Attachment(name="IMG-20240304-WA0001.jpg", state="missing"),))
    assert "attachments" in following(photo, own, 7).facets
    linked = item(attachments=(Attachment(url="https://x.example/Preis%204711.pdf", state="missing"),))
    assert "attachments" in following(linked, frozenset({"preis 4711"}), 7).facets


def test_the_address_of_what_is_shared_tells_words_and_a_number_none() -> None:
    words = frozenset({"ja", folded("Gewährleistung")})
    link = Target(relation="share", written_id="https://x.example/Gew%C3%A4hrleistung")
    assert "targets" in following(item("siehe", targets=(link,)), words, 7).facets
    number = Target(relation="reply", written_id="ev_ja_17")
    assert following(item("siehe", targets=(number,)), words, 7) == Cut()


def test_a_withheld_file_is_known_by_the_names_that_people_use() -> None:
    files = (
        Attachment(name="00000004-Kalkulation 4711.pdf", state="missing"),
        Attachment(name="Bild.jpg", state="missing"),
    )
    known = needles(item("x", attachments=files), closed(Cut(frozenset({"attachments"}))))
    assert {"kalkulation 4711 pdf", "kalkulation 4711"} <= known.everywhere
    assert {"bild jpg"} == known.short, "its name without the ending is an everyday word"


def test_a_raised_figure_is_no_part_of_a_number() -> None:
    assert occurs([folded("17")], "Rabatt von 17² Prozent")
    assert occurs([folded("17 m²")], "auf 17 m2 Fläche")
    assert not occurs([folded("17")], "Rabatt von 172 Prozent")
