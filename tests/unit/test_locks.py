"""Locks that are extended and made final: what the store really keeps is looked at, never believed."""

import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from archive.adapters import objects_s3, s3_locks
from archive.adapters.objects_s3 import Lock, S3Store
from archive.adapters.probe_s3 import LockedProber
from archive.adapters.s3_client import Address
from archive.adapters.s3_locks import harden, keep_locks
from archive.adapters.s3_setup import _lock
from archive.errors import Forbidden, StoreError, UsageError
from tests.lying_server import Server

BODIES = (b"first", b"second", b"third")


def named(body: bytes) -> str:
    return f"checkpoints/{len(body):020}-{sha256(body).hexdigest()}"


@pytest.fixture
def server() -> Server:
    return Server(["lets anyone bypass"], versioned=True)


def opened(server: Server) -> S3Store:
    return S3Store(server, Address("bucket", ""), locked=True)


@pytest.fixture
def store(server: Server, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    for module in (objects_s3, s3_locks):
        monkeypatch.setattr(module, "LOCK_MEMORY", 0.2)
    store = opened(server)
    for body in BODIES:
        store.put_new(named(body), body)
    return store


def kept(server: Server) -> list[tuple[str | None, int]]:
    """The mode and the days of every object but those of tests."""
    now = datetime.now(UTC)
    return [
        (version.mode, round((version.until - now) / timedelta(days=1)) if version.until else 0)
        for key, versions in server.objects.items()
        if not key.startswith("probe/")
        for version in versions
    ]


def in_years(years: int, after: int = 0) -> int:
    """The days from now to the end of a lock of years that begins ``after`` days."""
    now = datetime.now(UTC)
    return round((Lock.of_years("", years).until(now + timedelta(days=after)) - now) / timedelta(days=1))


@pytest.mark.parametrize(
    ("begin", "years", "end"),
    [
        ("2026-11-27", 10, "2036-11-27"),
        ("2028-02-29", 1, "2029-03-01"),
        ("2028-02-29", 4, "2032-03-01"),
        ("2026-03-01", 100, "2126-03-01"),
    ],
)
def test_years_of_a_lock_are_those_of_the_calendar(begin: str, years: int, end: str) -> None:
    """Ten years of 365 days would end two or three days before ten years are over."""
    lock = Lock.of_years("COMPLIANCE", years)
    assert (
        lock.until(datetime.fromisoformat(f"{begin}T12:00:00.5+00:00")).isoformat() == f"{end}T12:00:00+00:00"
    )


def test_a_date_that_the_store_cannot_keep_changes_nothing(server: Server, store: S3Store) -> None:
    """Seconds of 32 bits make 1990 of 2126: the lock of every object would be over at once."""
    server.lies = ("counts seconds in 32 bits",)
    for years in (100, 75):  # what is written in ten years has to be locked from then on
        with pytest.raises(StoreError, match=f"could not lock for {years} years .* choose fewer"):
            harden(store, years, lambda _: None)
    assert server.default == {"Mode": "GOVERNANCE", "Days": 30}
    assert kept(server) == [("GOVERNANCE", 30)] * 3
    server.lies = ("counts seconds in 32 bits", "lets anyone bypass")
    assert harden(store, 10, lambda _: None) == 3


def test_a_lock_that_the_store_cannot_go_on_keeping_may_be_made_shorter(
    server: Server, store: S3Store
) -> None:
    """Or nothing could be written any more, one day; where the store keeps it, fewer years are refused."""
    server.default = {"Mode": "COMPLIANCE", "Years": 78}
    with pytest.raises(UsageError, match="already"):
        harden(opened(server), 50, lambda _: None)
    server.lies = ("counts seconds in 32 bits", "lets anyone bypass")
    reach = next(
        probe for probe in LockedProber("archive", opened(server)).further() if probe.what == "reach"
    )
    assert (reach.verdict, "fewer years" in reach.seen) == ("weaker", True), reach
    assert harden(opened(server), 50, lambda _: None) == 3
    assert server.default == {"Mode": "COMPLIANCE", "Years": 50}
    reach = next(
        probe for probe in LockedProber("archive", opened(server)).further() if probe.what == "reach"
    )
    assert (reach.verdict, reach.seen) == ("holds", f"until {reach.seen.split()[1]}"), reach


def test_two_who_lock_at_once_do_not_both_believe_they_did(
    server: Server, store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(_: float) -> None:
        server.default = {"Mode": "COMPLIANCE", "Years": 3}
        threading.Event().wait(0.3)

    monkeypatch.setattr(s3_locks.time, "sleep", meanwhile)
    with pytest.raises(StoreError, match="another set the lock"):
        harden(store, 10, lambda _: None)


def test_a_bucket_whose_lock_its_server_cannot_keep_is_refused_before_anything_is_made(
    server: Server,
) -> None:
    server.lies = ("counts seconds in 32 bits", "lets anyone bypass")
    server.default = {"Mode": "COMPLIANCE", "Days": 29_000}
    with pytest.raises(UsageError, match="29000 days"):
        _lock(server, Address("bucket", ""), ruled=True)
    assert not any(version.until for versions in server.objects.values() for version in versions)


def test_an_extension_is_looked_at(server: Server, store: S3Store) -> None:
    server.lies = ("counts seconds in 32 bits",)
    server.default = {"Mode": "COMPLIANCE", "Years": 100}
    version = next(store.versions("checkpoints/"))
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=36_500)
    with pytest.raises(StoreError, match="the store makes"):
        store.extend_lock(version.name, version.version, "GOVERNANCE", until)
    assert kept(server) == [("GOVERNANCE", 30)] * 3


def test_who_writes_while_the_lock_is_made_final_locks_for_good_too(server: Server, store: S3Store) -> None:
    """A writer that runs remembers the lock of the bucket for a moment only, and no object falls between."""
    writer, stop, written = opened(server), threading.Event(), 0

    def write() -> None:
        nonlocal written
        while not stop.wait(0.01):
            body = b"%d" % written
            writer.put_new(named(body), body)
            written += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        harden(store, 2, lambda _: None)
        before = written
        while written < before + 3 and thread.is_alive():
            stop.wait(0.01)
    finally:
        stop.set()
        thread.join()
    assert written > 3
    assert set(kept(server)) == {("COMPLIANCE", in_years(2))}


def test_a_bucket_that_locks_for_a_year_keeps_every_lock_at_a_year(server: Server, store: S3Store) -> None:
    harden(store, 1, lambda _: None)
    later = datetime.now(UTC) + timedelta(days=100)
    done = keep_locks(store, later)
    assert (done.short, done.extended) == (3, 3)
    assert set(kept(server)) == {("COMPLIANCE", in_years(1, after=100))}


def test_the_lock_of_a_year_does_not_end_within_it_when_it_begins(server: Server, store: S3Store) -> None:
    """`doctor` right after such a hardening said that all locks end within a year, and wrote to every object."""
    harden(store, 1, lambda _: None)
    done = keep_locks(store, datetime.now(UTC) + timedelta(minutes=10))
    assert (done.short, done.extended) == (0, 0)
    told = [probe.promise for probe in LockedProber("archive", opened(server)).locks()]
    assert told == ["every object is locked"]


def test_a_trial_is_not_drawn_out(server: Server, store: S3Store) -> None:
    done = keep_locks(store, datetime.now(UTC) + timedelta(days=20))
    assert (done.short, done.extended) == (3, 0)
    assert set(kept(server)) == {("GOVERNANCE", 30)}


def test_what_is_locked_for_trial_in_a_final_bucket_is_told_and_extended_in_its_mode(
    server: Server, store: S3Store
) -> None:
    """An account that may not bypass extends it all the same; the mode waits for an owner."""
    server.default = {"Mode": "COMPLIANCE", "Years": 2}
    server.lies = ()
    told = {
        probe.promise: (probe.verdict, probe.seen)
        for probe in LockedProber("archive", opened(server)).locks()
    }
    verdict, seen = told["every lock is as final as the bucket's"]
    assert verdict == "weaker"
    assert "3 are in GOVERNANCE mode" in seen
    assert set(kept(server)) == {("GOVERNANCE", in_years(2))}


def test_what_is_there_under_a_trial_lock_may_be_written_again(server: Server, store: S3Store) -> None:
    """After a crash, in a bucket that was hardened since: no right to bypass is needed for it."""
    server.default = {"Mode": "COMPLIANCE", "Years": 2}
    server.lies = ()
    opened(server).put_new(named(BODIES[0]), BODIES[0])
    assert kept(server) == [("GOVERNANCE", 30)] * 3


def test_an_account_that_is_refused_is_not_told_that_the_place_is_broken(server: Server) -> None:
    server.lies = ("refuses everybody",)
    prober = LockedProber("archive", opened(server))
    with pytest.raises(Forbidden):
        list(prober.essential())
