"""The matcher and the highlighter on single documents."""

import pytest

from archive.query.document import Document, document, seconds
from archive.query.grammar import parse
from archive.query.match import document_spans, matches, spans
from archive.query.plan import Query
from archive.query.together import together
from schemas.item import Deleted, Edited
from tests.entries import account, entry, item


def made(**fields: object) -> Document:
    found = document(entry(7, item(**fields)))  # type: ignore[arg-type]
    assert found
    return found


def marked(query: str, text: str) -> list[str]:
    return [text[start:end] for start, end in spans(parse(query), text)]


def test_what_is_no_item_is_no_document() -> None:
    assert document(entry(0, account("a"))) is None
    assert document(entry(0, None)) is None


def test_regions_say_which_characters_belong_to_which_field() -> None:
    found = made(text="Gut so", title="AW: Pumpe", files=["a.jpg", "b.pdf"])
    assert [(r.field, found.text[r.start : r.end]) for r in found.regions] == [
        ("title", "AW: Pumpe"),
        ("text", "Gut so"),
        ("attachment", "a.jpg"),
        ("attachment", "b.pdf"),
    ]


def test_what_an_item_says_of_its_own_fate() -> None:
    told = made(text="a", edited=Edited())
    event = made(text="a", event="edited", edited=Edited())
    gone = made(text=None, event="deleted", deleted=Deleted(by="author"))
    for query, right, wrong in (
        ("edited:yes", (told, event), (gone, made(text="a"))),
        ("edited:no", (gone, made(text="a")), (told, event)),
        ("deleted:yes", (gone,), (told, made(text="a"))),
        ("deleted:no", (told, made(text="a")), (gone,)),
        ("kind:deleted", (gone,), (event,)),
    ):
        assert all(matches(parse(query), one) for one in right), query
        assert not any(matches(parse(query), one) for one in wrong), query


def test_phrases_and_nearness_stay_inside_a_part() -> None:
    found = made(text="gut so", title="Pumpe", files=["vertrag.pdf"], author="Anna Weber", to=["Karl May"])
    for query in ("pumpe gut", '"gut so"', 'from:"anna weber"', "vertrag"):
        assert matches(parse(query), found)
    for query in ('"pumpe gut"', "pumpe w/9 gut", "so w/9 vertrag", 'with:"weber karl"', 'from:"weber anna"'):
        assert not matches(parse(query), found)


@pytest.mark.parametrize(
    ("query", "found", "not_found"),
    [
        ("K80", ["Der K 80 kommt", "K-80!", "K80/2", "k⏎80"], ["K 800", "K, 8 und 80", "AK80"]),
        (
            "DE89370400440532013000",
            ["IBAN DE89 3704 0044 0532 0130 00, 30 Tage", "DE89370400440532013000"],
            ["DE89 3704 0044 0532 0130 01", "DE89 3704 0044 0532 0130"],
        ),
        (
            "0171-2345678",
            ["0171 234 56 78", "mobil: (0171) 2345678", "01712345678"],
            ["0171 und 2345678", "017123456789"],
        ),
        ("08912345678", ["+49 (0)89 / 123 456-78"], ["+49 89 123 456-78"]),
        ("AB-123.45-X", ["AB123.45X", "ab 12345 x"], ["AB-123.45-Y"]),
        ("PO-2024/117-B w/3 rechnung", ["Rechnung zu PO 2024/117B"], ["Rechnung zu PO 2024/117"]),
        ("400V", ["400 V", "400V~"], ["400", "3x400V"]),
        ('"K 80"', ["der K-80"], ["K80"]),
        ("15000", ["15000 Stück"], ["150,00 €"]),
        ("150,00", ["150,00 €"], ["15.000 €"]),
        (
            "10000 w/1 Stunden",
            ["10.000 Stunden", "10'000 Stunden", "10\u202f000 Stunden"],
            ["110.000 Stunden", "9.10.000 Stunden"],
        ),
        (
            "10.000",
            ["10000 h", "10.000 h", "EUR10.000,00"],
            ["10 und 000", "10.0000"],
        ),
        ("1250000", ["1.250.000 kg", "1,250,000.50", "1250000"], ["1.250.0000", "01.250.000.1"]),
        ("1250", ["ca. 1,250.50", "1.250 kg"], ["12.50", "1.2500"]),
    ],
)
def test_a_number_is_found_in_whatever_groups_it_is_written(
    query: str, found: list[str], not_found: list[str]
) -> None:
    asked = parse(query)
    for text in (one.replace("⏎", "\n") for one in found):
        assert matches(asked, made(text=text)), text
        assert spans(asked, text), text
    for text in not_found:
        assert not matches(asked, made(text=text)), text
        assert not spans(asked, text), text


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        (
            "Der Wartungs-Vertrag für die Kfz-Flotte über 10.000,50 Euro",
            [
                '"Kfz-Flotte über 10.000,50"',
                '"Kfzflotte über 10.000,50 Euro"',
                '"10.000,50 Euro" w/9 wartungsvertrag',
                "kfz w/3 10000",
                "wartungsvertrag w/9 10000",
            ],
        ),
        (
            "Garantie 5Jahre bis 10.000 Stunden",
            ['"5 Jahre bis 10.000"', '"5Jahre bis 10000"', "jahre w/2 10000"],
        ),
        ("Gewähr-⏎leistung je Kfz-Flotte und 1.000 km", ['"Gewährleistung je Kfz-Flotte und 1000"']),
        ("von USLieferant, DHLPaket", ["lieferant", "USLieferant", "us w/1 lieferanten", "paket", "dhl"]),
        ("als eRechnung", ["rechnung", "eRechnung", "e-rechnung", "erechnung", "rechnungen"]),
    ],
)
def test_readings_of_hyphens_and_of_thousands_stand_beside_each_other(text: str, queries: list[str]) -> None:
    found = made(text=text.replace("⏎", "\n"))
    for query in queries:
        assert matches(parse(query), found), query
        assert spans(parse(query), found.text), query


def test_a_telephone_number_in_a_field_is_found_in_whatever_groups_it_is_typed() -> None:
    written, grouped = made(author="01712345678"), made(author="0171 234 56 78")
    for query in ("from:01712345678", 'from:"0171 2345678"', 'with:"0171 / 234 56 78"', "from:0171-2345678"):
        assert matches(parse(query), written), query
        assert matches(parse(query), grouped), query
    assert not matches(parse('from:"0171 2345679"'), written)


def test_a_number_typed_in_groups_is_told_together() -> None:
    def codes(query: str) -> list[str]:
        return [code for code, _ in together(parse(query).node)]

    assert codes("K 80") == codes('"K 80"') == codes("channel:email K 80") == ["k80"]
    assert codes("0171 2345678 garantie") == codes("(0171 2345678) OR x") == ["01712345678"]
    assert codes("K 80 2024") == ["k80", "k802024"]
    for words in (
        "24 monate",
        "15 000",
        "garantie für",
        "NOT (K 80)",
        "K OR 80",
        "K80",
        '"ab in"',
        " 1234" * 9,
    ):
        assert codes(words) == [], words
    wider = dict(together(parse("pumpe K 80 defekt").node))["k80"]
    for text, right in (("Pumpe K80 defekt", True), ("Pumpe 80 K defekt", True), ("Pumpe K80", False)):
        assert matches(Query("", wider), made(text=text)) == right, text


def test_a_single_chinese_character_beside_something_else_is_found_as_written() -> None:
    text = "保証期間は5年です。今年3月、A株"
    for query in ("5年", '"5年"', "年3", "年", '"A株"', "は5年で"):
        assert matches(parse(query), made(text=text)), query
        assert spans(parse(query), text), query
    for query in ("5月", '"3年"', '"年5"'):
        assert not matches(parse(query), made(text=text)), query


def test_a_telephone_number_finds_its_author() -> None:
    for author in ("+49 171 2345678", "+49 171/234-5678", "491712345678"):
        assert matches(parse("from:+491712345678"), made(text="a", author=author))
    assert not matches(parse('from:"+491712345678"'), made(text="a", author="+49 171 2345678"))


def test_a_word_that_can_be_cut_in_two_ways_has_its_place_in_the_text() -> None:
    mail = "Wir geben 5Jahre volle Gewähr-\nleistung. Ob das so bleibt, sagt uns bis morgen der Wartungs-Vertrag."
    found = made(text=mail)
    for query in (
        "gewährleistung w/3 jahre", '"volle gewährleistung"', '"5 jahre"', "wartungsvertrag", "wartungs-vertrag",
        '"volle gewähr leistung"', "morgen w/2 wartungsvertrag", "5jahre",
    ):  # fmt: skip
        assert matches(parse(query), found), query
        assert spans(parse(query), mail) == document_spans(parse(query), found) != []
    for query in ("gewährleistung w/2 wartungsvertrag", '"gewährleistung wartungsvertrag"'):
        assert not matches(parse(query), found), query
    assert matches(parse("wartungs-vertrag"), made(text="der Wartungsvertrag"))
    assert not matches(parse('"wartungs-vertrag"'), made(text="der Wartungsvertrag"))
    assert marked("jahre w/3 gewährleistung", mail) == ["Jahre", "Gewähr-\nleistung"]


def test_a_sentence_of_a_contract_is_found_though_lines_broke_some_of_its_words() -> None:
    found = made(text="Die Kfz-Versicherung und die Gewähr-\nleistung gelten, Rechnung RE2024-17.")
    for query in (
        '"Kfz-Versicherung" w/10 gewährleistung', '"die kfz-versicherung und die gewährleistung gelten"',
        "kfzversicherung w/4 gewährleistung", "RE-2024-17", '"re 2024 17"', "RE2024-17", '"RE2024-17"',
    ):  # fmt: skip
        assert matches(parse(query), found), query
    assert matches(parse("RE2024-17"), made(text="Rechnung RE-2024-17"))


def test_an_unknown_time_is_neither_before_nor_after() -> None:
    found = made(text="x")
    for query in ("before:2100", "after:1900", "on:2021"):
        assert not matches(parse(query), found)
    assert matches(parse("NOT before:2100"), found)


def test_filters_narrow() -> None:
    query = parse("gut").narrowed(parse("channel:email").node)
    assert matches(query, made(text="gut", channel="email"))
    assert not matches(query, made(text="gut"))


def test_what_was_found_is_marked_in_the_text_as_written() -> None:
    text = "Die Herstellergarantie (fünf Jahre) – Garantien: „zugesagt“ 👍🏽 @max"
    assert marked("garantie", text) == ["Herstellergarantie", "Garantien"]
    assert marked('"fünf jahre" zusage 👍 @max', text) == ["fünf Jahre", "zugesagt", "👍", "@max"]
    assert marked("NOT garantie", text) == []
    assert marked("from:die before:2021 nirgends", text) == []
    assert marked("garantie w/2 jahre", text) == ["Herstellergarantie", "Jahre", "Garantien"]
    assert marked("(fünf w/1 jahre) w/1 garantie", text) == [
        "Herstellergarantie",
        "fünf",
        "Jahre",
        "Garantien",
    ]
    assert marked("garant* *garantie", text) == ["Herstellergarantie", "Garantien"]


def test_marks_keep_parts_apart() -> None:
    found = made(text="fünf Jahre", title="fünf", files=["Jahre.pdf"])
    assert document_spans(parse('"fünf jahre"'), found) == [(5, 15)]


def test_seconds() -> None:
    assert seconds("1970-01-01T00:00:00Z") == 0
    assert seconds("1969-12-31T23:59:59.999Z") == -1
    assert seconds("2021-02-31T00:00:00Z") is None
    assert seconds("0001-01-01T00:00:00Z") == -62135596800
