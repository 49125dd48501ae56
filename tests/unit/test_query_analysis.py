"""The rules of the analyser, by example."""

import pytest

from archive.query.analysis import besides, broken, sigils, terms, tokens


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
    ("text", "found"),
    [
        ("die Gewähr-\nleistung", ["gewaehrleistung"]),
        ("Rind\u2010\r\n   fleisch", ["rindfleisch"]),
        ("> Liefer-\n> vertrags-\n> partner, co-\noperation", ["liefervertragspartner", "cooperation"]),
        ("Liefer-\nund Montagekosten", []),
        ("PO-\n2024, E-\nMail, nein -\nja, Ende-\n\nleer", []),
    ],
)
def test_a_word_broken_at_the_end_of_a_line_is_whole_besides(text: str, found: list[str]) -> None:
    assert [token.term for token in broken(text)] == found
    assert all(
        text[token.start].isalpha() and "\n" in text[token.start : token.end] for token in broken(text)
    )
    assert [token.position for token in besides(f"@a {text}")] == list(range(1 + len(found)))


def test_a_ligature_of_several_words_makes_one_sigil() -> None:
    assert [sign.term for sign in sigils("@\ufdfa")] == ["@صلىاللهعليهوسلم"]
