"""XMPP: stanzas of a message archive (MAM), as files of one or many.

Authority: XEP-0313 (archive), 0359 (stable ids), 0203 (delay), 0308 (correction), 0424 and 0425 (retraction), 0444
(reactions), 0461 (replies). Stanzas are read as text, without any XML parser. The id of the archive counts. What
names another message names the id that its sender chose: that one is taken which had it last in the conversation, and
of what is corrected or retracted, from the same sender; none that is older than some ten thousand stanzas.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from archive.channels.export import ExportReader, Made, Run, Scene, Taker
from archive.channels.feeds.markup import ELEMENT, Element, elements
from archive.channels.xmpp.former import Formers
from archive.channels.xmpp.owner import owner_of
from archive.channels.xmpp.said import ROOM, Said, child, local
from archive.channels.xmpp.stanzas import STANZA, narrow, stanzas
from archive.ports import Facts, ReadOptions
from archive.reading.decoding import decode
from archive.reading.json_fields import NotUnderstood
from archive.reading.private import Private, find_ranges
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import Completeness, Former, MemberProblem, Reading, UnitExcluded, UnitFailed
from schemas.capture import Gap
from schemas.item import Actor, Body, Deleted, Key, Raw, Reaction, Recipient, Target, Thread, TimeStamp

SECRETS, CONTACTS = "passwords", "contacts"
_SECRETS = (
    re.compile(rb"<(?:[\w.-]+:)?user\b[^<>]*?\spassword\s*=\s*'([^'<>]+)"),
    re.compile(rb"<(?:[\w.-]+:)?user\b[^<>]*?\spassword\s*=\s*\"([^\"<>]+)"),
    re.compile(rb"<(?:[\w.-]+:)?(?:server-key|stored-key|salt)\b[^<>]*>([^<]+)"),
)
_CONTACTS = (re.compile(rb"<(?:[\w.-]+:)?item\b([^<>]*\ssubscription\s*=[^<>]*?)/?>"),)
_COMPLETE = re.compile(rb"<fin\b[^<>]*\bcomplete\s*=\s*[\"'](?:true|1)[\"']")
REMEMBERED = 50_000
"""Ids that are known while an archive is read: of each stanza that of the archive, and that of its sender."""


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._sent: OrderedDict[tuple[str, str], tuple[Key, Actor | None]] = OrderedDict()
        """(conversation, id) → the key, and who sent it."""
        self._former, self._formers = Formers(self.scene("")), OrderedDict[Key, Former]()
        self._pages = self._last = 0
        self._owner: str | None = None
        """Whose archive the file is that is read, as far as it tells."""

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        return self._stanzas if _likeness(shape) or (self.tree.single and shape.kind == "xml") else None

    def _stanzas(self, member: Member) -> Iterator[Reading]:
        self._owner = None if self.options.mine else owner_of(member)
        with member.open() as stream:
            source = narrow(stream)
            if source is None:
                yield MemberProblem(member.path, "a file in a wide encoding that is larger than the limit")
                return
            for number, stanza in enumerate(stanzas(source)):
                first, last = (stanza.start, stanza.end) if source is stream else (None, None)
                if not stanza.whole:
                    yield UnitFailed(
                        member.path, "a stanza that is cut off, or longer than the limit", first, last
                    )
                elif stanza.kind not in ("message", "result"):
                    self._page(stanza.data)
                    yield UnitExcluded(member.path, "a query or presence, no message")
                else:
                    pointer, made = f"stanza {number}", Made()
                    raw = Raw(member=member.path, start=first, end=last, pointer=pointer, slice=stanza.data)
                    make = partial(self._message, decode(stanza.data).text, raw, made)
                    yield self._made(member, made, first or 0, last or 0, make)

    def _page(self, data: bytes) -> None:
        """Note whether a page of the archive was its last (XEP-0313 §4.3)."""
        if b"<fin" in data and b"urn:xmpp:mam:" in data:
            self._pages += 1
            self._last += bool(_COMPLETE.search(data))

    def completeness(self) -> Completeness:
        """Tell that the archive went on."""
        if self._pages and not self._last:
            self.gaps.append(
                Gap(via=self.via, reason="the archive has more pages: none of those here says it is the last")
            )
        return super().completeness()

    def _message(self, source: str, raw: Raw, made: Made) -> None:
        opened = ELEMENT.match(source)
        if opened is None:
            raise NotUnderstood("no stanza")
        outer = Element(
            opened[1], opened[2], source[opened.end() : source.rfind("</")] if not opened[3] else ""
        )
        archived, stamp, message = outer.attributes.get("to"), None, outer
        ident: str | None = None
        result = outer if local(outer) == "result" else child(outer, "result")
        if result is not None:
            forwarded = child(result, "forwarded")
            inner = child(forwarded, "message") if forwarded else None
            if forwarded is None or inner is None:
                raise NotUnderstood("a result without a message")
            ident, message = result.attributes.get("id"), inner
            delay = child(forwarded, "delay")
            stamp = delay.attributes.get("stamp") if delay else None
        said = Said(message)
        named = said.one("stanza-id")
        ident = ident or (named.attributes.get("id") if named else None)
        late = said.one("delay")
        stamp = stamp or (late.attributes.get("stamp") if late else None)
        sender, to = message.attributes.get("from"), message.attributes.get("to")
        own, group = message.attributes.get("id"), message.attributes.get("type") == "groupchat"
        asked = (
            archived if result is not None else None
        )  # a stanza by itself is not sent to the archive's owner
        room = (sender if group else None) or self._other(sender, to, asked or self._owner or archived)
        within = not group and any(one.attributes.get("xmlns") for one in said.all("x", ROOM))
        # Of two who talk in a room by themselves the address of the room tells nobody apart.
        bare = (room or "unknown") if within else (room or "unknown").partition("/")[0]
        scene = self.scene(bare, visibility="group" if group else "direct", history="full")
        scene.scope = bare
        made.threads.append(
            Thread(key=scene.thread, via=self.via, kind="group" if group else "chat", title=bare, raw=raw)
        )
        event, about = said.event()
        bodies = "\n".join(one.text() for one in said.all("body")) or None
        key = scene.key(ident) if ident else scene.derived(stamp, sender, to, own, bodies)
        house = bare.partition("/")[0] if group or within else None
        author = _author(scene, said, sender, house)
        targets = tuple(self._targets(bare, said, about, author))
        dumped = local(outer) == "result"
        once = (sender if group else None) or self._other(sender, to, to if dumped else archived)
        self._name_former(key, self._former.of(outer, message, said, once or "unknown"), targets, made)
        for name in (own, ident):
            if name and not said.returned:
                self._remember((bare, name), key, author)
        rest, unknown = said.rest()
        made.unknown |= unknown
        subject, body = said.one("subject"), said.one("html")
        closed = bool(said.all("encrypted"))
        made.items.append(
            scene.item(
                raw,
                key,
                event=event,
                form="call" if event == "called" else "message",
                author=author,
                recipients=tuple(_recipients(scene, said, None if group else to, house)),
                time=_time(stamp),
                title=subject.text() if subject else None,
                text=None if event == "deleted" or closed or said.returned else said.words(),
                body=Body(type="text/html", content=body.inner) if body and event != "deleted" else None,
                targets=targets,
                attachments=() if said.returned else tuple(said.files()),
                reactions=tuple(_reactions(said)),
                deleted=Deleted(by="admin" if said.moderated else "author", reason=said.reason)
                if event == "deleted"
                else None,
                extra=(*_told(said, own, bodies), *rest),
            )
        )

    def _name_former(self, key: Key, before: Key, targets: tuple[Target, ...], made: Made) -> None:
        """Tell what this message, and those that it is about, were called once."""
        if before != key:
            self._formers[key] = Former(before, thread=before.scope)
            if len(self._formers) > REMEMBERED:
                self._formers.popitem(last=False)
        named = (key, *(one.key for one in targets if one.key is not None))
        made.former |= {one: self._formers[one] for one in named if one in self._formers}

    def _remember(self, name: tuple[str, str], key: Key, author: Actor | None) -> None:
        self._sent[name] = key, author
        if len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)

    def _targets(
        self, conversation: str, said: Said, about: Element | None, author: Actor | None
    ) -> Iterator[Target]:
        """Give what a stanza is about, what it answers, and what it passes on."""
        own_id = said.message.attributes.get("id")
        if said.returned and own_id:
            key, _ = self._sent.get((conversation, own_id), (None, None))
            yield Target(relation="of", key=key, written_id=own_id)
        if about is not None and (other := about.attributes.get("id")):
            key, sender = self._sent.get((conversation, other), (None, None))
            room = author is not None and author.account is not None and author.account.id == conversation
            own = sender == author or (room and said.moderated is not None)
            of_one_sender = about in (said.one("replace"), said.retracts)
            yield Target(relation="of", key=key if own or not of_one_sender else None, written_id=other)
        answer = said.one("reply")
        if answer is not None:
            answered = answer.attributes.get("id")
            key, _ = self._sent.get((conversation, answered or ""), (None, None))
            yield Target(relation="reply", key=key, written_id=answered)
        for one in said.passed_on():
            yield Target(relation="forward", written_id=one.message.attributes.get("id"), excerpt=one.words())

    def _other(self, sender: str | None, to: str | None, archived: str | None) -> str | None:
        """The other side of a conversation: not the account whose archive it is."""
        mine = (self.options.mine or archived or "").partition("/")[0]
        sides = [side for side in (sender, to) if side and side.partition("/")[0] != mine]
        return sides[0] if sides else sender or to


def _author(scene: Scene, said: Said, sender: str | None, house: str | None) -> Actor | None:
    """Who sent it: in a room (``house``) somebody by nick, whose address the room may tell, or the room itself."""
    bare, _, nick = (sender or "").partition("/")
    if not sender or bare != house:
        return scene.actor(bare or None)
    author = scene.actor(sender, nick or None)
    told = (child(one, "item") for one in said.all("x", ROOM) if one.attributes.get("xmlns"))
    address = next((item.attributes.get("jid") for item in told if item), None)
    return author and author.model_copy(update={"handle": address.partition("/")[0] if address else None})


def _recipients(scene: Scene, said: Said, to: str | None, house: str | None) -> Iterator[Recipient]:
    bare = (to or "").partition("/")[0]
    receiver = scene.actor((to if bare == house else bare) or None)
    if receiver is not None:
        yield Recipient(role="to", actor=receiver)
    for address in said.mentions():
        if (actor := scene.actor(address)) is not None:
            yield Recipient(role="mentioned", actor=actor)


def _reactions(said: Said) -> Iterator[Reaction]:
    shown = said.one("reactions")
    for one in elements(shown.inner) if shown else ():
        if value := one.text():
            yield Reaction(value=value)


def _told(said: Said, own: str | None, bodies: str | None) -> Iterator[tuple[str, str]]:
    """What has no place in the item."""
    if own:
        yield "message_id", own
    thread, moderated, retracted = said.one("thread"), said.moderated, said.one("retracted")
    if thread is not None:
        yield "thread", thread.text()
        if parent := thread.attributes.get("parent"):
            yield "thread_parent", parent
    if said.all("encrypted"):
        yield "encrypted", "OMEMO or OpenPGP: closed"
    if said.returned:
        yield "returned", bodies or "a message that could not be delivered"
    if said.call:
        yield "call", said.call
    if moderated is not None and (who := moderated.attributes.get("by")):
        yield "moderated_by", who
    if retracted is not None:
        yield "retracted", retracted.attributes.get("stamp", "")


def _time(stamp: str | None) -> TimeStamp | None:
    return (from_iso(stamp, "UTC", "by_spec") or TimeStamp(written=stamp)) if stamp else None


def _likeness(shape: Shape) -> int:
    if shape.kind not in ("xml", "text"):
        return 0
    head = decode(shape.head).text
    if "urn:xmpp:mam:" in head or "jabber:client" in head:
        return 95
    local = shape.name.rpartition(" ")[2].lower()
    known = any(mark in head for mark in ("urn:xmpp:", "jabber:"))
    return (
        85
        if known and STANZA.search(head)
        else 60
        if local == "message" and "<body" in head and " to=" in head
        else 0
    )


class XmppArchive(ExportReader):
    """Reads stanzas."""

    name: ClassVar[str] = "xmpp"
    parser: ClassVar[str] = "xmpp-archive/5"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="XMPP",
        layouts=("stanzas of a message archive (MAM), one or many a file", "dumps of a server (XEP-0227)"),
        ask_for="the archive of the account or server, queried by XEP-0313",
        edits="every correction",
        deletions="retractions and tombstones",
        receipts="delivered, displayed",
        direct="yes; encrypted bodies stay closed",
        claim="unknown",
        tested="real files",
        left_out=(SECRETS, CONTACTS),
    )

    def private(self, tree: Tree) -> Iterator[Private]:
        """What the dump of a server holds beside what was said: with what people sign in, and whom they know."""
        yield from super().private(tree)
        for member, shape in shapes(tree).every():
            if not _likeness(shape):
                continue
            for reason, patterns in ((SECRETS, _SECRETS), (CONTACTS, _CONTACTS)):
                if ranges := sorted(one for pattern in patterns for one in find_ranges(member, pattern)):
                    yield Private(member.path, reason, tuple(ranges))

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By stanzas and the namespaces of XMPP."""
        percent = _likeness(shape)
        return percent, "stanzas of XMPP" if percent else ""
