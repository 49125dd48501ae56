"""A small archive in real buckets, which a child process can open too."""

import io
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.adapters import objects_s3, s3_client
from archive.adapters.objects_s3 import S3Store
from archive.adapters.s3_client import Address, Client, connect
from archive.core.keys import PrivateRecipient
from archive.ledger.drafts import Draft
from archive.ledger.opening import Opener
from archive.ledger.state import LedgerState
from archive.ledger.writer import Writer
from tests.ledger_kit import Kit, item_draft
from tests.servers.ceph import Credentials
from tests.servers.conftest import Buckets

TIMEOUT = 0.5
"""Seconds until a hung answer counts as lost."""

PAUSES = (0.01, 0.01, 0.02, 0.05, None)


@dataclass(frozen=True)
class Given:
    """Everything by which another process opens the same archive."""

    endpoint: str
    user: Credentials
    bucket: str
    writers: dict[str, bytes]
    recipients: dict[str, bytes]
    log_key: bytes

    def kit(self, endpoint: str | None = None, timeout: float = TIMEOUT) -> Kit:
        """Open the archive, through another address if one is given."""
        address = endpoint or self.endpoint
        client = _client(address, timeout, self.user)

        def store(place: str) -> Any:
            return S3Store(client, Address(f"{self.bucket}-{place}", ""), locked=place == "archive")

        return Kit(
            writers={
                role: Writer(Ed25519PrivateKey.from_private_bytes(raw), role)
                for role, raw in self.writers.items()
            },
            recipients={role: PrivateRecipient(role, "x25519", raw) for role, raw in self.recipients.items()},
            log_key=Ed25519PrivateKey.from_private_bytes(self.log_key),
            archive=store("archive"),
            control=store("control"),
            vaults=(store("vault"), store("copy")),
        )


@cache
def _client(endpoint: str, timeout: float, user: Credentials) -> Client:
    return connect(endpoint, None, timeout, credentials=(user.key, user.secret))


def found(buckets: Buckets) -> Given:
    """Found an archive in fresh buckets."""
    keys = Kit()
    given = Given(
        buckets.server.endpoint,
        buckets.server.users["owner"],
        buckets.name,
        {role: writer.private.private_bytes_raw() for role, writer in keys.writers.items()},
        {role: key.private for role, key in keys.recipients.items()},
        keys.log_key.private_bytes_raw(),
    )
    given.kit().found()
    return given


def texts(kit: Kit) -> list[str]:
    """Give the words of every committed item, by opening them."""
    ledger = kit.ledger()
    ledger.follow()
    opener = Opener(ledger, [kit.recipients["content"]])
    items = [index for index in range(ledger.state.size) if ledger.leaf(index).kind == "item"]
    return [opener.body(index).text for index in items]  # type: ignore[union-attr]


def hurry() -> None:
    """Let this process wait less between attempts."""
    for module in (s3_client, objects_s3):
        module.pauses = lambda: iter(PAUSES)


def drafts_of(text: str) -> tuple[Draft, Draft]:
    """Give what a run appends at once: a file, which is an object of its own, and a message."""
    return item_draft(f"file of {text}", attach=lambda: io.BytesIO(b"x" * 20_000)), item_draft(text)


def append(given: Given, endpoint: str, text: str, remembered: bytes | None) -> None:
    """Append once, as a run does, in a process of its own."""
    hurry()
    state = LedgerState.from_bytes(remembered) if remembered else None
    kit = given.kit(endpoint)
    kit.append(kit.ledger(state=state), "ingest", *drafts_of(text))


def in_child(work: Callable[..., None], *arguments: object) -> multiprocessing.Process:
    """Start a process that has everything loaded already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.servers.s3_kit"])
    process = context.Process(target=work, args=arguments)
    process.start()
    return process  # type: ignore[return-value]
