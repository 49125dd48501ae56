"""What beleg.toml may say: frozen, typed, unknown keys refused; secrets are named (``env:``, ``file:``), never held."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from archive.core.canonical import check_origin
from archive.errors import FormatError
from archive.sources import SOURCE_NAME, SourceSettings, check_reference


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}")


def check_address(value: str) -> str:
    """Return a mail address that can stand in a header.

    Raises:
        ValueError: it is none.
    """
    if not _ADDRESS.fullmatch(value):
        raise ValueError("write a mail address like revision@firm.example")
    return value


def check_addresses(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return mail addresses that can stand in a header. Errors as ``check_address``."""
    return tuple(map(check_address, values))


def _server(value: str, what: str) -> str:
    """Return the address of a server, named with an example in ``what``; raises ValueError if it is none."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError(f"write the address of {what}, without credentials")
    return value


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
    """Seconds without a byte, or with hardly any, before an answer counts as lost."""

    @field_validator("endpoint")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if urlsplit(value).query or urlsplit(value).fragment:
            raise ValueError("write the address of an S3 server alone, like https://s3.example")
        return _server(value, "an S3 server like https://s3.example")


class AuthoritySettings(_Section):
    """A time-stamp authority (RFC 3161)."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$")
    url: str
    roots: str
    """A file with the certificates (PEM) that its chain must end in, relative to beleg.toml."""

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return _server(value, "an authority like https://stamp.example")


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

    _mail = field_validator("mail")(check_addresses)


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

    _password = field_validator("password")(check_reference)


class AlertSettings(_Section):
    """Who is told when a source fails, falls silent, or a gap opens."""

    command: tuple[str, ...] = ()
    """A program and its arguments; the text comes on its standard input."""
    mail: tuple[str, ...] = ()

    _mail = field_validator("mail")(check_addresses)


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

    _passphrase = field_validator("passphrase")(check_reference)


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
