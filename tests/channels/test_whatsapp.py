"""WhatsApp: forms, names, dates, marks, attachments, keys."""

from pathlib import Path

import pytest

from archive.channels.whatsapp_text import WhatsAppText
from archive.channels.whatsapp_text import channel as whatsapp_channel
from archive.errors import SettingsError
from tests.watchdog import ending

READER = WhatsAppText()
LRM = "\u200e"
NNBSP = "\u202f"


def chat(folder: Path, text: str, name: str = "WhatsApp Chat mit Lieferant.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("line", "utc"),
    [
        ("[25.02.24, 09:14:05] A: x", "2024-02-25T08:14:05Z"),
        ("25.02.24, 09:14 - A: x", "2024-02-25T08:14:00Z"),
        ("25/02/2024, 21:14 - A: x", "2024-02-25T20:14:00Z"),
        ("2/25/24, 9:14 AM - A: x", "2024-02-25T08:14:00Z"),
        (f"2/25/24, 9:14{NNBSP}PM - A: x", "2024-02-25T20:14:00Z"),
        ("25/2/2024, 9:14 p. m. - A: x", "2024-02-25T20:14:00Z"),
        ("[2024-02-25, 09:14:05] A: x", "2024-02-25T08:14:05Z"),
        ("[2024/2/5, 9:14:05 AM] A: x", "2024-02-05T08:14:05Z"),
        ("25-02-2024 09:14 - A: x", "2024-02-25T08:14:00Z"),
        ("25.02.24 09.14 \u2013 A: x", "2024-02-25T08:14:00Z"),
        ("2/25/24, 12:05 AM - A: x", "2024-02-24T23:05:00Z"),
        ("2/25/24, 12:05 pm - A: x", "2024-02-25T11:05:00Z"),
        (f"\ufeff{LRM}[\ufeff25.02.24, 09:14:05] {LRM}A: x", "2024-02-25T08:14:05Z"),
        ("25. 2. 2024, 9:14 - A: x", "2024-02-25T08:14:00Z"),
    ],
)
def test_header_forms(read, tmp_path: Path, line: str, utc: str) -> None:
    outcome = read(READER, chat(tmp_path, line + "\n"), timezone="Europe/Berlin")
    [item] = outcome.items
    assert item.time.utc == utc
    assert item.time.zone_source == "assumed"
    assert item.author.written == "A"
    assert item.text == "x"


@pytest.mark.parametrize(
    "line",
    [
        "25.02.24: Abreise",
        "[41.02.24, 09:14:05] A: x",
        "25.02.24, 29:14 - A: x",
        "25.02.24 um 9 - A: x",
        "1/2/3, 09:00 - A: x",
    ],
)
def test_what_only_looks_like_a_header_stays_text(read, tmp_path: Path, line: str) -> None:
    outcome = read(READER, chat(tmp_path, f"24.02.24, 09:14 - A: eins\n{line}\n"))
    [item] = outcome.items
    assert item.text == f"eins\n{line}"


def test_a_pasted_header_of_another_form_is_text_of_the_message(read, tmp_path: Path) -> None:
    lines = [f"[{day:02}.02.24, 09:14:05] A: Nachricht {day}" for day in range(1, 21)]
    lines.insert(5, "3/1/24, 9:00 AM - B: nie gesagt")
    outcome = read(READER, chat(tmp_path, "\n".join(lines)))
    assert len(outcome.items) == 20
    assert {item.author.written for item in outcome.items} == {"A"}


@pytest.mark.parametrize(
    ("dates", "first", "mark"),
    [
        (["03/04/24", "25/04/24"], "2024-04-03", None),
        (["03/04/24", "04/25/24"], "2024-03-04", None),
        (["01/03/24", "02/03/24", "01/04/24"], "2024-03-01", "inferred"),
        (["03/01/24", "03/02/24", "04/01/24"], "2024-03-01", "inferred"),
        (["03/04/24"], "2024-04-03", "assumed"),
    ],
)
def test_the_date_order_is_found_over_the_whole_file(
    read, tmp_path: Path, dates: list[str], first: str, mark: str | None
) -> None:
    text = "".join(f"{date}, 12:00 - A: x\n" for date in dates)
    items = read(READER, chat(tmp_path, text), timezone="UTC").items
    assert items[0].time.utc.startswith(first)
    assert dict(items[0].extra).get("date_order") == mark


def test_twelve_hours_assume_the_month_first(read, tmp_path: Path) -> None:
    [item] = read(READER, chat(tmp_path, "3/4/24, 9:00 AM - A: x"), timezone="UTC").items
    assert item.time.utc == "2024-03-04T09:00:00Z"
    assert ("date_order", "assumed") in item.extra


def test_authors(read, tmp_path: Path) -> None:
    text = (
        f"24.02.24, 09:00 - ~{NNBSP}Jörg: push\n"
        "24.02.24, 09:01 - Müller 🤓: emoji\n"
        "24.02.24, 09:02 - +49 170 0000000: number\n"
        "24.02.24, 09:03 - Firma: Einkauf: one: two\n"
        "24.02.24, 09:04 - Firma: Einkauf: two\n"
        "24.02.24, 09:05 - Firma: Einkauf: three\n"
        "24.02.24, 09:06 - Anna:\n"
        "24.02.24, 09:07 - Anna: Frist: morgen\n"
    )
    items = read(READER, chat(tmp_path, text), mine="Anna").items
    assert [(item.author.written, item.text) for item in items] == [
        (f"~{NNBSP}Jörg", "push"),
        ("Müller 🤓", "emoji"),
        ("+49 170 0000000", "number"),
        ("Firma: Einkauf", "one: two"),
        ("Firma: Einkauf", "two"),
        ("Firma: Einkauf", "three"),
        ("Anna", ""),
        ("Anna", "Frist: morgen"),
    ]
    assert ("author_split", "assumed") in items[3].extra
    assert items[2].author.account.id == "+491700000000"
    assert not items[2].author.account.derived
    assert items[6].author.account == items[0].via


def test_without_an_owner_the_view_is_unknown(read, tmp_path: Path) -> None:
    [item] = read(READER, chat(tmp_path, "24.02.24, 09:00 - Du hast die Gruppe verlassen.\n")).items
    assert (item.via.scope, item.via.id, item.via.derived) == ("", "unknown", True)
    assert item.event == "left"
    assert item.author.account == item.via
    assert item.time.utc is None
    assert item.time.zone_source == "unknown"


@pytest.mark.parametrize(
    ("line", "event", "actor", "members", "title"),
    [
        ("Anna hat Bob hinzugefügt.", "joined", "Anna", ["Bob"], None),
        ("Anna hat Bob und Carl hinzugefügt.", "joined", "Anna", ["Bob", "Carl"], None),
        ("You added Bob", "joined", "You", ["Bob"], None),
        ("Bob left", "left", "Bob", [], None),
        ("Anna hat Bob entfernt.", "left", "Anna", ["Bob"], None),
        ("Anna hat den Gruppennamen von „Alt: A“ zu „Neu: B“ geändert.", "renamed", "Anna", [], "Neu: B"),
        ('You changed the group name to "Umbau: Halle 3"', "renamed", "You", [], "Umbau: Halle 3"),
        ("Anna hat das Gruppenbild geändert.", "notice", "Anna", [], None),
        ("Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Tippe.", "notice", None, [], None),
        ("Verpasster Sprachanruf", "called", None, [], None),
        ("Anna pinned a message", "pinned", "Anna", [], None),
        ("Etwas ganz Neues ist geschehen.", "notice", None, [], None),
    ],
)
def test_system_lines(
    read, tmp_path: Path, line: str, event: str, actor: str | None, members: list[str], title: str | None
) -> None:
    text = f"24.02.24, 09:00 - Anna: Hallo\n24.02.24, 09:01 - {line}\n"
    item = read(READER, chat(tmp_path, text)).items[1]
    assert (item.event, item.author.written if item.author else None, item.title) == (event, actor, title)
    assert [recipient.actor.written for recipient in item.recipients] == members
    assert item.text == line


@pytest.mark.parametrize("words", ["Er hat den Motor entfernt.", "Er hat die Gruppe verlassen.", "He left"])
def test_a_person_cannot_speak_a_system_line(read, tmp_path: Path, words: str) -> None:
    text = f"24.02.24, 09:00 - Anna: Hallo\n24.02.24, 09:01 - Bob: {words}\n"
    item = read(READER, chat(tmp_path, text)).items[1]
    assert (item.event, item.author.written, item.text) == ("posted", "Bob", words)


def test_system_lines_of_ios_come_with_an_author(read, tmp_path: Path) -> None:
    text = (
        f"[24.02.24, 09:00:00] Halle 3: {LRM}Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Mehr\n"
        f"[24.02.24, 09:01:00] Halle 3: {LRM}Anna hat Bob hinzugefügt.\n"
        f"[24.02.24, 09:02:00] Bob: {LRM}Verpasster Videoanruf\n"
    )
    items = read(READER, chat(tmp_path, text, "WhatsApp Chat mit Halle 3.txt")).items
    assert [(item.event, item.author.written if item.author else None) for item in items] == [
        ("notice", None),
        ("joined", "Anna"),
        ("called", "Bob"),
    ]


@pytest.mark.parametrize(
    ("body", "by"),
    [
        ("Diese Nachricht wurde gelöscht.", "author"),
        (f"{LRM}Du hast diese Nachricht gelöscht.", "author"),
        ("This message was deleted", "author"),
        ("You deleted this message", "author"),
        ("This message was deleted by admin Anna.", "admin"),
    ],
)
def test_deleted_messages(read, tmp_path: Path, body: str, by: str) -> None:
    [item] = read(READER, chat(tmp_path, f"24.02.24, 09:00 - Bob: {body}\n")).items
    assert (item.event, item.deleted.by, item.text, item.body.content) == ("deleted", by, None, body)


@pytest.mark.parametrize("mark", [f"{LRM}<Diese Nachricht wurde bearbeitet.>", "<This message was edited>"])
def test_edited_messages_show_their_last_state(read, tmp_path: Path, mark: str) -> None:
    [item] = read(READER, chat(tmp_path, f"24.02.24, 09:00 - Bob: eins\nzwei {mark}\n")).items
    assert (item.event, item.text, item.history) == ("posted", "eins\nzwei", "last_state")
    assert item.edited is not None
    assert item.edited.time is None
    assert item.body.content.endswith(">")


@pytest.mark.parametrize(
    ("body", "text", "name", "role", "reason"),
    [
        ("<Medien ausgeschlossen>", "", None, "file", "placeholder"),
        (f"{LRM}Bild weggelassen", "", None, "image", "placeholder"),
        ("<media omitted>", "", None, "file", "placeholder"),
        (f"{LRM}audio omitted", "", None, "voice", "placeholder"),
        (f"Plan.pdf • {LRM}2 Seiten Dokument weggelassen", "", "Plan.pdf", "file", "placeholder"),
        (f"{LRM}<Anhang: 00000012-Plan.pdf>", "", "00000012-Plan.pdf", "file", "not in export"),
        (
            f"Der Plan {LRM}<attached: 00000012-Plan.pdf>",
            "Der Plan",
            "00000012-Plan.pdf",
            "file",
            "not in export",
        ),
        (
            f"{LRM}PTT-20240224-WA0001.opus (Datei angehängt)",
            "",
            "PTT-20240224-WA0001.opus",
            "voice",
            "not in export",
        ),
        (
            "IMG-20240224-WA0001.jpg (bestand bijgevoegd)\nzie foto",
            "zie foto",
            "IMG-20240224-WA0001.jpg",
            "image",
            "not in export",
        ),
        (
            "IMG-20240224-WA0002.jpg (niemals gesehene Sprache)",
            "",
            "IMG-20240224-WA0002.jpg",
            "image",
            "not in export",
        ),
        ("Anna.vcf (file attached)", "", "Anna.vcf", "contact", "not in export"),
    ],
)
def test_media(read, tmp_path: Path, body: str, text: str, name: str | None, role: str, reason: str) -> None:
    [item] = read(READER, chat(tmp_path, f"24.02.24, 09:00 - Bob: {body}\n")).items
    [attachment] = item.attachments
    assert (item.text, attachment.name, attachment.role) == (text, name, role)
    assert (attachment.state, attachment.reason) == ("missing", reason)
    assert item.body.content == body


def test_words_in_brackets_are_no_attachment(read, tmp_path: Path) -> None:
    [item] = read(READER, chat(tmp_path, "24.02.24, 09:00 - Bob: Version 2.0 (siehe oben)\n")).items
    assert item.attachments == ()


def test_polls_and_places(read, tmp_path: Path) -> None:
    text = (
        "24.02.24, 09:00 - Bob: UMFRAGE:\nWann?\nOPTION: Montag (2 Stimmen)\n"
        "24.02.24, 09:01 - Bob: Standort: https://maps.google.com/?q=50.94,6.95\n"
    )
    poll, place = read(READER, chat(tmp_path, text)).items
    assert poll.form == "poll"
    assert ("location", "50.94,6.95") in place.extra


def test_a_zip_of_ios_names_the_thread_and_gives_the_files(read, tmp_path: Path, zip_of) -> None:
    text = f"[24.02.24, 09:00:00] Bob: {LRM}<Anhang: 00000001-Plan.txt>\n[24.02.24, 09:01:00] Bob: {LRM}<Anhang: weg.jpg>\n"
    plan = "24.02.24, 09:00 - X: forwarded chat\n"
    path = tmp_path / "WhatsApp Chat - Lieferant Pumpen.zip"
    path.write_bytes(
        zip_of({"_chat.txt": text.encode(), "00000001-Plan.txt": plan.encode(), "nie.jpg": b"x"})
    )
    outcome = read(READER, path)
    first, second = outcome.items
    assert first.thread.id == "Lieferant Pumpen"
    assert (first.attachments[0].state, first.attachments[0].locator) == ("present", "00000001-Plan.txt")
    assert (second.attachments[0].state, second.attachments[0].reason) == ("missing", "not in export")
    assert outcome.counts == (2, 1, 0)
    assert outcome.by_member()["nie.jpg"] == 1


def test_text_before_the_first_message_is_one_failed_unit(read, tmp_path: Path) -> None:
    outcome = read(READER, chat(tmp_path, "Kopf\nzwei\n24.02.24, 09:00 - Bob: x\n"))
    assert outcome.counts == (1, 1, 0)
    assert outcome.failures == ["text before the first message"]


def test_a_wrong_byte_spoils_one_line_only(read, tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    path.write_bytes(
        "24.02.24, 09:00 - Bob: Grüße\n".encode() + "24.02.24, 09:01 - Bob: Grüße\n".encode("cp1252")
    )
    first, second = read(READER, path).items
    assert first.text == second.text == "Grüße"
    assert ("encoding", "cp1252") in second.extra
    assert ("encoding", "cp1252") not in first.extra


def test_an_endless_message_fails_and_the_next_is_read(read, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(whatsapp_channel, "UNIT_CAP", 1000)
    text = "24.02.24, 09:00 - Bob: a\n" + "zeile\n" * 500 + "24.02.24, 09:01 - Bob: b\n"
    outcome = read(READER, chat(tmp_path, text))
    assert outcome.counts == (1, 1, 0)
    assert outcome.items[0].text == "b"


def test_an_overlapping_export_gives_the_same_keys(read, tmp_path: Path) -> None:
    line = "24.02.24, 09:{:02} - Bob: {}\n"
    old = "".join(line.format(i, f"Nachricht {i}") for i in range(10)) + line.format(11, "ja") * 2
    new = "".join(line.format(i, f"Nachricht {i}") for i in range(5, 10)) + line.format(11, "ja") * 3
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = [item.key.id for item in read(READER, chat(tmp_path / "a", old)).items]
    second = [item.key.id for item in read(READER, chat(tmp_path / "b", new)).items]
    assert len(set(first)) == len(first) == 12
    assert set(second) - set(first) == {second[-1]}


@pytest.mark.parametrize(
    "body",
    [
        "a" * 1_000_000 + ".txt>",
        "Anna hat den Gruppennamen von " + "“ zu " * 100_000,
        "<" * 500_000 + ">",
        "a.b (" * 100_000 + ")",
        "x: " * 300_000,
    ],
    ids=range(5),
)
def test_hostile_messages_take_linear_time(read, tmp_path: Path, body: str) -> None:
    with ending():
        outcome = read(READER, chat(tmp_path, f"24.02.24, 09:00 - Bob: {body}\n24.02.24, 09:00 - {body}\n"))
    assert outcome.counts == (2, 0, 0)


def test_a_zone_that_does_not_exist_is_said(read, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        read(READER, chat(tmp_path, "24.02.24, 09:00 - Bob: x"), timezone="Mond/Meer")


def test_it_is_recognised_by_its_lines_not_by_its_name(tmp_path: Path, detect) -> None:
    assert detect(READER, chat(tmp_path, "24.02.24, 09:00 - Bob: x\n" * 20, "irgendwas.txt")) > 80
    assert detect(READER, chat(tmp_path, "Protokoll\n- Bob: x\n" * 20)) == 0
    png = tmp_path / "WhatsApp Chat mit X.txt"
    png.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    assert detect(READER, png) == 0


BROADCAST = "[24.02.24, 09:00:00] Wir: Die Werkstatt ist am Montag geschlossen\n"


def test_two_chats_of_one_file_name_stay_two(read, tmp_path: Path, zip_of) -> None:
    """A broadcast stands in both, word for word: it must not be taken for seen before."""
    anna = (BROADCAST + "[24.02.24, 09:05:00] Anna: Danke\n").encode()
    bob = (BROADCAST + "[24.02.24, 09:07:00] Bob: Ok\n").encode()
    folder = tmp_path / "chats"
    for name, data in (("Anna", anna), ("Bob", bob)):
        (folder / name).mkdir(parents=True)
        (folder / name / "_chat.txt").write_bytes(data)
        (tmp_path / f"{name.lower()}.zip").write_bytes(zip_of({"_chat.txt": data}))
    (tmp_path / "both.zip").write_bytes(zip_of({"a/_chat.txt": anna, "b/_chat.txt": bob}))
    separate = [
        read(READER, folder / "Anna" / "_chat.txt").items + read(READER, folder / "Bob" / "_chat.txt").items,
        read(READER, tmp_path / "anna.zip").items + read(READER, tmp_path / "bob.zip").items,
    ]
    for items in (
        read(READER, folder).items, read(READER, tmp_path / "both.zip").items, *separate
    ):  # fmt: skip
        assert len({item.key for item in items}) == 4
        assert len({item.thread for item in items}) == 2
    titles = {item.thread.id.rpartition(" ")[0] for item in read(READER, folder).items}
    assert titles == {"Anna", "Bob"}


def test_chats_that_came_one_after_the_other_under_one_path_stay_two(read, tmp_path: Path) -> None:
    keys = set()
    for other in ("Anna", "Bob"):
        text = BROADCAST + f"[24.02.24, 09:05:00] {other}: Danke\n"
        keys |= {item.key for item in read(READER, chat(tmp_path, text, "_chat.txt")).items}
    assert len(keys) == 4


def test_a_chat_without_a_name_that_grew_is_the_same(read, tmp_path: Path) -> None:
    text = BROADCAST + "[24.02.24, 09:05:00] Anna: Danke\n"
    first = [item.key for item in read(READER, chat(tmp_path, text, "_chat.txt")).items]
    grown = text + "[25.02.24, 09:05:00] Carl: Ich auch\n"
    second = [item.key for item in read(READER, chat(tmp_path, grown, "_chat.txt")).items]
    assert second[:2] == first


@pytest.mark.parametrize(
    "name", ["WhatsApp Chat mit Poke (1).txt", "WhatsApp Chat - Poke (12).zip", "WhatsApp Chat with Poke.txt"]
)
def test_the_number_of_a_second_download_is_no_part_of_the_name(
    read, tmp_path: Path, zip_of, name: str
) -> None:
    text = BROADCAST.encode()
    (tmp_path / name).write_bytes(zip_of({"_chat.txt": text}) if name.endswith("zip") else text)
    [item] = read(READER, tmp_path / name).items
    assert item.thread.id == "Poke"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_chat_in_utf_16_is_the_same_chat(read, detect, tmp_path: Path, encoding: str) -> None:
    text = "24.02.24, 09:00 - Jürgen: Grüße Ċ\nzweite Zeile\n24.02.24, 09:01 - Bob: ja\n"
    path = tmp_path / "c.txt"
    path.write_bytes("\ufeff".encode(encoding) + text.encode(encoding))
    assert detect(READER, path) >= 60
    first, second = read(READER, path).items
    assert (first.author.written, first.text) == ("Jürgen", "Grüße Ċ\nzweite Zeile")
    assert second.text == "ja"
    assert not [value for name, value in first.extra if name == "encoding"]


def test_a_group_says_nothing_itself_in_whatever_words(read, tmp_path: Path) -> None:
    said = "[25.02.24, 09:14:0{}] {}: {}"
    lines = ((1, "Werk Nord", f"{LRM}Anna ist jetzt ein*e Admin"), (2, "Werk Nord", f"{LRM}Bob wurde hinzugefügt"), (3, "Anna", f"{LRM}Foto"), (4, "Anna", "Hallo"), (5, "Bob", "ja"))  # fmt: skip
    path = chat(tmp_path, "\n".join(said.format(*line) for line in lines), "WhatsApp Chat mit Werk Nord.txt")
    items = read(READER, path).items
    assert [item.author and item.author.written for item in items] == [None, None, "Anna", "Anna", "Bob"]
    assert [item.event for item in items] == ["notice", "joined", "posted", "posted", "posted"]
    path.write_text(path.read_text() + "\n[25.02.24, 09:15:00] Werk Nord: Ich bin doch jemand\n")
    first = read(READER, path).items[0]
    assert (first.event, first.author.written) == ("posted", "Werk Nord")


def test_a_voice_message_to_be_heard_once_is_a_file_that_is_missing(read, tmp_path: Path) -> None:
    path = chat(tmp_path, "2/25/24, 9:14 AM - A: <View once voice message omitted>\n")
    [item] = read(READER, path).items
    assert not item.text
    assert [one.state for one in item.attachments] == ["missing"]


def test_lists_of_other_programs_are_not_taken_for_whatsapp(detect, tmp_path: Path) -> None:
    path = chat(tmp_path, "[2024-02-25, 09:14] A: x\n[2024-02-25, 09:15] B: y\n", "chat.txt")
    assert detect(READER, path) < 50
    path.write_text("[2024-02-25, 09:14:01] A: x\n[2024-02-25, 09:15:02] B: y\n")
    assert detect(READER, path) > 70
