"""Putting buckets to the test: promises of S3 servers differ, and some are not kept. Control and vault here."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Conflict, ask, ask_again
from archive.core.layout import PROBES
from archive.errors import Forbidden, NotFound, StoreError, Unreachable
from schemas.report import Probe, Verdict

RACERS, ROUNDS = 16, 3
PUTS_AWAY = {"Transitions", "NoncurrentVersionTransitions"}
"""Actions of lifecycle rules (S3 API, LifecycleRule)."""


class BucketProber:
    """What the probes of all buckets share."""

    def __init__(self, place: str, store: S3Store) -> None:
        """Test ``store``, called ``place`` in the report."""
        self.place, self.store, self.client = place, store, store.client
        self.where = f"{place}, {store.address}"

    def _probe(self, what: str, promise: str, seen: str, verdict: Verdict) -> Probe:
        return Probe(place=self.place, what=what, promise=promise, seen=seen, verdict=verdict)

    def locks(self) -> Iterator[Probe]:
        """Give nothing: only the archive place locks."""
        yield from ()

    @cached_property
    def _lifecycle(self) -> Probe:
        """Look for rules by which the store itself takes objects away, or puts them where they are not at hand."""
        promise = "no rule of the bucket takes anything away"
        bucket = self.store.address.bucket
        try:
            answer = ask_again(
                lambda: self.client.get_bucket_lifecycle_configuration(Bucket=bucket), self.where
            )
        except NotFound:
            return self._probe("lifecycle", promise, "no rules", "holds")
        except Forbidden:
            return self._probe("lifecycle", promise, "this account may not look", "untested")
        rules = [rule for rule in answer.get("Rules", ()) if self._concerns(rule)]
        told = ", ".join(sorted(str(rule.get("ID", "one without a name")) for rule in rules))
        if any(map(_takes_away, rules)):
            return self._probe("lifecycle", promise, f"objects expire by rule: {told}", "broken")
        if any(PUTS_AWAY & rule.keys() for rule in rules):
            seen = f"objects are put into another storage class by rule: {told}; some cannot be read at once"
            return self._probe("lifecycle", promise, seen, "weaker")
        return self._probe("lifecycle", promise, "none that does", "holds")

    def _concerns(self, rule: Mapping[str, Any]) -> bool:
        """Say whether a rule is in force for names of this place; who asks for tags or sizes may find some here."""
        within = rule.get("Filter") or {}
        narrow = within.get("Prefix") or within.get("And", {}).get("Prefix") or rule.get("Prefix") or ""
        own = self.store.address.prefix
        return rule.get("Status") == "Enabled" and (own.startswith(narrow) or narrow.startswith(own))

    def _name(self) -> dict[str, Any]:
        return self.store.named(f"{PROBES}{secrets.token_hex(16)}")

    def _may(self, call: Callable[[], Any]) -> bool:
        """Make a request; say whether the store let this account do it."""
        try:
            ask(call, self.where)
        except Forbidden:
            return False
        return True

    def _remove(self, names: dict[str, Any]) -> None:
        """Take a probe away if this account may; if not, it stays and says nothing."""
        self._may(lambda: self.client.delete_object(**names))


class UnlockedProber(BucketProber):
    """A PlaceProber of a control or vault bucket."""

    def essential(self) -> Iterator[Probe]:
        """Race sixteen writers for one name, several times; see ``PlaceProber.essential``."""
        status = ask_again(
            lambda: self.client.get_bucket_versioning(Bucket=self.store.address.bucket), self.where
        ).get("Status")
        yield self._probe(
            "versions", "the bucket keeps none", f"versioning is {status.lower()}" if status else "none",
            "broken" if status else "holds",
        )  # fmt: skip
        if self._lifecycle.verdict == "broken":
            yield self._lifecycle
        wins = [self._race() for _ in range(ROUNDS)]
        yield self._probe(
            "create-if-absent", f"of {RACERS} writers of one name exactly one wins, in each of {ROUNDS} rounds",
            f"{', '.join(map(str, wins))} won", "holds" if wins == [1] * ROUNDS else "broken",
        )  # fmt: skip
        yield self._listing()

    def _listing(self) -> Probe:
        """Look whether the store tells which versions it keeps: else nobody sees destroyed keys in older ones."""
        promise = "what is kept is listed, version by version"
        name = self._name()
        ask_again(lambda: self.client.put_object(**name, Body=b"listed", IfNoneMatch="*"), self.where)
        try:
            found = list(self.store.versions(name["Key"].removeprefix(self.store.address.prefix)))
            seen, good = "so it is" if found else "nothing is listed, and something is there", bool(found)
        except (Forbidden, Unreachable):
            raise
        except StoreError as error:
            seen, good = str(error), False
        self._remove(name)
        return self._probe("listing", promise, seen, "holds" if good else "broken")

    def _race(self) -> int:
        name = self._name()

        def create(number: int) -> bytes | None:
            body = bytes([number]) * 4096
            try:
                ask(lambda: self.client.put_object(**name, Body=body, IfNoneMatch="*"), self.where)
            except Conflict:
                return None
            return body

        with ThreadPoolExecutor(RACERS) as pool:
            winners = [body for body in pool.map(create, range(RACERS)) if body is not None]
        stored = ask_again(lambda: self.client.get_object(**name)["Body"].read(), self.where)
        self._remove(name)
        return len(winners) if stored in winners else 0

    def further(self) -> Iterator[Probe]:
        """Say how far this account's rights go."""
        yield self._lifecycle
        name = self._name()
        ask_again(lambda: self.client.put_object(**name, Body=b"first", IfNoneMatch="*"), self.where)
        over = self._may(lambda: self.client.put_object(**name, Body=b"second"))
        gone = self._may(lambda: self.client.delete_object(**name))
        yield self._right("overwrite", over, "write over what is there here")
        yield self._right("delete", gone, "delete here")

    def _right(self, what: str, allowed: bool, words: str) -> Probe:
        seen = f"this account could {words}" if allowed else "refused"
        return self._probe(what, f"this account cannot {words}", seen, "weaker" if allowed else "holds")


def _takes_away(rule: Mapping[str, Any]) -> bool:
    """Say whether objects end by a rule; ending uploads that broke off, or markers of what is gone, takes nothing."""
    return "NoncurrentVersionExpiration" in rule or bool({"Days", "Date"} & rule.get("Expiration", {}).keys())
