"""Losing on purpose, and who agreed: requests, plans, approvals, policies, notices, subjects."""

from typing import Literal

from schemas.base import Date, Model, UtcTime
from schemas.item import Key

Ranges = tuple[tuple[int, int], ...]
"""Record indexes, inclusive, ascending, without overlap."""


class Subject(Model):
    """A person whose items are asked for: found by accounts and spellings that people confirmed."""

    id: str
    """``S-1``, ``S-2`` …"""
    name: str
    accounts: tuple[Key, ...] = ()
    spellings: tuple[str, ...] = ()
    """Names exactly as written on items."""
    party: str | None = None


class ErasureRequest(Model):
    """That somebody asked for items to be erased, or that their time is over."""

    id: str
    """``R-1``, ``R-2`` …"""
    cause: Literal["erasure", "retention", "drop"]
    """A person's right; the end of a retention class; captures that are not needed beside their items."""
    ground: str
    subject: str | None = None
    items: tuple[int, ...] = ()
    """Ledger indexes, where single records were asked for."""
    asked: UtcTime
    person: str | None = None


class Restriction(Model):
    """An item that was asked for and stays for now, and why."""

    item: int
    ground: str
    """``hold H-1``; ``class letter``; ``held neighbour 57: hold H-1``."""
    until: Date | None = None
    """Where the ground ends by itself."""


class Plan(Model):
    """Exactly what would happen, so that people can sign exactly that."""

    id: str
    """``D-1``, ``D-2`` …"""
    action: Literal["erase", "release", "policy"]
    known: int
    """Records of the ledger that were looked at."""
    made: UtcTime
    reason: str
    person: str | None = None
    request: int | None = None
    """Index of the ``request`` record that an erasure carries out."""
    targets: tuple[Ranges, ...] = ()
    """What to erase: one list for each ``erase`` record to come."""
    counts: tuple[tuple[str, int], ...] = ()
    """What lies in the targets, by kind and cause."""
    restricted: tuple[Restriction, ...] = ()
    remains: tuple[str, ...] = ()
    """What tells of the items and stays, in words without content."""
    hold: str | None = None
    """The hold to release."""
    policy: "Policy | None" = None


class Approval(Model):
    """That a person agrees with a plan."""

    plan: str
    index: int
    """Of the record that holds the plan."""
    key: str
    """Id of the writer key that signed."""
    signatures: tuple[str, ...]
    """Of an erasure: one for each list of targets, as the ``erase`` record wants it; else one over the plan."""
    given: UtcTime


class RetentionClass(Model):
    """How long something must, and may, be kept."""

    name: str
    years: int
    start: Literal["year_end", "day"] = "year_end"
    """The clock starts at the end of the item's year, or at the item's own day."""
    statute: bool = True
    """Whether the law demands it; then it goes before a request for erasure."""


class RetentionRule(Model):
    """Which items a class is for. Fields that are given must all match; within a field one value is enough."""

    name: str
    """Of the class."""
    channels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """Events and forms: ``mail``, ``post``, ``edited`` …"""
    parties: tuple[str, ...] = ()
    query: str | None = None


class AccountRule(Model):
    """Who may use an account of the company, on which channel, for what. The first rule that fits counts."""

    channel: str
    """The channel, or a pattern."""
    account: str
    """As the source names it, or a pattern: ``*@firm.example``."""
    server: str | None = None
    """The name of the server on which it is that account, or a pattern; None: on any."""
    use: Literal["business", "mixed", "private"]
    parties: tuple[str, ...] = ()
    """Who may use it; none named: nobody in particular."""
    purposes: tuple[str, ...] = ()
    """What for, in words."""
    only: tuple[str, ...] = ()
    """Of mixed use: the folders, rooms, threads that are business; the rest is not collected."""


class Policy(Model):
    """What was agreed on for this archive. The last one that counts replaces the one before."""

    purpose_demanded: bool = False
    purposes: tuple[str, ...] = ()
    """The only purposes that may be named; none: any words."""
    second_person: tuple[str, ...] = ()
    """Parties who are singled out only by two people."""
    release_by_two: bool = False
    """A hold ends only when a second person agreed."""
    allow: tuple[str, ...] = ()
    """What may be taken in, as ``--only`` says it: ``account=…``, ``thread=…``, ``folder=…``, ``kind=…``."""
    classes: tuple[RetentionClass, ...] = ()
    rules: tuple[RetentionRule, ...] = ()
    also_unclassed: bool | None = None
    """Its classes end also what was sealed under a policy that gave it none. What a policy does not say stands in no
    record and in no file that is handed out, so versions of before go on reading both."""
    timezone: str | None = None
    """By whose calendar the classes end; ``policy propose`` writes that of the archive down. None, as in policies of
    before: that of the settings of whoever asks."""
    accounts: tuple[AccountRule, ...] = ()
    """With any, accounts that no rule names are not collected."""
    reason: str

    @property
    def demands_purpose(self) -> bool:
        """Say whether nothing is shown without a purpose: a list of purposes demands one."""
        return self.purpose_demanded or bool(self.purposes)


class HandedPolicy(Model):
    """A policy for hosts that cannot read oversight, signed by the owner."""

    index: int
    """Of the entry that put it in force."""
    newest: int
    """Of the newest policy entry there was then: a later one ends it."""
    policy: str
    """The policy as JSON."""
    key: str
    signature: str


class PolicyEntry(Model):
    """A policy in force, under the plan that two people signed."""

    plan: str
    index: int
    """Of the record that holds the plan."""
    approvals: tuple[int, ...]
    """Indexes of the ``approval`` records."""
    policy: Policy
    decided: UtcTime


class HoldNotice(Model):
    """That a custodian was told of a hold, or reminded, or acknowledged it."""

    hold: str
    party: str
    what: Literal["sent", "reminded", "acknowledged"]
    by: str | None = None
    """How: ``mail``, ``letter``, ``in person`` …"""
    at: UtcTime
    due: Date | None = None
    """Until when an acknowledgement is asked for."""
    person: str | None = None


Plan.model_rebuild()
