"""What a stanza says: its words, files, whom it mentions, and what kind of event it is.

Names of elements mean something in their namespace alone: ``retract`` takes back a message or a call, ``received``
is a receipt or the copy of another message. An element without a namespace counts as what its name says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.channels.feeds.markup import Element, elements
from archive.reading.html_text import html_to_text
from archive.reading.media_types import media_type_of
from schemas.item import Attachment, Event

ROOM = "http://jabber.org/protocol/muc#user"
"""What a room says of who is in it; on a message between two: both are in a room."""
_COPY = "urn:xmpp:carbons:"
_CALL = "urn:xmpp:jingle-message:"
_CALLS = ("propose", "accept", "proceed", "reject", "retract", "finish", "ringing")
_NO_NEWS = frozenset(
    {
        *("body", "subject", "thread", "result", "forwarded", "delay", "stanza-id", "origin-id", "replace"),
        *("retract", "retracted", "apply-to", "moderated", "reactions", "reply", "fallback", "html", "store"),
        *("no-store", "encrypted", "request", "received", "displayed", "acknowledged", "markable", "active"),
        *(
            "composing",
            "paused",
            "inactive",
            "gone",
            "encryption",
            "no-copy",
            "no-permanent-store",
            "private",
        ),
    }
)
"""Elements that are read, or that say nothing to anybody."""
_UNDERSTOOD = ("event", "file-sharing", "reference", "media-sharing", "occupant-id", "x", "error", *_CALLS)
"""Elements that are told whole in ``extra`` and also read; of ``x`` those of the namespaces below."""
_X = ("jabber:x:oob", "jabber:x:conference", "jabber:x:data", ROOM)


def local(one: Element) -> str:
    """The name without its prefix."""
    return one.name.rpartition(":")[2]


def child(parent: Element, name: str) -> Element | None:
    """The first element of a name directly within another."""
    return next((one for one in elements(parent.inner) if local(one) == name), None)


def _deep(parent: Element, name: str, depth: int = 6) -> Iterator[Element]:
    for one in elements(parent.inner) if depth else ():
        if local(one) == name:
            yield one
        yield from _deep(one, name, depth - 1)


@dataclass(slots=True)
class Said:
    """The elements of one message."""

    message: Element
    depth: int = 3
    """How many messages within messages are opened."""
    parts: list[Element] = field(init=False)

    def __post_init__(self) -> None:
        """Cut the message once."""
        self.parts = list(elements(self.message.inner))

    def all(self, name: str, *spaces: str) -> list[Element]:
        """The elements of a name, in one of these namespaces where they name any."""
        return [
            one
            for one in self.parts
            if local(one) == name
            and (not spaces or (space := one.attributes.get("xmlns")) is None or space.startswith(spaces))
        ]

    def one(self, name: str, *spaces: str) -> Element | None:
        """The first of them."""
        return next(iter(self.all(name, *spaces)), None)

    @property
    def retracts(self) -> Element | None:
        """What takes a message back: alone, or within a fastening (XEP-0424 of before 0.3)."""
        lone = self.one("retract", "urn:xmpp:message-retract")
        if lone is not None:
            return lone
        fastened = self.one("apply-to")
        wanted = ("retract", "moderated")
        return fastened if fastened and any(child(fastened, name) for name in wanted) else None

    @property
    def moderated(self) -> Element | None:
        """Who moderated, in each place where a version of XEP-0425 says so."""
        for holder in (self.retracts, self.one("retracted"), self.message):
            if holder is not None and (found := child(holder, "moderated")) is not None:
                return found
        return None

    @property
    def reason(self) -> str | None:
        """Why a message was taken back, or why it could not be delivered."""
        for holder in (self.retracts, self.one("retracted"), self.moderated):
            for found in _deep(holder, "reason") if holder else ():
                return found.text() or None
        return None

    @property
    def returned(self) -> bool:
        """Whether it came back: its words are those of whom it was sent to deliver."""
        return self.message.attributes.get("type") == "error"

    @property
    def call(self) -> str | None:
        """What happens to a call (XEP-0353)."""
        spaced = (one for one in self.parts if one.attributes.get("xmlns", "").startswith(_CALL))
        return next((local(one) for one in spaced if local(one) in _CALLS), None)

    def event(self) -> tuple[Event, Element | None]:
        """What happened, and the element that names what it happened to."""
        receipts = ("urn:xmpp:receipts", "urn:xmpp:chat-markers")
        has_words = bool(self.all("body")) or bool(self.all("encrypted"))
        if self.returned:
            return "notice", None
        if self.call:
            return "called", None
        if (found := self.one("replace")) is not None:
            return "edited", found
        if (found := self.retracts) is not None:
            return "deleted", found
        if self.one("retracted") is not None:
            return "deleted", None
        if (found := self.one("reactions")) is not None:
            return ("reacted" if any(elements(found.inner)) else "unreacted"), found
        if not has_words and (found := self.one("received", *receipts)) is not None:
            return "delivered", found
        if not has_words and (found := self.one("displayed", *receipts) or self.one("acknowledged")):
            return "read", found
        if has_words or self.words() or any(self.files()):
            invited = not has_words and self.invitation() is not None
            return ("notice" if invited else "posted"), self.one("apply-to")
        changed = self.one("subject") is not None and self.message.attributes.get("type") == "groupchat"
        return ("renamed" if changed else "posted" if self.one("subject") else "notice"), None

    def words(self) -> str | None:
        """All that a person reads: in each language, of a page in XHTML, of what is passed on and of files."""
        own = [one.text() for one in self.all("body")]
        if not any(own):
            own = [html_to_text(body.inner) for html in self.all("html") for body in elements(html.inner)]
        found = [
            *own,
            *(text for one in self.passed_on() if (text := one.words())),
            *(one.text() for part in self.parts for one in _deep(part, "desc")),
            *([invited] if (invited := self.invitation()) else []),
            *self._filled(),
        ]
        return "\n".join(dict.fromkeys(text for text in found if text)) or None

    def _filled(self) -> Iterator[str]:
        """What stands in a form (XEP-0004), and in an entry that was published (XEP-0277)."""
        for one in self.all("x", "jabber:x:data"):
            if not one.attributes.get("xmlns"):
                continue
            yield from (
                part.text() for part in elements(one.inner) if local(part) in ("title", "instructions")
            )
            for part in (part for part in elements(one.inner) if local(part) == "field"):
                values = ", ".join(value.text() for value in elements(part.inner) if local(value) == "value")
                if part.attributes.get("type") != "hidden" and (values or part.attributes.get("label")):
                    yield f"{part.attributes.get('label') or part.attributes.get('var', '')}: {values}"
        for one in self.all("event"):
            for entry in _deep(one, "entry"):
                parts = (
                    part for part in elements(entry.inner) if local(part) in ("title", "summary", "content")
                )
                yield from (html_to_text(part.text()) for part in parts)

    def passed_on(self) -> Iterator["Said"]:
        """The messages within (XEP-0297), also those in copies for other devices (XEP-0280)."""
        copies = (*self.all("received", _COPY), *self.all("sent", _COPY))
        held = [child(one, "forwarded") for one in copies if one.attributes.get("xmlns")]
        for one in (*self.all("forwarded"), *held) if self.depth else ():
            if one is not None and (message := child(one, "message")) is not None:
                yield Said(message, self.depth - 1)

    def invitation(self) -> str | None:
        """Why somebody is asked into a room, and into which."""
        for one in self.all("x", "jabber:x:conference"):
            if one.attributes.get("xmlns"):
                told = (one.attributes.get("jid"), one.attributes.get("reason"))
                return "\n".join(text for text in told if text) or None
        for one in self.all("x", ROOM):
            for invite in _deep(one, "invite"):
                return "\n".join(why.text() for why in _deep(invite, "reason")) or None
        return None

    def mentions(self) -> Iterator[str]:
        """Addresses that the words name (XEP-0372)."""
        for one in self.all("reference"):
            if one.attributes.get("type") == "mention" and (address := one.attributes.get("uri")):
                yield address.removeprefix("xmpp:")

    def files(self) -> Iterator[Attachment]:
        """Files that lie elsewhere (XEP-0447, 0385, 0066), each once."""
        seen = set[str]()
        for one in (*self.all("file-sharing"), *self.all("reference")):
            for file in _deep(one, "file"):
                attachment = _file(file, one)
                seen.add(attachment.url or "")
                yield attachment
        for one in self.all("x", "jabber:x:oob"):
            address = child(one, "url")
            if address is not None and address.text() and address.text() not in seen:
                name = _name(address.text())
                yield _missing(name, media_type_of(name or ""), address.text(), None)

    def rest(self) -> tuple[list[tuple[str, str]], set[str]]:
        """Elements that are told whole, each one of a name, and the names that nobody knows."""
        told = [
            one for one in self.parts if local(one) not in _NO_NEWS or (local(one) == "retract" and self.call)
        ]
        unknown = {
            local(one)
            for one in told
            if local(one) not in _UNDERSTOOD
            or (local(one) == "x" and not one.attributes.get("xmlns", "").startswith(_X))
        }
        return [(local(one), one.inner or str(one.attributes)) for one in told], unknown


def _file(file: Element, holder: Element) -> Attachment:
    said = {name: one.text() for name in ("name", "media-type", "size") if (one := child(file, name))}
    addresses = [
        address
        for name, attribute in (("url-data", "target"), ("reference", "uri"))
        for one in _deep(holder, name)
        if (address := one.attributes.get(attribute, "")).startswith(("http", "cid:"))
    ]
    url = addresses[0] if addresses else None
    name, size = said.get("name") or (_name(url) if url else None), said.get("size", "")
    return _missing(name, said.get("media-type") or media_type_of(name or ""), url, size)


def _missing(name: str | None, media_type: str | None, url: str | None, size: str | None) -> Attachment:
    length = int(size) if size and size.isdigit() and len(size) < 16 else None
    return Attachment(
        name=name, media_type=media_type, state="missing", reason="not in export", url=url, length=length
    )


def _name(address: str) -> str | None:
    return address.partition("?")[0].partition("#")[0].rpartition("/")[2] or None
