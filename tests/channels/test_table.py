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


def test_two_columns_of_one_name_nameless_ones_and_cells_beyond_lose_nothing(read, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "Datum,Absender,Nachricht,Nachricht,,\n2024-03-04,Anna,erste,zweite,dritte,vierte,fünfte\n"
    )
    outcome = read(READER, path)
    [item] = outcome.items
    assert item.text == "zweite"
    assert dict(item.extra) == {
        "Nachricht (1 of 2)": "erste",
        "cell 5": "dritte",
        "cell 6": "vierte",
        "cell 7": "fünfte",
    }
    assert "cell 7" in outcome.readings[0].unknown_fields


def test_empty_rows_of_a_spreadsheet_are_no_failures(read, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Datum;Absender;Nachricht\n04.03.2024;Anna;a\n;;\n ;;\n")
    assert read(READER, path).counts == (1, 0, 2)


def test_times_of_spreadsheets_and_persons(read, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    written = ["45355,4167", "45355.5", "45355", "04.03.24 9:05", "4. März 2024 10:15", "4 March 2024 10:15", "2024/03/04 10:00", "03/04/2024 9:15", "1709539200.5"]  # fmt: skip
    rows = "".join(f'"{one}";Anna;a{at}\n' for at, one in enumerate(written))
    path.write_text("Datum;Absender;Nachricht\n" + rows)
    items = read(READER, path, timezone="Europe/Berlin").items
    assert [item.time.utc for item in items] == [
        "2024-03-04T09:00:03Z",
        "2024-03-04T11:00:00Z",
        None,
        "2024-03-04T08:05:00Z",
        "2024-03-04T09:15:00Z",
        "2024-03-04T09:15:00Z",
        "2024-03-04T09:00:00Z",
        None,
        "2024-03-04T08:00:00.5Z",
    ]
    assert (items[2].time.precision, items[2].time.zone_source) == ("day", "assumed")
    path.write_text("Datum;Uhrzeit;Absender;Nachricht\n45355;0,5;Anna;a\n")
    assert read(READER, path, timezone="UTC").items[0].time.utc == "2024-03-04T12:00:00Z"


def test_one_line_and_what_stands_in_objects(read, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"at": "2024-03-04", "who": {"name": "Anna", "id": 7}, "message": {"body": {"text": "Hallo"}, "n": 1}}\n')  # fmt: skip
    mapping = {"time": "at", "author": "who.name", "text": "message.body.text"}
    [item] = read(READER, path, mapping=mapping).items
    assert (item.text, item.author.written) == ("Hallo", "Anna")
    assert dict(item.extra) == {"who.id": "7", "message.n": "1"}


def test_the_next_export_adds_only_the_difference(read, tmp_path: Path) -> None:
    rows = "Datum;Absender;Nachricht\n04.03.2024;Anna;a\n05.03.2024;Bob;b\n"
    keys = []
    for name in ("tickets-2024-03.csv", "tickets-2024-04.csv", "tickets (1).csv", "tickets.csv"):
        (tmp_path / name).write_text(rows)
        keys.append([(item.key, item.thread.id) for item in read(READER, tmp_path / name).items])
    assert keys[0] == keys[1] == keys[2] == keys[3]
    assert keys[0][0][1] == "tickets.csv"
    (tmp_path / "2024-03.csv").write_text(rows)
    assert read(READER, tmp_path / "2024-03.csv").items[0].thread.id == "2024-03.csv"


def test_conversations_in_files_of_a_number_each_are_never_one(read, tmp_path: Path) -> None:
    rows = "Nr;Datum;Absender;Nachricht\n1;04.03.2024;Anna;a\n"
    for one, other in (("ticket_1001.csv", "ticket_1002.csv"), ("Kunde 17.csv", "Kunde 18.csv")):
        threads = set()
        for name in (one, other):
            (tmp_path / name).write_text(rows)
            threads |= {item.thread.id for item in read(READER, tmp_path / name).items}
        assert threads == {one, other}


def test_numbers_of_rows_that_begin_anew_each_month_are_no_ids(read, tmp_path: Path) -> None:
    told = {"time": "Datum", "author": "Absender", "text": "Nachricht", "id": "Nr", "reply_to": "Auf"}
    head = "Nr;Datum;Absender;Nachricht;Auf\n"
    keys = []
    for name, rows in (
        ("log-2024-03.csv", "1;04.03.2024;Anna;a;\n2;05.03.2024;Bob;b;1\n"),
        ("log-2024-04.csv", "1;04.04.2024;Carl;c;\n2;05.04.2024;Bob;b;1\n"),
        ("log-2024-05.csv", "2;05.03.2024;Bob;b!;\n"),
    ):
        (tmp_path / name).write_text(head + rows)
        items = read(READER, tmp_path / name, mapping=told).items
        keys.append([item.key for item in items])
        if len(items) > 1:
            assert items[1].targets[0].key == items[0].key
    assert not set(keys[0]) & set(keys[1])
    assert keys[2] == keys[0][1:], "its words changed, and it is the same row"
    copy = tmp_path / "log (1).csv"
    copy.write_text(head + "1;04.03.2024;Anna;a;\n")
    (tmp_path / "log.csv").write_text(head + "1;04.03.2024;Anna;a;\n")
    assert read(READER, copy, mapping=told).items[0].key == read(READER, tmp_path / "log.csv", mapping=told).items[0].key  # fmt: skip


def test_a_cell_of_very_many_quotes_takes_no_time(read, tmp_path: Path) -> None:
    path = tmp_path / "quoted.csv"
    path.write_text('Datum,Absender,Nachricht\n2024-03-04,Anna,"' + 'a""b""' * 300_000 + '"\n')
    (item,) = read(READER, path).items
    assert item.text == 'a"b"' * 300_000


def test_rows_that_answer_each_other_are_those_of_their_own_table(read, tmp_path: Path) -> None:
    head, keys = "Nr;Am;Um;Wer;Was;Auf\n", []
    for folder, who in (("crm", "Anna"), ("shop", "Bob")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "export.csv").write_text(
            head + f"3;05.03.2024;10:00;{who};c;1\n2;05.03.2024;09:00;{who};;\n1;04.03.2024;09:00;{who};a;9\n"
        )
        outcome = read(READER, tmp_path / folder / "export.csv", mapping=MAP)
        third, first = outcome.items
        keys.append(first.key)
        assert third.targets[0].key == first.key, "it is named before it is read"
        assert (first.targets[0].key.id, first.targets[0].key.scope) == ("9", "export.csv"), (
            "not in the table"
        )
        assert [one.title for one in outcome.threads] == ["export.csv"]
        [former] = [
            unit.former[third.key] for unit in outcome.readings if third.key in getattr(unit, "former", ())
        ]
        then = former.then(third)
        assert {then.key.scope, then.targets[0].key.scope} == {"export.csv"}
        assert (then.key, former.own) == (former.key, False)
    assert keys[0] != keys[1], "row 1 of the one is not row 1 of the other"
