"""The locks of what lies in the archive bucket: looking at them, extending them, making them final."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from archive.adapters.objects_s3 import LOCK_MEMORY, SMALL_DATES, DateNotKept, Lock, S3Store, Unlocked
from archive.adapters.s3_answers import told
from archive.adapters.s3_client import THREADS, ask_again
from archive.core.layout import PROBES
from archive.errors import NotFound, StoreError, UsageError
from archive.ports import ObjectVersion

YEAR = timedelta(days=365)
AHEAD = 10
"""Years for which a store must go on keeping the bucket's lock: what is written in ten years is locked from then."""

CLOCKS = timedelta(days=1)
"""By so much a lock may seem short: its end is told by the clock of the writer, the writing by that of the store."""

WINDOW = 64
"""Requests that are prepared at once."""

Answer = TypeVar("Answer")
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class KeptLocks:
    """What a walk over the locks found and did."""

    objects: int
    unlocked: int
    """Versions without any lock that could not be given one."""
    trial: int
    """Versions locked in GOVERNANCE mode in a bucket that locks in COMPLIANCE mode."""
    behind: int
    """Other locks that end earlier than the bucket's would have, from the writing on: a hardening broke off."""
    short: int
    """Locks that end within a year: a day before it is over, so that the lock of a year is none from the start."""
    extended: int
    ending: datetime | None
    """When the first of them ends, or ended."""
    until: datetime
    """When a lock that is given now ends."""


def keep_locks(store: S3Store, now: datetime) -> KeptLocks:
    """Look at the lock of every version; extend what ends within a year, as far as the bucket's own lock goes.

    A trial lock of days is not drawn out: it is there to end. What has no lock at all gets the bucket's.
    No mode is changed: that takes an owner (``harden``).
    """
    lock = store.lock()
    wanted = lock.until(now)
    final = lock.mode == "COMPLIANCE" or timedelta(days=lock.days) >= YEAR
    soon = now + YEAR - CLOCKS
    objects = unlocked = trial = behind = short = extended = 0
    ending: datetime | None = None

    def keep(version: ObjectVersion) -> tuple[str | None, datetime | None, datetime, bool]:
        head = store.head(version.name, version.version)
        mode: str | None = head.get("ObjectLockMode")
        kept: datetime | None = head.get("ObjectLockRetainUntilDate")
        due = kept is None or (final and kept < min(wanted - CLOCKS, soon))
        if due:
            store.extend_lock(version.name, version.version, mode or lock.mode, wanted)
        return mode, kept, told(head, "LastModified", f"{store.address}: {version.name}"), due

    for mode, kept, written, done in _for_each(store, keep):
        objects += 1
        unlocked += kept is None and not done
        trial += (is_trial := lock.mode == "COMPLIANCE" and mode == "GOVERNANCE")
        if kept is not None and final and not done and not is_trial:
            behind += kept + CLOCKS < lock.until(written)
        if kept is None or kept < soon:
            short += 1
            extended += done
            ending = min(filter(None, (ending, kept)), default=ending)
    return KeptLocks(objects, unlocked, trial, behind, short, extended, ending, wanted)


def lock_until(store: S3Store, name: str, until: datetime) -> int:
    """Lock every version of an object at least until then; give how many locks were made longer.

    Raises:
        NotFound: there is no such object.
        StoreError: refused or not reached.
    """
    versions = [version for version in store.versions(name) if version.name == name and not version.removed]
    if not versions:
        raise NotFound(f"{store.address}: {name}: there is no such object")
    extended = 0
    for version in versions:
        head = store.head(name, version.version)
        kept = head.get("ObjectLockRetainUntilDate")
        if kept is None or kept < until:
            mode = head.get("ObjectLockMode") or store.lock().mode
            store.extend_lock(name, version.version, mode, until)
            extended += 1
    return extended


def harden(store: S3Store, years: int, progress: Progress) -> int:
    """Make COMPLIANCE the lock of the bucket and of every version in it; give how many were locked.

    Nobody can take this back before ``years`` have gone by. ``store`` must be opened by an account that may
    bypass GOVERNANCE, for most servers demand that right for the change of mode. Writers that run meanwhile
    have read the new lock before the objects are walked over, so the walk meets all that was locked for less.

    Raises:
        UsageError: the bucket locks for longer already, and its server will keep that for years to come.
        StoreError: refused or not reached; it may be run again and goes on. Or the store does not keep such
            a date, now or in the years to come; then nothing was changed.
    """
    now = datetime.now(UTC)
    wanted = Lock.of_years("COMPLIANCE", years)
    try:
        before = store.lock()
    except Unlocked:
        before = wanted  # its rule was taken away; the server takes none for a bucket that cannot lock
    longer = before.mode == wanted.mode and before.days > wanted.days
    if longer and _is_kept(store, before, now):
        raise UsageError(
            f"{store.address}: the bucket locks in COMPLIANCE mode for {before.days} days already; "
            f"{years} years would lock what comes for less"
        )
    demand_lock(store, wanted, now)
    _set_lock(store, years)
    time.sleep(LOCK_MEMORY)
    if store.lock() != wanted:
        raise StoreError(
            f"{store.address}: another set the lock of the bucket meanwhile, to {store.lock().days} days; "
            "run it again"
        )
    until = wanted.until(now)

    def lock(version: ObjectVersion) -> bool:
        head = store.head(version.name, version.version)
        kept = head.get("ObjectLockRetainUntilDate")
        if head.get("ObjectLockMode") != "COMPLIANCE" or kept < until:
            store.extend_lock(version.name, version.version, "COMPLIANCE", until, bypass=True)
        return True

    done = 0
    for _ in _for_each(store, lock):
        done += 1
        progress(done)
    return done


def demand_lock(store: S3Store, lock: Lock, now: datetime) -> None:
    """Demand that a store can lock what is written now, and in ten years, for as long as a lock says.

    Raises:
        DateNotKept: it makes another date of it.
        StoreError: it did not answer.
    """
    until = Lock.of_years(lock.mode, AHEAD).until(lock.until(now))
    if until.year < SMALL_DATES:
        return
    try:
        store.demand_date(until)
    except DateNotKept as error:
        raise DateNotKept(
            f"{error}, so it could not lock for {lock.years or lock.days} {'years' if lock.years else 'days'} "
            f"what is written in {AHEAD} years; choose fewer. No other object was touched"
        ) from error


def _is_kept(store: S3Store, lock: Lock, now: datetime) -> bool:
    try:
        demand_lock(store, lock, now)
    except DateNotKept:
        return False
    return True


def _set_lock(store: S3Store, years: int) -> None:
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": years}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    bucket = store.address.bucket
    ask_again(
        lambda: store.client.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration=configuration, ChecksumAlgorithm="SHA256"
        ),
        f"{store.address}: lock of the bucket",
    )


def _for_each(store: S3Store, work: Callable[[ObjectVersion], Answer]) -> Iterator[Answer]:
    """Do something to every version but those of probes, several at once."""
    versions = (v for v in store.versions("") if not v.removed and not v.name.startswith(PROBES))
    with ThreadPoolExecutor(THREADS) as pool:
        while window := list(islice(versions, WINDOW)):
            yield from pool.map(work, window)
