"""Redactions where platforms write several messages as one, or tell in an id what is withheld; what people are told."""

import base64
import hashlib
import json
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.channels.car import cbor, cid, repository
from tests.commandline.conftest import Beleg
from tests.commandline.test_redaction import found, tells

FIRST, SECOND = "Preis 4711,50 EUR", "Preis 4799,50 EUR"


def chosen(beleg: Beleg, folder: Path, name: str = "Pumpe") -> None:
    assert beleg("ingest", folder, "--mine", "Werk").code == 0
    beleg("matter", "open", name, "--reason", "Streit")
    assert beleg("matter", "add", "M-1", "--search", "after:2020").code == 0


def withheld(beleg: Beleg, query: str, *what: str) -> None:
    done = beleg("matter", "redact", "M-1", str(found(beleg, query)), *what, "--reason", "Grund")
    assert done.code == 0, done.err


def exported(beleg: Beleg, out: Path) -> None:
    done = beleg("export", "M-1", "--out", out, "--profile", "review")
    assert done.code == 0, done.err


def written(folder: Path, name: str, value: object) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    text = value if isinstance(value, str | bytes) else json.dumps(value, ensure_ascii=False)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def conversation(*said: str) -> dict[str, Any]:
    parts = [
        {"type": "conversation_part", "id": f"70000{n}", "part_type": "comment", "body": f"<p>{text}</p>",
         "created_at": 1709545000 + n, "author": {"type": "admin", "id": "2", "name": "Bo"}}
        for n, text in enumerate(said)
    ]  # fmt: skip
    source = {
        "type": "conversation",
        "id": "600001",
        "body": "<p>Frage</p>",
        "author": {"type": "user", "id": "1"},
    }
    listed = {"type": "conversation_part.list", "conversation_parts": parts, "total_count": len(parts)}
    about = {"type": "conversation", "id": "503", "created_at": 1709545000, "updated_at": 1709545511}
    return {**about, "source": source, "conversation_parts": listed}


def test_bytes_in_which_several_messages_lie_tell_none_of_them(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    written(tmp_path / "1", "c.json", conversation(FIRST, "alles gut"))
    written(tmp_path / "2", "c.json", conversation(FIRST, "alles gut", "bis morgen"))
    assert beleg("ingest", tmp_path / "1", "--mine", "Werk").code == 0
    chosen(beleg, tmp_path / "2")
    withheld(beleg, '"preis 4711"', "--words", "4711,50 EUR")
    exported(beleg, tmp_path / "out")
    assert beleg("verify", tmp_path / "out").code == 0
    assert tells(tmp_path / "out", "4711,50 EUR") == []
    assert all(tells(tmp_path / "out", words) for words in ("alles gut", "bis morgen", "Frage"))


def stanza(number: int, own: str, inner: str, sender: str = "anna@x.example") -> str:
    head = f"<message to='werk@x.example'><result xmlns='urn:xmpp:mam:2' id='a{number}'><forwarded>"
    head += f"<delay stamp='2024-03-04T09:0{number}:00Z'/><message xmlns='jabber:client' id='{own}' from='{sender}/t'"
    return f"{head} to='werk@x.example'>{inner}</message></forwarded></result></message>\n"


def stanzas() -> str:
    correction = f"<body>{SECOND}</body><replace id='m1' xmlns='urn:xmpp:message-correct:0'/>"
    return stanza(1, "m1", f"<body>{FIRST}</body>") + stanza(2, "m2", correction)


def versions() -> dict[str, Any]:
    day = "Monday, March 4, 2024 at 9:2{}:00\u202fAM UTC"
    message = {
        "creator": {"name": "Anna", "email": "a@x.example"}, "created_date": day.format(0), "text": SECOND,
        "updated_date": day.format(5), "topic_id": "t", "message_id": "A/t/t",
        "previous_message_versions": [{"text": FIRST, "created_date": day.format(0)}],
    }  # fmt: skip
    return {"messages": [message]}


@pytest.mark.parametrize("decided", ["4711", "4799"])
@pytest.mark.parametrize(
    ("file", "value"),
    [("mam.xml", stanzas()), ("Google Chat/Groups/Space A/messages.json", versions())],
    ids=["xmpp", "google-chat"],
)
def test_a_correction_is_a_version_of_what_it_corrects(
    beleg: Beleg, archive: Path, tmp_path: Path, file: str, value: object, decided: str
) -> None:
    written(tmp_path / "in", file, value)
    chosen(beleg, tmp_path / "in")
    withheld(beleg, f'"preis {decided}"', "--words", f"{decided},50 EUR")
    exported(beleg, tmp_path / "out")
    assert [tells(tmp_path / "out", words) for words in ("4711,50 EUR", "4799,50 EUR")] == [[], []]
    dat = (tmp_path / "out/bag/data/review/VOL001/DATA/VOL001.dat").read_text("utf-8-sig")
    head, row = (line.split("\x14") for line in dat.splitlines()[:2])
    assert dict(zip(head, row, strict=True))["þHASEDITSþ"] == "þYþ"


def test_mails_that_hold_a_mail_or_name_it_somewhere_refer_to_it(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    mails = [EmailMessage(policy=SMTP) for _ in range(4)]
    said = (f"Guten Tag, {FIRST}", "anbei", "anbei", f"noch einmal: {FIRST[6:]}")
    for number, (mail, text) in enumerate(zip(mails, said, strict=True)):
        mail["From"], mail["To"], mail["Subject"] = "a@x.example", "b@x.example", f"Brief {number}"
        mail["Message-ID"], mail["Date"] = f"<{number}@x.example>", f"Tue, 04 Feb 2025 09:0{number}:00 +0100"
        mail.set_content(text)
    mails[1].add_attachment(mails[0])
    mails[2].add_attachment(
        mails[0].as_bytes(), maintype="application", subtype="octet-stream", filename="a.eml"
    )
    mails[3]["References"] = "<8@x.example> <0@x.example> <9@x.example>"
    for number, mail in enumerate(mails):
        written(tmp_path / "in", f"{number % 2}/{number}.eml", mail.as_bytes())
    chosen(beleg, tmp_path / "in")
    withheld(beleg, '"guten tag" NOT anbei', "--words", FIRST[6:])
    exported(beleg, tmp_path / "out")
    assert tells(tmp_path / "out", FIRST[6:]) == []
    assert all(tells(tmp_path / "out", words) for words in ("Brief 0", "Brief 3", "noch einmal"))


def slack(number: int, text: str, **more: object) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "text": text, "ts": f"170956{number}123.000500", **more}


def test_with_a_time_goes_the_id_that_is_one(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    of = slack(1, "")["ts"]
    day = [slack(1, "eins"), slack(2, "zwei", thread_ts=of), slack(3, "drei")]
    written(tmp_path / "in", "room/2024-03-04.json", day)
    chosen(beleg, tmp_path / "in")
    withheld(beleg, "eins", "--facet", "time")
    exported(beleg, tmp_path / "out")
    assert tells(tmp_path / "out", of.partition(".")[0]) == []
    assert all(tells(tmp_path / "out", words) for words in ("eins", "zwei", slack(3, "")["ts"]))


ADVICE = "Wir raten, die Mängel anzuerkennen, weil das Gutachten uns belastet"


def test_what_may_tell_it_again_is_told_to_a_person(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    pasted = f"Anwalt sagt: {ADVICE[11:]}! Also?"
    day = [
        slack(1, f"{ADVICE}. Gruß"),
        slack(2, "Preis 4711 und 9922"),
        slack(3, "noch 9922"),
        slack(4, "gut"),
    ]
    written(tmp_path / "in", "slack/room/2024-03-04.json", day)
    written(tmp_path / "in", "WhatsApp Chat mit Chef.txt", f"[05.03.24, 09:15:05] Anna: {pasted}\n")
    chosen(beleg, tmp_path / "in")
    privileged = (
        "matter",
        "add",
        "M-1",
        str(found(beleg, "gruß")),
        "--decision",
        "privileged",
        "--note",
        "RA",
    )
    assert beleg(*privileged).code == 0
    withheld(beleg, "4711", "--words", "4711")
    withheld(beleg, "noch", "--words", "9922")
    told = beleg("export", "M-1", "--out", tmp_path / "out", "--profile", "review").out
    items = ", ".join(map(str, sorted([found(beleg, "4711"), found(beleg, "anwalt")])))
    assert f"parts or phrases of what is withheld also stand in 2 items: {items}\n" in told


def test_neither_a_matter_nor_a_privilege_log_names_it(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    day = [slack(1, "Projekt X7"), slack(2, "intern", user="U2", user_profile={"real_name": "Petra Lang"})]
    written(tmp_path / "in", "slack/room/2024-03-04.json", day)
    chosen(beleg, tmp_path / "in", "Sache X7")
    withheld(beleg, "projekt", "--words", "X7")
    told = beleg("export", "M-1", "--out", tmp_path / "a")
    assert (told.code, "name or reference of M-1" in told.err) == (2, True)
    assert beleg("matter", "redact", "M-1", str(found(beleg, "projekt")), "--reason", "doch").code == 0
    withheld(beleg, "intern", "--facet", "author")
    intern = str(found(beleg, "intern"))
    assert beleg("matter", "add", "M-1", intern, "--decision", "privileged", "--note", "RA").code == 0
    exported(beleg, tmp_path / "b")
    assert tells(tmp_path / "b", "Petra Lang") == []
    assert beleg("matter", "add", "M-1", str(found(beleg, "projekt")), "--decision", "withheld").code == 0
    told = beleg("export", "M-1", "--out", tmp_path / "c")
    assert (told.code, "all 2 items of it stay inside" in told.err) == (2, True)
    (_, row) = openpyxl.load_workbook(tmp_path / "b/bag/data/metadata/privilege_log.xlsx").active.values
    assert row[4] == "[GESCHWÄRZT]"


def test_who_names_a_post_by_its_digest_lets_nobody_try_its_words(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    """On Bluesky likes and answers name a post by its CID; of a like of an answer the same is true one step on."""

    def post(text: str, **more: object) -> dict[str, object]:
        return {
            "$type": "app.bsky.feed.post",
            "text": text,
            "createdAt": "2024-02-22T19:58:13.903Z",
            **more,
        }

    def named(value: dict[str, object], key: str) -> dict[str, object]:
        digest = base64.b32encode(cid(cbor(value))).decode().lower().rstrip("=")
        return {"cid": f"b{digest}", "uri": f"at://did:plc:werk/app.bsky.feed.post/{key}"}

    said, key = post(FIRST), "3k2yihcrp6f2"
    answer = post("alles gut", reply={"parent": named(said, f"{key}a"), "root": named(said, f"{key}a")})
    like = {
        "$type": "app.bsky.feed.like",
        "createdAt": "2024-02-22T20:58:13.903Z",
        "subject": named(answer, f"{key}b"),
    }
    records = {"post/": {"a": said, "b": answer, "c": post("bis morgen")}, "like/": {"d": like}}
    paths = {
        f"app.bsky.feed.{kind}{key}{n}": one for kind, some in records.items() for n, one in some.items()
    }
    written(tmp_path / "in", "repo.car", repository(paths))
    chosen(beleg, tmp_path / "in")
    withheld(beleg, '"preis 4711"', "--words", FIRST[6:])
    exported(beleg, tmp_path / "out")
    digests = [str(like["subject"]["cid"]), str(answer["reply"]["root"]["cid"])]  # type: ignore[index]
    assert [tells(tmp_path / "out", words) for words in (FIRST[6:], *digests)] == [[], [], []]
    assert all(tells(tmp_path / "out", words) for words in ("alles gut", "bis morgen"))


def test_a_page_that_was_seen_again_unchanged_tells_no_digest_of_it(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    page = f"<html><body>{FIRST}</body></html>".encode()
    digest = base64.b32encode(hashlib.sha1(page, usedforsecurity=False).digest()).decode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    records = [
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Target-URI: "
        f"https://x.example/a\r\nWARC-Date: 202{number}-01-01T00:00:00Z\r\nWARC-Payload-Digest: sha1:{digest}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
        + b"\r\n\r\n"
        for number, (kind, body) in enumerate((("response", head + page), ("revisit", head)), 1)
    ]
    written(tmp_path / "in", "a.warc", b"".join(records))
    chosen(beleg, tmp_path / "in")
    withheld(beleg, '"preis 4711"', "--words", FIRST[6:])
    exported(beleg, tmp_path / "out")
    assert [tells(tmp_path / "out", words) for words in (FIRST[6:], digest)] == [[], []]
    assert tells(tmp_path / "out", "x.example/a")


def mastodon() -> list[dict[str, Any]]:
    account = {"uri": "https://m.example/users/werk", "acct": "werk"}
    named = {
        "account": account,
        "spoiler_text": "",
        "visibility": "public",
    }
    said = {
        1: {"content": FIRST},
        2: {"content": "Nein, 4711,50 EUR", "in_reply_to_id": "109001"},
        3: {"content": "gut"},
    }
    return [
        named
        | one
        | {"id": f"10900{n}", "uri": f"{account['uri']}/{n}", "created_at": f"2024-03-04T09:0{n}:00Z"}
        for n, one in said.items()
    ]


def mastodon_versions() -> list[dict[str, Any]]:
    """The first one has the instant of the status."""
    first = mastodon()[0]
    told = {name: first[name] for name in ("account", "spoiler_text", "created_at")}
    return [
        told | {"content": SECOND},
        told | {"content": FIRST, "created_at": "2024-03-04T10:00:00Z"},
    ]


def discourse() -> dict[str, Any]:
    quote = '<aside class="quote" data-post="1" data-topic="9">4711,50 EUR</aside>so?'
    said = [(FIRST, {}), ("Nein, 4711,50 EUR", {"reply_to_post_number": 1}), (quote, {}), ("gut", {})]
    posts = [
        {"id": 5500 + n, "username": "anna", "created_at": f"2024-03-04T09:0{n}:00Z", "cooked": text,
         "post_number": n, "post_type": 1, "topic_id": 9, "version": 1, **more}
        for n, (text, more) in enumerate(said, 1)
    ]  # fmt: skip
    return {"post_stream": {"posts": posts, "stream": [5501, 5502, 5503, 5504]}, "id": 9, "title": "Pumpe"}


@pytest.mark.parametrize("platform", ["mastodon", "discourse"])
def test_who_answers_by_a_number_of_the_platform_tells_nothing_again(
    beleg: Beleg, archive: Path, tmp_path: Path, platform: str
) -> None:
    if platform == "mastodon":
        written(tmp_path / "in", "statuses.json", mastodon())
        written(tmp_path / "in", "versions.json", mastodon_versions())
    else:
        written(tmp_path / "in", "t.json", discourse())
    chosen(beleg, tmp_path / "in")
    found = beleg("search", '"preis 4711"', "--json").json["hits"][0]["number"]
    assert (
        beleg("matter", "redact", "M-1", str(found), "--words", "4711,50 EUR", "--reason", "Grund").code == 0
    )
    exported(beleg, tmp_path / "out")
    assert [tells(tmp_path / "out", words) for words in ("4711,50 EUR", "4799,50 EUR")] == [[], []]
    assert tells(tmp_path / "out", "gut")


def test_what_is_said_of_a_withheld_file_goes_along(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """Slack shows how a file begins; the reader takes that for words of the message."""
    folder, at = tmp_path / "in", "1709545{}.000100"
    begins = "Holunderblütensirup\n<b>kostet</b> 33 Euro &amp; mehr"
    file = {"id": "F1", "name": "a.html", "mode": "space", "mimetype": "text/html", "preview": begins}
    said = [
        {"type": "message", "user": "U1", "ts": at.format(100), "text": "Liste anbei", "files": [file]},
        {"type": "message", "user": "U1", "ts": at.format(200), "text": "Sirup: Holunderblütensirup kostet"},
    ]
    written(folder, "users.json", [{"id": "U1", "name": "bo"}])
    written(folder, "channels.json", [{"id": "C1", "name": "werk"}])
    written(folder, "werk/2024-03-04.json", said)
    chosen(beleg, folder)
    withheld(beleg, "liste", "--facet", "attachments")
    exported(beleg, tmp_path / "E")
    assert tells(tmp_path / "E", "kostet 33") == tells(tmp_path / "E", "a.html") == []
    assert tells(tmp_path / "E", "Liste anbei"), "what somebody said with the file stays"
    assert tells(tmp_path / "E", "text/x-slack-mrkdwn"), "the other message is not touched by parts of it"
