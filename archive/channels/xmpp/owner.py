"""Whose archive it is, where nobody says it: without that, a conversation would be two, one in each direction."""

from collections.abc import Iterator

from archive.channels.feeds.markup import ELEMENT, Element
from archive.channels.xmpp.said import child, local
from archive.channels.xmpp.stanzas import narrow, stanzas
from archive.errors import UnreadableInput
from archive.reading.decoding import decode
from archive.reading.tree import Member


def owner_of(member: Member) -> str | None:
    """Give the account that takes part in all that two say to each other; of one conversation alone, the one that keeps
    it (``by`` of a stable id, the archive's own address), else whom all is sent to, else always the same of the two."""
    common: set[str] | None = None
    ways, keepers = set[tuple[str, str]](), set[str]()
    for sender, to, keeper in _sides(member):
        common = {sender, to} if common is None else common & {sender, to}
        if not common:
            return None
        ways.add((sender, to))
        keepers |= keeper
    kept = (common or set()) & keepers
    if len(kept) == 1 or not common or len(common) == 1:
        return next(iter(kept or common or ()), None)
    return next(iter(ways))[1] if len(ways) == 1 else max(common)


def _sides(member: Member) -> Iterator[tuple[str, str, set[str]]]:
    """Sender and receiver of each message between two, and who keeps it."""
    try:
        with member.open() as stream:
            source = narrow(stream)
            for stanza in stanzas(source) if source is not None else ():
                opened = ELEMENT.match(decode(stanza.data).text) if stanza.whole else None
                if opened is None or stanza.kind not in ("message", "result"):
                    continue
                text = opened.string
                outer = Element(opened[1], opened[2], text[opened.end() : text.rfind("</")])
                if (told := _told(outer)) is not None:
                    yield told
    except UnreadableInput:
        return  # it is read again for its messages, and told there


def _told(outer: Element) -> tuple[str, str, set[str]] | None:
    result = outer if local(outer) == "result" else child(outer, "result")
    forwarded = child(result, "forwarded") if result is not None else None
    message = outer if result is None else child(forwarded, "message") if forwarded else None
    if message is None or message.attributes.get("type") == "groupchat":
        return None
    sender, to = _bare(message, "from"), _bare(message, "to")
    named = child(message, "stanza-id")
    keepers = {_bare(named, "by")} if named is not None else set()
    if result is not None and outer is not result:
        keepers |= {_bare(outer, "to"), _bare(outer, "from")}
    return (sender, to, keepers) if sender and to and sender != to else None


def _bare(one: Element, name: str) -> str:
    return (one.attributes.get(name) or "").partition("/")[0]
