"""Outsiders: who takes mail, and who says what existed when."""

from typing import Protocol


class Mailer(Protocol):
    """Sends mail: heads to outsiders."""

    def send(self, to: str, subject: str, text: str, attachment: tuple[str, bytes] | None = None) -> None:
        """Send a text, with one file or without; returns when the server took it.

        Raises:
            Unreachable: the server gave no answer, or did not take it.
        """
        ...


class TimestampAuthority(Protocol):
    """An authority that says what existed when (RFC 3161)."""

    name: str

    def stamp(self, request: bytes) -> bytes:
        """Give the answer (DER) to a request (DER).

        Raises:
            Unreachable: no answer, or not that of a time-stamp authority.
        """
        ...
