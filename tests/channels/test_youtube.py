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
