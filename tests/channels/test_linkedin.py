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


def test_votes_reposts_and_what_has_the_same_time_and_link(read, tmp_path: Path) -> None:
    when = "2026-01-07 07:01:00,https://l.example/urn:1"
    (tmp_path / "InstantReposts.csv").write_text(f"Date,Link\n{when}\n")
    (tmp_path / "Votes.csv").write_text(f"Date,Link,OptionText\n{when},Ja unbedingt\n")
    repost, vote = read(READER, tmp_path, mine="Werk").items
    assert repost.key != vote.key
    assert [(t.relation, t.written_id) for t in repost.targets] == [("share", "https://l.example/urn:1")]
    assert (vote.event, vote.text, vote.targets[0].relation) == ("voted", "Ja unbedingt", "of")


def test_quotes_behind_a_backslash_and_quotes_that_are_the_authors(read, tmp_path: Path) -> None:
    (tmp_path / "Comments_7.csv").write_text(
        "Date,Link,Message\n"
        '2026-01-05 07:00:00,u/1,"Der \\"Preis, fest\\" gilt,\n\nauch morgen."\n'
        '2026-01-05 07:01:00,u/1,"Gut, \\"danke\\"\nzweite Zeile"\n'
        ",u/2,Ohne Zeit\n"
        "2026-01-05 07:02:00,u/3,Danach\n"
    )
    outcome = read(READER, tmp_path, mine="Werk")
    assert [item.text for item in outcome.items] == [
        'Der "Preis, fest" gilt,\n\nauch morgen.',
        'Gut, "danke"\nzweite Zeile',
        "Ohne Zeit",
        "Danach",
    ]
    assert outcome.counts == (4, 0, 0)
    assert outcome.items[2].time is None
    (tmp_path / "Comments_7.csv").write_text('Date,Link,Message\n2026-01-05 07:00:00,u/1,"C:\\neu\\"\n')
    assert [item.text for item in read(READER, tmp_path).items] == ["C:\\neu\\"], "where quotes are doubled"


def test_quotes_around_the_breaks_of_a_share(read, tmp_path: Path) -> None:
    (tmp_path / "Shares.csv").write_text(
        "Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility\n"
        '2026-01-05 07:00:00,u/1,"Garantie""\n""""\n""fünf Jahre",,,ALL\n'
        '2026-01-05 07:01:00,u/2,"Er sagte ""ja""\nund ging",,,ALL\n'
    )
    first, second = read(READER, tmp_path, mine="Werk").items
    assert (first.text, first.body.content) == ("Garantie\n\nfünf Jahre", 'Garantie"\n""\n"fünf Jahre')
    assert second.text == 'Er sagte "ja"\nund ging'


def test_articles_recommendations_and_times_of_other_files(read, tmp_path: Path) -> None:
    (tmp_path / "Articles").mkdir()
    page = "<html><head><title>T</title></head><body><p>Created on 2026-01-02 10:11</p>{}<p>Wort</p></body></html>"
    (tmp_path / "Articles" / "a.html").write_text(page.format("<p>Published on 2026-01-03 10:12</p>"))
    (tmp_path / "Articles" / "b.html").write_text(page.format(""))
    row = "First Name,Last Name,Company,Job Title,Text,Creation Date,Status\nMia,Roth,W,E,Gut,2026-01-09 10:00:00,V\n"
    for name in ("Given", "Received"):
        (tmp_path / f"Recommendations_{name}.csv").write_text(row)
    (tmp_path / "Invitations.csv").write_text(
        'From,To,Sent At,Message,Direction\nPetra,Jonas,"2/3/26, 9:15 PM",Hallo,OUTGOING\n'
    )
    (tmp_path / "Rich_Media.csv").write_text(
        'Date/Time,Media Description,Media Link\n"March 3, 2026 at 9:51:14 AM",Foto,https://m.example/1\n'
        '"You uploaded a video on July 12, 2023 at 3:14 PM (GMT)",,https://m.example/2\n'
    )
    outcome = read(READER, tmp_path, mine="Petra", timezone="UTC")
    article, invitation, given, received, medium, film = outcome.items
    assert outcome.counts == (6, 0, 1), "an article that was never published is a draft"
    assert article.time.utc == "2026-01-03T10:12:00Z"
    assert (given.author.name, given.recipients[0].actor.name) == ("Petra", "Mia Roth")
    assert (received.author.name, received.recipients[0].actor.name) == ("Mia Roth", "Petra")
    assert (invitation.time.utc, medium.time.utc) == ("2026-02-03T21:15:00Z", "2026-03-03T09:51:14Z")
    assert (film.time.utc, film.time.written[:3]) == ("2023-07-12T15:14:00Z", "You")
    with Tree.open(tmp_path) as tree:
        assert "Articles/b.html" in {one.member for one in READER.private(tree) if one.reason == "drafts"}


def test_a_conversation_without_a_title_has_none(read, tmp_path: Path) -> None:
    row = "2-a=,,Petra,u/p,Jonas,u/j,2026-03-02 08:15:44 UTC,,Hallo,INBOX,,No,No"
    [thread] = read(READER, messages(tmp_path, row)).threads
    assert thread.title is None


def test_invitations_are_between_two_and_a_draft_hides_no_title(read, tmp_path: Path) -> None:
    (tmp_path / "Invitations.csv").write_text(
        'From,To,Sent At,Message,Direction\nPetra,Jonas,"2/3/26, 9:15 PM",a,OUTGOING\nPetra,Mia,"2/3/26, 9:16 PM",b,OUTGOING\n'
    )
    first, second = read(READER, tmp_path).items
    assert first.thread != second.thread
    draft = "2-a=,Gruppe,P,u/p,J,u/j,,,Entwurf,INBOX,,Yes,No"
    said = "2-a=,Gruppe,P,u/p,J,u/j,2026-03-02 08:15:44 UTC,,Hallo,INBOX,,No,No"
    outcome = read(READER, messages(tmp_path, draft, said) / "messages.csv")
    assert [thread.title for thread in outcome.threads] == ["Gruppe"]
