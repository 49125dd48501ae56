"""Founding an archive: keys, first records, settings, founding slip."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import keyfile, signed_note
from archive.core.canonical import b64u
from archive.core.keys import PrivateRecipient, key_id
from archive.core.payloads import SCHEMA
from archive.errors import UsageError
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.writer import Ledger, Writer
from archive.ports import KeyVault
from archive.settings import FILE, Settings, save

KEY_FILES: dict[str, tuple[str, ...]] = {
    "owner": ("writer",),
    "ingest": ("writer", "log", "ingest"),
    "legal": ("writer", "content", "oversight"),
    "privacy": ("writer", "oversight"),
    "auditor": ("auditor",),
    "recovery": ("writer", "recovery"),
}
"""Key file → purposes of the private keys in it (FORMAT.md §13)."""

RECIPIENT_ROLES = ("auditor", "content", "ingest", "oversight", "recovery")


@dataclass(frozen=True, slots=True)
class FoundingSlip:
    """What is printed once and kept on paper: by it a stranger tells this archive from any other."""

    origin: str
    log_key: str
    """The verifier key: what `verify --key` takes."""
    fingerprints: tuple[tuple[str, str], ...]
    """(role, id of its writer key)."""
    key_files: tuple[tuple[str, str], ...]
    """(role, path)."""
    mode: str

    def text(self) -> str:
        """Give the slip as plain text."""
        lines = [
            "FOUNDING SLIP. Print it, sign it, keep it with the company's deeds.",
            "",
            f"Archive      {self.origin}",
            f"Log key      {self.log_key}",
            "",
            "Writer keys",
            *(f"  {role:<10} {fingerprint}" for role, fingerprint in self.fingerprints),
            "",
            "Key files, each useless without its passphrase",
            *(f"  {role:<10} {path}" for role, path in self.key_files),
            "",
            "Keep recovery.key OFFLINE: move it to two sticks in two safes, then delete it here.",
            "Without legal.key and recovery.key nobody reads this archive again.",
        ]
        if self.mode == "split":
            lines.append("Give each role only its own folder; the ingest folder opens no content.")
        else:
            lines.append(
                "One-account mode: this account holds every role. `beleg init --split` separates them."
            )
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Keys:
    writers: dict[str, Ed25519PrivateKey]
    recipients: dict[str, PrivateRecipient]
    log: Ed25519PrivateKey

    @classmethod
    def generate(cls, kem: str) -> "_Keys":
        roles = [role for role, purposes in KEY_FILES.items() if "writer" in purposes]
        return cls(
            {role: Ed25519PrivateKey.generate() for role in roles},
            {role: PrivateRecipient.generate(role, kem) for role in RECIPIENT_ROLES},
            Ed25519PrivateKey.generate(),
        )

    def secrets(self, role: str) -> dict[str, bytes]:
        """Give what the key file of a role holds."""
        found: dict[str, bytes] = {}
        for purpose in KEY_FILES[role]:
            if purpose == "writer":
                found[purpose] = self.writers[role].private_bytes_raw()
            elif purpose == "log":
                found[purpose] = self.log.private_bytes_raw()
            else:
                found[purpose] = self.recipients[purpose].private
        return found

    def changes(self) -> list[dict[str, object]]:
        """Give the founding ``keys`` body."""
        rows = [("writer", role, "ed25519", _public(key)) for role, key in self.writers.items()]
        rows.append(("log", "log", "ed25519", _public(self.log)))
        rows += [
            ("recipient", role, private.algorithm, private.recipient().public)
            for role, private in self.recipients.items()
        ]
        return [
            {
                "action": "add", "algorithm": algorithm, "epoch": 0,
                "id": key_id(purpose, algorithm, public), "public": public.hex(),
                "purpose": purpose, "role": role,
            }
            for purpose, role, algorithm, public in rows
        ]  # fmt: skip


def _public(private: Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()


def new_origin(name: str) -> str:
    """Give an origin that no other founding shares."""
    return f"{name}/{secrets.token_hex(8)}"


def check_free(folder: Path, vault: KeyVault) -> None:
    """Refuse a folder that holds an archive, or what an unfinished founding left.

    Raises:
        UsageError: it does.
    """
    if (folder / FILE).exists():
        raise UsageError(f"{folder / FILE}: there is an archive here already; nothing was changed")
    if left := [str(path) for role in KEY_FILES if (path := vault.path(role)) is not None]:
        raise UsageError(
            f"{left[0]}: a key file lies here, but no {FILE}: a founding was begun and not finished, so these keys "
            "open nothing but its own first records. Move the key files away, empty the places or name new ones, "
            "and run init again"
        )


def found_archive(
    folder: Path,
    settings: Settings,
    *,
    open_ledger: Callable[[Settings], Ledger],
    vault: KeyVault,
    passphrase: Callable[[str], str],
    kem: str = "x25519",
    scrypt_n: int = keyfile.DEFAULT_N,
) -> FoundingSlip:
    """Found an archive: write key files, first records and beleg.toml.

    Args:
        folder: where beleg.toml goes; must not hold one.
        settings: of the new archive.
        open_ledger: gives a ledger over the places of the settings.
        vault: takes the key files.
        passphrase: gives the passphrase of a role.
        kem: the KEM of page wraps, ``x25519`` or ``mlkem768_x25519``.
        scrypt_n: cost of the key files.

    Raises:
        UsageError: there is an archive already, or a place is not empty.
        AlreadyExists: another process was faster.
    """
    check_free(folder, vault)
    keys = _Keys.generate(kem)
    salt = os.urandom(32)
    sealed = {
        role: keyfile.seal(
            keys.secrets(role),
            origin=settings.origin,
            role=role,
            passphrase=passphrase(role),
            salt=salt,
            n=scrypt_n,
        )
        for role in KEY_FILES
    }
    # The key files are durable before the first record exists: an archive without keys is worth nothing.
    split = settings.mode == "split"
    paths = [
        (role, str(vault.save(f"{role}/{role}.key" if split else f"{role}.key", data)))
        for role, data in sealed.items()
    ]
    ledger = open_ledger(settings)
    ledger.log_key = keys.log
    genesis = clear_draft("genesis", {"format": 1, "origin": settings.origin})
    ledger.found(
        Writer(keys.writers["owner"], "owner"), [genesis, clear_draft("keys", {"changes": keys.changes()})]
    )
    secret = Draft(
        "state", "secret",
        values={
            "what": {"body": "secret", "kind": "secret", "schema": SCHEMA},
            "extra": {"generation": 0, "secret": b64u(os.urandom(32))},
        },
    )  # fmt: skip
    ledger.append(Writer(keys.writers["ingest"], "ingest"), lambda _: [secret])
    save(folder, settings)
    return FoundingSlip(
        origin=settings.origin,
        log_key=signed_note.verifier_key(settings.origin, _public(keys.log)),
        fingerprints=tuple(
            (role, key_id("writer", "ed25519", _public(key))) for role, key in keys.writers.items()
        ),
        key_files=tuple(paths),
        mode=settings.mode,
    )
