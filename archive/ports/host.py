"""What a host has for itself: its clock, the journal of reads, its private keys."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from schemas.matter import Read


Clock = Callable[[], datetime]
"""The current instant, aware, UTC. Injected; nothing else asks for the time."""


class Journal(Protocol):
    """The local journal of reads: chained lines, on disk before anything is shown."""

    def append(self, make: "Callable[[str, int, str], Read]") -> "Read":
        """Add a line and return it when it is durable; ``make`` gets (journal, line, previous hash).

        Raises:
            Unfinished: the journal on disk is damaged, so nothing may be shown.
        """
        ...

    def unsealed(self) -> "tuple[Read, ...]":
        """Return the lines that the ledger does not hold yet, oldest first."""
        ...

    def seal(self, store: "Callable[[tuple[Read, ...]], None]") -> int:
        """Give the lines to ``store`` and forget them when it returns; nobody appends meanwhile."""
        ...


class KeyVault(Protocol):
    """Where this account's private keys come from."""

    def load(self, role: str, passphrase: str, origin: str) -> dict[str, bytes]:
        """Give purpose → raw private key of a role. Raises Refused if this account does not have it."""
        ...

    def path(self, role: str) -> object | None:
        """Give something if this account has the role's keys, else None."""
        ...

    def save(self, name: str, data: bytes) -> object:
        """Keep a new key file; never over an old one."""
        ...

    def replace(self, role: str, data: bytes) -> None:
        """Put a key file in the place of the one that a role has, at one instant."""
        ...
