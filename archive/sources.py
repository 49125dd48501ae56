"""Live sources: what is asked of a platform's own interface, and what it answers.

A source yields **hauls**: answers exactly as received, with the cursor that stands behind them. A haul is read by the
readers of exports, and its cursor is sealed after its records: what is lost in a crash is asked for again, and what
comes twice is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from schemas.capture import Gap, Wait

SOURCE_NAME = r"^[a-z0-9][a-z0-9-]{0,39}$"
Kind = Literal["feed", "imap", "mastodon", "matrix"]
_SCHEMES = {
    "feed": ("http", "https"),
    "imap": ("imap", "imaps"),
    "matrix": ("http", "https"),
    "mastodon": ("http", "https"),
}
_HERE = ("127.0.0.1", "localhost", "::1")


class SourceSettings(BaseModel):
    """A connection to one account of a platform. Nothing is read but what ``only`` names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    url: str
    """Of a feed its address, else that of the server: ``https://matrix.example``, ``imaps://mail.example``."""
    account: str | None = None
    """The login name, or the account whose view it is."""
    secret: str | None = None
    """Password or access token: ``env:NAME`` or ``file:PATH``; never written here."""
    only: tuple[str, ...] = ()
    """The folders or rooms that are read, as patterns with ``*``; none named, none read."""
    but: tuple[str, ...] = ()
    """Of those, the ones that are not."""
    minutes: int = Field(default=60, ge=1, le=10_080)
    """How often `collect --loop` asks."""
    full_hours: int = Field(default=24, ge=1, le=8_760)
    """How often everything that is in sight is read again, for what the cursor does not show."""
    timeout: float = Field(default=60.0, gt=0, le=600)
    unencrypted: bool = False
    """Reads from another machine without TLS too."""

    @field_validator("secret")
    @classmethod
    def _reference(cls, value: str | None) -> str | None:
        if value is not None and (not value.startswith(("env:", "file:")) or value in ("env:", "file:")):
            raise ValueError("a secret is named as env:NAME or file:PATH, never written into beleg.toml")
        return value

    @model_validator(mode="after")
    def _address(self) -> "SourceSettings":
        try:
            parts = urlsplit(self.url)
            parts.port  # noqa: B018  (raises where it is no number)
        except ValueError:
            raise ValueError("url is no address") from None
        schemes = _SCHEMES[self.kind]
        if parts.scheme not in schemes or not parts.hostname or parts.username or parts.password:
            raise ValueError(
                f"a source of kind {self.kind} has an address that begins with {schemes[-1]}://, "
                "without name or password"
            )
        if parts.scheme in ("http", "imap") and parts.hostname not in _HERE and not self.unencrypted:
            raise ValueError(
                f"{parts.scheme}:// is not encrypted; write unencrypted = true to read it all the same"
            )
        if self.kind != "feed" and not (self.account and self.secret):
            raise ValueError(f"a source of kind {self.kind} needs account and secret")
        return self

    def wants(self, *names: str) -> bool:
        """Say whether a folder or room is read: by one of its names, and by none that is left out."""
        chosen = any(fnmatchcase(name, pattern) for name in names for pattern in self.only)
        return chosen and not any(fnmatchcase(name, pattern) for name in names for pattern in self.but)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source gave, byte for byte."""

    path: str
    """Where it stands in the haul, by ``/``: readers take folders for threads and look for files beside."""
    body: bytes
    origin: str
    """What was asked: an address without secrets, a folder and number."""
    channel: str
    """The channel whose reader reads it."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that was read before and is no longer where it was."""

    path: str
    """Of the answer in which it came."""
    because: str
    ident: str | None = None
    """Which thing of that answer, by its id on the platform; None: all that came in it."""


@dataclass(frozen=True, slots=True)
class Haul:
    """A step of a collection: small enough for memory, whole enough to be read."""

    cursor: str
    """Where to go on once this haul is sealed."""
    answers: tuple[Answer, ...] = ()
    gaps: tuple[Gap, ...] = ()
    """What is known to be missing, and could not be had."""
    waits: tuple[Wait, ...] = ()
    notes: tuple[str, ...] = ()
    gone: tuple[Gone, ...] = ()


@dataclass(frozen=True, slots=True)
class Right:
    """Something that a source can or cannot do with the account it was given."""

    what: str
    given: Literal["yes", "no", "never", "left out"]
    """``no``: should be there and is not; ``never``: the platform gives it to nobody; ``left out``: not asked for."""
    why: str = ""


class LiveSource(Protocol):
    """One configured connection to an account of a platform."""

    kind: ClassVar[str]

    def test(self) -> Iterator[Right]:
        """Say what would be read, with which rights, and what is missing; nothing is kept.

        Raises:
            Unreachable, Refused: as ``collect``.
        """
        ...

    def collect(self, cursor: str | None) -> Iterator[Haul]:
        """Give everything after ``cursor``, oldest first; from the beginning without one.

        A cursor that the platform refuses leads to a new full reading and a gap, never to an error.

        Raises:
            Refused: the login is not accepted, or the account may not read what was asked for.
            Unreachable: no answer, or not that of such a server; hauls given before stand.
        """
        ...
