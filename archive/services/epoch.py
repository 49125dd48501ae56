"""A new epoch: new keys for all who open, every page re-encrypted, the old private keys destroyed.

Only then is an erasure beyond recovery for whoever has a backup of the vault. A stopped run goes on where it was:
the key files hold both keys until the last page is re-encrypted.
"""

from dataclasses import dataclass

from archive.core.keys import PrivateRecipient
from archive.errors import Refused
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.resealing import PageResealer, retire_pages
from archive.ledger.state import LedgerState
from archive.services.key_change import change
from archive.services.keychain import BEFORE
from archive.services.session import Session

HELD: dict[str, tuple[str, ...]] = {
    "legal": ("content", "oversight"),
    "privacy": ("oversight",),
    "auditor": ("auditor",),
    "recovery": ("recovery",),
}
"""Key file → the private keys in it that an epoch replaces. The key of ingest opens nothing that can be erased."""

NEEDED = ("owner", "legal", "ingest", "privacy", "auditor", "recovery")


@dataclass(frozen=True, slots=True)
class Epoch:
    """What a change of epoch did."""

    number: int
    pages: int
    """Key pages that were re-encrypted."""
    retired: int
    """Older pages whose keys were destroyed, counted in each copy."""
    files: tuple[str, ...]
    """Key files that were written anew."""


def rotate(session: Session) -> Epoch:
    """Replace the keys of content, oversight, auditor and recovery.

    Raises:
        Refused: a key file is not at hand; nothing was changed.
        FormatError: a page cannot be opened: its keys would be lost with the old epoch; both epochs still open.
        StoreError: a place did not answer; run it again, it goes on.
    """
    missing = [role for role in NEEDED if not session.keys.has(role)]
    if missing:
        raise Refused(
            f"a new epoch replaces the keys of every role, and the key file of {', '.join(missing)} is not here"
        )
    session.ledger.refresh()
    fresh = _prepare(session)
    number = _register(session, fresh)
    pages = _reseal(session)

    def progress(done: int, total: int) -> None:
        session.progress("destroying keys of the old epoch", done, total)

    session.ledger.follow()
    retired = retire_pages(session.ledger, session.vaults, progress)
    for file in HELD:
        kept = {name: key for name, key in session.keys.secrets(file).items() if not name.endswith(BEFORE)}
        session.keys.replace(file, kept)
    return Epoch(number, pages, retired, tuple(HELD))


def _prepare(session: Session) -> dict[str, PrivateRecipient]:
    """Put the new private keys into the key files, beside the old ones; durable before the ledger names them."""
    fresh: dict[str, PrivateRecipient] = {}
    for file, roles in HELD.items():
        secrets = dict(session.keys.secrets(file))
        for role in roles:
            if role + BEFORE in secrets:  # a run that stopped has made it
                kept = secrets[role]
                fresh.setdefault(role, PrivateRecipient(role, _algorithm(kept), kept))
    registered = {key.id for key in session.ledger.state.keys.all()}
    if fresh and all(key.id in registered for key in fresh.values()):
        # The ledger names them: what lacks an old key has been brought to its end already.
        return {
            role: PrivateRecipient(role, _algorithm(kept), kept)
            for file, roles in HELD.items()
            for role in roles
            if (kept := session.keys.secrets(file)[role])
        }
    for file, roles in HELD.items():
        secrets = dict(session.keys.secrets(file))
        changed = False
        for role in roles:
            if role + BEFORE in secrets:
                continue
            if role not in fresh:
                fresh[role] = PrivateRecipient.generate(role, _algorithm(secrets[role]))
            secrets[role + BEFORE], secrets[role] = secrets[role], fresh[role].private
            changed = True
        if changed:
            session.keys.replace(file, secrets)
    return fresh


def _algorithm(private: bytes) -> str:
    return "x25519" if len(private) == 32 else "mlkem768_x25519"


def _register(session: Session, fresh: dict[str, PrivateRecipient]) -> int:
    """Retire the old recipients and add the new ones, in one record; give the number of the epoch."""
    number = 0

    def decide(head: LedgerState) -> list[Draft]:
        nonlocal number
        known = [key for key in head.keys.all() if key.purpose == "recipient"]
        registered = {key.id for key in known}
        number = max(key.epoch for key in known)
        if all(key.id in registered for key in fresh.values()):
            return []
        number += 1
        changes = [change("retire", key) for key in known if key.role in fresh and key.retired is None]
        changes += [added(key, number) for key in fresh.values()]
        return [clear_draft("keys", {"changes": changes})]

    session.ledger.append(session.writer("owner"), decide)
    return number


def added(key: PrivateRecipient, epoch: int) -> dict[str, object]:
    """Give the change by which a ``keys`` record registers a recipient."""
    return {
        "action": "add", "algorithm": key.algorithm, "epoch": epoch, "id": key.id,
        "public": key.recipient().public.hex(), "purpose": "recipient", "role": key.role,
    }  # fmt: skip


def _reseal(session: Session) -> int:
    done = 0
    for role, classes in (("legal", ("content", "matter", "oversight")), ("ingest", ("state",))):
        private = [key for record_class in classes for key in session.keys.openers(record_class)]

        def progress(at: int, total: int, role: str = role) -> None:
            session.progress(f"re-encrypting key pages ({role})", at, total)

        resealer = PageResealer(
            session.ledger, session.vaults, session.writer(role), private, frozenset(classes)
        )
        done += resealer.run(progress)
    return done
