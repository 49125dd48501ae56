"""Key files in a folder: one file a role, in the folder itself or in a folder of the role's name."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from archive.core import keyfile
from archive.errors import FormatError, Refused, SettingsError


class KeyFolder:
    """The key files that this account can see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, role: str) -> Path | None:
        """Give the key file of a role, if it is here and this account may read it."""
        for candidate in (self.folder / f"{role}.key", self.folder / role / f"{role}.key"):
            with contextlib.suppress(PermissionError):  # the folder of another account: not ours to open
                if candidate.is_file() and os.access(candidate, os.R_OK):
                    return candidate
        return None

    def load(self, role: str, passphrase: str, origin: str) -> dict[str, bytes]:
        """Open the key file of a role; give purpose → raw private key.

        Raises:
            Refused: this account does not have the role's key file.
            WrongPassphrase: the passphrase does not open it.
            SettingsError: the file belongs to another archive or role, or is none.
        """
        path = self.path(role)
        if path is None:
            raise Refused(f"this needs the key file of the role {role}, and {self.folder} does not hold it")
        try:
            found_origin, found_role, secrets = keyfile.open_file(path.read_bytes(), passphrase=passphrase)
        except FormatError as error:
            raise SettingsError(f"{path}: no key file, or a damaged one: {error}") from error
        if (found_origin, found_role) != (origin, role):
            raise SettingsError(f"{path}: a key file of another archive or role")
        return secrets

    def save(self, name: str, data: bytes) -> Path:
        """Write a new key file, readable by its owner only; never over an old one."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return path

    def replace(self, role: str, data: bytes) -> None:
        """Put a key file in the place of the one that a role has, at one instant.

        Raises:
            Refused: there is none to replace.
        """
        path = self.path(role)
        if path is None:
            raise Refused(f"there is no key file of the role {role} in {self.folder}")
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def open_key_file(path: Path, passphrase: Callable[[str], str], origin: str) -> tuple[str, dict[str, bytes]]:
    """Open a key file wherever it lies; give (the name it was made for, its private keys by purpose).

    Raises:
        WrongPassphrase: the passphrase does not open it.
        SettingsError: it belongs to another archive, or is no key file.
    """
    try:
        data = path.read_bytes()
        found, role, secrets = keyfile.open_file(data, passphrase=passphrase(path.stem))
    except FormatError as error:
        raise SettingsError(f"{path}: {error}") from error
    if found != origin:
        raise SettingsError(f"{path}: a key file of another archive")
    return role, secrets
