"""Key files: private keys under a passphrase (FORMAT.md §13)."""

import os
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from archive.core.canonical import decode, encode, label, unhex
from archive.errors import FormatError, WrongPassphrase

FORMAT = "beleg/key-file/v1"
DEFAULT_N = 2**17
MAX_FILE = 1024 * 1024
MAX_N = 2**20


@lru_cache(maxsize=32)
def _derive(passphrase: str, salt: bytes, n: int, p: int) -> bytes:
    secret = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=salt, length=32, n=n, r=8, p=p).derive(secret)


def _aad(origin: str, role: str) -> bytes:
    return label(FORMAT) + label(origin) + label(role)


def seal(
    secrets: Mapping[str, bytes],
    *,
    origin: str,
    role: str,
    passphrase: str,
    salt: bytes | None = None,
    n: int = DEFAULT_N,
) -> bytes:
    """Encrypt private keys under a passphrase; ``salt`` may be shared by files of one passphrase."""
    salt = os.urandom(32) if salt is None else salt
    nonce = os.urandom(12)
    plain = encode({name: key.hex() for name, key in secrets.items()})
    box = AESGCM(_derive(passphrase, salt, n, 1)).encrypt(nonce, plain, _aad(origin, role))
    return encode(
        {
            "box": box.hex(),
            "format": FORMAT,
            "kdf": {"n": n, "p": 1, "r": 8, "salt": salt.hex()},
            "nonce": nonce.hex(),
            "origin": origin,
            "role": role,
        }
    )


def open_file(data: bytes, *, passphrase: str) -> tuple[str, str, dict[str, bytes]]:
    """Open a key file; give (origin, role, secrets by purpose).

    Raises:
        WrongPassphrase: the passphrase does not open it.
        FormatError: it is not a key file of format 1.
    """
    value = decode(data) if len(data) <= MAX_FILE else None
    members = {"box", "format", "kdf", "nonce", "origin", "role"}
    if not isinstance(value, dict) or value.keys() != members or value["format"] != FORMAT:
        raise FormatError("a file that is not a key file of format 1")
    kdf, origin, role = value["kdf"], value["origin"], value["role"]
    if not isinstance(kdf, dict) or kdf.keys() != {"n", "p", "r", "salt"}:
        raise FormatError("a key file with other members than format 1 has")
    if not isinstance(origin, str) or not isinstance(role, str):
        raise FormatError("a key file with other members than format 1 has")
    n, p = kdf["n"], kdf["p"]
    known = type(n) is int and n in {2**bits for bits in range(4, 21)} and type(p) is int and 1 <= p <= 4
    if not known or kdf["r"] != 8:
        raise FormatError("a key file with impossible scrypt parameters")
    salt, box = _unhex(kdf["salt"]), _unhex(value["box"])
    if len(salt) < 16:
        raise FormatError("a key file with a salt of less than 16 bytes")
    key = _derive(passphrase, salt, n, p)
    try:
        plain = AESGCM(key).decrypt(unhex(value["nonce"], 12), box, _aad(origin, role))
    except InvalidTag as error:
        raise WrongPassphrase(f"the passphrase does not open the key file for the role {role}") from error
    return origin, role, {name: _unhex(text) for name, text in decode(plain).items()}


def _unhex(value: object) -> bytes:
    if not isinstance(value, str):
        raise FormatError("a key file with a member that is not hex")
    return unhex(value, len(value) // 2)
