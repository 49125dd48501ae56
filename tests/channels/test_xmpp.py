"""XMPP: ids that count, corrections, retractions, receipts, rooms, closed bodies."""

from pathlib import Path

import pytest

from archive.channels.xmpp import XmppArchive
from archive.reading.private import without
from archive.reading.tree import Tree
from archive.reading.units import Completeness
from schemas.item import Item

READER = XmppArchive()


def archived(number: int, inner: str, **attributes: str) -> str:
    told = {"from": "anna@x.example/tel", "to": "werk@x.example", **attributes}
    named = " ".join(f"{name}='{value}'" for name, value in told.items())
    return f"<message to='werk@x.example'><result xmlns='urn:xmpp:mam:2' id='a{number}'><forwarded><delay stamp='2010-07-10T23:08:2{number}Z'/><message xmlns='jabber:client' {named}>{inner}</message></forwarded></result></message>"


def test_events_and_what_they_are_about(read, tmp_path: Path) -> None:
    path = tmp_path / "mam.xml"
    path.write_text(
        "<?xml version='1.0'?><archive>"
        + archived(1, "<body>a</body>", id="m1")
        + archived(2, "<body>b</body><replace id='m1' xmlns='urn:xmpp:message-correct:0'/>")
        + archived(3, "<retract id='m1'/><body>fallback</body>")
        + archived(4, "<reactions id='m1'><reaction>👍</reaction></reactions>")
        + archived(5, "<received xmlns='urn:xmpp:receipts' id='m1'/>")
        + archived(6, "<encrypted xmlns='eu.siacs.conversations.axolotl'>x</encrypted><body>OMEMO</body>")
        + archived(7, "<body>Hallo</body><neu>1</neu>", type="groupchat", **{"from": "raum@x.example/Anna"})
        + "<iq type='result'/></archive>"
    )
    outcome = read(READER, path)
    items = outcome.items
    assert outcome.counts == (7, 0, 1)
    assert [i.event for i in items] == [
        "posted",
        "edited",
        "deleted",
        "reacted",
        "delivered",
        "posted",
        "posted",
    ]
    assert [i.key.id for i in items] == [f"a{n}" for n in range(1, 8)]
    assert [i.targets[0].written_id for i in items[1:5]] == ["m1"] * 4
    assert [i.targets[0].key for i in items[1:5]] == [items[0].key] * 4
    assert [i.text for i in items] == ["a", "b", None, None, None, None, "Hallo"]
    assert {i.thread.id for i in items[:6]} == {"anna@x.example"}
    assert (items[6].thread.id, items[6].author.written, items[6].visibility) == (
        "raum@x.example",
        "Anna",
        "group",
    )
    assert items[0].time.utc == "2010-07-10T23:08:21Z"
    assert dict(items[6].extra)["neu"] == "1"


def test_a_cut_stanza_and_entities_hurt_nobody(read, tmp_path: Path) -> None:
    path = tmp_path / "mam.xml"
    path.write_text(
        "<!DOCTYPE x [<!ENTITY a 'aaaa'>]>"
        + archived(1, "<body>&a;</body>")
        + "<message xmlns='jabber:client'><body>offen"
    )
    outcome = read(READER, path)
    assert outcome.counts == (1, 1, 0)
    assert outcome.items[0].text == "&a;"


def test_a_stanza_that_never_closes_takes_no_other_along(read, tmp_path: Path) -> None:
    path = tmp_path / "mam.xml"
    path.write_bytes(
        archived(1, "<body>eins</body>").encode()
        + b"<message xmlns='jabber:client' to=unquoted><body>zwei</body></message>"
        + b"<message xmlns='jabber:client' from='a@x.example'><body>dr\xffei</body>"
        + archived(4, "<body>vier \xfc</body>").encode()
    )
    outcome = read(READER, path)
    assert [item.text for item in outcome.items] == ["eins", "vier \xfc"]
    assert set(outcome.failures) == {"a stanza that is cut off, or longer than the limit"}


def test_stanzas_longer_than_a_piece_of_the_stream_and_none_at_all(read, tmp_path: Path) -> None:
    path = tmp_path / "mam.xml"
    long = "lang " * 600_000
    path.write_text(archived(1, f"<body>{long}</body>") + " " * 3_000_000 + archived(2, "<body>kurz</body>"))
    assert [len(item.text) for item in read(READER, path).items] == [len(long.strip()), 4]
    path.write_text("<archive xmlns:x='urn:xmpp:mam:2'>" + "<message xmlns='jabber:client'>" * 400_000)
    outcome = read(READER, path)
    assert not outcome.items
    assert len(outcome.failures) <= 30


def test_stanzas_in_a_wide_encoding(read, tmp_path: Path) -> None:
    path = tmp_path / "mam.xml"
    path.write_text("<archive>" + archived(1, "<body>Gr\xf6\xdfe</body>") + "</archive>", encoding="utf-16")
    [item] = read(READER, path).items
    assert (item.text, item.raw.start) == ("Gr\xf6\xdfe", None)


def test_nobody_corrects_or_retracts_what_another_said(read, tmp_path: Path) -> None:
    room = {"type": "groupchat", "from": "raum@x.example/Bo"}
    path = tmp_path / "mam.xml"
    path.write_text(
        archived(1, "<body>a</body>", **{**room, "from": "raum@x.example/Anna", "id": "m1"})
        + archived(2, "<body>b</body><replace id='m1'/>", **room)
        + archived(3, "<retract id='a1'/>", **room)
        + archived(4, "<reactions id='a1'><reaction>👍</reaction></reactions>", **room)
        + archived(5, "<body>c</body><reply id='a1'/>", **room)
        + archived(
            6, "<retract id='a1'><moderated/></retract><moderated/>", **{**room, "from": "raum@x.example"}
        )
        + archived(7, "<body>d</body><replace id='m1'/>")
    )
    items = read(READER, path).items
    named = [one.targets[0].key for one in items[1:]]
    assert named == [None, None, *[items[0].key] * 3, None], "and in another conversation it is another one"


def said(read, tmp_path: Path, *inner: str, **attributes: str) -> list[Item]:
    path = tmp_path / "mam.xml"
    path.write_text("".join(archived(at + 1, one, **attributes) for at, one in enumerate(inner)))
    items: list[Item] = read(READER, path).items
    return items


def test_all_words_that_a_stanza_shows_are_its_text(read, tmp_path: Path) -> None:
    passed = "<forwarded><message from='b@x.example' id='q'><body>weitergegeben</body></message></forwarded>"
    items = said(
        read,
        tmp_path,
        "<body>zehn Jahre</body><body xml:lang='en'>ten years</body>",
        "<html><body xmlns='http://www.w3.org/1999/xhtml'><p>nur <b>fett</b></p></body></html>",
        f"<body>siehe</body>{passed}",
        "<x xmlns='jabber:x:conference' jid='r@x.example' reason='wegen der Zusage'/>",
    )
    assert [one.text for one in items] == [
        "zehn Jahre\nten years",
        "nur fett",
        "siehe\nweitergegeben",
        "r@x.example\nwegen der Zusage",
    ]
    assert [one.event for one in items] == ["posted", "posted", "posted", "notice"]
    assert items[1].body is not None
    [target] = items[2].targets
    assert (target.relation, target.written_id, target.excerpt) == ("forward", "q", "weitergegeben")


def test_what_looks_like_a_deletion_or_a_receipt_and_is_none(read, tmp_path: Path) -> None:
    items = said(
        read,
        tmp_path,
        "<body>Preis</body><apply-to xmlns='urn:xmpp:fasten:0' id='m0'><external name='body'/></apply-to>",
        "<retract xmlns='urn:xmpp:jingle-message:0' id='c1'/>",
        "<received xmlns='urn:xmpp:carbons:2'><forwarded><message><body>Kopie</body></message></forwarded></received>",
        "<reactions id='m0'/>",
        "<acknowledged xmlns='urn:xmpp:chat-markers:0' id='m0'/>",
    )
    assert [one.event for one in items] == ["posted", "called", "posted", "unreacted", "read"]
    assert [one.text for one in items[:3]] == ["Preis", None, "Kopie"]
    assert items[0].targets[0].written_id == "m0"
    assert items[1].form == "call"


def test_a_message_that_came_back_was_said_by_nobody_else(read, tmp_path: Path) -> None:
    path = tmp_path / "mam.xml"
    back = "<body>fünf Jahre</body><error type='cancel'><text>Postfach voll</text></error>"
    path.write_text(
        archived(1, "<body>fünf Jahre</body>", id="m1", **{"from": "werk@x.example", "to": "anna@x.example"})
        + archived(2, back, id="m1", type="error")
        + archived(3, "<body>sechs</body><replace id='m1'/>", **{"from": "werk@x.example", "to": "anna@x.example"})
    )  # fmt: skip
    sent, returned, changed = read(READER, path).items
    assert (returned.event, returned.text, returned.targets[0].key) == ("notice", None, sent.key)
    assert dict(returned.extra)["returned"] == "fünf Jahre"
    assert "Postfach voll" in dict(returned.extra)["error"]
    assert changed.targets[0].key == sent.key


def test_moderation_says_who_and_why_in_every_version(read, tmp_path: Path) -> None:
    moderated = "<moderated by='r@x.example/Chef'/>"
    path = tmp_path / "mam.xml"
    room = {"type": "groupchat", "from": "r@x.example/Bo"}
    itself = {"type": "groupchat", "from": "r@x.example"}
    path.write_text(
        archived(1, "<body>a</body>", **room)
        + archived(2, f"<retract id='a1'>{moderated}<reason>Spam</reason></retract>", **itself)
        + archived(3, "<apply-to id='a1'><moderated by='r@x.example/Chef'><retract/><reason>Spam</reason></moderated></apply-to>", **itself)
        + archived(4, f"<retracted stamp='2024-01-01T00:00:00Z'>{moderated}<reason>Spam</reason></retracted>", **room)
    )  # fmt: skip
    items = read(READER, path).items
    assert {(one.event, one.deleted.by, one.deleted.reason) for one in items[1:]} == {
        ("deleted", "admin", "Spam")
    }
    assert [one.targets[0].key for one in items[1:3]] == [items[0].key] * 2
    assert all(dict(one.extra)["moderated_by"] == "r@x.example/Chef" for one in items[1:])


def test_files_people_and_several_elements_of_one_name(read, tmp_path: Path) -> None:
    file = "<file><name>plan.pdf</name><media-type>application/pdf</media-type><size>12</size><desc>Der Plan</desc></file>"
    shared = f"<file-sharing>{file}<sources><url-data target='https://u.example/plan.pdf'/></sources></file-sharing>"
    [item] = said(
        read,
        tmp_path,
        f"<body>hier</body>{shared}<x xmlns='jabber:x:oob'><url>https://u.example/plan.pdf</url></x>"
        "<x xmlns='jabber:x:oob'><url>https://u.example/zwei.png</url></x><thread parent='t0'>t1</thread>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='anna@x.example/tel'/></x>"
        "<reference type='mention' uri='xmpp:werk@x.example'/><reference type='mention' uri='xmpp:bo@x.example'/>",
        type="groupchat",
        **{"from": "r@x.example/Anna"},
    )
    assert [(a.name, a.media_type, a.length, a.url) for a in item.attachments] == [
        ("plan.pdf", "application/pdf", 12, "https://u.example/plan.pdf"),
        ("zwei.png", "image/png", None, "https://u.example/zwei.png"),
    ]
    assert item.text == "hier\nDer Plan"
    assert [(one.role, one.actor.name) for one in item.recipients] == [("mentioned", "werk@x.example"), ("mentioned", "bo@x.example")]  # fmt: skip
    assert item.author.handle == "anna@x.example"
    assert sum(name == "x" for name, _ in item.extra) == 3
    assert (dict(item.extra)["thread"], dict(item.extra)["thread_parent"]) == ("t1", "t0")
    [lone] = said(read, tmp_path, "<body>a</body>")
    assert [(one.role, one.actor.name) for one in lone.recipients] == [("to", "werk@x.example")]


def test_an_archive_that_goes_on_is_a_gap(read, tmp_path: Path) -> None:
    page = "<iq type='result'><fin xmlns='urn:xmpp:mam:2'{}><set/></fin></iq>"
    path = tmp_path / "mam.xml"
    path.write_text(archived(1, "<body>a</body>") + page.format(""))
    assert [len(one.gaps) for one in read(READER, path).readings if isinstance(one, Completeness)] == [1]
    path.write_text(path.read_text() + page.format(" complete='true'"))
    assert [len(one.gaps) for one in read(READER, path).readings if isinstance(one, Completeness)] == [0]


def test_two_who_talk_within_a_room_are_told_apart(read, tmp_path: Path) -> None:
    mark = "<x xmlns='http://jabber.org/protocol/muc#user'/>"
    path = tmp_path / "mam.xml"
    path.write_text(
        archived(1, f"<body>a</body>{mark}", type="chat", **{"from": "r@x.example/Anna"})
        + archived(2, f"<body>b</body>{mark}", type="chat", **{"from": "r@x.example/Bo"})
        + archived(
            3, f"<body>c</body>{mark}", type="chat", **{"from": "werk@x.example/t", "to": "r@x.example/Anna"}
        )
    )
    first, second, third = read(READER, path).items
    assert [one.author.written for one in (first, second)] == ["Anna", "Bo"]
    assert first.thread == third.thread != second.thread
    assert (third.author.name, third.recipients[0].actor.name) == ("werk@x.example", "r@x.example/Anna")
    assert first.recipients[0].actor.name == "werk@x.example"


def test_a_dump_of_a_server_has_no_message_around_what_is_archived(read, tmp_path: Path) -> None:
    held = archived(1, "<body>Zusage</body>", id="m1").removeprefix("<message to='werk@x.example'>")
    path = tmp_path / "dump.xml"
    path.write_text(
        "<server-data xmlns='urn:xmpp:pie:0'><host jid='x.example'><user name='werk'><archive xmlns='urn:xmpp:pie:0#mam'>"
        + held.removesuffix("</message>")
        + "</archive></user></host></server-data>"
    )
    [item] = read(READER, path, mine="werk@x.example").items
    assert (item.key.id, item.text, item.time.utc, item.thread.id) == ("a1", "Zusage", "2010-07-10T23:08:21Z", "anna@x.example")  # fmt: skip


def test_forms_and_published_entries_are_words(read, tmp_path: Path) -> None:
    form, entry = said(
        read,
        tmp_path,
        "<x xmlns='jabber:x:data' type='form'><title>Bestellung</title><field type='hidden' var='h'><value>geheim</value></field><field label='Preis' var='p'><value>50 Euro</value></field></x>",
        "<event xmlns='http://jabber.org/protocol/pubsub#event'><items><item><entry><title>Beitrag</title><content type='html'>&lt;b&gt;Zusage&lt;/b&gt;</content></entry></item></items></event>",
    )
    assert (form.event, form.text) == ("posted", "Bestellung\nPreis: 50 Euro")
    assert (entry.event, entry.text) == ("posted", "Beitrag\nZusage")


def test_the_dump_of_a_server_keeps_no_password_and_no_book_of_contacts(read, tmp_path: Path) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(
        "<server-data xmlns='urn:xmpp:pie:0'><host jid='x.example'><user name='werk' password='geheim1'>"
        "<scram-credentials xmlns='urn:xmpp:pie:0#scram'><salt>geheim2</salt><stored-key>geheim3</stored-key>"
        "</scram-credentials><query xmlns='jabber:iq:roster'><item jid='privat@y.example' name='Privat' "
        "subscription='both'><group>Familie</group></item></query><archive xmlns='urn:xmpp:pie:0#mam'>"
        "<result xmlns='urn:xmpp:mam:2' id='1'><forwarded xmlns='urn:xmpp:forward:0'>"
        "<delay xmlns='urn:xmpp:delay' stamp='2024-03-04T09:00:00Z'/><message xmlns='jabber:client' type='chat' "
        "from='a@x.example/t' to='werk@x.example'><body>password='bleibt'</body></message></forwarded></result>"
        '</archive></user><user password="geheim4" name="b"/></host></server-data>'
    )
    with Tree.open(path) as tree:
        [member] = without(tree, READER.private(tree)).members
        with member.open() as stream:
            kept = stream.read()
    assert not any(word in kept for word in (b"geheim", b"Privat", b"privat@"))
    assert len(kept) == path.stat().st_size
    (item,) = read(READER, path, mine="werk@x.example").items
    assert item.text == "password='bleibt'"


def _said(sender: str, to: str, words: str, more: str = "") -> str:
    return f"<message from='{sender}' to='{to}' id='{words}'><body>{words}</body>{more}</message>"


@pytest.mark.parametrize(
    ("stanzas", "thread"),
    [
        (("anna@y.example/a werk@x.example", "werk@x.example/b anna@y.example", "bo@y.example werk@x.example"), "anna@y.example"),
        (("zoe@y.example werk@x.example", "werk@x.example zoe@y.example by"), "zoe@y.example"),
        (("zoe@y.example werk@x.example",), "zoe@y.example"),
    ],
    ids=["with several", "kept by", "in one direction"],
)  # fmt: skip
def test_what_two_say_is_one_conversation_though_nobody_says_whose_archive_it_is(
    read, tmp_path: Path, stanzas: tuple[str, ...], thread: str
) -> None:
    kept = "<stanza-id xmlns='urn:xmpp:sid:0' id='s1' by='werk@x.example'/>"
    told = (one.split() for one in stanzas)
    path = tmp_path / "log.xml"
    path.write_text("".join(_said(a, b, f"w{at}", kept if by else "") for at, (a, b, *by) in enumerate(told)))
    items = read(XmppArchive(), path).items
    assert {one.thread.id for one in items[:2]} == {thread}
