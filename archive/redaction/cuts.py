"""Cuts: what they take along, and what of an item a rendering may still tell."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from archive.production import WITHHELD, Cut, Told
from archive.reading.undone import readings
from archive.reading.unwrapped import may_be_coded, unwrapped
from archive.redaction.folding import folded, merged, occurrences, occurs
from archive.redaction.needles import strings
from schemas.item import Actor, Attachment, Deleted, Item, Key, Raw, Target

ALONG = frozenset({"body", "extra", "raw"})
"""Facets that may tell again what any other facet tells."""
BODY_SCOPE = "body:"
"""How the scope of a mail's key begins: a hash of its parts follows."""
LABELS = {"de": "[GESCHWÄRZT]", "en": "[REDACTED]"}
_UNOPENED = {
    "de": "Dateien, in die niemand hineinsehen konnte",
    "en": "files that could not be looked into",
}


def texts_of(item: Item) -> tuple[str, ...]:
    """Give every text that the bytes of an item may tell."""
    return _texts(item.raw.slice)


@lru_cache(maxsize=4)  # an item is asked about for every source
def _texts(data: bytes) -> tuple[str, ...]:
    return tuple(unwrapped(data).texts)


def closed(cut: Cut) -> Cut:
    """Give a cut with the facets that have to go along."""
    if not cut.facets and not cut.spans:
        return cut
    own = frozenset({"text"}) if cut.spans else frozenset()
    return replace(cut, facets=cut.facets | own | ALONG)


def reason_of(cut: Cut, language: str) -> str:
    """Give the reason of a cut as a bundle tells it; of what goes along with another item, that item is the reason."""
    return "; ".join(filter(None, (cut.reason, _UNOPENED[language] if cut.unopened else "")))


def following(item: Item, words: frozenset[str], source: int, figures: frozenset[str] = frozenset()) -> Cut:
    """Give what of an item tells withheld words of ``source`` again; an empty cut if nothing does.

    ``figures`` are looked for in what people read alone: in bytes any number stands by chance.
    """
    facets: set[str] = set()
    bare, words = words, words | figures
    spans = occurrences(words, item.text or "")
    left = blackened(item.text or "", spans, "█")
    if _told(words, left) or _coded(words, left):  # in escapes, markup or code: no place can be named
        facets.add("text")
        spans = ()
    if _told(words, item.title or ""):
        facets.add("title")
    if any(_told(words, target.excerpt or "") or _told(bare, _address(target)) for target in item.targets):
        facets.add("targets")
    if any(_told(words, one.name or "") or _told(bare, one.url or "") for one in item.attachments):
        facets.add("attachments")
    if any(
        occurs(words, one.value) or any(_names(words, actor) for actor in one.actors)
        for one in item.reactions
    ):
        facets.add("reactions")
    if item.author and _names(bare, item.author):
        facets.add("author")
    if any(_names(bare, one.actor) for one in item.recipients):
        facets.add("recipients")
    if not (facets or spans or beside(item, bare)):
        return Cut()
    facets |= ALONG
    return closed(Cut(frozenset(facets), spans, follows=source))


def _address(target: Target) -> str:
    """Give the address of what somebody shared; other ids are numbers, in which short words stand by chance."""
    written = target.written_id or ""
    return written if "://" in written else ""


def beside(item: Item, words: frozenset[str]) -> bool:
    """Say whether the words stand in the platform's own form, beside the model, in the bytes as received, or in where
    these lay."""
    told = [text for _, text in item.extra] + ([item.body.content] if item.body else [])
    # A folder in an export bears the name of a conversation, and what holds items by name tells it in their pointer.
    told += [item.raw.member, item.raw.pointer or ""]
    return any(_told(words, text) for text in told) or any(occurs(words, text) for text in texts_of(item))


def _told(words: frozenset[str], text: str) -> bool:
    """Say whether one of the words stands in a text, or in what it is with escapes and markup undone."""
    return bool(text) and any(occurs(words, reading) for reading in readings(text))


def _coded(words: frozenset[str], text: str) -> bool:
    """Say whether one of the words stands in a file that a text holds in a code of letters."""
    return may_be_coded(text) and any(occurs(words, told) for told in _texts(text.encode()))


def _names(words: frozenset[str], actor: Actor) -> bool:
    """Say whether one of the words tells who somebody is."""
    return any(occurs(words, told or "") for told in strings(actor))


def both(one: Cut, other: Cut) -> Cut:
    """Give the cut that takes out what either does; the first one's reason stands."""
    whole = any("text" in cut.facets and not cut.spans for cut in (one, other))
    return Cut(
        alias=one.alias or other.alias,
        facets=one.facets | other.facets,
        spans=() if whole else merged((*one.spans, *other.spans)),
        reason=one.reason or other.reason,
        follows=one.follows if one.facets else other.follows,
        unopened=one.unopened or other.unopened,
    )


def tells_content(key: Key) -> bool:
    """Say whether a key holds a hash of content: whoever tries all texts that come into question finds the one."""
    return key.derived or key.scope.startswith(BODY_SCOPE)


def aliased(key: Key, alias: str, *, whole: bool) -> Key:
    """Give a key of which nothing is a hash of content; ``whole``: whose id tells nothing either."""
    whole = whole or key.derived
    return Key(channel=key.channel, scope="", id=alias if whole else key.id, derived=whole)


def blackened(text: str, spans: Sequence[tuple[int, int]], label: str) -> str:
    """Give a derived copy of a text with a label in place of each span."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], label]
        at = end
    return "".join([*pieces, text[at:]])


def carried(spans: Sequence[tuple[int, int]], said: str, text: str) -> tuple[tuple[int, int], ...]:
    """Give the blackened places of what was said in another version of it; none where its words are others."""
    if text == said or folded(text) != folded(said):
        return tuple(spans) if text == said else ()
    places = [occurrences({folded(said[start:end])}, text) for start, end in spans]
    return merged(place for found in places for place in found) if all(places) else ()


def remaining(item: Item, cut: Cut) -> str:
    """Give the words that an item still tells: its title, its text, what it quotes, the names of its files."""
    told = [] if "title" in cut.facets else [item.title]
    if "text" not in cut.facets or cut.spans:
        told.append(blackened(item.text or "", cut.spans, "\n"))
    told += [] if "targets" in cut.facets else [one.excerpt for one in item.targets]
    told += [] if "attachments" in cut.facets else [one.name for one in item.attachments]
    return "\n".join(filter(None, told))


def labelled(spans: Sequence[tuple[int, int]], label: str) -> list[tuple[int, int]]:
    """Give where the labels stand in a blackened copy."""
    found, shift = [], 0
    for start, end in spans:
        found.append((start - shift, start - shift + len(label)))
        shift += end - start - len(label)
    return found


def unblackened(at: int, spans: Sequence[tuple[int, int]], label: str) -> int:
    """Give the place in the text for a place in its blackened copy; within a label, where the blackened words begin."""
    shift = 0
    for (start, end), (first, last) in zip(spans, labelled(spans, label), strict=True):
        if at < first:
            break
        if at < last:
            return start
        shift += end - start - len(label)
    return at + shift


def applied(told: Told, cut: Cut, label: str) -> Told:
    """Give an item as renderings may tell it: nothing that is withheld is left in it."""
    item, hidden = told.item, cut.facets
    change: dict[str, object] = {
        "body": None, "extra": (), "raw": Raw(member="", slice=b""),
        "edited": None, "deleted": item.deleted and Deleted(), "expires": None,
    }  # fmt: skip
    if cut.alias is not None:
        change["key"] = aliased(item.key, cut.alias, whole="time" in hidden)
    if "text" in hidden and item.text is not None:
        change["text"] = blackened(item.text, cut.spans, label) if cut.spans else label
    if "title" in hidden and item.title is not None:
        change["title"] = label
    if "time" in hidden:
        change["time"] = None
    if "author" in hidden and item.author is not None:
        change["author"] = Actor(written=label)
    if "recipients" in hidden:
        change["recipients"] = ()
    if "targets" in hidden:
        change["targets"] = ()
    if "reactions" in hidden:
        change |= {"reactions": (), "rating": None}
    open_files = told.open_files
    if "attachments" in hidden:
        gone = Attachment(name=label, state="missing", reason=WITHHELD)
        change["attachments"] = (gone,) * len(item.attachments)
        open_files = (None,) * len(item.attachments)
    return replace(
        told, item=item.model_copy(update=change), open_files=open_files, open_mail=None, cut=cut,
    )  # fmt: skip
