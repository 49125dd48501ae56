"""Where the places of an archive lie, in one spelling, and whether two overlap."""

from itertools import combinations
from pathlib import Path, PurePosixPath

from archive.errors import SettingsError
from archive.settings.sections import Settings


def overlap(one: str, other: str) -> bool:
    """Say whether two places, as ``whereabouts`` tells them, are the same or lie one within the other."""
    first, second = (PurePosixPath(place).parts for place in (one, other))
    shorter = min(len(first), len(second))
    return first[:shorter] == second[:shorter]


def whereabouts(folder: Path, place: str) -> str:
    """Tell where a place lies in one spelling: an address on S3, or a folder without links and detours."""
    return place.rstrip("/") if place.startswith("s3://") else str((folder / place).resolve())


def demand_apart(folder: Path, settings: Settings) -> None:
    """Refuse places that overlap with each other, with the keys or the workspace, however they are spelled.

    Raises:
        SettingsError: two do.
    """
    names = (*settings.places.each, settings.keys, settings.workspace)
    for one, other in combinations(names, 2):
        if overlap(whereabouts(folder, one), whereabouts(folder, other)):
            raise SettingsError(
                f"{one} and {other} overlap in {folder}; each place needs a bucket or folder of its own"
            )


def overlapped(folder: Path, settings: Settings, wanted: str) -> str | None:
    """Give a place of the archive that overlaps with one that ``whereabouts`` tells; None if none does."""
    return next((one for one in settings.places.each if overlap(wanted, whereabouts(folder, one))), None)


def way_back(folder: Path, settings: Settings, gone: str) -> str | None:
    """Say how a place that is not there is made anew; None if it is none of the archive's."""
    wanted = whereabouts(folder, gone)
    number = next(
        (n for n, one in enumerate(settings.places.each) if overlap(wanted, whereabouts(folder, one))), None
    )
    if number is None:
        return None
    if number < 2:
        place, command = (
            ("the archive place", "beleg rebuild archive --from MIRROR --into NEW --head FILE"),
            ("the control place", "beleg rebuild markers --into NEW"),
        )[number]
    elif len(settings.places.vault) == 1:
        return "this was the only copy of the vault: what is lost with it says the README, under Places"
    else:
        place, command = f"vault copy {number - 1}", f"beleg keys copy --from {4 - number} --into NEW"
    return f"this was {place}: if it is lost, and not only out of reach or named wrongly, `{command}` makes it anew"
