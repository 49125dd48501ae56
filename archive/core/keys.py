"""Public and private keys, their ids, and which key counts when (FORMAT.md §5, §6, §8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from archive.core.canonical import label
from archive.core.clear import KeyChange
from archive.core.leaf import RECIPIENTS, UnknownRecord
from archive.errors import FormatError

WRITER_ROLES = frozenset({"owner", "ingest", "legal", "privacy", "recovery"})
RECIPIENT_ROLES = frozenset({"ingest", "content", "oversight", "auditor", "recovery"})
SIGNATURE_LENGTHS = {"ed25519": 32, "ecdsa_p256": 65}
KEM_LENGTHS = {"x25519": 32, "mlkem768_x25519": 1184 + 32}
"""Algorithm code → length of the raw public key, for the algorithms that this code knows."""

_P = 2**255 - 19
_ORDER_8_Y = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER_Y = frozenset({0, 1, _P - 1, _ORDER_8_Y, _P - _ORDER_8_Y})


def key_id(purpose: str, algorithm: str, public: bytes) -> str:
    """Give the id of a writer, log or recipient key."""
    return sha256(label(f"beleg/{purpose}/v1") + label(algorithm) + public).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key that page keys are wrapped to."""

    role: str
    algorithm: str
    public: bytes

    @property
    def id(self) -> str:
        """Give the id under which pages name this recipient."""
        return key_id("recipient", self.algorithm, self.public)

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
        return key_id(self.purpose, self.algorithm, self.public)

    def counts_for_segment(self, first: int) -> bool:
        """Say whether this key counts for the segment that begins at ``first``."""
        return self.start <= first and (self.retired is None or first <= self.retired)

    def counts_for_size(self, size: int) -> bool:
        """Say whether this log key counts for a checkpoint of this size."""
        return self.added < size and (self.end is None or size <= self.end)


def _check_key(key: RegisteredKey, identifier: str) -> None:
    if key.id != identifier:
        raise FormatError("a key whose id does not fit")
    roles = {"writer": WRITER_ROLES, "log": frozenset({"log"}), "recipient": RECIPIENT_ROLES}[key.purpose]
    lengths = KEM_LENGTHS if key.purpose == "recipient" else SIGNATURE_LENGTHS
    if key.algorithm not in lengths or (key.purpose == "writer" and key.algorithm != "ed25519"):
        raise UnknownRecord("a key of an algorithm that this version does not know")
    if key.role not in roles or lengths.get(key.algorithm) != len(key.public):
        raise FormatError("a key whose role, algorithm or length does not fit its purpose")
    if key.algorithm == "ed25519" and not _is_good_ed25519(key.public):
        raise FormatError("an Ed25519 key of small order or not canonical")
    if key.algorithm == "ecdsa_p256" and not _is_point(key.public):
        raise FormatError("a key that is no point of P-256")
    if key.purpose != "recipient" and key.epoch != 0:
        raise FormatError("an epoch where none belongs")


def _is_good_ed25519(public: bytes) -> bool:
    """Refuse y ≥ p and the points of order 1, 2, 4 and 8, which y alone tells (RFC 8032 §5.1.3)."""
    y = int.from_bytes(public, "little") & (2**255 - 1)
    return y < _P and y not in _SMALL_ORDER_Y


def _is_point(public: bytes) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError:
        return False
    return public[:1] == b"\x04"


def _check_enough(keys: Iterable[RegisteredKey]) -> None:
    """Refuse a state in which nobody could register keys, sign checkpoints or receive a class."""
    counting = {(key.purpose, key.role) for key in keys if key.retired is None}
    if not counting & {("writer", "owner"), ("writer", "recovery")}:
        raise FormatError("leaves no owner and no recovery writer")
    for needed in (("log", "log"), *(("recipient", role) for role in ("ingest", "content", "oversight"))):
        if needed not in counting:
            raise FormatError(f"leaves no {needed[1]} key")


class KeyRing:
    """All keys that the ledger has registered so far, folded in index order."""

    def __init__(self, keys: Iterable[RegisteredKey] = ()) -> None:
        self._keys: dict[str, RegisteredKey] = {key.id: key for key in keys}

    def all(self) -> list[RegisteredKey]:
        """Give every key, retired ones too, in the order of registration."""
        return list(self._keys.values())

    def apply(
        self, changes: Sequence[KeyChange], *, index: int, segment_first: int, segment_end: int
    ) -> None:
        """Fold a ``keys`` record: all of its changes, or none.

        Args:
            changes: of the checked body.
            index: the record's index.
            segment_first: index of the first record of its segment.
            segment_end: one past the last record of its segment.

        Raises:
            FormatError: a rule of FORMAT.md §6 is broken; nothing was changed.
        """
        keys = dict(self._keys)
        start = 0 if index == 1 else segment_end
        for change in changes:
            key = RegisteredKey(
                change.purpose, change.role, change.algorithm,
                bytes.fromhex(change.public), change.epoch, index, start,
            )  # fmt: skip
            _check_key(key, change.id)
            known = keys.get(key.id)
            if change.action == "add":
                if any(other.public == key.public for other in keys.values()):
                    raise FormatError("a key that was registered before")
                if any(
                    other.role == key.role and other.epoch > key.epoch
                    for other in keys.values()
                    if other.purpose == key.purpose
                ):
                    raise FormatError("a key of an earlier epoch than its role has reached")
                keys[key.id] = key
            else:
                if known is None or known.retired is not None or known.added >= segment_first:
                    raise FormatError("retires a key that does not count")
                if (known.role, known.epoch) != (key.role, key.epoch):
                    raise FormatError("retires a key under another description")
                keys[key.id] = replace(known, retired=index, end=segment_end)
        _check_enough(keys.values())
        self._keys = keys

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
