"""An archive that was filled by an older version of a reader, which called the same things otherwise."""

import json
from pathlib import Path

import pytest

from archive.channels import table
from archive.channels.rsmf.manifest import Manifest
from archive.channels.rsmf.talks import Talks
from archive.channels.table import TableFiles
from archive.channels.table_row import TableRow
from archive.channels.xmpp import XmppArchive
from archive.channels.xmpp import channel as stanzas
from archive.reading.json_fields import Fields
from schemas.item import Key
from tests.commandline.conftest import Beleg
from tests.commandline.erasing import SECRET, erased, number_of, stored_words

HEAD = "id,Datum,Autor,Nachricht\n"
ROWS = f"1,2024-03-01 10:00,Anna,Mein {SECRET} schicke ich\n2,2024-03-02 10:00,Bob,Das andere bleibt\n"
LATER = "3,2024-04-02 10:00,Bob,Neu im April\n"


def by_number(row: TableRow) -> Key:
    """What a row was called once."""
    return row.scene.key(row.one["id"])


@pytest.fixture
def before(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    """A table as its first version read it: called by the whole name of its file."""
    path = tmp_path / "tickets-2024-03.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(table, "called", lambda whole: whole)
        patched.setattr(TableRow, "key", property(by_number))
        patched.setattr(TableFiles, "parser", "table/1")
        assert beleg("ingest", path, "--channel", "table").code == 0
    return path


def test_what_was_erased_does_not_come_back_under_its_new_id(
    beleg: Beleg, archive: Path, before: Path
) -> None:
    erased(beleg, number_of(beleg, SECRET))
    before.write_text(HEAD + ROWS + LATER, encoding="utf-8")
    (report,) = beleg("ingest", before, "--channel", "table", "--json").json
    assert (report["items"], report["seen_again"], report["excluded"]) == (1, 1, 1)
    assert "erased before" in str(report["files"][0]["exclusions"])
    assert stored_words(archive) == []


def test_what_was_left_of_a_file_is_no_erased_item_under_its_new_id(
    beleg: Beleg, archive: Path, before: Path
) -> None:
    """The same bytes again, of which one row was erased: the other one stands here, and nobody erased it."""
    erased(beleg, number_of(beleg, SECRET))
    (report,) = beleg("ingest", before, "--channel", "table", "--json").json
    assert (report["items"], report["seen_again"], report["excluded"]) == (0, 1, 1)
    assert stored_words(archive) == []


def test_the_next_export_adds_only_the_difference(beleg: Beleg, archive: Path, before: Path) -> None:
    before.write_text(HEAD + ROWS + LATER, encoding="utf-8")
    (report,) = beleg("ingest", before, "--channel", "table", "--json").json
    assert (report["items"], report["seen_again"]) == (1, 2)


def test_another_reading_under_a_new_id_goes_with_the_old_one(
    beleg: Beleg, archive: Path, before: Path
) -> None:
    old = number_of(beleg, SECRET)
    again = beleg("ingest", "--reparse")
    assert "2 items understood otherwise" in again.out
    numbers = [hit["number"] for hit in beleg("search", SECRET, "--json").json["hits"]]
    assert old in numbers
    (new,) = set(numbers) - {old}
    erased(beleg, new)
    assert stored_words(archive) == []
    assert beleg("search", SECRET, "--json").json["total"] == 0


@pytest.fixture
def production(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    """A manifest of RSMF as the first version of its reader took it in: an event was called by its number alone."""
    folder = tmp_path / "production"
    folder.mkdir()
    said = {"type": "message", "conversation": "c", "participant": "p", "timestamp": "2024-03-04T09:00:00Z"}
    edit = {"participant": "p", "timestamp": "2024-03-04T10:00:00Z", "previous": SECRET[:5], "new": SECRET}
    manifest = {
        "version": "2.0.0",
        "participants": [{"id": "p", "display": "Anna"}],
        "conversations": [{"id": "c", "platform": "slack", "display": "Pumpe", "participants": ["p"]}],
        "events": [
            {"id": "1", "body": SECRET, "edits": [edit], **said},
            {"id": "2", "body": "Bleibt", **said},
        ],
    }
    (folder / "rsmf_manifest.json").write_text(json.dumps(manifest))
    event = Talks.event

    def as_then(self: Talks, f: Fields, raw, made) -> None:
        event(self, f, raw, made)
        first = made.items[0]
        key, words = made.former[first.key].key, f.text("body")
        made.items[:] = [first.model_copy(update={"key": key, "text": words})]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Talks, "event", as_then)
        patched.setattr(Manifest, "name_of", lambda *_: "slack/c")
        assert beleg("ingest", folder, "--mine", "Anna").code == 0
    return folder


def test_an_id_that_others_may_have_borne_is_a_doubt(beleg: Beleg, archive: Path, production: Path) -> None:
    erased(beleg, number_of(beleg, SECRET))
    file = production / "rsmf_manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "generator": "another"}))
    done = beleg("ingest", production, "--mine", "Anna")
    assert "items have the id that something erased had" in done.err
    assert "1 items have an id that an older version of this reader gave" in done.err
    assert stored_words(archive) == []
    assert beleg("ingest", production, "--mine", "Anna", "--take-alike").code == 0
    assert beleg("search", SECRET, "--json").json["total"] == 1


def test_in_the_bytes_of_then_it_is_no_doubt(beleg: Beleg, archive: Path, production: Path) -> None:
    done = beleg("ingest", production, "--mine", "Anna")
    assert "an older version of this reader" not in done.err
    hits = beleg("search", f"{SECRET[:5]} ODER bleibt", "--json").json["hits"]
    told = [beleg("show", str(hit["number"]), "--json").json["item"] for hit in hits]
    again = [one for one in told if "read_again_by" in dict(one["extra"])]
    assert sorted(target["key"]["id"] for one in again for target in one["targets"]) == ["1", "2"]


def test_an_exception_that_was_written_for_an_older_name_of_a_thread_still_fits(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    reddit, linkedin = tmp_path / "reddit", tmp_path / "linkedin"
    reddit.mkdir()
    linkedin.mkdir()
    (reddit / "messages.csv").write_text(
        "id,permalink,thread_id,date,ip,from,to,subject,body\n"
        "m1,https://r.example/m1,,2024-01-01 10:00:00 UTC,,Anna,Werk,Privat,Das ist privat\n"
    )
    (linkedin / "messages.csv").write_text(
        "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,"
        "DATE,SUBJECT,CONTENT,FOLDER\n"
        "2-a=,,Petra,https://l.example/p,Jonas,https://l.example/j,2026-03-02 08:15:44 UTC,,Das ist privat,INBOX\n"
    )
    for folder in (reddit, linkedin):
        (report,) = beleg("ingest", folder, "--mine", "Werk", "--except", "thread=messages", "--json").json
        assert (report["items"], report["excluded"]) == (0, 1), folder
    assert beleg("search", "privat", "--json").json["total"] == 0
    for folder in (reddit, linkedin):
        done = beleg("ingest", folder, "--mine", "Werk", "--only", "thread=messages")
        assert (
            "1 items were not taken in: the rules name their conversations as an older version" in done.err
        ), folder


PRIVATE = (
    "<message xmlns='jabber:client' to='werk@x.example/a'><result xmlns='urn:xmpp:mam:2' id='m{0}'>"
    "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2024-03-0{0}T09:00:00Z'/>"
    "<message xmlns='jabber:client' type='chat' from='pumpe@raum.example/{1}' to='werk@x.example/a' id='o{0}'>"
    "<body>{2}</body><x xmlns='http://jabber.org/protocol/muc#user'/></message></forwarded></result></message>"
)


@pytest.mark.parametrize(
    ("name", "first"), [("pumpe@raum.example", True), ("pumpe@raum.example/Anna", False)], ids=["then", "now"]
)
def test_a_hold_on_a_conversation_outlasts_a_newer_reader(
    beleg: Beleg, archive: Path, tmp_path: Path, name: str, *, first: bool
) -> None:
    path = tmp_path / "mam.xml"

    def taken(*said: str) -> None:
        path.write_text("".join(said), encoding="utf-8")
        assert beleg("ingest", path, "--mine", "werk@x.example").code == 0

    def place() -> None:
        claim = ("--reason", "Klage", "--review", "2030-01-01")
        assert beleg("hold", "place", "M-1", "--thread", name, *claim).code == 0

    assert beleg("matter", "open", "Pumpe", "--reason", "Klage").code == 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stanzas, "ROOM", "no room was known")
        patched.setattr(XmppArchive, "parser", "xmpp-archive/2")
        taken(PRIVATE.format(1, "Anna", "Zugesagt"))
        if first:
            place()
    taken(PRIVATE.format(2, "Anna", "Bestaetigt"), PRIVATE.format(3, "Bo", "Gefragt"))
    if not first:
        place()
    asked = beleg("erase", "request", "--item", str(number_of(beleg, "Bestaetigt" if first else "Zugesagt")),
                  "--ground", "17-1a")  # fmt: skip
    assert "hold H-1" in asked.out
    if first:
        told = beleg("thread", str(number_of(beleg, "Bestaetigt"))).out
        assert "1 items in this thread\n1 items stand in pumpe@raum.example, as an older version" in told
    held = beleg("hold", "check", "--json").json["items"]
    assert held == (3 if first else 2), (
        "under the name of then Bo may have been meant, under that of now he is not"
    )


def test_rows_that_answer_each_other_are_known_under_their_new_ids(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    rows = (
        "id,Datum,Autor,Nachricht,Antwort auf\n"
        "2,2024-03-02 10:00,Bob,Das andere bleibt so lange stehen,1\n"
        "1,2024-03-01 10:00,Anna,Es geht morgen hinaus,\n"
    )
    path.write_text(rows, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TableRow, "key", property(by_number))
        patched.setattr(TableFiles, "parser", "table/3")
        assert beleg("ingest", path, "--channel", "table").code == 0
    later = rows + "3,2024-04-02 10:00,Bob,Neu im April,1\n"
    path.write_text(later, encoding="utf-8")
    (report,) = beleg("ingest", path, "--channel", "table", "--json").json
    assert (report["items"], report["seen_again"]) == (1, 2)
    erased(beleg, number_of(beleg, "morgen"))
    path.write_text(later + "4,2024-04-03 10:00,Bob,Und noch eins,1\n", encoding="utf-8")
    (report,) = beleg("ingest", path, "--channel", "table", "--json").json
    assert (report["items"], report["seen_again"], report["excluded"]) == (1, 2, 1)


def test_row_2_of_another_table_of_that_name_is_another_row(
    beleg: Beleg, archive: Path, before: Path
) -> None:
    """Two firms export tickets-2024-03.csv: "Ja" of the one is not "Ja" of the other, and a number proves nothing."""
    other = before.parent / "other" / before.name
    other.parent.mkdir()
    other.write_text(f"{HEAD}2,2024-03-09 17:00,Kurt,Das andere bleibt\n", encoding="utf-8")
    (report,) = beleg("ingest", other, "--channel", "table", "--json").json
    assert (report["items"], report["seen_again"]) == (1, 0)
    hits = beleg("search", "bleibt", "--json").json["hits"]
    told = {hit["author"]: beleg("show", str(hit["number"]), "--json").json["item"] for hit in hits}
    assert told.keys() == {"Bob", "Kurt"}
    assert (told["Kurt"]["event"], told["Kurt"]["basis"], told["Kurt"]["targets"]) == (
        "posted",
        "reported",
        [],
    )


def test_what_was_erased_of_one_table_is_a_doubt_in_another_of_that_name(
    beleg: Beleg, archive: Path, before: Path
) -> None:
    erased(beleg, number_of(beleg, SECRET))
    other = before.parent / "other" / before.name
    other.parent.mkdir()
    other.write_text(f"{HEAD}1,2024-03-09 17:00,Kurt,Wir kommen morgen\n", encoding="utf-8")
    done = beleg("ingest", other, "--channel", "table")
    assert "the id that something erased had" in done.err
    assert "1 items sealed" in beleg("ingest", other, "--channel", "table", "--take-alike").out


def test_a_copy_of_a_table_that_was_called_by_its_whole_name_adds_nothing(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    path = tmp_path / "export (1).csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(table, "called", lambda whole: whole)
        patched.setattr(TableRow, "key", property(by_number))
        patched.setattr(TableFiles, "parser", "table/1")
        assert beleg("ingest", path, "--channel", "table").code == 0
    path.write_text(HEAD + ROWS + LATER, encoding="utf-8")
    (report,) = beleg("ingest", path, "--channel", "table", "--json").json
    assert (report["items"], report["seen_again"]) == (1, 2)
