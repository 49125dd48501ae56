"""Which account may be used by whom on which channel for what, and what of it a collection may therefore read.

The rules are part of the signed policy. What beleg.toml says is asked as well, so it can only tighten them. Without a
policy that names accounts nothing is ruled; with one, an account that no rule names is not collected.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import PrivateAttr

from archive.errors import Refused
from archive.sources import SourceSettings, fits
from schemas.keeping import AccountRule, Policy

CHANNEL_OF = {"imap": "email", "bluesky-feed": "bluesky"}
"""The channel of a kind of source, where it is not called like it."""

_IN_PARTS = ("imap", "mastodon", "matrix", "slack", "teams")
"""Kinds whose folders, rooms or channels are named one by one."""

_RULE = "rule for the account"
_LEFT_OUT = "left out by the rule for the account, not business:"


class RuledSource(SourceSettings):
    """A source as beleg.toml names it, under the rule for its account."""

    business: tuple[str, ...] | None = None
    """Of an account of mixed use: what is business. None: all of it."""
    rules: tuple[AccountRule, ...] = ()
    """All there are, in order."""
    _left_out: dict[str, None] = PrivateAttr(default_factory=dict)

    def wants(self, *names: str) -> bool:
        """Say whether both beleg.toml and the rule let it be read; what the rule alone keeps out is remembered."""
        if not super().wants(*names):
            return False
        if self.business is None or any(_fits(name, self.business) for name in names):
            return True
        self._left_out[names[-1]] = None
        return False

    def check_login(self, *names: str) -> None:
        """Check also that no other rule is meant for the account by another of its names; raises Refused."""
        super().check_login(*names)
        if self._rule(*names) != self._rule(_called(self)):
            raise Refused(
                "the policy has another rule for this account, under another of its names: name it so"
            )

    def wants_of(self, owner: Sequence[str], /, *names: str) -> bool:
        """Say whether it is read although it belongs to somebody else: only as the rule for that one lets it.

        The login is of an application that sees them all.
        """
        rule = self._rule(*owner)
        if not SourceSettings.wants(self, *names):
            return False
        if rule is not None and (
            rule.use == "business" or (rule.use == "mixed" and any(_fits(name, rule.only) for name in names))
        ):
            return True
        self._left_out[names[-1]] = None
        return False

    def _rule(self, *names: str) -> AccountRule | None:
        return _first(self.rules, self, names)

    @property
    def is_ruled(self) -> bool:
        """Say whether a policy names accounts."""
        return True

    @property
    def why_not(self) -> str:
        """Say why something is not read."""
        return "not named by `only`, or by the rule for the account not business"

    @property
    def left_out(self) -> tuple[str, ...]:
        """Give what beleg.toml asks for and the rule keeps out, as last asked."""
        return tuple(self._left_out)


@dataclass(frozen=True, slots=True)
class Ruled:
    """A source, and what the report of its runs says of the rule."""

    settings: SourceSettings
    told: tuple[str, ...] = ()


def channel_of(settings: SourceSettings) -> str:
    """Give the channel that a source reads."""
    return CHANNEL_OF.get(settings.kind, settings.kind)


def ruled(policy: Policy | None, settings: SourceSettings) -> Ruled:
    """Give what may be read of a source.

    Raises:
        Refused: the rules do not let it be collected.
    """
    if policy is None or not policy.accounts:
        return Ruled(settings)
    rule = _rule(policy, settings)
    if rule is None:
        raise Refused(
            "the policy names accounts, and not this one: nothing of it is collected (`beleg policy show`)"
        )
    if rule.use == "private":
        raise Refused("the policy calls this account private: nothing of it is collected")
    if rule.use == "mixed" and settings.kind not in _IN_PARTS:
        raise Refused(
            f"the policy lets only a part of this account be collected, and a source of kind {settings.kind} has none"
        )
    who = f"used by {', '.join(rule.parties)}" if rule.parties else "whoever uses it"
    what = f" for {', '.join(rule.purposes)}" if rule.purposes else ""
    where = f" on {rule.server}" if rule.server else ""
    told = f"{_RULE} {rule.channel}, {rule.account}{where}: {rule.use} use, {who}{what}"
    business = None if rule.use == "business" else rule.only
    return Ruled(RuledSource(**settings.model_dump(), business=business, rules=policy.accounts), (told,))


def left_out(settings: SourceSettings) -> tuple[str, ...]:
    """Say what a rule kept out of a collection."""
    names = settings.left_out if isinstance(settings, RuledSource) else ()
    return tuple(f"{_LEFT_OUT} {name}" for name in sorted(names))


def is_of_account(line: str) -> bool:
    """Say whether a line of a report tells of the rule for an account: what it keeps out are other conversations."""
    return line.startswith((_RULE, _LEFT_OUT))


def is_left_out(line: str) -> bool:
    """Say whether a line of a report names what the rule for an account kept out."""
    return line.startswith(_LEFT_OUT)


def check(policy: Policy) -> None:
    """Refuse rules that contradict themselves.

    Raises:
        ValueError: an account of mixed use without what is business, or one of another use with it.
    """
    for rule in policy.accounts:
        if (rule.use == "mixed") != bool(rule.only):
            raise ValueError(
                f"the account {rule.account!r}: `only` says what is business, for mixed use and no other"
            )
        if not rule.channel or not rule.account:
            raise ValueError("a rule for an account names channel and account")
        if rule.server is not None and not re.fullmatch(r"[\w.*-]+", rule.server):
            raise ValueError(
                f"the account {rule.account!r}: `server` is the name of a server like mail.firm.example, or a pattern"
            )


def _rule(policy: Policy, settings: SourceSettings) -> AccountRule | None:
    return _first(policy.accounts, settings, (_called(settings),))


def _called(settings: SourceSettings) -> str:
    """Give what a rule calls an account. A feed is its address: what beleg.toml calls it beside that is a free word."""
    return settings.url if settings.kind == "feed" else settings.account or settings.url


def _first(
    rules: Iterable[AccountRule], settings: SourceSettings, names: Sequence[str]
) -> AccountRule | None:
    """Give the first rule that fits one of the names of an account on its server: rules stand in order."""
    channel, server = channel_of(settings), urlsplit(settings.url).hostname or ""
    for rule in rules:
        if not _fits(channel, (rule.channel,)) or (
            rule.server is not None and not _fits(server, (rule.server,))
        ):
            continue
        if any(_fits(name, (rule.account,)) for name in names):
            return rule
    return None


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fits(name.casefold(), pattern.casefold()) for pattern in patterns)
