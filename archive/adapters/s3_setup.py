"""Making or checking the buckets of a new archive, and writing the policies of its roles."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.adapters.objects_s3 import DateNotKept, S3Store
from archive.adapters.s3_client import Address, Client, ask, ask_again, parse_url
from archive.adapters.s3_locks import demand_lock
from archive.adapters.s3_policies import CREATE_ONLY, ROLES, policy
from archive.core.layout import PROBES
from archive.errors import Forbidden, NotFound, StoreError, UsageError
from archive.settings import PlaceSettings

TRIAL_MODE, TRIAL_DAYS = "GOVERNANCE", 30


@dataclass(frozen=True, slots=True)
class Buckets:
    """What was found and made."""

    made: tuple[str, ...]
    create_only: bool
    """Whether the server lets a policy forbid writing over what is there."""


def look(client: Client, places: PlaceSettings) -> dict[Address, bool]:
    """Check the buckets that are there already; say of each place whether its bucket is. Nothing is written.

    Raises:
        UsageError: a bucket is not fit for its place.
        StoreError: the server does not answer, or refuses this account.
    """
    if not (places.archive.startswith("s3://") and places.control.startswith("s3://")):
        raise UsageError("archive and control place go to S3 together; the vault copies may be folders")
    demand_whole_server(client)
    archive, *others = _addresses(places)
    if archive.bucket in {place.bucket for place in others}:
        raise UsageError("the archive place needs a bucket of its own: locks hold for a whole bucket")
    there = {place: _exists(client, place) for place in (archive, *others)}
    for place in others:
        if there[place]:
            _check_unversioned(client, place)
    if there[archive]:
        _demand_locked(client, archive, fresh=False)
    return there


def prepare(client: Client, places: PlaceSettings, endpoint: str | None, made: list[str]) -> Buckets:
    """Make the buckets that are not there, check the others, and learn what the server's policies can.

    Places that are folders are passed over; ``endpoint``: None for Amazon's own servers; ``made``: gets the name of
    each bucket as soon as it is made, also where a later one cannot be.

    Raises:
        UsageError: a bucket is not fit for its place.
        StoreError: the server does not answer, or refuses this account.
    """
    there = look(client, places)
    archive, *others = _addresses(places)
    if not there[archive]:
        _make(client, archive, locked=True)
        made.append(archive.bucket)
    _lock(client, archive, _demand_locked(client, archive, fresh=not there[archive]))
    for place in others:
        if not there[place] and place.bucket not in made:
            _make(client, place, locked=False)
            made.append(place.bucket)
            _check_unversioned(client, place)
    return Buckets(tuple(made), knows_create_only(client, others[0], endpoint))


def _addresses(places: PlaceSettings) -> list[Address]:
    """Give archive, control and the vault copies that are buckets."""
    vaults = [copy for copy in places.vault if copy.startswith("s3://")]
    return [parse_url(place) for place in (places.archive, places.control, *vaults)]


def demand_whole_server(client: Client) -> None:
    """Refuse to make anything where the address of the server has a path: what is meant for it lands in a bucket.

    Servers take the first part of a path for the name of a bucket, so buckets to be made become objects in that one.

    Raises:
        UsageError: it has one.
    """
    parts = urlsplit(client.meta.endpoint_url)
    if path := parts.path.strip("/"):
        raise UsageError(
            f"the address of the S3 server has a path ({path}), which servers take for the name of a bucket; name the "
            f"server alone: {parts.scheme}://{parts.netloc}"
        )


def _exists(client: Client, place: Address) -> bool:
    try:
        ask_again(lambda: client.head_bucket(Bucket=place.bucket), str(place))
    except NotFound:
        return False
    return True


def _make(client: Client, place: Address, *, locked: bool) -> None:
    options: dict[str, Any] = {"ObjectLockEnabledForBucket": True} if locked else {}
    region = client.meta.region_name
    if region != "us-east-1":
        options["CreateBucketConfiguration"] = {"LocationConstraint": region}
    ask(lambda: client.create_bucket(Bucket=place.bucket, **options), f"{place}: making the bucket")


def _demand_locked(client: Client, place: Address, *, fresh: bool) -> bool:
    """Demand Object Lock; say whether the bucket has a default retention too."""
    bucket = {"Bucket": place.bucket}
    try:
        found = ask_again(lambda: client.get_object_lock_configuration(**bucket), str(place))
        configuration = found["ObjectLockConfiguration"]
    except (NotFound, KeyError) as error:
        hint = (
            "the server ignored that it was asked for" if fresh else "make a bucket with it, or let init do"
        )
        raise UsageError(f"{place}: the bucket has no Object Lock; {hint}") from error
    return bool(configuration.get("Rule"))


def _lock(client: Client, place: Address, ruled: bool) -> None:
    """Try whether the server keeps the bucket's default retention; give the trial lock to one that has none."""
    if ruled:
        store = S3Store(client, place, locked=True)
        try:
            demand_lock(store, store.lock(), datetime.now(UTC))
        except DateNotKept as error:
            raise UsageError(str(error)) from error
        return
    rule = {"DefaultRetention": {"Mode": TRIAL_MODE, "Days": TRIAL_DAYS}}
    wanted = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    ask_again(
        lambda: client.put_object_lock_configuration(
            Bucket=place.bucket, ObjectLockConfiguration=wanted, ChecksumAlgorithm="SHA256"
        ),
        f"{place}: default retention",
    )


def versioning(client: Client, place: Address) -> str | None:
    """Say how a bucket keeps versions (Enabled, Suspended); None where it never did. Errors as ``ask``."""
    found = ask_again(lambda: client.get_bucket_versioning(Bucket=place.bucket), str(place))
    status: str | None = found.get("Status")
    return status


def _check_unversioned(client: Client, place: Address) -> None:
    if status := versioning(client, place):
        raise UsageError(
            f"{place}: the bucket keeps versions ({status}); control and vault need buckets that never "
            "did, or create-if-absent and the destruction of keys do not hold"
        )


def knows_create_only(client: Client, place: Address, endpoint: str | None) -> bool:
    """Say whether the server's policies can demand ``If-None-Match``; Amazon's can, others are tried in a bucket.

    Raises:
        StoreError: what the trial wrote could not be taken away again.
    """
    return endpoint is None or _knows_create_only(client, place)


def _knows_create_only(client: Client, place: Address) -> bool:
    """Try whether a policy can demand ``If-None-Match``; not where that would cost the bucket a policy of its own.

    What an earlier try left that was killed is taken away.
    """
    bucket, trial = {"Bucket": place.bucket}, _trial_policy(place)
    key = f"{place.prefix}{PROBES}{secrets.token_hex(16)}"
    try:
        if _policy(client, place) not in (None, trial):
            return False
        document = json.dumps(trial)
        ask_again(lambda: client.put_bucket_policy(**bucket, Policy=document), f"{place}: policy")
    except StoreError:
        return False  # a server without such policies; the roles' documents are then written without
    try:
        with_condition = _allowed(lambda: client.put_object(**bucket, Key=key, Body=b"", IfNoneMatch="*"))
        without = _allowed(lambda: client.put_object(**bucket, Key=key, Body=b""))
    finally:
        ask_again(lambda: client.delete_bucket_policy(**bucket), f"{place}: policy")
        ask_again(lambda: client.delete_object(**bucket, Key=key), f"{place}: probe")
    return with_condition and not without


def _trial_policy(place: Address) -> dict[str, Any]:
    statement = {
        "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{place.bucket}/{place.prefix}{PROBES}*",
        "Condition": {"Null": {CREATE_ONLY: "true"}},
    }  # fmt: skip
    return {"Version": "2012-10-17", "Statement": [statement]}


def _policy(client: Client, place: Address) -> Any:
    """Give the policy of a bucket; None where it has none. Errors as ``ask``."""
    try:
        found = ask_again(lambda: client.get_bucket_policy(Bucket=place.bucket), f"{place}: policy")
    except NotFound:
        return None
    try:
        return json.loads(found["Policy"])
    except ValueError as error:
        raise StoreError(f"{place}: policy: the answer of the store cannot be read ({error})") from error


def _allowed(call: Callable[[], Any]) -> bool:
    try:
        ask(call, "probe")
    except Forbidden:
        return False
    return True


def write_policies(folder: Path, places: PlaceSettings, *, create_only: bool) -> list[Path]:
    """Write one policy document a role into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    vaults = [parse_url(copy) for copy in places.vault if copy.startswith("s3://")]
    for role in ROLES:
        document = policy(
            role, parse_url(places.archive), parse_url(places.control), vaults,
            create_only=create_only, pulled=places.second_copy == "pulled",
        )  # fmt: skip
        path = folder / f"{role}.json"
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written
