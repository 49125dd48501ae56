"""Answers that are none of an S3 server, told as such before the library makes something of them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from archive.errors import StoreError

REDIRECTIONS = {301, 302, 303, 307, 308}

_PAGE = re.compile(rb"\s*(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html)\b", re.I | re.S)
_BEGIN = 4096
"""Bytes of an answer in which a page for people shows itself."""


class PageInstead(StoreError):
    """A page for people where an answer was asked for: of a proxy, a login, a server of something else."""


def refuse_pages(response_dict: Mapping[str, Any], **_: Any) -> None:
    """Stop at a page for people: as a listing, a policy or a setting of a bucket it would be an empty one.

    What says that it is only for now (5xx) is asked again like any other; a stored object may be a page.

    Raises:
        PageInstead: such a page stands in the answer's stead.
    """
    body, status = response_dict["body"], response_dict["status_code"]
    if status < 500 and isinstance(body, bytes) and _PAGE.match(body[:_BEGIN]):
        raise PageInstead(
            f"the answer ({status}) is none of an S3 server but a page for people; what stands before it?"
        )


def refuse_redirection(response: Any, **_: Any) -> None:
    """Stop at a redirection: the library would ask for the region of the bucket, be redirected again, without end.

    Raises:
        StoreError: the server sends the request elsewhere.
    """
    if response is None or response[0].status_code not in REDIRECTIONS:
        return
    answer, _parsed = response
    asked, to = (urlsplit(url) for url in (answer.url, answer.headers.get("location", "")))
    told = f" to {to.scheme}://{to.netloc}" if to.netloc else ""
    raise StoreError(
        f"{asked.scheme}://{asked.netloc} sends requests elsewhere{told}, and nothing follows it there; name the "
        "server's own address with --endpoint, or as endpoint under [s3] in beleg.toml"
    )


def told(answer: Mapping[str, Any], member: str, what: str) -> Any:
    """Give a member of an answer that every S3 server tells.

    Raises:
        StoreError: this one does not.
    """
    if member not in answer:
        raise StoreError(f"{what}: the answer of the store tells no {member}")
    return answer[member]


def date_of(answer: Any) -> datetime | None:
    """Give the time that an answer was made at, by the clock of the store; None where it tells none."""
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        found = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
