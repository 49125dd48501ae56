"""beleg.toml: frozen, typed, unknown keys refused; secrets are named (``env:``, ``file:``), never held."""

import os
import re
import tomllib
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from archive.core.canonical import check_origin
from archive.errors import FormatError, SettingsError

FILE = "beleg.toml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlaceSettings(_Section):
    """Where the places are: folders, relative to beleg.toml, or ``s3://bucket/prefix``."""

    archive: str = "places/archive"
    control: str = "places/control"
    vault: tuple[str, ...] = Field(default=("places/vault", "places/vault-copy"), min_length=1, max_length=2)
    second_copy: Literal["written", "pulled"] = "written"
    """Whether each commit writes the second vault copy, or another account pulls it (``keys copy``)."""


class S3Settings(_Section):
    """How places on S3 are reached; credentials come by boto3's own chain, never from here."""

    endpoint: str | None = None
    region: str | None = None
    timeout: float = Field(default=60.0, gt=0, le=600)
    """Seconds without a byte before an answer counts as lost."""

    @field_validator("endpoint")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
                raise ValueError(
                    "write the address of an S3 server like https://s3.example, without credentials"
                )
        return value


class Settings(_Section):
    """The settings of one archive on one host."""

    origin: str
    mode: Literal["one_account", "split"] = "one_account"
    timezone: str | None = None
    """For local times in exports that name no zone; what it gives is marked ``assumed``."""
    places: PlaceSettings = PlaceSettings()
    s3: S3Settings = S3Settings()
    workspace: str = "workspace"
    """Catalogue, index, state file: all of it can be rebuilt."""
    keys: str = "keys"
    passphrase: str | None = None
    """``env:NAME`` or ``file:PATH`` where the passphrase is found; it is never written here."""
    engine: Literal["tantivy", "whoosh"] = "tantivy"
    catalogue: str | None = None
    """A database in place of the file in the workspace: a URL, or ``env:NAME`` or ``file:PATH`` where it is found."""
    ocr: str | None = Field(default=None, pattern=r"^[a-z_]{3,20}(\+[a-z_]{3,20})*$")
    """Languages by which tesseract reads images and scans, ``deu+eng``; without it they are counted as unread."""
    read_only: bool = False
    """The archive place came from a mirror, and no outside head has agreed yet."""

    @field_validator("origin")
    @classmethod
    def _origin(cls, value: str) -> str:
        try:
            return check_origin(value)
        except FormatError as error:
            raise ValueError(str(error)) from error

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str | None) -> str | None:
        if value is not None:
            check_timezone(value)
        return value

    @field_validator("catalogue")
    @classmethod
    def _database(cls, value: str | None) -> str | None:
        if value is not None and _WITH_PASSWORD.match(value):
            raise ValueError(
                "a URL with a password is named as env:NAME or file:PATH, never written into beleg.toml"
            )
        return value

    @field_validator("passphrase")
    @classmethod
    def _reference(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("env:", "file:")):
            raise ValueError("a secret is named as env:NAME or file:PATH, never written into beleg.toml")
        return value


_WITH_PASSWORD = re.compile(r"^[a-z0-9+]+://[^/@]*:[^/@]*@")


def check_timezone(name: str) -> str:
    """Return an IANA zone name that exists.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone; write one like Europe/Berlin") from error
    return name


def load(folder: Path) -> Settings:
    """Read beleg.toml in ``folder``.

    Raises:
        SettingsError: it cannot be read, or says something that is not allowed.
    """
    path = folder / FILE
    try:
        with path.open("rb") as file:
            return Settings.model_validate(tomllib.load(file))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise SettingsError(f"{path}: {explain(error)}") from error


def explain(error: ValidationError) -> str:
    """Say in a line what is wrong with settings, without showing what was written."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"there is no setting {where!r}"
    return f"{where}: {first['msg'].removeprefix('Value error, ').replace('Input should be', 'must be')}"


def resolve(reference: str) -> str:
    """Give what a setting names: ``env:NAME``, ``file:PATH``, or itself.

    Raises:
        SettingsError: there is no such variable or file.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        if not os.environ.get(name):
            raise SettingsError(f"the environment variable {name} is not set")
        return os.environ[name]
    if kind == "file":
        try:
            return Path(name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{name}: cannot be read: {error.strerror}") from error
    return reference


def find(given: Path | None) -> Path:
    """Find the folder of the archive: as given, by BELEG_ARCHIVE, or upward from the current folder.

    Raises:
        SettingsError: there is none.
    """
    named = given or (Path(os.environ["BELEG_ARCHIVE"]) if os.environ.get("BELEG_ARCHIVE") else None)
    if named is not None:
        if not (named / FILE).is_file():
            raise SettingsError(f"{named}: there is no archive here (no {FILE}). `beleg init` makes one.")
        return named
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    raise SettingsError(
        "no archive here or in any folder above: name one with --archive or BELEG_ARCHIVE, "
        "or make one with `beleg init`"
    )


def replace(folder: Path, settings: Settings) -> None:
    """Write other settings into beleg.toml; the file as it was is kept beside it."""
    path = folder / FILE
    before = path.with_name(FILE + ".before")
    before.write_bytes(path.read_bytes())
    path.write_text(to_toml(settings), encoding="utf-8")


def to_toml(settings: Settings) -> str:
    """Write settings as beleg.toml."""
    places = settings.places
    lines = [
        "# The settings of this archive on this host. Unknown keys are refused; secrets are only named.",
        f'origin = "{settings.origin}"',
        f'mode = "{settings.mode}"',
        *([f'timezone = "{settings.timezone}"'] if settings.timezone else []),
        f'workspace = "{settings.workspace}"',
        f'keys = "{settings.keys}"',
        *([f'passphrase = "{settings.passphrase}"'] if settings.passphrase else []),
        f'engine = "{settings.engine}"',
        *([f'ocr = "{settings.ocr}"'] if settings.ocr else []),
        *([f'catalogue = "{settings.catalogue}"'] if settings.catalogue else []),
        *(["read_only = true"] if settings.read_only else []),
        "",
        "[places]",
        f'archive = "{places.archive}"',
        f'control = "{places.control}"',
        "vault = [" + ", ".join(f'"{copy}"' for copy in places.vault) + "]",
        f'second_copy = "{places.second_copy}"',
    ]
    if settings.s3 != S3Settings():
        lines += ["", "[s3]", f"timeout = {settings.s3.timeout}"]
        lines += [f'endpoint = "{settings.s3.endpoint}"'] if settings.s3.endpoint else []
        lines += [f'region = "{settings.s3.region}"'] if settings.s3.region else []
    return "\n".join(lines) + "\n"
