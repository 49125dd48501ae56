"""Mirrors and lost places: opening what the services of recovery work on."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from archive.adapters.places import on_s3, open_places, open_store, s3_client
from archive.errors import StoreError, UsageError
from archive.ledger.checks import Question
from archive.ledger.page_copies import CopiedPages
from archive.ports import ObjectStore
from archive.services import mirror as mirroring
from archive.services import recover
from archive.services.doctor import demand
from archive.services.keychain import KeyChain
from archive.settings import PlaceSettings, Settings, explain, overlap, replace
from archive.wiring import Passphrase, Waiting, key_chain, open_ledger
from archive.wiring.stores import open_prober, renew_policies

if TYPE_CHECKING:
    from archive.adapters.objects_s3 import S3Store

Progress = Callable[[str, int, int | None], None]


def mirror(
    folder: Path, settings: Settings, target: str, log_key: tuple[str, bytes] | None, progress: Progress
) -> mirroring.Mirrored:
    """Copy archive and control place to ``target`` (a folder, or a place on S3) and verify the copy."""
    _demand_apart(folder, settings, target)
    places = open_places(folder, settings)
    archive, control = _mirror_stores(folder, settings, target, make=True)
    mirroring.demand_origin(archive, settings.origin, target, empty=True)
    question = Question(level=1, log_key=log_key)
    return mirroring.mirror(places.archive, places.control, archive, control, question, progress)


def rebuild_markers(
    folder: Path, settings: Settings, passphrase: Passphrase, into: str, chosen: Collection[str],
    waiting: Waiting, progress: Progress,
) -> recover.Rebuilt:  # fmt: skip
    """Make a lost control place anew in ``into``, and let beleg.toml name it."""
    keys = _keys(folder, settings, passphrase)
    recover.writer(keys)
    changed = _with_places(settings, control=into)
    _make(folder, "control", into, settings)
    done = recover.rebuild_markers(open_places(folder, changed), settings.origin, chosen, progress)
    _move(folder, changed)
    ledger = open_ledger(folder, changed, waiting)
    ledger.log_key = keys.log_key()
    recover.log_recovered(ledger, keys, "control", None)
    return done


def copy_keys(
    folder: Path, settings: Settings, passphrase: Passphrase, source: int, into: str | None,
    waiting: Waiting, progress: Progress,
) -> CopiedPages:  # fmt: skip
    """Copy key pages from the vault copy ``source`` (0 or 1) into the other, or into a new place for it.

    beleg.toml names the new place only if every page could be copied.
    """
    vault = settings.places.vault
    if source >= len(vault) or (into is None and len(vault) < 2):
        raise UsageError("the vault has one copy only; name a place for the second with --into")
    if into is None:
        target = open_store(folder, vault[1 - source], settings.s3)
        return recover.copy_pages(open_ledger(folder, settings, waiting), source, target, progress)
    keys = _keys(folder, settings, passphrase)
    recover.writer(keys)
    copies = (vault[0], into) if source == 0 else (into, vault[1])
    changed = _with_places(settings, vault=copies)
    _make(folder, "vault", into, settings)
    target = open_store(folder, into, settings.s3)
    done = recover.copy_pages(open_ledger(folder, settings, waiting), source, target, progress)
    if not done.findings:
        _move(folder, changed)
        ledger = open_ledger(folder, changed, waiting)
        ledger.log_key = keys.log_key()
        recover.log_recovered(ledger, keys, "vault", 1 - source)
    return done


def restore_archive(
    folder: Path, settings: Settings, source: str, into: str | None, progress: Progress
) -> tuple[Settings, int]:
    """Bring the archive place back from a mirror; it stays read-only until an outside head agrees.

    Returns:
        (the settings from now on, objects copied)
    """
    archive, control = _mirror_stores(folder, settings, source, make=False)
    mirroring.demand_origin(archive, settings.origin, source)
    changed = _with_places(settings, archive=into or settings.places.archive)
    changed = changed.model_copy(update={"read_only": True})
    _make(folder, "archive", changed.places.archive, settings)
    _move(folder, changed)  # before an object is there, so that nobody writes onto half an archive
    places = open_places(folder, changed)
    _, copied = mirroring.copy_objects(archive, places.archive, progress)
    copied += mirroring.copy_markers(control, places.control)
    return changed, copied


def vouch(
    folder: Path, settings: Settings, passphrase: Passphrase, heads: Sequence[tuple[str, bytes]],
    log_key: tuple[str, bytes] | None, waiting: Waiting, progress: Progress,
) -> int:  # fmt: skip
    """Hold a restored archive against outside heads; log it and let writers in again."""
    keys = _keys(folder, settings, passphrase)
    ledger = open_ledger(folder, settings, waiting)
    ledger.log_key = keys.log_key()
    size = recover.log_restored(ledger, keys, Question(level=1, heads=heads, log_key=log_key), progress)
    replace(folder, settings.model_copy(update={"read_only": False}))
    return size


def _keys(folder: Path, settings: Settings, passphrase: Passphrase) -> KeyChain:
    return key_chain(folder, settings, passphrase)


def _with_places(settings: Settings, **changes: object) -> Settings:
    try:
        places = PlaceSettings(**{**settings.places.model_dump(), **changes})
    except ValidationError as error:
        raise UsageError(explain(error)) from error
    return settings.model_copy(update={"places": places})


def _move(folder: Path, settings: Settings) -> None:
    replace(folder, settings)
    renew_policies(folder, settings)


def _demand_apart(folder: Path, settings: Settings, target: str) -> None:
    """Refuse a mirror that would lie in a place of the archive: a locked place keeps it for good."""
    wanted = target if on_s3(target) else str(Path(target).resolve())
    places = settings.places
    for place in (places.archive, places.control, *places.vault):
        if overlap(wanted, place if on_s3(place) else str((folder / place).resolve())):
            raise UsageError(
                f"{target} overlaps with {place}, a place of this archive; a mirror lies elsewhere"
            )


def _make(folder: Path, name: str, place: str, settings: Settings) -> None:
    """Make the folder of a place, or see that its bucket is there; refuse a place that is unfit."""
    if not on_s3(place):
        (folder / place).mkdir(parents=True, exist_ok=True)
    demand([open_prober(folder, name, place, settings.s3)])


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

    base = place.rstrip("/")
    address = parse_url(f"{base}/archive")
    locked = locks(S3Store(s3_client(settings.s3), address, locked=True))
    return (
        open_store(folder, f"{base}/archive", settings.s3, locked=locked),
        open_store(folder, f"{base}/control", settings.s3, locked=locked),
    )


def locks(store: "S3Store") -> bool:
    """Say whether a bucket keeps locks; one without is a place for copies too."""
    try:
        store.lock()
    except StoreError:
        return False  # a bucket without locks is a place for a mirror too; verification proves the copy
    return True
