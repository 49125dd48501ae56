"""Sources by the command line: asked for at a terminal, locked, due, and told what cannot be had."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from archive.adapters.lock_file import LockFile
from archive.channels.live import live_facts
from archive.sources import NEEDS
from tests.commandline.conftest import Beleg
from tests.commandline.test_collect import Site, feed
from tests.commandline.test_collect import site as site
from tests.mailbox import Mailbox
from tests.servers.process import PROGRAM, ROOT


def test_a_person_at_a_terminal_is_asked_for_what_is_needed(beleg: Beleg, archive: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "source", "add", "vertrieb", "imap"], env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=archive.parent, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs,
    )  # fmt: skip
    os.write(ours, b"imaps://mail.example\nvertrieb\nenv:MAIL\nINBOX, Kunden/*\n")
    out, _ = process.communicate(timeout=60)
    os.close(theirs)
    said = os.read(ours, 4096).decode()
    os.close(ours)
    assert process.returncode == 0, said
    assert b"source vertrieb added" in out
    assert "env:NAME or file:PATH" in said
    assert "folders" in said
    (row,) = beleg("source", "list", "--json").json
    assert (row["account"], row["secret"], row["only"]) == ("vertrieb", "env:MAIL", ["INBOX", "Kunden/*"])


def test_who_breaks_off_at_a_question_has_met_no_fault(beleg: Beleg, archive: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "source", "add", "vertrieb", "imap"], env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=archive.parent, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.write(ours, b"imaps://mail.example\n\x04")
    _, said = process.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    assert process.returncode == 4, said
    assert b"stopped" in said
    assert b"fault" not in said


def test_where_nobody_watches_what_is_missing_is_told(beleg: Beleg, archive: Path) -> None:
    done = beleg("source", "add", "werk", "teams", "--account", "anna")
    assert done.code == 2
    assert "account and secret and tenant and client" in done.err
    done = beleg("source", "add", "Werk Süd", "feed", "--url", "https://werk.example/feed")
    assert done.code == 2
    assert "small letters" in done.err
    done = beleg("source", "add", "werk", "fax")
    assert done.code == 2
    assert "slack" in done.err
    done = beleg("source", "add", "werk", "slack", "--account", "x", "--secret", "xoxb-open")
    assert done.code == 2
    assert "xoxb-open" not in done.err


def test_a_source_of_which_nothing_would_be_read_is_not_covered(
    beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "t")
    given = ("--url", "https://matrix.example", "--account", "a", "--secret", "env:TOKEN")
    refused = beleg("source", "add", "werk", "matrix", *given)
    assert refused.code == 2
    assert "--only" in refused.err
    assert beleg("source", "list", "--json").json == []
    assert beleg("source", "add", "werk", "matrix", *given, "--only", "*").code == 0
    settings = archive / "beleg.toml"
    settings.write_text(settings.read_text().replace('only = ["*"]', "only = []"))
    assert beleg("source", "test", "werk").code != 0
    assert beleg("collect", "werk").code == 2
    (source,) = beleg("coverage", "--json").json["sources"]
    assert source["state"] == "missing"


def test_every_kind_says_what_it_needs_and_what_it_was_tried_on(beleg: Beleg) -> None:
    facts = live_facts()
    assert facts.keys() == NEEDS.keys()
    assert all(one.tested and one.never for one in facts.values())
    rows = {row["kind"]: row for row in beleg("channels", "--live", "--json").json}
    assert rows.keys() == NEEDS.keys()
    assert "replayed" in rows["slack"]["tested"]
    assert "replayed" in rows["teams"]["tested"]
    assert "emulation" in rows["mastodon"]["tested"]
    assert "real server" in rows["imap"]["tested"]
    assert "replayed" in beleg("channels").out


def test_one_collection_of_a_source_at_a_time(beleg: Beleg, archive: Path, site: str) -> None:
    Site.body = feed(("1", "eins"))
    beleg("source", "add", "werk", "feed", "--url", site)
    lock = LockFile(archive / "workspace" / "collecting" / "werk.lock", lambda _: None)
    with lock.at_once():
        done = beleg("collect", "werk", "--json")
        assert done.code == 5
        assert "another process" in done.json[0]["stopped"]
        assert "source werk" in beleg("status").out
    assert not Site.asked
    assert beleg("collect", "werk").code == 0
    assert "Locks     free" in beleg("status").out


def test_only_what_is_due_is_asked(
    beleg: Beleg, archive: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Site.body = feed(("1", "eins"))
    beleg("source", "add", "werk", "feed", "--url", site, "--minutes", "30")
    assert len(beleg("collect", "--all", "--due", "--json").json) == 1
    assert beleg("collect", "--all", "--due", "--json").json == []
    assert len(beleg("collect", "--all", "--json").json) == 1
    monkeypatch.setattr("archive.services.collect.memory.EARLY", __import__("datetime").timedelta(minutes=31))
    assert len(beleg("collect", "--all", "--due", "--json").json) == 1
    told = beleg("source", "schedule").out
    assert "collect --all --due" in told
    (row,) = beleg("status", "--json").json["sources"]
    assert row["lag"] is not None
    assert not row["busy"]


def test_a_line_of_the_log_has_a_time_and_no_content(beleg: Beleg, archive: Path, site: str) -> None:
    Site.body = feed(("1", "Fünf Jahre Garantie"))
    beleg("source", "add", "werk", "feed", "--url", site)
    done = beleg("collect", "werk", "--json")
    assert done.json[0]["at"].endswith("Z")
    assert "Garantie" not in done.out


def test_a_mail_tells_that_a_source_fails_and_that_a_gap_opened_and_status_who_has_which_head(
    beleg: Beleg, archive: Path, site: str, mailbox: Mailbox, tmp_path: Path
) -> None:
    Site.body = feed(("1", "Fünf Jahre Garantie"))
    beleg("source", "add", "werk", "feed", "--url", site)
    (tmp_path / "notary").mkdir()
    settings = archive / "beleg.toml"
    more = '\n[alerts]\nmail = ["it@firm.example"]\n'
    settings.write_text(
        f'{settings.read_text()}{more}[heads]\ncopy_to = ["{tmp_path / "notary"}", "/nowhere/else"]\n'
    )
    assert beleg("collect", "werk").code == 0
    assert not mailbox.received, "nothing happened that anybody must know"
    Site.body = feed(("8", "Acht"))
    assert beleg("collect", "werk").code == 3
    Site.status = 404
    assert beleg("collect", "werk").code == 4
    assert [to for to, _ in mailbox.received] == [["it@firm.example"]] * 2
    texts = [data.decode() for _, data in mailbox.received]
    assert "1 gaps opened" in texts[0]
    assert "cannot be read" in texts[1]
    assert "Garantie" not in "".join(texts)
    said = beleg("status")
    assert "notary has" in said.out
    assert "the head could not go to /nowhere/else" in said.out
    assert "Disk " in said.out
    assert "Anchored  never" in said.out


@pytest.mark.parametrize("name", ["a\x7fb", "a\tb", 'a"b\\c', "\u2028", "Müller/Ä*"])
def test_what_is_named_strangely_is_written_and_read_back(beleg: Beleg, archive: Path, name: str) -> None:
    assert beleg(
        "source", "add", "post", "imap", "--url", "imaps://mail.example", "--account", name, "--secret", "env:X",
        "--only", name,
    ).code == 0  # fmt: skip
    (row,) = beleg("source", "list", "--json").json
    assert (row["account"], row["only"]) == (name, [name])


def test_what_no_text_holds_changes_no_settings(beleg: Beleg, archive: Path) -> None:
    before = (archive / "beleg.toml").read_bytes()
    done = beleg(
        "source", "add", "post", "imap", "--url", "imaps://mail.example", "--account", "a\udcff", "--secret", "env:X",
        "--only", "b",
    )  # fmt: skip
    assert done.code == 2, done.err
    assert "not changed" in done.err
    assert (archive / "beleg.toml").read_bytes() == before
    assert beleg("source", "list").code == 0
