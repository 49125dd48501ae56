"""What hangs on a message: quoted and forwarded messages, cards, files, images that its words show."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from archive.channels.called import also_called
from archive.channels.export import Made, Run, Scene
from archive.reading.html_text import html_to_text
from archive.reading.json_fields import Fields, NotUnderstood, as_text, load_json
from archive.reading.tree import Member
from schemas.item import Actor, Attachment, Key, Target

_CARD_WORDS = ("text", "title", "subtitle", "value", "speak", "summary", "altText")
_CARD_URLS = ("componentUrl", "codeSnippetUrl", "url")
_HOSTED = re.compile(r"""<img\b[^>]*?\bsrc\s*=\s*["']([^"']*hostedContents[^"']*)["']""", re.IGNORECASE)
_HOSTED_ID = re.compile(r"/hostedContents/([A-Za-z0-9_=.-]{1,1000})/\$value")
_REPLY = re.compile(r"<blockquote\b[^>]*schema\.skype\.com/Reply[^>]*>", re.IGNORECASE)
_REPLY_ID = re.compile(r"""\bitemid\s*=\s*["']?(\d{1,20})""", re.IGNORECASE)
HOSTED_TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
"""Media types of hosted contents, with the ending under which a collection keeps them."""


def hosted_contents(content: str) -> list[str]:
    """Give the numbers of the images that the HTML of a message shows and Graph keeps beside it."""
    found = (_HOSTED_ID.search(url) for url in _HOSTED.findall(content))
    return list(dict.fromkeys(match[1] for match in found if match))


def hosted_name(ident: str) -> str:
    """Give the name, without ending, under which a collection keeps a hosted content; numbers are long."""
    return f"hosted-{sha256(ident.encode()).hexdigest()[:16]}"


def shown_images(run: Run, content: str, member: Member, made: Made) -> Iterator[Attachment]:
    """The images of the words, with their bytes where a collection brought them."""
    for url in _HOSTED.findall(content):
        match = _HOSTED_ID.search(url)
        names = [f"{hosted_name(match[1])}.{ending}" for ending in HOSTED_TYPES.values()] if match else []
        written = next((name for name in names if run.beside.find(name, member)), None)
        if written:
            yield run.beside.attach(made.contents, written, member, role="inline", url=url)
        else:
            yield Attachment(state="missing", reason="not in export", role="inline", url=url)


class Attached(NamedTuple):
    """What the attachments of a message bring to it."""

    words: list[str]
    files: list[Attachment]
    targets: list[Target]
    told: list[tuple[str, str]]


def attach(run: Run, to: Attached, one: Fields, member: Member, scene: Scene, made: Made) -> None:
    """Take in what one attachment is: a message that is quoted or forwarded, a card, a file."""
    kind, content = one.text("contentType") or "", one.text("content")
    inner, url = _json(content), one.text("contentUrl")
    if kind == "messageReference" and isinstance(inner, dict):
        quoted = Fields(inner).id("messageId")
        key = scene.key(quoted) if quoted else None
        excerpt = Fields(inner).text("messagePreview")
        to.targets.append(Target(relation="quote", key=key, written_id=quoted, excerpt=excerpt))
    elif kind == "forwardedMessageReference" and isinstance(inner, dict):
        _forwarded(to, Fields(inner), scene)
    elif inner is not None and ("card" in kind.lower() or not url):
        words = list(_card_words(inner))
        files = [Attachment(state="missing", reason="not in export", url=at) for at in _card_urls(inner)]
        to.words.extend(words)
        to.files.extend(files)
        if content and not words and not files:
            to.told.append((kind, as_text(content)))
    else:
        name = one.text("name")
        to.files.append(run.beside.attach(made.contents, name, member, name=name, url=url))


def quoted_messages(content: str, scene: Scene) -> Iterator[Target]:
    """Give the messages that the words of a message quote by their number, as clients of before wrote answers."""
    for tag in _REPLY.findall(content):
        match = _REPLY_ID.search(tag)
        if match:
            yield Target(relation="quote", key=scene.key(match[1]), written_id=match[1])


def _forwarded(to: Attached, message: Fields, scene: Scene) -> None:
    """A message that somebody passed on: who wrote it and its words, as they were then."""
    ident, place = message.id("originalMessageId"), message.id("originalConversationId")
    key = Key(channel=scene.channel, scope=place, id=ident) if ident and place else None
    words = html_to_text(message.text("originalMessageContent") or "")
    author = who_wrote(scene, message.object("originalMessageSender"))
    to.words.extend(part for part in (author.name if author else None, words) if part)
    to.targets.append(Target(relation="forward", key=key, written_id=ident))
    if sent := message.text("originalSentDateTime"):
        to.told.append(("originalSentDateTime", sent))


ADDRESSES = ("userPrincipalName", "UserPrincipalName", "mail", "Mail", "email", "Email")
"""By which a company knows an account; Graph tells them of members, other exports of authors."""


def who_wrote(scene: Scene, who: Fields | None) -> Actor | None:
    """The first of the identities that Graph tells of an author."""
    for sort in ("user", "application", "device", "conversation") if who else ():
        one = who.object(sort) if who else None
        if one is not None and (one.id("id") or one.text("displayName")):
            actor = scene.actor(one.id("id"), one.text("displayName"))
            return also_called(actor, *(one.data.get(name) for name in ADDRESSES))
    return None


def _json(text: str | None) -> Any:
    if not text or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return load_json(text)
    except NotUnderstood:
        return None


def _card_urls(node: Any) -> Iterator[str]:
    """Where the contents of a card lie that are not in the message: a Loop part, code, a voice message."""
    if isinstance(node, dict):
        media = node.get("media")
        for one in (node, *(media if isinstance(media, list) else ())):
            urls = (one.get(name) for name in _CARD_URLS) if isinstance(one, dict) else ()
            yield from (url for url in urls if isinstance(url, str) and url)


def _card_words(node: Any, depth: int = 0) -> Iterator[str]:
    """The texts of a card, in their order; addresses and ids are none."""
    if depth > 20:
        return
    if isinstance(node, list):
        for child in node:
            yield from _card_words(child, depth + 1)
    elif isinstance(node, dict):
        for name, child in node.items():
            if isinstance(child, str) and name in _CARD_WORDS:
                yield html_to_text(child)
            elif name == "lines" and isinstance(child, list):  # of code, as they are
                yield "\n".join(line for line in child if isinstance(line, str))
            elif not isinstance(child, str):
                yield from _card_words(child, depth + 1)
