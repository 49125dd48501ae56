"""Handing out: a matter's selection with its context, proofs and originals, as a bundle."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from archive.core import signed_note
from archive.core.merkle import HashTree
from archive.core.segment import writer_name
from archive.errors import FormatError, NotOpened, Refused, Unfinished, UsageError
from archive.ledger import anchors
from archive.ledger.drafts import Draft, draft_of
from archive.ledger.state import LedgerState
from archive.ledger.walk import checkpoints, is_signed
from archive.ledger.writer import Writer
from archive.production import (
    BundleInput,
    BundleRecord,
    BundleResult,
    BundleToken,
    Objects,
    Shown,
    Signer,
    Why,
)
from archive.services import register
from archive.services.context import with_context
from archive.services.journal import Looking, note
from archive.services.session import Session
from archive.services.told import stream, told
from schemas.item import Item
from schemas.matter import ExportOptions, Included, Matter, Production

CLEAR_KINDS = ("genesis", "keys")
AROUND = 2
"""Tokens taken on each side of a record: one of each of two authorities."""
TOKENS = 200
"""Tokens in a bundle, at most."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that was written."""

    production: Production
    result: BundleResult
    same: bool | None
    """For ``--again``: whether ``bag/data`` has the bytes of the first time."""
    erased: tuple[int, ...]
    """Items whose key was destroyed since, or before: only their proof is handed out."""


def export(session: Session, matter: str, out: Path, options: ExportOptions) -> Exported:
    """Write a bundle of a matter's selection and log the production.

    Raises:
        UsageError: nothing is selected, no such matter, or ``out`` is not empty.
        Refused: an item of it is redacted.
        Unfinished: the selection reaches beyond the newest checkpoint.
    """
    writer = session.writer("legal")
    session.ledger.refresh()
    session.catch_up()
    case = register.matter(session, matter)
    chosen = register.selection(session, matter)
    hits = {item: s.decision for item, s in chosen.items() if s.decision in ("hit", "context")}
    if not hits:
        raise UsageError(f"{matter} has no items to hand out; `beleg matter add {matter} …` selects some")
    kept_back = {item for item, s in chosen.items() if s.decision in ("privileged", "withheld")}
    # What was decided to stay inside must not go out as the context of something else.
    selection = tuple(pair for pair in with_context(session, hits, options) if pair[0] not in kept_back)
    redacted = sorted(register.redactions(session, matter).keys() & {index for index, _ in selection})
    if redacted:
        raise Refused(
            f"item {redacted[0]} is redacted in {matter}, and this version hands items out whole or not at all; "
            f"`beleg matter add {matter} {redacted[0]} --decision withheld` keeps it back"
        )
    number = register.next_id("E", register.productions(session))
    size = session.ledger.state.sealed
    if selection[-1][0] >= size:
        raise Unfinished(
            f"the selection reaches beyond record {size}, where the newest checkpoint ends; seal first"
        )
    note(session, Looking("export", [index for index, _ in selection], matter=matter))
    renderers = _renderers(session, options)
    result, erased = _write(session, writer, case, selection, size, options, renderers, number, out)
    production = Production(
        id=number, matter=matter, selection=selection, size=size, options=options,
        renderers=renderers, data_sha256=result.data_sha256, created=session.now(),
    )  # fmt: skip

    def decide(_: LedgerState) -> Sequence[Draft]:
        if number in register.productions(session):
            raise UsageError(
                f"{number} was taken by another export at the same moment; delete {out} and export again"
            )
        return [draft_of(production)]

    session.ledger.append(writer, decide)
    return Exported(production, result, None, erased)


def export_again(session: Session, identifier: str, out: Path) -> Exported:
    """Write the bundle of an earlier production once more, from the same selection and checkpoint.

    Raises:
        UsageError: there is no such production.
    """
    session.ledger.follow()
    made = register.productions(session)
    if identifier not in made:
        raise UsageError(f"there is no production {identifier}; there are: {', '.join(made) or 'none yet'}")
    before = made[identifier]
    case = register.matter(session, before.matter)
    note(session, Looking("export", [index for index, _ in before.selection], matter=before.matter))
    result, erased = _write(
        session,
        session.writer("legal"),
        case,
        before.selection,
        before.size,
        before.options,
        before.renderers,
        identifier,
        out,
    )
    return Exported(before, result, result.data_sha256 == before.data_sha256, erased)


def _write(
    session: Session,
    writer: Writer,
    case: Matter,
    selection: Sequence[tuple[int, Included]],
    size: int,
    options: ExportOptions,
    renderers: tuple[tuple[str, str], ...],
    number: str,
    out: Path,
) -> tuple[BundleResult, tuple[int, ...]]:
    source = _Source(session, selection, size)
    note, log_key = source.checkpoint()
    given = BundleInput(
        origin=session.settings.origin,
        checkpoint=note,
        log_key=log_key,
        production=number,
        matter=case,
        options=options,
        records=source.records(),
        created=session.now(),
        signer=_signer(session, writer),
        renderers=renderers,
        told=partial(told, session, selection),
        tokens=source.tokens(),
    )
    result = session.export_bundle(given, out)
    return result, tuple(source.erased)


def _renderers(session: Session, options: ExportOptions) -> tuple[tuple[str, str], ...]:
    """Give what writes under these options."""
    return tuple(pair for pair in session.renderers if pair[0] != "review" or options.profile == "review")


def _signer(session: Session, writer: Writer) -> Signer:
    name = writer_name(session.settings.origin, writer.id)
    return Signer(
        writer=writer.id,
        sign_note=lambda text: signed_note.sign(text, name, writer.private),
        public=writer.private.public_key().public_bytes_raw(),
    )


class _Source:
    """Gives the records of a bundle in index order, each with what proves it."""

    def __init__(self, session: Session, selection: Sequence[tuple[int, Included]], size: int) -> None:
        self.session, self.size = session, size
        self.ledger, self.opener = session.ledger, session.opener("content")
        self.why: dict[int, Why] = dict(selection)
        self.tree = HashTree(list(self.ledger.leaf_hashes(size)))
        self.erased: list[int] = []

    def checkpoint(self) -> tuple[bytes, str]:
        """Give the stored checkpoint of this size, and the verifier key that signed it."""
        state = self.ledger.state
        for found, _, data in checkpoints(self.ledger.places.archive, self.size):
            if found != self.size:
                break
            try:
                note = signed_note.parse(data)
                root = signed_note.parse_checkpoint(note).root
            except FormatError:
                continue  # planted; `verify` names it
            if is_signed(state, note, found) and root == self.tree.root(self.size):
                key = next(
                    k
                    for k in state.keys.log_keys(found)
                    if signed_note.verify(note, state.origin or "", k.public)
                )
                return data, signed_note.verifier_key(state.origin or "", key.public)
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
        captures = self._captures(index for index in self.why)
        for index in sorted({*clear, *self.why, *captures}):
            if index in clear:
                yield self._clear(index)
            else:
                yield self._encrypted(index, self.why.get(index, "capture"))
            self.session.progress("writing the bundle", index, self.size)

    def _captures(self, items: Iterable[int]) -> set[int]:
        found: set[int] = set()
        for index in items:
            try:
                body = self.opener.body(index)
            except NotOpened:
                continue
            if isinstance(body, Item):
                for attachment in body.attachments:
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
        try:
            lines, length, key = self.opener.lines(index)
        except NotOpened as error:
            if error.state == "no_key":
                raise
            self.erased.append(index)
            return BundleRecord(**self._proof(index), why=why)  # type: ignore[arg-type]
        facets = tuple(Shown(salt, line) for salt, line in zip(key.salts, lines, strict=True))
        objects = None
        if self.ledger.frame(index)[:2] != b"\0\0":
            objects = Objects(length, partial(stream, partial(self.opener.object_string, index, key, length)))
        return BundleRecord(**self._proof(index), why=why, facets=facets, objects=objects)  # type: ignore[arg-type]
