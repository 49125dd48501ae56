"""What is to be done by hand after a place of an archive lies elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli.output import note

if TYPE_CHECKING:
    from archive.settings import Settings


def tell_moved(folder: Path, before: "Settings") -> None:
    """Say, where beleg.toml names another place than before, what follows for hosts, server and the old place."""
    from archive.settings import load

    now = load(folder)
    if now.places == before.places:
        return
    read_only = ", with read_only = true as here" if now.read_only else ""
    new = ", ".join(
        place if "://" in place else str(folder / place)
        for place in now.places.each
        if place not in before.places.each
    )
    note(f"beleg.toml of this host names the new place, {new}; let every other host's name it too{read_only}")
    if (folder / "policies").is_dir():
        note(f"{folder / 'policies'}: written anew; whoever runs the S3 server puts them there")
    for copy in before.places.vault:
        if copy not in now.places.vault:
            note(f"{copy}: where it still exists it holds keys that no erasure reaches: destroy it")
