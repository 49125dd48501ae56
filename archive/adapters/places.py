"""Opening the places that the settings name: folders, or buckets at one S3 server."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from archive.adapters.objects_folder import FolderStore
from archive.ports import ObjectStore, Places
from archive.settings import S3Settings, Settings

if TYPE_CHECKING:
    from archive.adapters.s3_client import Client


def on_s3(place: str) -> bool:
    """Say whether a place is on S3 rather than in a folder."""
    return place.startswith("s3://")


def places_on_s3(settings: Settings) -> bool:
    """Say whether any place is on S3."""
    return any(map(on_s3, settings.places.each))


@cache
def s3_client(s3: S3Settings) -> "Client":
    """Give the one client of this process for a server."""
    from archive.adapters.s3_client import connect

    return connect(s3.endpoint, s3.region, s3.timeout)


def open_store(folder: Path, place: str, s3: S3Settings, *, locked: bool = False) -> ObjectStore:
    """Open one place; ``locked`` for the archive place, whose bucket keeps versions and locks them.

    Raises:
        SettingsError: an address that is none.
    """
    if not on_s3(place):
        return FolderStore(folder / place)
    from archive.adapters.objects_s3 import S3Store
    from archive.adapters.s3_client import parse_url

    return S3Store(s3_client(s3), parse_url(place), locked=locked)


def open_places(folder: Path, settings: Settings) -> Places:
    """Open all places of an archive; of a pulled vault copy only the read side."""
    places = settings.places
    vaults = tuple(open_store(folder, copy, settings.s3) for copy in places.vault)
    written = 1 if places.second_copy == "pulled" else len(vaults)
    return Places(
        open_store(folder, places.archive, settings.s3, locked=True),
        open_store(folder, places.control, settings.s3),
        vaults[:written],
        vaults[written:],
    )


def make_folders(folder: Path, settings: Settings) -> None:
    """Make the folders of those places that are folders."""
    for place in settings.places.each:
        if not on_s3(place):
            (folder / place).mkdir(parents=True, exist_ok=True)


def lock_path(folder: Path, settings: Settings) -> Path:
    """Say where the writer lock of this host lies: beside the control place, else in the workspace."""
    if on_s3(settings.places.control):
        return folder / settings.workspace / "writer.lock"
    control = folder / settings.places.control
    return control.with_name(control.name + ".lock")
