"""Putting buckets to the test: promises of S3 servers differ, and some are not kept. Control and vault here."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Conflict, ask, ask_again
from archive.core.layout import PROBES
from archive.errors import Forbidden
from schemas.report import Probe, Verdict

RACERS, ROUNDS = 16, 3


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
        wins = [self._race() for _ in range(ROUNDS)]
        yield self._probe(
            "create-if-absent", f"of {RACERS} writers of one name exactly one wins, in each of {ROUNDS} rounds",
            f"{', '.join(map(str, wins))} won", "holds" if wins == [1] * ROUNDS else "broken",
        )  # fmt: skip

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
        name = self._name()
        ask_again(lambda: self.client.put_object(**name, Body=b"first", IfNoneMatch="*"), self.where)
        over = self._may(lambda: self.client.put_object(**name, Body=b"second"))
        gone = self._may(lambda: self.client.delete_object(**name))
        yield self._right("overwrite", over, "write over what is there here")
        yield self._right("delete", gone, "delete here")

    def _right(self, what: str, allowed: bool, words: str) -> Probe:
        seen = f"this account could {words}" if allowed else "refused"
        return self._probe(what, f"this account cannot {words}", seen, "weaker" if allowed else "holds")
