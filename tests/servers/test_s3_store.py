"""The ObjectStore contract on a real S3 server, and what only buckets with locks and versions know."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.adapters.objects_s3 import S3Store
from archive.errors import AlreadyExists, Forbidden, NotFound, StoreError, Unreachable
from archive.ports import ObjectStore
from tests.contract.object_store import ExclusiveContract, StoreContract, named
from tests.servers.conftest import Buckets


class TestControl(ExclusiveContract):
    @pytest.fixture
    def store(self, buckets: Buckets) -> ObjectStore:
        return buckets.store("control")


class TestArchive(StoreContract):
    @pytest.fixture
    def store(self, buckets: Buckets) -> ObjectStore:
        return buckets.store("archive")


BODY = b"sealed" * 1000


@pytest.fixture
def archive(buckets: Buckets) -> S3Store:
    store = buckets.store("archive")
    store.put_new(named(BODY), BODY)
    return store


def test_every_object_is_locked_as_the_bucket_says(archive: S3Store) -> None:
    head = archive.head(named(BODY))
    assert head["ObjectLockMode"] == "GOVERNANCE"
    left = head["ObjectLockRetainUntilDate"] - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


def test_what_is_written_over_it_hides_nothing(archive: S3Store, buckets: Buckets) -> None:
    key = {"Bucket": archive.address.bucket, "Key": named(BODY)}
    buckets.client.put_object(**key, Body=b"other bytes")
    assert archive.get(named(BODY), limit=len(BODY)) == BODY
    buckets.client.delete_object(**key)
    assert archive.get(named(BODY), limit=len(BODY)) == BODY
    assert list(archive.names("")) == [named(BODY)]
    kept = list(archive.versions(""))
    assert [version.removed for version in kept].count(True) == 1
    assert len(kept) == 3


def test_a_delete_marker_is_healed_by_writing_again(archive: S3Store, buckets: Buckets) -> None:
    buckets.client.delete_object(Bucket=archive.address.bucket, Key=named(BODY))
    archive.put_new(named(BODY), BODY)
    assert archive.head(named(BODY))["ContentLength"] == len(BODY)


def test_a_planted_object_of_that_name_is_told_on_writing(buckets: Buckets) -> None:
    store = buckets.store("archive")
    buckets.client.put_object(Bucket=store.address.bucket, Key=named(BODY), Body=b"planted")
    with pytest.raises(AlreadyExists):
        store.put_new(named(BODY), BODY)
    with pytest.raises(AlreadyExists):
        store.put_all([(named(BODY), BODY)])


def test_an_absent_bucket_is_not_an_absent_object(buckets: Buckets) -> None:
    store = S3Store(buckets.client, buckets.address("nowhere"), locked=False)
    with pytest.raises(Unreachable, match="no such bucket"):
        store.get("commits/1", limit=10)
    with pytest.raises(Unreachable, match="no such bucket"):
        list(store.names(""))
    with pytest.raises(Unreachable, match="no such bucket"):
        store.put_new("commits/1", b"x")


def test_a_stranger_is_refused_not_told_that_nothing_is_there(buckets: Buckets) -> None:
    from archive.adapters.s3_client import connect

    stranger = buckets.server.users["stranger"]
    client = connect(buckets.server.endpoint, None, 10, credentials=(stranger.key, stranger.secret))
    for place in ("archive", "control"):
        store = buckets.store(place, client)
        with pytest.raises(Forbidden, match="refuses this account"):
            store.get(named(BODY), limit=10)
        with pytest.raises(Forbidden):
            store.put_new(named(BODY), BODY)


def test_a_vault_that_keeps_versions_is_refused(buckets: Buckets) -> None:
    """A destroyed key would live on as an older version."""
    store = buckets.store("vault")
    buckets.client.put_bucket_versioning(
        Bucket=store.address.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    with pytest.raises(StoreError, match="keeps versions"):
        store.put_new("keys/page", b"key")


def test_an_archive_without_default_lock_takes_nothing(buckets: Buckets) -> None:
    store = S3Store(buckets.client, buckets.address("control"), locked=True)
    with pytest.raises(StoreError, match="does not lock"):
        store.put_new(named(BODY), BODY)
    assert list(store.names("")) == []


def test_listing_goes_over_pages(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("archive", "control"):
        store = buckets.store(place)
        bodies = [b"%d" % number for number in range(25)]
        store.put_all((named(body), body) for body in bodies)
        call = "list_object_versions" if place == "archive" else "list_objects_v2"
        whole = getattr(store.client, call)
        pages = []

        def small(whole=whole, pages=pages, **arguments: object) -> object:  # type: ignore[no-untyped-def]
            pages.append(1)
            return whole(**arguments, MaxKeys=7)

        monkeypatch.setattr(store.client, call, small)
        assert list(store.names("")) == sorted(map(named, bodies))
        assert len(pages) == 4
        with pytest.raises(NotFound):
            store.get(named(b"none"), limit=9)
