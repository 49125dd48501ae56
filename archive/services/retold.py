"""Finds in what is handed out everything that would tell withheld words again."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

from archive.production import Cut
from archive.redaction import (
    ALONG,
    Needles,
    Phrases,
    beside,
    both,
    carried,
    closed,
    folded,
    following,
    needles,
    occurs,
    remaining,
    stand_alone,
    transcribed,
    withheld,
)
from archive.services.described import Described
from archive.services.kept_back import WHOLE
from archive.services.redacted_files import Files
from archive.services.references import References
from archive.services.referring import Referring
from archive.services.same_unit import Units
from archive.services.same_words import instant, version_of
from archive.services.session import Session
from schemas.item import Item, Key

ANSWERING = timedelta(days=1)
"""How long what somebody says in a chat may be meant for what was said before."""
SPARED = 3
"""Of the phrases of a withheld file one in so many is remembered: of a contract they are ten thousand."""
REACTING = frozenset({"reacted", "unreacted", "voted"})
"""Events that are a reaction; other platforms tell reactions as a part of the message."""
REACTION = frozenset({"reactions", "author", "targets"})
"""What of such an event says who reacted to it, and how."""


class Cuts:
    """Finds what tells withheld words again. Holds the withheld words, not the items."""

    def __init__(
        self,
        session: Session,
        items: Callable[[int], Item | None],
        decided: Mapping[int, Cut],
        inside: Mapping[int, str],
        released: Mapping[int, Set[int]],
    ) -> None:
        self.session, self.decided, self.released = session, decided, released
        self._items, self._described = items, Described(session)
        self.words: dict[int, Needles] = {}
        self.lost: tuple[int, ...] = ()
        """Sources that cannot be opened any more: what tells their words cannot be found."""
        self.doubtful: list[int] = []
        self.places: dict[Key, bool] = {}
        """Conversation → whether its id tells withheld words."""
        self.unseen: list[int] = []
        """Items that go out with files into which nobody can look."""
        self.files = Files(session)
        self.texts: dict[int, str] = {}
        self.referring = Referring()
        """Which items are a source, or refer to one."""
        self.units = Units()
        """From which bytes the sources were read: others may have been read from the same."""
        self.phrases = Phrases()
        self.spoken: dict[Key, set[int]] = {}
        """Conversation → the sources of which it may repeat a part; chats answer without saying what."""
        self.marked: list[tuple[Key, int]] = []
        """Conversations, and the sources in them that are shown in part."""
        self.moments: dict[Key, list[tuple[datetime, int]]] = {}
        """Conversation → when which source was said in it."""
        self.runs: dict[Key, frozenset[str]] = {}
        """Conversation → all that its items may repeat, once it is asked for."""
        self.answered: dict[Key, set[int]] = {}
        """Key → the sources that answer it: platforms tell at the answered one who answered, and when."""
        self.ids: dict[int, frozenset[str]] = {}
        """Sources of which it is withheld what they answer → their ids: platforms list answers at the answered one."""
        self.references = References()
        for index in {**decided, **inside}:
            item = self._item(index)
            if item is None:
                self.lost += (index,)
            else:
                cut = decided[index] if index in decided and index not in inside else WHOLE
                self.references.hide(index, item)
                self._withhold(index, item, cut, attachments_too="attachments" in cut.facets)
        self.referring.close()
        self._reword()

    def _reword(self) -> None:
        """Take in what other versions of a source say: who answers quotes the one that stood then."""
        for index in sorted(self.session.catalogue.about(sorted(self.words))):
            item = self._item(index)
            if item is None:
                continue
            for source in self.referring.versions.get(version_of(item), set()) - {index}:
                self.words[source] |= needles(self._described(item), self._version(item, source))
                self._answers(source, item)

    def _answers(self, source: int, item: Item) -> None:
        """Remember what a source answers, if who did so, or when, or that it does, is withheld."""
        hidden = "targets" in self.decided.get(source, WHOLE).facets
        if hidden:
            self.ids[source] = frozenset({folded(item.key.id)} - {""})
        for target in item.targets if hidden or self.words[source].own else ():
            if target.key is not None:
                self.answered.setdefault(target.key, set()).add(source)

    def _item(self, index: int) -> Item | None:
        return self._items(index)

    def _withhold(self, index: int, item: Item, cut: Cut, *, attachments_too: bool) -> None:
        self.words[index] = needles(self._described(item), cut)
        self.referring.add(index, item)
        self.texts[index] = item.text or ""
        self.units.add(index, item)
        for said in withheld(item, cut):
            self.phrases.add(said)
        if index in self.decided:
            self.marked.append((item.thread, index))
            if self.words[index].runs:
                self.spoken.setdefault(item.thread, set()).add(index)
            if (at := instant(item)) is not None:
                self.moments.setdefault(item.thread, []).append((at, index))
        self._answers(index, item)
        if attachments_too:
            self.files.withhold(item.attachments)
            self.phrases.add(self.files.words(item.attachments), every=SPARED)

    @property
    def everywhere(self) -> frozenset[str]:
        """Words that are looked for in everything."""
        return frozenset().union(*(words.everywhere for words in self.words.values()))

    @property
    def names(self) -> frozenset[str]:
        """Names by which no conversation is called."""
        return frozenset().union(*(words.names for words in self.words.values()))

    @property
    def short(self) -> frozenset[str]:
        """Short words. Of a message that stays inside whole ("ok") nobody said that its words are the secret."""
        return self._short(frozenset())

    def _short(self, freed: Set[int]) -> frozenset[str]:
        marked = self.decided.keys() - freed
        return frozenset().union(*(words.short for at, words in self.words.items() if at in marked))

    def _transcribed(self, freed: Set[int]) -> frozenset[str]:
        """Give what is looked for everywhere, however its umlauts are written."""
        meant = (words.everywhere for at, words in self.words.items() if at not in freed)
        return frozenset(map(transcribed, frozenset().union(*meant)))

    def numbers(self) -> dict[Key, frozenset[str]]:
        """Give conversation → figures of what is marked in it; a single digit numbers halls and channels."""
        found: dict[Key, frozenset[str]] = {}
        for thread, index in self.marked:
            figures = frozenset(one for one in self.words[index].figures if len(one) > 1)
            found[thread] = found.get(thread, frozenset()) | figures
        return found

    def over(self, selection: Sequence[int]) -> dict[int, Cut]:
        """Go through everything that is handed out."""
        found: dict[int, Cut] = {}
        everywhere, told = self.everywhere, (self.short, self._transcribed(frozenset()))
        self._follow(selection if self.words else ())
        for index in selection if self.words else ():
            item = self._item(index)
            if item is None:
                continue
            self.references.look(index, item)
            cut = self.decided.get(index, Cut())
            if index in self.decided:
                own = self.words[index]
                cut = both(cut, self._told_by(item, own.near, index, own.figures))
            sources = (self.referring.of(item) | self.units.mails_in(item)) - {index}
            for source in sources:
                cut = both(cut, self._near(index, item, source))
            cut = both(cut, self._repeated(index, item, sources | {index}))
            for source in self.answered.get(item.key, ()):
                if beside(item, self.words[source].own | self.ids.get(source, frozenset())):
                    cut = both(cut, Cut(ALONG, follows=source))
            cut = closed(both(both(cut, self._far(index, item, everywhere)), self._enclosing(index, item)))
            shut = "attachments" not in cut.facets and index not in self.released.get(index, ())
            if shut and self._may_hide(item, sources | {index}, everywhere):
                cut = both(cut, Cut(frozenset({"attachments"}) | ALONG, unopened=True))
            left, going = remaining(item, cut), "attachments" not in cut.facets
            freed = self.released.get(index, frozenset())
            # of what it was released from somebody looked at both
            short, transcripts = (self._short(freed), self._transcribed(freed)) if freed else told
            meant = (sources | {index} | self._just_said(item)) & self.decided.keys() - freed
            if (
                stand_alone(short.union(*(self.words[one].parts for one in meant)), left)
                or self.phrases.stand_in(left)
                or (going and self.phrases.stand_in(self.files.words(item.attachments)))
                or occurs(
                    transcripts.union(*(self._transcripts(one) for one in meant)), transcribed(folded(left))
                )
                or self._placed(item.thread, everywhere)
            ):
                self.doubtful.append(index)
            if going and any(map(self.files.unseen, item.attachments)):
                self.unseen.append(index)
            if cut.facets:
                self.references.hide(index, item)
                found[index] = self.references.unguessed(item, cut)
        return {**found, **self.references.cuts(found)}

    def _transcripts(self, source: int) -> frozenset[str]:
        """Give the longer words that are marked in a source, however their umlauts are written."""
        return frozenset(transcribed(one) for one in self.words[source].parts if one.isalpha())

    def _may_hide(self, item: Item, sources: set[int], everywhere: frozenset[str]) -> bool:
        """Say whether withheld words may stand in a file of an item into which nobody can look."""
        near = any(self.words[one].near for one in sources & self.words.keys())
        return bool(near or everywhere or self.files.withheld) and any(map(self.files.shut, item.attachments))

    def _placed(self, thread: Key, everywhere: frozenset[str]) -> bool:
        """Say whether a conversation's id, which goes out, tells withheld words: folders of mails are names."""
        if thread not in self.places:
            self.places[thread] = occurs(everywhere, thread.id)
        return self.places[thread]

    def _enclosing(self, index: int, item: Item) -> Cut:
        """Withhold bytes in which a source lies too."""
        cut = Cut()
        for source in self.units.read_from(item) - {index}:
            cut = both(cut, Cut(ALONG, follows=source))
        for source in self.units.named_in(item) - {index}:
            if beside(item, self.words[source].near):
                cut = both(cut, Cut(ALONG, follows=source))
        return cut

    def _follow(self, selection: Sequence[int]) -> None:
        """Find what answers or quotes a source over any number of steps: who answers an answer quotes both."""
        for index in selection:
            item = self._item(index)
            if item is None:
                continue
            self.references.add(index, item)
            for source in self.referring.said.copies(item):
                if self.words[source].runs and source in self.decided:
                    self.spoken.setdefault(item.thread, set()).add(source)
        self.referring.follow(self.references.links)

    def _repeated(self, index: int, item: Item, known: set[int]) -> Cut:
        """Give what of an item repeats words of its conversation, besides those of the sources that are known."""
        sources, cut = self.spoken.get(item.thread, set()) - known, Cut()
        if item.form == "mail" or not sources or not self._told_by(item, self._runs(item.thread), 0).facets:
            return cut
        for source in sources:
            cut = both(cut, self._quoted(index, item, self.words[source].runs, source))
        return cut

    def _just_said(self, item: Item) -> set[int]:
        """Give the sources that were said in a chat within a day before: who answers there seldom says what."""
        at = instant(item) if item.form != "mail" and item.thread in self.moments else None
        said = self.moments[item.thread] if at is not None else []
        return {source for before, source in said if at and before <= at <= before + ANSWERING}

    def _runs(self, thread: Key) -> frozenset[str]:
        if thread not in self.runs:
            self.runs[thread] = frozenset().union(*(self.words[one].runs for one in self.spoken[thread]))
        return self.runs[thread]

    def _near(self, index: int, item: Item, source: int) -> Cut:
        words = self.words[source]
        same = self.referring.is_same(item, source)
        if same:
            cut = self._told_by(item, words.near, source, self._figures(source))
        elif self.referring.answered_by(item, source):
            cut = self._told_by(item, words.near, source, self._figures(source))
            cut = self._unless_released(index, item, source, cut)
        else:
            cut = self._quoted(index, item, words.near, source)
        if item.event in REACTING and "reactions" in self.decided.get(source, WHOLE).facets:
            cut = both(cut, Cut(REACTION | ALONG, follows=source))
        if same:
            version = self._version(item, source)
            if "text" in self.decided.get(index, Cut()).facets:  # somebody decided on these words too
                version = replace(version, facets=version.facets - {"text"}, spans=())
            cut = both(cut, version)
        return cut

    def _far(self, index: int, item: Item, everywhere: frozenset[str]) -> Cut:
        """Give what tells withheld words by chance or by copying; these words are long enough to say which."""
        if not self._told_by(item, everywhere, 0).facets:
            return Cut()
        cut = Cut()
        for source, words in self.words.items():
            cut = both(cut, self._quoted(index, item, words.everywhere, source))
        return cut

    def _figures(self, source: int) -> frozenset[str]:
        """Give the figures of a source. Of what stays inside whole nobody said that each of them is the secret."""
        return self.words[source].figures if source in self.decided else frozenset()

    def _unless_released(self, index: int, item: Item, source: int, cut: Cut) -> Cut:
        """Give what stays inside of an item that may tell the words of a source: what nobody was shown, and itself.

        These are the platform's own form and the bytes as received, which may tell more of it, and withheld files.
        """
        if not cut.facets or source not in self.released.get(index, ()):
            return cut
        inside = any(self.files.tell(one, frozenset()) for one in item.attachments)
        return Cut(ALONG | (frozenset({"attachments"}) if inside else frozenset()), follows=source)

    def _quoted(self, index: int, item: Item, words: frozenset[str], source: int) -> Cut:
        """Give what tells words of a source; where an item does, its figures go too, as they do in an answer."""
        cut, figures = following(item, words, source), self._figures(source)
        if cut.facets and figures:
            cut = both(cut, following(item, words, source, figures))
        return self._unless_released(index, item, source, both(cut, self._in_files(item, words, source)))

    def _told_by(
        self, item: Item, words: frozenset[str], source: int, figures: frozenset[str] = frozenset()
    ) -> Cut:
        return both(following(item, words, source, figures), self._in_files(item, words, source))

    def _in_files(self, item: Item, words: frozenset[str], source: int) -> Cut:
        told = any(self.files.tell(one, words) for one in item.attachments)
        return Cut(frozenset({"attachments"}) | ALONG, follows=source) if told else Cut()

    def _version(self, item: Item, source: int) -> Cut:
        """Give what of another version of a redacted item goes along: its facets; other words, as a whole."""
        decided = self.decided.get(source, WHOLE)
        spans = carried(decided.spans, self.texts[source], item.text or "")
        return closed(Cut(decided.facets, spans, follows=source))
