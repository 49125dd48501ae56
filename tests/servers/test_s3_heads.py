"""Heads in the buckets of outsiders, who keep them as they keep everything else."""

from pathlib import Path

import pytest

from archive.adapters.s3_client import Client
from tests.servers.ceph import Ceph
from tests.servers.process import here

KINDS = ("plain", "versions", "lock", "lock-without-rule")


@pytest.fixture
def outsiders(owner: Client) -> list[str]:
    for kind in KINDS:
        owner.create_bucket(Bucket=f"heads-{kind}", ObjectLockEnabledForBucket=kind.startswith("lock"))
    versions = {"Status": "Enabled"}
    owner.put_bucket_versioning(Bucket="heads-versions", VersioningConfiguration=versions)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    owner.put_object_lock_configuration(Bucket="heads-lock", ObjectLockConfiguration=configuration)
    return [f"s3://heads-{kind}/beleg" for kind in KINDS]


def test_a_head_goes_into_any_bucket(ceph: Ceph, owner: Client, outsiders: list[str], tmp_path: Path) -> None:
    """In one that keeps versions it lay, and was told as not given, with advice about control and vault."""
    archive, user = tmp_path / "archive", ceph.users["owner"]
    assert here(user, archive, "init", archive).code == 0
    with (archive / "beleg.toml").open("a") as settings:
        settings.write(f'\n[s3]\nendpoint = "{ceph.endpoint}"\n\n[heads]\ncopy_to = {outsiders}\n')
    for _ in range(2):
        done = here(user, archive, "proof", "head")
        assert (done.code, done.out.count("Given to s3://")) == (0, len(KINDS)), done.out
    for kind in KINDS:
        found = owner.list_object_versions(Bucket=f"heads-{kind}")["Versions"]
        assert len(found) == 1, kind
    locked = owner.head_object(Bucket="heads-lock", Key=found[0]["Key"])
    assert locked["ObjectLockMode"] == "GOVERNANCE"
