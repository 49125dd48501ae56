"""A place in a bucket. Every write is sent with its SHA-256, looked at after it, and never repeated blindly.

On many servers a bucket with locks ignores ``If-None-Match``, and one PUT whose answer was lost may be stored
several times. So nothing here rests on the store's exclusion in the archive place: its names carry the
SHA-256 of what they name, and of several versions the one that bears out its name is the object.
In control and vault, which keep no versions, ``If-None-Match: *`` decides who came first.
"""

import contextlib
import secrets
import threading
import time
from base64 import b64encode
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from archive.adapters.s3_answers import told
from archive.adapters.s3_client import THREADS, Address, Client, Conflict, Transient, ask, ask_again, pauses
from archive.adapters.s3_reader import S3Reader
from archive.core.layout import PROBES
from archive.errors import AlreadyExists, Forbidden, FormatError, NotFound, StoreError, Unreachable

LOCK_MEMORY = 5.0
"""Seconds for which a writer trusts what it read of the bucket's lock; ``harden`` waits until they are over."""

SMALL_DATES = 2038
"""Locks that end in this year or later are tried first: a server whose seconds have 32 bits ends them long ago."""


class Unlocked(StoreError):
    """A bucket that was asked, and does not lock what is written to it."""


class DateNotKept(StoreError):
    """A store that makes another date of a lock than it was asked for: seconds of 32 bits end in 2106."""


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock that every new object gets: GOVERNANCE or COMPLIANCE, for so many days or years."""

    mode: str
    days: int
    """Of a lock of years: at least so many."""
    years: int = 0

    @classmethod
    def of_years(cls, mode: str, years: int) -> "Lock":
        """Give a lock that lasts whole years of the calendar, leap days and all."""
        return cls(mode, 365 * years, years)

    def until(self, now: datetime) -> datetime:
        """Give the end of a lock that begins now, in whole seconds."""
        now = now.replace(microsecond=0)
        if not self.years:
            return now + timedelta(days=self.days)
        if (now.month, now.day) == (2, 29):
            now += timedelta(days=1)
        return now.replace(year=now.year + self.years)


class S3Store(S3Reader):
    """An ObjectStore in a bucket; safe to use from several threads."""

    def __init__(self, client: Client, address: Address, *, locked: bool, keeps: bool = False) -> None:
        """Use a bucket.

        Args:
            client: shared by all places at one server.
            address: bucket and prefix.
            locked: the archive place, whose bucket keeps versions and locks them; its lock is the bucket's
                default retention, so that every writer gives the same.
            keeps: it may keep versions without locks, for nothing in it must ever be destroyed.
        """
        super().__init__(client, address, versioned=locked)
        self.locked, self.keeps = locked, keeps
        self._lock: Lock | None = None
        self._lock_read = 0.0
        self._kept_date: datetime | None = None
        self._lock_guard = threading.Lock()

    def put_new(self, name: str, body: bytes) -> None:
        """Create an object; see ``ObjectStore.put_new``."""
        digest = sha256(body).digest()
        look = self.versioned or self.keeps
        problem: StoreError = Unreachable(f"{self.address}: {name}: not written")
        for pause in pauses():
            if look and self._is_stored(name, body, digest):
                return
            look = True  # from the second attempt on: the first may have been done
            try:
                self._check_written(name, self._put(name, body, digest, IfNoneMatch="*"), body, digest)
            except (Conflict, Transient) as error:
                problem = error
                if pause is not None:
                    time.sleep(pause if isinstance(error, Transient) else 0)
            else:
                return
        if self._is_stored(name, body, digest):
            return
        raise problem

    def put_all(self, objects: Iterable[tuple[str, bytes]]) -> None:
        """Create objects, four at once; see ``ObjectStore.put_all``."""
        pool: ThreadPoolExecutor | None = None
        under_way: deque[Future[None]] = deque()
        try:
            for name, body in objects:
                pool = pool or ThreadPoolExecutor(THREADS)
                under_way.append(pool.submit(self.put_new, name, body))
                if len(under_way) >= THREADS:
                    under_way.popleft().result()
            for done in under_way:
                done.result()
        finally:
            if pool is not None:
                pool.shutdown(cancel_futures=True)

    def overwrite(self, name: str, body: bytes) -> None:
        """Replace an object; see ``ObjectStore.overwrite``."""
        digest = sha256(body).digest()
        for pause in pauses():
            try:
                self._check_written(name, self._put(name, body, digest), body, digest)
            except Transient:
                if pause is None:
                    raise
                time.sleep(pause)
            else:
                return

    def _put(self, name: str, body: bytes, digest: bytes, **conditions: str) -> Any:
        arguments = {
            **self.named(name), **conditions, "Body": body, "ContentType": "application/octet-stream",
            # Both, or a server of one kind does not check, and one of another refuses the lock.
            "ChecksumAlgorithm": "SHA256", "ChecksumSHA256": b64encode(digest).decode(),
        }  # fmt: skip
        mode, until = "", None
        if self.locked:
            lock = self.lock()
            mode, until = lock.mode, lock.until(datetime.now(UTC))
            arguments |= {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": until}
        answer = ask(lambda: self.client.put_object(**arguments), f"{self.address}: {name}")
        if not (self.versioned or self.keeps) and answer.get("VersionId", "null") != "null":
            raise StoreError(
                f"{self.address}: this bucket keeps versions, so a destroyed key would live on in it; "
                "control and vault need buckets without versions. `beleg rebuild markers --into NEW` brings control "
                "into one, `beleg keys copy --from N --into NEW` a copy of the vault"
            )
        return {**answer, "lock": (mode, until)}

    def _check_written(self, name: str, answer: Any, body: bytes, digest: bytes) -> None:
        """Look at the very version that was written: bytes and lock."""
        version = answer.get("VersionId") if self.versioned else None
        try:
            head = self.head(name, version)
        except NotFound as error:
            raise StoreError(f"{self.address}: {name}: written, and it is not there") from error
        if not self._bears(name, head, body, digest, version):
            raise StoreError(f"{self.address}: {name}: the store keeps other bytes than were written")
        if self.locked:
            self._check_lock(name, version, head, *answer["lock"])

    def _bears(self, name: str, head: Any, body: bytes, digest: bytes, version: str | None) -> bool:
        """Say whether an object has these bytes: by the store's own checksum, else by reading it back."""
        if head.get("ContentLength", len(body)) != len(body):
            return False
        checksum = head.get("ChecksumSHA256")
        if checksum is not None:
            return bool(checksum == b64encode(digest).decode())
        try:
            return self.fetch(name, len(body), version) == body
        except FormatError:
            return False  # more of them than these

    def _is_stored(self, name: str, body: bytes, digest: bytes) -> bool:
        """Say whether these bytes hold the name already.

        Raises:
            AlreadyExists: other bytes do.
        """
        try:
            head = self.head(name)
        except NotFound:
            self.check_bucket()
            return False
        version = head.get("VersionId") if self.versioned else None
        if not self._bears(name, head, body, digest, version):
            raise AlreadyExists(f"{name}: other bytes hold this name in {self.address}")
        if self.locked and head.get("ObjectLockRetainUntilDate") is None:
            lock = self.lock()
            self._check_lock(name, version, head, lock.mode, lock.until(datetime.now(UTC)))
        return True

    def _check_lock(self, name: str, version: str | None, head: Any, mode: str, until: datetime) -> None:
        """Demand the lock that was asked for; some servers drop it from the write, and take it afterwards."""
        if not _is_locked(head, mode, until):
            self.extend_lock(name, version, mode, until)

    def lock(self) -> Lock:
        """Give the lock of new objects: the default retention of the bucket.

        Raises:
            Unlocked: the bucket has none, or locks nothing.
            StoreError: it could not be asked.
        """
        with self._lock_guard:
            if self._lock is None or time.monotonic() > self._lock_read + LOCK_MEMORY:
                self._lock, self._lock_read = self._read_lock(), time.monotonic()
            return self._lock

    def _read_lock(self) -> Lock:
        what, bucket = f"{self.address}: lock of the bucket", self.address.bucket
        try:
            answer = ask_again(lambda: self.client.get_object_lock_configuration(Bucket=bucket), what)
            found = answer["ObjectLockConfiguration"]
        except (NotFound, KeyError) as error:
            raise Unlocked(
                f"{self.address}: the bucket does not lock what is written to it; "
                "the archive place needs Object Lock with a default retention"
            ) from error
        try:
            default = found["Rule"]["DefaultRetention"]
            mode, days = default["Mode"], default.get("Days")
            lock = Lock(mode, days) if days else Lock.of_years(mode, default["Years"])
        except KeyError as error:
            raise Unlocked(
                f"{self.address}: the bucket has Object Lock and no default retention, so what is written to it would "
                "not be locked; its owner gives it one again, or `beleg doctor --harden --years N` locks for good"
            ) from error
        try:
            lock.until(datetime.now(UTC))
        except (OverflowError, ValueError) as error:
            raise StoreError(f"{what}: {lock.days} days end at no date") from error
        return lock

    def extend_lock(
        self, name: str, version: str | None, mode: str, until: datetime, *, bypass: bool = False
    ) -> None:
        """Lock a version until later, and look whether the store did.

        Raises:
            DateNotKept: the store cannot lock for so long; the object was not touched.
            StoreError: refused or not reached, or the store keeps another lock than was asked for.
        """
        if until.year >= SMALL_DATES and (self._kept_date is None or until > self._kept_date):
            self.demand_date(until + timedelta(days=1))  # so that the next second is not tried again
        arguments: dict[str, Any] = {
            **self.named(name, version), "Retention": {"Mode": mode, "RetainUntilDate": until},
            "ChecksumAlgorithm": "SHA256",
        }  # fmt: skip
        if bypass:
            arguments["BypassGovernanceRetention"] = True
        ask_again(lambda: self.client.put_object_retention(**arguments), f"{self.address}: lock of {name}")
        if not _is_locked(self.head(name, version), mode, until):
            raise StoreError(f"{self.address}: {name}: the store did not lock it; run `beleg doctor`")

    def demand_date(self, until: datetime) -> None:
        """Try on an object of no worth whether the store keeps a lock until then, to the second.

        Where this account may not take the object away again, it stays, as what `doctor` writes.

        Raises:
            DateNotKept: it keeps another date.
            StoreError: it did not answer.
        """
        what = f"{self.address}: trying a lock until {until:%Y-%m-%d}"
        name, body = self.named(f"{PROBES}{secrets.token_hex(16)}"), b"date"
        answer = ask_again(
            lambda: self.client.put_object(
                **name, Body=body, ChecksumAlgorithm="SHA256",
                ChecksumSHA256=b64encode(sha256(body).digest()).decode(),
                ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until,
            ),
            what,
        )  # fmt: skip
        exact = {**name, "VersionId": told(answer, "VersionId", what)}
        head = ask_again(lambda: self.client.head_object(**exact), what)
        with contextlib.suppress(Forbidden):
            ask(lambda: self.client.delete_object(**exact, BypassGovernanceRetention=True), what)
        kept = head.get("ObjectLockRetainUntilDate")
        if kept != until:
            seen = f"{kept:%Y-%m-%d}" if kept else "no lock"
            raise DateNotKept(f"{self.address}: the store makes {seen} of a lock until {until:%Y-%m-%d}")
        self._kept_date = until


def _is_locked(head: Any, mode: str, until: datetime) -> bool:
    found, kept = head.get("ObjectLockMode"), head.get("ObjectLockRetainUntilDate")
    if found != mode and not (mode == "GOVERNANCE" and found == "COMPLIANCE"):
        return False
    return bool(kept is not None and kept >= until)
