"""Folding the ``seen`` records of the ledger into the local index, and asking it (state class only)."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Set as AbstractSet

from archive.core.facets import read_lines
from archive.core.seen import IngestSecret, SeenMacs, read_seen
from archive.errors import FormatError
from archive.ports import SeenIndex, SeenRow
from archive.services.session import Session

CACHED = 8


class Seen:
    """Knows what was sealed. A hit counts only when the ledger's own record confirms it."""

    def __init__(self, session: Session) -> None:
        """Open the ingest secret; needs the ingest key file."""
        self._opener = session.opener("state")
        self._ledger = session.ledger
        self._index: SeenIndex = session.seen
        self._cache: OrderedDict[int, frozenset[tuple[int, SeenMacs]]] = OrderedDict()
        secrets = session.ledger.state.special.get("secret", [])
        if not secrets:
            raise FormatError("the ledger holds no ingest secret")
        self.secret = IngestSecret.from_values(self._values(secrets[0]))

    def _values(self, index: int) -> dict[str, object]:
        try:
            lines, _, _ = self._opener.lines(index)
            return read_lines(lines)
        except FormatError as error:
            raise FormatError(
                f"record {index} of the memory of ingestion cannot be read ({error}); without it nothing is taken in, "
                "for what was erased could come in again. `beleg verify --level 2` names all such records; what "
                "comes goes into another archive (`beleg init`)"
            ) from error

    def _listed(self, listed: int) -> frozenset[tuple[int, SeenMacs]]:
        """Give the rows of one ``seen`` record, from the ledger: record index, HMACs."""
        found = self._cache.get(listed)
        if found is None:
            first = self._ledger.state.segment_of(listed).first
            found = frozenset((first + offset, macs) for offset, macs in read_seen(self._values(listed)))
            self._cache[listed] = found
            if len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return found

    def catch_up(self) -> None:
        """Fold what the ledger holds beyond the local index."""
        size, position = self._ledger.state.size, self._index.position
        if position > size:
            self._index.reset()
            position = 0
        if position == size:
            return
        for listed in self._ledger.state.special.get("seen", []):
            if listed >= position:
                rows = self._listed(listed)
                self._index.add(
                    [SeenRow(m.identity, m.digest, m.words, item, listed) for item, m in rows], listed + 1
                )
        self._index.add((), size)

    def find(self, identity: bytes) -> list[SeenRow]:
        """Give the sealed records of this identity, oldest first, each confirmed in the ledger."""
        return [row for row in self._index.find(identity) if self.confirmed(row)]

    def reader(self, parser: str | None) -> bytes | None:
        """Give the HMAC of a version of a reader (``name/2``); None of a first one, before which there was none."""
        return None if parser is None or parser.endswith("/1") else self.secret.identity("reader", [parser])

    def begun(self, reader: bytes) -> int | None:
        """Give the ``seen`` record from which on a version of a reader reads; None if it never did."""
        return min((row.listed for row in self.find(reader)), default=None)

    def erased_words(self) -> dict[bytes, SeenRow]:
        """Give the HMAC of the words of everything that was erased → one record that said them. Walks all rows."""
        state = self._ledger.state
        return {row.words: row for row in self._index.rows() if state.erasure_of(row.item) is not None}

    def erased_identities(self) -> frozenset[bytes]:
        """Give the HMAC of who each record was that was erased. Walks all rows; what counts, ``find`` confirms."""
        state = self._ledger.state
        return frozenset(row.identity for row in self._index.rows() if state.erasure_of(row.item) is not None)

    def confirmed(self, row: SeenRow) -> bool:
        """Say whether the ledger itself lists this row: the index lies in a workspace that others may write to."""
        state = self._ledger.state
        if row.listed >= state.size or self._ledger.leaf(row.listed).kind != "seen":
            return False
        return (row.item, SeenMacs(row.identity, row.digest, row.words)) in self._listed(row.listed)


class Ends:
    """Knows of which captures a run sealed everything that was read of them in this way.

    Until one did, what is known already was seen again in them: else an erasure would not find it there, after a run
    that was stopped, or one that took only a part.
    """

    def __init__(self, seen: Seen, way: list[str]) -> None:
        """``way``: by which reader, of which part of the input, with what a person said."""
        self._seen, self._way = seen, way
        self._missing: dict[str, bytes] = {}

    def ask(self, capture: str | None) -> None:
        """Look whether a run came to its end with a capture."""
        end = self._seen.secret.identity("end", [capture, *self._way])
        if capture is not None and not self._seen.find(end):
            self._missing[capture] = end

    def missing(self) -> AbstractSet[str]:
        """Give the captures of this run with which none did."""
        return self._missing.keys()

    def macs(self) -> tuple[bytes, ...]:
        """Give what, sealed with the last of their items, says that this run did."""
        return tuple(self._missing.values())


def forget_erased(session: Session) -> None:
    """Let the workspace forget under which names a source showed what was erased since."""
    erasures = session.ledger.state.erasures
    if not erasures or not session.keys.has("ingest"):
        return
    Seen(session).catch_up()
    spans = sorted((one.first, one.last) for one in erasures)
    starts = [first for first, _ in spans]

    def is_erased(item: int) -> bool:
        at = bisect_right(starts, item) - 1
        return at >= 0 and item <= spans[at][1]

    session.seen.forget(is_erased)
