"""Least-privilege policies: what each role may do in each bucket, as documents for the S3 server.

The rights are those of the design: reading ciphertext is no privilege; nobody here may delete in archive or
control, or change a bucket, but for the owner, who may lock it for good; only privacy may write over what lies
in the vault.
"""

from collections.abc import Sequence
from typing import Any

from archive.adapters.s3_client import Address

ROLES = ("ingest", "legal", "privacy", "auditor", "owner")

CREATE_ONLY = "s3:if-none-match"

LIST = (
    "s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation", "s3:GetBucketVersioning",
    "s3:GetLifecycleConfiguration",
)  # fmt: skip
READ = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention")
NEVER = (
    "s3:BypassGovernanceRetention", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObjectVersion",
    "s3:PutBucketAcl", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketPolicy", "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration", "s3:PutObjectAcl", "s3:PutObjectLegalHold",
)  # fmt: skip
"""What no role ever needs, and what an object's own uploader may do on some servers unless denied."""

PUBLIC = ("public-read", "public-read-write", "authenticated-read")
GRANTS = ("full-control", "read", "read-acp", "write", "write-acp")
"""Who writes an object may open it to everybody, or to anybody by name, in the same request, unless denied."""

HARDENING = ("s3:BypassGovernanceRetention", "s3:PutBucketObjectLockConfiguration")
"""What the owner alone needs, to end the trial: without the right to delete a version nothing goes by it."""


def policy(
    role: str, archive: Address, control: Address, vaults: Sequence[Address], *,
    create_only: bool, pulled: bool,
) -> dict[str, Any]:  # fmt: skip
    """Give the policy document of a role.

    Args:
        role: ingest, legal, privacy, auditor or owner. The owner of a bucket needs a document too: on some
            servers an object belongs to the account that wrote it, and its bucket's owner may not read it.
        archive: bucket and prefix of the place; so also ``control`` and ``vaults``.
        create_only: whether the server knows the condition that forbids writing over what is there.
        pulled: whether the second vault copy is written by privacy alone.
    """
    everything = [archive, control, *vaults]
    statements = [
        _allow((*LIST, "s3:GetBucketObjectLockConfiguration"), [_bucket(place) for place in everything]),
        _allow(READ, [_objects(place) for place in everything]),
    ]
    if role != "auditor":
        written = vaults if role == "privacy" or not pulled else vaults[:1]
        statements.append(_allow(("s3:PutObject", "s3:PutObjectRetention"), [_objects(archive)]))
        statements.append(_allow(("s3:PutObject",), [_objects(place) for place in (control, *written)]))
        if create_only:
            once = [control] if role == "privacy" else [control, *vaults]
            statements.append(_only_new([_objects(place) for place in once]))
    if role == "owner":
        statements.append(_allow(HARDENING, [_bucket(archive), _objects(archive)]))
    if role == "privacy":
        statements.append(_allow(("s3:DeleteObject",), [_objects(vault) for vault in vaults]))
    kept = [archive, control] if role == "privacy" else everything
    statements.append(_deny(("s3:DeleteObject",), [_objects(place) for place in kept]))
    whole = sorted({f"arn:aws:s3:::{place.bucket}" for place in everything})
    never = [action for action in NEVER if role != "owner" or action not in HARDENING]
    statements.append(_deny(never, [*whole, *(f"{bucket}/*" for bucket in whole)]))
    statements += _no_strangers([f"{bucket}/*" for bucket in whole])
    return {"Version": "2012-10-17", "Statement": statements}


def _bucket(place: Address) -> str:
    return f"arn:aws:s3:::{place.bucket}"


def _objects(place: Address) -> str:
    return f"arn:aws:s3:::{place.bucket}/{place.prefix}*"


def _allow(actions: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": _once(resources)}


def _deny(actions: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": _once(resources)}


def _only_new(resources: Sequence[str]) -> dict[str, Any]:
    """Deny a write that does not carry ``If-None-Match``."""
    return {**_deny(("s3:PutObject",), resources), "Condition": {"Null": {CREATE_ONLY: "true"}}}


def _no_strangers(resources: Sequence[str]) -> list[dict[str, Any]]:
    """Deny a write that opens the object to others. StringLike, for a server was seen to turn ``Null`` round."""
    opened = {"s3:x-amz-acl": list(PUBLIC)}, *({f"s3:x-amz-grant-{right}": "*"} for right in GRANTS)
    return [{**_deny(("s3:PutObject",), resources), "Condition": {"StringLike": key}} for key in opened]


def _once(resources: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(resources))
