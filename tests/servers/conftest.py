"""Fresh buckets at the real S3 server for each test."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest

from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Address, Client, connect
from tests.servers.ceph import Ceph

_NUMBER = count()
TRIAL = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}


@dataclass(frozen=True)
class Buckets:
    """Three buckets of one test: archive with locks, control and vault without versions."""

    server: Ceph
    client: Client
    name: str

    def address(self, place: str) -> Address:
        return Address(f"{self.name}-{place}", "")

    def store(self, place: str, client: Client | None = None) -> S3Store:
        return S3Store(client or self.client, self.address(place), locked=place == "archive")


MakeBuckets = Callable[[], Buckets]


@pytest.fixture
def owner(ceph: Ceph) -> Client:
    """The owner's client."""
    user = ceph.users["owner"]
    return connect(ceph.endpoint, None, 20, credentials=(user.key, user.secret))


@pytest.fixture
def buckets(ceph: Ceph, owner: Client) -> Buckets:
    """Three empty buckets and a second vault."""
    made = Buckets(ceph, owner, f"b{next(_NUMBER)}")
    owner.create_bucket(Bucket=made.address("archive").bucket, ObjectLockEnabledForBucket=True)
    owner.put_object_lock_configuration(
        Bucket=made.address("archive").bucket,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": TRIAL},
    )
    for place in ("control", "vault", "copy"):
        owner.create_bucket(Bucket=made.address(place).bucket)
    return made
