"""Withheld names and times, the same message from another side, and reasons that would tell."""

import json
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.test_redaction import found, tells

LETTER = """Message-ID: <1@werk.example>
From: Petra Lange <lange@hydraulik.example>
To: einkauf@werk.example
Subject: Garantie
Date: Mon, 03 Feb 2025 08:17:00 +0100
Content-Type: text/plain; charset=utf-8

Fünf Jahre Garantie.

Viele Grüße
Petra Lange
"""
ANSWER = """Message-ID: <2@werk.example>
From: einkauf@werk.example
To: Petra Lange <lange@hydraulik.example>
Subject: Re: Garantie
In-Reply-To: <1@werk.example>
Date: Tue, 04 Feb 2025 10:00:00 +0100
Content-Type: text/plain; charset=utf-8

Danke, die Garantie passt.

Am 03.02.2025 um 08:17 schrieb Petra Lange <lange@hydraulik.example>:
> Fünf Jahre.
"""
CHAT = """[03.02.25, 09:15:41] Lieferant: Artikel 4815-16-23, drei Jahre Garantie
[03.02.25, 09:16:05] Anna: gut
"""


@pytest.fixture
def mails(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "mails"
    folder.mkdir()
    for number, text in enumerate((LETTER, ANSWER)):
        (folder / f"{number}.eml").write_text(text, encoding="utf-8")
    assert beleg("ingest", folder, "--mine", "einkauf@werk.example").code == 0
    assert beleg("matter", "open", "Presse", "--reason", "Streit").code == 0
    assert beleg("matter", "add", "M-1", "--search", "garantie").code == 0
    return folder


def export(beleg: Beleg, out: Path, profile: str = "full") -> Path:
    done = beleg("export", "M-1", "--out", out, "--context", "whole", "--profile", profile)
    assert done.code == 0, done.err
    assert beleg("verify", out).code == 0
    return out


@pytest.mark.parametrize("profile", ["full", "review"])
def test_a_withheld_author_is_named_by_no_letter_and_no_answer(
    beleg: Beleg, mails: Path, tmp_path: Path, profile: str
) -> None:
    names = ("Petra Lange", "lange@hydraulik.example")
    plain = export(beleg, tmp_path / "plain", profile)
    assert all(tells(plain, name) for name in names)
    item = found(beleg, '"viele grüße"')
    assert beleg("matter", "redact", "M-1", str(item), "--facet", "author", "--reason", "Quelle").code == 0
    out = export(beleg, tmp_path / "out", profile)
    assert [tells(out, name) for name in names] == [[], []]
    assert tells(out, "Garantie passt"), "what was not withheld is there"


def test_a_withheld_time_is_told_by_no_answer_and_no_coverage(
    beleg: Beleg, mails: Path, tmp_path: Path
) -> None:
    times = ("2025-02-03T07:17:00", "um 08:17 schrieb", "Am 03.02.2025 um")
    plain = export(beleg, tmp_path / "plain")
    assert "bag/data/metadata/coverage.json" in tells(plain, times[0])
    assert all(tells(plain, time) for time in times)
    item = found(beleg, '"viele grüße"')
    assert beleg("matter", "redact", "M-1", str(item), "--facet", "time", "--reason", "Quelle").code == 0
    out = export(beleg, tmp_path / "out")
    assert [tells(out, time) for time in times] == [[], [], []]


def test_the_same_message_from_the_other_phone_is_no_other(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    files = [tmp_path / f"WhatsApp Chat mit {name}.txt" for name in ("Lieferant", "Anna")]
    for file, mine in zip(files, ("Anna", "Lieferant"), strict=True):
        file.write_text(CHAT, encoding="utf-8")
        assert beleg("ingest", file, "--mine", mine).code == 0
    beleg("matter", "open", "Presse", "--reason", "Streit")
    beleg("matter", "add", "M-1", "--search", "garantie")
    first, second = [one["number"] for one in beleg("search", "garantie", "--json").json["hits"]]
    plain = export(beleg, tmp_path / "plain")
    digest = sha256(files[0].read_bytes()).hexdigest()
    assert tells(plain, digest)
    redact = ("matter", "redact", "M-1", str(first), "--words", "4815-16-23", "--reason")
    told = beleg(*redact, "die 4815-16-23 ist geheim")
    assert told.code == 2
    assert "say it in other words" in told.err
    assert beleg(*redact, "Nummer").code == 0
    out = export(beleg, tmp_path / "out")
    assert tells(out, "4815-16-23") == []
    assert tells(out, digest) == [], "who has the rest of the file could try what fits"
    lines = [json.loads(line) for line in (out / "bag/data/redactions.jsonl").read_text().splitlines()]
    assert {line["index"]: line["follows"] for line in lines} == {first: None, second: first}
    assert all("drei Jahre Garantie" in line["text"] for line in lines)


def test_the_parent_of_a_thread_does_not_tell_who_answered_and_when(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    parent, reply, who = "1738569600.000100", "1738569700.000200", "U0QUELLE99"
    day = [
        {"type": "message", "user": "U0ANNA0001", "ts": parent, "thread_ts": parent, "text": "Garantie?",
         "reply_count": 1, "reply_users": [who], "latest_reply": reply, "replies": [{"user": who, "ts": reply}]},
        {"type": "message", "user": who, "ts": reply, "thread_ts": parent, "text": "fünf Jahre Garantie"},
    ]  # fmt: skip
    with zipfile.ZipFile(tmp_path / "Slack Werk.zip", "w") as packed:
        packed.writestr("users.json", json.dumps([{"id": "U0ANNA0001", "name": "anna"}]))
        packed.writestr("channels.json", json.dumps([{"id": "C1", "name": "einkauf"}]))
        packed.writestr("einkauf/2025-02-03.json", json.dumps(day))
    assert beleg("ingest", tmp_path / "Slack Werk.zip", "--mine", "Anna").code == 0
    beleg("matter", "open", "Presse", "--reason", "Streit")
    beleg("matter", "add", "M-1", "--search", "garantie")
    plain = export(beleg, tmp_path / "plain")
    assert tells(plain, who)
    item = found(beleg, "fünf")
    assert beleg("matter", "redact", "M-1", str(item), "--facet", "author", "--reason", "Quelle").code == 0
    assert tells(export(beleg, tmp_path / "out"), who) == []


def test_neither_the_name_of_a_matter_nor_a_basis_tells_it(beleg: Beleg, mails: Path, tmp_path: Path) -> None:
    letter, answer = found(beleg, '"viele grüße"'), found(beleg, "danke")
    beleg("matter", "open", "Die Garantie passt doch", "--reason", "x")
    beleg("matter", "add", "M-2", str(letter), str(answer))
    redact = ("matter", "redact", "M-2", str(answer), "--words", "die Garantie passt", "--reason", "x")
    assert beleg(*redact).code == 0
    told = beleg("export", "M-2", "--out", tmp_path / "a")
    assert told.code == 2
    assert "name or reference of M-2" in told.err
    privileged = ("matter", "add", "M-1", str(answer), "--decision", "privileged", "--note")
    assert beleg(*privileged, "weil: Danke, die Garantie passt").code == 0
    told = beleg("export", "M-1", "--out", tmp_path / "b", "--profile", "opposing")
    assert told.code == 2
    assert f"item {answer}: the note on why it stays inside is handed out" in told.err
    assert list((tmp_path / "b").iterdir()) == []
    assert beleg(*privileged, "Anwalt").code == 0
    assert beleg("export", "M-1", "--out", tmp_path / "b", "--profile", "opposing").code == 0


def test_where_short_words_stand_besides_is_said(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    lines = ("Garantie, Rabatt 17 %", "gut", "intern: 17 % sind das Limit", "217 % mehr")
    file.write_text("".join(f"[03.02.25, 09:1{n}:00] Anna: {text}\n" for n, text in enumerate(lines)))
    assert beleg("ingest", file, "--mine", "Anna").code == 0
    beleg("matter", "open", "Presse", "--reason", "Streit")
    beleg("matter", "add", "M-1", "--search", "garantie")
    item, other = (found(beleg, query) for query in ("garantie", "limit"))
    assert beleg("matter", "redact", "M-1", str(item), "--words", "17 %", "--reason", "Preis").code == 0
    told = beleg("export", "M-1", "--out", tmp_path / "a", "--context", "whole")
    assert told.code == 0
    assert f"stand in 1 items: {other}\nlook at them" in told.out
    assert beleg("matter", "add", "M-1", str(other), "--decision", "context").code == 0
    assert beleg("matter", "redact", "M-1", str(other), "--words", "17 %", "--reason", "Preis").code == 0
    again = beleg("export", "M-1", "--out", tmp_path / "b", "--context", "whole", "--json")
    assert again.json["doubtful"] == []


def test_an_item_that_is_not_in_the_matter_is_taken_in_as_the_message_says(beleg: Beleg, mails: Path) -> None:
    item = found(beleg, '"viele grüße"')
    assert beleg("matter", "remove", "M-1", str(item)).code == 0
    told = beleg("matter", "redact", "M-1", str(item), "--facet", "author", "--reason", "Quelle")
    assert told.code == 2
    assert f"beleg matter add M-1 {item} --decision context" in told.err
