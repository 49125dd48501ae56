"""XMPP: stanzas of a message archive (MAM), as files of one or many.

Authority: XEP-0313 (archive), 0359 (stable ids), 0203 (delay), 0308 (correction), 0424 and 0425 (retraction), 0444
(reactions), 0461 (replies). Stanzas are read as text, without any XML parser. The id of the archive counts. What
names another message names the id that its sender chose: that one is taken which had it last in the conversation, and
of what is corrected or retracted, from the same sender; none that is older than some ten thousand stanzas.
"""

from collections import OrderedDict
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from archive.channels.export import ExportReader, Made, Run, Taker
from archive.channels.feeds.markup import ELEMENT, Element, elements
from archive.channels.xmpp.stanzas import STANZA, narrow, stanzas
from archive.ports import Facts, ReadOptions
from archive.reading.decoding import decode
from archive.reading.json_fields import NotUnderstood
from archive.reading.shape import Shape, shapes
from archive.reading.times import from_iso
from archive.reading.tree import Member, Tree
from archive.reading.units import MemberProblem, Reading, UnitExcluded, UnitFailed
from schemas.item import Actor, Deleted, Event, Key, Raw, Reaction, Target, Thread, TimeStamp

_KNOWN = frozenset(
    {
        *(
            "body",
            "subject",
            "thread",
            "result",
            "forwarded",
            "delay",
            "stanza-id",
            "origin-id",
            "replace",
            "retract",
        ),
        *(
            "retracted",
            "apply-to",
            "moderated",
            "reactions",
            "reply",
            "fallback",
            "html",
            "store",
            "no-store",
        ),
        *("encrypted", "request", "received", "displayed", "markable", "active", "composing"),
    }
)


_OF_ONE_SENDER = frozenset({"replace", "retract", "apply-to"})
REMEMBERED = 50_000
"""Ids that are known while an archive is read: of each stanza that of the archive, and that of its sender."""


class _Reading(Run):
    def __init__(self, reader: ExportReader, tree: Tree, options: ReadOptions) -> None:
        super().__init__(reader, tree, options)
        self._sent: OrderedDict[tuple[str, str], tuple[Key, Actor | None]] = OrderedDict()
        """(conversation, id) → the key, and who sent it."""

    def taker(self, member: Member) -> Taker | str | None:
        shape = shapes(self.tree).of(member)
        return self._stanzas if _likeness(shape) or (self.tree.single and shape.kind == "xml") else None

    def _stanzas(self, member: Member) -> Iterator[Reading]:
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
                elif stanza.kind != "message":
                    yield UnitExcluded(member.path, "a query or presence, no message")
                else:
                    pointer, made = f"stanza {number}", Made()
                    raw = Raw(member=member.path, start=first, end=last, pointer=pointer, slice=stanza.data)
                    make = partial(self._message, decode(stanza.data).text, raw, made)
                    yield self._made(member, made, first or 0, last or 0, make)

    def _message(self, source: str, raw: Raw, made: Made) -> None:
        opened = ELEMENT.match(source)
        if opened is None:
            raise NotUnderstood("no stanza")
        outer = Element(
            opened[1], opened[2], source[opened.end() : source.rfind("</")] if not opened[3] else ""
        )
        archived, stamp, message = outer.attributes.get("to"), None, outer
        ident: str | None = None
        result = _child(outer, "result")
        if result is not None:
            forwarded = _child(result, "forwarded")
            inner = _child(forwarded, "message") if forwarded else None
            if forwarded is None or inner is None:
                raise NotUnderstood("a result without a message")
            ident, message = result.attributes.get("id"), inner
            delay = _child(forwarded, "delay")
            stamp = delay.attributes.get("stamp") if delay else None
        parts = list(elements(message.inner))
        by_name = {one.name.rpartition(":")[2]: one for one in reversed(parts)}
        if not ident and "stanza-id" in by_name:
            ident = by_name["stanza-id"].attributes.get("id")
        if not stamp and "delay" in by_name:
            stamp = by_name["delay"].attributes.get("stamp")
        sender, to = message.attributes.get("from"), message.attributes.get("to")
        own, group = message.attributes.get("id"), message.attributes.get("type") == "groupchat"
        room = (sender if group else None) or self._other(sender, to, archived)
        bare = (room or "unknown").partition("/")[0]
        scene = self.scene(bare, visibility="group" if group else "direct", history="full")
        scene.scope = bare
        made.threads.append(
            Thread(key=scene.thread, via=self.via, kind="group" if group else "chat", title=bare, raw=raw)
        )
        event, relation = _event(by_name)
        nick = sender.partition("/")[2] if sender and group else None
        body, values = (
            by_name.get("body"),
            [one.text() for one in elements(by_name["reactions"].inner)] if "reactions" in by_name else [],
        )
        time = _time(stamp)
        words = body.text() if body else None
        closed = "encrypted" in by_name
        unknown = {name for name in by_name if name not in _KNOWN}
        made.unknown |= unknown
        retracted = by_name.get("retracted")
        key = scene.key(ident) if ident else scene.derived(stamp, sender, to, own, words)
        author = scene.actor(sender if group else sender.partition("/")[0], nick) if sender else None
        targets = tuple(self._targets(bare, by_name, relation, author))
        for name in (own, ident):
            if name:
                self._remember((bare, name), key, author)
        made.items.append(
            scene.item(
                raw,
                key,
                event=event,
                author=author,
                time=time,
                title=by_name["subject"].text() if "subject" in by_name else None,
                text=None if event == "deleted" or closed else words,
                targets=targets,
                reactions=tuple(Reaction(value=value) for value in values if value),
                deleted=Deleted(by="admin" if "moderated" in by_name else "author")
                if event == "deleted"
                else None,
                extra=(
                    *((("message_id", own),) if own else ()),
                    *((("encrypted", "OMEMO or OpenPGP: closed"),) if closed else ()),
                    *((("retracted", retracted.attributes.get("stamp", "")),) if retracted else ()),
                    *(
                        (name, by_name[name].inner or str(by_name[name].attributes))
                        for name in sorted(unknown)
                    ),
                ),
            )
        )

    def _remember(self, name: tuple[str, str], key: Key, author: Actor | None) -> None:
        self._sent[name] = key, author
        if len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)

    def _targets(
        self, conversation: str, by_name: dict[str, Element], relation: str | None, author: Actor | None
    ) -> Iterator[Target]:
        """Give what a stanza is about, and what it answers."""
        if relation and (other := by_name[relation].attributes.get("id")):
            key, sender = self._sent.get((conversation, other), (None, None))
            room = author is not None and author.account is not None and author.account.id == conversation
            own = sender == author or (room and "moderated" in by_name)
            yield Target(
                relation="of", key=key if own or relation not in _OF_ONE_SENDER else None, written_id=other
            )
        if "reply" in by_name:
            answered = by_name["reply"].attributes.get("id")
            key, _ = self._sent.get((conversation, answered or ""), (None, None))
            yield Target(relation="reply", key=key, written_id=answered)

    def _other(self, sender: str | None, to: str | None, archived: str | None) -> str | None:
        """The other side of a conversation: not the account whose archive it is."""
        mine = (self.options.mine or archived or "").partition("/")[0]
        sides = [side for side in (sender, to) if side and side.partition("/")[0] != mine]
        return sides[0] if sides else sender or to


def _child(parent: Element, name: str) -> Element | None:
    return next((one for one in elements(parent.inner) if one.name.rpartition(":")[2] == name), None)


def _event(by_name: dict[str, Element]) -> tuple[Event, str | None]:
    if "replace" in by_name:
        return "edited", "replace"
    if "retract" in by_name or "apply-to" in by_name:
        return "deleted", "retract" if "retract" in by_name else "apply-to"
    if "retracted" in by_name:
        return "deleted", None
    if "reactions" in by_name:
        return "reacted", "reactions"
    if "received" in by_name and "body" not in by_name:
        return "delivered", "received"
    if "displayed" in by_name and "body" not in by_name:
        return "read", "displayed"
    if "body" in by_name or "encrypted" in by_name:
        return "posted", None
    return ("renamed" if "subject" in by_name else "notice"), None


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
    parser: ClassVar[str] = "xmpp-archive/2"
    run: ClassVar[type[Run]] = _Reading
    facts: ClassVar[Facts] = Facts(
        title="XMPP",
        layouts=("stanzas of a message archive (MAM), one or many a file",),
        ask_for="the archive of the account or server, queried by XEP-0313",
        edits="every correction",
        deletions="retractions and tombstones",
        receipts="delivered, displayed",
        direct="yes; encrypted bodies stay closed",
        claim="unknown",
        tested="real files",
    )

    def likeness(self, shape: Shape) -> tuple[int, str]:
        """By stanzas and the namespaces of XMPP."""
        percent = _likeness(shape)
        return percent, "stanzas of XMPP" if percent else ""
