"""Options that every command knows, and opening the archive they name."""

import contextlib
import os
import re
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Progress, note

if TYPE_CHECKING:
    from archive.services.session import Asking, Session
    from archive.settings import Settings

ArchiveOption = Annotated[
    Path | None,
    typer.Option("--archive", help="The folder of the archive; else BELEG_ARCHIVE, else upward from here."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in a stable machine form.")]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="A file with the passphrase; else BELEG_PASSPHRASE_<ROLE>, BELEG_PASSPHRASE, or a prompt.",
    ),
]

PurposeOption = Annotated[
    str | None, typer.Option("--purpose", help="What it is looked at for: words, or a matter like M-1.")
]
PersonOption = Annotated[
    str | None, typer.Option("--person", help="Who looks, like P-1; their key file signs the journal.")
]
SecondOption = Annotated[
    str | None, typer.Option("--second", help="The key file of a second person who agrees: privacy, P-2.")
]


@dataclass
class Common:
    """What was said before the command; a command's own options win."""

    archive: Path | None = None
    as_json: bool = False
    passphrase_file: Path | None = None
    found: "tuple[Path, Settings] | None" = None
    """The archive that the command works on, as soon as it is found."""


def common(context: typer.Context) -> Common:
    """Give what was said before the command."""
    found = context.find_root().obj
    return found if isinstance(found, Common) else Common()


def wants_json(context: typer.Context, as_json: bool) -> bool:
    """Say whether the answer is for a machine."""
    return as_json or common(context).as_json


def passphrases(
    file: Path | None, reference: str | None = None, *, new: bool = False
) -> Callable[[str], str]:
    """Give what asks for the passphrase of a role: by file, environment, settings, or on a terminal.

    Args:
        file: from ``--passphrase-file``.
        reference: ``env:NAME`` or ``file:PATH`` from beleg.toml.
        new: a passphrase is being chosen, so a prompt asks twice.
    """
    known: dict[str, str] = {}

    def ask(role: str) -> str:
        from archive.errors import UsageError

        for value in (
            _read(file) if file else None,
            os.environ.get(f"BELEG_PASSPHRASE_{role.upper().replace('-', '_')}"),
            os.environ.get("BELEG_PASSPHRASE"),
            _referenced(reference),
        ):
            if value:
                return value
        if "all" not in known:
            if not sys.stdin.isatty():
                raise UsageError(
                    f"no passphrase for the role {role}: set BELEG_PASSPHRASE or "
                    f"BELEG_PASSPHRASE_{role.upper()}, or give --passphrase-file"
                )
            known["all"] = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
        return known["all"]

    return ask


def certificate_passphrase(file: Path) -> bytes:
    """Give the passphrase of a certificate's file; it has nothing to do with those of the archive."""
    from archive.errors import UsageError

    value = os.environ.get("BELEG_PASSPHRASE_CERTIFICATE")
    if value is None:
        if not sys.stdin.isatty():
            raise UsageError(f"no passphrase for {file}: set BELEG_PASSPHRASE_CERTIFICATE")
        value = str(typer.prompt(f"Passphrase of {file.name}", hide_input=True, err=True))
    return value.encode()


def _read(file: Path) -> str:
    from archive.errors import UsageError

    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: the passphrase file cannot be read") from error
    if not text:
        raise UsageError(f"{file}: the passphrase file is empty")
    return text


def _referenced(reference: str | None) -> str | None:
    if reference is None:
        return None
    kind, _, name = reference.partition(":")
    return os.environ.get(name) if kind == "env" else _read(Path(name))


def find_archive(context: typer.Context, archive: Path | None) -> "tuple[Path, Settings]":
    """Find the archive and read its settings."""
    from archive.settings import find, load

    known = common(context)
    folder = find(archive or known.archive)
    known.found = folder, load(folder)
    return known.found


def named_place(folder: Path, place: str) -> str:
    """Give a place as beleg.toml names it: a folder that a person wrote, from where they stand, as every file.

    What lies in the archive's own folder is named from there, so that both move together.
    """
    if "://" in place:
        return place
    chosen, own = (Path(os.path.abspath(one)) for one in (place, folder))  # noqa: PTH100  links stay as they are named
    return str(chosen.relative_to(own) if chosen.is_relative_to(own) else chosen)


def check_outside(context: typer.Context, archive: Path | None, *files: Path | None) -> None:
    """Refuse to write into the places of the archive: what no record names there is a finding for ever.

    Raises:
        UsageError: one of the files or folders lies there.
    """
    from archive.errors import UsageError

    folder, settings = find_archive(context, archive)
    own = (*settings.places.each, settings.keys, settings.workspace)
    for file in filter(None, files):
        for place in own:
            if "://" not in place and file.resolve().is_relative_to((folder / place).resolve()):
                raise UsageError(
                    f"{file} lies in {folder / place}, which is the archive's own; name another folder"
                )


def check_new(context: typer.Context, archive: Path | None, *files: Path | None) -> None:
    """Refuse, before anything is looked for, files that could not be written then.

    Raises:
        UsageError: one is there already, or its folder is not, or it would lie in a place of the archive.
    """
    from archive.errors import UsageError

    for file in filter(None, files):
        if file.exists():
            raise UsageError(f"{file} exists; nothing is overwritten")
        if not file.parent.is_dir():
            raise UsageError(f"{file.parent} is no folder")
    check_outside(context, archive, *files)


def write_new(file: Path, data: bytes) -> None:
    """Write a file that was not there: nothing is overwritten, even if it came meanwhile.

    Raises:
        UsageError: it is there, or cannot be written.
    """
    from archive.errors import UsageError

    try:
        with file.open("xb") as stream:
            stream.write(data)
    except FileExistsError as error:
        raise UsageError(f"{file} exists; nothing is overwritten") from error
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def written_whole(file: Path) -> "Iterator[Path]":
    """Give where to write a file that bears its name only when it is whole: half a list would look like a list.

    Raises:
        UsageError: it is there meanwhile, or what an interrupted command left of it.
    """
    from archive.errors import UsageError

    part = file.with_name(f"{file.name}.part")
    if part.exists():
        raise UsageError(
            f"{part} exists: an interrupted command left it, or another one writes it; delete it then"
        )
    try:
        yield part
        if file.exists():
            raise UsageError(f"{file} exists; nothing is overwritten")
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)


def asking(
    purpose: str | None, person: str | None, second: str | None, matter: str | None = None
) -> "Asking":
    """Give who looks and what for; a purpose that is the number of a matter is that matter.

    Raises:
        UsageError: one of them holds bytes of another encoding, or signs that steer a terminal.
    """
    from archive.errors import UsageError
    from archive.services.session import Asking

    for said in filter(None, (purpose, person, second, matter)):
        if not said.isprintable():
            raise UsageError(f"{said!a} holds characters that cannot be shown")
    # Blanks say nothing, and a policy may demand that something is said.
    purpose = (purpose.strip() or None) if purpose else None
    named = purpose if purpose and re.fullmatch(r"M-\d+", purpose) else None
    return Asking(None if named else purpose, named or matter, person, second)


@contextlib.contextmanager
def opened(
    context: typer.Context,
    archive: Path | None,
    passphrase_file: Path | None,
    *,
    anew: Collection[str] = (),
    asking: "Asking | None" = None,
    processes: int | None = None,
) -> "Iterator[Session]":
    """Open the archive for one command; one that wrote seals the lines of the journal that are due."""
    from archive.services.journal import seal_after
    from archive.services.session import Asking
    from archive.wiring import open_session

    folder, settings = find_archive(context, archive)
    ask = passphrases(passphrase_file or common(context).passphrase_file, settings.passphrase)
    said = asking or Asking()
    if said.person is None and os.environ.get("BELEG_PERSON"):
        said = replace(said, person=os.environ["BELEG_PERSON"])
    progress = Progress()
    try:
        with open_session(
            folder,
            settings,
            ask,
            waiting=note,
            progress=progress,
            anew=anew,
            asking=said,
            processes=processes,
        ) as session:
            yield session
            seal_after(session)
    finally:
        progress.end()


def check_date(value: str) -> None:
    """Refuse what is no day; raises UsageError."""
    from datetime import date

    from archive.errors import UsageError

    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII) is None:
            raise ValueError
        date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"{value!r} is not a date; write one like 2027-06-30") from None
