"""The volume for review platforms: valid by the official schema, complete, the same each time, and silent on what is
withheld."""

import csv
import email
import email.policy
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import jsonschema
import pytest

from archive.channels import CHANNELS
from archive.exporters.events import messages
from archive.exporters.review import VolumeOptions, write_volumes
from archive.exporters.review.volume import mail_identity
from archive.exporters.slices import MOST_EVENTS, slices
from archive.ports import ReadOptions
from archive.production import Told
from archive.reading.tree import Tree
from archive.reading.units import UnitRead
from schemas.item import Actor, Attachment, Edited, Item, Key, Rating, Reaction, Target, TimeStamp
from tests.ledger_kit import item_of

START = datetime(2025, 2, 3, 20, 0, tzinfo=UTC)
US = Key(channel="test", scope="", id="us")
HOSTILE = "A\u2069\u202eB\r\nX-RSMF-Version: 9\u00fe\x14"


def stamp(minutes: int) -> TimeStamp:
    utc = (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return TimeStamp(written=utc, utc=utc)


def told(index: int, text: str, minutes: int | None = 0, name: str = "Anna", **fields: Any) -> Told:
    files = fields.pop("files", ())
    why = fields.pop("why", "hit")
    author = Actor(written=name, account=Key(channel="test", scope="", id=f"id-{name}"))
    key = Key(channel="test", scope="s", id=f"m{index}")
    base: dict[str, Any] = {
        "key": key, "author": author, "time": None if minutes is None else stamp(minutes), **fields,
    }  # fmt: skip
    item = item_of(text, **base)
    opened = tuple(partial(opening, data) if data is not None else None for data in files)
    mail = partial(opening, item.raw.slice) if item.form == "mail" else None
    return Told(index, f"{index:064x}", why, item, "Pumpe", opened, mail)


@contextmanager
def opening(data: bytes) -> Iterator[BinaryIO]:
    yield io.BytesIO(data)


def photo(name: str, data: bytes) -> Attachment:
    return Attachment(
        name=name, media_type="image/jpeg", state="present", length=len(data), sha256=sha256(data).hexdigest()
    )


def everything() -> list[Told]:
    """A message with its edit, its deletion, reactions, receipts, a reply, a file, joining, and hostile names."""
    first = told(1, "Garantie: vier Jahre", 0, files=())
    about = Target(relation="of", key=first.item.key, present="yes")
    return [
        first,
        told(2, "Garantie: fünf Jahre", 5, event="edited", key=first.item.key, edited=Edited(time=stamp(5))),
        told(3, "👍", 6, "Bob", event="reacted", targets=(about,)),
        told(4, "", 7, "Bob", event="read", targets=(about,)),
        told(5, "Gut", 8, "Bob", targets=(Target(relation="reply", key=first.item.key),), why="context",
             reactions=(Reaction(value="❤", count=2, actors=(Actor(written="Anna"),)),)),
        told(6, "", 9, HOSTILE, event="joined"),
        told(7, "Foto", 10, attachments=(photo("../böse.exe", b"JPEG"), photo("weg.jpg", b"")), files=(b"JPEG", None)),
        told(8, "weg damit", 11, "Bob"),
        told(9, "", 12, "Bob", event="deleted", key=Key(channel="test", scope="s", id="m8")),
        told(10, "am nächsten Tag", 200),
        told(11, "ohne Zeit", None),
    ]  # fmt: skip


def write(folder: Path, items: list[Told], **options: Any) -> Any:
    return write_volumes(items, folder, VolumeOptions("ACME_", "Europe/Berlin", **options))


def rows(folder: Path, volume: str = "VOL001") -> list[dict[str, str]]:
    """A second reader of the load file."""
    data = (folder / volume / "DATA" / f"{volume}.dat").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n")
    head, *lines = csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter="\x14", quotechar="\u00fe")
    return [dict(zip(head, line, strict=True)) for line in lines]


def opened(path: Path) -> tuple[Any, Any, dict[str, bytes]]:
    """Mail, manifest, files of an RSMF document."""
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    [packed] = mail.iter_attachments()
    assert packed.get_filename() == "rsmf.zip"
    with zipfile.ZipFile(io.BytesIO(packed.get_content())) as whole:
        files = {name: whole.read(name) for name in whole.namelist()}
    return mail, json.loads(files.pop("rsmf_manifest.json")), files


def schema() -> Any:
    for folder in Path(__file__).resolve().parents:
        path = folder / "shared" / "rsmf" / "RSMFManifestSchema" / "rsmf_schema_2_0_0.json"
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8-sig"))
    pytest.skip("no folder shared/rsmf above the repository")


def test_every_manifest_is_valid_by_the_official_schema(tmp_path: Path) -> None:
    official = schema()
    write(tmp_path / "v", everything())
    documents = sorted((tmp_path / "v").rglob("*.rsmf"))
    assert len(documents) == 3
    for path in documents:
        _, manifest, _ = opened(path)
        jsonschema.validate(manifest, official)
    broken = dict(manifest, events=[{"type": "letter"}])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, official)


def test_a_slice_tells_what_became_of_its_messages(tmp_path: Path) -> None:
    write(tmp_path / "v", everything())
    mail, manifest, files = opened(min((tmp_path / "v").rglob("*.rsmf")))
    people = {row["id"]: row["display"] for row in manifest["participants"]}
    first, reply, join, file, gone = manifest["events"]
    assert first["body"] == "Garantie: fünf Jahre"
    assert [(e["previous"], e["new"]) for e in first["edits"]] == [
        ("Garantie: vier Jahre", "Garantie: fünf Jahre")
    ]
    assert [(r["value"], r["count"], [people[p] for p in r["participants"]]) for r in first["reactions"]] == [
        ("👍", 1, ["Bob"])
    ]
    assert [(r["action"], people[r["participant"]]) for r in first["read_receipts"]] == [("read", "Bob")]
    assert {c["name"]: c["value"] for c in first["custom"]}["records"] == "1 2 3 4"
    assert (reply["parent"], reply["reactions"][0]["count"]) == (first["id"], 2)
    assert {c["name"]: c["value"] for c in reply["custom"]}["inclusion"] == "context"
    assert (join["type"], gone["deleted"], gone["body"]) == ("join", True, "weg damit")
    assert [a["display"] for a in file["attachments"]] == ["../böse.exe"]
    assert {c["name"]: c["value"] for c in file["custom"]}["attachments_not_here"] == "1"
    [(name, data)] = files.items()
    assert (name, data) == (file["attachments"][0]["id"], b"JPEG")
    assert name.endswith(".jpg"), "by what it is, not by its name"
    assert mail["X-RSMF-Version"] == "2.0.0", "a name cannot write headers"
    assert (mail["X-RSMF-EventCount"], mail["X-RSMF-AttachmentCount"]) == ("5", "1")
    assert mail["X-RSMF-BeginDate"] == "2025-02-03T20:00:00Z"
    text = mail.get_body(("plain",)).get_content()
    for words in (
        "Garantie: fünf Jahre",
        "before the edit: Garantie: vier Jahre",
        "2025-02-03 21:00:00 +0100",
        "reaction ❤ 2 Anna",
        "⟨U+202E⟩",
    ):
        assert words in text


def test_stars_and_marks_of_the_platform_are_told(tmp_path: Path) -> None:
    write(tmp_path / "v", [told(1, "nie wieder", 0, rating=Rating(value="1", best="5"), edited=Edited())])
    mail, manifest, _ = opened(min((tmp_path / "v").rglob("*.rsmf")))
    custom = {c["name"]: c["value"] for c in manifest["events"][0]["custom"]}
    assert (custom["rating"], custom["edited"]) == ("1 / 5", "yes")
    assert "rating 1 / 5" in mail.get_body(("plain",)).get_content()


def test_our_own_reader_reads_it_back(tmp_path: Path) -> None:
    write(tmp_path / "v", everything())
    [reader] = [channel for channel in CHANNELS if channel.name == "rsmf"]
    with Tree.open(min((tmp_path / "v").rglob("*.rsmf"))) as tree:
        assert reader.detect(tree).percent > 90
        readings = list(reader.read(tree, ReadOptions()))
    texts = [item.text for reading in readings if isinstance(reading, UnitRead) for item in reading.items]
    for words in ("Garantie: fünf Jahre", "Gut", "Foto", "weg damit"):
        assert words in texts


def test_the_load_file_names_every_document_once(tmp_path: Path) -> None:
    mail = b"Message-ID: <CALckR-a8UDkRjO4xJyjd_s0GPxQWw@mail.gmail.com>\nSubject: x\n\nText"
    letter = told(
        20, "Text", 0, form="mail", title="Angebot", key=Key(channel="test", scope="", id="a@b.example"),
        attachments=(photo("plan.jpg", b"PLAN"),), files=(b"PLAN",),
        thread=Key(channel="test", scope="", id="post"),
    )  # fmt: skip
    done = write(tmp_path / "v", [*everything(), letter])
    found = rows(tmp_path / "v")
    assert [row["BEGBATES"] for row in found] == [f"ACME_{n:07d}" for n in range(1, len(found) + 1)]
    assert [row["DOCTYPE"] for row in found] == [
        "conversation", "attachment", "conversation", "conversation", "mail", "attachment",
    ]  # fmt: skip
    assert (found[0]["BEGATTACH"], found[0]["ENDATTACH"], found[1]["PARENTBATES"]) == (
        "ACME_0000001", "ACME_0000002", "ACME_0000001",
    )  # fmt: skip
    assert (found[0]["MESSAGECOUNT"], found[0]["HITCOUNT"], found[0]["HASEDITS"], found[0]["HASDELETED"]) == (
        "5",
        "4",
        "Y",
        "Y",
    )
    assert (found[4]["SUBJECT"], found[4]["EDRMMIH"]) == ("Angebot", mail_identity("a@b.example"))
    assert not any(row["EDRMMIH"] for row in found if row["DOCTYPE"] != "mail"), "never invented for a chat"
    listed = {
        f"VOL001/{row[name]}" for row in found for name in ("NATIVEPATH", "TEXTPATH", "RSMFPATH") if row[name]
    }
    there = {str(path.relative_to(tmp_path / "v")) for path in (tmp_path / "v").rglob("*") if path.is_file()}
    assert listed | {"VOL001/DATA/VOL001.dat"} == there == set(done.paths)
    for row in found:
        path = tmp_path / "v" / "VOL001" / (row["NATIVEPATH"] or row["RSMFPATH"])
        assert sha256(path.read_bytes()).hexdigest() == row["SHA256HASH"]
        assert path.stat().st_size == int(row["FILESIZE"])
    assert done.missing == 1
    assert mail_identity(mail.split()[1].decode()) == "1de319c276884bd0c9e2f1621ada26cc"


def test_what_the_form_has_no_room_for_is_replaced_and_counted(tmp_path: Path) -> None:
    one = told(1, "x")
    done = write(tmp_path / "v", [Told(1, one.leaf, "hit", one.item, "Þór \u00feing \u00ae")])
    [row] = rows(tmp_path / "v")
    assert row["CONVERSATIONNAME"] == "Þór ?ing ?, 2025-02-03"
    assert done.replaced == 2


def test_the_same_items_give_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        write(tmp_path / name, everything())
        files = (path for path in (tmp_path / name).rglob("*") if path.is_file())
        found.append({path.relative_to(tmp_path / name): path.read_bytes() for path in files})
    assert found[0] == found[1]


def test_days_are_those_of_the_zone(tmp_path: Path) -> None:
    items = [told(1, "spät", 179), told(2, "nach Mitternacht in Berlin", 181), told(3, "ohne", None)]
    assert [cut.label for cut in slices(items, "day", "Europe/Berlin")] == [
        "2025-02-03",
        "2025-02-04",
        "undated",
    ]
    assert [cut.label for cut in slices(items, "day", "UTC")] == ["2025-02-03", "undated"]
    assert [cut.label for cut in slices(items, "whole", "UTC")] == ["whole", "undated"]


def test_a_silence_of_a_day_ends_a_slice() -> None:
    items = [told(n, "x", minutes) for n, minutes in enumerate((0, 1439, 2870, 2870 + 1441))]
    assert [len(cut.items) for cut in slices(items, "gap", "UTC")] == [3, 1]


def test_no_slice_is_larger_than_platforms_take() -> None:
    items = [told(n, "x", 0) for n in range(MOST_EVENTS + 5)]
    cuts = list(slices(items, "day", "UTC"))
    assert [(cut.label, len(cut.items)) for cut in cuts] == [
        ("2025-02-03", MOST_EVENTS),
        ("2025-02-03 (2)", 5),
    ]


def test_conversations_and_accounts_are_kept_apart() -> None:
    other = Key(channel="test", scope="", id="andere")
    items = [told(1, "x"), told(2, "x", thread=other), told(3, "x", thread=other, via=other)]
    assert [len(cut.items) for cut in slices(items, "whole", "UTC")] == [1, 1, 1]


def test_an_edit_without_its_message_stands_for_itself() -> None:
    [message] = messages([told(2, "neu", event="edited", key=Key(channel="test", scope="s", id="m1"))])
    assert (message.first.index, message.versions) == (2, [])


@pytest.mark.parametrize("prefix", ["acme", "ACME1", "", "A/B", "A" * 18, "../X"])
def test_prefixes_that_cannot_begin_a_number(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ValueError, match="cannot begin numbers"):
        VolumeOptions(prefix, "UTC")


def test_nothing_but_the_items_is_told(tmp_path: Path) -> None:
    """A text that is withheld reaches a renderer as None; its secret is then in no file."""
    open_one = told(1, "das Geheimnis")
    hidden = open_one.item.model_copy(update={"text": None, "body": None, "attachments": ()})
    write(tmp_path / "v", [Told(1, open_one.leaf, "hit", hidden, "Pumpe")])
    for path in (tmp_path / "v").rglob("*"):
        if path.is_file():
            assert b"Geheimnis" not in path.read_bytes()
    assert Item.model_validate(hidden)
