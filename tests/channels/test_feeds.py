"""Feeds: encodings, entries without an id, markup in markup, attacks."""

import json
from pathlib import Path

import pytest

from archive.channels.feeds import FeedFiles
from archive.reading.tree import Tree

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


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>W</title><id>tag:w</id><author><name>Werk</name><uri>https://x.example</uri></author>{}</feed>'


def atom(tmp_path: Path, *entries: str) -> Path:
    path = tmp_path / "atom.xml"
    path.write_text(ATOM.format("".join(entries)))
    return path


def test_people_are_called_by_their_names(read, tmp_path: Path) -> None:
    two = "<entry><id>2</id><title>b</title><author><name>Anna</name></author><author><name>Bo</name></author></entry>"
    first, second = read(READER, atom(tmp_path, "<entry><id>1</id><title>a</title></entry>", two)).items
    assert first.author.written == "Werk"
    assert (second.author.written, dict(second.extra)["author"]) == ("Anna", "Bo")
    path = put(tmp_path, "<item><guid>1</guid><title>a</title></item>")
    login = "<wp:author><wp:author_login>chef</wp:author_login></wp:author>"
    path.write_text(path.read_text().replace("<item>", login + "<item>"))
    assert read(READER, path).items[0].author is None, "who may write in a blog wrote not all of it"


def test_what_a_summary_or_a_medium_says_besides_is_found(read, tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "<item><guid>1</guid><title>Folge</title><description>Fünf Jahre. Der Preis gilt.</description>"
        "<content:encoded><![CDATA[<p>Fünf Jahre</p>]]></content:encoded><itunes:subtitle>Untertitel</itunes:subtitle>"
        '<media:group><media:content url="https://x.example/a.jpg" type="image/jpeg"><media:description>Typenschild</media:description></media:content>'
        "<media:description>Beschreibung</media:description><media:community><media:statistics views='1'/></media:community></media:group>"
        '<link rel="x"/><slash:comments>3</slash:comments></item>',
    )
    [item] = read(READER, path).items
    assert item.text.splitlines() == ["Fünf Jahre", "Fünf Jahre. Der Preis gilt.", "Untertitel", "Beschreibung", "Typenschild"]  # fmt: skip
    assert [(a.name, a.media_type) for a in item.attachments] == [("a.jpg", "image/jpeg")]
    assert "views" not in str(item.extra), "looking at it makes no other entry"
    assert "slash:comments" not in dict(item.extra)


def test_links_answers_plain_text_and_content_elsewhere(read, tmp_path: Path) -> None:
    answer, plain, elsewhere, packed = read(
        READER,
        atom(
            tmp_path,
            '<entry><id>1</id><thr:in-reply-to ref="0"/><link rel="related" href="https://r.example"/><link rel="enclosure" href="/a.pdf" title="Angebot"/><rights>(c)</rights></entry>',
            '<entry><id>2</id><content type="text">a &lt;b&gt; c</content></entry>',
            '<entry><id>3</id><content type="text/html" src="https://x.example/e.html"/></entry>',
            '<entry><id>4</id><content type="application/pdf">JVBERi0xLjQK</content></entry>',
        ),
    ).items
    assert [(t.relation, t.key.id) for t in answer.targets] == [("reply", "0")]
    assert (dict(answer.extra)["link related"], dict(answer.extra)["rights"]) == ("https://r.example", "(c)")
    assert answer.attachments[0].name == "Angebot"
    assert (plain.text, plain.body) == ("a <b> c", None)
    assert elsewhere.attachments[0].url == "https://x.example/e.html"
    assert (packed.text, packed.attachments[0].state, packed.attachments[0].length) == (None, "present", 9)


def test_an_entry_that_was_taken_back(read, tmp_path: Path) -> None:
    gone = '<at:deleted-entry ref="1" when="2024-03-05T09:00:00Z"><at:comment>Irrtum</at:comment></at:deleted-entry>'
    posted, deleted = read(READER, atom(tmp_path, "<entry><id>1</id><title>a</title></entry>", gone)).items
    assert (deleted.event, deleted.targets[0].key, deleted.deleted.reason) == (
        "deleted",
        posted.key,
        "Irrtum",
    )
    assert deleted.time.utc == "2024-03-05T09:00:00Z"


def test_comments_and_states_of_a_blog(read, tmp_path: Path) -> None:
    def comment(ident: int, words: str, parent: int = 0, approved: str = "1") -> str:
        return f"<wp:comment><wp:comment_id>{ident}</wp:comment_id><wp:comment_author>Bo</wp:comment_author><wp:comment_author_IP>****</wp:comment_author_IP><wp:comment_date_gmt>2024-03-05 09:00:00</wp:comment_date_gmt><wp:comment_content><![CDATA[{words}]]></wp:comment_content><wp:comment_approved>{approved}</wp:comment_approved><wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"

    path = put(
        tmp_path,
        f"<item><guid>1</guid><title>a</title>{comment(5, 'Zugesagt?')}{comment(6, 'Ja, <b>fest</b>', 5, '0')}</item>"
        "<item><guid>2</guid><title>b</title><wp:status>trash</wp:status></item>"
        "<item><guid>3</guid><title>c</title><wp:status>private</wp:status></item>"
        "<item><guid>4</guid><title>d</title><wp:post_password>geheim</wp:post_password></item>",
    )
    article, asked, answer, gone, private, locked = read(READER, path).items
    assert [(one.form, one.text) for one in (asked, answer)] == [
        ("comment", "Zugesagt?"),
        ("comment", "Ja, fest"),
    ]
    assert (asked.author.written, asked.time.utc, asked.targets[0].key) == (
        "Bo",
        "2024-03-05T09:00:00Z",
        article.key,
    )
    assert (answer.targets[0].key, answer.visibility) == (asked.key, "internal")
    assert "*" not in str(asked.extra)
    assert (gone.event, private.visibility, locked.visibility) == ("deleted", "internal", "internal")
    assert "geheim" not in str(locked.extra)
    with Tree.open(path) as tree:
        assert "passwords of articles" in {one.reason for one in READER.private(tree)}


def test_a_json_feed_tells_all_of_its_fields(read, tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_text('{"version": "https://jsonfeed.org/version/1.1", "title": "W", "authors": [{"name": "Werk"}], "items": [{"id": "1", "content_html": "<p>a</p>", "summary": "Preis", "date_published": "2020-01-01T00:00:00Z", "date_modified": "2020-01-01T00:00:00Z", "external_url": "https://e.example", "attachments": [{"url": "https://x.example/a.pdf", "title": "Angebot", "size_in_bytes": 7}]}, {"id": "2", "content_text": "b", "authors": [{"name": "Anna"}, {"name": "Bo"}]}]}')  # fmt: skip
    first, second = read(READER, path).items
    assert (first.text, first.author.written, first.edited) == ("a\nPreis", "Werk", None)
    assert (first.attachments[0].name, first.attachments[0].length) == ("Angebot", 7)
    assert [(t.relation, t.written_id) for t in first.targets] == [("share", "https://e.example")]
    assert (second.author.written, dict(second.extra)["author"]) == ("Anna", "Bo")


def test_entries_that_share_an_id_do_not_cover_each_other(read, tmp_path: Path) -> None:
    one = "<item><guid>g</guid><title>{0}</title><link>https://x.example/{0}</link></item>"
    first, second, again, alone = read(
        READER,
        put(tmp_path, one.format(1) + one.format(2) + one.format(1) + one.format(3).replace(">g<", ">h<")),
    ).items
    assert first.key != second.key
    assert first.key == again.key
    assert alone.key.id == "h"


def test_ids_that_never_end_and_many_elements_take_no_time(read, tmp_path: Path) -> None:
    assert len(read(READER, put(tmp_path, "<item><guid>" * 20_000)).items) <= 1
    many = "<author>a</author><neu>b</neu>" * 10_000
    [item] = read(READER, put(tmp_path, f"<item><guid>1</guid>{many}</item>")).items
    assert item.author.written == "a"


def test_what_blogger_exports(read, tmp_path: Path) -> None:
    post = "<entry><id>p</id><blogger:type>POST</blogger:type><blogger:status>LIVE</blogger:status><title>T</title></entry>"
    said = "<entry><id>c</id><blogger:parent>p</blogger:parent><blogger:type>COMMENT</blogger:type><content>Zugesagt?</content></entry>"
    gone = "<entry><id>t</id><blogger:status>SOFT_TRASHED</blogger:status><title>weg</title></entry>"
    old = '<entry><id>k</id><category term="http://schemas.google.com/blogger/2008/kind#comment"/><thr:in-reply-to ref="p"/></entry>'
    look = '<entry><id>s</id><category term="http://schemas.google.com/blogger/2008/kind#settings"/></entry>'
    outcome = read(READER, atom(tmp_path, post, said, gone, old, look, look.replace("settings", "template")))
    assert outcome.counts == (4, 0, 2)
    posted, comment, trashed, older = outcome.items
    assert [(one.form, one.event) for one in outcome.items] == [
        ("article", "posted"),
        ("comment", "posted"),
        ("article", "deleted"),
        ("comment", "posted"),
    ]
    assert comment.targets[0].key == older.targets[0].key == posted.key
    assert trashed.visibility == "internal"


def test_an_atom_feed_with_a_prefix_has_no_unknown_elements(read, tmp_path: Path) -> None:
    path = tmp_path / "atom.xml"
    path.write_text('<atom:feed xmlns:atom="http://www.w3.org/2005/Atom"><atom:id>f</atom:id><atom:entry><atom:id>1</atom:id><atom:title>T</atom:title><atom:author><atom:name>Anna</atom:name></atom:author><atom:category term="x"/><atom:content>Wort</atom:content></atom:entry></atom:feed>')  # fmt: skip
    outcome = read(READER, path)
    [item] = outcome.items
    assert (item.key.id, item.title, item.text, item.author.written) == ("1", "T", "Wort", "Anna")
    assert outcome.readings[0].unknown_fields == frozenset()
    assert "x" in dict(item.extra)["atom:category"]


def test_a_feed_that_names_a_wrong_encoding_is_still_words(read, tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(
        RSS.format("ISO-8859-1", "<item><guid>1</guid><title>fünf Jahre</title></item>").encode()
    )
    [item] = read(READER, path).items
    assert (item.title, item.raw.start is not None) == ("fünf Jahre", True)


def test_items_of_json_that_share_an_id_do_not_cover_each_other(read, tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    said = [
        {"id": 7, "content_text": "Eins", "url": "https://b.example/1"},
        {"id": "7", "content_text": "Zwei"},
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "B",
        "items": [*said, {"id": "8", "title": "T"}],
    }
    path.write_text(json.dumps(feed))
    assert [item.key.id for item in read(READER, path).items] == ["7 https://b.example/1", "7 ", "8"]
