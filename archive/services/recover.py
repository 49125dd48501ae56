"""Making a lost place anew: control from signed segments, one vault copy from the other, archive from a mirror."""

import contextlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from archive.core import layout, signed_note
from archive.core.keypage import MAX_PAGE, parse_page
from archive.core.segment import MAX_SEGMENT, Segment
from archive.errors import FormatError, NotFound, Refused, RolledBack, Unfinished, Unreachable, UsageError
from archive.ledger.adoption import Adopter
from archive.ledger.checks import Question, Verification
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.page_copies import CopiedPages, PageCopier
from archive.ledger.reader import MAX_MARKER
from archive.ledger.sealing import marker_of
from archive.ledger.state import LedgerState
from archive.ledger.walk import checkpoints
from archive.ledger.writer import Ledger, Writer
from archive.ports import ObjectReader, ObjectStore, Places, ReadPlaces
from archive.services.keychain import KeyChain
from schemas.report import VerificationReport

Progress = Callable[[str, int, int | None], None]

UNVOUCHED = (
    "the archive place came from a mirror and is read-only: `beleg rebuild archive --head FILE` with a head that "
    "somebody outside kept ends that"
)
"""Why nothing is written to an archive that was restored and that nobody vouched for."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made anew."""

    size: int
    """Records of the ledger."""
    confirmed: int
    """Records that a signed checkpoint covers; those beyond were adopted as the only continuation."""
    segments: int


def rebuild_markers(
    places: Places, origin: str, chosen: Collection[str], progress: Progress, disowned: Collection[str] = ()
) -> Rebuilt:
    """Write the markers of the segments in the archive place into the new control place; one broken off goes on.

    Raises:
        UsageError: the control place holds what is no such marker, or one of ``disowned`` stands in no way.
        AlreadyExists: it holds the marker of another segment.
        Unfinished, RolledBack: see ``Adopter.run``; nothing was written.
        StoreError: a place did not answer; run it again.
    """
    adoption = Adopter(places.readers(), origin, chosen, disowned).run()
    strays = {
        one.digest
        for one in (checkpoints(places.archive) if disowned else ())
        if one.is_of(adoption.state) and adoption.roots.get(one.size) != one.checkpoint.root
    }
    if wrong := set(disowned) - strays:
        raise UsageError(f"{min(wrong)} is no signed checkpoint that is not of this ledger")
    segments = adoption.state.segments
    demand_empty(places.control, but={layout.marker(ref.first) for ref in segments})
    for number, ref in enumerate(segments):
        data = places.archive.get(layout.segment(ref.first, ref.sha256), limit=MAX_SEGMENT)
        places.control.put_new(layout.marker(ref.first), marker_of(ref, Segment(data).header.last))
        progress("writing markers", number + 1, len(segments))
    return Rebuilt(adoption.state.size, adoption.confirmed, len(segments))


def demand_empty(store: ObjectReader, but: Collection[str] = ()) -> None:
    """Refuse a new place that holds anything; ``but``: what a making that broke off may have left there.

    Raises:
        UsageError: it does.
    """
    if any(name not in but and not name.startswith(layout.PROBES) for name in store.names("")):
        raise UsageError("the new place is not empty: a lost place is made anew in an empty one only")


def demand_lost(control: ObjectReader, name: str) -> None:
    """Refuse to pass over a control place that is there: it may name what the mirror lacks.

    Raises:
        UsageError: it is there.
        Forbidden: this account may not look.
    """
    try:
        control.get(layout.marker(0), limit=MAX_MARKER)
    except (NotFound, Unreachable):
        return
    raise UsageError(
        f"{name}, the control place, is there: leave it, and --control out. If the mirror lacks what it names, and "
        "no newer one holds it, --give-up-newer goes on without that"
    )


def demand_only_pages(store: ObjectReader, vault: ObjectReader) -> None:
    """Refuse a place for a vault copy that holds what the other copy does not; a copying that broke off goes on.

    Raises:
        UsageError: it does.
    """
    known = set(vault.names(""))
    for name in store.names(""):
        if name not in known and not name.startswith(layout.PROBES):
            raise UsageError(
                f"the new place holds {name}, which is no key page of this archive: name an empty one"
            )


def log_recovered(
    ledger: Ledger, keys: KeyChain, place: str, copy: int | None, disowned: Collection[str] = ()
) -> None:
    """Append that a place was made anew, and before it which checkpoints are disowned.

    Raises:
        Refused: this account is neither owner nor recovery.
    """

    def decide(state: LedgerState) -> list[Draft]:
        return [clear_draft("recovered", {"copy": copy, "place": place, "size": state.size})]

    def disown(state: LedgerState) -> list[Draft]:
        left = sorted(set(disowned) - state.disowned)
        return [clear_draft("disowned", {"checkpoints": left})] if left else []

    ledger.tolerated = frozenset(disowned)
    by = writer(keys, ledger.follow())
    ledger.append(by, disown)
    ledger.append(by, decide)


def writer(keys: KeyChain, state: LedgerState | None = None) -> Writer:
    """Give the writer who may log that a place was made anew; with the state of the ledger, one whose key counts.

    Raises:
        Refused: there is none here.
    """
    here = [role for role in ("owner", "recovery") if keys.has(role)]
    if not here:
        raise Refused("this is logged by the role owner or recovery, and neither key file is here")
    for role in here:
        found = keys.writer(role)
        if state is None or state.keys.writer(found.id, state.size) is not None:
            return found
    raise Refused(
        f"the writer key in {' and '.join(f'{role}.key' for role in here)} counts no more in this ledger"
    )


def copy_pages(ledger: Ledger, source: int, target: ObjectStore, progress: Progress) -> CopiedPages:
    """Copy the key pages of one vault copy (numbered from 0) into another. Errors as ``PageCopier.run``."""
    ledger.follow()
    return PageCopier(ledger, source, target).run(
        lambda done, total: progress("copying key pages", done, total)
    )


@dataclass(frozen=True, slots=True)
class Vouched:
    """An archive that came from a mirror and is open again."""

    size: int
    """Records that it holds."""
    agreed: int
    """Records below the newest head that was kept outside; of later ones the mirror alone tells."""


def log_restored(ledger: Ledger, keys: KeyChain, question: Question, progress: Progress) -> Vouched:
    """Verify an archive place that came from a mirror, and log it.

    The vault copies are no part of it: one that is lost as well is made anew afterwards, which writes.

    Args:
        ledger: with the state that this host remembers, which the mirror must hold as well.
        keys: of this account.
        question: with the outside heads.
        progress: told what is under way.

    Raises:
        Refused: no outside head agrees, this host has seen more than came back, or the verification found
            something: the archive stays read-only.
        Unfinished: the ledger grew meanwhile.
    """
    agreed = _demand_heads(question.heads, ledger.state.origin or "")
    try:
        ledger.follow()
    except RolledBack as error:
        raise Refused(
            f"{error} Take the archive from a newer mirror too; where none is, --give-up-newer goes on without "
            "what is lost, and so does every other host after state.json of its workspace was moved away"
        ) from error
    _demand_epoch(ledger)
    places = ReadPlaces(ledger.places.archive, ledger.places.control, ())
    report = Verification(places, question, lambda done, total: progress("verifying", done, total)).run()
    if bad := _against(report):
        raise Refused(
            f"the restored archive does not stand: {bad}; see `beleg verify`. Take it from a newer mirror, "
            "or leave it read-only, as proof of what it holds, and found another for what comes"
        )
    root, size = report.root, report.size

    def decide(state: LedgerState) -> list[Draft]:
        if state.size != size:
            raise Unfinished("the ledger grew while it was verified; run it again")
        return [clear_draft("restored", {"root": root, "size": size})]

    ledger.append(writer(keys, ledger.state), decide)
    return Vouched(size, agreed)


def _demand_epoch(ledger: Ledger) -> None:
    """Refuse a ledger from before an epoch: the vault was encrypted anew to keys that it does not know.

    The keys that it does know were destroyed, so it opens nothing, and what it seals nobody could read.

    Raises:
        Refused: so it is.
    """
    for vault in ledger.places.vaults:
        with contextlib.suppress(Unreachable):  # a copy that is lost as well says nothing
            for name in vault.names(layout.KEYS):
                if _is_later(ledger.state, vault, name):
                    raise Refused(
                        f"{name} is encrypted to keys that were registered after what the mirror holds, by "
                        "`beleg keys rotate --epoch` or `recover`, and those of before are gone: from here on "
                        "nothing would open, and nobody could read what is sealed. Take the archive from a mirror "
                        "that was made after that"
                    )


def _is_later(state: LedgerState, vault: ObjectReader, name: str) -> bool:
    """Say whether a key page is of a generation that the ledger does not name, and for keys that it does not know."""
    try:
        batch, record_class, generation = layout.parse_page_name(name)
        if generation <= state.generations.get((batch.hex(), record_class), (0, "", ""))[0]:
            return False
        wraps = parse_page(vault.get(name, limit=MAX_PAGE)).wraps
    except (FormatError, NotFound):
        return False  # no page; `verify` names it
    return not wraps.keys() <= {key.id for key in state.keys.all()}


def _against(report: VerificationReport) -> str | None:
    """Say what speaks against a restored archive: nothing that stays for ever where it was found once.

    A checkpoint that the owner disowned is such, and a bad token whose record an outside head covers.
    """
    for one in report.findings:
        stood = one.kind == "disowned" or (
            one.kind == "bad_token" and (one.index or 0) < (report.newest_head or 0)
        )
        if one.severity != "note" and not stood:
            return one.text
    return f"{report.truncated} findings are not listed" if report.truncated else None


def _demand_heads(heads: Sequence[tuple[str, bytes]], origin: str) -> int:
    """Tell a wrong file from an archive that does not stand; give the size of the newest head."""
    newest = 0
    if not heads:
        raise Refused("without an outside head nobody can tell whether the mirror was cut back; give --head")
    for name, data in heads:
        try:
            head = signed_note.parse_checkpoint(signed_note.parse(data))
        except FormatError as error:
            raise Refused(f"{name} is no head that can be read ({error}); nothing was looked at") from error
        if head.origin != origin:
            raise Refused(f"{name} is the head of another archive, {head.origin}; nothing was looked at")
        newest = max(newest, head.size)
    return newest
