"""HTML as words, and word lists as data."""

from pathlib import Path

import pytest

from archive.errors import SettingsError
from archive.reading.html_text import html_to_text
from archive.reading.media_types import media_type_of
from archive.reading.words import load_words
from tests.watchdog import ending


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Gr&uuml;&szlig;e</p><p>zwei<br>drei</p>", "Grüße\n\nzwei\ndrei"),
        ("<head><title>x</title></head><body>a<script>if (a<b) c()</script>b</body>", "ab"),
        ("a < b und c > d", "a < b und c > d"),
        ("<!-- weg --><b>da</b><!-- nie zu", "da nie zu"),
        ("<a title='x > y'>Wort</a>", "Wort"),
        ("<blockquote>alt<blockquote>älter</blockquote></blockquote>neu", "> alt\n\n> > älter\n\nneu"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1\t2"),
        ("<ul><li>eins<li>zwei</ul>", "- eins\n- zwei"),
        ("<pre>a  b\n  c</pre>", "a  b\nc"),
        ('<img src=x alt="Siegel">', "Siegel"),
        ("<style>nie geschlossen", "nie geschlossen"),
        # What a head does not hold ends it, and words do, whether it is closed or not.
        (
            "<head><title>x</title><body>eins<hr><html><head><style>a{}</style></head><body>zwei",
            "eins\n\nzwei",
        ),
        ("<head><meta name=a><p>eins</p></head><body>zwei", "eins\n\nzwei"),
        ("<head> <title>x</title><noscript>weg</noscript> </head><noscript>da</noscript>", "da"),
        ("<style/>eins<script src='a' />zwei</script>", "einszwei"),
        ("a<!-->b<!-- weg -->c<!-- weg --!>d<!-- weg -->", "abcd"),
        # What stands for itself within a line is no part of the words beside it.
        ('<a><img alt="Siegel"></a>Garantie <img alt=Bild src=x>', "Siegel Garantie Bild"),
        (
            "<svg><text>eins</text><text>zwei</text></svg><button>drei</button><b>Wo</b>rt",
            "eins zwei drei Wort",
        ),
        # A field that was filled in shows its value, and an empty one what it asks for.
        (
            "Frist<input value='5 Jahre'><input type=hidden value=weg><input type=text placeholder=Name>",
            "Frist 5 Jahre Name",
        ),
        ("<select><optgroup label=Gruppe><option>eins<option label=zwei></select>", "Gruppe\neins\nzwei"),
        ('<iframe srcdoc="&lt;p&gt;innen&lt;/p&gt;"></iframe>', "innen"),
    ],
)
def test_html_becomes_words(source: str, text: str) -> None:
    assert html_to_text(source) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<",
        '<a "',
        "<a",
        "<script>",
        "<style><head>",
        "<a \"'>",
        "<blockquote>",
        "<td>",
        "<b> </b>",
        "<pre> ",
        "<!-->",
        "<input value",
        "<iframe srcdoc='&lt;iframe srcdoc=&quot;",
        "<head><title>",
    ],
)
def test_hostile_html_takes_linear_time(piece: str) -> None:
    with ending():
        assert isinstance(html_to_text(piece * (400_000 // len(piece))), str)


def test_a_page_in_pages_without_end_has_its_words() -> None:
    def sign(name: str, level: int) -> str:
        return f"&{'amp;' * (level - 1)}{name};"

    deeper = range(1, 400)
    begins = (
        f"{sign('lt', at)}iframe{sign('#32', at)}srcdoc{sign('#61', at)}{sign('quot', at)}" for at in deeper
    )
    ends = (f"{sign('quot', at)}{sign('gt', at)}" for at in reversed(deeper))
    with ending():
        text = html_to_text(f'<iframe srcdoc="{"".join(begins)}Garantie{"".join(ends)}">')
    assert "Garantie" in text


def test_a_word_list_is_versioned_and_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text(
        "version = 3\n[parts]\nwho = '(?P<who>\\w+)'\n"
        "[[left]]\nlang = 'de'\nby = 'x'\npattern = '<<who>> ging'\n"
    )
    words = load_words(path)
    assert words.version == 3
    found = words.first("left", "Anna ging")
    assert found is not None
    assert (found[0].lang, found[0].values["by"], found[1]["who"]) == ("de", "x", "Anna")
    assert words.first("left", "Anna ging heim") is None
    assert words.first("unknown", "Anna ging") is None
    path.write_text("version = 1\n[[left]]\nlang = 'de'\npattern = '('\n")
    with pytest.raises(SettingsError, match=r"words\.toml"):
        load_words(path)


def test_media_types_come_from_the_own_table() -> None:
    assert media_type_of("Bild.JPG") == "image/jpeg"
    assert media_type_of("ohne") is None
