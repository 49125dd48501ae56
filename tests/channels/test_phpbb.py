"""phpBB: posts cut out of a page."""

from pathlib import Path

from archive.channels.phpbb import PhpbbTopics
from tests.channels.own import OWN

READER = PhpbbTopics()
PAGE = OWN["phpbb"].files["viewtopic.html"].decode()


def test_posts_with_quotes_notices_and_times_in_words(read, tmp_path: Path) -> None:
    old = '<div id="p102" class="post bg1"><p class="author">von <span class="username">Gast</span> » Gestern, 12:00</p><h3><a href="#">Re</a></h3><div class="content"><blockquote><div><cite>Klaus: <a href="./viewtopic.php?p=101#p101">auf</a></cite>Wie?</div></blockquote>So &amp; so</div><div class="notice">Zuletzt geändert von Gast</div></div>'
    broken = '<div id="p103" class="post bg1"></div>'
    path = tmp_path / "t.html"
    path.write_text(PAGE.replace("</body>", old + broken + "</body>"))
    outcome = read(READER, path)
    first, second = outcome.items
    assert outcome.counts == (2, 1, 0)
    assert (first.form, first.author.account.id, first.time.utc, first.thread.id) == (
        "post",
        "5",
        "2021-03-28T00:59:00Z",
        "42",
    )
    assert first.text == "Wie\ntausche\nich?"
    assert (second.form, second.author.written, second.title, second.time.utc) == (
        "comment",
        "Gast",
        "Re",
        None,
    )
    assert "Gestern" in second.time.written
    assert [(t.relation, t.key) for t in second.targets] == [("quote", first.key)]
    assert second.edited.time.written == "Zuletzt geändert von Gast"


def test_other_pages_are_left_out(read, tmp_path: Path) -> None:
    (tmp_path / "t.html").write_text(PAGE)
    (tmp_path / "i.html").write_text(
        '<!DOCTYPE html><html><body id="phpbb" class="section-index">x</body></html>'
    )
    assert read(READER, tmp_path).counts == (1, 0, 1)
