"""The words by which withheld facets would be known again."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from archive.production import Cut
from archive.redaction.folding import LONG, folded, occurs, stand_alone
from archive.redaction.said_of_files import said_of_files
from schemas.item import Actor, Item, TimeStamp

SHORTEST = 12
"""Characters from which on withheld words are looked for in items that have nothing to do with them. A shorter
word ("ja", a first name) stands in every other message by chance; there a person decides."""
RUN = 4
"""Words in a row that make a quotation, in an item that refers to the withheld one."""
NAME, PART = 3, 4
"""Bytes of a name, and characters of a part of one, from which on it is looked for."""
DISTINCT = 4
"""Characters from which on a figure says by itself what is meant."""
_FIGURE = re.compile(r"(?<!\w)(\w*\d[\w.:]*(?: \d{3}(?!\w))*)((?: [^\W\d]\w*| [%‰€$£])?)")
"""A figure, with its thousands, and what is counted."""
_ANSWERED = re.compile(
    r"^(?:\s*(?:aw|antw|antwort|re|wg|fw|fwd|tr|sv|rv|vs|vb|r)\s*(?:\[\d+\]\s*)?:)+", re.IGNORECASE
)
"""What mail programs put before the subject of what is answered or passed on."""
_NUMBERED = re.compile(r"^\d{8}-")
_MONTHS = (
    "januar february märz april mai juni juli august september oktober november dezember",
    "january februar march april may june july august september october november december",
)
_DATES = (
    "{0:%Y-%m-%d}|{0:%Y%m%d}|{0:%d.%m.%Y}|{0:%d.%m.%y}|{0.day}.{0.month}.{0.year}|{0.day}.{0.month}.{0:%y}|"
    "{0:%d/%m/%Y}|{0:%m/%d/%Y}|{0:%d/%m/%y}|{0:%m/%d/%y}|{0.day}/{0.month}/{0.year}|{0.month}/{0.day}/{0.year}|"
    "{0.day}/{0.month}/{0:%y}|{0.month}/{0.day}/{0:%y}"
)
_HOURS = "{0:%H:%M}|{0.hour}:{0:%M}|{0:%H}.{0:%M} Uhr|{1}:{0:%M} {2}"
_SPOKEN = "{0.day}. {1} {0.year}|{0.day} {1} {0.year}|{0:%d} {1} {0.year}|{1} {0.day}, {0.year}|{0.day}. {1}. {0.year}"
_THIS_YEAR = "{0.day}. {1}|{1} {0.day}"


@dataclass(frozen=True, slots=True)
class Needles:
    """Withheld words, folded."""

    everywhere: frozenset[str]
    """Looked for in everything that is handed out."""
    near: frozenset[str]
    """Looked for in what refers to the item."""
    own: frozenset[str] = frozenset()
    """Looked for in the other facets of the item itself: a name under a letter, a day in its words."""
    names: frozenset[str] = frozenset()
    """Names in full: no conversation is called by one."""
    short: frozenset[str] = frozenset()
    """Too short to be looked for everywhere: a person is told where else they stand."""
    runs: frozenset[str] = frozenset()
    """Parts of a few words: looked for in the same conversation, for a chat answers without saying what."""
    figures: frozenset[str] = frozenset()
    """Figures of marked words: looked for in what is shown of the item itself and of what refers to it."""
    parts: frozenset[str] = frozenset()
    """Longer words of marked ones, and figures of a whole text: a person is told of them where the figures go."""

    def __or__(self, other: "Needles") -> "Needles":
        """Give the words of both."""
        return Needles(*(getattr(self, one.name) | getattr(other, one.name) for one in fields(self)))


def needles(item: Item, cut: Cut) -> Needles:
    """Give the words that a cut takes out of an item."""
    words = {folded(said) for said in withheld(item, cut)}
    if "attachments" in cut.facets:
        words |= {folded(called) for one in item.attachments for called in _called(one.name or "")}
        words |= set(_repeated(item))
    words.discard("")
    people = [item.author] if item.author and "author" in cut.facets else []
    people += [one.actor for one in item.recipients] if "recipients" in cut.facets else []
    called = {one for actor in people for one in strings(actor) if one}
    names = {folded(one) for one in called} - {""}
    own = {word for name in called for word in _parts(name)}
    if item.time and "time" in cut.facets:
        own |= set(map(folded, _moments(item.time)))
    runs = frozenset(run for word in words for run in _runs(word))
    marked = {folded(said) for said in _marked(item, cut)}
    counted = {found for said in marked for found in _figures(said)}
    telling = {said for figure, said in counted if said != figure or len(figure) >= DISTINCT}
    return Needles(
        everywhere=frozenset(word for word in words if len(word) >= SHORTEST),
        near=frozenset(words | own | runs | telling),
        own=frozenset(own),
        names=frozenset(names),
        short=frozenset({word for word in words if len(word) < SHORTEST} | telling),
        runs=runs,
        figures=frozenset(figure for figure, _ in counted),
        parts=frozenset(_parts_of(marked)) | {figure for word in words for figure, _ in _figures(word)},
    )


def withheld(item: Item, cut: Cut) -> Iterator[str]:
    """Give what a cut takes out of the text and the title of an item."""
    yield from _marked(item, cut)
    if "text" in cut.facets and not cut.spans:
        yield item.text or ""


def _marked(item: Item, cut: Cut) -> Iterator[str]:
    """Give the words of which somebody said that they are the secret; of an answer's subject, also what it answers."""
    text = item.text or ""
    yield from (text[start:end] for start, end in cut.spans)
    if "title" in cut.facets and item.title:
        yield item.title
        yield _ANSWERED.sub("", item.title)


def _figures(said: str) -> Iterator[tuple[str, str]]:
    """Give each figure of folded words, and the figure with what is counted."""
    return ((match[1], match[0]) for match in _FIGURE.finditer(said))


def _parts_of(marked: Iterable[str]) -> Iterator[str]:
    return (word for said in marked for word in said.split(" ") if len(word) >= LONG)


def betrays(words: Needles, said: str) -> bool:
    """Say whether a reason, which is handed out, tells one of the words that are not."""
    return stand_alone(words.near, said)


def _repeated(item: Item) -> Iterator[str]:
    """Give what the text repeats of what the platform says of the files, whole or a part of it."""
    text = item.text or ""
    for said in set(map(folded, said_of_files(item))):
        if occurs({said, *_runs(said)} - {""}, text):
            yield said


def _called(file: str) -> Iterator[str]:
    """Give how people call a file: without the number that WhatsApp puts before it; a long name without its ending."""
    yield file
    bare = _NUMBERED.sub("", file)
    yield bare
    stem = bare.rpartition(".")[0]
    if len(stem) >= SHORTEST:
        yield stem


def _runs(words: str) -> Iterator[str]:
    """Give every run of a few words in a row: a quotation may begin and end anywhere."""
    each = words.split(" ")
    for at in range(len(each) - RUN + 1):
        run = " ".join(each[at : at + RUN])
        if len(run) >= SHORTEST:
            yield run


def _parts(name: str) -> Iterator[str]:
    """Give a name, and the parts of it that are long enough to say who is meant."""
    said = folded(name)
    if len(said.encode()) >= NAME:
        yield said
    if "@" not in name:
        yield from (part for part in said.split() if len(part) >= PART)


def strings(actor: Actor) -> tuple[str | None, ...]:
    """Give every string that tells who somebody is."""
    return *actor.names, actor.account.id if actor.account else None


def _moments(time: TimeStamp) -> Iterator[str]:
    """Give the ways in which people and programs write a moment, in its own zone and in UTC."""
    yield time.written
    if time.utc is None:
        return
    utc = datetime.fromisoformat(time.utc).replace(tzinfo=UTC)
    for moment in (utc, utc.astimezone(_zone(time.zone))):
        if time.precision not in ("day", "unknown"):
            yield from _HOURS.format(
                moment, moment.hour % 12 or 12, "pm" if moment.hour >= 12 else "am"
            ).split("|")
        yield from _DATES.format(moment).split("|")
        for months in _MONTHS:
            month = months.split()[moment.month - 1]
            yield from _THIS_YEAR.format(moment, month).split("|")
            for name in (month, month[:3]):
                yield from _SPOKEN.format(moment, name).split("|")


def _zone(name: str | None) -> tzinfo:
    if not name:
        return UTC
    return datetime.strptime(name, "%z").tzinfo or UTC if name[0] in "+-" else ZoneInfo(name)
