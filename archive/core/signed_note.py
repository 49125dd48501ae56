"""C2SP signed notes with Ed25519 or ECDSA P-256 (signed-note 1.0, tlog-checkpoint 1.0) and checkpoints.

A public key of 32 bytes is Ed25519, one of 65 an uncompressed point of P-256.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from archive.errors import FormatError

MAX_NOTE = 65_536
_ED25519, _ECDSA = b"\x01", b"\x02"
_SPKI_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
P256_LENGTH = 65
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE_LINE = re.compile(r"\u2014 ([^ +\n]+) ([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: key name, 4-byte key id, signature bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note: the text (ending in a newline) and its signatures, not yet checked."""

    text: str
    signatures: tuple[Signature, ...]


class Signer(Protocol):
    """Signs where the private key lies: in a file that was opened, or in a device that never gives it out."""

    @property
    def public(self) -> bytes:
        """The raw public key."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign; Ed25519, or ECDSA with SHA-256 as DER. Raises Unreachable if the device gives no answer."""
        ...


PrivateKey = Ed25519PrivateKey | Signer


def as_signed(data: bytes) -> bytes:
    """Undo what mail programs and editors do to a note that somebody kept: a mark before it, line ends, its end.

    No note has a mark or a carriage return, and ends with one newline; what was signed is judged as ever.
    """
    return data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"


def public_of(private: PrivateKey) -> bytes:
    """Give the raw public key."""
    if isinstance(private, Ed25519PrivateKey):
        return private.public_key().public_bytes_raw()
    return private.public


def _encoded(public: bytes) -> bytes:
    return _ECDSA + _SPKI_P256 + public if len(public) == P256_LENGTH else _ED25519 + public


def key_id(name: str, public: bytes) -> bytes:
    """Give the 4-byte key id that C2SP defines for a key of this name."""
    if len(public) == P256_LENGTH:
        return sha256(_SPKI_P256 + public).digest()[:4]
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """Give the textual form ``name+id+base64`` of a public key, as other C2SP tools read it."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(_encoded(public)).decode()}"


def parse_verifier_key(text: str) -> tuple[str, bytes]:
    """Read ``name+id+base64``; give name and raw public key.

    Raises:
        FormatError: it is not a verifier key, or its id does not fit.
    """
    parts = text.strip().split("+", 2)
    try:
        name, identifier, encoded = parts
        data = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise FormatError("text that is not a verifier key (name+id+base64)") from error
    public = data[-P256_LENGTH:] if data[:1] == _ECDSA else data[1:]
    if len(public) not in (32, P256_LENGTH) or _encoded(public) != data:
        raise FormatError("a verifier key that is neither Ed25519 nor ECDSA P-256")
    if key_id(name, public).hex() != identifier:
        raise FormatError("a verifier key whose id does not fit")
    return name, public


def sign(text: str, name: str, private: PrivateKey) -> bytes:
    """Make a signed note with one signature."""
    encoded = base64.b64encode(key_id(name, public_of(private)) + private.sign(text.encode())).decode()
    return f"{text}\n\u2014 {name} {encoded}\n".encode()


def holds(data: bytes, name: str, public: bytes) -> bool:
    """Say whether these bytes are a note that this key signed: what a device gives is not trusted."""
    try:
        return verify(parse(data), name, public)
    except FormatError:
        return False


def parse(data: bytes) -> Note:
    """Take a note apart.

    Raises:
        FormatError: it is not a signed note.
    """
    if len(data) > MAX_NOTE:
        raise FormatError("a signed note that is too long")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("a signed note that is not UTF-8") from error
    if _CONTROL.search(whole):
        raise FormatError("a signed note with control characters")
    body, separator, tail = whole.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise FormatError("a signed note without signatures")
    signatures: list[Signature] = []
    for line in tail[:-1].split("\n"):
        match = _SIGNATURE_LINE.fullmatch(line)
        if not match:
            raise FormatError("a malformed signature line")
        try:
            raw = base64.b64decode(match[2], validate=True)
        except (ValueError, binascii.Error) as error:
            raise FormatError("a malformed signature line") from error
        if len(raw) < 5 or base64.b64encode(raw).decode() != match[2]:
            raise FormatError("a malformed signature line")
        signatures.append(Signature(match[1], raw[:4], raw[4:]))
    return Note(body + "\n", tuple(signatures))


def verify(note: Note, name: str, public: bytes) -> bool:
    """Say whether the note carries a good signature of this key, and no bad one under its name and id."""
    identifier, good = key_id(name, public), False
    for line in note.signatures:
        if line.name == name and line.key_id == identifier:
            try:
                _check(public, line.signature, note.text.encode())
            except (InvalidSignature, ValueError):
                return False
            good = True
    return good


def _check(public: bytes, signature: bytes, data: bytes) -> None:
    if len(public) != P256_LENGTH:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
        return
    if encode_dss_signature(*decode_dss_signature(signature)) != signature:
        raise InvalidSignature  # another encoding of the same numbers: strict DER only
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    key.verify(signature, data, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Size and root of a ledger, as a checkpoint states them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Give the text to sign (tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse_checkpoint(note: Note) -> Checkpoint:
    """Read the three lines of a checkpoint.

    Raises:
        FormatError: the text is not a checkpoint without extension lines.
    """
    lines = note.text.split("\n")
    if len(lines) != 4 or lines[3] or not re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]):
        raise FormatError("a text that is not a checkpoint")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (ValueError, binascii.Error) as error:
        raise FormatError("a checkpoint whose root is not base64") from error
    if len(root) != 32 or base64.b64encode(root).decode() != lines[2]:
        raise FormatError("a checkpoint whose root is not 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)
