"""What a blog exports of itself: drafts were said to nobody, and from where readers commented is masked."""

from pathlib import Path

import pytest

from archive.channels.feeds import FeedFiles
from archive.reading.private import without
from archive.reading.tree import Tree

READER = FeedFiles()
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:app="http://www.w3.org/2007/app"><id>b</id>{}</feed>'
RSS = '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>b</title>{}</channel></rss>'
POST = "<entry><id>1</id><title>Da</title><content>Fünf Jahre</content>{}</entry>"
ITEM = "<item><guid>1</guid><title>Da</title><description>Fünf Jahre</description>{}</item>"
DRAFTS = {
    "atom": (ATOM, POST, "<app:control><app:draft>yes</app:draft></app:control>"),
    "blogger": (ATOM, POST, "<blogger:status>DRAFT</blogger:status>"),
    "wordpress": (RSS, ITEM, "<wp:status><![CDATA[draft]]></wp:status>"),
    "to come": (RSS, ITEM, "<wp:status>future</wp:status>"),
}


def seen(path: Path) -> bytes:
    with Tree.open(path) as tree, without(tree, READER.private(tree)).members[0].open() as stream:
        return stream.read()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
@pytest.mark.parametrize(("feed", "entry", "mark"), DRAFTS.values(), ids=DRAFTS.keys())
def test_a_draft_is_masked_and_takes_no_neighbour(
    read, tmp_path: Path, feed: str, entry: str, mark: str, encoding: str
) -> None:
    draft = entry.format(mark).replace("Fünf", "Geheim ö").replace(">1<", ">2<")
    told = f'<?xml version="1.0" encoding="{encoding}"?>' + feed.format(
        entry.format("") + draft + entry.format("").replace(">1<", ">3<")
    )
    path = tmp_path / "blog.xml"
    path.write_bytes(told.encode(encoding))
    assert read(READER, path).counts == (2, 0, 1), "a live source masks nothing"
    masked = seen(path)
    assert "Geheim" not in masked.decode(encoding)
    path.write_bytes(masked)
    outcome = read(READER, path)
    assert [(item.key.id, item.text) for item in outcome.items] == [("1", "Fünf Jahre"), ("3", "Fünf Jahre")]
    assert outcome.counts == (2, 0, 1)


def test_what_was_published_is_kept(read, tmp_path: Path) -> None:
    path = tmp_path / "blog.xml"
    marks = ("<wp:status>publish</wp:status>", "<app:control><app:draft>no</app:draft></app:control>")
    path.write_text(RSS.format("".join(ITEM.format(mark) for mark in marks)))
    assert read(READER, path).counts == (2, 0, 0)
    assert seen(path) == path.read_bytes()


@pytest.mark.parametrize("written", ["203.0.113.9", "<![CDATA[203.0.113.9]]>"])
def test_addresses_of_readers_are_masked(tmp_path: Path, written: str) -> None:
    comment = f"<wp:comment><wp:comment_author_IP>{written}</wp:comment_author_IP></wp:comment>"
    path = tmp_path / "blog.xml"
    path.write_text(RSS.format(ITEM.format(comment)))
    assert seen(path) == path.read_bytes().replace(b"203.0.113.9", b"*" * 11)
