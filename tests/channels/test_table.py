"""Tables: mappings, encodings, times, and rows that are broken."""

from pathlib import Path

from archive.channels.table import TableFiles

READER = TableFiles()
MAP = {"time": ["Am", "Um"], "author": "Wer", "text": "Was", "id": "Nr", "reply_to": "Auf"}


def test_a_mapping_finds_its_header_below_a_preamble(read, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "Bericht\n\nNr;Am;Um;Wer;Was;Auf;Ort\n1;3.2.2025;9:15;Anna;ja;;Köln\n2;4.2.2025;10:00;Bob;nein;1;\n"
    )
    outcome = read(READER, path, mapping=MAP, timezone="Europe/Berlin")
    first, second = outcome.items
    assert outcome.counts == (2, 0, 1)
    assert (first.key.id, first.time.utc, dict(first.extra)) == ("1", "2025-02-03T08:15:00Z", {"Ort": "Köln"})
    assert [(t.relation, t.key.id) for t in second.targets] == [("reply", "1")]
    assert read(READER, path).failures == [
        "no row that names the columns; say which is what with --mapping FILE"
    ]


def test_encodings_and_a_quote_that_never_closes(read, tmp_path: Path) -> None:
    text = "Datum,Absender,Nachricht\r\n2025-02-03 09:15,Jürgen,gut\r\n2025-02-03 09:16,\"offen,x\r\n2025-02-03 09:17,Bob,zwei\r\n2025-02-03 09:18,Eva\r\n"  # fmt: skip
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(text.encode(encoding))
        outcome = read(READER, path)
        assert [item.text for item in outcome.items] == ["gut", "zwei"], encoding
        assert outcome.items[0].author.written == "Jürgen"
        assert outcome.counts == (2, 2, 0)


def test_counts_of_any_unit_and_what_is_no_time(read, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    lines = ['{"ts": 1738570500, "from": "a", "text": "s"}', '{"ts": 1738570502123, "from": "a", "text": "ms"}', '{"ts": "gestern", "from": "a", "text": "?"}', "kaputt", '{"ts": 1}']  # fmt: skip
    path.write_text("\n\n".join(lines))
    outcome = read(READER, path)
    assert [item.time.utc for item in outcome.items] == [
        "2025-02-03T08:15:00Z",
        "2025-02-03T08:15:02.123Z",
        None,
    ]
    assert outcome.items[2].time.written == "gestern"
    assert outcome.counts == (3, 2, 0)
