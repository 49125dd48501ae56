"""Feeds: encodings, entries without an id, markup in markup, attacks."""

from pathlib import Path

import pytest

from archive.channels.feeds import FeedFiles

READER = FeedFiles()
RSS = '<?xml version="1.0" encoding="{0}"?><rss version="2.0"><channel><title>Wörk</title><link>https://x.example/</link>{1}</channel></rss>'


def put(tmp_path: Path, entries: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "feed.xml"
    path.write_bytes(RSS.format(encoding, entries).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16", "utf-16-be", "utf-32-le"])
def test_every_encoding_gives_the_same_words_and_exact_bytes(read, tmp_path: Path, encoding: str) -> None:
    outcome = read(READER, put(tmp_path, "<item><title>Größe</title><guid>1</guid></item>", encoding))
    [item] = outcome.items
    assert (item.title, item.key.id, item.raw.start is not None) == ("Größe", "1", True)
    assert [thread.title for r in outcome.readings for thread in getattr(r, "threads", ())] == ["Wörk"]


def test_html_dates_authors_and_enclosures(read, tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "<item><title>a &amp;amp; b</title><link>https://x.example/1</link><description><![CDATA[<p>x</item> y</p>]]></description>"
        '<pubDate>Tue, 04 Dec 2012 10:00:00</pubDate><dc:creator>Anna</dc:creator><enclosure url="https://x.example/a.mp3" length="7" type="audio/mpeg"/><neu:x>1</neu:x></item>',
    )  # fmt: skip
    [item] = read(READER, path, timezone="Europe/Berlin").items
    assert (item.title, item.text, item.author.written) == ("a & b", "x y", "Anna")
    assert (item.time.utc, item.time.zone_source) == ("2012-12-04T09:00:00Z", "assumed")
    assert item.attachments[0].length == 7
    assert dict(item.extra) == {"link": "https://x.example/1", "neu:x": "1"}
    assert item.key.derived


def test_atom_with_links_updates_and_authors(read, tmp_path: Path) -> None:
    path = tmp_path / "atom.xml"
    path.write_text(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>W</title><id>tag:w</id><entry><id>e1</id><link rel="alternate" href="https://x.example/1"/>'
        "<title type=\"html\">&lt;b&gt;Neu&lt;/b&gt;</title><author><name>Bob</name></author><published>2020-01-01T00:00:00Z</published>"
        '<updated>2020-01-02T00:00:00Z</updated><content type="xhtml"><div>Text <em>gut</em></div></content></entry></feed>'
    )  # fmt: skip
    [item] = read(READER, path).items
    assert (item.key.scope, item.key.id, item.title, item.text) == ("tag:w", "e1", "Neu", "Text gut")
    assert (item.author.written, item.edited.time.utc) == ("Bob", "2020-01-02T00:00:00Z")


def test_entities_expand_nothing_and_a_cut_entry_loses_no_other(read, tmp_path: Path) -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    )
    path = tmp_path / "feed.xml"
    path.write_text(bomb + "<rss><channel><item><title>&a;&b;</title></item><item><title>offen")
    outcome = read(READER, path)
    assert outcome.items[0].title == "&a;&b;"
    assert outcome.counts == (1, 1, 0)


def test_a_json_feed(read, detect, tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_text('{"version": "https://jsonfeed.org/version/1.1", "title": "W", "feed_url": "https://x.example/f", "items": [{"id": "1", "content_html": "<p>a</p>", "date_published": "2020-01-01T00:00:00Z", "authors": [{"name": "Anna"}]}, {}]}')  # fmt: skip
    assert detect(READER, path) == 96
    outcome = read(READER, path)
    assert outcome.counts == (1, 1, 0)
    assert (outcome.items[0].text, outcome.items[0].author.written) == ("a", "Anna")
