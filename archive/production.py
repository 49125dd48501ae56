"""A production on its way out: what an exporter of bundles is given, and what it says when it is done."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

from archive.statements.finder import one_by_one
from archive.statements.ports import FindAll
from schemas.capture import Capture
from schemas.coverage import Coverage
from schemas.item import Attachment, Item, Key
from schemas.matter import Certificate, ExportOptions, Included, Matter, Redaction, Selection
from schemas.statement import StatementDecision

Why = Literal["hit", "context", "parent", "capture", "keys"]
"""Why a record is in: chosen; around a chosen one; what a chosen one answers; holds the bytes of one that is
in; or tells which keys count (the clear records)."""


Opening = Callable[[], AbstractContextManager[BinaryIO]]
"""How to read bytes from the start."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was drawn anew for a page: JPEG, and its size in pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A facet that is handed out."""

    salt: bytes
    line: bytes


@dataclass(frozen=True, slots=True)
class Withheld:
    """A facet that is not handed out; its commitment keeps the proof whole."""

    commitment: bytes


Facet = Shown | Withheld


@dataclass(frozen=True, slots=True)
class Objects:
    """The object string of a record: its length, and a way to stream it from the start."""

    length: int
    open: Opening


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """One record as it goes into the bundle."""

    index: int
    leaf: bytes
    path: tuple[bytes, ...]
    """The inclusion path (RFC 6962) in the tree of the checkpoint's size."""
    header: bytes
    """The signed header note of the record's segment, as stored."""
    why: Why
    facets: tuple[Facet, ...] | None = None
    """The twelve facets in order; None for a clear record, and for one whose key was destroyed."""
    frame: bytes | None = None
    """The whole frame of a clear record; None for every other."""
    objects: Objects | None = None
    """The object string, if its bytes are to be handed out."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What of an item is not handed out, and why."""

    facets: frozenset[str] = frozenset()
    """Withheld; their commitments keep the proof whole."""
    spans: tuple[tuple[int, int], ...] = ()
    """Ranges [start, end) of the text that a derived copy shows blackened; none: the whole text, if it is withheld."""
    reason: str = ""
    """In the words of whoever decided; it stands in the bundle."""
    follows: int | None = None
    """The item whose redaction takes this along; None where a person decided on this item, or ``unopened`` alone is
    why."""
    unopened: bool = False
    """Whether files are withheld because nobody could look into them: they may hold what is withheld elsewhere."""
    alias: str | None = None
    """What stands for an id that is a hash of content; None where the id tells nothing."""


@dataclass(frozen=True, slots=True)
class Custody:
    """Through whose hands an item came, as far as the archive itself was there."""

    sealed: int
    """Unix seconds, by the clock of the writer."""
    writer: str
    """Id of the writer key that signed its segment."""
    capture: Capture | None
    """What it was read from; None where that is not kept, or was erased."""


@dataclass(frozen=True, slots=True)
class Told:
    """An item as it may be shown in a rendering: what is withheld is gone from it."""

    index: int
    leaf: str
    """Hex leaf hash of its record."""
    why: Included
    item: Item
    thread_title: str | None = None
    open_files: tuple[Opening | None, ...] = ()
    """For each attachment, how to read its bytes; None where they are missing or withheld."""
    open_mail: Opening | None = None
    """For a mail, how to read it as it came."""
    cut: Cut | None = None
    """What is withheld, where something is."""
    custody: Custody | None = None


WITHHELD = "withheld"
"""Why a file is not there that somebody withheld: in what is told of it, for it is not missing from the archive."""


def file_state(one: Attachment) -> str:
    """Give what a rendering says of a file: there, missing from the archive, or withheld."""
    return WITHHELD if one.state == "missing" and one.reason == WITHHELD else one.state


@dataclass(frozen=True, slots=True)
class KeptBack:
    """An item of the matter that was decided to stay inside, as a privilege log tells it: without its words."""

    told: Told
    decision: str
    """``privileged`` or ``withheld``."""
    note: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did with a matter, without a word of its content."""

    index: int
    """Of the record."""
    sealed: int
    """Unix seconds, by the clock of the writer."""
    writer: str
    """Id of the writer key that signed its segment."""
    person: str | None
    action: str
    about: str


@dataclass(frozen=True, slots=True)
class BundleToken:
    """A time-stamp token of the ledger, with what ties it to the bundle's checkpoint."""

    index: int
    """Of its ``anchor`` record: what comes after was sealed after the token."""
    leaf: bytes
    frame: bytes
    path: tuple[bytes, ...]
    """The inclusion path of the record."""
    note: bytes
    """The stamped checkpoint, as stored."""
    token: bytes
    request: bytes | None
    certificates: tuple[bytes, ...]
    """DER: what the chain may be built of."""
    consistency: tuple[bytes, ...]
    """Proof that the stamped tree is a prefix of the bundle's (RFC 6962 §2.1.2)."""


@dataclass(frozen=True, slots=True)
class Signer:
    """The writer who answers for the bundle (role legal)."""

    writer: str
    """The id of the writer key, hex."""
    sign_note: Callable[[str], bytes]
    """Gives the C2SP signed note of a text under the name ``<origin>/writer/<id>``."""
    public: bytes
    """The raw public key, for the openssl lines of VERIFY.txt."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A statement that was sealed with a certificate."""

    data: bytes
    """Detached CAdES, DER."""
    subject: str
    """Of the certificate (RFC 4514)."""
    stamped_by: str | None
    """The time-stamp authority; None: no time stamp bounds when it was sealed."""
    problems: tuple[str, ...] = ()
    """Authorities that gave none, and why."""


@dataclass(frozen=True, slots=True)
class BundleInput:
    """Everything that decides a bundle. ``records`` come in index order and are read once.

    The clear records ``genesis`` (index 0) and every ``keys`` record below the checkpoint's size are among
    them, with why = ``keys``: from them a verifier learns which log keys and writers count.
    """

    origin: str
    checkpoint: bytes
    """The signed note as stored."""
    log_key: str
    """The verifier key (``name+id+base64``) of the log key that signed the checkpoint."""
    production: str
    """The id of the production, ``E-1``. It stands in ``signatures/`` only, never in ``bag/data``."""
    matter: Matter
    options: ExportOptions
    records: Iterable[BundleRecord]
    created: str
    """When it was made, UTC as in ``UtcTime``. It stands in ``signatures/`` only."""
    signer: Signer
    renderers: tuple[tuple[str, str], ...] = (("bundle", "1"),)
    """(name, version) of what is to write; a name that is not among them writes nothing."""
    told: Callable[[], Iterable[Told]] = tuple
    """The items for renderings, in the order of ``services.told.Telling``; asked once for each rendering."""
    redacted: bool = False
    """Whether ``told`` gives items with cuts."""
    kept_back: Callable[[], Iterable[KeptBack]] = tuple
    """What was decided to stay inside, for the privilege log."""
    covered: Callable[[Set[Key]], Coverage | None] = lambda _threads: None
    """What is covered of conversations, as the records below the checkpoint tell it; None: nothing is said."""
    searches: Sequence[Certificate] = ()
    """The certificates of searches that were made for the matter."""
    way: Sequence[Step] = ()
    """What was done with the matter until it was produced."""
    picture: Callable[[Opening], Picture | None] = lambda _opening: None
    """Draws a picture for a page; None of what is none, or cannot be drawn."""
    decisions: Mapping[int, Sequence[StatementDecision]] = field(default_factory=dict)
    """Item → what people decided about its statements, oldest first."""
    find_all: FindAll = one_by_one
    """Finds the statements of the items that are shown."""
    tokens: tuple[BundleToken, ...] = ()
    """None: NO TIME PROOF. They stand in ``signatures/`` only."""
    seal: Callable[[bytes], Sealed] | None = None
    """Seals the statement about every file with a certificate; None: nobody asked for it."""
    numbered: Callable[[], AbstractContextManager[str]] | None = None
    """Gives the id once all is written that does not bear it, and keeps it from others until it is on record."""
    enter: Callable[["BundleResult"], None] = lambda _result: None
    """Puts the production on record. Until it has, the bundle is unfinished, and passes nowhere."""


@dataclass(frozen=True, slots=True)
class BundleResult:
    """What was written."""

    data_sha256: str
    """SHA-256 of ``bag/manifest-sha256.txt``: of the lines ``<sha256>  <path>`` of ``bag/data``."""
    statement_sha256: str
    size: int
    counts: dict[str, int]
    """``records``, ``keys``, ``originals``, ``withheld`` (records with a withheld facet), ``no_key``."""
    files: int
    length: int
    """Files and bytes of ``bag/data``."""
    sealed: Sealed | None = None
    production: str = ""
    """The id under which it was written."""
    too_large: int = 0
    """Documents with their files that are larger than a volume was to be: each stands in a volume of its own."""


@dataclass(frozen=True, slots=True)
class DeskInput:
    """What a desk shows: the items of a matter with their surroundings, and what was decided so far."""

    origin: str
    matter: Matter
    known: int
    """Decisions below this record are known to the desk; one that comes after is a conflict when it is read in."""
    language: str
    timezone: str
    told: Callable[[], Iterable[Told]]
    chosen: Mapping[int, Selection]
    redactions: Mapping[int, Redaction]
