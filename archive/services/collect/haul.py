"""One haul: answers become files, the readers of exports read them, and the cursor is sealed with what they give."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath

from archive.core.cursors import Cursor, cursor_values
from archive.errors import ArchiveError, Refused
from archive.ledger.drafts import Draft
from archive.ports import Mark, ReadOptions
from archive.reading.tree import SEPARATOR, Tree
from archive.services.agreed.handed import allowed
from archive.services.collect.gone import MARKED, Source, marks_of, observed
from archive.services.collect.kinds import asked_of
from archive.services.ingest.closing import seal_together
from archive.services.ingest.options import IngestOptions
from archive.services.ingest.plan import Part
from archive.services.ingest.recognise import SURE_ENOUGH, Recognised, Unrecognised, named
from archive.services.ingest.report import report_drafts
from archive.services.ingest.run import Run
from archive.services.journal import seal_while_capturing
from archive.services.session import Session
from archive.sources import Answer, Haul
from schemas.capture import Advance, RunReport
from schemas.item import Item


def seal_haul(
    session: Session,
    source: Source,
    haul: Haul,
    before: Cursor | None,
    told: tuple[str, ...] = (),
    *,
    ends: bool,
) -> tuple[RunReport, ...]:
    """Seal what is new in a haul, its reports, which say what was ``told``, and its cursor, in one commit.

    ``ends`` says whether the source had nothing more behind it. Of a haul of more than a segment should hold, the
    cursor is in the commit of the last records.

    Raises:
        Refused: an answer is not what such a source gives: a login or error page; or the cursor is too long for a
            record. Nothing of the haul is kept.
        StoreError, FormatError: the archive could not be written; what was committed is known when it comes again.
    """
    begun = _digest(before.text) if before else None
    advance = Advance(before=begun, after=_digest(haul.cursor), ends=ends)
    lines, lost = observed(session, source, haul)
    answers = (*haul.answers, *lines)
    left = [(one.path, mark.identity) for one in haul.gone for mark in marks_of(session, source.name, one)]
    cursor = Cursor(source.name, source.settings.kind, haul.cursor, session.now())
    behind = Draft("state", "cursor", values=cursor_values(cursor))
    sealed: tuple[RunReport, ...] = ()

    def close(reports: tuple[RunReport, ...]) -> list[Draft]:
        nonlocal sealed
        asked = asked_of(source.settings)
        *runs, last = (
            report.model_copy(update={"advance": advance, "asked": (*report.asked, *asked)})
            for report in reports
        )
        more = {
            "waits": haul.waits,
            "policy": (*last.policy, *told),
            "claims": (*last.claims, *haul.counts),
            "gaps": (*last.gaps, *haul.gaps, *lost),
            "notes": (*last.notes, *haul.notes),
        }
        sealed = (*runs, last.model_copy(update=more))
        drafts = [draft for report in sealed for draft in report_drafts(report)]
        return [*drafts, behind]

    with _as_files(session, source, answers) as (tree, origins):
        options = IngestOptions(
            read=ReadOptions(mine=source.settings.account, source=source.name, origin=source.name),
            operator=session.operator,
            origins=origins,
            allowed=allowed(session),
        )
        known: set[str] = set()
        runs = [
            run
            for part in _parts(session, tree, answers)
            for run in _taken(session, part, options, source, known)
        ]
        for path, identity in left:
            session.seen.gone(source.name, path, identity)
        seal_together(runs, close)
    for path, identity in left:
        session.seen.unmark(source.name, path, identity)
    seal_while_capturing(session)
    return sealed


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _taken(
    session: Session, part: Part, options: IngestOptions, source: Source, known: set[str]
) -> Iterator[Run]:
    """Read a part; what its reader does not know is kept, named and counted as failed.

    ``known``: captures that the runs over this haul have sealed; more are added.
    """

    def mark(path: str, item: Item, identity: bytes) -> None:
        session.seen.mark(source.name, path, Mark(identity, item.via, item.thread, item.key))

    run = Run(session, part, options, frozenset(), known)
    if source.settings.kind in MARKED:
        run.on_item = mark
    run.take()
    yield run
    if run.foreign:
        rest = part.tree.part([m for m in part.tree.members if m.path in run.foreign], ())
        left = Part(rest, Unrecognised("not recognised"), reasons=run.foreign)
        other = Run(session, left, options, frozenset(), known)
        other.take()
        yield other


@contextmanager
def _as_files(
    session: Session, source: Source, answers: Sequence[Answer]
) -> Iterator[tuple[Tree, dict[str, str]]]:
    """Write answers into a folder of the workspace that is gone afterwards; readers read files only."""
    folder = session.folder / session.settings.workspace / "collecting" / source.name
    shutil.rmtree(folder, ignore_errors=True)  # what a crash left
    folder.mkdir(parents=True, mode=0o700)
    try:
        for answer in answers:
            file = folder / _inside(answer.path)
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with file.open("xb") as out:
                out.write(answer.body)
        with Tree.open(folder) as tree:
            yield tree, {answer.path: answer.origin for answer in answers}
    finally:
        shutil.rmtree(folder)


def _inside(path: str) -> Path:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise ArchiveError("a live source named an answer outside of its haul")
    return Path(*parts)


def _parts(session: Session, tree: Tree, answers: Sequence[Answer]) -> list[Part]:
    """Give a run for each channel of the haul, or one of nothing, so that it is on record that somebody looked."""
    by_path = {answer.path: answer.channel for answer in answers}
    parts: list[Part] = []
    for name in dict.fromkeys(answer.channel for answer in answers):
        channel = session.observed if name == session.observed.name else named(session.channels, name)
        members = [m for m in tree.members if _channel_of(m.path, by_path) == name]
        part = tree.part(members, () if parts else tree.left_out)
        sure = channel.detect(part)
        if sure.percent < SURE_ENOUGH:
            raise Refused(
                f"it answered something that the reader of {name} does not know: a login or error page, perhaps; "
                "nothing of it is kept"
            )
        parts.append(Part(part, Recognised(channel, sure)))
    return parts or [Part(tree.part((), ()), Unrecognised("nothing new"))]


def _channel_of(path: str, by_path: dict[str, str]) -> str | None:
    """Give the channel of an answer, or of the zip in which a member lies."""
    while path not in by_path and SEPARATOR in path:
        path = path[: path.rindex(SEPARATOR)]
    return by_path.get(path)
