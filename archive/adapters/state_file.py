"""What this host remembers of the ledger, so that not every command walks it from the beginning.

The file is believed as far as a digest goes until a key file is opened, and no further than its HMAC under
those keys from then on: whoever may write here, and has no key, can cost time and hide nothing. A hold that
is left out of the file would otherwise be left out of a decision.
"""

import hmac
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from archive.core.canonical import decode, encode, label
from archive.errors import FormatError
from archive.ledger.state import LedgerState

_LABEL = label("beleg/state-file/v1")


def _mac(secrets: Mapping[str, bytes], data: bytes) -> str:
    key = sha256(_LABEL + b"".join(secret for _, secret in sorted(secrets.items()))).digest()
    return hmac.new(key, data, "sha256").hexdigest()


class StateFile:
    """The state file of one workspace."""

    def __init__(self, path: Path, origin: str) -> None:
        self.path, self.origin = path, origin
        self._data = b""
        self._macs: dict[str, str] = {}

    def load(self) -> LedgerState:
        """Give the state; a fresh one where there is no file, or none that can be read: only time is lost."""
        fresh = LedgerState(origin=self.origin)
        try:
            head, _, data = self.path.read_bytes().partition(b"\n")
            seal = decode(head)
            # One flipped digit in it would be written on into the ledger as a wrong position, for ever.
            if not isinstance(seal, dict) or seal.get("sha256") != sha256(data).hexdigest():
                return fresh
            state = LedgerState.from_bytes(data)
        except (FileNotFoundError, FormatError):
            return fresh
        if state.origin != self.origin:
            return fresh
        macs = seal.get("macs")
        self._data, self._macs = data, macs if isinstance(macs, dict) else {}
        return state

    def is_genuine(self, role: str, secrets: Mapping[str, bytes]) -> bool:
        """Say whether what was loaded was written by somebody who held the keys of this role."""
        if not self._data:
            return True
        return hmac.compare_digest(str(self._macs.get(role, "")), _mac(secrets, self._data))

    def save(self, state: LedgerState, opened: Mapping[str, Mapping[str, bytes]]) -> None:
        """Write the state, sealed under every role's keys in ``opened``; without keys nothing is written."""
        if not opened:
            return
        data = state.to_bytes()
        macs = {role: _mac(secrets, data) for role, secrets in opened.items()}
        head = encode({"macs": macs, "sha256": sha256(data).hexdigest()})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(f".{os.getpid()}.new")
        temporary.write_bytes(head + b"\n" + data)
        temporary.replace(self.path)
