"""XMPP: ids that count, corrections, retractions, receipts, rooms, closed bodies."""

from pathlib import Path

from archive.channels.xmpp import XmppArchive

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
