"""One mail, one item.

**Keys.** ``id`` is the Message-ID without its brackets; without one it is derived from the fields and the
body. ``scope`` is ``body:`` and 16 hex digits of SHA-256 over the decoded parts (type and bytes of each
leaf, line ends made LF, white space at line ends dropped). So the same mail in two folders has one key, and
two different mails with one Message-ID (a forger's, a broken mailer's, a list's with another footer) never
swallow each other. References are kept by Message-ID (``Target.written_id``) and have no key: they do not
tell a body.
"""

import hashlib
import io
import re
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path

from archive.channels.email_files.headers import Fields, actors, mail_key, words
from archive.channels.email_files.parts import File, Reading, read_parts
from archive.channels.keys import derived_id
from archive.ports import ReadOptions
from archive.reading.times import from_mail_date
from archive.reading.units import Content, unknown_via
from archive.reading.words import load_words
from schemas.item import Actor, Attachment, Item, Key, Raw, Recipient, Target, TimeStamp

CHANNEL = "email"
WORDS = load_words(Path(__file__).with_name("words_email.toml"))
_PARSER = BytesParser(policy=compat32)
_SPACED_FIELD = re.compile(rb"^([!-9;-~]{1,76})[ \t]+:", re.MULTILINE)
_MESSAGE_ID = re.compile(r"<([^<>\s]+)>")
_TOLD = (
    *("sender", "return-path", "delivered-to", "list-id", "auto-submitted", "x-mailer", "user-agent"),
    *(
        "disposition-notification-to",
        "resent-from",
        "resent-to",
        "resent-date",
        "x-gmail-labels",
        "importance",
    ),
)
"""Fields without a place in the item that go to ``extra``."""
_MOST_DEFECTS = 20


def via_key(mine: str | None) -> Key:
    """The mailbox whose view it is."""
    return mail_key(mine) if mine else unknown_via(CHANNEL)


def thread_of(folder: str) -> str:
    """Give the name of the thread of the mails in a folder; a maildir keeps them in ``cur`` and ``new`` within."""
    return re.sub(r"(?:^|/)(?:cur|new)$", "", folder)


class NoMailError(ValueError):
    """Nothing in the bytes can be read as a mail."""


def mail_item(
    content: bytes, separator: bytes, raw: Raw, thread: Key, via: Key, parser: str, options: ReadOptions
) -> tuple[Item, tuple[Content, ...]]:
    """The item of a mail and its attachments. Raises NoMailError if there is no header field at all."""
    content = content.lstrip(b"\xef\xbb\xbf\r\n")
    message: Message[str, str] = _PARSER.parsebytes(content)
    fields = Fields(message)
    if not len(fields):  # RFC 822 allowed white space before the colon, the parser does not
        message = _PARSER.parsebytes(_SPACED_FIELD.sub(rb"\1:", content))
        fields = Fields(message)
    if not len(fields):
        raise NoMailError("no header fields")
    parts = read_parts(message, "\r\n" if b"\r\n" in content[:1000] else "\n")
    extra: list[tuple[str, str]] = []
    text = parts.text()
    if parts.text_from != "text/plain":
        extra.append(("text_from", parts.text_from))
    time = _time(fields, options.timezone, extra)
    authors = actors(fields.all("from"))
    if len(authors) > 1:
        extra.append(("from", "; ".join(fields.all("from"))))
    attachments, contents = _attachments(parts.files, raw)
    digest = _body_digest(parts)
    references = _ids(fields.all("references"))
    extra += _extra(fields, separator, references)
    network = _network(fields, authors)
    if network:
        extra.append(("notification_of", network))
    defects = [type(defect).__name__ for defect in message.defects] + parts.defects
    extra += [("defect", defect) for defect in dict.fromkeys(defects[:_MOST_DEFECTS])]
    item = Item(
        key=_key(fields, digest),
        event="posted",
        form="mail",
        via=via,
        thread=thread,
        parser=parser,
        author=authors[0] if authors else None,
        recipients=_recipients(fields),
        time=time,
        targets=_targets(fields, references),
        visibility="direct",
        title=words(fields.first("subject")),
        text=text,
        body=parts.body(),
        attachments=attachments,
        history="none",
        extra=tuple(extra),
        raw=raw,
    )
    return item, contents


def _key(fields: Fields, digest: str) -> Key:
    scope = f"body:{digest[:16]}"
    found = _ids(fields.all("message-id"))
    if found:
        return Key(channel=CHANNEL, scope=scope, id=found[0])
    bare = (fields.first("message-id") or "").strip("<> ")
    if bare:
        return Key(channel=CHANNEL, scope=scope, id=bare)
    told = [fields.first(name) or "" for name in ("from", "to", "cc", "date", "subject")]
    return Key(channel=CHANNEL, scope=scope, id=derived_id(CHANNEL, *told, digest), derived=True)


def _body_digest(parts: Reading) -> str:
    digest = hashlib.sha256()
    for kind, data in parts.leaves:
        digest.update(f"{kind}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _ids(values: list[str]) -> list[str]:
    return [found for value in values for found in _MESSAGE_ID.findall(value)]


def _targets(fields: Fields, references: list[str]) -> tuple[Target, ...]:
    """The mail answered (In-Reply-To, else the last reference) and the first of the conversation."""
    answered = _ids(fields.all("in-reply-to"))[:1] or references[-1:]
    targets = [Target(relation="reply", written_id=found) for found in answered]
    if references and references[0] not in answered:
        targets.append(Target(relation="root", written_id=references[0]))
    return tuple(targets)


def _recipients(fields: Fields) -> tuple[Recipient, ...]:
    to, cc, bcc, reply_to = (actors(fields.all(name)) for name in ("to", "cc", "bcc", "reply-to"))
    return (
        *(Recipient(role="to", actor=actor) for actor in to),
        *(Recipient(role="cc", actor=actor) for actor in cc),
        *(Recipient(role="bcc", actor=actor) for actor in bcc),
        *(Recipient(role="reply_to", actor=actor) for actor in reply_to),
    )


def _time(fields: Fields, zone: str | None, extra: list[tuple[str, str]]) -> TimeStamp | None:
    """The Date field; if it is absent or no date, the time of the last hop. Both are told where both
    exist."""
    received = [value.rpartition(";")[2].strip() for value in fields.all("received")[:1]]
    written = fields.first("date")
    time = from_mail_date(written, zone) if written else None
    if received:
        extra.append(("received", received[0]))
    if time is None and received:
        time = from_mail_date(received[0], zone)
        if time is not None:
            extra.append(("time_from", "Received"))
            if written:
                extra.append(("date", written))
            return time
    return time or (TimeStamp(written=written) if written else None)


def _extra(fields: Fields, separator: bytes, references: list[str]) -> list[tuple[str, str]]:
    extra = [(name, words(value) or "") for name in _TOLD for value in fields.all(name)[:3]]
    if len(references) > 2:
        extra.append(("references", " ".join(references)))
    if separator:
        extra.append(("mbox_separator", separator.decode("ascii", "replace").strip()))
    for name in ("date", "from", "message-id", "subject"):
        repeated = fields.all(name)[1:]
        extra += [(f"second_{name}", value) for value in repeated[:3]]
    return extra


def _network(fields: Fields, authors: list[Actor]) -> str | None:
    """The network a mail notifies of: a robot's address in its domain. A hint; senders can be forged."""
    handle = authors[0].handle if authors else None
    local, _, domain = (handle or "").rpartition("@")
    found = WORDS.first("network", domain.lower())
    if not found:
        return None
    names = fields.names()
    robot = WORDS.first("robot", local) or "list-unsubscribe" in names or "auto-submitted" in names
    return found[0].values["network"] if robot else None


def _attachments(files: list[File], raw: Raw) -> tuple[tuple[Attachment, ...], tuple[Content, ...]]:
    """Decoded bytes under a locator of mail (its offset in the member) and part."""
    attachments, contents = [], []
    for file in files:
        locator = f"{raw.member}@{raw.start}/{file.number}"
        attachments.append(
            Attachment(
                name=file.name,
                media_type=file.media_type,
                state="present",
                role=file.role,
                locator=locator,
                length=len(file.data),
            )
        )
        contents.append(Content(locator=locator, open=_opener(file.data)))
    return tuple(attachments), tuple(contents)


class _opener:  # noqa: N801  (called like a function)
    """Opens decoded bytes; a class, for a closure in a loop would share its variable."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __call__(self) -> io.BytesIO:
        return io.BytesIO(self._data)
