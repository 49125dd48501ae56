"""YouTube: columns of every generation and language, texts that are rows of objects."""

from pathlib import Path

import pytest

from archive.channels.youtube import YouTubeTakeout

READER = YouTubeTakeout()
TEXT = '"{""text"":""Danke ""},{""text"":""@max"",""mention"":{""externalChannelId"":""UC2""}}"'


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("a,b,c,d,e,f,g", f"Ugx1234567,UC1,2026-01-01T00:00:00Z,0,,v1,{TEXT}"),
        ("a,b,c,d,e,f,g,h", f"Ugx1234567,UC1,2026-01-01T00:00:00Z,0,,v1,{TEXT},"),
        ("a,b,c,d,e,f,g,h,i", f"Ugx1234567,UC1,2026-01-01T00:00:00Z,5000000,,,v1,{TEXT},"),
        ("a,b,c,d,e,f", f"Ugx1234567,UC1,2026-01-01T00:00:00Z,0,v1,{TEXT}"),
        ("Channel ID,Comment Create Timestamp,Price,Comment ID,Parent Comment ID,Video ID,Comment Text", f"UC1,2026-01-01T00:00:00Z,0,Ugx1234567,,v1,{TEXT}"),
    ],
)  # fmt: skip
def test_every_generation_of_columns(read, tmp_path: Path, header: str, row: str) -> None:
    path = tmp_path / "kommentare.csv"
    path.write_text(f"{header}\n{row}\n")
    [item] = read(READER, path).items
    assert (item.key.id, item.text, item.thread.id, item.author.account.id) == (
        "Ugx1234567",
        "Danke @max",
        "v1",
        "UC1",
    )
    assert item.recipients[0].actor.account.id == "UC2"
    assert dict(item.extra).get("price_micros") == ("5000000" if "5000000" in row else None)


def test_answers_history_and_pages(read, tmp_path: Path) -> None:
    (tmp_path / "comments.csv").write_text(
        "Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Post ID,Video ID,Comment Text,Top-Level Comment ID\n"
        'Ugx1.9a,UC1,202+00:00,0,Ugx1,p1,,"{""text"":""kaputt",Ugx1\n'
    )
    (tmp_path / "subscriptions.csv").write_text("Channel Id,Channel Url,Channel Title\nUC9,u,x\n")
    (tmp_path / "my-comments.html").write_text("<!DOCTYPE html><html><body>youtube</body></html>")
    outcome = read(READER, tmp_path)
    assert outcome.counts == (1, 1, 1)
    [item] = outcome.items
    assert [(t.relation, t.key.id) for t in item.targets] == [("reply", "Ugx1")]
    assert (item.text, item.time.utc, item.time.written) == ('{"text":"kaputt', None, "202+00:00")
    assert "as CSV" in outcome.failures[0]


def test_texts_of_every_year_and_what_their_pieces_say(read, tmp_path: Path) -> None:
    header = "Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Video ID,Comment Text\n"
    texts = [
        '{"takeoutSegments":[{"text":"fünf Jahre "},{"text":"@Werk","mention":{"externalChannelId":"UCw"}}]}',
        '{"videoLink":{"externalVideoId":"v"},"text":"0:15"},{"text":" Zusage"}',
        '{"text":"Live "},{"emoji":{"shortcode":":wave:"}}',
        '{"text":"https://firm.exa...","link":{"linkUrl":"https://firm.example/garantie"}}',
        "{kein JSON}",
    ]
    rows = [f'Ugx{at}zzzzzz,UCme,2024-03-04T09:00:00Z,0,,v1,"{one.replace(chr(34), chr(34) * 2)}"\n' for at, one in enumerate(texts)]  # fmt: skip
    path = tmp_path / "comments.csv"
    path.write_text(header + "".join(rows))
    items = read(READER, path).items
    assert [item.text for item in items] == [
        "fünf Jahre @Werk",
        "0:15 Zusage",
        "Live :wave:",
        "https://firm.exa... (https://firm.example/garantie)",
        "{kein JSON}",
    ]
    assert [one.actor.account.id for one in items[0].recipients] == ["UCw"]
    assert items[0].body.content == texts[0]


def test_columns_of_another_language_count_only_where_their_values_fit(read, detect, tmp_path: Path) -> None:
    channel = "UC" + "a" * 22
    path = tmp_path / "kommentare.csv"
    rows = '"{""takeoutSegments"":[{""text"":""a""}]}"'
    path.write_text(f"a,b,c,d,e,f,g\nUgxA,{channel},2024-03-04T09:00:00Z,0,,v1,{rows}\n")
    assert detect(READER, path) == 90
    path.write_text(f"a,b,c,d,e,f,g\n{channel},2024-03-04T09:00:00Z,0,UgxA,,v1,{rows}\n")
    assert detect(READER, path) == 0, "an order that nobody knows is not guessed"
    (tmp_path / "live.csv").write_text(
        f"a,b,c,d,e,f\nChw1234567,{channel},2024-03-04T09:00:00Z,0,v1,{rows}\n"
    )
    outcome = read(READER, tmp_path)
    assert len(outcome.items) == 1
    assert outcome.failures == ["texts of YouTube under columns in an order that is not known"]
