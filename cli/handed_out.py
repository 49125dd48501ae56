"""Verifying what was handed out: a bundle, or the proof of one record."""

from pathlib import Path

from cli.output import answer, say
from cli.verification import VERDICTS


def is_handed_out(place: Path) -> bool:
    """Say whether this is a bundle or the proof of a record, and no archive."""
    from archive.errors import UsageError
    from archive.settings import is_bundle

    if not place.exists():
        raise UsageError(f"there is nothing at {place}")
    if not place.is_file():
        return is_bundle(place)
    with place.open("rb") as stream:
        begin = stream.read(4)
    if begin == b"PK\x03\x04":
        raise UsageError(f"{place} is a zip: unpack it, and name the folder")
    if begin[:1] != b"{":
        raise UsageError(f"{place} is no proof of a record; name the folder of an archive or of a bundle")
    return True


def refuse(options: dict[str, object]) -> None:
    """Refuse options that say nothing about a bundle or a proof: ignoring them would look like having done it."""
    from archive.errors import UsageError

    if given := [name for name, value in options.items() if value]:
        raise UsageError(
            f"{given[0]} is for archives; a bundle or proof is checked whole, and has its own page"
        )


def check(folder: Path, key: str | None, heads: list[Path], authorities: list[bytes], *, json: bool) -> int:
    """Check it, print what was found, give the exit code."""
    from archive.wiring import check_bundle

    code, text = check_bundle(folder, key, heads, authorities)
    if json:
        lines = text.splitlines()
        told = {
            name: [line.removeprefix(mark) for line in lines if line.startswith(mark)]
            for name, mark in (("findings", "FINDING: "), ("unknown", "COULD NOT TELL: "))
        }
        answer({"exit_code": code, "verdict": VERDICTS.get(code), **told, "report": lines})
    else:
        say(text.rstrip())
    return code
