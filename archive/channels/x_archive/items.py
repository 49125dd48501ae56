"""Parts of posts, and the events of conversations."""

import html
import re
from collections.abc import Iterator

from archive.channels.called import also_called
from archive.channels.export import Made, Run, Scene, plain_json
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.times import from_c_locale, from_iso
from archive.reading.tree import Member
from schemas.item import (
    Attachment,
    Body,
    Edited,
    Event,
    Raw,
    Reaction,
    Recipient,
    Target,
    TimeStamp,
)

_STATUS = re.compile(r"https?://(?:www\.)?(?:twitter|x)\.com/[^/]+/status/(\d+)")
_EVENTS: dict[str, Event] = {
    "messageCreate": "posted",
    "welcomeMessageCreate": "posted",
    "reactionCreate": "reacted",
    "participantsJoin": "joined",
    "joinConversation": "joined",
    "participantsLeave": "left",
    "conversationNameUpdate": "renamed",
}
TOLD = (
    "lang",
    "source",
    "favorite_count",
    "retweet_count",
    "possibly_sensitive",
    "geo",
    "coordinates",
    "place",
)


def message(run: Run, member: Member, scene: Scene, f: Fields, raw: Raw, made: Made) -> None:
    """The item of one event of a conversation."""
    [(kind, _)] = f.data.items()
    said = f.object(kind)
    if said is None:
        raise NotUnderstood("no event of a conversation")
    time = time_of(said.text("createdAt"))
    ident = said.id("id", "eventId")
    sender = said.id("senderId", "initiatingUserId")
    text, people = said.text("text"), said.array("participantsSnapshot") or said.array("userIds")
    recipient = said.id("recipientId")
    if time is None and ident is None:
        raise NotUnderstood("neither id nor time")
    members = [run.named(scene.actor(one)) for one in people if isinstance(one, str)]
    receivers = [
        Recipient(role="to", actor=a) for a in [run.named(scene.actor(recipient))] if recipient and a
    ]
    receivers += [Recipient(role="member", actor=a) for a in members if a]
    history = said.array("editHistory")
    urls = {u.text("url"): u.text("expanded") for u in said.objects("urls")}
    words = html.unescape(text) if text else None
    for short, long in urls.items():
        words = words.replace(short, long) if words and short and long else words
    reactions = said.objects("reactions")
    item = scene.item(
        raw,
        scene.key(ident)
        if ident
        else scene.derived(kind, time.written if time else None, sender, *map(str, people)),
        event=_EVENTS.get(kind, "notice"),
        author=run.named(scene.actor(sender)) if sender else None,
        recipients=tuple(receivers),
        time=time,
        title=said.text("name") if kind == "conversationNameUpdate" else None,
        text=words,
        body=Body(type="text/plain", content=text) if text and text != words else None,
        attachments=tuple(_message_media(run, member, said, ident, made)),
        reactions=tuple(
            Reaction(value=value, count=1, actors=(actor,) if actor else ())
            for r in reactions
            if (value := r.text("reactionKey")) and ((actor := scene.actor(r.id("senderId"))) or True)
        ),
        edited=Edited() if history else None,
        history="full" if history else scene.history,
        extra=(*((("editHistory", plain_json(history)),) if history else ()), *made.told(said)),
    )
    made.items.append(item)


def _message_media(
    run: Run, member: Member, said: Fields, ident: str | None, made: Made
) -> Iterator[Attachment]:
    for url in said.array("mediaUrls"):
        if isinstance(url, str):
            name = f"{ident}-{url.partition('?')[0].rpartition('/')[2]}"
            yield run.beside.attach(made.contents, name, member, url=url)


def time_of(written: str | None) -> TimeStamp | None:
    """The instant, in either of the two forms that X writes."""
    return (from_c_locale(written) or from_iso(written, "UTC", "by_spec")) if written else None


def expanded(text: str, tweet: Fields) -> str:
    """The words with entities undone and short addresses made long, and the descriptions of pictures."""
    entities = tweet.object("entities") or Fields({})
    words = html.unescape(text)
    for url in [*entities.objects("urls"), *entities.objects("media")]:
        short, long = url.text("url"), url.text("expanded_url")
        if short and long:
            words = words.replace(short, long)
    shown = (tweet.object("extended_entities") or entities).objects("media")
    return "\n".join([words, *(alt for medium in shown if (alt := medium.text("ext_alt_text")))])


def mentioned(scene: Scene, tweet: Fields) -> tuple[Recipient, ...]:
    """Who is mentioned by account."""
    mentions = (tweet.object("entities") or Fields({})).objects("user_mentions")
    found = [
        also_called(
            scene.actor(m.id("id_str", "id"), m.text("name", "screen_name")), m.data.get("screen_name")
        )
        for m in mentions
    ]
    return tuple(Recipient(role="mentioned", actor=actor) for actor in found if actor)


def targets_of(scene: Scene, tweet: Fields, text: str, info: Fields | None) -> Iterator[Target]:
    """What a post answers, shares, quotes, or is a later version of."""
    answered = tweet.id("in_reply_to_status_id_str")
    person = tweet.id("in_reply_to_user_id_str")
    if answered:
        yield Target(relation="reply", key=scene.key(answered), written_id=answered)
    elif person:
        yield Target(relation="reply", written_id=f"user {person}", present="no")
    if text.startswith("RT @"):
        yield Target(relation="share", excerpt=html.unescape(text.partition(": ")[2]) or None, present="no")
    for url in (tweet.object("entities") or Fields({})).objects("urls"):
        if match := _STATUS.match(url.text("expanded_url") or ""):
            yield Target(relation="quote", key=scene.key(match[1]), written_id=match[1])
    edit = info.object("edit") if info else None
    if edit is not None and (first := edit.id("initialTweetId")):
        yield Target(relation="of", key=scene.key(first), written_id=first)
