"""Matters, selections, holds, parties, persons, productions: what people decide and record."""

from typing import Literal

from schemas.base import Date, Model, Sha256, UtcTime
from schemas.item import Key

Role = Literal["owner", "ingest", "legal", "privacy", "auditor", "recovery"]
"""What a registered key may do."""


class Person(Model):
    """Who operates Beleg, under a registered writer key."""

    id: str
    """``P-1``, ``P-2`` …"""
    name: str
    role: Role
    writer: str
    """Id of the writer key that this person signs with."""


class PartyAccount(Model):
    """An account of a party, over time, and its use."""

    account: Key
    start: Date | None = None
    end: Date | None = None
    use: Literal["business", "private", "mixed", "unknown"] = "unknown"


class Party(Model):
    """Anyone who communicates: ours (a custodian) or the other side."""

    id: str
    """``Y-1``, ``Y-2`` …; stays, while later entries of the same id replace the rest."""
    name: str
    kind: Literal["person", "organisation"] = "person"
    side: Literal["ours", "counterpart", "other"] = "other"
    accounts: tuple[PartyAccount, ...] = ()


class Matter(Model):
    """A case or inquiry."""

    id: str
    """``M-1``, ``M-2`` …"""
    title: str
    reason: str
    reference: str | None = None
    members: tuple[str, ...] = ()
    """Person ids."""
    status: Literal["open", "closed"] = "open"
    review: Date | None = None


class Note(Model):
    """A note on a matter, or on one of its items."""

    matter: str
    text: str
    item: int | None = None
    written: UtcTime
    person: str | None = None


class Redaction(Model):
    """What of an item is not handed out in a matter: whole facets, or spans of its text. The last one counts."""

    matter: str
    item: int
    facets: tuple[str, ...] = ()
    """Names of facets that are withheld; their proof stays."""
    spans: tuple[tuple[int, int], ...] = ()
    """Character ranges [start, end) of the text that are blackened, as they were marked: one may lie in another."""
    reason: str
    decided: UtcTime
    person: str | None = None
    released: tuple[int, ...] | None = None
    """Items whose withheld words this one may tell, for somebody looked at both; itself where its files go out though
    they could not be looked into. It adds to what was released before, and falls with the next decision on such an
    item, that on files with any next redaction; an entry that withholds and releases nothing ends all."""


class Selection(Model):
    """A decision about items: what a matter looks at. The last one on an item counts."""

    matter: str
    items: tuple[int, ...]
    """Ledger indexes."""
    decision: Literal["hit", "context", "privileged", "withheld", "removed"]
    note: str | None = None
    person: str | None = None
    search: str | None = None
    """The query that gave these items, if one did."""


class Scope(Model):
    """What a hold keeps. Fields that are given must all match; within a field one value is enough."""

    parties: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    """Account ids, handles or names as written."""
    channels: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    """Thread ids or titles."""
    start: Date | None = None
    end: Date | None = None
    """Inclusive, by the day of the item in any calendar on earth; an item without a time matches."""
    query: str | None = None
    items: tuple[int, ...] = ()


class Hold(Model):
    """A hold: nothing in its scope may be lost while it stands."""

    id: str
    """``H-1``, ``H-2`` …"""
    matter: str
    reason: str
    scope: Scope
    future: bool = True
    """Items sealed later are covered too."""
    review: Date
    placed: UtcTime
    person: str | None = None


class HoldRelease(Model):
    """The end of a hold."""

    hold: str
    reason: str
    released: UtcTime
    person: str | None = None
    plan: int | None = None
    """Index of the plan that a second person approved, where the policy demands one."""


class ExportOptions(Model):
    """Everything besides matter, selection and checkpoint that decides the bytes of ``bag/data``."""

    profile: Literal["full", "review", "opposing", "court-de"] = "full"
    """``review``: a volume for review platforms in place of the report; it and ``opposing``: also a log of what stays
    inside; ``court-de``: the report and what proves it, without tables."""
    exhibit: str | None = None
    """What stands on every page of the report, like ``Anlage K 7``; None where nothing does."""
    prefix: str | None = None
    """Of Bates numbers: of the documents of that volume, in the other profiles of the pages of the report."""
    slices: Literal["day", "gap", "whole"] | None = None
    """What makes a document of a conversation in that volume; None where there is none, as for the next ones."""
    volume_size: int | None = None
    """Bytes of a volume of that profile at most; None: one volume."""
    images: Literal[True] | None = None
    """Whether its documents are set on pages too."""
    mails: Literal[True] | None = None
    """Whether its conversations are written as mails too."""
    context: str = "thread"
    timezone: str = "UTC"
    language: Literal["de", "en"] = "de"


Included = Literal["hit", "context", "parent"]
"""Why an item is handed out: chosen; around a chosen one; what a chosen one answers."""


class KeptCut(Model):
    """What of an item a production withheld: an erasure later must not give it free."""

    item: int
    facets: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()
    reason: str = ""
    follows: int | None = None
    unopened: Literal[True] | None = None
    """Files of it were withheld because nobody could look into them; None otherwise, and in productions of before this
    was told apart: these name the first item whose words might have stood there."""
    alias: str | None = None


class Production(Model):
    """A set of items handed out as a bundle."""

    id: str
    """``E-1``, ``E-2`` …"""
    matter: str
    selection: tuple[tuple[int, Included], ...]
    """The items handed out, by ledger index, and why each is in."""
    size: int
    """Tree size of the checkpoint that the proofs lead to."""
    options: ExportOptions
    renderers: tuple[tuple[str, str], ...]
    """(name, version) of what wrote the files."""
    data_sha256: Sha256
    """SHA-256 of the list of (SHA-256, path) lines of ``bag/data``, sorted by path."""
    decided: int | None = None
    """The decisions of the matter below this index counted (what is withheld, what is redacted)."""
    cuts: tuple[KeptCut, ...] | None = None
    """What was withheld; None in productions of before this was kept."""
    created: UtcTime
    person: str | None = None


class Signature(Model):
    """That a person stood behind something: an Ed25519 signature with a registered writer key."""

    writer: str
    """Id of the writer key."""
    signature: str
    """128 hex digits."""


class Read(Model):
    """One line of the journal: who looked at what, and for what purpose."""

    time: UtcTime
    person: str | None = None
    """The number of the person, where the key that was used is that of one."""
    operator: str | None = None
    """The login name of the account on the host: what the host says, no proof."""
    command: str
    matter: str | None = None
    purpose: str | None = None
    query: str | None = None
    items: tuple[int, ...] = ()
    """The items shown; of more than a thousand, none: query and ``known`` give them again."""
    count: int | None = None
    """How many items were shown."""
    found: tuple[int, ...] | None = None
    """What else the query found, where that is little: an erasure of it takes these words along."""
    known: int | None = None
    """Records of the ledger at that moment."""
    named: tuple[str, ...] = ()
    """Parties that the policy protects and that this reading singled out."""
    signed: Signature | None = None
    second: Signature | None = None
    """A second person who agreed."""
    journal: str | None = None
    """The journal of one host, a random id."""
    line: int | None = None
    """From 0 in each journal, without a hole."""
    previous: Sha256 | None = None
    chain: Sha256 | None = None
    """Hash of this line, over the one of the line before."""


class ReadPolicy(Model):
    """What must be said before content is shown. The last one counts."""

    purpose_demanded: bool = False
    second_person: tuple[str, ...] = ()
    """Parties (employees): to single one out, a second person must agree."""
    reason: str
    decided: UtcTime


class Certificate(Model):
    """What a search found, under which conditions, so that it can be asked again years later."""

    id: str
    """``C-1``, ``C-2`` …"""
    created: UtcTime
    person: str | None = None
    purpose: str | None = None
    matter: str | None = None
    query: str
    timezone: str
    as_of: UtcTime | None = None
    references: tuple[tuple[str, int], ...] = ()
    """(``matter:M-1``, the number of items it meant)."""
    explained: tuple[str, ...]
    """How the query was read."""
    searched: tuple[tuple[str, tuple[str, ...]], ...]
    """(word, the terms that were searched for it)."""
    position: int
    """Records of the ledger that were searched."""
    head: Sha256
    """Leaf hash of the last of them."""
    versions: tuple[tuple[str, str], ...]
    """(name, version) of program, analyser, word families, engine."""
    total: int
    items: str
    """The items found: ledger indexes, ascending, as ``3,7-9``."""
    items_sha256: Sha256
    """Of that text."""
    counts: tuple[tuple[str, int], ...]
    """By channel."""
    limits: tuple[tuple[str, int], ...]
    """What no word could find, and how many items that is."""
    checked: tuple[str, ...] = ()
