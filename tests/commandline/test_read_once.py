"""How often a production opens its items, and what lies on the disk meanwhile."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from archive import wiring
from archive.ledger.opening import Opener
from archive.ledger.reader import Record
from archive.services import read_once
from archive.services.read_once import ReadOnce
from archive.settings import load
from schemas.item import Item
from tests.commandline.conftest import Beleg
from tests.commandline.test_redaction import found, mail

LONG = "Garantie und noch viel mehr davon. " * 20


@pytest.fixture
def matter(beleg: Beleg, archive: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.eml").write_bytes(mail(1, "Angebot", "Garantie, und im Vertrauen: Sonderrabatt Bernstein"))
    (folder / "2.eml").write_bytes(mail(2, "Re: Angebot", "Garantie!\n> Sonderrabatt Bernstein", 1))
    (folder / "3.eml").write_bytes(mail(3, "Lang", LONG) + b"\n\xff\xfe\x00 no text at all")
    chat = "[03.02.25, 09:15:01] Anna: Garantie\n[03.02.25, 09:16:01] Bernd: \u200e<Anhang: notiz.txt>\n"
    (folder / "WhatsApp Chat mit Anna.txt").write_text(chat, encoding="utf-8")
    (folder / "notiz.txt").write_text("Notiz", encoding="utf-8")
    assert beleg("ingest", folder).code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    beleg("search", "garantie", "--matter", "M-1")
    return folder


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    counts: Counter[int] = Counter()
    original: Callable[[Opener, Record], object] = Opener.open

    def count(self: Opener, record: Record) -> object:
        counts[record.index] += record.leaf.kind == "item"
        return original(self, record)

    monkeypatch.setattr(Opener, "open", count)
    return counts


@pytest.mark.parametrize("profile", ["full", "review", "opposing", "court-de"])
@pytest.mark.parametrize("redacted", [False, True])
def test_each_item_is_opened_twice(
    beleg: Beleg, matter: Path, tmp_path: Path, opened: Counter[int], profile: str, redacted: bool
) -> None:
    """Once for its record, once for all that is made of it."""
    if redacted:
        item = str(found(beleg, '"im vertrauen"'))
        beleg("matter", "redact", "M-1", item, "--words", "Sonderrabatt Bernstein", "--reason", "x")
    beleg("status")  # whatever is behind is read now
    opened.clear()
    done = beleg("export", "M-1", "--out", tmp_path / "E", "--profile", profile, "--json")
    assert done.code == 0, done.err
    assert bool(done.json["redacted"]) is redacted
    assert set(opened.values()) - {0} == {2}


def test_long_items_are_opened_anew_and_nothing_is_other(
    beleg: Beleg, matter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = beleg("export", "M-1", "--out", tmp_path / "E", "--json").json
    monkeypatch.setattr(read_once, "LONGEST", 100)
    again = beleg("export", "--again", "E-1", "--out", tmp_path / "F", "--json").json
    assert again["data_sha256"] == first["data_sha256"]


def test_what_is_kept_is_the_item_and_no_word_of_it_lies_on_the_disk(
    beleg: Beleg, archive: Path, matter: Path
) -> None:
    with wiring.open_session(archive, load(archive), lambda _: "a passphrase for tests") as session:
        session.read()
        state = session.ledger.follow()
        opener = session.opener("content")
        indexes = [one for one in range(state.size) if session.ledger.leaf(one).kind == "item"]
        with ReadOnce(session) as items:
            for index in indexes:
                body = opener.body(index)
                assert isinstance(body, Item)
                assert (items(index), items(index)) == (body, body)
            data = os.pread(items._file.fileno(), 1 << 20, 0)
        assert len(data) > 1000
        assert b"arantie" not in data
