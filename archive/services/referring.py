"""Which items are a source of withheld words, or answer, quote or tell about one, over any number of steps."""

from collections.abc import Iterable

from archive.services.references import Link
from archive.services.same_words import Sayings, version_of
from schemas.item import Item, Key


class Referring:
    """Knows the sources by their keys; first they are taken in, then what refers to them."""

    def __init__(self) -> None:
        self.versions: dict[Key, set[int]] = {}
        """Key of a message → the sources that are it, an edit of it, or its deletion."""
        self.about: dict[Key, set[int]] = {}
        """Key → the sources that it is, answers, quotes or is about, over any number of steps."""
        self.of_id: dict[tuple[str, str], set[int]] = {}
        self.named: dict[tuple[str, str], frozenset[int]] = {}
        """Ids by which mails name the sources themselves, not what answers them."""
        self.said = Sayings()
        """What the sources said and when: the same, seen from another side, is no other."""

    def add(self, index: int, item: Item) -> None:
        """Take in a source."""
        for key in {item.key, version_of(item)}:
            self.versions.setdefault(key, set()).add(index)
            self.about.setdefault(key, set()).add(index)
        self.of_id.setdefault((item.key.channel, item.key.id), set()).add(index)
        self.said.add(index, item)

    def close(self) -> None:
        """Say that all sources are known."""
        self.named = {one: frozenset(sources) for one, sources in self.of_id.items()}

    def follow(self, links: Iterable[Link]) -> None:
        """Find what refers to a source over any number of steps: who answers an answer quotes both."""
        more = True
        while more:
            more = False
            for _, key, targets in links:
                known = self.about.get(key, set())
                reached = set().union(*(self.sources(key.channel, *target) for target in targets))
                if reached - known:
                    self.about[key] = known | reached
                    self.of_id.setdefault((key.channel, key.id), set()).update(reached)
                    more = True

    def sources(self, channel: str, key: Key | None, written: str | None) -> set[int]:
        """Give the sources that lie behind a reference."""
        if key is not None:
            return self.about.get(key, set())
        # mail names what it answers by its id alone
        return self.of_id.get((channel, written), set()) if written is not None else set()

    def of(self, item: Item) -> set[int]:
        """Give the sources that an item is a version of, answers, quotes or is about."""
        found = self.about.get(version_of(item), set()) | self.about.get(item.key, set())
        found |= self.said.copies(item)
        if item.form == "mail":  # two mails of one id have keys that tell their bodies apart
            found |= self.of_id.get((item.key.channel, item.key.id), set())
        for target in item.targets:
            found |= self.sources(item.key.channel, target.key, target.written_id)
        return found

    def is_same(self, item: Item, source: int) -> bool:
        """Say whether an item is a version of a source, or the same seen from another side."""
        return source in self.versions.get(version_of(item), ()) or source in self.said.copies(item)

    def answered_by(self, item: Item, source: int) -> bool:
        """Say whether an item names a source itself, and not only what began the conversation, or what answers it."""
        targets = [one for one in item.targets if one.relation != "root"] or item.targets
        return any(
            source in self.versions.get(one.key, ())
            if one.key is not None
            else source in self.named.get((item.key.channel, one.written_id or ""), ())
            for one in targets
        )
