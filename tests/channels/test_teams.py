"""Teams: capitals, system events, cards, quotes, inline pictures."""

import json
from pathlib import Path

from archive.channels.teams import TeamsMessages

READER = TeamsMessages()


def message(ident: str, content: str = "<p>a</p>", **more: object) -> dict[str, object]:
    return {"id": ident, "messageType": "message", "createdDateTime": "2021-03-28T21:11:12.3957654Z", "chatId": "19:a", "from": {"user": {"id": "u1", "displayName": "Anna"}}, "body": {"contentType": "html", "content": content}, **more}  # fmt: skip


def put(tmp_path: Path, *messages: object) -> Path:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"@odata.count": len(messages), "value": list(messages)}))
    return path


def test_system_events_have_no_author_of_their_own(read, tmp_path: Path) -> None:
    def event(sort: str, **more: object) -> dict[str, object]:
        detail = {
            "@odata.type": f"#microsoft.graph.{sort}EventMessageDetail",
            "initiator": {"user": {"id": "u9"}},
            **more,
        }
        return message(
            sort,
            "<systemEventMessage/>",
            messageType="unknownFutureValue",
            **{"from": None},
            eventDetail=detail,
        )

    path = put(
        tmp_path,
        event("membersAdded", members=[{"id": "u2", "displayName": "Bob"}]),
        event("membersDeleted"),
        event("chatRenamed", chatDisplayName="Pumpe"),
        event("callEnded"),
        event("tabUpdated"),
    )
    items = read(READER, path).items
    assert [item.event for item in items] == ["joined", "left", "renamed", "called", "notice"]
    assert items[0].recipients[0].actor.written == "Bob"
    assert items[2].title == "Pumpe"
    assert {item.author.account.id for item in items} == {"u9"}


def test_cards_files_quotes_and_inline_pictures(read, tmp_path: Path) -> None:
    card = json.dumps(
        {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "Angebot <b>4711</b>"}]}
    )
    quote = json.dumps({"messageId": "77", "messagePreview": "alt"})
    attachments = [
        {"id": "1", "contentType": "application/vnd.microsoft.card.adaptive", "content": card},
        {"id": "2", "contentType": "messageReference", "content": quote},
        {
            "id": "3",
            "contentType": "reference",
            "name": "plan.pdf",
            "contentUrl": "https://x.example/plan.pdf",
        },
    ]
    content = (
        '<attachment id="2"></attachment><p>siehe</p><img src="https://g.example/hostedContents/1/$value">'
    )
    [item] = read(READER, put(tmp_path, message("1", content, attachments=attachments))).items
    assert item.text == "siehe\n\nAngebot 4711".replace("\n\n", "\n")
    assert [(t.relation, t.written_id, t.excerpt) for t in item.targets] == [("quote", "77", "alt")]
    assert [(a.name, a.role, a.state) for a in item.attachments] == [
        ("plan.pdf", "file", "missing"),
        (None, "inline", "missing"),
    ]


def test_edits_deletions_replies_reactions_and_mentions(read, tmp_path: Path) -> None:
    channel = {"channelIdentity": {"teamId": "t", "channelId": "19:c"}, "chatId": None}
    reply = message("2", "<p>Antwort</p>", replyToId="1", **channel)
    root = message(
        "1",
        lastEditedDateTime="2021-03-28T21:12:00Z",
        reactions=[{"reactionType": "like", "user": {"user": {"id": "u2"}}}],
        mentions=[{"mentionText": "Bob", "mentioned": {"user": {"id": "u2", "displayName": "Bob"}}}],
        replies=[reply],
        **channel,
    )
    gone = message("3", "", deletedDateTime="2021-03-28T21:13:00Z", **channel)
    first, second, third = read(READER, put(tmp_path, root, gone)).items
    assert first.edited.time.utc == "2021-03-28T21:12:00Z"
    assert first.time.utc == "2021-03-28T21:11:12.3957654Z"
    assert (first.reactions[0].value, first.recipients[0].actor.written) == ("like", "Bob")
    assert [(t.relation, t.key.id) for t in second.targets] == [("root", "1")]
    assert third.event == "deleted"
    assert first.thread.id == "19:c"


def test_capital_names_are_the_same_message(read, tmp_path: Path) -> None:
    def capital(value: object) -> object:
        if isinstance(value, dict):
            return {name[:1].upper() + name[1:]: capital(child) for name, child in value.items()}
        return value

    small = read(READER, put(tmp_path, message("1"))).items[0]
    (tmp_path / "dump.json").write_text(json.dumps([capital(message("1"))]))
    [large] = read(READER, tmp_path / "dump.json").items
    assert large.model_copy(update={"raw": None}) == small.model_copy(update={"raw": None})


def test_forwarded_messages_code_and_loop_parts_are_there(read, tmp_path: Path) -> None:
    sender = {"user": {"id": "u9", "displayName": "Werk Nord"}}
    forwarded = {"originalMessageId": "7", "originalConversationId": "19:b", "originalMessageContent": "<p>sieben <b>Jahre</b></p>", "originalMessageSender": sender}  # fmt: skip
    contents = {
        "forwardedMessageReference": forwarded,
        "application/vnd.microsoft.card.codesnippet": {"name": "x", "lines": ["select 1", "from t"]},
        "application/vnd.microsoft.card.fluidEmbedCard": {"componentUrl": "https://t/loop"},
        "application/vnd.microsoft.card.news": {"neu": 1},
    }
    messages = [
        message(str(at), "<p>siehe</p>", attachments=[{"contentType": kind, "content": json.dumps(content)}])
        for at, (kind, content) in enumerate(contents.items())
    ]
    passed, code, loop, new = read(READER, put(tmp_path, *messages)).items
    assert passed.text == "siehe\nWerk Nord\nsieben Jahre"
    [target] = passed.targets
    assert target.key
    assert (target.relation, target.key.place) == ("forward", ("teams", "19:b", "7"))
    assert code.text == "siehe\nselect 1\nfrom t"
    assert [one.url for one in loop.attachments] == ["https://t/loop"]
    assert dict(new.extra)["application/vnd.microsoft.card.news"] == '{"neu": 1}'


def test_an_answer_of_an_older_client_names_what_it_quotes(read, tmp_path: Path) -> None:
    reply = '<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="1709564460000"><p>alt</p></blockquote>'
    [item] = read(READER, put(tmp_path, message("1", f"{reply}<p>ja</p><blockquote>ohne</blockquote>"))).items
    assert [(t.relation, t.key and t.key.id) for t in item.targets] == [("quote", "1709564460000")]
