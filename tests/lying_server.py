"""An S3 server in memory that breaks its word where it is told to; called like a client of boto3."""

import contextlib
import threading
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError


@dataclass
class Version:
    id: str
    body: bytes
    mode: str | None = None
    until: datetime | None = None
    removed: bool = False
    written: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass
class Server:
    """An S3 server in memory that keeps its promises, except for those in ``lies``."""

    lies: Collection[str] = ()
    versioned: bool = False
    policy: str | None = None
    objects: dict[str, list[Version]] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)
    race: threading.Barrier | None = None
    default: dict[str, Any] = field(default_factory=lambda: {"Mode": "GOVERNANCE", "Days": 30})
    """The lock of the bucket."""
    rules: list[dict[str, Any]] | None = None
    """What its owner lets it forget."""

    def _kept(self, until: datetime | None) -> datetime | None:
        wraps = until is not None and until.timestamp() >= 2**32 and "counts seconds in 32 bits" in self.lies
        return until - timedelta(seconds=2**32) if until and wraps else until

    def put_object(self, Key: str, Body: bytes, IfNoneMatch: str | None = None, **options: Any) -> Any:
        if self.policy and "knows no conditions" not in self.lies and IfNoneMatch is None:
            raise refusal(403, "AccessDenied")
        told = options.get("ChecksumSHA256")
        borne_out = told in (None, b64encode(sha256(Body).digest()).decode())
        if not borne_out and "is out of order" in self.lies:
            raise refusal(500, "InternalError")
        if not borne_out and "checks no checksum" not in self.lies:
            raise refusal(400, "BadDigest")
        if (
            "create is not atomic" in self.lies
            and IfNoneMatch
            and self.race is None
            and Key not in self.objects
        ):
            self.race = threading.Barrier(4)
        if "create is not atomic" in self.lies and IfNoneMatch and self.race and not self.objects.get(Key):
            # Four look before the first of them writes.
            with contextlib.suppress(threading.BrokenBarrierError):
                self.race.wait(0.2)
            IfNoneMatch = None
        with self.turn:
            there = [version for version in self.objects.get(Key, []) if not version.removed]
            if IfNoneMatch and there and "ignores create-if-absent" not in self.lies:
                raise refusal(412, "PreconditionFailed")
            until = options.get("ObjectLockRetainUntilDate")
            if until and "rounds the lock" in self.lies:
                until = until.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            new = Version(
                f"v{len(self.objects.get(Key, []))}", Body, options.get("ObjectLockMode"), self._kept(until)
            )
            if "drops the lock" in self.lies:
                new.mode = new.until = None
            if self.versioned and "writes over versions" not in self.lies:
                self.objects.setdefault(Key, []).append(new)
            else:
                self.objects[Key] = [new]
        return {"VersionId": new.id} if self.versioned and "names no version" not in self.lies else {}

    def _find(self, Key: str, VersionId: str | None) -> Version:
        for version in reversed(self.objects.get(Key, [])):
            if VersionId in (None, version.id):
                if version.removed and VersionId is None:
                    break
                return version
        raise refusal(404, "NoSuchKey")

    def head_object(self, Key: str, VersionId: str | None = None, **_: Any) -> Any:
        found = self._find(Key, VersionId)
        lock = {"ObjectLockMode": found.mode, "ObjectLockRetainUntilDate": found.until} if found.mode else {}
        return {"ContentLength": len(found.body), "LastModified": found.written, **lock}

    def get_object(self, Key: str, VersionId: str | None = None, **_: Any) -> Any:
        body = self._find(Key, VersionId).body
        return {"ContentLength": len(body), "Body": BytesIO(body)}

    def delete_object(
        self, Key: str, VersionId: str | None = None, *, BypassGovernanceRetention: bool = False, **_: Any
    ) -> Any:
        if VersionId is None:
            if not self.versioned or "deletes instead of hiding" in self.lies:
                self.objects.pop(Key, None)
            else:
                self.objects[Key].append(Version("marker", b"", removed=True))
            return {}
        found = self._find(Key, VersionId)
        locked = found.mode and "ignores locks" not in self.lies
        if locked and not (BypassGovernanceRetention and "lets anyone bypass" in self.lies):
            raise refusal(403, "AccessDenied")
        if "says done" not in self.lies:
            self.objects[Key].remove(found)
        return {}

    def put_object_retention(
        self, Key: str, VersionId: str, Retention: Any, *, BypassGovernanceRetention: bool = False, **_: Any
    ) -> Any:
        found = self._find(Key, VersionId)
        if found.until and Retention["RetainUntilDate"] < found.until and "shortens locks" not in self.lies:
            raise refusal(403, "AccessDenied")
        if (found.mode, Retention["Mode"]) == ("GOVERNANCE", "COMPLIANCE") and not BypassGovernanceRetention:
            raise refusal(403, "AccessDenied")
        found.mode, found.until = Retention["Mode"], self._kept(Retention["RetainUntilDate"])
        return {}

    def list_object_versions(self, Prefix: str, **_: Any) -> Any:
        if "knows no versions" in self.lies:
            raise refusal(501, "NotImplemented")
        if "lists nothing" in self.lies:
            return {"IsTruncated": False}
        rows = [
            {"Key": key, "VersionId": version.id, "Size": len(version.body)}
            for key, versions in self.objects.items()
            for version in versions
            if key.startswith(Prefix) and not version.removed
        ]
        return {"IsTruncated": False, "Versions": rows[-1:] if "lists one version" in self.lies else rows}

    def get_bucket_versioning(self, **_: Any) -> Any:
        return {"Status": "Enabled"} if self.versioned else {}

    def get_bucket_lifecycle_configuration(self, **_: Any) -> Any:
        if self.rules is None:
            raise refusal(404, "NoSuchLifecycleConfiguration")
        return {"Rules": self.rules}

    def get_object_lock_configuration(self, **_: Any) -> Any:
        if "has no lock" in self.lies:
            raise refusal(404, "ObjectLockConfigurationNotFoundError")
        if "refuses everybody" in self.lies:
            raise refusal(403, "AccessDenied")
        rule = {"Rule": {"DefaultRetention": self.default}} if self.default else {}
        return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **rule}}

    def put_object_lock_configuration(self, ObjectLockConfiguration: Any, **_: Any) -> Any:
        self.default = ObjectLockConfiguration["Rule"]["DefaultRetention"]
        return {}

    def head_bucket(self, **_: Any) -> Any:
        off = timedelta(seconds=90 if "has a wrong clock" in self.lies else 0)
        date = (datetime.now(UTC) + off).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return {"ResponseMetadata": {"HTTPHeaders": {"date": date}}}

    def get_bucket_policy(self, **_: Any) -> Any:
        if self.policy is None:
            raise refusal(404, "NoSuchBucketPolicy")
        return {"Policy": self.policy}

    def put_bucket_policy(self, Policy: str, **_: Any) -> Any:
        if "takes no policies" in self.lies:
            raise refusal(501, "NotImplemented")
        self.policy = Policy
        return {}

    def delete_bucket_policy(self, **_: Any) -> Any:
        self.policy = None
        return {}


def refusal(status: int, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "test")  # type: ignore[typeddict-item]
