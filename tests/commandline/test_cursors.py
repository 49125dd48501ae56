"""How far a source was read: a long cursor is packed, one that is too long stops its own source alone."""

import json
from pathlib import Path

import pytest

from archive.channels.live.imap import ImapSource
from archive.channels.live.imap_cursor import Folder, ImapCursor
from archive.core import cursors
from archive.core.cursors import Cursor, cursor_values, read_cursor
from archive.errors import FormatError, Refused
from archive.sources import SourceSettings
from tests.commandline.conftest import Beleg
from tests.commandline.test_collect import Site, feed
from tests.commandline.test_collect import site as site
from tests.commandline.test_collect import source as source


def written(text: str) -> Cursor:
    return Cursor("post", "imap", text, "2026-03-02T09:00:00Z")


@pytest.mark.parametrize("text", ["", "{}", "z:no base64", json.dumps(list(range(1, 600_000, 2)))])
def test_a_cursor_is_read_back_as_it_was(text: str) -> None:
    values = cursor_values(written(text))
    assert len(values["extra"]["cursor"]) <= cursors.LONGEST
    assert read_cursor(values).text == text


def test_a_mailbox_of_which_every_second_mail_is_gone_fits_into_a_record() -> None:
    at = ImapCursor("einkauf", {"INBOX": Folder(1, None, frozenset(range(1, 600_000, 2)))})
    assert len(at.text()) > cursors.LONGEST
    assert read_cursor(cursor_values(written(at.text()))).text == at.text()


def test_numbers_of_mails_are_those_of_a_server() -> None:
    at = ImapCursor("einkauf", {"INBOX": Folder(1, None, frozenset({1, 2}))}, "old.example")
    settings = SourceSettings(
        kind="imap", url="imaps://mail.example", account="einkauf", secret="env:X", only=("INBOX",)
    )
    with pytest.raises(Refused, match="server is another one"):
        next(ImapSource(settings, "secret").collect(at.text()))


@pytest.mark.parametrize("spoilt", [lambda text: text[:-8], lambda _: "z:####", lambda _: "z:AAAA"])
def test_a_packed_cursor_that_is_spoilt_is_none(spoilt) -> None:  # type: ignore[no-untyped-def]
    values = cursor_values(written("x" * 5000))
    values["extra"]["cursor"] = spoilt(values["extra"]["cursor"])
    with pytest.raises(FormatError):
        read_cursor(values)


def test_a_cursor_that_is_too_long_stops_its_own_source_alone(
    beleg: Beleg, source: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursors, "LONGEST", 2000)
    Site.body = feed(*((str(number), "wort") for number in range(400)))
    assert beleg("source", "add", "zwei", "matrix", "--url", "http://127.0.0.1:9", "--account", "a",
                 "--secret", "env:NONE", "--only", "*").code == 0  # fmt: skip
    done = beleg("collect", "--all", "--json")
    werk, zwei = done.json
    assert (werk["items"], werk["failed_to_read"]) == (0, True)
    assert "make two sources" in werk["stopped"]
    assert zwei["stopped"], "the next was asked"


def test_a_mailbox_goes_on_under_its_own_account_alone() -> None:
    settings = SourceSettings(
        kind="imap", url="imaps://mail.example", account="anna", secret="env:X", only=("*",)
    )
    at = ImapCursor("einkauf", {"INBOX": Folder(1, None, frozenset({1, 2}))})
    with pytest.raises(Refused, match="another one than before"):
        next(ImapSource(settings, "secret").collect(at.text()))
