"""An input as a person hands it in: one run for each export in it, until every file has been named."""

from collections.abc import Iterator
from pathlib import Path

from archive.reading.tree import Tree
from archive.services.ingest.options import IngestOptions
from archive.services.ingest.plan import Part, Plan
from archive.services.ingest.run import Run
from archive.services.session import Session
from archive.settings import own_paths
from schemas.capture import RunReport


def ingest(session: Session, path: Path, options: IngestOptions, *more: Path) -> Iterator[RunReport]:
    """Ingest a file, a zip or a folder; several exports in it give several runs.

    ``more`` are further parts of the same download, in the same folder.

    Raises:
        UnreadableInput: there is nothing at a path.
        StoreError, FormatError, Refused: the archive could not be written; what was committed stays.
    """
    with Tree.open(path, more=more, keep_out=own_paths(session.folder, session.settings)) as tree:
        plan = Plan(tree, session.channels, options.channel)
        sealed: set[str] = set()
        first: dict[str, Path] = {}
        while (part := plan.next()) is not None:
            partly = plan.partly | (_beside(tree, part) if session.ledger.state.erasures else set())
            run = Run(session, part, options, partly, sealed, first)
            yield run.run()
            plan.go_on(part, run.tree, run.foreign)


def _beside(tree: Tree, part: Part) -> set[Path]:
    """Give the files of which another run reads a part: nobody knows yet whether something erased lies in it."""
    mine = {part.prefix + member.path for member in part.tree.members}
    return {member.file for member in tree.members if member.path not in mine}
