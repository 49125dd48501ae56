"""Mirrors and lost places: opening what the services of recovery work on."""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archive.adapters.lock_file import LockFile
from archive.adapters.places import lock_path, on_s3, open_places, open_store, s3_client
from archive.adapters.state_file import StateFile
from archive.errors import PlaceGone, Refused, UsageError
from archive.ledger.checks import Question
from archive.ledger.page_copies import CopiedPages
from archive.ledger.writer import Ledger
from archive.ports import ObjectStore, ReadPlaces
from archive.services import mirror as mirroring
from archive.services import recover
from archive.services.doctor import demand
from archive.services.keychain import KeyChain
from archive.services.restore import Restoring, TakenBack
from archive.settings import Settings, demand_apart, overlapped, replace, whereabouts
from archive.wiring import STATE_FILE, Passphrase, Waiting, key_chain, open_ledger
from archive.wiring.neighbours import demand_no_place
from archive.wiring.stores import demand_whole_server, open_prober, renew_policies

if TYPE_CHECKING:
    from archive.adapters.objects_s3 import S3Store

Progress = Callable[[str, int, int | None], None]


def mirror(
    folder: Path, settings: Settings, target: str, log_key: tuple[str, bytes] | None, progress: Progress
) -> mirroring.Mirrored:
    """Copy archive and control place to ``target`` (a folder, or a place on S3) and verify the copy."""
    _demand_apart(folder, settings, target)
    demand_no_place(Path.cwd(), settings, target, itself=True)
    places = open_places(folder, settings)
    archive, control = _mirror_stores(folder, settings, target, make=True)
    mirroring.demand_origin(archive, settings.origin, target, empty=True)
    mirroring.demand_own_markers(archive, control, target)
    question = Question(level=1, log_key=log_key)
    return mirroring.mirror(places.archive, places.control, archive, control, question, progress)


def rebuild_markers(
    folder: Path, settings: Settings, passphrase: Passphrase, into: str, chosen: Collection[str],
    waiting: Waiting, progress: Progress, *, disowned: Collection[str] = (),
) -> recover.Rebuilt:  # fmt: skip
    """Make a lost control place anew in ``into``, log it there, and only then let beleg.toml name it.

    ``disowned``: digests of false checkpoints, which stop it as they stop every writer.
    """
    keys = _keys_to_log(folder, settings, passphrase)
    changed = _with_places(folder, settings, control=into)
    if whereabouts(folder, into) == whereabouts(folder, settings.places.control):
        raise UsageError(
            f"{into} is the control place already; a lost one is made anew in a new, empty place"
        )
    _make(folder, "control", into, settings)
    ledger = open_ledger(folder, changed, waiting)
    before = lock_path(folder, settings)
    if os.access(before.parent, os.W_OK):
        # Who is at work by the old place, which may be moved and not lost, must not commit there meanwhile.
        ledger.lock = LockFile(before, waiting)
    with ledger.lock():
        places = open_places(folder, changed)
        done = recover.rebuild_markers(places, settings.origin, chosen, progress, disowned)
        recover.log_recovered(ledger, keys, "control", None, disowned)
        _move(folder, changed)  # killed before, the same command goes on and logs it
        _seal(ledger, keys)
    return done


def copy_keys(
    folder: Path, settings: Settings, passphrase: Passphrase, source: int, into: str | None,
    waiting: Waiting, progress: Progress, *, without_missing: bool = False,
) -> CopiedPages:  # fmt: skip
    """Copy key pages from the vault copy ``source`` (0 or 1) into the other, or into a new place for it.

    beleg.toml names the new place only if every page could be copied, or ``without_missing``: a person gives up those
    that are not good in the one copy that is left.
    """
    vault = settings.places.vault
    if source >= len(vault) or (into is None and len(vault) < 2):
        raise UsageError("the vault has one copy only; name a place for the second with --into")
    if into is None:
        target = open_store(folder, vault[1 - source], settings.s3)
        return recover.copy_pages(open_ledger(folder, settings, waiting), source, target, progress)
    keys = _keys_to_log(folder, settings, passphrase)
    copies = (vault[0], into) if source == 0 else (into, vault[1])
    changed = _with_places(folder, settings, vault=copies)
    _make(folder, "vault", into, settings)
    target = open_store(folder, into, settings.s3)
    recover.demand_only_pages(target, open_store(folder, vault[source], settings.s3))
    done = recover.copy_pages(open_ledger(folder, settings, waiting), source, target, progress)
    if not done.findings or without_missing:
        changed = _move(folder, changed)
        ledger = open_ledger(folder, changed, waiting)
        ledger.log_key = keys.log_key()
        recover.log_recovered(ledger, keys, "vault", 1 - source)
    return done


def restore_archive(
    folder: Path,
    settings: Settings,
    source: str,
    into: str | None,
    control: str | None,
    chosen: Collection[str],
    progress: Progress,
    *,
    without_newer: bool = False,
) -> tuple[Settings, TakenBack]:
    """Bring the archive place back from a mirror; it stays read-only until an outside head agrees.

    Args:
        folder: of the archive; ``settings``: as they are.
        source: the mirror.
        into: a new archive place; None: the one of the settings.
        control: a new control place, where that is lost too; its markers come from the mirror as well.
        chosen: segments that a person decided for.
        progress: told what is under way.
        without_newer: a control place that is there, and may name more than the mirror holds, is given up.

    Returns:
        (the settings from now on, what was copied and what was not)
    """
    archive, markers = _mirror_stores(folder, settings, source, make=False)
    mirroring.demand_origin(archive, settings.origin, source)
    old = settings.places
    changed = _with_places(folder, settings, archive=into or old.archive, control=control or old.control)
    changed = changed.model_copy(update={"read_only": True})
    _make(folder, "archive", changed.places.archive, settings)
    places = open_places(folder, changed)
    if whereabouts(folder, changed.places.archive) != whereabouts(folder, old.archive):
        recover.demand_empty(places.archive)
    if whereabouts(folder, changed.places.control) != whereabouts(folder, old.control):
        if not without_newer:
            recover.demand_lost(open_store(folder, old.control, settings.s3), old.control)
        _make(folder, "control", changed.places.control, settings)
        recover.demand_empty(places.control)
    mirror = ReadPlaces(archive, markers, places.readers().vaults)
    restoring = Restoring(mirror, places.archive, places.control, settings.origin, progress, chosen)
    state = restoring.follow()
    changed = _move(folder, changed)  # before an object is there, so that nobody writes onto half an archive
    taken = restoring.run(state)
    if taken.lost_from is None and _memory(folder, settings).load().size > state.size:
        taken = dataclasses.replace(taken, lost_from=state.size)
    return changed, taken


def vouch(
    folder: Path, settings: Settings, passphrase: Passphrase, heads: Sequence[tuple[str, bytes]],
    log_key: tuple[str, bytes] | None, waiting: Waiting, progress: Progress, *, without_newer: bool = False,
) -> recover.Vouched:  # fmt: skip
    """Hold a restored archive against outside heads; log it and let writers in again.

    ``without_newer``: what this host has seen beyond it is lost, and this host's memory of it is given up.
    """
    keys = key_chain(folder, settings, passphrase)
    opened = settings.model_copy(update={"read_only": False})
    memory = _memory(folder, settings)
    ledger = open_ledger(folder, opened, waiting, None if without_newer else memory.load())
    vouched = recover.log_restored(ledger, keys, Question(level=1, heads=heads, log_key=log_key), progress)
    if without_newer:
        memory.path.unlink(missing_ok=True)
    replace(folder, opened)
    _seal(ledger, keys)
    return vouched


def _seal(ledger: Ledger, keys: KeyChain) -> None:
    """Sign what was logged, last: a log key that is lost too is replaced in an archive that is open again only.

    Raises:
        StoreError: its device does not sign.
    """
    ledger.log_key = keys.log_key()
    ledger.refresh()


def _keys_to_log(folder: Path, settings: Settings, passphrase: Passphrase) -> KeyChain:
    """Give the keys of this account, if they may log that a place was made anew, and if anything may be now."""
    if settings.read_only:
        raise Refused(recover.UNVOUCHED)
    keys = key_chain(folder, settings, passphrase)
    recover.writer(keys)
    return keys


def _memory(folder: Path, settings: Settings) -> StateFile:
    return StateFile(folder / settings.workspace / STATE_FILE, settings.origin)


def _with_places(folder: Path, settings: Settings, **changes: object) -> Settings:
    changed = settings.model_copy(update={"places": settings.places.model_copy(update=changes)})
    demand_apart(folder, changed)
    return changed


def _move(folder: Path, settings: Settings) -> Settings:
    settings = renew_policies(folder, settings)
    replace(folder, settings)
    return settings


def _demand_apart(folder: Path, settings: Settings, target: str) -> None:
    """Refuse a mirror that would lie in a place of the archive: a locked place keeps it for good."""
    place = overlapped(folder, settings, whereabouts(Path.cwd(), target))
    if place is not None:
        raise UsageError(f"{target} overlaps with {place}, a place of this archive; a mirror lies elsewhere")


def _make(folder: Path, name: str, place: str, settings: Settings) -> None:
    """Make the folder of a place, or see that its bucket is there; refuse a place that is unfit, or in another's."""
    demand_no_place(folder, settings, place)
    if not on_s3(place):
        (folder / place).mkdir(parents=True, exist_ok=True)
    else:
        demand_whole_server(settings.s3)
    with _telling_how(LOCKED if name == "archive" else UNVERSIONED):
        demand([open_prober(folder, name, place, settings.s3)])


LOCKED = "with Object Lock and a default retention"
UNVERSIONED = "without versions"


@contextlib.contextmanager
def _telling_how(made: str) -> Iterator[None]:
    """Say of a bucket that is to be taken and is not there how it is made: by its owner, beforehand."""
    try:
        yield
    except PlaceGone as error:
        error.add_note(f"a new bucket is made beforehand, {made}; then the same command goes on")
        raise


def _mirror_stores(
    folder: Path, settings: Settings, place: str, *, make: bool
) -> tuple[ObjectStore, ObjectStore]:
    """Open the two halves of a mirror: a folder as the person names it, or a bucket with or without locks."""
    if not on_s3(place):
        root = Path(place).absolute()
        if not make and not (root / "archive").is_dir():
            raise UsageError(f"{place}: there is no mirror here")
        for half in ("archive", "control"):
            (root / half).mkdir(parents=True, exist_ok=True)
        return (
            open_store(folder, str(root / "archive"), settings.s3),
            open_store(folder, str(root / "control"), settings.s3),
        )
    from archive.adapters.objects_s3 import S3Store
    from archive.adapters.s3_client import parse_url
    from archive.adapters.s3_setup import versioning

    base = str(parse_url(place))
    address = parse_url(f"{base}/archive")
    client = s3_client(settings.s3)
    if make:
        demand_whole_server(settings.s3)
    with _telling_how(f"{UNVERSIONED}, or {LOCKED}") if make else contextlib.nullcontext():
        locked = locks(S3Store(client, address, locked=True))
    if not locked and (status := versioning(client, address)):
        raise UsageError(
            f"{place}: the bucket keeps versions ({status}) and locks nothing; a mirror lies in a bucket without "
            "versions, or in one with Object Lock and a default retention"
        )
    return (
        open_store(folder, f"{base}/archive", settings.s3, locked=locked),
        open_store(folder, f"{base}/control", settings.s3, locked=locked),
    )


def locks(store: "S3Store") -> bool:
    """Say whether a bucket locks what is written to it; one without is a place for copies too.

    Raises:
        StoreError: it could not be asked.
    """
    from archive.adapters.objects_s3 import Unlocked

    try:
        store.lock()
    except Unlocked:
        return False
    return True
