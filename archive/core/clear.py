"""The closed schemas of clear records (FORMAT.md §6): integers, digests, codes, signatures; never a word."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from archive.core.canonical import decode
from archive.errors import FormatError

Number = Annotated[int, Meta(ge=0, lt=2**53)]
Hex16 = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
Hex32 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Hex64 = Annotated[str, Meta(pattern=r"^[0-9a-f]{128}\Z")]
HexAny = Annotated[str, Meta(pattern=r"^([0-9a-f]{2})+\Z", max_length=4096)]
PageName = Annotated[str, Meta(pattern=r"^keys/[0-9a-f]{32}/[a-z]+/[0-9]{10}\Z")]
Stream = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{22}\Z")]

MAX_LIST = 4096


class _Body(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Genesis(_Body, frozen=True):
    """The first record: format and origin."""

    format: Literal[1]
    origin: str


class KeyChange(_Body, frozen=True):
    """A key added or retired."""

    action: Literal["add", "retire"]
    algorithm: str
    epoch: Number
    id: Hex16
    public: HexAny
    purpose: Literal["writer", "log", "recipient"]
    role: Literal["owner", "ingest", "legal", "privacy", "recovery", "log", "content", "oversight", "auditor"]


class Keys(_Body, frozen=True):
    """Changes of the registered keys."""

    changes: Annotated[list[KeyChange], Meta(min_length=1, max_length=MAX_LIST)]


class Anchor(_Body, frozen=True):
    """A time-stamp token over a stored checkpoint."""

    authority: Hex32
    checkpoint: Hex32
    evidence: Annotated[list[Hex32], Meta(max_length=MAX_LIST)]
    size: Number
    token: Hex32


class Renewal(_Body, frozen=True):
    """A digest of all bytes below a size under another hash function."""

    algorithm: Literal["sha512"]
    digest: Hex64
    size: Number


class StreamEnds(_Body, frozen=True):
    """The last positions of streams at a size."""

    ends: Annotated[list[tuple[Stream, Number]], Meta(max_length=MAX_LIST)]
    size: Number


class Approval(_Body, frozen=True):
    """A signature of a registered writer under an erasure."""

    key: Hex16
    signature: Hex64


class Erase(_Body, frozen=True):
    """The order to destroy the keys of records."""

    approvals: Annotated[list[Approval], Meta(min_length=2, max_length=64)]
    request: Number
    targets: Annotated[list[tuple[Number, Number]], Meta(min_length=1, max_length=MAX_LIST)]


class Erased(_Body, frozen=True):
    """The receipt: which pages were rewritten for an ``erase``, and their digests now."""

    erase: Number
    pages: Annotated[list[tuple[PageName, Hex32]], Meta(max_length=MAX_LIST)]


class ResealedPage(_Body, frozen=True):
    """A page after re-encryption."""

    batch: Hex16
    record_class: Literal["state", "oversight", "matter", "content"] = msgspec.field(name="class")
    generation: Number
    header: Hex32
    slots: Hex32


class Resealed(_Body, frozen=True):
    """Pages re-encrypted for a new epoch."""

    pages: Annotated[list[ResealedPage], Meta(min_length=1, max_length=MAX_LIST)]


class Orphan(_Body, frozen=True):
    """A segment object that was written and never committed."""

    batch: Hex16 | None
    first: Number
    segment: Hex32


class Recovered(_Body, frozen=True):
    """A place was rebuilt; ``copy`` says which of the vault."""

    copy: Literal[0, 1] | None
    place: Literal["control", "vault"]
    size: Number


class Restored(_Body, frozen=True):
    """The archive place was restored from a mirror."""

    root: Hex32
    size: Number


class Disowned(_Body, frozen=True):
    """Stored checkpoints with a good signature that are no prefix of this ledger."""

    checkpoints: Annotated[list[Hex32], Meta(min_length=1, max_length=MAX_LIST)]


ClearBody = (
    Genesis
    | Keys
    | Anchor
    | Renewal
    | StreamEnds
    | Erase
    | Erased
    | Resealed
    | Orphan
    | Recovered
    | Restored
    | Disowned
)

BODIES: dict[str, type[ClearBody]] = {
    "genesis": Genesis,
    "keys": Keys,
    "anchor": Anchor,
    "stream_ends": StreamEnds,
    "erase": Erase,
    "erased": Erased,
    "resealed": Resealed,
    "orphan": Orphan,
    "recovered": Recovered,
    "restored": Restored,
    "disowned": Disowned,
    "renewal": Renewal,
}


def read_body(kind: str, payload: bytes) -> ClearBody:
    """Read the body of a clear record strictly.

    Raises:
        FormatError: not canonical, or not of this kind's schema.
    """
    try:
        return msgspec.convert(decode(payload), BODIES[kind], strict=True)
    except msgspec.ValidationError as error:
        raise FormatError(f"a {kind} record whose body does not fit its schema: {error}") from error
