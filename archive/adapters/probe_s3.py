"""Putting the archive bucket to the test: what it locks, how, and for how long."""

import secrets
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from hashlib import sha256
from typing import Any

from archive.adapters.objects_s3 import Lock, Unlocked
from archive.adapters.probe_bucket import BucketProber
from archive.adapters.s3_client import ask, ask_again, clock_offset
from archive.adapters.s3_locks import AHEAD, YEAR, keep_locks
from archive.core.layout import PROBES
from archive.errors import Forbidden, NotFound, StoreError, Unreachable
from schemas.report import Probe, Verdict

LOCK_SECONDS = 120
TOLERATED_CLOCK = 5
PATIENCE = 20
"""Refusals after which no more is asked to be removed."""
EXTENDED = f"{PROBES}extended"
"""The one object of a bucket whose lock was extended to FAR; where that holds it stays, and is not made again."""
FAR = datetime(2106, 3, 1, tzinfo=UTC)
"""More seconds after 1970 than 32 bits hold."""
LAST = datetime.fromtimestamp(2**32, UTC)
"""The first second that they do not hold."""


class LockedProber(BucketProber):
    """A PlaceProber of the archive bucket."""

    def essential(self) -> Iterator[Probe]:
        """Write a locked object and try to get rid of it; see ``PlaceProber.essential``."""
        name, body = self._name(), secrets.token_bytes(64)
        until = self._soon()
        try:
            lock = self.store.lock()
        except Unlocked as error:
            yield self._probe("lock", "the bucket locks what is written to it", str(error), "broken")
            return
        version = self._put(name, body, ObjectLockMode=lock.mode, ObjectLockRetainUntilDate=until)
        if version is None:
            yield self._probe("versions", "every write is a version", "the store names none", "broken")
            return
        yield self._lock_as_asked({**name, "VersionId": version}, lock.mode, until)
        if self._lifecycle.verdict == "broken":
            yield self._lifecycle
        yield from self._attacks(name, version, body, until)

    @cached_property
    def _offset(self) -> float | None:
        return clock_offset(self.client, self.store.address.bucket, self.where)

    def _soon(self) -> datetime:
        """Give the end of a test's lock, by the store's own clock: by a slow one here it would be over."""
        now = datetime.now(UTC) + timedelta(seconds=self._offset or 0)
        return now.replace(microsecond=0) + timedelta(seconds=LOCK_SECONDS)

    def _put(self, name: dict[str, Any], body: bytes, **options: Any) -> str | None:
        checksum = b64encode(sha256(body).digest()).decode()
        answer = ask_again(
            lambda: self.client.put_object(
                **name, Body=body, ChecksumAlgorithm="SHA256", ChecksumSHA256=checksum, **options
            ),
            self.where,
        )
        version: str | None = answer.get("VersionId")
        return version

    def _lock_as_asked(self, name: dict[str, Any], mode: str, until: datetime) -> Probe:
        head = ask_again(lambda: self.client.head_object(**name), self.where)
        found, kept = head.get("ObjectLockMode"), head.get("ObjectLockRetainUntilDate")
        seen = f"{found or 'no lock'}, {kept.isoformat() if kept else 'no date'}"
        verdict: Verdict = "holds" if (found, kept) == (mode, until) else "broken"
        return self._probe("lock on writing", f"{mode} until the very second asked for", seen, verdict)

    def _attacks(self, name: dict[str, Any], version: str, body: bytes, until: datetime) -> Iterator[Probe]:
        exact = {**name, "VersionId": version}

        def still_there() -> bool:
            try:
                data = ask_again(lambda: self.client.get_object(**exact)["Body"].read(), self.where)
            except NotFound:
                return False
            return bool(data == body)

        refused = not self._may(lambda: self.client.delete_object(**exact))
        yield self._refused("delete", "a locked version cannot be deleted", refused and still_there())
        if not still_there():
            return
        shorter = {"Mode": self.store.lock().mode, "RetainUntilDate": until - timedelta(seconds=60)}
        refused = not self._may(
            lambda: self.client.put_object_retention(**exact, Retention=shorter, ChecksumAlgorithm="SHA256")
        )
        yield self._refused("shorten", "a lock cannot be shortened", refused)
        short = self._soon()
        self._put(
            name, b"other bytes", ObjectLockMode=self.store.lock().mode, ObjectLockRetainUntilDate=short
        )
        yield self._refused("overwrite", "writing over it leaves the locked version", still_there())
        self._remove(name)
        yield self._refused("hide", "a delete marker leaves the locked version", still_there())
        listed = sum(
            not v.removed for v in self.store.versions(name["Key"][len(self.store.address.prefix) :])
        )
        yield self._refused("versions", "all versions are listed", listed == 2, f"{listed} of 2 listed")

    def _refused(self, what: str, promise: str, good: bool, seen: str | None = None) -> Probe:
        return self._probe(
            what, promise, seen or ("so it is" if good else "it did not hold"), "holds" if good else "broken"
        )

    def further(self) -> Iterator[Probe]:
        """Look at the clock; try the bypass, the checksum; tell trial from archive."""
        yield self._clock()  # first: where it is wrong, all else may be refused because of it
        yield self._lifecycle
        try:
            lock = self.store.lock()
        except Unlocked:
            return  # told already: what is essential
        trial = lock.mode == "GOVERNANCE"
        yield self._probe(
            "mode", "COMPLIANCE: nobody, not even the owner of the account, can end a lock",
            f"{lock.mode}, {lock.days} days" + (": a TRIAL; `beleg doctor --harden --years N`" if trial else ""),
            "weaker" if trial or lock.days < 365 else "holds",
        )  # fmt: skip
        yield self._bypass(lock.mode)
        yield (extension := self._extension())
        if extension.verdict == "weaker":
            yield self._reach(lock)
        yield self._checksum(lock.mode)
        yield self._left_over()

    def locks(self) -> Iterator[Probe]:
        """Look at every lock, extend those that end soon; see ``PlaceProber.locks``."""
        try:
            kept = keep_locks(self.store, datetime.now(UTC))
        except Unlocked:
            return  # told already: what is essential
        promise = "every object is locked"
        seen = f"{kept.objects} objects, {kept.unlocked} without lock"
        yield self._probe("locks", promise, seen, "broken" if kept.unlocked else "holds")
        if kept.trial:
            seen = (
                f"{kept.trial} are in GOVERNANCE mode; `beleg doctor --harden --years N` once more ends that"
            )
            yield self._probe("locks", "every lock is as final as the bucket's", seen, "weaker")
        if kept.behind:
            seen = (
                f"{kept.behind} end earlier, as where a hardening broke off; "
                "`beleg doctor --harden --years N` once more ends that"
            )
            yield self._probe("locks", "every lock is as long as the bucket's", seen, "weaker")
        if kept.ending is not None:
            seen = f"{kept.short} would end within a year, the first {kept.ending:%Y-%m-%d}; {kept.extended} extended"
            seen += f" to {kept.until:%Y-%m-%d}" if kept.extended else ""
            good = kept.short == kept.extended
            yield self._probe("locks", "no lock ends within a year", seen, "holds" if good else "weaker")

    def _bypass(self, mode: str) -> Probe:
        name = self._name()
        until = self._soon()
        version = self._put(name, b"bypass", ObjectLockMode=mode, ObjectLockRetainUntilDate=until)
        allowed = self._may(
            lambda: self.client.delete_object(**name, VersionId=version, BypassGovernanceRetention=True)
        )
        promise = "this account cannot bypass a lock"
        if not allowed:
            return self._probe("bypass", promise, "refused", "holds")
        verdict: Verdict = "weaker" if mode == "GOVERNANCE" else "broken"
        return self._probe("bypass", promise, "this account may delete what is locked", verdict)

    def _extension(self) -> Probe:
        """Extend a lock so far that a server which counts its seconds in 32 bits would end it."""
        promise = "a lock is not ended by extending it"
        made = (v for v in self.store.versions(EXTENDED) if v.name == EXTENDED and not v.removed)
        if any(self._kept(version.version) >= FAR for version in made):
            return self._probe("extend", promise, f"kept until {FAR:%Y}", "holds")
        name = self.store.named(EXTENDED)
        until = self._soon()
        version = self._put(name, b"far", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
        far = {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": FAR}, "ChecksumAlgorithm": "SHA256"}
        try:
            ask(lambda: self.client.put_object_retention(**name, VersionId=version, **far), self.where)
        except Forbidden:
            return self._probe("extend", promise, "this account may not extend a lock", "untested")
        except Unreachable:
            raise
        except StoreError as error:
            return self._probe("extend", promise, f"so far it is refused: {error}", "holds")
        if (kept := self._kept(version)) >= until:
            return self._probe("extend", promise, f"kept until {kept:%Y}", "holds")
        seen = (
            f"{FAR:%Y} became {kept:%Y}: who may extend a lock, and delete, can end ANY lock of this server"
        )
        return self._probe("extend", promise, seen, "weaker")

    def _reach(self, lock: Lock) -> Probe:
        """Say until when a server that counts in 32 bits can lock what is new for as long as the bucket says."""
        now = datetime.now(UTC)
        last = LAST - (lock.until(now) - now)
        good = last > now + AHEAD * YEAR
        more = (
            ""
            if good
            else "; then nothing can be written: `beleg doctor --harden --years N` with fewer years"
        )
        seen = f"until {last:%Y-%m-%d}{more}"
        verdict: Verdict = "holds" if good else "weaker" if last > now else "broken"
        return self._probe(
            "reach", f"the store can lock for {lock.days} days what is written later", seen, verdict
        )

    def _kept(self, version: str | None) -> datetime:
        """Say until when a version of EXTENDED is locked."""
        kept: datetime | None = self.store.head(EXTENDED, version).get("ObjectLockRetainUntilDate")
        return kept or datetime.fromtimestamp(0, UTC)

    def _left_over(self) -> Probe:
        """Take away what earlier tests wrote and their locks kept, as far as this account may."""
        left = 0
        for version in list(self.store.versions(PROBES)):
            exact = self.store.named(version.name, version.version)
            stays = left >= PATIENCE or not self._may(partial(self.client.delete_object, **exact))
            left += stays and version.name != EXTENDED
        seen = (
            f"{left} small versions under {PROBES}: locked still, or this account has no right to remove them"
        )
        promise = "what tests write here goes again"
        return self._probe("tests", promise, seen if left else "nothing is left", "holds")

    def _checksum(self, mode: str) -> Probe:
        promise = "bytes that do not bear out their SHA-256 are refused"
        name, wrong = self._name(), b64encode(sha256(b"other").digest()).decode()
        until = self._soon()
        try:
            ask(
                lambda: self.client.put_object(
                    **name, Body=b"bytes", ChecksumAlgorithm="SHA256", ChecksumSHA256=wrong,
                    ObjectLockMode=mode, ObjectLockRetainUntilDate=until,
                ),
                self.where,
            )  # fmt: skip
        except Unreachable:
            raise  # nothing was refused
        except StoreError:
            return self._probe("checksum", promise, "refused", "holds")
        seen = "the store does not look; Beleg reads back every object that it writes here"
        return self._probe("checksum", promise, seen, "weaker")

    def _clock(self) -> Probe:
        promise = f"the clocks of store and computer agree within {TOLERATED_CLOCK} s"
        if self._offset is None:
            return self._probe("clock", promise, "the store tells no time", "unknown")
        verdict: Verdict = "holds" if abs(self._offset) <= TOLERATED_CLOCK else "weaker"
        return self._probe("clock", promise, f"the store is {self._offset:+.0f} s off", verdict)
