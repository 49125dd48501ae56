"""LinkedIn: columns of several years, lists of names, drafts, assistants."""

from pathlib import Path

from archive.channels.linkedin import LinkedInExport
from archive.reading.private import without
from archive.reading.tree import Tree

READER = LinkedInExport()
HEADER = "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,SUBJECT,CONTENT,FOLDER,ATTACHMENTS,IS MESSAGE DRAFT,IS CONVERSATION ARCHIVED\n"


def messages(tmp_path: Path, *rows: str, name: str = "messages.csv") -> Path:
    (tmp_path / name).write_text("\ufeff" + HEADER + "\n".join(rows) + "\n")
    return tmp_path


def test_a_message_with_html_attachment_and_several_recipients(read, tmp_path: Path) -> None:
    row = '2-a=,Gruppe,Petra,u/p,"Jonas, Eva","u/j,u/e",2026-03-02 08:15:44 UTC,Betreff,"<p>Hallo &amp; <b>ja</b></p>",INBOX,https://x.example/f,No,No'
    odd = (
        '2-a=,Gruppe,Petra,u/p,"Meier, Jonas, Eva","u/j,u/e",2026-03-02 08:15:45 UTC,,plain < 5,INBOX,,No,No'
    )
    first, second = read(READER, messages(tmp_path, row, odd)).items
    assert (first.text, first.body.type, first.title) == ("Hallo & ja", "text/html", "Betreff")
    assert [(r.actor.account.id, r.actor.written) for r in first.recipients] == [
        ("u/j", "Jonas"),
        ("u/e", "Eva"),
    ]
    assert (first.attachments[0].state, first.attachments[0].url) == ("missing", "https://x.example/f")
    assert [r.actor.written for r in second.recipients] == [None, None]
    assert dict(second.extra)["TO"] == "Meier, Jonas, Eva"
    assert (second.text, second.body) == ("plain < 5", None)
    assert first.time.zone_source == "explicit"


def test_drafts_assistants_and_contacts_stay_out(read, tmp_path: Path) -> None:
    root = messages(tmp_path, "2-a=,,P,u/p,J,u/j,,,Entwurf,INBOX,,Yes,No", "2-a=,,LinkedIn Member,,J,u/j,2026-03-02 08:15:44 UTC,,Hallo,SPAM,,No,No")  # fmt: skip
    messages(
        tmp_path, "3-b=,,Coach,,J,u/j,2026-03-02 08:15:44 UTC,,Rat,INBOX,,No,No", name="guide_messages.csv"
    )
    (root / "Connections.csv").write_text('Notes:\n"x"\n\nFirst Name,Last Name,URL\nA,B,u/a\n')
    outcome = read(READER, root)
    assert outcome.counts == (1, 0, 3)
    assert outcome.items[0].author.state == "deleted"
    assert dict(outcome.items[0].extra)["FOLDER"] == "SPAM"


def test_a_draft_is_masked_before_anybody_reads_it(read, tmp_path: Path) -> None:
    draft = '2-a=,,Petra,u/p,Jonas,u/j,,,"Entwurf, ""geheim""\nzweite Zeile",INBOX,,Yes,No'
    sent = "2-a=,,Petra,u/p,Jonas,u/j,2026-03-02 08:15:44 UTC,,Hallo,INBOX,,No,No"
    with (
        Tree.open(messages(tmp_path, sent, draft, sent.replace("Hallo", "Danach"))) as tree,
        without(tree, READER.private(tree)).members[0].open() as stream,
    ):
        seen = stream.read()
    assert b"geheim" not in seen
    assert b"zweite" not in seen
    (tmp_path / "messages.csv").write_bytes(seen)
    outcome = read(READER, tmp_path)
    assert [item.text for item in outcome.items] == ["Hallo", "Danach"]
    assert outcome.counts == (2, 0, 1)


def test_posts_reactions_and_broken_rows(read, tmp_path: Path) -> None:
    (tmp_path / "Shares_1.csv").write_text(
        'Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility\n2026-01-05 07:00:00,u/1,"Neue Pumpe",https://x.example,,MEMBER_NETWORK\nkaputt\n"offen,u/2\n2026-01-06 07:00:00,u/3,Danach,,,ALL\n'
    )
    (tmp_path / "Reactions.csv").write_text("Date,Type,Link\n2026-01-05 07:00:00,LIKE,u/9\n")
    outcome = read(READER, tmp_path, timezone="Europe/Berlin", mine="Werk")
    assert outcome.counts == (3, 2, 0)
    liked, first, last = outcome.items
    assert (liked.event, liked.reactions[0].value, liked.targets[0].written_id) == ("reacted", "LIKE", "u/9")
    assert (first.text, first.time.zone_source) == ("Neue Pumpe\nhttps://x.example", "assumed")
    assert [(t.relation, t.written_id) for t in first.targets] == [("share", "https://x.example")]
    assert last.text == "Danach"
