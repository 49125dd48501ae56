"""Handing out: a matter's selection with its context, proofs and originals, as a bundle."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from archive.core import signed_note
from archive.core.segment import writer_name
from archive.errors import Refused, Unfinished, UsageError
from archive.ledger.writer import Writer
from archive.production import BundleInput, BundleResult, Sealed, Signer
from archive.redaction import LABELS
from archive.services import kept_back, redact, register
from archive.services.context import with_context
from archive.services.coverage import coverage_of
from archive.services.evidence import Evidence
from archive.services.journal import Looking, note
from archive.services.production_entry import cuts_of, enter, kept, numbered
from archive.services.read_once import ReadOnce
from archive.services.session import Session
from archive.services.stated import decided as statement_decisions
from archive.services.told import Telling
from archive.services.way import way_of
from schemas.matter import Certificate, ExportOptions, Included, Production

Seal = Callable[[bytes], Sealed]
UNWRITTEN = "0" * 64
"""Stands for the digest of a production that is still to be written."""
ONLY: dict[str, tuple[str, ...]] = {
    "review": ("review",), "privilege": ("review", "opposing"), "report": ("full", "court-de", "opposing"),
    "table": ("full", "review", "opposing"), "statements": ("full", "review"),
    "custody": ("full", "review", "court-de"), "coverage": ("full", "review", "court-de"),
    "searches": ("full", "review", "court-de"),
}  # fmt: skip
"""Renderer → the profiles that it belongs to; all others belong to every profile."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that was written."""

    production: Production
    result: BundleResult
    same: bool | None
    """For ``--again``: whether ``bag/data`` has the bytes of the first time."""
    erased: tuple[int, ...]
    """Items whose key was destroyed since, or before: only their proof is handed out."""
    redacted: tuple[int, ...] = ()
    """Items of which something is withheld."""
    rerendered: tuple[str, ...] = ()
    """For ``--again``: what another version wrote than the first time; its files may differ, no record does."""
    doubtful: tuple[int, ...] = ()
    """Items in which withheld words stand that are too short to be looked for everywhere: a person looks at them."""
    unseen: tuple[int, ...] = ()
    """Items with files into which nobody can look, where something is withheld."""
    fallen: tuple[tuple[int, int], ...] = ()
    """(item, the item from which it was released) where a later decision ended that."""


def export(
    session: Session, matter: str, out: Path, options: ExportOptions, seal: Seal | None = None
) -> Exported:
    """Write a bundle of a matter's selection and log the production; ``seal`` seals its statement besides.

    Raises:
        UsageError: nothing is selected, no such matter, or ``out`` is not empty.
        Unfinished: the selection reaches beyond the newest checkpoint.
    """
    writer = session.writer("legal")
    planned = _planned(session, matter, options)
    note(session, _looking(matter, planned.selection))
    return _write(session, writer, planned, out, seal, partial(enter, session, writer))


def preview(session: Session, matter: str, options: ExportOptions) -> tuple[Production, redact.Withholding]:
    """Say what ``export`` would hand out and withhold now, and at what a person has to look; writes nothing.

    Raises:
        UsageError, Unfinished: as ``export``.
    """
    planned = _planned(session, matter, options)
    note(session, replace(_looking(matter, planned.selection), command="export --preview"))
    with ReadOnce(session) as items:
        return planned, _withheld(session, items, planned)


def _planned(session: Session, matter: str, options: ExportOptions) -> Production:
    session.ledger.refresh()
    session.catch_up()
    register.matter(session, matter)
    chosen = register.selection(session, matter)
    hits = {item: s.decision for item, s in chosen.items() if s.decision in ("hit", "context")}
    if not hits:
        why = f"all {len(chosen)} items of it stay inside" if chosen else "nothing is selected"
        raise UsageError(
            f"{matter} has no items to hand out, {why}; `beleg matter add {matter} …` selects some"
        )
    decided = session.ledger.state.size
    # What was decided to stay inside must not go out as the context of something else.
    inside = kept_back.kept_back(session, matter, decided)
    selection = tuple(pair for pair in with_context(session, hits, options) if pair[0] not in inside)
    number = register.next_id("E", register.productions(session))
    size = session.ledger.state.sealed
    if selection[-1][0] >= size:
        raise Unfinished(
            f"the selection reaches beyond record {size}, where the newest checkpoint ends; seal first"
        )
    return Production(
        id=number, matter=matter, selection=selection, size=size, options=options,
        renderers=_renderers(session, options), data_sha256=UNWRITTEN, decided=decided, created=session.now(),
    )  # fmt: skip


def _looking(matter: str, selection: Sequence[tuple[int, Included]]) -> Looking:
    """Say what is looked at: judged by what goes out as chosen, whatever else the matter holds."""
    every = [index for index, _ in selection]
    chosen = [index for index, why in selection if why == "hit"] or every
    return Looking("export", every, matter=matter, chosen=chosen)


def export_again(session: Session, identifier: str, out: Path, seal: Seal | None = None) -> Exported:
    """Write the bundle of an earlier production once more, from the same selection and checkpoint.

    Raises:
        UsageError: there is no such production.
    """
    session.ledger.follow()
    session.catch_up()
    made = register.productions(session)
    if identifier not in made:
        raise UsageError(f"there is no production {identifier}; there are: {', '.join(made) or 'none yet'}")
    before = made[identifier]
    register.matter(session, before.matter)
    note(session, _looking(before.matter, before.selection))
    done = _write(session, session.writer("legal"), before, out, seal)
    same = done.result.data_sha256 == before.data_sha256
    today = dict(session.renderers)
    others = tuple(name for name, version in before.renderers if today.get(name) != version)
    return replace(done, production=before, same=same, rerendered=others)


def _write(
    session: Session,
    writer: Writer,
    made: Production,
    out: Path,
    seal: Seal | None,
    put_on_record: Callable[[Production], None] = lambda _made: None,
) -> Exported:
    """Write the bundle of a production; its digest is taken from what was written."""
    with ReadOnce(session) as items:
        return _write_of(session, items, writer, made, out, seal, put_on_record)


def _write_of(
    session: Session,
    items: ReadOnce,
    writer: Writer,
    made: Production,
    out: Path,
    seal: Seal | None,
    put_on_record: Callable[[Production], None],
) -> Exported:
    withheld, size = _withheld(session, items, made), made.size
    cuts, label = withheld.cuts, LABELS[made.options.language]

    def written(result: BundleResult) -> Production:
        update = {"id": result.production, "data_sha256": result.data_sha256, "cuts": kept(cuts)}
        return made.model_copy(update=update)

    source = Evidence(session, items, made.selection, size, cuts)
    checkpoint, log_key = source.checkpoint()
    given = BundleInput(
        origin=session.settings.origin,
        checkpoint=checkpoint,
        log_key=log_key,
        production=made.id,
        matter=register.matter(session, made.matter),
        options=made.options,
        records=source.records(),
        created=session.now(),
        signer=_signer(session, writer),
        renderers=made.renderers,
        told=Telling(
            session,
            items,
            made.selection,
            cuts,
            label,
            size=size,
            unsaid=withheld.titled,
        ),
        redacted=bool(cuts),
        covered=lambda threads: coverage_of(
            session,
            threads,
            size,
            titled=not withheld.anything,
            dated=not any("time" in cut.facets for cut in cuts.values()),
        ),
        way=() if made.decided is None else way_of(session, made.matter, made.decided),
        picture=session.picture,
        # A query may say what is withheld: it is a decision of a person which searches are told then.
        searches=() if withheld.anything else _searches(session, made),
        kept_back=partial(kept_back.privilege_log, session, made.matter, made.decided, label),
        decisions=statement_decisions(session, before=made.decided).by_item,
        find_all=session.find_all,
        tokens=source.tokens(),
        seal=seal,
        numbered=partial(numbered, session) if made.data_sha256 == UNWRITTEN else None,
        enter=lambda result: put_on_record(written(result)),
    )
    result = session.export_bundle(given, out)
    return Exported(
        written(result), result, None, tuple(source.erased), tuple(sorted(cuts)),
        doubtful=withheld.doubtful, unseen=withheld.unseen, fallen=withheld.fallen,
    )  # fmt: skip


def _withheld(session: Session, items: ReadOnce, made: Production) -> redact.Withholding:
    """Give what a production withholds: as it was kept where it was written before, else as the decisions say.

    Raises:
        Refused: a source of withheld words was erased, so nobody can find what tells them again.
        UsageError: the matter is called by them.
    """
    found = redact.withholding(
        session, items, made.matter, made.decided, [index for index, _ in made.selection]
    )
    if made.cuts is None:
        if found.lost:
            raise Refused(_nothing_known(session, made.matter, found.lost[0]))
        case = register.matter(session, made.matter)
        if found.tells(f"{case.title}\n{case.reference or ''}"):
            raise UsageError(
                f"the name or reference of {made.matter} is handed out, and tells what is withheld: open another matter"
            )
        if found.tells(f"{made.options.exhibit or ''}\n{made.options.prefix or ''}"):
            raise UsageError("what is to stand on each page is handed out, and tells what is withheld")
        return found
    return replace(found, cuts=cuts_of(made.cuts), doubtful=(), unseen=(), fallen=())


def _nothing_known(session: Session, matter: str, lost: int) -> str:
    """Say what to do about a withheld item that was erased, and which items went with it when it could be read."""
    earlier = [one for one in register.productions(session).values() if one.matter == matter]
    with_it = sorted({cut.item for one in earlier for cut in one.cuts or () if cut.follows == lost})
    rest = f"item {', '.join(map(str, with_it))}, withheld with it before" if with_it else "the rest"
    return (
        f"item {lost} of {matter} is withheld, or a part of it, and was erased since: what tells its words again "
        "cannot be found any more. Earlier productions keep what they withheld (--again). For a new one take the item "
        f"out (`beleg matter remove {matter} {lost}`) and decide by hand on {rest} (`beleg matter redact`)"
    )


def _searches(session: Session, made: Production) -> tuple[Certificate, ...]:
    """Give the certificates of the searches that were made for the matter before it was produced."""
    if made.decided is None:
        return ()
    known = register.certificates(session, before=made.decided).values()
    return tuple(one for one in known if one.matter == made.matter)


def _renderers(session: Session, options: ExportOptions) -> tuple[tuple[str, str], ...]:
    """Give what writes under these options."""
    return tuple(
        pair for pair in session.renderers if options.profile in ONLY.get(pair[0], (options.profile,))
    )


def _signer(session: Session, writer: Writer) -> Signer:
    name = writer_name(session.settings.origin, writer.id)
    return Signer(
        writer=writer.id,
        sign_note=lambda text: signed_note.sign(text, name, writer.private),
        public=writer.private.public_key().public_bytes_raw(),
    )
