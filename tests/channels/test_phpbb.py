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


POST = '<div {mark}><div class="postbody"><h3><a>Re: T</a></h3><p class="author">von <span class="username">Eva</span> » <time datetime="2024-03-04T09:00:00+00:00">4. Mär</time></p>{inner}</div></div>'
HEAD = '<!DOCTYPE html><html><body id="phpbb" class="nojs section-viewtopic ltr"><h2 class="topic-title"><a href="./viewtopic.php?t=7">T</a></h2>'


def topic(*posts: str, head: str = "", foot: str = "") -> str:
    return HEAD + head + "".join(posts) + foot + "</body></html>"


def a_post(ident: int, inner: str, mark: str = 'id="p{}" class="post bg2"') -> str:
    return POST.format(mark=mark.format(ident), inner=inner)


def test_polls_files_signatures_and_notices_are_told(read, tmp_path: Path) -> None:
    poll = '<form><h2 class="poll-title">Wie viele Jahre?</h2><fieldset class="polls"><dl><dt>Fünf</dt><dd>4</dd></dl><dl><dt>Zehn</dt><dd>1</dd></dl></fieldset></form>'
    inline = '<dl class="file"><dt><img src="./download/file.php?id=9" alt="schild.jpg"></dt><dd><em>Typenschild</em></dd><dd>(34 KiB) {} mal betrachtet</dd></dl>'
    box = '<dl class="attachbox"><dt>Anhänge</dt><dd><dl class="file"><dt><a class="postlink" href="./download/file.php?id=10">angebot.pdf</a></dt><dd><em>Unser Angebot</em></dd></dl></dd></dl>'
    more = '<div class="notice">Zuletzt geändert</div><div class="notice bbcode">Zweite</div><div id="sig1" class="signature">Nur schriftlich</div>'
    path = tmp_path / "t.html"
    seen = []
    for views in (1, 2):
        content = f'<div class="content">Wort {inline.format(views)}</div>'
        path.write_text(topic(a_post(1, content + box + more), head=poll))
        seen.append(read(READER, path).items)
    asked, item = seen[0]
    assert (asked.form, asked.text) == ("poll", "Wie viele Jahre?\n- Fünf\n- Zehn")
    assert [(a.name, a.url) for a in item.attachments] == [
        ("schild.jpg", "./download/file.php?id=9"),
        ("angebot.pdf", "./download/file.php?id=10"),
    ]
    assert item.text == "Wort\nTypenschild\nUnser Angebot"
    assert [value for name, value in item.extra if name == "notice"] == ["Zuletzt geändert", "Zweite"]
    assert dict(item.extra)["signature"] == "Nur schriftlich"
    assert (seen[1][1].text, seen[1][1].body) == (item.text, item.body), "being looked at is no edit"


def test_a_post_that_moderators_removed_says_who_and_why(read, tmp_path: Path) -> None:
    why = '<div class="ignore" id="post_hidden1">Gelöscht von Chef. Grund: Werbung</div>'
    foe = '<div class="ignore" id="post_hidden2">Steht auf deiner Ignorierliste</div>'
    words = '<div class="content">Worte</div>'
    path = tmp_path / "t.html"
    path.write_text(
        topic(
            a_post(1, why + words, 'class="post bg1 deleted" id="p{}"'),
            a_post(2, foe + words),
            a_post(3, '<div class="notice post_deleted_msg">Gelöscht von Chef</div>'),
        )
    )
    first, second, third = read(READER, path).items
    assert (first.event, first.deleted.reason, first.text) == (
        "deleted",
        "Gelöscht von Chef. Grund: Werbung",
        "Worte",
    )
    assert second.event == "posted"
    assert (third.event, third.text, third.edited) == ("deleted", None, None)


def test_the_number_of_posts_that_a_topic_states_is_counted(read, tmp_path: Path) -> None:
    content = '<div class="content">x</div>'
    foot = '<div class="pagination"><a>Ungelesen</a> • 1.003 Beiträge • Seite <strong>{}</strong> von <strong>2</strong></div>'
    (tmp_path / "1.html").write_text(topic(a_post(1, content), a_post(2, content), foot=foot.format(1)))
    (tmp_path / "2.html").write_text(topic(a_post(3, content), foot=foot.format(2)))
    outcome = read(READER, tmp_path)
    assert [(one.scope, one.expected, one.found) for one in outcome.claims if one.expected] == [
        ("topic 7", 1003, 3)
    ]
    assert [item.form for item in outcome.items] == ["post", "comment", "comment"]
    (tmp_path / "3.html").write_text(topic("<article>neue Form</article>"))
    assert read(READER, tmp_path).failures == ["a page of a topic in which no post could be made out"]


def test_pieces_that_never_end_take_no_time(read, tmp_path: Path) -> None:
    """Each was looked for to the end of the page, from every place where one begins."""
    path = tmp_path / "t.html"
    for piece in ('<div class="notice">', '<dl class="file">', "<cite>", '<span class="username">'):
        path.write_text(topic(a_post(1, '<div class="content">Wort' + piece * 20_000)))
        [item] = read(READER, path).items
        assert item.text.startswith("Wort")


def test_the_session_of_whoever_looks_is_no_word_of_a_post(read, tmp_path: Path) -> None:
    said = (
        '<cite><a href="./viewtopic.php?p=9{0}#p9">auf</a></cite><a href="./viewtopic.php?{1}t=8">dort</a>'
        '<img src="./download/file.php?id=7{0}" alt="x.jpg"><a href="./index.php{2}">Index</a> sid=1'
    )
    path, seen = tmp_path / "t.html", []
    for session in ("0123456789abcdef" * 2, "fedcba9876543210" * 2, ""):
        sid = f"sid={session}"
        parts = (f"&amp;{sid}", f"{sid}&amp;", f"?{sid}") if session else ("", "", "")
        path.write_text(PAGE.replace("Wie ", said.format(*parts)))
        (item,) = read(READER, path).items
        seen.append(item.model_copy(update={"raw": seen[0].raw if seen else item.raw}))
    assert seen[0] == seen[1] == seen[2]
    assert "sid=1" in seen[0].text
