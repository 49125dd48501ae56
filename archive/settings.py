"""beleg.toml: frozen, typed, unknown keys refused; secrets are named (``env:``, ``file:``), never held."""

import json
import os
import re
import tomllib
from itertools import combinations
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from archive.core.canonical import check_origin
from archive.errors import FormatError, SettingsError
from archive.sources import SOURCE_NAME, SourceSettings

FILE = "beleg.toml"
_REFERENCE = re.compile(r"(env|file):.")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def overlap(one: str, other: str) -> bool:
    """Say whether two places, as ``whereabouts`` tells them, are the same or lie one within the other."""
    first, second = (PurePosixPath(place).parts for place in (one, other))
    shorter = min(len(first), len(second))
    return first[:shorter] == second[:shorter]


def whereabouts(folder: Path, place: str) -> str:
    """Tell where a place lies in one spelling: an address on S3, or a folder without links and detours."""
    return place.rstrip("/") if place.startswith("s3://") else str((folder / place).resolve())


class PlaceSettings(_Section):
    """Where the places are: folders, relative to beleg.toml, or ``s3://bucket/prefix``."""

    archive: str = "places/archive"
    control: str = "places/control"
    vault: tuple[str, ...] = Field(default=("places/vault", "places/vault-copy"), min_length=1, max_length=2)
    second_copy: Literal["written", "pulled"] = "written"
    """Whether each commit writes the second vault copy, or another account pulls it (``keys copy``)."""

    @property
    def each(self) -> tuple[str, ...]:
        """All of them: archive, control, and the vault with its copy."""
        return self.archive, self.control, *self.vault


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


class AuthoritySettings(_Section):
    """A time-stamp authority (RFC 3161)."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$")
    url: str
    roots: str
    """A file with the certificates (PEM) that its chain must end in, relative to beleg.toml."""

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError(
                "write the address of an authority like https://stamp.example, without credentials"
            )
        return value


class TimeSettings(_Section):
    """Who bounds the time of sealing, and how often. RFC 3161 tokens are signed, so plain http is no harm."""

    authorities: tuple[AuthoritySettings, ...] = ()
    after_minutes: int = Field(default=60, ge=0, le=525_600)
    """After a run, stamp if the last token of an authority is older; 0: only by `beleg proof anchor`."""
    timeout: float = Field(default=20.0, gt=0, le=600)

    @field_validator("authorities")
    @classmethod
    def _names(cls, value: tuple[AuthoritySettings, ...]) -> tuple[AuthoritySettings, ...]:
        if len({one.name for one in value}) != len(value):
            raise ValueError("two authorities of one name")
        return value


class HeadSettings(_Section):
    """Where the newest checkpoint goes after each run, so that outsiders keep it."""

    copy_to: tuple[str, ...] = ()
    """Folders, relative to beleg.toml, or ``s3://bucket/prefix``: of somebody else, best."""
    mail: tuple[str, ...] = ()

    @field_validator("mail")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            check_address(address)
        return value


class MailSettings(_Section):
    """The server that takes mail."""

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65_535)
    sender: str = "beleg@localhost"
    security: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password: str | None = None
    """``env:NAME`` or ``file:PATH``; never written here."""
    timeout: float = Field(default=30.0, gt=0, le=600)

    @field_validator("sender")
    @classmethod
    def _sender(cls, value: str) -> str:
        return check_address(value)

    @field_validator("password")
    @classmethod
    def _reference(cls, value: str | None) -> str | None:
        if value is not None and not _REFERENCE.match(value):
            raise ValueError("a secret is named as env:NAME or file:PATH, never written into beleg.toml")
        return value


class AlertSettings(_Section):
    """Who is told when a source fails, falls silent, or a gap opens."""

    command: tuple[str, ...] = ()
    """A program and its arguments; the text comes on its standard input."""
    mail: tuple[str, ...] = ()

    @field_validator("mail")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            check_address(address)
        return value


_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}")


def check_address(value: str) -> str:
    """Return a mail address that can stand in a header.

    Raises:
        ValueError: it is none.
    """
    if not _ADDRESS.fullmatch(value):
        raise ValueError("write a mail address like revision@firm.example")
    return value


class Settings(_Section):
    """The settings of one archive on one host."""

    origin: str
    mode: Literal["one_account", "split"] = "one_account"
    timezone: str | None = None
    """For local times in exports that name no zone; what it gives is marked ``assumed``."""
    places: PlaceSettings = PlaceSettings()
    s3: S3Settings = S3Settings()
    time: TimeSettings = TimeSettings()
    heads: HeadSettings = HeadSettings()
    mail: MailSettings = MailSettings()
    sources: dict[Annotated[str, Field(pattern=SOURCE_NAME)], SourceSettings] = Field(default={})
    """What is collected live, by name."""
    alerts: AlertSettings = AlertSettings()
    policy: str | None = None
    """A policy that the owner handed out (`beleg policy hand-out`), for accounts that cannot read it themselves."""
    metrics: str | None = None
    """A file of figures for Prometheus, relative to beleg.toml, written after each collection."""
    workspace: str = "workspace"
    """Catalogue, index, state file: all of it can be rebuilt."""
    keys: str = "keys"
    log_signer: str | None = Field(default=None, pattern=r"^kms:[A-Za-z0-9:/_-]{1,2048}$")
    """``kms:KEY`` where the log key lies in AWS KMS (id, alias or ARN), and not in a key file."""
    kms_endpoint: str | None = None
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
        if value is not None and not _REFERENCE.match(value):
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
            settings = Settings.model_validate(tomllib.load(file))
        demand_apart(folder, settings)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise SettingsError(f"{path}: {explain(error)}") from error
    return settings


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
        except UnicodeDecodeError as error:
            raise SettingsError(f"{name}: cannot be read: it is no text in UTF-8") from error
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
    """Write other settings into beleg.toml, whole or not at all; the file as it was is kept beside it.

    Raises:
        SettingsError: they hold what no file of text can, or could not be read back as they are.
    """
    path = folder / FILE
    try:
        text = to_toml(settings).encode()
        same = Settings.model_validate(tomllib.loads(text.decode())) == settings
    except (UnicodeEncodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(
            f"{path}: not changed: these settings hold characters that no text has"
        ) from error
    if not same:
        raise SettingsError(f"{path}: not changed: these settings could not be read back as they are")
    path.with_name(FILE + ".before").write_bytes(path.read_bytes())
    save(folder, settings)


def save(folder: Path, settings: Settings) -> None:
    """Write beleg.toml, whole or not at all, and durable before it takes the place of the one that is there."""
    path, new = folder / FILE, folder / (FILE + ".new")
    with new.open("wb") as file:
        file.write(to_toml(settings).encode())
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        new.chmod(path.stat().st_mode)
    new.replace(path)


def _word(value: object) -> str:
    """Write a value as TOML does, which is as JSON does but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _section(name: str, section: BaseModel) -> list[str]:
    """Write what differs from the defaults of a section; JSON writes strings, numbers and lists as TOML does."""
    told = section.model_dump(exclude_defaults=True, mode="json")
    tables = told.pop("authorities", ())
    lines = ["", f"[{name}]"] if told else []
    lines += [f"{key} = {_word(value)}" for key, value in told.items() if value is not None]
    for table in tables:
        lines += ["", f"[[{name}.authorities]]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return lines


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
        *([f'log_signer = "{settings.log_signer}"'] if settings.log_signer else []),
        *([f'kms_endpoint = "{settings.kms_endpoint}"'] if settings.kms_endpoint else []),
        *([f'passphrase = "{settings.passphrase}"'] if settings.passphrase else []),
        f'engine = "{settings.engine}"',
        *([f'ocr = "{settings.ocr}"'] if settings.ocr else []),
        *([f'catalogue = "{settings.catalogue}"'] if settings.catalogue else []),
        *(["read_only = true"] if settings.read_only else []),
        *([f"policy = {json.dumps(settings.policy, ensure_ascii=False)}"] if settings.policy else []),
        *([f"metrics = {json.dumps(settings.metrics, ensure_ascii=False)}"] if settings.metrics else []),
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
    for name in ("time", "heads", "mail", "alerts"):
        lines += _section(name, getattr(settings, name))
    for name, source in settings.sources.items():
        lines += _section(f"sources.{name}", source)
    return "\n".join(lines) + "\n"
