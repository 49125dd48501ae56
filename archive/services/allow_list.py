"""What of an input is asked for: allow-lists and exclusions by account, thread, folder and kind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import get_args

from archive.errors import UsageError
from archive.reading.units import Reading, UnitExcluded, UnitRead
from schemas.item import Account, Actor, Event, Form, Item, Key, Thread

WHATS = ("account", "thread", "folder", "kind")
KINDS = (*get_args(Event), *get_args(Form), "public", "unlisted", "followers", "direct", "group", "internal")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, ``thread=Pumpe*``: ``what`` must look like ``pattern`` (shell wildcards, case ignored)."""

    what: str
    pattern: str

    def fits(self, value: str | None) -> bool:
        """Whether a name looks like the pattern."""
        return value is not None and fnmatchcase(value.casefold(), self.pattern.casefold())


def parse_rule(written: str) -> Rule:
    """Read a rule as a person writes it.

    Raises:
        UsageError: it is none, or names a kind that there is not.
    """
    what, sign, pattern = written.partition("=")
    if what not in WHATS or not sign or not pattern:
        raise UsageError(
            f"not a rule: {written!r}; write account=, thread=, folder= or kind= and a name or pattern"
        )
    if what == "kind" and not any(Rule(what, pattern).fits(kind) for kind in KINDS):
        raise UsageError(f"there is no kind {pattern!r}; kinds are {', '.join(dict.fromkeys(KINDS))}")
    return Rule(what, pattern)


@dataclass
class Policy:
    """The rules of one run. Without rules everything passes."""

    only: Sequence[Rule] = ()
    but: Sequence[Rule] = ()
    _titles: dict[Key, str | None] = field(default_factory=dict)
    _renamed: int = 0
    """Items left out whose conversation an older version of the reader called by a name that is asked for."""

    def __bool__(self) -> bool:
        return bool(self.only or self.but)

    def described(self) -> tuple[str, ...]:
        """The rules in words, for the report."""
        return (
            *(f"only {r.what}={r.pattern}" for r in self.only),
            *(f"except {r.what}={r.pattern}" for r in self.but),
        )

    def asked(self) -> Iterator[str]:
        """Tell whoever wrote a rule for a conversation that is called otherwise since."""
        if self._renamed:
            yield (
                f"{self._renamed} items were not taken in: the rules name their conversations as an older version of "
                "this reader called them: name them as they are called now (of an item `beleg show` tells it)"
            )

    def apply(self, reading: Reading) -> Reading:
        """The unit without what was not asked for; excluded if nothing is left of it."""
        if not isinstance(reading, UnitRead) or not self:
            return reading
        for thread in reading.threads:
            self._titles[thread.key] = thread.title
        why = [
            self._refusal(item, before, reading)
            for item, before in zip(reading.items, reading.threads_before(), strict=True)
        ]
        refused = set(why)
        items = tuple(item for item, reason in zip(reading.items, why, strict=True) if reason is None)
        threads = tuple(t for t in reading.threads if self._thread_passes(t, reading.member))
        accounts = () if self.only else tuple(filter(self._account_passes, reading.accounts))
        if not (items or threads or accounts) or (reading.items and not items):
            reason = next((reason for reason in refused if reason), "not in the allow-list")
            return UnitExcluded(reading.member, reason, private=True)
        return replace(reading, items=items, threads=threads, accounts=accounts)

    def _refusal(self, item: Item, thread_before: str | None, reading: UnitRead) -> str | None:
        values: dict[str, list[str | None]] = {
            "account": [
                *_names(item.author),
                *(n for r in item.recipients for n in _names(r.actor)),
                item.via.id,
            ],
            "thread": [item.thread.id, self._titles.get(item.thread)],
            "folder": _folders(reading.member),
            "kind": [item.event, item.form, item.visibility],
        }
        once = reading.former.get(item.key)
        before = {"thread": (thread_before, once.title if once else None)}
        for rule in self.but:
            if any(map(rule.fits, (*values[rule.what], *before.get(rule.what, ())))):
                return f"by --except {rule.what}"
        for what in WHATS:
            rules = [rule for rule in self.only if rule.what == what]
            if rules and not any(rule.fits(value) for rule in rules for value in values[what]):
                self._renamed += any(rule.fits(value) for rule in rules for value in before.get(what, ()))
                return f"not in --only {what}"
        return None

    def _account_passes(self, account: Account) -> bool:
        names = (account.name, account.handle, account.key.id, *(account.also or ()))
        return not any(rule.what == "account" and any(map(rule.fits, names)) for rule in self.but)

    def _thread_passes(self, thread: Thread, member: str) -> bool:
        values: dict[str, list[str | None]] = {
            "thread": [thread.key.id, thread.title],
            "folder": _folders(member),
        }
        if any(rule.what in values and any(map(rule.fits, values[rule.what])) for rule in self.but):
            return False
        for what, found in values.items():
            rules = [rule for rule in self.only if rule.what == what]
            if rules and not any(rule.fits(value) for rule in rules for value in found):
                return False
        return True


def _names(actor: Actor | None) -> list[str | None]:
    if actor is None:
        return []
    return [*actor.names, actor.account.id if actor.account else None]


def _folders(member: str) -> list[str | None]:
    """The path, its folder, and every folder name on the way."""
    parts = member.replace("!/", "/").split("/")
    return [member, "/".join(parts[:-1]), *parts[:-1]]
