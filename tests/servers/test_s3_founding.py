"""Buckets for a new archive on a real server: a founding that was killed is begun again, and policies are kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from archive.adapters.s3_client import Client, connect
from archive.adapters.s3_setup import Buckets as Prepared
from archive.adapters.s3_setup import prepare
from archive.errors import NotFound, UsageError
from archive.settings import PlaceSettings
from tests.servers.ceph import Ceph
from tests.servers.conftest import Buckets
from tests.servers.process import Done, here


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


def die(**_: Any) -> None:
    raise Killed


def prepared(buckets: Buckets, ceph: Ceph) -> Prepared:
    named = {place: f"s3://{buckets.address(place).bucket}" for place in ("archive", "control", "vault")}
    places = PlaceSettings(archive=named["archive"], control=named["control"], vault=(named["vault"],))
    return prepare(buckets.client, places, ceph.endpoint, [])


def policy(client: Client, buckets: Buckets) -> Any:
    from archive.adapters.s3_client import ask

    try:
        found = ask(lambda: client.get_bucket_policy(Bucket=buckets.address("control").bucket), "policy")
    except NotFound:
        return None
    return json.loads(found["Policy"])


@pytest.mark.parametrize("call", ["PutObject", "DeleteBucketPolicy"])
def test_a_founding_that_died_while_it_tried_a_policy_is_begun_again(
    buckets: Buckets, ceph: Ceph, call: str
) -> None:
    """The policy that it left forbade the next founding to test the bucket."""
    events = buckets.client.meta.events
    for name in {call, "DeleteBucketPolicy"}:  # a killed process clears nothing up
        events.register(f"before-call.s3.{name}", die, unique_id=name)
    with pytest.raises(Killed):
        prepared(buckets, ceph)
    for name in {call, "DeleteBucketPolicy"}:
        events.unregister(f"before-call.s3.{name}", unique_id=name)
    assert policy(buckets.client, buckets) is not None
    assert prepared(buckets, ceph) == Prepared((), create_only=False)
    assert policy(buckets.client, buckets) is None
    buckets.store("control").put_new("probe/x", b"x")
    buckets.client.put_object(Bucket=buckets.address("control").bucket, Key="probe/x", Body=b"y")


def test_a_path_of_the_server_is_no_bucket_to_found_in(buckets: Buckets, ceph: Ceph) -> None:
    """It is pasted with the name of a bucket, and the buckets to be made became objects in that one."""
    bucket, user = buckets.address("vault").bucket, ceph.users["owner"]
    client = connect(f"{ceph.endpoint}/{bucket}/", None, 20, credentials=(user.key, user.secret))
    places = PlaceSettings(archive="s3://new-archive", control="s3://new-control", vault=("s3://new-vault",))
    with pytest.raises(
        UsageError, match=rf"has a path \({bucket}\).*name the server alone: {ceph.endpoint}$"
    ):
        prepare(client, places, ceph.endpoint, [])
    assert list(buckets.store("vault").names("")) == []


def test_the_policy_of_a_bucket_that_was_given_stays(buckets: Buckets, ceph: Ceph) -> None:
    bucket = buckets.address("control").bucket
    marked = f"arn:aws:s3:::{bucket}/commits/*"
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": marked}
    own = {"Version": "2012-10-17", "Statement": [statement]}
    buckets.client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(own))
    assert prepared(buckets, ceph) == Prepared((), create_only=False)
    assert policy(buckets.client, buckets) == own


def _names(buckets: Buckets) -> set[str]:
    return {row["Name"] for row in buckets.client.list_buckets()["Buckets"]}


def _found(buckets: Buckets, ceph: Ceph, folder: Path, *vault: str) -> Done:
    new = [f"s3://{buckets.name}-new-{place}" for place in ("archive", "control")]
    return here(
        ceph.users["owner"], folder.parent,
        "init", folder, "--store", new[0], "--control", new[1], *vault, "--endpoint", ceph.endpoint,
    )  # fmt: skip


@pytest.mark.parametrize("why", ["not empty", "expire by rule", "folder"])
def test_a_founding_that_is_refused_makes_nothing(
    buckets: Buckets, ceph: Ceph, tmp_path: Path, why: str
) -> None:
    """What lay in a vault was looked at after new buckets, one of them with locks, and policies were made."""
    copy: tuple[str, ...] = ()
    if why == "not empty":
        buckets.store("vault").put_new("strange", b"x")
    elif why == "folder":
        (tmp_path / "copy").mkdir()
        (tmp_path / "copy" / "strange").touch()
        copy = ("--vault-copy", str(tmp_path / "copy"))
    else:
        rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 5}}
        buckets.client.put_bucket_lifecycle_configuration(
            Bucket=buckets.address("vault").bucket, LifecycleConfiguration={"Rules": [rule]}
        )
    before = _names(buckets)
    done = _found(
        buckets, ceph, tmp_path / "new", "--vault", f"s3://{buckets.address('vault').bucket}", *copy
    )
    assert (done.code, ("not empty" if why == "folder" else why) in done.err) == (2, True), done.err
    assert _names(buckets) == before
    assert not (tmp_path / "new").exists()


def test_buckets_that_a_refused_founding_had_made_are_named(
    buckets: Buckets, ceph: Ceph, tmp_path: Path
) -> None:
    before = _names(buckets)
    done = _found(buckets, ceph, tmp_path / "new", "--vault", "s3://10.0.0.1")  # no server takes such a name
    made = _names(buckets) - before
    assert (done.code, len(made)) == (4, 2)
    assert all(name in done.err for name in made), done.err
    again = _found(buckets, ceph, tmp_path / "new", "--vault", f"s3://{buckets.address('vault').bucket}")
    assert again.code == 0, again.err


def test_a_folder_that_cannot_be_made_is_tried_before_buckets_are(
    buckets: Buckets, ceph: Ceph, tmp_path: Path
) -> None:
    """It came after them, and nobody said that they were there, one of them locked for good."""
    (tmp_path / "file").touch()
    vault = ("--vault", f"s3://{buckets.address('vault').bucket}")
    before = _names(buckets)
    assert _found(buckets, ceph, tmp_path / "file" / "new", *vault).code == 4
    assert _names(buckets) == before
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "policies").touch()
    done = _found(buckets, ceph, tmp_path / "new", *vault)
    made = _names(buckets) - before
    assert (done.code, len(made)) == (4, 2)
    assert all(name in done.err for name in made), done.err


def test_a_lost_bucket_is_made_anew_in_one_that_is_made_beforehand(
    buckets: Buckets, ceph: Ceph, tmp_path: Path
) -> None:
    """The way back ended at a bucket that was not there, and nothing said who makes it, and how."""
    folder, user, names = tmp_path / "archive", ceph.users["owner"], {}
    for option, place in (("--store", "archive"), ("--control", "control"), ("--vault", "vault")):
        names[option] = f"s3://{buckets.address(place).bucket}"
    named = [word for pair in names.items() for word in pair]
    assert here(user, folder, "init", folder, *named, "--endpoint", ceph.endpoint).code == 0
    for name in buckets.store("control").names(""):
        buckets.client.delete_object(Bucket=buckets.address("control").bucket, Key=name)
    buckets.client.delete_bucket(Bucket=buckets.address("control").bucket)
    tested = here(user, folder, "doctor", "--no-keys", "--json").json["probes"]
    (gone,) = (probe["seen"] for probe in tested if probe["what"] == "answer")
    assert "`beleg rebuild markers --into NEW` makes it anew" in gone
    new = f"{buckets.name}-new"
    done = here(user, folder, "rebuild", "markers", "--into", f"s3://{new}")
    assert (done.code, "made beforehand, without versions" in done.err) == (4, True), done.err
    buckets.client.create_bucket(Bucket=new)
    assert here(user, folder, "rebuild", "markers", "--into", f"s3://{new}").code == 0
    assert here(user, folder, "verify").code == 0
    done = here(user, folder, "mirror", f"s3://{new}-mirror")
    assert (done.code, "or with Object Lock" in done.err) == (4, True), done.err
