"""The S3 client: one a process, its own retries switched off, its errors put into ours.

The library's retries are off because a repeated PUT may be stored twice: whoever writes must look before it
writes again (``objects_s3``). Credentials come by boto3's own chain only.
"""

import logging
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ResponseStreamingError,
    SSLError,
)
from urllib3.exceptions import HTTPError

from archive.adapters import dripping
from archive.adapters.s3_answers import PageInstead, date_of, refuse_pages, refuse_redirection
from archive.errors import Forbidden, NotFound, PlaceGone, SettingsError, StoreError, Unreachable

log = logging.getLogger(__name__)

Client = Any
"""A boto3 S3 client; boto3 makes its class while running."""

Answer = TypeVar("Answer")

THREADS = 4
ATTEMPTS = 7
LONGEST_PAUSE = 8.0
SILENCE = 5.0
"""Seconds without an answer of which a person is told."""
TRANSIENT = {408, 429, 500, 502, 503, 504}
TRANSIENT_CODES = {"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "Throttling"}
CONFLICT = {409, 412}

SKEW = 900
"""Seconds by which a request may be dated wrongly at Amazon's servers and those like them."""

_TLS = re.compile(r"\[SSL: (\w+)\] (.*?)(?: \(_ssl|$)")
_URL = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9._/-]*))?", re.A
)


class Conflict(StoreError):
    """A conditional write found something there (412), or met another write (409)."""


class Transient(Unreachable):
    """No answer, or one that says: later. What was asked may have been done."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a place lies: a bucket, and what its names begin with there."""

    bucket: str
    prefix: str
    """Empty, or ending in a slash."""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def parse_url(url: str) -> Address:
    """Read ``s3://bucket`` or ``s3://bucket/prefix``.

    Raises:
        SettingsError: it is neither.
    """
    match = _URL.fullmatch(url)
    prefix = (match["prefix"] or "").strip("/") if match else ""
    if match is None or any(part in ("", ".", "..") for part in prefix.split("/") if prefix):
        raise SettingsError(f"{url!r} is no place on S3; write one like s3://bucket or s3://bucket/folder")
    return Address(match["bucket"], f"{prefix}/" if prefix else "")


def connect(
    endpoint: str | None, region: str | None, timeout: float, *, profile: str | None = None,
    credentials: tuple[str, str] | None = None,
) -> Client:  # fmt: skip
    """Make the client.

    Args:
        endpoint: address of the server; None: Amazon's, by region.
        region: None: as boto3's own chain says.
        timeout: seconds without a byte, or with hardly any (``dripping``), before an answer counts as lost.
        profile: a profile of boto3's own configuration.
        credentials: key id and secret that a person typed for one change; never stored.
    """
    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=min(timeout, 10),
        read_timeout=timeout,
        max_pool_connections=32,  # probes race sixteen at once
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if endpoint else {},
    )
    key, secret = credentials or (None, None)
    dripping.watch()
    try:
        session = boto3.Session(profile_name=profile)
        client = session.client(
            "s3", endpoint_url=endpoint, region_name=region or session.region_name or "us-east-1",
            config=config, aws_access_key_id=key, aws_secret_access_key=secret,
        )  # fmt: skip
    except (ProfileNotFound, ValueError) as error:
        raise SettingsError(f"S3: {error}") from error
    client.meta.events.register_first("before-parse.s3", refuse_pages)
    if endpoint:
        client.meta.events.register_first("needs-retry.s3", refuse_redirection)
    return client


def ask(call: Callable[[], Answer], what: str) -> Answer:
    """Make one request, read its answer, and put what goes wrong into our errors.

    A long silence is told: several of them, one after the other, may take minutes.

    Raises:
        NotFound, Forbidden, Conflict, Transient, StoreError.
    """
    begun = time.monotonic()
    try:
        return call()
    except ClientError as error:
        raise _translated(error, what) from error
    except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError) as error:
        raise Forbidden(
            f"{what}: no credentials for S3 were found; set them as for every AWS tool"
        ) from error
    except SSLError as error:
        raise _untold(error, what) from error
    except (IncompleteReadError, ResponseStreamingError, BotoCoreError, HTTPError, OSError) as error:
        slow = dripping.told_of(error)
        if (waited := time.monotonic() - begun) > SILENCE:
            log.warning("%s: the store gave no%s answer for %.0f s", what, " whole" if slow else "", waited)
        told = f"no whole answer: {slow}" if slow else f"no answer ({type(error).__name__})"
        raise Transient(f"{what}: {told}") from error
    except PageInstead as error:
        raise Unreachable(f"{what}: {error}") from error
    except (ValueError, OverflowError, KeyError) as error:
        # So the library ends at a date or a number that is none, and at a row without a name.
        raise Unreachable(f"{what}: the answer of the store cannot be read ({error})") from error


def ask_again(call: Callable[[], Answer], what: str) -> Answer:
    """Make a request that may be repeated without harm, with pauses. Raises as ``ask``."""
    for pause in pauses():
        try:
            return ask(call, what)
        except Transient:
            if pause is None:
                raise
            time.sleep(pause)
    raise AssertionError("pauses() ends with None")


def pauses() -> Iterator[float | None]:
    """Give the seconds to wait after each attempt, growing, with jitter; None after the last."""
    for attempt in range(ATTEMPTS - 1):
        yield min(LONGEST_PAUSE, 0.1 * 2**attempt) * random.uniform(0.5, 1.5)  # noqa: S311  no secret
    yield None


def clock_offset(client: Client, bucket: str, what: str) -> float | None:
    """Give by how many seconds the store's clock is ahead of this computer's; None where it tells no time.

    A store that refuses a request because of its date tells its own in the refusal.

    Raises:
        Transient: no answer.
    """
    before = time.time()

    def head() -> Any:
        try:
            return client.head_bucket(Bucket=bucket)
        except ClientError as error:
            if status_of(error) in TRANSIENT:
                raise
            return error.response

    offset = _ahead(ask_again(head, what))
    return None if offset is None else offset + (time.time() - before) / 2


def _ahead(answer: Any) -> float | None:
    date = date_of(answer)
    return None if date is None else date.timestamp() - time.time()


def status_of(error: ClientError) -> int:
    """Give the HTTP status of a refusal."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _untold(error: SSLError, what: str) -> Unreachable:
    """Put what TLS says into our errors: what asking again does not mend is told at once, and what does."""
    told = _TLS.search(str(error))
    if told and told[1] == "CERTIFICATE_VERIFY_FAILED":
        return Unreachable(
            f"{what}: the certificate of the server is not believed ({told[2]}); AWS_CA_BUNDLE names a file with that "
            "of a company's own authority"
        )
    if told and told[1] == "WRONG_VERSION_NUMBER":
        return Unreachable(f"{what}: what answers speaks no TLS; is the address of the server http://?")
    return Transient(f"{what}: no answer ({told[2] if told else 'SSLError'})")


def _translated(error: ClientError, what: str) -> StoreError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status, ahead = status_of(error), _ahead(error.response)
    if code == "NoSuchBucket":
        named = _URL.search(what)
        return PlaceGone(f"{what}: there is no such bucket", named[0] if named else "")
    if status == 404 or code == "NoSuchKey":
        return NotFound(f"{what}: not there")
    if status in TRANSIENT or code in TRANSIENT_CODES:
        return Transient(f"{what}: the store answers {status} {code}")
    if status in CONFLICT:
        return Conflict(f"{what}: the store answers {status} {code}")
    nameless = status == 403 and code in ("", "403")  # the answer to a HEAD has no body, and so no code
    if code == "RequestTimeTooSkewed" or (nameless and abs(ahead or 0) > SKEW):
        told = (
            "" if ahead is None else f": this one is {abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead'}"
        )
        return StoreError(
            f"{what}: the clocks of this computer and of the store differ too much{told}; set it"
        )
    if status in (401, 403):
        return Forbidden(f"{what}: the store refuses this account ({code})")
    return StoreError(f"{what}: the store answers {status} {code}")
