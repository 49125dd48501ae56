"""Live sources: what is asked of a platform's own interface, and what it answers.

A source yields **hauls**: answers exactly as received, with the cursor that stands behind them. A haul is read by the
readers of exports, and its cursor is sealed with its records: what is lost in a crash is asked for again, and what
comes twice is known.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from archive.errors import Refused
from schemas.capture import Claim, Gap, Wait

SOURCE_NAME = r"^[a-z0-9][a-z0-9-]{0,39}$"
USUAL_MINUTES = 60
"""How often a source is asked whose settings say nothing of it."""
Kind = Literal["bluesky", "bluesky-feed", "feed", "imap", "mastodon", "matrix", "slack", "teams"]
FIREHOSE, REPOSITORY = "firehose", "repository"
"""What can be read of a Bluesky account."""
_HERE = ("127.0.0.1", "localhost", "::1")


def has_passed(since: str | None, span: timedelta, now: datetime) -> bool:
    """Say whether a span of time is over that began at ``since`` (ISO 8601, aware).

    None is long ago. So is a time that is still to come: the clock was wrong then, and nothing waits for years.
    """
    return since is None or not timedelta() <= now - datetime.fromisoformat(since) < span


ANOTHER_ACCOUNT = "the account is another one than before: give that source a name of its own"
NAMES_NOTHING = "`only` names nothing, so nothing is read: name what is, or * for all"
NOT_OF_ACCOUNT = (
    "the login is not of the account that beleg.toml names: nothing is read under the name of another"
)


def fits(name: str, pattern: str) -> bool:
    """Say whether a name fits a pattern in which ``*`` stands for anything, and all else for itself: ``[Gmail]/*``."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class LiveFacts:
    """What a kind of source reads, how, and what it was tried on: for ``beleg channels`` and for coverage."""

    reads: str
    goes_on: str
    """By what it knows where to go on."""
    edits: str
    deletions: str
    tested: str
    """A real server, an emulation, or answers replayed after the documentation: said as it is."""
    never: tuple[str, ...] = ()
    """What the platform gives to nobody, or not by this way: no time of it can be covered."""
    window: str = ""
    """What of the time before the first look is in sight, where it is not all of it."""
    unseen: str = ""
    """What is lost of a time in which nobody looks, unless the looks themselves say that they were told it later."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the settings of a kind of source must say."""

    schemes: tuple[str, ...]
    fields: tuple[str, ...]
    """Besides the address."""
    chosen: str = ""
    """What ``only`` names, as somebody is asked for it; empty: there is nothing to choose from."""
    url: str | None = None
    """The address, where all accounts of the platform have the same."""


_WEB = ("http", "https")
NEEDS: dict[str, Needs] = {
    "feed": Needs(_WEB, ()),
    "imap": Needs(("imap", "imaps"), ("account", "secret"), "folders"),
    "matrix": Needs(_WEB, ("account", "secret"), "rooms, by id, name or alias"),
    "mastodon": Needs(_WEB, ("account", "secret"), "statuses, direct"),
    "bluesky": Needs(_WEB, ("account",), "firehose, repository"),
    "bluesky-feed": Needs(_WEB, ("account",), url="https://public.api.bsky.app"),
    "slack": Needs(
        _WEB, ("account", "secret"), "channels, by id or name; direct messages by id", "https://slack.com/api"
    ),
    "teams": Needs(
        _WEB,
        ("account", "secret", "tenant", "client"),
        "channels as team/channel, chats by id or topic",
        "https://graph.microsoft.com/v1.0",
    ),
}


_REFERENCE = re.compile(r"(env|file):.")


def check_reference(value: str | None) -> str | None:
    """Return where a secret is found, as settings name it.

    Raises:
        ValueError: it is the secret itself, or names nothing.
    """
    if value is not None and not _REFERENCE.match(value):
        raise ValueError("a secret is named as env:NAME or file:PATH, never written into beleg.toml")
    return value


class SourceSettings(BaseModel):
    """A connection to one account of a platform. Nothing is read but what ``only`` names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    url: str = ""
    """Of a feed its address, else that of the server: ``https://matrix.example``, ``imaps://mail.example``."""
    account: str | None = None
    """The login name, or the account whose view it is."""
    secret: str | None = None
    """Password or access token: ``env:NAME`` or ``file:PATH``; never written here."""
    only: tuple[str, ...] = ()
    """The folders or rooms that are read, as patterns with ``*``; none named, none read."""
    but: tuple[str, ...] = ()
    """Of those, the ones that are not."""
    minutes: int = Field(default=USUAL_MINUTES, ge=1, le=10_080)
    """How often `collect --loop` asks."""
    full_hours: int = Field(default=24, ge=1, le=8_760)
    """How often everything that is in sight is read again, for what the cursor does not show."""
    timeout: float = Field(default=60.0, gt=0, le=600)
    unencrypted: bool = False
    """Reads from another machine without TLS too."""
    days: int = Field(default=30, ge=1, le=3650)
    """Slack: how far back edits, deletions and new replies are looked for, each ``full_hours``."""
    tenant: str | None = None
    """Teams: the directory (tenant) that the application is registered in."""
    client: str | None = None
    """Teams: the number of the application; ``secret`` then is the secret of that application."""
    login: str = "https://login.microsoftonline.com"
    """Teams: who gives tokens to the application."""

    _secret = field_validator("secret")(check_reference)
    _met: dict[str, None] = PrivateAttr(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _usual_address(cls, value: object) -> object:
        """Fill in the address of platforms that have one for all."""
        if isinstance(value, dict) and not value.get("url") and value.get("kind") in NEEDS:
            usual = NEEDS[str(value["kind"])].url
            return {**value, "url": usual} if usual else value
        return value

    @model_validator(mode="after")
    def _address(self) -> "SourceSettings":
        needs = NEEDS[self.kind]
        for address, schemes in ((self.url, needs.schemes), (self.login, _WEB)):
            self._check(address, schemes)
        missing = [name for name in needs.fields if not getattr(self, name)]
        if missing:
            raise ValueError(f"a source of kind {self.kind} needs {' and '.join(needs.fields)}")
        return self

    def _check(self, address: str, schemes: tuple[str, ...]) -> None:
        try:
            parts = urlsplit(address)
            parts.port  # noqa: B018  (raises where it is no number)
        except ValueError:
            raise ValueError("url is no address") from None
        if parts.scheme not in schemes or not parts.hostname or parts.username or parts.password:
            raise ValueError(
                f"a source of kind {self.kind} has an address that begins with {schemes[-1]}://, "
                "without name or password"
            )
        if parts.scheme in ("http", "imap") and parts.hostname not in _HERE and not self.unencrypted:
            raise ValueError(
                f"{parts.scheme}:// is not encrypted; write unencrypted = true to read it all the same"
            )

    def wants(self, *names: str) -> bool:
        """Say whether a folder or room is read: by one of its names, and by none that is left out."""
        chosen = [pattern for pattern in self.only if any(fits(name, pattern) for name in names)]
        self._met.update(dict.fromkeys(chosen))
        return bool(chosen) and not any(fits(name, pattern) for name in names for pattern in self.but)

    def wants_of(self, _owner: Sequence[str], /, *names: str) -> bool:
        """Say whether something is read that belongs to another account than this one, of these names."""
        return self.wants(*names)

    @property
    def names_nothing(self) -> bool:
        """Say whether there is something to choose from, and nothing was chosen."""
        return bool(NEEDS[self.kind].chosen) and not self.only

    def listed_in_part(self) -> None:
        """Note that not all could be listed: then nobody knows what fits nothing."""
        self._met.update(dict.fromkeys(self.only))

    @property
    def unmet(self) -> tuple[str, ...]:
        """Give the patterns of ``only`` that fit nothing which ``wants`` was asked about."""
        return tuple(one for one in self.only if one not in self._met) if NEEDS[self.kind].chosen else ()

    def check_login(self, *names: str) -> None:
        """Check that a login is of the account that is named here; ``names`` are all that the platform has for it.

        Raises:
            Refused: it is of another one.
        """
        if self.account not in names:
            raise Refused(NOT_OF_ACCOUNT)

    def try_login(self, whose: str, *names: str) -> "Right":
        """Say whose login it is, and whether it may be used; as ``check_login``, without raising."""
        return self.may_read(f"the token is of {whose}", *names)

    def may_read(self, what: str, *names: str) -> "Right":
        """Say whether something of an account may be read, by all names of the account; as ``check_login``."""
        try:
            self.check_login(*names)
        except Refused as error:
            return Right(what, given="no", why=str(error))
        return Right(what, given="yes")

    @property
    def is_ruled(self) -> bool:
        """Say whether a policy names accounts: then all names of this one count."""
        return False

    @property
    def why_not(self) -> str:
        """Say why something is not read."""
        return "not named by `only`"


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
    is_deleted: bool = True
    """False: it may lie where nobody looked; then it is noted, and not said to be deleted."""


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
    counts: tuple[Claim, ...] = ()
    """What the platform itself counts, beside what was read of it so far."""


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
    facts: ClassVar[LiveFacts]

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

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give what it had to wait for since the last haul, and forget it: a collection that fails tells it too."""
        ...

    def close(self) -> None:
        """End its connections."""
        ...
