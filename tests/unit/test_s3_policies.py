"""What each role may do, judged from its document as a server judges."""

from fnmatch import fnmatchcase
from typing import Any

import pytest

from archive.adapters.s3_client import Address
from archive.adapters.s3_policies import ROLES, policy


def decide(document: Any, action: str, place: Address, *, create_only: bool = False) -> bool:
    """Judge as the servers do: an explicit deny wins, and what nothing allows is denied."""
    resource = f"arn:aws:s3:::{place.bucket}/{place.prefix}x"
    allowed = False
    for statement in document["Statement"]:
        named = any(fnmatchcase(resource, name) for name in statement["Resource"])
        if action not in statement["Action"] or not named:
            continue
        if "StringLike" in statement.get("Condition", {}):
            continue  # it denies only what comes with an ACL
        if "Condition" in statement and create_only:
            continue  # it denies only what comes without If-None-Match
        if statement["Effect"] == "Deny":
            return False
        allowed = True
    return allowed


A, C, V, W = Address("a", "main/"), Address("c", ""), Address("v", ""), Address("w", "")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("pulled", [True, False])
def test_rights_with_the_create_only_condition(role: str, pulled: bool) -> None:
    document = policy(role, A, C, [V, W], create_only=True, pulled=pulled)
    writes = role != "auditor"
    for place in (A, C, V, W):
        assert decide(document, "s3:GetObject", place)
        assert not decide(document, "s3:GetObject", Address("a", "other/"))
        for action in (
            "s3:BypassGovernanceRetention",
            "s3:DeleteObjectVersion",
            "s3:PutLifecycleConfiguration",
        ):
            hardens = role == "owner" and action == "s3:BypassGovernanceRetention" and place == A
            assert decide(document, action, place) == hardens
    assert decide(document, "s3:PutObject", C, create_only=True) == writes
    assert not decide(document, "s3:PutObject", C), "nobody writes over the order of the ledger"
    assert decide(document, "s3:PutObject", V) == (role == "privacy"), "keys are overwritten by privacy alone"
    assert decide(document, "s3:PutObject", V, create_only=True) == writes
    assert decide(document, "s3:PutObject", W, create_only=True) == (
        role == "privacy" or (writes and not pulled)
    )
    assert decide(document, "s3:DeleteObject", V) == (role == "privacy")
    assert not decide(document, "s3:DeleteObject", A)
    assert not decide(document, "s3:DeleteObject", C)


def test_without_the_condition_the_document_does_not_pretend() -> None:
    document = policy("ingest", A, C, [V, W], create_only=False, pulled=True)
    assert decide(document, "s3:PutObject", C)
    assert not any("Null" in statement.get("Condition", {}) for statement in document["Statement"])
    assert not decide(document, "s3:PutObject", W), "so the second copy is out of reach"
