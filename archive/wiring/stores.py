"""Places by their settings: making buckets, testing, locking, and what is to be said of their guard."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from archive.adapters.objects_folder import FolderStore
from archive.adapters.places import on_s3, s3_client
from archive.adapters.probe_folder import FolderProber
from archive.errors import NotFound, StoreError, UsageError
from archive.ports import PlaceProber
from archive.settings import S3Settings, Settings

Progress = Callable[[str, int, int | None], None]


def demand_whole_server(s3: S3Settings) -> None:
    """Refuse a server that is named with a path, before a place is made there; see ``s3_setup``."""
    from archive.adapters.s3_setup import demand_whole_server as demand

    demand(s3_client(s3))


def renew_policies(folder: Path, settings: Settings) -> Settings:
    """Write the policies of the roles for other places; give the settings that follow from it.

    Whoever runs the server puts them there. An archive that lay in folders before gets its first ones.

    Raises:
        StoreError: the server could not be asked what its policies can.
    """
    if not (on_s3(settings.places.archive) and on_s3(settings.places.control)):
        return settings
    from archive.adapters.s3_client import parse_url
    from archive.adapters.s3_policies import CREATE_ONLY
    from archive.adapters.s3_setup import knows_create_only, write_policies

    documents = [path.read_text(encoding="utf-8") for path in sorted((folder / "policies").glob("*.json"))]
    if documents:  # who writes the second copy was settled then
        create_only = any(CREATE_ONLY in document for document in documents)
        write_policies(folder / "policies", settings.places, create_only=create_only)
        return settings
    control = parse_url(settings.places.control)
    create_only = knows_create_only(s3_client(settings.s3), control, settings.s3.endpoint)
    return write_first_policies(folder, settings, create_only=create_only)


def write_first_policies(folder: Path, settings: Settings, *, create_only: bool) -> Settings:
    """Write the policies of the roles for the first time; give the settings that follow from it."""
    from archive.adapters.s3_setup import write_policies

    places = settings.places
    if settings.mode == "split" and not create_only and len(places.vault) == 2:
        # Ingestion could write over both copies here, so it gets no right on the second.
        places = places.model_copy(update={"second_copy": "pulled"})
        settings = settings.model_copy(update={"places": places})
    write_policies(folder / "policies", places, create_only=create_only)
    return settings


def open_probers(folder: Path, settings: Settings) -> list[PlaceProber]:
    """Give what puts each place to the test."""
    return [open_prober(folder, name, place, settings.s3) for name, place in named(settings)]


def named(settings: Settings) -> list[tuple[str, str]]:
    """Give the places with their names: archive, control, vault 1, vault 2."""
    places = settings.places
    vaults = [(f"vault {number}", copy) for number, copy in enumerate(places.vault, 1)]
    return [("archive", places.archive), ("control", places.control), *vaults]


def open_prober(folder: Path, name: str, place: str, s3: S3Settings) -> PlaceProber:
    """Give what puts one place to the test; ``name`` says which it is: archive, control, vault."""
    if not on_s3(place):
        return FolderProber(name, FolderStore(folder / place))
    from archive.adapters.objects_s3 import S3Store
    from archive.adapters.probe_bucket import UnlockedProber
    from archive.adapters.probe_s3 import LockedProber
    from archive.adapters.s3_client import parse_url

    store = S3Store(s3_client(s3), parse_url(place), locked=name == "archive")
    return (LockedProber if name == "archive" else UnlockedProber)(name, store)


def guard(settings: Settings) -> list[str]:
    """Say what the archive place is guarded by, as `status` warns of it."""
    if not on_s3(settings.places.archive):
        return [
            "the places are folders without lock: heads kept outside are the only guard against cutting back"
        ]
    from archive.adapters.objects_s3 import S3Store
    from archive.adapters.s3_client import parse_url

    try:
        lock = S3Store(s3_client(settings.s3), parse_url(settings.places.archive), locked=True).lock()
    except StoreError as error:
        return [str(error)]
    if lock.mode == "GOVERNANCE":
        return [
            f"TRIAL: objects are locked for {lock.days} days; `beleg doctor --harden --years N` ends the trial"
        ]
    if lock.days < 365:
        return [
            f"objects are locked for {lock.days} days only; `beleg doctor --harden --years N` locks them for longer"
        ]
    return []


def locked_days(settings: Settings) -> int | None:
    """Say for how many days the archive place locks what is new; None where it has no locks."""
    if not on_s3(settings.places.archive):
        return None
    from archive.adapters.objects_s3 import S3Store
    from archive.adapters.s3_client import parse_url

    return S3Store(s3_client(settings.s3), parse_url(settings.places.archive), locked=True).lock().days


def keeper(folder: Path, settings: Settings) -> Callable[[str, date], int]:
    """Give what locks an object of the archive place at least until a day, where the place has locks."""
    if not on_s3(settings.places.archive):
        store = FolderStore(folder / settings.places.archive)

        def see(name: str, _: date) -> int:
            if name not in store.names(name):
                raise NotFound(f"{name}: not in {store.root}")
            return 0

        return see

    from archive.adapters.objects_s3 import S3Store
    from archive.adapters.s3_client import parse_url
    from archive.adapters.s3_locks import lock_until

    bucket = S3Store(s3_client(settings.s3), parse_url(settings.places.archive), locked=True)

    def keep(name: str, until: date) -> int:
        return lock_until(bucket, name, datetime(until.year, until.month, until.day, tzinfo=UTC))

    return keep


def harden(
    settings: Settings,
    years: int,
    progress: Progress,
    *,
    profile: str | None,
    credentials: tuple[str, str] | None,
) -> int:
    """Lock the archive place for good; give the number of objects. The owner's credentials are not kept."""
    if not on_s3(settings.places.archive):
        raise UsageError("the archive place is a folder; only a bucket can be locked")
    from archive.adapters.objects_s3 import S3Store
    from archive.adapters.s3_client import connect, parse_url
    from archive.adapters.s3_locks import harden as lock_all

    s3 = settings.s3
    client = connect(s3.endpoint, s3.region, s3.timeout, profile=profile, credentials=credentials)
    store = S3Store(client, parse_url(settings.places.archive), locked=True)
    return lock_all(store, years, lambda done: progress("locking", done, None))
