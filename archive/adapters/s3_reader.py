"""Reading a place in a bucket, and every version that it keeps."""

import logging
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from operator import itemgetter
from typing import Any

from archive.adapters.s3_answers import told
from archive.adapters.s3_client import Address, Client, Transient, ask_again
from archive.errors import FormatError, NotFound, PlaceGone, StoreError
from archive.ports import ObjectVersion

log = logging.getLogger(__name__)

_DIGEST = re.compile(r"(?:^|[/-])([0-9a-f]{64})$", re.A)

MARKERS = (
    {"ContinuationToken": "NextContinuationToken"},
    {"KeyMarker": "NextKeyMarker", "VersionIdMarker": "NextVersionIdMarker"},
)
"""Where a listing goes on, without versions and with them: what is asked with → what the page before said."""

EMPTY_PAGES = 100
"""Pages without a name, one after the other: a server passes over what was deleted, and gives some of these."""


LONG_LISTING = 30.0
"""Seconds of waiting for a listing after which a person is told, and after as many again."""


class _Order:
    """Watches that a listing names what was asked for, and goes on from page to page.

    Who destroys keys walks over what is listed: a server that knows no prefixes would give him all of them. One that
    gives the same page again under ever new marks would never end, and where one name stands in two places of a
    listing its second version is not seen.
    """

    def __init__(self, prefix: str, what: str) -> None:
        self.prefix, self.what = prefix, what
        self.empty, self.last, self.seen = 0, "", set[str]()
        """The last name, and the versions of it that were listed."""
        self.waited, self._told, self._listed = 0.0, 0.0, 0
        """Seconds that the store took for all pages, those at which a person was told, and rows so far."""

    def check(self, page: Mapping[str, Any]) -> None:
        """Look at one page.

        Raises:
            StoreError: it is none that a listing may rest on.
        """
        rows = [
            (told(row, "Key", self.what), row.get("VersionId", ""))
            for rows in ("Contents", "Versions", "DeleteMarkers")
            for row in page.get(rows, ())
        ]
        self._listed += len(rows)
        if self.waited - self._told > LONG_LISTING:
            # It may be a large place. One that makes up names for ever cannot be told from it, but by who waits.
            self._told = self.waited
            log.warning("%s: %d names after %.0f s so far", self.what, self._listed, self.waited)
        self.empty = 0 if rows else self.empty + 1
        if self.empty > EMPTY_PAGES:
            raise StoreError(f"{self.what}: the store says that there is more, and gives nothing")
        if any(not key.startswith(self.prefix) for key, _ in rows):
            raise StoreError(f"{self.what}: the store lists what was not asked for")
        # Names of ours are ASCII. Servers differ in where others stand, and whoever may write could plant some to
        # stop everybody.
        rows = [(key, version) for key, version in rows if key.isascii()]
        if any(key < self.last or (key == self.last and version in self.seen) for key, version in rows):
            raise StoreError(f"{self.what}: the store lists in no order, or the same again")
        newest = max((key for key, _ in rows), default=self.last)
        if newest != self.last:
            self.last, self.seen = newest, set()
        self.seen.update(version for key, version in rows if key == newest)


class S3Reader:
    """An ObjectReader in a bucket; safe to use from several threads."""

    def __init__(self, client: Client, address: Address, *, versioned: bool) -> None:
        """Read a bucket.

        Args:
            client: shared by all places at one server.
            address: bucket and prefix.
            versioned: whether the bucket keeps versions (the archive place), so that a name may have several.
        """
        self.client, self.address, self.versioned = client, address, versioned
        self._bucket_seen = False

    def get(self, name: str, *, limit: int, version: str | None = None) -> bytes:
        """Give the whole object; see ``ObjectReader.get``."""
        named = _DIGEST.search(name)
        try:
            data = self.fetch(name, limit, version)
        except NotFound:
            if not self.versioned or version is not None or named is None:
                raise
            data = None
        if version is not None or named is None or not self.versioned:
            return data or b""
        if data is not None and sha256(data).hexdigest() == named[1]:
            return data
        for stored in self.versions(name):
            if stored.name == name and not stored.removed and stored.length <= limit:
                other = self.fetch(name, limit, stored.version)
                if sha256(other).hexdigest() == named[1]:
                    return other
        if data is None:
            raise NotFound(f"{name}: not in {self.address}")
        return data

    def fetch(self, name: str, limit: int, version: str | None) -> bytes:
        """Give one version, or the newest, whatever its name says. Errors as ``get``."""

        def read() -> bytes:
            answer = self.client.get_object(**self.named(name, version))
            # A body that comes in chunks has no length, and an end of its own.
            length = answer.get("ContentLength")
            with answer["Body"] as body:
                # Nor does one with a length need to end there: a server may say that, and send in chunks.
                data: bytes = b"" if (length or 0) > limit else body.read(limit + 1)
            if max(length or 0, len(data)) > limit:
                raise FormatError(f"{name}: longer than the {limit} bytes that format 1 allows")
            if length is not None and len(data) != length:
                raise Transient(f"{name}: the answer was cut off")
            return data

        return ask_again(read, f"{self.address}: {name}")

    def head(self, name: str, version: str | None = None) -> Any:
        """Give what the store says of an object: length, checksum where it keeps one, lock."""
        arguments = {**self.named(name, version), "ChecksumMode": "ENABLED"}
        return ask_again(lambda: self.client.head_object(**arguments), f"{self.address}: {name}")

    def written(self, name: str) -> datetime:
        """Give when an object was written last; see ``ObjectReader.written``."""
        found: datetime = told(self.head(name), "LastModified", f"{self.address}: {name}")
        return found.astimezone(UTC)

    def names(self, prefix: str) -> Iterator[str]:
        """Give names in order; see ``ObjectReader.names``. A delete marker does not hide a name."""
        if not self.versioned:
            for page in self._pages(prefix):
                yield from (row["Key"].removeprefix(self.address.prefix) for row in page.get("Contents", ()))
            return
        last = None
        for version in self.versions(prefix):
            if not version.removed and version.name != last:
                last = version.name
                yield last

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """Give every version; see ``ObjectReader.versions``."""
        for page in self._pages(prefix, versions=True):
            found = [(row["Key"], row, False) for row in page.get("Versions", ())]
            found += [(row["Key"], row, True) for row in page.get("DeleteMarkers", ())]
            for key, row, removed in sorted(found, key=itemgetter(0)):
                name = key.removeprefix(self.address.prefix)
                yield ObjectVersion(name, row.get("VersionId", ""), row.get("Size", 0), removed)

    def _pages(self, prefix: str, *, versions: bool = False) -> Iterator[dict[str, Any]]:
        arguments: dict[str, Any] = {
            "Bucket": self.address.bucket, "Prefix": self.address.prefix + prefix,
        }  # fmt: skip
        call = self.client.list_object_versions if versions else self.client.list_objects_v2
        what = f"{self.address}: listing"
        order = _Order(arguments["Prefix"], what)
        while True:
            asked = time.monotonic()
            page = ask_again(lambda: call(**arguments), what)
            order.waited += time.monotonic() - asked
            if "IsTruncated" not in page:
                # Something that is no page for people either: read as a listing it would be an empty one.
                raise StoreError(f"{what}: the answer is none of an S3 server; what stands before it?")
            order.check(page)
            yield page
            if not page["IsTruncated"]:
                return
            further = {marker: page[name] for marker, name in MARKERS[versions].items() if page.get(name)}
            if not further or further.items() <= arguments.items():
                raise StoreError(f"{what}: the store says that there is more, and not where")
            for marker in MARKERS[versions]:
                arguments.pop(marker, None)
            arguments.update(further)

    def named(self, name: str, version: str | None = None) -> dict[str, Any]:
        """Give what names an object in a request: any key that a listing gave, also one that somebody planted."""
        key = self.address.prefix + name
        if not key:
            raise StoreError("an empty name cannot be the name of an object")
        arguments = {"Bucket": self.address.bucket, "Key": key}
        return {**arguments, "VersionId": version} if version else arguments

    def check_bucket(self) -> None:
        """Tell an absent object from an absent bucket."""
        if self._bucket_seen:
            return
        what = f"{self.address}: bucket"
        try:
            ask_again(lambda: self.client.head_bucket(Bucket=self.address.bucket), what)
        except NotFound as error:
            raise PlaceGone(f"{self.address}: there is no such bucket", str(self.address)) from error
        self._bucket_seen = True
