"""Where a newer version of a reader makes other ids, it names those of before: what was erased under them stays out.

The ids here are those that the versions of then made; they are never computed anew.
"""

from pathlib import Path

from archive.channels.feeds import FeedFiles
from archive.channels.linkedin import LinkedInExport
from archive.channels.rsmf import RsmfFiles
from archive.channels.table import TableFiles
from archive.channels.xmpp import XmppArchive
from archive.reading.units import Former, UnitRead
from schemas.item import Key
from tests.channels.own import OWN

ROWS = "id,Datum,Autor,Nachricht\n7,2024-03-01 10:00,Anna,Zugesagt ist zugesagt\n"
PRIVATE = (
    "<message xmlns='jabber:client' to='werk@x.example/a'><result xmlns='urn:xmpp:mam:2' id='mam1'>"
    "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2024-03-04T09:01:00Z'/>"
    "<message xmlns='jabber:client' type='chat' from='pumpe@raum.example/anna' to='werk@x.example/a' id='o1'>"
    "<body>Zugesagt</body><x xmlns='http://jabber.org/protocol/muc#user'/></message></forwarded></result></message>"
)
TAKEN_BACK = PRIVATE.replace("mam1", "mam2").replace("id='o1'", "id='o2'").replace(
    "<body>Zugesagt</body>", "<retract xmlns='urn:xmpp:message-retract:1' id='o1'/>"
)  # fmt: skip
DUMPED = (
    "<result xmlns='urn:xmpp:mam:2' id='mam1'><forwarded xmlns='urn:xmpp:forward:0'>"
    "<delay xmlns='urn:xmpp:delay' stamp='2024-03-04T09:01:00Z'/><message xmlns='jabber:client' type='chat' "
    "from='anna@y.example/a' to='werk@x.example' id='o1'><body>Zugesagt</body></message></forwarded></result>"
)
TWINS = (
    "<rss version='2.0'><channel><title>Blog</title><link>https://b.example</link>"
    "<item><guid>g</guid><link>https://b.example/1</link><title>Eins</title></item>"
    "<item><guid>g</guid><link>https://b.example/2</link><title>Zwei</title></item></channel></rss>"
)
INVITED = (
    "From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl\n"
    'Anna,Bob,"2/3/26, 9:15 AM",Guten Tag,INCOMING,https://l.example/a,https://l.example/b\n'
)


def _formers(outcome) -> list[Former]:
    found = [one for one in outcome.readings if isinstance(one, UnitRead)]
    return [unit.former[item.key] for unit in found for item in unit.items if item.key in unit.former]


def test_a_table_of_a_month_was_called_by_its_whole_name(read, tmp_path: Path) -> None:
    path = tmp_path / "tickets-2024-03.csv"
    path.write_text(ROWS)
    outcome = read(TableFiles(), path)
    (former,) = _formers(outcome)
    was = Key(channel="table", scope="tickets-2024-03.csv", id="7")
    assert (former.key, former.own, former.thread) == (was, False, "tickets-2024-03.csv")
    (then,) = former.as_called(outcome.items[0])
    assert (then.key, then.thread.id) == (was, "tickets-2024-03.csv")
    assert then.text == outcome.items[0].text
    plain = tmp_path / "tickets.csv"
    plain.write_text(ROWS)
    outcome = read(TableFiles(), plain)
    assert outcome.items[0].key == Key(channel="table", scope="tickets.csv 2024-03-01 10:00 Anna", id="7")
    (former,) = _formers(outcome)
    assert (former.key, former.own) == (Key(channel="table", scope="tickets.csv", id="7"), False)


def test_an_event_of_rsmf_was_called_by_its_id_alone(read, tmp_path: Path) -> None:
    for name, data in OWN["rsmf"].files.items():
        (tmp_path / name).write_bytes(data)
    (former,) = _formers(read(RsmfFiles(), tmp_path))
    assert former == Former(
        Key(channel="rsmf", scope="slack/c", id="e1"), own=False, thread="slack/c", text="Hallo"
    )


def test_a_private_talk_in_a_room_was_one_with_the_room(read, tmp_path: Path) -> None:
    path = tmp_path / "mam.xml"
    path.write_text(PRIVATE + TAKEN_BACK)
    outcome = read(XmppArchive(), path, mine="werk@x.example")
    said, gone = (one for one in outcome.readings if isinstance(one, UnitRead))
    was = Former(Key(channel="xmpp", scope="pumpe@raum.example", id="mam1"), thread="pumpe@raum.example")
    assert said.former[said.items[0].key] == was
    assert gone.former[said.items[0].key] == was, "what takes it back is about it"


def test_of_the_dump_of_a_server_only_the_message_was_seen(read, tmp_path: Path) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(DUMPED)
    (former,) = _formers(read(XmppArchive(), path, mine="werk@x.example"))
    assert former.key == Key(
        channel="xmpp", scope="anna@y.example", id="2a8d12df2f5df6ed7945d8c4533a152c8d262b80", derived=True
    )


def test_entries_that_share_an_id_were_one(read, tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(TWINS)
    was = Former(Key(channel="feed", scope="https://b.example", id="g"), own=False)
    assert _formers(read(FeedFiles(), path)) == [was, was]


def test_invitations_were_one_thread(read, tmp_path: Path) -> None:
    path = tmp_path / "Invitations.csv"
    path.write_text(INVITED)
    (former,) = _formers(read(LinkedInExport(), path, mine="Bob"))
    assert former.key == Key(
        channel="linkedin",
        scope="Bob/invitations",
        id="3bf9a723d8ca925695b490d7de6604c5cf060434",
        derived=True,
    )
