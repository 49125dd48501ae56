"""Every character that there is, in a rendering: none that moves, hides or breaks other text goes through unseen."""

import sys
import unicodedata

from archive.exporters.visible import visible

SEEN_ANYWAY = frozenset("\n\t\u200d\ufe0f")
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def test_no_unseen_character_goes_through_alone_or_among_letters() -> None:
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if unicodedata.category(character) in UNSEEN and character not in SEEN_ANYWAY:
            assert visible(f"a{character}ä") == f"a⟨U+{number:04X}⟩ä"


def test_letters_of_every_script_stay_as_they_are() -> None:
    for text in (
        "Zusage: 5 Jahre, „fest“ – 85 €",
        "Σ Ж 漢字 العربية",
        "👨‍👩‍👧 ❤️",
        "zwei\nZeilen\tund Tab",
        "",
    ):
        assert visible(text) == text
