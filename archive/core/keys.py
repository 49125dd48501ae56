"""Public and private keys, their ids, and which key counts when (FORMAT.md §5, §6, §8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from archive.core.canonical import label
from archive.core.leaf import RECIPIENTS
from archive.errors import FormatError

WRITER_ROLES = frozenset({"owner", "ingest", "legal", "privacy", "recovery"})
RECIPIENT_ROLES = frozenset({"ingest", "content", "oversight", "auditor", "recovery"})
KEMS = frozenset({"x25519", "mlkem768_x25519"})


def writer_id(public: bytes) -> str:
    """Give the id of a writer key."""
    return sha256(label("beleg/writer/v1") + public).hexdigest()[:32]


def log_id(public: bytes) -> str:
    """Give the id of a log key."""
    return sha256(label("beleg/log/v1") + public).hexdigest()[:32]


def recipient_id(algorithm: str, public: bytes) -> str:
    """Give the id of a recipient key."""
    return sha256(label("beleg/recipient/v1") + label(algorithm) + public).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key that page keys are wrapped to."""

    role: str
    algorithm: str
    public: bytes

    @property
    def id(self) -> str:
        """Give the id under which pages name this recipient."""
        return recipient_id(self.algorithm, self.public)

    def public_key(self) -> Any:
        """Give the key object that HPKE takes."""
        if self.algorithm == "x25519":
            return X25519PublicKey.from_public_bytes(self.public)
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.public[:-32]),
            X25519PublicKey.from_public_bytes(self.public[-32:]),
        )


@dataclass(frozen=True, slots=True)
class PrivateRecipient:
    """The private half of a recipient key."""

    role: str
    algorithm: str
    private: bytes = field(repr=False)

    def private_key(self) -> Any:
        """Give the key object that HPKE takes."""
        if self.algorithm == "x25519":
            return X25519PrivateKey.from_private_bytes(self.private)
        return MLKEM768X25519PrivateKey(*self._hybrid())

    def _hybrid(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        seed, scalar = self.private[:-32], self.private[-32:]
        return MLKEM768PrivateKey.from_seed_bytes(seed), X25519PrivateKey.from_private_bytes(scalar)

    def recipient(self) -> Recipient:
        """Give the public half."""
        if self.algorithm == "x25519":
            public = X25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw()
        else:
            public = b"".join(key.public_key().public_bytes_raw() for key in self._hybrid())
        return Recipient(self.role, self.algorithm, public)

    @classmethod
    def generate(cls, role: str, algorithm: str) -> "PrivateRecipient":
        """Make a new key pair."""
        scalar = X25519PrivateKey.generate().private_bytes_raw()
        if algorithm == "x25519":
            return cls(role, algorithm, scalar)
        return cls(role, algorithm, MLKEM768PrivateKey.generate().private_bytes_raw() + scalar)

    @property
    def id(self) -> str:
        """Give the id under which pages name this recipient."""
        return self.recipient().id


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A key of the ledger, and from which record to which it counts.

    ``added`` is the index of the ``keys`` record that adds it. A writer or recipient counts for segments
    whose first record is ≥ ``start``, up to the one whose first record is ≤ ``retired``.
    """

    purpose: str
    role: str
    algorithm: str
    public: bytes
    epoch: int
    added: int
    start: int
    retired: int | None = None
    end: int | None = None

    @property
    def id(self) -> str:
        """Give the id by which records name this key."""
        if self.purpose == "writer":
            return writer_id(self.public)
        return log_id(self.public) if self.purpose == "log" else recipient_id(self.algorithm, self.public)

    def counts_for_segment(self, first: int) -> bool:
        """Say whether this key counts for the segment that begins at ``first``."""
        return self.start <= first and (self.retired is None or first <= self.retired)

    def counts_for_size(self, size: int) -> bool:
        """Say whether this log key counts for a checkpoint of this size."""
        return self.added < size and (self.end is None or size <= self.end)


class KeyRing:
    """All keys that the ledger has registered so far, folded in index order."""

    def __init__(self, keys: Iterable[RegisteredKey] = ()) -> None:
        self._keys: dict[str, RegisteredKey] = {key.id: key for key in keys}

    def all(self) -> list[RegisteredKey]:
        """Give every key, retired ones too, in the order of registration."""
        return list(self._keys.values())

    def apply(self, body: Mapping[str, Any], *, index: int, segment_first: int, segment_end: int) -> None:
        """Fold a ``keys`` record.

        Args:
            body: the checked body.
            index: the record's index.
            segment_first: index of the first record of its segment.
            segment_end: one past the last record of its segment.

        Raises:
            FormatError: an id that does not fit its key, that is used twice, or that is not there to retire.
        """
        start = 0 if segment_first == 0 else segment_end
        for change in body["changes"]:
            key = RegisteredKey(
                change["purpose"], change["role"], change["algorithm"],
                bytes.fromhex(change["public"]), change["epoch"], index, start,
            )  # fmt: skip
            if key.id != change["id"]:
                raise FormatError(f"record {index}: a key whose id does not fit")
            known = self._keys.get(key.id)
            if change["action"] == "add":
                if known is not None:
                    raise FormatError(f"record {index}: a key that was registered before")
                self._keys[key.id] = key
            else:
                if known is None or known.retired is not None or known.role != key.role:
                    raise FormatError(f"record {index}: retires a key that does not count")
                self._keys[key.id] = RegisteredKey(
                    known.purpose, known.role, known.algorithm, known.public, known.epoch,
                    known.added, known.start, index, segment_end,
                )  # fmt: skip

    def writer(self, identifier: str, first: int) -> RegisteredKey | None:
        """Give the writer key of this id if it counts for the segment beginning at ``first``."""
        key = self._keys.get(identifier)
        if key is None or key.purpose != "writer" or not key.counts_for_segment(first):
            return None
        return key

    def log_keys(self, size: int) -> list[RegisteredKey]:
        """Give the log keys that count for a checkpoint of this size."""
        return [key for key in self._keys.values() if key.purpose == "log" and key.counts_for_size(size)]

    def recipients(self, record_class: str, first: int) -> list[Recipient]:
        """Give the recipients that the page keys of a class are wrapped to, in the segment at ``first``."""
        return [
            Recipient(key.role, key.algorithm, key.public)
            for key in self._keys.values()
            if key.purpose == "recipient"
            and key.role in RECIPIENTS[record_class]
            and key.counts_for_segment(first)
        ]
