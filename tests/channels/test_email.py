# ruff: noqa: UP012 (mails and exports have long lines)
"""Mail: ranges, headers, parts, charsets, keys, and everything broken that still says something."""

from pathlib import Path

import pytest

from archive.channels.email_files import EmailFiles
from archive.channels.email_files import mbox as mbox_module
from archive.channels.email_files.parts import unflowed
from tests.watchdog import ending

READER = EmailFiles()
HEAD = b"From: =?utf-8?Q?M=C3=BCller=2C_Anna?= <Anna@X.example>\nTo: b@y.example\nDate: Mon, 11 Mar 2024 08:00:12 +0100\n"
SEPARATOR = b"From - Mon Mar 11 08:00:00 2024\n"


def eml(folder: Path, data: bytes, name: str = "a.eml") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_fields_of_a_mail(read, tmp_path: Path) -> None:
    head = HEAD + (
        b"Cc: Team <team@y.example>, undisclosed: c@z.example;\nReply-To: office@x.example\nBcc: d@z.example\n"
        b"Message-ID: <1@x.example>\nIn-Reply-To: <0@x.example>\nReferences: <a@x.example> <0@x.example>\n"
        b"Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\n =?utf-8?B?IHVuZCBEYW5r?=\n"
    )
    [item] = read(READER, eml(tmp_path, head + b"\nHallo\n"), mine="B@y.example").items
    assert (item.author.written, item.author.handle, item.author.account.id) == (
        "Müller, Anna",
        "Anna@X.example",
        "anna@x.example",
    )
    assert [(r.role, r.actor.handle) for r in item.recipients] == [
        ("to", "b@y.example"),
        ("cc", "team@y.example"),
        ("cc", "c@z.example"),
        ("bcc", "d@z.example"),
        ("reply_to", "office@x.example"),
    ]
    assert item.title == "Grüße und Dank"
    assert item.key.id == "1@x.example"
    assert item.time.utc == "2024-03-11T07:00:12Z"
    assert [(t.relation, t.written_id) for t in item.targets] == [
        ("reply", "0@x.example"),
        ("root", "a@x.example"),
    ]
    assert (item.via.id, item.text, item.form) == ("b@y.example", "Hallo\n", "mail")


@pytest.mark.parametrize(
    ("content_type", "body", "text", "defect"),
    [
        (b'text/plain; charset="iso-8859-1"', "fünf Jahre".encode("latin-1"), "fünf Jahre", None),
        (b"text/plain; charset=iso-8859-1", b"5 \x80", "5 €", None),
        (b"text/plain; charset=windows-1252", "5 € – fünf".encode("cp1252"), "5 € – fünf", None),
        (b"text/plain; charset=x-does-not-exist", "fünf".encode(), "fünf", "charset x-does-not-exist"),
        (b"text/plain", "fünf".encode(), "fünf", "charset us-ascii"),
        (b"text/plain; charset=utf-8", "fünf".encode("cp1252"), "fünf", "charset utf-8"),
        (b"text/html; charset=utf-8", "<p>f&uuml;nf<br>Jahre</p>".encode(), "fünf\nJahre", None),
    ],
)
def test_charsets(
    read, tmp_path: Path, content_type: bytes, body: bytes, text: str, defect: str | None
) -> None:
    data = HEAD + b"Content-Type: " + content_type + b"\nContent-Transfer-Encoding: 8bit\n\n" + body
    [item] = read(READER, eml(tmp_path, data)).items
    assert item.text == text
    assert [value for name, value in item.extra if name == "defect"] == ([defect] if defect else [])


MIXED = b"""\
Message-ID: <2@x.example>
Content-Type: multipart/mixed; boundary=o

--o
Content-Type: multipart/alternative; boundary=i

--i
Content-Type: text/plain; charset=utf-8

Wort
--i
Content-Type: text/html; charset=utf-8

<p>Wort <b>fett</b></p>
--i--
--o
Content-Type: application/pdf; name="=?utf-8?Q?St=C3=B6rung.pdf?="
Content-Transfer-Encoding: base64

JVBERg==
--o
Content-Type: application/ms-tnef
Content-Disposition: attachment; filename*=utf-8''winmail%20%C3%BC.dat
Content-Transfer-Encoding: base64

AAEC
--o
Content-Type: message/rfc822

Subject: innen

alt
--o--
"""


def test_parts(read, tmp_path: Path) -> None:
    outcome = read(READER, eml(tmp_path, HEAD + MIXED))
    [item] = outcome.items
    assert item.text.split("\n") == ["Wort", "Wort fett"]
    assert dict(item.extra)["text_from"] == "text/plain, and what only text/html says"
    assert (item.body.type, "<b>fett</b>" in item.body.content) == ("text/html", True)
    assert [(a.name, a.media_type, a.role, a.length) for a in item.attachments] == [
        ("Störung.pdf", "application/pdf", "file", 4),
        ("winmail ü.dat", "application/ms-tnef", "file", 3),
        (None, "message/rfc822", "mail", 19),
    ]
    contents = [
        content.open().read() for reading in outcome.readings for content in getattr(reading, "contents", ())
    ]
    assert contents == [b"%PDF", b"\x00\x01\x02", b"Subject: innen\n\nalt"]
    crlf = (HEAD + MIXED).replace(b"\n", b"\r\n")
    again = read(READER, eml(tmp_path, crlf, "b.eml"))
    assert b"Subject: innen\r\n\r\nalt" in [
        c.open().read() for r in again.readings for c in getattr(r, "contents", ())
    ]
    assert again.items[0].text.split() == ["Wort", "Wort", "fett"]


def test_flowed_text_is_joined() -> None:
    assert unflowed("Das ist \nein Satz.\n> alt \n> auch\n-- \nGruß", delete_space=False) == (
        "Das ist ein Satz.\n> alt auch\n-- \nGruß"
    )
    assert unflowed("Wort \nteil", delete_space=True) == "Wortteil"


def test_two_mails_with_one_message_id_do_not_swallow_one_another(read, tmp_path: Path) -> None:
    base = HEAD + b"Message-ID: <1@x.example>\n\n"
    eml(tmp_path, base + b"eins \n", "a.eml")
    eml(tmp_path, b"Received: by z; Mon, 11 Mar 2024 09:00:00 +0100\n" + base + b"eins\n", "copy.eml")
    eml(tmp_path, base + b"zwei\n", "b.eml")
    a, b, copy = (item.key for item in read(READER, tmp_path).items)
    assert a == copy
    assert a != b
    assert a.id == b.id


def test_without_message_id_the_key_is_derived(read, tmp_path: Path) -> None:
    first = read(READER, eml(tmp_path, HEAD + b"\nHallo\n")).items[0].key
    second = read(READER, eml(tmp_path, HEAD + b"Subject: x\n\nHallo\n", "b.eml")).items[0].key
    assert first.derived
    assert first.id != second.id


@pytest.mark.parametrize(
    ("date", "utc", "marked"),
    [
        (b"Date: gestern\n", "2024-03-11T08:00:00Z", True),
        (b"", "2024-03-11T08:00:00Z", True),
        (b"Date: Mon, 11 Mar 2024 07:00:00 +0000\n", "2024-03-11T07:00:00Z", False),
    ],
)
def test_the_last_hop_stands_in_for_a_missing_date(
    read, tmp_path: Path, date: bytes, utc: str, marked: bool
) -> None:
    data = (
        b"Received: by mx.y.example with SMTP; Mon, 11 Mar 2024 09:00:00 +0100\nFrom: a@x.example\nSubject: s\n"
        + date
    )
    [item] = read(READER, eml(tmp_path, data + b"\nx\n")).items
    assert item.time.utc == utc
    assert (("time_from", "Received") in item.extra) == marked


@pytest.mark.parametrize(
    ("sender", "more", "network"),
    [
        (b"Petra via LinkedIn <messages-noreply@linkedin.com>", b"", "linkedin"),
        (b"XING <info@mail.xing.com>", b"List-Unsubscribe: <x>\n", "xing"),
        (b"Facebook <notification+abc@facebookmail.com>", b"", "facebook"),
        (b"Petra <petra@linkedin.com.example>", b"List-Unsubscribe: <x>\n", None),
        (b"Mensch <vorname.nachname@linkedin.com>", b"", None),
    ],
)
def test_notifications_are_marked(
    read, tmp_path: Path, sender: bytes, more: bytes, network: str | None
) -> None:
    data = b"From: " + sender + b"\nTo: b@y.example\nSubject: x\n" + more + b"\nx\n"
    [item] = read(READER, eml(tmp_path, data)).items
    assert dict(item.extra).get("notification_of") == network


def test_an_mbox_is_cut_at_its_separators_only(read, tmp_path: Path) -> None:
    mails = [
        SEPARATOR + HEAD + b"Subject: 1\n\nText\n\nFrom now on we pay.\n>From quoted\n\n",
        b"From anna@x.example Mon Mar 11 08:00:00 +0000 2024\n" + HEAD + b"Subject: 2\n\nText\nFrom me\n\n",
        b"From odd@separator\n" + HEAD + b"Subject: 3\n\nletzte ohne Ende",
    ]
    outcome = read(READER, eml(tmp_path, b"".join(mails), "Posteingang.mbox"))
    assert [item.raw.slice for item in outcome.items] == mails
    assert [item.title for item in outcome.items] == ["1", "2", "3"]
    assert outcome.items[0].text == "Text\n\nFrom now on we pay.\nFrom quoted\n\n"
    assert {item.thread.id for item in outcome.items} == {"Posteingang"}


def test_content_length_protects_an_unquoted_separator(read, tmp_path: Path) -> None:
    body = b"eins\n\n" + SEPARATOR + b"Subject: forged\n\nzwei\n"
    first = SEPARATOR + HEAD + b"Content-Length: %d\n\n" % len(body) + body + b"\n"
    second = (
        SEPARATOR
        + HEAD
        + b"Content-Length: 999999\nSubject: 2\n\nx\n\n"
        + SEPARATOR
        + HEAD
        + b"Subject: 3\n\ny\n"
    )
    outcome = read(READER, eml(tmp_path, first + second, "a.mbox"))
    assert [item.title for item in outcome.items] == [None, "2", "3"]
    assert outcome.items[0].raw.slice == first


def test_a_mail_over_the_cap_fails_and_the_next_is_read(read, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(mbox_module.mails, "__kwdefaults__", {"cap": 1000})
    data = SEPARATOR + HEAD + b"\n" + b"x\n" * 1000 + b"\n" + SEPARATOR + HEAD + b"Subject: 2\n\ny\n"
    outcome = read(READER, eml(tmp_path, data, "a.mbox"))
    assert outcome.counts == (1, 1, 0)
    assert outcome.items[0].title == "2"


@pytest.mark.parametrize(
    ("data", "counts"),
    [
        (b"Von: niemand\nkein Mailkopf", (1, 0, 0)),
        (b"nur Text ohne Kopf\n", (0, 1, 0)),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", (0, 1, 0)),
        (b"", (0, 1, 0)),
        (b"From  : a@x.example\nSubject : alt\n\nx\n", (1, 0, 0)),
        (HEAD + b"Content-Type: multipart/mixed; boundary=q\n\nohne Grenze\n", (1, 0, 0)),
        (HEAD + b"Content-Type: multipart/mixed; boundary=q\n\n--q\n\noffen\n", (1, 0, 0)),
        (HEAD + b"Content-Transfer-Encoding: base64\n\n!!!=\n", (1, 0, 0)),
        (HEAD + b"Content-Type: text/plain; charset*=x''%FF\n\nx\n", (1, 0, 0)),
        (HEAD + b"Subject: =?utf-8?B?kaputt?=\n\nx\n", (1, 0, 0)),
        (HEAD + b"Subject: \xff\xfe roh\n\nx\n", (1, 0, 0)),
        (HEAD + b"Content-Type: message/rfc822\n\n", (1, 0, 0)),
        (
            HEAD
            + b"Content-Type: multipart/mixed; boundary=q\n\n"
            + b"--q\nContent-Type: multipart/mixed; boundary=q\n\n" * 200,
            (1, 0, 0),
        ),
    ],
)
def test_broken_mails_say_what_they_can(
    read, tmp_path: Path, data: bytes, counts: tuple[int, int, int]
) -> None:
    assert read(READER, eml(tmp_path, data)).counts == counts


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"\n" + b" " * 2_000_000 + b"x",
        HEAD + b"Cc: " + b"n" * 150_000 + b"\n\nx",
        HEAD + b"Cc: " + b"(" * 100_000 + b"\n\nx",
        HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"x \n" * 200_000,
        HEAD + b"References: " + b"<a" * 100_000 + b"\n\nx",
        HEAD + b"Content-Type: text/html\n\n" + b"<td>" * 100_000,
        HEAD + b"Subject: " + b"=?utf-8?Q?" * 20_000 + b"\n\nx",
        b"From " + b"Mon Jan 1 " * 100_000 + b"\nFrom: a@x.example\n\nx",
    ],
    ids=range(8),
)
def test_hostile_mails_take_linear_time(read, tmp_path: Path, data: bytes) -> None:
    with ending():
        outcome = read(READER, eml(tmp_path, data))
    assert outcome.counts == (1, 0, 0)


def test_a_folder_keeps_its_folders_and_names_what_is_no_mail(read, detect, tmp_path: Path) -> None:
    (tmp_path / "Archiv" / "cur").mkdir(parents=True)
    eml(tmp_path / "Archiv" / "cur", HEAD + b"\nx\n", "1700.M1:2,S")
    eml(tmp_path, b"notes\n", "readme.txt")
    eml(tmp_path, b"broken\n", "b.eml")
    outcome = read(READER, tmp_path)
    assert outcome.counts == (1, 2, 0)
    assert outcome.items[0].thread.id == "Archiv"
    assert detect(READER, tmp_path / "Archiv") > 60
    assert detect(READER, tmp_path / "readme.txt") == 0


def test_outlooks_own_form_is_answered(read, detect, tmp_path: Path) -> None:
    path = tmp_path / "x.msg"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert detect(READER, path) == 80
    assert "save the mail as .eml" in read(READER, path).failures[0]


def test_what_only_the_html_says_is_said(read, tmp_path: Path) -> None:
    def mail(plain: str, page: str) -> bytes:
        parts = f"--b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n--b\nContent-Type: text/html; charset=utf-8\n\n{page}\n--b--\n"
        return HEAD + b"Content-Type: multipart/alternative; boundary=b\n\n" + parts.encode()

    page = (
        "<p>Liebe Anna,</p><p>wir geben <b>fünf</b> Jahre, siehe <a href='https://t.example/x'>hier</a></p>"
    )
    same = "Liebe Anna,\nwir geben *fünf* Jahre,\nsiehe hier <https://other.example/y>"
    [item] = read(READER, eml(tmp_path, mail(same, page))).items
    assert item.text.rstrip() == same
    assert "text_from" not in dict(item.extra)
    [item] = read(READER, eml(tmp_path, mail("Ihr Programm zeigt kein HTML.\nLiebe Anna,", page))).items
    assert item.text.startswith("Ihr Programm zeigt kein HTML.\nLiebe Anna,\n")
    assert item.text.count("Anna") == 1
    assert "wir geben fünf Jahre" in item.text
