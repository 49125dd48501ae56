"""What is withheld from a production, and what must go along so that it is not told elsewhere. Pure functions.

A redaction names facets of an item, or spans of its text. The platform's own form (``body``), what lies beside
the model (``extra``) and the bytes as received (``raw``) would tell the same again: they always go along. So do
the other versions of the item, what quotes it, and files in which its words stand.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from archive.production import Cut, Told
from archive.reading.unwrapped import readings, unwrapped
from schemas.item import Actor, Attachment, Deleted, Item, Key, Raw

ALONG = frozenset({"body", "extra", "raw"})
"""Facets that may tell again what any other facet tells."""
SHORTEST = 12
"""Characters from which on withheld words are looked for in items that have nothing to do with them. A shorter
word ("ja", a first name) stands in every other message by chance; there a person decides."""
RUN = 4
"""Words in a row that make a quotation, in an item that refers to the withheld one."""
BODY_SCOPE = "body:"
"""How the scope of a mail's key begins: a hash of its parts follows."""
LABELS = {"de": "[GESCHWÄRZT]", "en": "[REDACTED]"}

_unwrapped = lru_cache(maxsize=4)(unwrapped)  # an item is asked about for every source
_QUOTED = re.compile(r"^[>\s|]+", re.MULTILINE)


def closed(cut: Cut) -> Cut:
    """Give a cut with the facets that have to go along."""
    if not cut.facets and not cut.spans:
        return cut
    own = frozenset({"text"}) if cut.spans else frozenset()
    return replace(cut, facets=cut.facets | own | ALONG)


@dataclass(frozen=True, slots=True)
class Needles:
    """Withheld words, folded: those that are looked for everywhere, and those looked for in what refers to them."""

    everywhere: frozenset[str]
    near: frozenset[str]


def needles(item: Item, cut: Cut) -> Needles:
    """Give the words that a cut takes out of an item."""
    words: set[str] = set()
    text = item.text or ""
    if cut.spans:
        words |= {folded(text[start:end]) for start, end in cut.spans}
    elif "text" in cut.facets:
        words.add(folded(text))
    if "title" in cut.facets:
        words.add(folded(item.title or ""))
    if "attachments" in cut.facets:
        words |= {folded(one.name or "") for one in item.attachments}
    words.discard("")
    return Needles(
        everywhere=frozenset(word for word in words if len(word) >= SHORTEST),
        near=frozenset(words.union(*map(_runs, words))),
    )


def _runs(words: str) -> Iterator[str]:
    """Give every run of a few words in a row: a quotation may begin and end anywhere."""
    each = words.split(" ")
    for at in range(len(each) - RUN + 1):
        run = " ".join(each[at : at + RUN])
        if len(run) >= SHORTEST:
            yield run


def folded(text: str) -> str:
    """Give words as they are compared: compatibility forms, case, quote marks and white space do not count."""
    text = unicodedata.normalize("NFKC", _QUOTED.sub(" ", text)).casefold()
    return " ".join((text if text.isascii() else text.translate(_unseen())).split())


@cache
def _unseen() -> dict[int, None]:
    """Give the table that drops format characters: joiners, marks of direction, soft hyphens."""
    return {n: None for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) == "Cf"}


def occurs(words: Iterable[str], text: str) -> bool:
    """Say whether one of the words stands in a text."""
    if not text:
        return False
    within = folded(text)
    return any(word in within for word in words)


def occurrences(words: Iterable[str], text: str) -> tuple[tuple[int, int], ...]:
    """Give where the words stand in a text, as character ranges; the whole text if that cannot be told."""
    wanted = [word for word in words if word in folded(text)]
    if not wanted:
        return ()
    within, origin = _mapped(text)
    found: list[tuple[int, int]] = []
    for word in wanted:
        at = within.find(word)
        if at < 0:
            return ((0, len(text)),)
        while at >= 0:
            found.append((origin[at], origin[at + len(word) - 1] + 1))
            at = within.find(word, at + 1)
    return merged(found)


def merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Give ranges in order, those that touch or overlap as one."""
    done: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if done and start <= done[-1][1]:
            done[-1] = (done[-1][0], max(end, done[-1][1]))
        else:
            done.append((start, end))
    return tuple(done)


def _mapped(text: str) -> tuple[str, list[int]]:
    """Give the folded text and, for each of its characters, the place it comes from."""
    quoted = {at for match in _QUOTED.finditer(text) for at in range(*match.span())}
    within: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        plain = " " if at in quoted else unicodedata.normalize("NFKC", character).casefold()
        for one in plain:
            if unicodedata.category(one) == "Cf" or (one.isspace() and (not within or within[-1] == " ")):
                continue
            within.append(" " if one.isspace() else one)
            origin.append(at)
    return "".join(within), origin


def following(item: Item, words: frozenset[str], source: int) -> Cut:
    """Give what of an item tells withheld words of ``source`` again; an empty cut if nothing does."""
    facets: set[str] = set()
    spans = occurrences(words, item.text or "")
    if occurs(words, item.title or ""):
        facets.add("title")
    if any(occurs(words, target.excerpt or "") for target in item.targets):
        facets.add("targets")
    if any(occurs(words, one.name or "") for one in item.attachments):
        facets.add("attachments")
    if any(occurs(words, reaction.value) for reaction in item.reactions):
        facets.add("reactions")
    if item.author and occurs(words, item.author.name or ""):
        facets.add("author")
    if any(occurs(words, one.actor.name or "") for one in item.recipients):
        facets.add("recipients")
    beside = [text for _, text in item.extra] + ([item.body.content] if item.body else [])
    again = any(occurs(words, reading) for text in beside for reading in readings(text)) or any(
        occurs(words, text) for text in _unwrapped(item.raw.slice).texts
    )
    if not (facets or spans or again):
        return Cut()
    facets |= ALONG
    return closed(Cut(frozenset(facets), spans, follows=source))


def both(one: Cut, other: Cut) -> Cut:
    """Give the cut that takes out what either does; the first one's reason stands."""
    whole = any("text" in cut.facets and not cut.spans for cut in (one, other))
    return Cut(
        alias=one.alias or other.alias,
        facets=one.facets | other.facets,
        spans=() if whole else merged((*one.spans, *other.spans)),
        reason=one.reason or other.reason,
        follows=one.follows if one.facets else other.follows,
    )


def tells_content(key: Key) -> bool:
    """Say whether a key holds a hash of content: whoever tries all texts that come into question finds the one."""
    return key.derived or key.scope.startswith(BODY_SCOPE)


def aliased(key: Key, alias: str) -> Key:
    """Give a key of which nothing is a hash of content."""
    return Key(channel=key.channel, scope="", id=alias if key.derived else key.id, derived=key.derived)


def blackened(text: str, spans: Sequence[tuple[int, int]], label: str) -> str:
    """Give a derived copy of a text with a label in place of each span."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], label]
        at = end
    return "".join([*pieces, text[at:]])


def applied(told: Told, cut: Cut, label: str) -> Told:
    """Give an item as renderings may tell it: nothing that is withheld is left in it."""
    item, hidden = told.item, cut.facets
    change: dict[str, object] = {
        "body": None, "extra": (), "raw": Raw(member="", slice=b""),
        "edited": None, "deleted": item.deleted and Deleted(), "expires": None,
    }  # fmt: skip
    if cut.alias is not None:
        change["key"] = aliased(item.key, cut.alias)
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
        gone = Attachment(name=label, state="missing", reason="withheld")
        change["attachments"] = (gone,) * len(item.attachments)
        open_files = (None,) * len(item.attachments)
    return replace(
        told, item=item.model_copy(update=change), open_files=open_files, open_mail=None, cut=cut,
    )  # fmt: skip
