"""What may be said of a bundle on the command line, and what goes together."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from schemas.matter import ExportOptions

SPELT = {
    "around": "--context", "timezone": "--timezone", "language": "--language", "profile": "--profile",
    "exhibit": "--exhibit", "prefix": "--bates", "slices": "--slices", "volume_size": "--volume-size",
    "images": "--images", "mails": "--mails",
}  # fmt: skip
PROFILES = ("full", "court-de", "review", "opposing")
_SIZE = re.compile(r"([1-9][0-9]{0,8}) ?([MG])B", re.IGNORECASE)
_UNITS = {"M": 1_000_000, "G": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Said:
    """The options as they were written."""

    around: str
    zone: str
    language: str
    profile: str
    exhibit: str | None
    prefix: str | None
    slices: str | None
    volume_size: str | None
    images: bool
    mails: bool


def given_of(context: typer.Context) -> list[str]:
    """Give the options that stand on the command line."""
    sources = ((name, context.get_parameter_source(name)) for name in SPELT)
    return [SPELT[name] for name, source in sources if source is not None and source.name == "COMMANDLINE"]


def options_of(said: Said) -> "ExportOptions":
    """Give the options of a production.

    Raises:
        UsageError: they do not go together; it says what is allowed.
    """
    from archive.errors import UsageError
    from schemas.matter import ExportOptions

    if said.language not in ("de", "en"):
        raise UsageError("--language is de or en")
    if said.profile not in PROFILES:
        raise UsageError("--profile is full, court-de, review or opposing")
    exhibit = (said.exhibit or "").strip()
    if said.exhibit is not None and (said.profile == "review" or not 0 < len(exhibit) <= 40):
        raise UsageError(
            "--exhibit is a few characters, and belongs to profiles with a report: not to review"
        )
    if said.exhibit is not None and said.prefix is not None:
        raise UsageError("a page bears one stamp: --exhibit or --bates")
    word = "Anlage" if said.language == "de" else "Exhibit"
    told = {
        "context": said.around, "timezone": said.zone, "language": said.language, "profile": said.profile,
        "exhibit": f"{word} {exhibit}" if exhibit else None, **_of_volumes(said),
    }  # fmt: skip
    return ExportOptions.model_validate({name: value for name, value in told.items() if value is not None})


def _of_volumes(said: Said) -> dict[str, object]:
    from archive.errors import UsageError
    from archive.exporters.review import PREFIX

    if said.prefix is not None and not PREFIX.fullmatch(said.prefix):
        raise UsageError("--bates: capitals, digits and _, not ending in a digit, at most 16")
    if said.profile != "review":
        wanted = {
            "--slices": said.slices, "--volume-size": said.volume_size, "--images": said.images,
            "--mails": said.mails,
        }  # fmt: skip
        if names := [name for name, value in wanted.items() if value]:
            raise UsageError(f"only --profile review takes {', '.join(names)}")
        return {"prefix": said.prefix}
    if said.slices not in (None, "day", "gap", "whole"):
        raise UsageError("--slices is day, gap or whole")
    return {
        "prefix": said.prefix or "BELEG", "slices": said.slices or "day", "images": said.images or None,
        "mails": said.mails or None, "volume_size": _bytes(said.volume_size),
    }  # fmt: skip


def _bytes(written: str | None) -> int | None:
    from archive.errors import UsageError

    if written is None:
        return None
    found = _SIZE.fullmatch(written.strip())
    if found is None:
        raise UsageError("--volume-size is a number of megabytes or gigabytes, like 650MB or 2GB")
    return int(found[1]) * _UNITS[found[2].upper()]
