"""The rules of the analyser, by example."""

from time import process_time

import pytest

from archive.query.analysis import sigils, terms, tokens
from archive.query.otherwise import otherwise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Garantie für fünf Jahre", "garantie fuer fuenf jahre"),
        ("STRASSE Straße GROẞ", "strasse strasse gross"),
        ("Mu\u0308ller MÜLLER Müller Mueller", "mueller mueller mueller mueller"),
        ("Café Ærø Łódź İzmir ı", "cafe aero lodz izmir i"),
        ("PO-2024/117-B", "po 2024 117 b"),
        ("12.03.2021 10:30 1.500,00 €", "12 03 2021 10 30 1 500 00 €"),
        ("§ 437 BGB, $5, 100€", "§ 437 bgb $ 5 100 €"),
        ("Gewähr\u00adleistung", "gewaehrleistung"),
        ("Gar\u2060an\ufefftie", "garantie"),
        ("user_name x@firma.de", "user name x firma de"),
        ("ja👍🏽nein ❤️ 👩‍⚕️ 🇩🇪🇫🇷", "ja 👍 nein ❤ 👩 ⚕ 🇩🇪 🇫🇷"),
        ("株式会社 字 한국어 カタ", "株式 式会 会社 字 한국 국어 カタ"),
        ("ガ ｶﾞ", "ガ ガ"),
        ("مُحَمَّد ٣ שָׁלוֹם", "محمد 3 שלום"),
        ("ﬁnden ＡＢＣ m²", "finden abc m2"),
        ("don't", "don t"),
        ("…—!?", ""),
    ],
)
def test_terms(text: str, expected: str) -> None:
    assert terms(text) == expected.split()


def test_long_words_are_cut_and_nothing_is_lost() -> None:
    assert "".join(terms("x" * 150 + "é")) == "x" * 150 + "e"
    assert [len(term) for term in terms("x" * 150)] == [64, 64, 22]


def test_offsets_point_into_the_text() -> None:
    text = "Die Mu\u0308ller-Straße 👍🏽, 株式会社!"
    assert [(t.term, text[t.start : t.end]) for t in tokens(text)] == [
        ("die", "Die"),
        ("mueller", "Mu\u0308ller"),
        ("strasse", "Straße"),
        ("👍", "👍"),
        ("株式", "株式"),
        ("式会", "式会"),
        ("会社", "会社"),
    ]


def test_names_and_tags() -> None:
    text = "Danke @Max_Müller.weber, #Zusage! an a@b.de"
    assert [(s.term, text[s.start : s.end]) for s in sigils(text)] == [
        ("@max_mueller", "@Max_Müller"),
        ("@max_mueller.weber", "@Max_Müller.weber"),
        ("#zusage", "#Zusage"),
    ]


@pytest.mark.parametrize(
    ("text", "also"),
    [
        ("die Gewähr-\nleistung gilt", "die gewaehrleistung gilt"),
        ("GEWÄHR-\nLEISTUNG, Gewähr\u00ad\r\nleistung", "gewaehrleistung gewaehrleistung"),
        ("Rind\u2010 \r\n   fleisch, Ende-\n\nspiel, Wort-\u2028art", "rindfleisch endespiel wortart"),
        ("> Liefer-\n> vertrags-\n> partner, co-\noperation", "liefervertragspartner cooperation"),
        ("Wartungs-Vertrag, E\u2011Mail an Re\u0301-Import", "wartungsvertrag email an reimport"),
        ("Gar\u200ban\u200etie 1\u200b2", "garantie 12"),
        ("5Jahre, (24Monate) 500EUR", "5 jahre 24 monate 500 eur"),
        ("RE2024-17, DN50/PN16", "re 2024 17 dn 50 pn 16"),
        ("garan\u00ac\ntieren", "garantieren"),
        ("Liefer-\nund Montagekosten", None),
        ("Liefer- und PO-2024, A4 3x 12ab34 K80, nein -\nja, 保証-期間, 5年", None),
        ("\u200eBild \u200e(1)", None),
    ],
)
def test_what_can_be_cut_in_two_ways_says_both(text: str, also: str | None) -> None:
    readings = otherwise(text)
    assert len(readings) == (also is not None)
    found = [token for reading in readings for token in reading]
    assert [token.term for token in found] == (also.split() if also else [])
    for token in found:
        shown = "".join(c for c in text[token.start : token.end] if c.isalnum() or c == "\u0301")
        assert terms(shown) == [token.term]
    assert [token.position for token in found] == list(range(len(found)))


def test_what_a_line_broke_is_whole_beside_words_with_a_hyphen_of_their_own() -> None:
    text = "Die Kfz-Versicherung und 5Jahre Gewähr-\nleistung"
    assert [" ".join(token.term for token in reading) for reading in otherwise(text)] == [
        "die kfz versicherung und 5jahre gewaehrleistung",
        "die kfzversicherung und 5 jahre gewaehrleistung",
    ]
    assert {text[last.start : last.end] for *_, last in otherwise(text)} == {"Gewähr-\nleistung"}


def test_reading_otherwise_takes_no_longer_for_hostile_texts() -> None:
    for piece in (
        "a-\n" + " " * 200_000,
        "a-" * 100_000,
        "a\u200b" * 100_000,
        "1" * 200_000,
        "ab" * 100_000,
        "-\n>" * 70_000,
    ):
        started = process_time()
        otherwise(piece)
        assert process_time() - started < 5


def test_a_ligature_of_several_words_makes_one_sigil() -> None:
    assert [sign.term for sign in sigils("@\ufdfa")] == ["@صلىاللهعليهوسلم"]
