"""What a bundle is made of: records with their proofs, the checkpoint they lead to, and the tokens around it."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from archive.core import signed_note
from archive.core.facets import FACETS, facet_commitments
from archive.errors import FormatError, Unfinished
from archive.ledger import anchors
from archive.ledger.opening import unless_erased
from archive.ledger.walk import checkpoints, signer_of
from archive.production import BundleRecord, BundleToken, Cut, Objects, Shown, Why, Withheld
from archive.services.session import Session
from archive.services.told import stream
from schemas.item import Item
from schemas.matter import Included

CLEAR_KINDS = ("genesis", "keys")
AROUND = 2
"""Tokens taken on each side of a record: one of each of two authorities."""
TOKENS = 200
"""Tokens in a bundle, at most."""


class Evidence:
    """Gives the records of a bundle in index order, each with what proves it."""

    def __init__(
        self,
        session: Session,
        items: Callable[[int], Item | None],
        selection: Sequence[tuple[int, Included]],
        size: int,
        cuts: Mapping[int, Cut],
    ) -> None:
        """Look through the items for their files; ``items`` gives one, and None where it was erased."""
        self.session, self.size, self.cuts = session, size, cuts
        self.ledger, self.opener = session.ledger, session.opener("content")
        self.why: dict[int, Why] = dict(selection)
        self.tree = self.ledger.tree(size)
        self.erased: list[int] = []
        # In the order of the ledger, in which each segment is read once; renderings ask in the order of time.
        self.captures = self._captures(items)

    def checkpoint(self) -> tuple[bytes, str]:
        """Give the stored checkpoint of this size, and the verifier key that signed it."""
        state = self.ledger.state
        for stored in checkpoints(self.ledger.places.archive, self.size):
            if stored.size != self.size:
                break
            signer = signer_of(state, stored.note, self.size)
            if signer is not None and stored.checkpoint.root == self.tree.root(self.size):
                return stored.data, signed_note.verifier_key(state.origin or "", signer)
        raise Unfinished(f"there is no good checkpoint of size {self.size}; run `beleg verify`")

    def tokens(self) -> tuple[BundleToken, ...]:
        """Give the tokens that bound the sealing of what is handed out, from both sides."""
        indexes = [one for one in self.ledger.state.special.get("anchor", []) if one < self.size]
        sizes = {one: anchors.anchor_body(self.ledger, one).size for one in indexes}
        wanted: set[int] = set()
        for index in self.why:
            after = bisect_left(indexes, index)
            wanted.update(indexes[max(0, after - AROUND) : after])
            wanted.update([one for one in indexes[after:] if sizes[one] > index][:AROUND])
        if len(wanted) > TOKENS:  # the outermost bound all of it; between them as many as fit, evenly
            ordered = sorted(wanted)
            wanted = {ordered[at * (len(ordered) - 1) // (TOKENS - 1)] for at in range(TOKENS)}
        return tuple(self._token(index) for index in sorted(wanted))

    def _token(self, index: int) -> BundleToken:
        anchor = anchors.load(self.ledger, index)
        request, certificates = anchors.sort_evidence(anchor.evidence)
        return BundleToken(
            index=index,
            leaf=self.ledger.raw_leaf(index),
            frame=self.ledger.frame(index),
            path=tuple(self.tree.inclusion(index, self.size)),
            note=anchor.note,
            token=anchor.token,
            request=request,
            certificates=certificates,
            consistency=tuple(self.tree.consistency(anchor.body.size, self.size)),
        )

    def records(self) -> Iterator[BundleRecord]:
        """Give every record: the keys, the items, and the captures that hold their attachments."""
        special = self.ledger.state.special
        clear = {index for kind in CLEAR_KINDS for index in special.get(kind, []) if index < self.size}
        for index in sorted({*clear, *self.why, *self.captures}):
            if index in clear:
                yield self._clear(index)
            else:
                yield self._encrypted(index, self.why.get(index, "capture"))
            self.session.progress("writing the bundle", index, self.size)

    def _captures(self, items: Callable[[int], Item | None]) -> set[int]:
        found: set[int] = set()
        for index in sorted(self.why):
            item, cut = items(index), self.cuts.get(index)
            if item is not None and (cut is None or "attachments" not in cut.facets):
                for attachment in item.attachments:
                    if attachment.capture is not None:
                        place = self.session.catalogue.capture_index(attachment.capture)
                        if place is None:
                            raise FormatError(
                                f"item {index}: its attachment is not in the catalogue; rebuild it"
                            )
                        found.add(place)
        return {index for index in found if index < self.size}

    def _proof(self, index: int) -> dict[str, object]:
        ref = self.ledger.state.segment_of(index)
        return {
            "index": index,
            "leaf": self.ledger.raw_leaf(index),
            "path": tuple(self.tree.inclusion(index, self.size)),
            "header": self.ledger.segment(ref).header_note,
        }

    def _clear(self, index: int) -> BundleRecord:
        return BundleRecord(**self._proof(index), why="keys", frame=self.ledger.frame(index))  # type: ignore[arg-type]

    def _encrypted(self, index: int, why: Why) -> BundleRecord:
        opened = unless_erased(self.opener.lines, index)
        if opened is None:
            self.erased.append(index)
            return BundleRecord(**self._proof(index), why=why)  # type: ignore[arg-type]
        lines, length, key = opened
        hidden = self.cuts[index].facets if index in self.cuts else frozenset()
        facets = tuple(
            Withheld(facet_commitments([salt], [line])[0]) if name in hidden else Shown(salt, line)
            for name, salt, line in zip(FACETS, key.salts, lines, strict=True)
        )
        objects = None
        if self.ledger.frame(index)[:2] != b"\0\0":
            objects = Objects(length, partial(stream, partial(self.opener.object_string, index, key, length)))
        return BundleRecord(**self._proof(index), why=why, facets=facets, objects=objects)  # type: ignore[arg-type]
