"""Reading kept captures again with a newer reader: new interpretations beside the old ones.

The bytes come from the ledger, never from a file that somebody has today. What the newer reader says in the same
words is seen again; what it says otherwise is sealed beside the old item, with the same raw bytes and a pointer.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from archive.errors import NotOpened, UsageError
from archive.ports import Channel, ReadOptions
from archive.reading.tree import SEPARATOR, Tree
from archive.services.ingest.plan import Part
from archive.services.ingest.recognise import Recognised, named
from archive.services.ingest.run import IngestOptions, Run
from archive.services.session import Session
from schemas.capture import Capture, RunReport

TEMPORARY = "reparse-"
"""Folders of the workspace in which kept bytes lie while they are read begin so, then the number of the process."""


@dataclass(frozen=True, slots=True)
class NotRead:
    """A run whose captures cannot be read again, and why."""

    origin: str
    reason: str


def reparse(session: Session, channel: str | None, operator: str | None) -> Iterator[RunReport | NotRead]:
    """Read again what an older reader read; one run for each input of then.

    Raises:
        UsageError: there is no such channel.
        Refused: this account does not open content.
    """
    wanted = named(session.channels, channel) if channel else None
    session.catch_up()
    known = {one.name: one for one in session.channels}
    for report in _inputs(session):
        reader = known.get(next((count.channel for count in report.files if count.channel), None) or "")
        if (
            reader is None
            or (wanted is not None and reader is not wanted)
            or report.parsers == (reader.parser,)
        ):
            continue
        yield _again(session, report, reader, operator)


def _inputs(session: Session) -> Iterator[RunReport]:
    """The runs, each input once: the latest reading of the same captures counts. Reports may lie in parts."""
    whole: dict[str, RunReport] = {}
    for part in session.catalogue.runs():
        before = whole.get(part.id)
        whole[part.id] = (
            part if before is None else before.model_copy(update={"files": before.files + part.files})
        )
    latest: dict[frozenset[str], RunReport] = {}
    for report in whole.values():
        captures = frozenset(count.capture for count in report.files if count.capture)
        if captures:
            latest[captures] = report
    yield from latest.values()


def _again(session: Session, report: RunReport, reader: Channel, operator: str | None) -> RunReport | NotRead:
    captures: dict[str, Capture] = {}
    for count in report.files:
        capture = session.catalogue.capture(count.capture) if count.capture else None
        if count.capture and capture is None and session.ledger.state.erasures:
            return NotRead(report.origin, "its bytes were erased")
        if capture is not None and capture.kept != "whole":
            return NotRead(report.origin, "only slices of it were kept")
        if capture is not None and count.capture:
            captures[count.capture] = capture
    asked = dict(report.asked)
    read = ReadOptions(
        timezone=asked.get("timezone"),
        mine=asked.get("mine"),
        source=report.source,
        origin=report.origin,
        thread=asked.get("thread"),
        author=asked.get("author"),
        when=asked.get("when"),
        recipients=tuple(value for name, value in report.asked if name == "recipient"),
    )
    options = IngestOptions(channel=reader.name, read=read, operator=operator, again=True)
    with tempfile.TemporaryDirectory(
        dir=session.folder / session.settings.workspace, prefix=f"{TEMPORARY}{os.getpid()}-"
    ) as name:
        try:
            path = _rebuild(session, report, captures, Path(name))
        except NotOpened as error:
            return NotRead(report.origin, str(error))
        with Tree.open(path) as tree:
            private = tuple(reader.private(tree))
            partly = {file for one in private if (file := tree.file_of(one.member)) is not None}
            found = Recognised(reader, None)
            return Run(session, Part(tree, found, private=private), options, partly, set()).run()


def _rebuild(session: Session, report: RunReport, captures: dict[str, Capture], folder: Path) -> Path:
    """Write the captures where they lay; give the file or folder that was the input."""
    places: dict[str, Capture] = {}
    lone: Path | None = None
    for count in report.files:
        capture = captures.get(count.capture or "")
        if capture is None:
            continue
        outer = count.member.split(SEPARATOR, 1)[0]
        if outer.rpartition("/")[2] == capture.origin:
            places[outer] = capture
        else:
            lone = folder / _safe(capture.origin)
            places[capture.origin] = capture
    for capture in session.catalogue.captures():
        beside = capture.method == "attachment" and capture.inside in captures and capture.member
        if (
            beside
            and capture.member
            and SEPARATOR not in capture.member
            and capture.member not in places
            and lone is None
        ):
            places[capture.member] = capture
    top = folder if lone else folder / (PurePosixPath(report.origin).name or "input")
    for place, capture in places.items():
        target = top / _safe(place)
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(session, capture, target)
    return lone or top


def _safe(place: str) -> PurePosixPath:
    path = PurePosixPath(place)
    if path.is_absolute() or ".." in path.parts:
        raise UsageError("a capture whose name leads out of its input")
    return path


def _write(session: Session, capture: Capture, target: Path) -> None:
    index = session.catalogue.capture_index(capture.id)
    if index is None:
        raise NotOpened("a capture that the catalogue does not know", "no_key")
    opener = session.opener("content")
    _, length, key = opener.lines(index)
    at, end = 0, capture.start + capture.length
    with target.open("wb") as file:
        for piece in opener.object_string(index, key, length):
            file.write(piece[max(0, capture.start - at) : max(0, end - at)])
            at += len(piece)
