"""Putting places and keys to the test: promise, seen, verdict."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from archive.core.keypage import MAX_PAGE, ZERO_SLOT, parse_page
from archive.core.keys import PrivateRecipient
from archive.core.layout import KEYS
from archive.errors import ArchiveError, Forbidden, FormatError, PlaceGone, StoreError, UsageError
from archive.ports import ObjectReader, PlaceProber, ReadPlaces
from schemas.report import DoctorReport, Probe

Progress = Callable[[str, int, int | None], None]


def examine(
    probers: Sequence[PlaceProber], places: ReadPlaces, recipients: Mapping[str, PrivateRecipient],
    progress: Progress, way_back: Callable[[str], str | None] = lambda _: None,
) -> DoctorReport:  # fmt: skip
    """Put everything at hand to the test.

    Args:
        probers: of every place.
        places: for comparing the vault copies.
        recipients: role → private key at hand; every key slot that one should open is opened.
        progress: told what is under way.
        way_back: says of a place that is gone how it is made anew.
    """
    found: list[Probe] = []
    for number, prober in enumerate(probers):
        progress("testing the places", number, len(probers))
        for probes in (prober.essential, prober.further, prober.locks):
            found += [probe for probe in _told(prober.place, probes, way_back) if probe not in found]
    found += _told("vault", lambda: _vault_copies(places, progress), way_back)
    found += _told("keys", lambda: _keys(places.vaults[0], recipients, progress), way_back)
    return DoctorReport(probes=tuple(found))


def demand(probers: Sequence[PlaceProber]) -> None:
    """Refuse places that an archive cannot be founded in.

    Raises:
        UsageError: one does not keep what it must.
        StoreError: one could not be tested.
    """
    for prober in probers:
        for probe in prober.essential():
            if probe.verdict != "holds":
                raise UsageError(
                    f"{probe.place} is unfit: promised is {probe.what} ({probe.promise}); seen: {probe.seen}"
                )


def _told(
    place: str, probes: Callable[[], Iterator[Probe]], way_back: Callable[[str], str | None] = lambda _: None
) -> list[Probe]:
    """Collect probes; a place that gives no answer, or lets this account not test it, is one more."""
    found: list[Probe] = []
    try:
        found.extend(probes())
    except Forbidden:
        seen = "this account has no right to test it; an account that writes there can"
        promise = "the place keeps what it promises"
        found.append(Probe(place=place, what="rights", promise=promise, seen=seen, verdict="untested"))
    except StoreError as error:
        way = way_back(error.place) if isinstance(error, PlaceGone) else None
        seen, promise = f"{error}; {way}" if way else str(error), "the place answers"
        found.append(Probe(place=place, what="answer", promise=promise, seen=seen, verdict="unknown"))
    return found


def _vault_copies(places: ReadPlaces, progress: Progress) -> Iterator[Probe]:
    if len(places.vaults) < 2:
        yield Probe(
            place="vault", what="copies", promise="every key page lies in two places", seen="there is one copy",
            verdict="weaker",
        )  # fmt: skip
        return
    first, second = places.vaults
    names = [set(vault.names(KEYS)) for vault in (first, second)]
    differ = 0
    for number, name in enumerate(sorted(names[0] & names[1])):
        differ += first.get(name, limit=MAX_PAGE) != second.get(name, limit=MAX_PAGE)
        progress("comparing the vault copies", number, len(names[0]))
    lacking, extra = len(names[0] - names[1]), len(names[1] - names[0])
    yield Probe(
        place="vault", what="copies", promise="both copies hold the same pages",
        seen=f"{len(names[0] & names[1])} compared, {differ} differ, {lacking} only in the first, "
        f"{extra} only in the second" + ("; `beleg keys copy` copies those that the ledger names" if lacking else ""),
        verdict="broken" if differ else "weaker" if lacking or extra else "holds",
    )  # fmt: skip


def _keys(
    vault: ObjectReader, recipients: Mapping[str, PrivateRecipient], progress: Progress
) -> Iterator[Probe]:
    """Open every key slot that the keys at hand should open."""
    by_id = {key.id: role for role, key in recipients.items()}
    opened, bad = dict.fromkeys(recipients, 0), dict.fromkeys(recipients, 0)
    for number, name in enumerate(vault.names(KEYS)):
        progress("opening key slots", number, None)
        try:
            page = parse_page(vault.get(name, limit=MAX_PAGE))
        except FormatError:
            continue  # `verify` judges pages
        for recipient in page.wraps:
            role = by_id.get(recipient)
            if role is None:
                continue
            try:
                page_key = page.page_key(recipients[role])
                for slot, stored in enumerate(page.slots):
                    if stored != ZERO_SLOT:
                        page.record_key(page_key, slot)
                        opened[role] += 1
            except ArchiveError:
                bad[role] += 1
    for role in recipients:
        yield Probe(
            place="keys", what=role, promise="the key opens every slot that was made for it",
            seen=f"{opened[role]} slots opened, {bad[role]} pages did not open",
            verdict="broken" if bad[role] else "holds",
        )  # fmt: skip
