"""Reading kept captures again with a newer reader: new interpretations beside the old ones.

The bytes come from the ledger, never from a file that somebody has today. What the newer reader says in the same
words is seen again; what it says otherwise is sealed beside the old item, with the same raw bytes and a pointer.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from archive.errors import NotOpened, UsageError
from archive.ports import Channel, ReadOptions
from archive.reading.tree import SEPARATOR, Limits, Tree
from archive.services.ingest.copies import ZIP, join
from archive.services.ingest.options import IngestOptions
from archive.services.ingest.plan import Part, Plan
from archive.services.ingest.recognise import Recognised, Unrecognised, named
from archive.services.ingest.run import Run
from archive.services.session import Session
from schemas.capture import Capture, RunReport
from schemas.item import Item

TEMPORARY = "reparse-"
"""Folders of the workspace in which kept bytes lie while they are read begin so, then the number of the process."""

MOST_PACKED = 1033
"""More than deflate can ever pack (1032 to 1)."""


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
    for report, thorough in _inputs(session):
        reader = known.get(_channel(report) or "")
        if reader is None or (wanted is not None and reader is not wanted):
            continue
        if report.parsers == (reader.parser,) and reader.parser in thorough:
            continue
        yield from _again(session, report, reader, operator)


def _channel(report: RunReport) -> str | None:
    return next((count.channel for count in report.files if count.channel), None)


def _inputs(session: Session) -> Iterator[tuple[RunReport, frozenset[str]]]:
    """The runs, each input once for a channel: the latest reading of the same captures counts. Reports may lie in
    parts.

    Beside each the readers that took from these captures all that they know: the first, and those that were asked to
    read them again. One that met them by chance adds to known items no further names of people.
    """
    whole: dict[str, RunReport] = {}
    for part in session.catalogue.runs():
        before = whole.get(part.id)
        whole[part.id] = (
            part if before is None else before.model_copy(update={"files": before.files + part.files})
        )
    latest: dict[tuple[frozenset[str], str | None], RunReport] = {}
    thorough: dict[tuple[frozenset[str], str | None], set[str]] = {}
    for report in whole.values():
        captures = frozenset(count.capture for count in report.files if count.capture)
        if captures:
            key = captures, _channel(report)
            if key not in latest or report.read_again:
                thorough.setdefault(key, set()).update(report.parsers)
            latest[key] = report
    yield from ((report, frozenset(thorough[key])) for key, report in latest.items())


def _again(
    session: Session, report: RunReport, reader: Channel, operator: str | None
) -> Iterator[RunReport | NotRead]:
    captures: dict[str, Capture] = {}
    for count in report.files:
        capture = session.catalogue.capture(count.capture) if count.capture else None
        if count.capture and capture is None and session.ledger.state.erasures:
            yield NotRead(report.origin, "its bytes were erased")
            return
        if capture is not None and count.capture:
            captures[count.capture] = capture
    sliced = {one.id for one in captures.values() if one.kept == "slices"}
    copies: dict[str, list[Capture]] = {}
    for one in session.catalogue.captures() if sliced else ():
        if one.kept == "masked" and one.inside in sliced:
            copies.setdefault(one.inside, []).append(one)
    if sliced - copies.keys():
        yield NotRead(report.origin, "only slices of it were kept")
        return
    asked = dict(report.asked)
    view = report.views[0] if report.is_collected and len(report.views) == 1 else None
    if view is None and report.is_collected and any(c.excluded and not c.capture for c in report.files):
        yield NotRead(report.origin, "the answer that told whose account it was is not kept")
        return
    read = ReadOptions(
        timezone=asked.get("timezone"),
        mine=asked.get("mine"),
        view=view,
        source=report.source,
        origin=report.origin,
        thread=asked.get("thread"),
        author=asked.get("author"),
        when=asked.get("when"),
        recipients=tuple(value for name, value in report.asked if name == "recipient"),
        mapping=json.loads(asked["mapping"]) if "mapping" in asked else None,
    )
    with tempfile.TemporaryDirectory(
        dir=session.folder / session.settings.workspace, prefix=f"{TEMPORARY}{os.getpid()}-"
    ) as name:
        try:
            path, places = _rebuild(session, report, captures, copies, Path(name))
        except NotOpened as error:
            yield NotRead(report.origin, str(error))
            return
        standing = {place: one.id for place, one in places.items() if one.kept == "slices"}
        options = IngestOptions(
            channel=reader.name, read=read, operator=operator, again=True, standing=standing,
            collected=report.is_collected,
        )  # fmt: skip
        met: set[str] = set()
        # A copy was packed here, of files that were read: it may pack better than any that comes from outside.
        with Tree.open(path, replace(Limits(), ratio=MOST_PACKED) if standing else None) as tree:
            for part in _parts(tree, report, reader, session.channels):
                private = tuple(reader.private(part.tree))
                partly = {file for one in private if (file := part.tree.file_of(one.member)) is not None}
                part = replace(part, found=Recognised(reader, None), private=private)
                run = Run(session, part, options, partly, set())
                run.kept = partial(_with_what_was_kept, session)
                again = run.run()
                met |= {count.member for count in again.files}
                yield again
        if lost := sorted({count.member for count in report.files if count.read} - met):
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            yield NotRead(
                report.origin,
                f"of {lost[0]}{more} only slices were kept: some of it was left out, or erased since",
            )


def _parts(tree: Tree, report: RunReport, reader: Channel, channels: Sequence[Channel]) -> Sequence[Part]:
    """What of an input this reader read: all of it, or of a zip with several exports those that are its own."""
    whole = [Part(tree, Unrecognised("read again"))]
    wanted = {count.member for count in report.files if count.read}
    if tree.single or wanted <= {member.path for member in tree.members}:
        return whole
    plan, parts = Plan(tree, channels, None), list[Part]()
    while (part := plan.next()) is not None:
        parts.append(part)
    own = [one for one in parts if isinstance(one.found, Recognised) and one.found.channel is reader]
    these = [one for one in parts if wanted <= {member.path for member in one.tree.members}]
    return own or these[:1] or whole


def _with_what_was_kept(session: Session, item: Item) -> Item:
    """The item with the files that an earlier reading found beside it: of equal files one path alone is kept."""
    missing = {file.name for file in item.attachments if file.state == "missing"} - {None}
    known = session.catalogue.items(session.catalogue.of_key(item.key)) if missing else ()
    kept = {
        file.name: file
        for listed in known
        if listed.item.via == item.via
        for file in listed.item.attachments
        if file.capture is not None and file.name in missing
    }
    files = (kept.get(file.name, file) if file.state == "missing" else file for file in item.attachments)
    return item.model_copy(update={"attachments": tuple(files)}) if kept else item


def _rebuild(
    session: Session,
    report: RunReport,
    captures: dict[str, Capture],
    copies: dict[str, list[Capture]],
    folder: Path,
) -> tuple[Path, dict[Path, Capture]]:
    """Write the captures where they lay, of those kept as slices the copies.

    Returns:
        the file or folder that was the input, and the capture of every file written
    """
    places: dict[str, Capture] = {}
    lone: Path | None = None
    # In a folder a file bears its own name, or, having the bytes of another one, that one's: it is never alone.
    # What was collected lay in the folder of its haul, which tells the conversation; its origin is an address.
    named = report.is_collected or any(
        _outer(count.member).rpartition("/")[2] == one.origin
        for count in report.files
        if (one := captures.get(count.capture or "")) is not None
    )
    for count in report.files:
        capture = captures.get(count.capture or "")
        if capture is None:
            continue
        if named or len(captures) > 1:
            places[_outer(count.member)] = capture
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
    written: dict[Path, Capture] = {}
    for place, capture in places.items():
        target = top / _safe(place)
        target.parent.mkdir(parents=True, exist_ok=True)
        if capture.kept == "slices":
            _write_copies(session, copies[capture.id], target)
        else:
            _write(session, capture, target)
        written[target] = capture
    return lone or top, written


def _outer(member: str) -> str:
    """The file on disk in which a member lay, as a path within the input."""
    return member.split(SEPARATOR, 1)[0]


def _safe(place: str) -> PurePosixPath:
    path = PurePosixPath(place)
    if path.is_absolute() or ".." in path.parts:
        raise UsageError("a capture whose name leads out of its input")
    return path


def _write_copies(session: Session, copies: Sequence[Capture], target: Path) -> None:
    """Write a file as it was read; the newest reader's view of a member counts."""
    newest = copies[-1]
    if newest.media_type != ZIP:
        _write(session, newest, target)
        return
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        views = [Path(name) / str(number) for number in range(len(copies))]
        for copy, view in zip(reversed(copies), views, strict=True):
            _write(session, copy, view)
        join(views, target)


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
