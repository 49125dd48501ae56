"""Items of a production, each opened from the ledger once. Every rendering asks for all of them again."""

import os
import secrets
import tempfile
from types import TracebackType

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from archive.errors import FormatError
from archive.ledger.opening import unless_erased
from archive.services.session import Session
from schemas.item import Item

LONGEST = 256 * 1024
"""Bytes of an item that are kept. A longer one is a mail with its files, and is opened anew: most of what it costs is
paid by the byte, and the file would be as large as all of them."""
_LENGTH = 4


class ReadOnce:
    """Gives items, and keeps them in a file without a name in the workspace: memory does not grow with them.

    The file is encrypted under a key that nobody has but this process, so an erasure need not look for it.
    """

    def __init__(self, session: Session) -> None:
        self._opener = session.opener("content")
        self._cipher = AESGCM(secrets.token_bytes(32))
        self._file = tempfile.TemporaryFile(dir=session.folder / session.settings.workspace, buffering=0)  # noqa: SIM115
        self._end = 0
        self._kept: dict[int, tuple[int, int]] = {}
        """Index → where the item lies in the file, and how long it is there."""
        self._gone: set[int] = set()
        """Indexes of what was erased, or is no item."""

    def __enter__(self) -> "ReadOnce":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the file, which has no name: then it is gone."""
        self._file.close()

    def __call__(self, index: int) -> Item | None:
        """Give an item; None of what is none, or was erased.

        Raises:
            NotOpened: no key at hand opens it.
            FormatError: it is altered, in the ledger or in the file.
        """
        if index in self._gone:
            return None
        if (place := self._kept.get(index)) is not None:
            return self._read(index, *place)
        body = unless_erased(self._opener.body, index)
        if not isinstance(body, Item):
            self._gone.add(index)
            return None
        if len(body.raw.slice) <= LONGEST:
            self._keep(index, body)
        return body

    def _keep(self, index: int, item: Item) -> None:
        """Write an item down: its form as JSON, which cannot hold the bytes as received, and these behind it."""
        form = item.model_copy(update={"raw": item.raw.model_copy(update={"slice": b""})})
        said = form.model_dump_json(exclude_defaults=True).encode()
        plain = len(said).to_bytes(_LENGTH, "big") + said + item.raw.slice
        data = self._cipher.encrypt(_nonce(index), plain, None)
        self._file.seek(self._end)
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]
        self._kept[index] = self._end, len(data)
        self._end += len(data)

    def _read(self, index: int, at: int, length: int) -> Item:
        data = os.pread(self._file.fileno(), length, at)
        if len(data) != length:
            raise FormatError("a file of this process in the workspace was cut off")
        plain = self._cipher.decrypt(_nonce(index), data, None)
        end = _LENGTH + int.from_bytes(plain[:_LENGTH], "big")
        item = Item.model_validate_json(plain[_LENGTH:end])
        return item.model_copy(update={"raw": item.raw.model_copy(update={"slice": plain[end:]})})


def _nonce(index: int) -> bytes:
    """Give the nonce of an item: each is written once under the key."""
    return index.to_bytes(12, "big")
