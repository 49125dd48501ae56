"""Mails that are gone from where they lay: renamed folders, new UIDs, and moves while somebody looks."""

import imaplib
from pathlib import Path
from typing import Any

import pytest

from archive.channels.live.imap_server import ImapServer
from tests.servers.process import here as beleg
from tests.servers.test_live_imap import archive as archive
from tests.servers.test_live_imap import box as box
from tests.servers.test_live_imap import collect, found, put, remove, whole


def deleted(archive: Path) -> set[str]:
    """Give the Message-IDs of the mails that the archive says were seen to be deleted."""
    hits = found(archive, "deleted:yes")
    shown = [beleg(None, archive, "show", str(hit["number"]), "--json").json["item"] for hit in hits]
    return {item["targets"][0]["key"]["id"] for item in shown if item["event"] == "deleted"}


@pytest.mark.parametrize("how", ["renamed", "counted anew"])
def test_a_mail_is_deleted_also_where_it_lay_under_another_name_before(
    box: imaplib.IMAP4, archive: Path, how: str
) -> None:
    whole(archive)
    for number in (1, 2, 3):
        put(box, "Archiv", number, "Zusage")
    collect(archive)
    folder = "Archiv" if how == "counted anew" else '"Archiv 2025"'
    if how == "counted anew":
        box.delete(folder)
        box.create(folder)
        for number in (1, 2, 3):
            put(box, folder, number, "Zusage")
    else:
        box.rename("Archiv", folder)
    assert collect(archive, code=3)["gaps"] == 1
    assert not deleted(archive)
    remove(box, folder, "2")
    collect(archive)
    box.select("INBOX")
    box.delete(folder)
    assert deleted(archive) == {"m2.Zus@werk.example"}


def test_a_mail_that_went_while_the_server_counted_anew_is_deleted(box: imaplib.IMAP4, archive: Path) -> None:
    whole(archive)
    put(box, "Archiv", 1, "Bleibt")
    put(box, "Archiv", 2, "Geht")
    collect(archive)
    box.delete("Archiv")
    box.create("Archiv")
    put(box, "Archiv", 1, "Bleibt")
    collect(archive, code=3)
    assert deleted(archive) == {"m2.Geh@werk.example"}


def test_of_a_folder_that_is_gone_as_a_whole_each_mail_is_noted(box: imaplib.IMAP4, archive: Path) -> None:
    whole(archive)
    put(box, "Archiv", 1, "Zusage")
    collect(archive)
    box.delete("Archiv")
    assert collect(archive, code=3)["items"] == 1
    texts = [str(hit["text"]) for hit in found(archive, "channel:email")]
    assert any("its folder is not listed any more" in text for text in texts)
    assert not deleted(archive), "a folder that is not listed is no proof of that"


def test_a_mail_that_is_moved_while_folders_are_looked_into_is_not_deleted(
    box: imaplib.IMAP4, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole(archive)
    moved = put(box, "INBOX", 1, "Wird gerade abgelegt")
    collect(archive)
    opened, left = ImapServer.open, ["INBOX"]

    def meanwhile(self: ImapServer, name: str) -> dict[bytes, Any] | None:
        if name in left:  # Archiv was looked into before
            left.remove(name)
            box.select("INBOX")
            box.uid("MOVE", moved, "Archiv")
        return opened(self, name)

    monkeypatch.setattr(ImapServer, "open", meanwhile)
    collect(archive)
    assert not left
    assert not deleted(archive)
    told = collect(archive)
    assert (told["items"], told["gaps"], told["seen_again"]) == (0, 0, 0)
    box.select("Archiv")
    remove(box, "Archiv", "1")
    collect(archive)
    assert deleted(archive) == {"m1.Wir@werk.example"}
