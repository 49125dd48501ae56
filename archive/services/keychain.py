"""The private keys of this account, opened when something needs them."""

from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import keyfile
from archive.core.keys import PrivateRecipient
from archive.core.signed_note import PrivateKey, Signer
from archive.errors import Refused
from archive.ledger.writer import Writer
from archive.ports import KeyVault

HOLDERS: dict[str, tuple[tuple[str, str], ...]] = {
    "content": (("legal", "content"),),
    "matter": (("legal", "content"),),
    "oversight": (("legal", "oversight"), ("privacy", "oversight"), ("auditor", "auditor")),
    "state": (("ingest", "ingest"),),
}
"""Class → (key file, recipient role) that open it, in the order in which they are tried."""

RECIPIENT_FILES: dict[str, tuple[str, ...]] = {
    "ingest": ("ingest",),
    "legal": ("content", "oversight"),
    "privacy": ("oversight",),
    "auditor": ("auditor",),
    "recovery": ("recovery",),
}
"""Key file → the recipients whose private keys lie in it (FORMAT.md §13)."""

BEFORE = "_before"
"""Ends the name under which a key file keeps the private key of the epoch that is being replaced."""

SEALERS = ("sealer", "ingest")
NEXT = "_next"
"""After the name of a key in a key file: the one that takes its place when the ledger has registered it."""


class KeyChain:
    """Opens key files by role, each at most once."""

    def __init__(self, vault: KeyVault, passphrase: Callable[[str], str], origin: str) -> None:
        """Take key files from ``vault``; ask ``passphrase`` for that of a role when it is needed."""
        self.vault, self.passphrase, self.origin = vault, passphrase, origin
        self.on_open: Callable[[str, Mapping[str, bytes]], None] = lambda _role, _secrets: None
        """Told once of each role whose keys were opened."""
        self.signer: Callable[[], Signer] | None = None
        """Opens the device that holds the log key, where it lies in none of the files."""
        self._open: dict[str, dict[str, bytes]] = {}

    def has(self, role: str) -> bool:
        """Say whether this account has the key file of a role."""
        return self.vault.path(role) is not None

    def secrets(self, role: str) -> dict[str, bytes]:
        """Give the private keys of a role by purpose. Raises Refused or WrongPassphrase."""
        if role not in self._open:
            if not self.has(role):
                raise Refused(f"this needs the key file of the role {role}, which is not here")
            found = self._open[role] = self.vault.load(role, self.passphrase(role), self.origin)
            self.on_open(role, found)
        return self._open[role]

    def forget(self, role: str) -> None:
        """Read the key file of a role again: another process may have replaced it."""
        self._open.pop(role, None)

    def hold(self, opened: Mapping[str, Mapping[str, bytes]]) -> None:
        """Take over what another process of this account has opened."""
        for role, secrets in opened.items():
            self._open[role] = dict(secrets)
            self.on_open(role, secrets)

    def opened(self) -> dict[str, dict[str, bytes]]:
        """Give what was opened so far, by role."""
        return dict(self._open)

    def writer(self, role: str) -> Writer:
        """Give the writer key of a role.

        Raises:
            Refused: its key file is not here, or holds none: it opens and signs nothing.
        """
        key = self.secrets(role).get("writer")
        if key is None:
            raise Refused(f"{role}: a key file without a writer key signs nothing")
        return Writer(Ed25519PrivateKey.from_private_bytes(key), role)

    def log_key(self) -> PrivateKey | None:
        """Give the log key, or what signs with it, if this account is the sealer; else None."""
        if self.signer is not None:
            return self.signer()
        for role in SEALERS:
            if self.has(role) and "log" in (secrets := self.secrets(role)):
                return Ed25519PrivateKey.from_private_bytes(secrets["log"])
        return None

    def next_log_key(self) -> Ed25519PrivateKey | None:
        """Give the log key that a rotation has prepared, if this account is the sealer."""
        for role in SEALERS:
            if self.has(role) and "log" + NEXT in (secrets := self.secrets(role)):
                return Ed25519PrivateKey.from_private_bytes(secrets["log" + NEXT])
        return None

    def create(self, role: str, secrets: Mapping[str, bytes], *, n: int = keyfile.DEFAULT_N) -> None:
        """Make a key file for a role whose own was lost; never over one that is there."""
        sealed = keyfile.seal(secrets, origin=self.origin, role=role, passphrase=self.passphrase(role), n=n)
        self.vault.save(f"{role}.key", sealed)
        self._open[role] = dict(secrets)

    def opens(self, record_class: str) -> bool:
        """Say whether this account has a key file that opens a class."""
        return any(self.has(file) for file, _ in HOLDERS[record_class])

    def recipient(self, record_class: str) -> PrivateRecipient:
        """Give the private key that opens a class.

        Raises:
            Refused: this account has none.
        """
        for file, role in HOLDERS[record_class]:
            if self.has(file):
                return _private(role, self.secrets(file)[role])
        files = " or ".join(file for file, _ in HOLDERS[record_class])
        raise Refused(
            f"records of the class {record_class} are opened by the key file {files}, which is not here"
        )

    def openers(self, record_class: str) -> list[PrivateRecipient]:
        """Give every private key that opens a class: while an epoch is replaced, that of the one before too.

        Raises:
            Refused: this account has none.
        """
        for file, role in HOLDERS[record_class]:
            if self.has(file):
                secrets = self.secrets(file)
                names = (role, role + BEFORE)
                return [_private(role, secrets[name]) for name in names if name in secrets]
        return [self.recipient(record_class)]

    def replace(self, role: str, secrets: Mapping[str, bytes], *, n: int = keyfile.DEFAULT_N) -> None:
        """Write the key file of a role anew, under the passphrase that opened it."""
        sealed = keyfile.seal(secrets, origin=self.origin, role=role, passphrase=self.passphrase(role), n=n)
        self.vault.replace(role, sealed)
        self._open[role] = dict(secrets)

    def held(self, file: str, role: str) -> PrivateRecipient | None:
        """Give the private key of a recipient in one key file, if this account has the file and that has the key."""
        private = self.secrets(file).get(role) if self.has(file) else None
        return None if private is None else _private(role, private)

    def recipients(self) -> dict[str, PrivateRecipient]:
        """Give role → private key of every recipient whose key file this account has."""
        found: dict[str, PrivateRecipient] = {}
        for file, roles in RECIPIENT_FILES.items():
            for role in roles:
                if (key := self.held(file, role)) is not None:
                    found.setdefault(role, key)
        return found


def _private(role: str, private: bytes) -> PrivateRecipient:
    return PrivateRecipient(role, "x25519" if len(private) == 32 else "mlkem768_x25519", private)
