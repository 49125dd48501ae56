"""One run of ingestion over one input."""

import logging
import secrets
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from archive.errors import ArchiveError, UnreadableInput
from archive.ledger.drafts import draft_of
from archive.ports import ReadOptions
from archive.reading.tree import Tree
from archive.reading.units import Completeness, Content, MemberProblem, Reading, UnitRead
from archive.services.ingest.batch import Batch, Candidate, candidate_of
from archive.services.ingest.contents import measure
from archive.services.ingest.counts import MemberCount
from archive.services.ingest.recognise import Recognised, Unrecognised, recognise
from archive.services.ingest.seen import Seen
from archive.services.session import Session
from archive.settings import to_toml
from schemas.capture import Capture, Claim, Gap, RunReport
from schemas.item import Attachment, Item

log = logging.getLogger(__name__)

RECORDS_A_BATCH = 2000
WEIGHT_A_BATCH = 8 * 1024 * 1024
FILES_A_RECORD = 2000


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What a person says about an input."""

    channel: str | None = None
    read: ReadOptions = field(default_factory=ReadOptions)
    operator: str | None = None


def ingest(session: Session, path: Path, options: IngestOptions) -> Iterator[RunReport]:
    """Ingest a file, a zip or a folder; a folder of several exports gives several runs.

    Raises:
        UnreadableInput: there is nothing at ``path``.
        StoreError, FormatError, Refused: the archive could not be written; what was committed stays.
    """
    with Tree.open(path) as tree:
        found = recognise(tree, session.channels, options.channel)
        if isinstance(found, Unrecognised) and path.is_dir():
            children = sorted(child for child in path.iterdir() if not child.name.startswith("."))
        else:
            yield _Run(session, tree, found, options).run()
            return
    for child in children:
        yield from ingest(session, child, options)


class _Run:
    """The work of one run."""

    def __init__(
        self, session: Session, tree: Tree, found: Recognised | Unrecognised, options: IngestOptions
    ) -> None:
        self.session, self.tree, self.found = session, tree, found
        read = options.read
        self.options = replace(
            options,
            read=replace(
                read, origin=read.origin or tree.name, timezone=read.timezone or session.settings.timezone
            ),
        )
        self.writer = session.writer("ingest")
        session.ledger.follow()
        self.seen = Seen(session)
        self.id, self.started = secrets.token_hex(8), session.now()
        self.batch = Batch()
        self.counts: dict[str, MemberCount] = {}
        self.captures: dict[Path, str] = {}
        """File on disk → id of its capture."""
        self.new_captures: set[str] = set()
        self.claims: list[Claim] = []
        self.gaps: list[Gap] = []
        self._members: list[tuple[Candidate, str]] = []
        """Item candidates of the present batch, and the member each came from."""
        self.files = {member.path: member for member in tree.members}

    def run(self) -> RunReport:
        """Read everything, seal what is new, seal the report."""
        for reading in self._readings():
            self._take(reading)
            if len(self.batch.candidates) >= RECORDS_A_BATCH or self.batch.weight >= WEIGHT_A_BATCH:
                self._commit()
        self._commit()
        report = self._report()
        self._seal_report(report)
        return report

    def _readings(self) -> Iterator[Reading]:
        if isinstance(self.found, Unrecognised):
            yield MemberProblem("", self._why_unrecognised(self.found.reason))
            return
        try:
            yield from self.found.channel.read(self.tree, self.options.read)
        except UnreadableInput as error:
            yield MemberProblem("", str(error))
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001
            # A reader's fault must not lose the rest of the run: the bytes are kept, the count says it.
            # Only where it happened: the words of an exception may quote a message.
            kind, at = type(error).__name__, traceback.extract_tb(error.__traceback__)[-1]
            log.error(
                "the reader %s failed: %s in %s:%s",
                self.found.channel.parser,
                kind,
                Path(at.filename).name,
                at.lineno,
            )
            yield MemberProblem(
                "", f"the reader {self.found.channel.parser} failed here ({kind}); a fault in Beleg"
            )

    def _why_unrecognised(self, reason: str) -> str:
        if self.tree.single and self.tree.path.stat().st_size == 0:
            return "the file is empty"
        problem = next((left.reason for left in self.tree.left_out if isinstance(left, MemberProblem)), None)
        return problem or reason

    def _take(self, reading: Reading) -> None:
        if isinstance(reading, Completeness):
            self.claims.extend(reading.claims)
            self.gaps.extend(reading.gaps)
            return
        count = self.counts.setdefault(reading.member, MemberCount(reading.member))
        count.take(reading)
        if isinstance(reading, UnitRead):
            count.capture = self._capture_of(reading.member)
            self._take_unit(reading, count.capture)
        elif not count.capture and count.failed:
            count.capture = self._capture_of(reading.member)

    def _take_unit(self, unit: UnitRead, capture: str | None) -> None:
        contents = {content.locator: content for content in unit.contents}
        inside = self.files[unit.member].inside if unit.member in self.files else unit.member
        for account in unit.accounts:
            raw = account.raw.model_copy(update={"capture": capture, "member": inside})
            self.batch.add(candidate_of(self.seen, account.model_copy(update={"raw": raw})))
        for thread in unit.threads:
            raw = thread.raw.model_copy(update={"capture": capture, "member": inside})
            self.batch.add(candidate_of(self.seen, thread.model_copy(update={"raw": raw})))
        for item in unit.items:
            attachments = tuple(self._attach(one, contents, item, capture) for one in item.attachments)
            raw = item.raw.model_copy(update={"capture": capture, "member": inside})
            whole = item.model_copy(update={"raw": raw, "attachments": attachments})
            candidate = candidate_of(self.seen, whole)
            self.batch.add(candidate)
            self._members.append((candidate, unit.member))

    def _attach(
        self, attachment: Attachment, contents: dict[str, Content], item: Item, container: str | None
    ) -> Attachment:
        """Capture the bytes of an attachment, and let it name them."""
        if attachment.state != "present" or attachment.locator is None:
            return attachment
        content = contents.get(attachment.locator)
        if content is None:
            raise ArchiveError(f"the reader {item.parser} named an attachment and gave no bytes")
        try:
            measured = measure(content.open)
        except (UnreadableInput, OSError) as error:
            return attachment.model_copy(
                update={"state": "missing", "reason": f"unreadable: {error}", "locator": None}
            )
        capture = Capture(
            id=self.seen.secret.capture_id(measured.sha256),
            source=self.options.read.source,
            via=item.via,
            method="attachment",
            origin=attachment.name or "",
            received=self.started,
            media_type=attachment.media_type,
            length=measured.length,
            sha256=measured.sha256.hex(),
            kept="whole",
            inside=container,
            member=content.member,
            operator=self.options.operator,
            tool=self.session.tool,
        )
        self.batch.add(candidate_of(self.seen, capture, measured.open))
        return attachment.model_copy(
            update={
                "locator": None,
                "length": measured.length,
                "sha256": capture.sha256,
                "capture": capture.id,
            }
        )

    def _capture_of(self, member: str) -> str | None:
        """Capture the file in which a member lies, once, and give the capture's id; None if it is no file."""
        known = self.files.get(member)
        file = known.file if known is not None else self._file_of(member)
        if not file.is_file():
            return None
        if file not in self.captures:
            measured = measure(lambda: file.open("rb"))
            recognised = isinstance(self.found, Recognised)
            capture = Capture(
                id=self.seen.secret.capture_id(measured.sha256),
                source=self.options.read.source,
                method="loose" if recognised and self._channel() == "loose" else "export",
                origin=file.name,
                received=self.started,
                length=measured.length,
                sha256=measured.sha256.hex(),
                kept="whole",
                operator=self.options.operator,
                tool=self.session.tool,
            )
            self.batch.add(candidate_of(self.seen, capture, measured.open))
            self.captures[file] = capture.id
        return self.captures[file]

    def _file_of(self, member: str) -> Path:
        """Give the file on disk for a member that could not be listed."""
        outer = member.split("!/", 1)[0]
        candidate = self.tree.path / outer if self.tree.path.is_dir() and outer else self.tree.path
        return candidate if candidate.is_file() else self.tree.path

    def _channel(self) -> str | None:
        return self.found.channel.name if isinstance(self.found, Recognised) else None

    def _commit(self) -> None:
        whole, self.batch = self.batch, Batch()
        # One unit may hold more than a segment does: a mail of thousands of files, a file that is one unit.
        for at in range(0, len(whole.candidates), RECORDS_A_BATCH):
            batch = Batch(whole.candidates[at : at + RECORDS_A_BATCH])
            self.session.ledger.append(self.writer, partial(batch.decide, self.seen, self.new_captures))
            for candidate in batch.candidates:
                if isinstance(candidate.body, Capture) and candidate.outcome == "new":
                    self.new_captures.add(candidate.body.id)
        if not whole.candidates:
            return
        for candidate, member in self._members:
            if candidate.outcome == "again":
                self.counts[member].seen_again += 1
            else:
                self.counts[member].items += 1
        self._members.clear()
        done = sum(count.items + count.seen_again for count in self.counts.values())
        self.session.progress(f"reading {self.tree.name}", done, None)

    def _report(self) -> RunReport:
        confidence = self.found.confidence.percent if isinstance(self.found, Recognised) else None
        files = tuple(count.result(self._channel(), confidence) for count in self.counts.values())
        return RunReport(
            id=self.id,
            source=self.options.read.source,
            origin=self.tree.name,
            started=self.started,
            ended=self.session.now(),
            outcome="with_failures" if any(count.failed for count in files) else "done",
            tool=self.session.tool,
            parsers=(self.found.channel.parser,) if isinstance(self.found, Recognised) else (),
            settings_sha256=sha256(to_toml(self.session.settings).encode()).hexdigest(),
            operator=self.options.operator,
            files=files,
            claims=tuple(self.claims),
            gaps=tuple(self.gaps),
        )

    def _seal_report(self, report: RunReport) -> None:
        parts = range(0, max(1, len(report.files)), FILES_A_RECORD)
        drafts = [
            draft_of(report.model_copy(update={"files": report.files[at : at + FILES_A_RECORD]}))
            for at in parts
        ]
        self.session.ledger.append(self.writer, lambda _: drafts)
