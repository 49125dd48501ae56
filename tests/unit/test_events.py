"""Edits, deletions and reactions that came as items of their own are told at the message that they name."""

from pathlib import Path
from typing import Any

from archive.exporters.events import messages
from archive.exporters.report.pages import Pages
from archive.exporters.report.words import Words
from archive.exporters.slices import slices
from archive.production import Told
from schemas.item import Deleted, Edited, Reaction, Target
from tests.unit.test_review_volume import opened, photo, rows, told, write


def about(one: Told) -> tuple[Target, ...]:
    return (Target(relation="of", key=one.item.key),)


def conversation() -> list[Told]:
    """Give a room as Matrix gives it: each event has an id of its own, and names what it is about."""
    first = told(1, "Die Pönale beträgt 12 Prozent.", 0, attachments=(photo("p.jpg", b"J"),), files=(b"J",))
    wrong = told(5, "Falscher Raum", 6)
    thumb = (Reaction(value="👎"),)
    return [
        first,
        told(2, "Die Pönale beträgt 15 Prozent.", 1, event="edited", targets=about(first)),
        told(3, "", 2, "Bob", event="reacted", targets=about(first), reactions=thumb),
        told(4, "", 3, "Cem", event="reacted", targets=about(first), reactions=thumb),
        wrong,
        told(6, "Irrtum", 7, event="deleted", targets=about(wrong)),
    ]


def test_an_event_with_an_id_of_its_own_belongs_to_the_message_that_it_names() -> None:
    first, wrong = messages(conversation())
    assert list(first.records) == [1, 2, 3, 4]
    assert list(wrong.records) == [5, 6]
    assert (first.last.index, first.filed.index, first.was_edited, wrong.was_deleted) == (2, 1, True, True)


def manifest(folder: Path, items: list[Told]) -> Any:
    write(folder, items, mails=True)
    [document] = (folder / "VOL001").rglob("*.rsmf")
    return opened(document)[1]


def test_a_volume_tells_such_an_edit_a_deletion_and_what_the_reaction_was(tmp_path: Path) -> None:
    first, wrong = manifest(tmp_path / "v", conversation())["events"]
    assert [(edit["previous"], edit["new"]) for edit in first["edits"]] == [
        ("Die Pönale beträgt 12 Prozent.", "Die Pönale beträgt 15 Prozent.")
    ]
    assert [(one["value"], one["count"]) for one in first["reactions"]] == [("👎", 2)]
    assert len(first["attachments"]) == 1, "the edit told the words alone"
    assert wrong["deleted"] is True
    row = rows(tmp_path / "v")[0]
    assert (row["HASEDITS"], row["HASDELETED"], row["ATTACHCOUNT"]) == ("Y", "Y", "1")
    text = (tmp_path / "v" / "VOL001" / row["TEXTPATH"]).read_text(encoding="utf-8")
    assert "before the edit: Die Pönale beträgt 12 Prozent." in text
    assert "Bob (id-Bob) 👎" in text
    assert text.count("Irrtum") == 1
    assert "* 6 " not in text, "a deletion is no message"


def test_the_platforms_own_mark_counts_as_an_edit_or_a_deletion(tmp_path: Path) -> None:
    write(tmp_path / "v", [told(1, "neu", 0, edited=Edited()), told(2, "", 1, deleted=Deleted(by="author"))])
    [row] = rows(tmp_path / "v")
    assert (row["HASEDITS"], row["HASDELETED"]) == ("Y", "Y")


def test_a_reaction_that_was_taken_back_does_not_count(tmp_path: Path) -> None:
    items = conversation()[:4]
    items.append(told(7, "", 8, "Bob", event="unreacted", targets=about(items[0])))
    [event] = manifest(tmp_path / "v", items)["events"]
    [reaction] = event["reactions"]
    assert (reaction["count"], len(reaction["participants"])) == (1, 1)


def test_the_report_counts_and_tells_them_too() -> None:
    [cut] = slices(conversation(), "whole", "UTC")
    pages = Pages("UTC", Words("de"), lambda _opening: None)
    [day] = pages.conversation(cut, messages(cut.items))["days"]
    first, wrong = day["messages"]
    assert (pages.counts["edited"], pages.counts["deleted"]) == (1, 1)
    assert [one["text"] for one in first["versions"]] == ["Die Pönale beträgt 12 Prozent."]
    assert "👎" in first["around"][0]
    assert "Irrtum" in wrong["deleted"]
    assert len(first["files"]) == 1
