"""Making a lost place anew: control from signed segments, one vault copy from the other, archive from a mirror."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from archive.core import layout
from archive.core.segment import MAX_SEGMENT, Segment
from archive.errors import Refused, Unfinished, UsageError
from archive.ledger.adoption import Adopter
from archive.ledger.checks import Question, Verification
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.page_copies import CopiedPages, PageCopier
from archive.ledger.sealing import marker_of
from archive.ledger.state import LedgerState
from archive.ledger.writer import Ledger, Writer
from archive.ports import ObjectReader, ObjectStore, Places
from archive.services.keychain import KeyChain

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made anew."""

    size: int
    """Records of the ledger."""
    confirmed: int
    """Records that a signed checkpoint covers; those beyond were adopted as the only continuation."""
    segments: int


def rebuild_markers(places: Places, origin: str, chosen: Collection[str], progress: Progress) -> Rebuilt:
    """Write the markers of the segments in the archive place into the new control place; one broken off goes on.

    Raises:
        UsageError: the control place holds what is no such marker.
        AlreadyExists: it holds the marker of another segment.
        Unfinished, RolledBack: see ``Adopter.run``; nothing was written.
        StoreError: a place did not answer; run it again.
    """
    adoption = Adopter(places.readers(), origin, chosen).run()
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


def log_recovered(ledger: Ledger, keys: KeyChain, place: str, copy: int | None) -> None:
    """Append that a place was made anew.

    Raises:
        Refused: this account is neither owner nor recovery.
    """

    def decide(state: LedgerState) -> list[Draft]:
        return [clear_draft("recovered", {"copy": copy, "place": place, "size": state.size})]

    ledger.append(writer(keys), decide)


def writer(keys: KeyChain) -> Writer:
    """Give the writer who may log that a place was made anew."""
    role = next((role for role in ("owner", "recovery") if keys.has(role)), None)
    if role is None:
        raise Refused("this is logged by the role owner or recovery, and neither key file is here")
    return keys.writer(role)


def copy_pages(ledger: Ledger, source: int, target: ObjectStore, progress: Progress) -> CopiedPages:
    """Copy the key pages of one vault copy (numbered from 0) into another. Errors as ``PageCopier.run``."""
    ledger.follow()
    return PageCopier(ledger, source, target).run(
        lambda done, total: progress("copying key pages", done, total)
    )


def log_restored(ledger: Ledger, keys: KeyChain, question: Question, progress: Progress) -> int:
    """Verify an archive place that came from a mirror, and log it; give the number of records.

    Raises:
        Refused: no outside head agrees, or the verification found something: the archive stays read-only.
    """
    report = Verification(
        ledger.places, question, lambda done, total: progress("verifying", done, total)
    ).run()
    bad = [finding for finding in report.findings if finding.severity != "note"]
    if bad:
        raise Refused(
            f"the restored archive does not stand: {bad[0].text}; see `beleg verify`. Take it from a newer mirror, "
            "or leave it read-only, as proof of what it holds, and found another for what comes"
        )
    if report.heads == 0 or report.root is None:
        raise Refused("without an outside head nobody can tell whether the mirror was cut back; give --head")
    root, size = report.root, report.size

    def decide(state: LedgerState) -> list[Draft]:
        if state.size != size:
            raise Unfinished("the ledger grew while it was verified; run it again")
        return [clear_draft("restored", {"root": root, "size": size})]

    ledger.append(writer(keys), decide)
    return size
