"""Giving back what a lost key file opened: new recipient keys, and every page encrypted anew by the recovery key."""

from collections.abc import Sequence

from archive.core.keys import PrivateRecipient
from archive.core.leaf import RECIPIENTS
from archive.errors import Refused
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.resealing import PageResealer, retire_pages
from archive.ledger.state import LedgerState
from archive.services.epoch import added
from archive.services.key_change import change
from archive.services.keychain import RECIPIENT_FILES
from archive.services.session import Session


def open_again(session: Session, file: str) -> int:
    """Let the key file of a role, which ``key_change.rotate`` made anew, open what the lost one opened.

    A key that another file here holds too is taken from there; else there is a new one, durable before the ledger
    names it. A run that stopped is finished by the same command.

    Args:
        session: with recovery.key at hand.
        file: ingest, legal or privacy.

    Returns:
        how many key pages were encrypted anew.

    Raises:
        Refused: recovery.key is not here.
        FormatError: a page cannot be opened; what was encrypted anew stands.
        StoreError: a place did not answer; run it again.
    """
    keys, ledger = session.keys, session.ledger
    recovery = keys.held("recovery", "recovery")
    if recovery is None:
        raise Refused("recovery.key is not here, or holds no key that opens")
    secrets = dict(keys.secrets(file))
    for role in RECIPIENT_FILES[file]:
        if role not in secrets:
            others = (keys.held(other, role) for other in RECIPIENT_FILES if other != file)
            made = PrivateRecipient.generate(role, recovery.recipient().algorithm)
            secrets[role] = next((key for key in others if key is not None), made).private
    if secrets != keys.secrets(file):
        keys.replace(file, secrets)
    held = [key for role in RECIPIENT_FILES[file] if (key := keys.held(file, role)) is not None]
    writer = session.writer("recovery")
    ledger.append(writer, lambda head: _registered(head, held))
    classes = {name for name, roles in RECIPIENTS.items() if set(roles) & set(RECIPIENT_FILES[file])}

    def progress(done: int, total: int) -> None:
        session.progress("re-encrypting key pages", done, total)

    pages = PageResealer(ledger, session.vaults, writer, [recovery], frozenset(classes)).run(progress)
    ledger.follow()
    retire_pages(ledger, session.vaults, progress)
    return pages


def _registered(head: LedgerState, held: Sequence[PrivateRecipient]) -> list[Draft]:
    """Register keys that the ledger does not know, and end those they replace.

    One that other accounts hold as well goes on beside the new one.
    """
    known = [key for key in head.keys.all() if key.purpose == "recipient"]
    new = [key for key in held if all(key.id != one.id for one in known)]
    alone = {key.role for key in new if sum(key.role in roles for roles in RECIPIENT_FILES.values()) == 1}
    changes = [change("retire", one) for one in known if one.role in alone and one.retired is None]
    changes += [added(key, max(one.epoch for one in known if one.role == key.role)) for key in new]
    return [clear_draft("keys", {"changes": changes})] if changes else []
