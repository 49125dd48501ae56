"""What a place lies in: a place within another archive's would be a finding there, and under a lock for good."""

from pathlib import Path

from archive.adapters.places import on_s3, open_store
from archive.errors import Forbidden, NotFound, Unreachable
from archive.services import mirror as mirroring
from archive.settings import Settings


def demand_no_place(folder: Path, settings: Settings, place: str, *, itself: bool = False) -> None:
    """Refuse a place within a place of any archive, as far as this account can see.

    Args:
        folder: what a place that is a path is relative to.
        settings: how to reach the server.
        place: a folder, or a place on S3; it need not be there yet.
        itself: whether it must be no place of an archive itself either.

    Raises:
        UsageError: it lies in such a place.
    """
    for one in _around(folder, place, itself=itself):
        try:
            mirroring.demand_no_place(open_store(Path("/"), one, settings.s3), one, place)
        except (Forbidden, NotFound, Unreachable):
            continue  # what may not be listed cannot be looked at; the place itself is asked by what uses it


def _around(folder: Path, place: str, *, itself: bool) -> list[str]:
    """Give what a place lies in: folders, or a bucket and prefixes in it."""
    if not on_s3(place):
        absolute = (folder / place).resolve()
        above = (absolute, *absolute.parents) if itself else tuple(absolute.parents)
        return [str(found) for found in above if found.is_dir()]
    from archive.adapters.s3_client import parse_url

    address = parse_url(place)
    parts = [f"s3://{address.bucket}", *filter(None, address.prefix.split("/"))]
    return ["/".join(parts[:length]) for length in range(1, len(parts) + (1 if itself else 0))]
