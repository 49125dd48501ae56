"""Mails that were written and not sent: masked or left out before anybody reads them, and counted."""

from functools import partial
from pathlib import Path

import pytest

from archive.channels.email_files import EmailFiles
from archive.channels.email_files import mbox as mbox_module
from archive.reading.lines import read_lines
from archive.reading.private import without
from archive.reading.tree import Tree

READER = EmailFiles()
HEAD = b"From: Anna <anna@x.example>\nTo: b@y.example\nDate: Mon, 11 Mar 2024 08:00:12 +0100\n"
MARKS = {
    "gmail": b"X-Gmail-Labels: Drafts,Opened\n",
    "gmail in German": b"X-Gmail-Labels: =?UTF-8?Q?Ge=C3=B6ffnet,?=\n =?UTF-8?Q?Entw=C3=BCrfe?=\n",
    "outlook": b"X-Unsent: 1\n",
    "thunderbird": b"X-Mozilla-Draft-Info: internal/draft; vcard=0\n",
    "apple": b"X-Uniform-Type-Identifier: com.apple.mail-draft\n",
}


def mailbox(*mails: bytes, separator: bytes = b"From - Mon Mar 11 08:00:00 2024\n") -> bytes:
    return b"\n".join(separator + mail for mail in mails)


def mail(text: bytes, mark: bytes = b"") -> bytes:
    return mark + HEAD + b"\n" + text + b"\n"


def as_seen(path: Path) -> bytes:
    """The file as a reader sees it, in the file's place."""
    with Tree.open(path) as tree, without(tree, READER.private(tree)).members[0].open() as stream:
        seen = stream.read()
    path.write_bytes(seen)
    return seen


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS.keys())
def test_each_mark_of_a_draft(read, tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "a.eml").write_bytes(mail(b"geheim", mark))
    (tmp_path / "b.eml").write_bytes(mail(b"gesendet", b"X-Gmail-Labels: Sent,Draftsman\nX-Unsent: 0\n"))
    outcome = read(READER, tmp_path)
    assert [item.text.strip() for item in outcome.items] == ["gesendet"]
    assert outcome.counts == (1, 0, 1)
    with Tree.open(tmp_path) as tree:
        assert [(one.member, one.ranges) for one in READER.private(tree)] == [("a.eml", None)]


@pytest.mark.parametrize("name", ["1.M1P1.host:2,DS", "1.M1P1.host;2,FD"])
def test_the_flag_of_a_maildir(read, tmp_path: Path, name: str) -> None:
    (tmp_path / "cur").mkdir()
    (tmp_path / "cur" / name).write_bytes(mail(b"geheim"))
    (tmp_path / "cur" / "2.MDP1.host:2,S").write_bytes(mail(b"gesendet"))
    assert [item.text.strip() for item in read(READER, tmp_path).items] == ["gesendet"]


@pytest.mark.parametrize(
    "separator", [b"From - Mon Mar 11 08:00:00 2024\n", b"From nobody\n"], ids=["dated", "bare"]
)
def test_drafts_of_a_mailbox_are_masked_and_take_no_neighbour(read, tmp_path: Path, separator: bytes) -> None:
    draft = mail(b"geheim\n\nFrom geheim Mon Mar 11 08:00:00 2024", MARKS["gmail"])
    path = tmp_path / "all.mbox"
    path.write_bytes(
        mailbox(mail(b"eins"), draft, mail(b"zwei"), mail(b"geheim", MARKS["outlook"]), separator=separator)
    )
    assert b"geheim\n" not in as_seen(path)
    outcome = read(READER, path)
    assert [item.text.strip() for item in outcome.items] == ["eins", "zwei"]


def test_a_mailbox_that_begins_with_a_long_draft(
    read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stars are one line, longer than any line is kept."""
    monkeypatch.setattr(mbox_module, "read_lines", partial(read_lines, cap=5000))
    path = tmp_path / "all.mbox"
    path.write_bytes(mailbox(mail(b"\n".join([b"geheim" * 100] * 20), MARKS["gmail"]), mail(b"eins")))
    as_seen(path)
    with Tree.open(path) as tree:
        assert READER.detect(tree).percent >= 50
    outcome = read(READER, path)
    assert ([item.text.strip() for item in outcome.items], outcome.counts) == (["eins"], (1, 0, 1))
