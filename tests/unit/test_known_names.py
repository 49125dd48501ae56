"""Names are found in one pass over a text, however many are known."""

from time import process_time

import pytest

from archive.services.known_names import KnownNames, parts_of, words_of


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Lang, Petra", "Frau lang petra!", "lang petra"),
        ("Müller", "die MUELLERs kommen", "MUELLERs"),
        ("Petra", "Petras", "Petras"),
        ("Petra", "Petrarca und _Petra_", "Petra"),
        ("山田", "山田さん", "山田"),
        ("🦊", "der 🦊 kam", "🦊"),
        ("petra@x.example", "an petra@x.example", "petra@x.example"),
    ],
)
def test_a_name_is_its_words(name: str, text: str, found: str) -> None:
    assert [text[start:end] for start, end, _ in KnownNames([words_of(name)]).found(text)] == [found]


def test_the_longer_name_counts() -> None:
    known = KnownNames([words_of("Anna"), words_of("Anna Weber")])
    assert [name for *_, name in known.found("Anna Weber, Anna")] == [("anna", "weber"), ("anna",)]


def test_parts_are_what_somebody_may_be_called() -> None:
    assert list(parts_of("Lang, Petra")) == [("lang",), ("petra",)]
    assert list(parts_of("+49 170 1234567 Li")) == []
    assert list(parts_of("petra@x.example")) == [("petra", "x", "example")]


def test_many_names_cost_what_few_do() -> None:
    """Each name was looked for in each text: a house of thousands never got its answer."""
    text = "wir liefern die Pumpe bis Freitag " * 20

    def cost(names: int) -> float:
        known = KnownNames(words_of(f"Petra Nachname{number}") for number in range(names))
        began = process_time()
        for _ in range(20):
            assert not list(known.found(text))
        return process_time() - began

    assert cost(20_000) < 10 * cost(20) + 0.05
