"""One run of ingestion over one input."""

import json
import logging
import secrets
import traceback
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from archive.errors import ArchiveError, UnreadableInput
from archive.reading.private import without
from archive.reading.units import Completeness, MemberProblem, Reading, UnitFailed, UnitRead
from archive.services.allow_list import Policy
from archive.services.ingest.batch import Batch, Candidate, candidate_of, name_once, perhaps_twice
from archive.services.ingest.captures import Captures
from archive.services.ingest.counts import MemberCount
from archive.services.ingest.options import IngestOptions
from archive.services.ingest.plan import Part
from archive.services.ingest.recognise import Recognised, Unrecognised
from archive.services.ingest.report import (
    asked,
    is_short,
    left_out,
    new_from_known,
    report_drafts,
    without_zone,
)
from archive.services.ingest.seen import Ends, Seen
from archive.services.ingest.suppressed import Suppression, views_taken_in
from archive.services.ingest.tally import Tally
from archive.services.journal import seal_while_capturing
from archive.services.session import Session
from archive.settings import to_toml
from schemas.capture import READ_AGAIN, Claim, Gap, RunReport
from schemas.item import Item, Key

log = logging.getLogger(__name__)

RECORDS_A_BATCH = 2000
WEIGHT_A_BATCH = 8 * 1024 * 1024


class Run:
    """The work of one run."""

    def __init__(
        self,
        session: Session,
        part: Part,
        options: IngestOptions,
        partly: AbstractSet[Path],
        sealed: set[str],
        first: dict[str, Path] | None = None,
    ) -> None:
        """``sealed``: captures that the runs over this input have sealed; ``first``: their files. More are added."""
        self.session, self.found, self.part = session, part.found, part
        self.tree = tree = without(part.tree, part.private)
        read = options.read
        self.options = replace(
            options,
            read=replace(
                read, origin=read.origin or tree.name, timezone=read.timezone or session.settings.timezone
            ),
        )
        self.writer = session.writer("ingest")
        session.ledger.follow()
        session.demand_all_known()
        self.seen = Seen(session)
        self.seen.catch_up()
        self._reader = self.seen.reader(self._parser())
        self.id, self.started = secrets.token_hex(8), session.now()
        self.batch = Batch()
        self.tally = Tally(sealed, options.again)
        self.claims: list[Claim] = []
        self.gaps: list[Gap] = []
        self.views: dict[Key, None] = {}
        """Accounts whose view is read."""
        self.zoneless = self.perhaps_twice = 0
        """Items with a local time of which nobody knows the zone."""
        self.on_item: Callable[[str, Item, bytes], None] | None = None
        """Hears of every item: the member it came from, and the HMAC of who it is."""
        self.kept: Callable[[Item], Item] | None = None
        """Adds to an item that is read again what is kept of it."""
        self.foreign: dict[str, str] = {}
        """Files that this channel does not know, and what it says of them."""
        self.suppression = Suppression(
            self.seen,
            session.ledger.state,
            tree,
            take_alike=options.take_alike,
            views=lambda: views_taken_in(session),
        )
        self._uncopied: set[str] = set()
        """Members that hold something erased: no copy has them."""
        if self.suppression.needed:
            # Read once more than usual: a file must be known to hold what was erased before it is captured.
            self._uncopied = self.suppression.members(self._readings())
            found = (tree.file_of(member) for member in self._uncopied)
            partly = partly | {file for file in found if file is not None}
        self.policy = Policy(options.only, options.but)
        self.allowed = Policy(options.allowed)
        told = (*asked(self.options.read), *self.policy.described(), *self.allowed.described())
        self.ends = Ends(self.seen, [self._parser() or "", part.prefix, json.dumps(told)])
        self.captures = Captures(
            self.seen,
            tree,
            self.options.read,
            self._add,
            received=self.started,
            tool=session.tool,
            operator=options.operator,
            loose=self._channel() == "loose",
            partly=partly,
            judged=bool(self.policy) or bool(self.allowed),
            origins=options.origins,
            first=first,
            standing=options.standing,
        )

    def run(self) -> RunReport:
        """Read everything, seal what is new, seal the report."""
        report = self.read()
        self._seal_report(report)
        seal_while_capturing(self.session)
        return report

    def read(self) -> RunReport:
        """Read everything and seal what is new; whoever asks seals the report."""
        self.take()
        ends = self.ends.macs()
        for at in range(0, max(len(ends), 1), RECORDS_A_BATCH):
            self.batch.ends = ends[at : at + RECORDS_A_BATCH]
            self.commit()
        self._keep_copies()
        return self.report()

    def _keep_copies(self) -> None:
        """Keep what was read of the files that are not kept whole, for a newer reader."""
        if isinstance(self.found, Recognised) and not self.options.again:
            read = (
                name
                for name, count in self.tally.members.items()
                if (count.read or (count.failed and not count.problem)) and name not in self._uncopied
            )
            for _ in self.captures.copies(sorted(read), self.found.channel.parser):
                self.commit()
            self.commit()

    def take(self) -> None:
        """Read everything; what fills a batch is sealed, the rest stays in ``batch`` for whoever asks."""
        for reading in self._readings():
            self._take(reading)
            if len(self.batch.candidates) >= RECORDS_A_BATCH or self.batch.weight >= WEIGHT_A_BATCH:
                self.commit()

    def _readings(self) -> Iterator[Reading]:
        if isinstance(self.found, Unrecognised):
            yield from self.tree.left_out
            for member in self.tree.members:
                yield MemberProblem(member.path, self.part.reasons[member.path], foreign=True)
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

    def _take(self, reading: Reading) -> None:
        if isinstance(reading, Completeness):
            self.claims.extend(reading.claims)
            self.gaps.extend(reading.gaps)
            return
        reading = self.suppression.apply(self.allowed.apply(self.policy.apply(reading)))
        if isinstance(reading, Completeness):
            return
        if isinstance(reading, MemberProblem) and reading.foreign and isinstance(self.found, Recognised):
            self.foreign[reading.member] = reading.reason
            return
        count = self.tally.member(reading.member)
        count.take(reading)
        if count.read or count.failed:
            self._capture(count)
        if isinstance(reading, UnitRead):
            self._take_unit(reading, count.capture)
        elif isinstance(reading, UnitFailed | MemberProblem):
            self.captures.failed(reading, count.capture)

    def _capture(self, count: MemberCount) -> None:
        """Keep the bytes of the file in which a member lies, once; that they cannot be had is one failed unit."""
        if count.asked:
            return
        count.asked = True
        try:
            count.capture = self.captures.of(count.member)
            self.ends.ask(count.capture)
        except UnreadableInput as error:
            if count.problem is None:
                count.take(MemberProblem(count.member, f"its bytes are not kept: {error}"))

    def _parser(self) -> str | None:
        return self.found.channel.parser if isinstance(self.found, Recognised) else None

    def _take_unit(self, unit: UnitRead, capture: str | None) -> None:
        contents = {content.locator: content for content in unit.contents}
        for account in unit.accounts:
            raw = self.captures.raw(account.raw, unit.member, capture)
            self._add(candidate_of(self.seen, account.model_copy(update={"raw": raw})))
        for thread in unit.threads:
            raw = self.captures.raw(thread.raw, unit.member, capture)
            self._add(candidate_of(self.seen, thread.model_copy(update={"raw": raw})))
        for item, thread_before in zip(unit.items, unit.threads_before(), strict=True):
            attachments = tuple(
                self.captures.attachment(one, contents, item, capture) for one in item.attachments
            )
            raw = self.captures.raw(item.raw, unit.member, capture)
            self.views[item.via] = None
            self.zoneless += _lacks_a_zone(item)
            whole = item.model_copy(update={"raw": raw, "attachments": attachments})
            whole = self.kept(whole) if self.kept is not None else whole
            candidate = candidate_of(self.seen, whole)
            candidate.thread_before = thread_before
            if (former := unit.former.get(item.key)) is not None:
                name_once(self.seen, candidate, item, former)
                candidate.same_bytes = capture in self.captures.known
            self._add(candidate)
            self.tally.take(candidate, unit.member)
            if self.on_item is not None:
                self.on_item(unit.member, whole, candidate.macs.identity)

    def _add(self, candidate: Candidate) -> None:
        candidate.editable = not isinstance(self.found, Recognised) or self.found.channel.facts.editable
        candidate.again = self.options.again
        if candidate.again:
            candidate.told_before = self._told_before
        candidate.reader = self._reader
        self.batch.add(candidate)

    def _told_before(self, index: int) -> Item | None:
        listed = self.session.catalogue.item(index)
        return None if listed is None else listed.item

    def _channel(self) -> str | None:
        return self.found.channel.name if isinstance(self.found, Recognised) else None

    def commit(self) -> None:
        """Seal what is in ``batch``."""
        whole, self.batch = self.batch, Batch()
        # One unit may hold more than a segment does: a mail of thousands of files, a file that is one unit.
        total = len(whole.candidates)
        for at in range(0, total or len(whole.ends[:1]), RECORDS_A_BATCH):
            last = at + RECORDS_A_BATCH >= total
            candidates = whole.candidates[at : at + RECORDS_A_BATCH]
            batch = replace(whole, candidates=candidates, ends=whole.ends if last else ())
            self.session.ledger.append(self.writer, partial(batch.decide, self.seen, self.ends.missing()))
            self.session.sealed(self.session.ledger.state.size)
            self.tally.settle(batch)
            self.perhaps_twice += sum(one.perhaps_twice and one.outcome == "new" for one in candidates)
        self.session.progress(f"reading {self.tree.name}", self.tally.done, None)

    def report(self) -> RunReport:
        """Say what came of everything that was taken and decided, sealed or about to be."""
        counts, known = self.tally.so_far(self.batch)
        found = self.found if isinstance(self.found, Recognised) else None
        sure = found.confidence if found else None
        confidence = sure.percent if sure else None
        files = tuple(count.result(self._channel(), confidence) for count in counts)
        failed = any(count.failed for count in files) or is_short(self.claims)
        return RunReport(
            id=self.id,
            source=self.options.read.source,
            origin=self.tree.name,
            started=self.started,
            ended=self.session.now(),
            outcome="with_failures" if failed else "done",
            tool=self.session.tool,
            parsers=(parser,) if (parser := self._parser()) else (),
            settings_sha256=sha256(to_toml(self.session.settings).encode()).hexdigest(),
            operator=self.options.operator,
            files=files,
            asked=(*asked(self.options.read), *self._again()),
            policy=(*self.policy.described(), *self.allowed.described(), *self._left_out()),
            claims=tuple(self.claims),
            gaps=tuple(self.gaps),
            notes=(
                *new_from_known(counts, known, self._is_twin, self.tree.name),
                *without_zone(self.zoneless),
                *self.tally.overlap(),
                *perhaps_twice(self.perhaps_twice),
                *self.suppression.asked(),
                *self.policy.asked(),
                *self.allowed.asked(),
            ),
            views=tuple(self.views),
        )

    def _again(self) -> Iterator[tuple[str, str]]:
        if self.options.again:
            yield READ_AGAIN, "collected" if self.options.collected else "given"

    def _is_twin(self, member: str) -> bool:
        return self.tree.file_of(member) in self.captures.twins

    def _left_out(self) -> Iterator[str]:
        yield from self.suppression.told()
        if self.options.take_alike:
            yield "what says the same as something erased was taken in, on the operator's word"
        yield from left_out(self.part.private)

    def _seal_report(self, report: RunReport) -> None:
        drafts = report_drafts(report)
        self.session.ledger.append(self.writer, lambda _: drafts)


def _lacks_a_zone(item: Item) -> bool:
    time = item.time
    return time is not None and time.utc is None and time.zone_source == "unknown" != time.precision
