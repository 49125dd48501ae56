"""Registering who operates Beleg: a person, a role, a writer key of their own."""

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import keyfile
from archive.core.keys import WRITER_ROLES, key_id
from archive.errors import UsageError
from archive.ledger.drafts import Draft, clear_draft, draft_of
from archive.ledger.state import LedgerState
from archive.services import register
from archive.services.session import Session
from schemas.matter import Person


def add_person(
    session: Session,
    name: str,
    role: str,
    passphrase: Callable[[str], str],
    *,
    scrypt_n: int = keyfile.DEFAULT_N,
) -> tuple[Person, str]:
    """Register a person under the next free number; give the person and where the key file lies.

    Raises:
        UsageError: the role is not one of those that people have, or the name is empty.
    """
    name = register.named(name, "the name of a person")
    roles = sorted(WRITER_ROLES - {"recovery"})
    if role not in roles:
        raise UsageError(f"{role!r} is not a role; roles are {', '.join(roles)}")
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    identifier = key_id("writer", "ed25519", public)
    number = register.next_id("P", register.persons(session))
    sealed = keyfile.seal(
        {"writer": private.private_bytes_raw()}, origin=session.settings.origin, role=number,
        passphrase=passphrase(number), n=scrypt_n,
    )  # fmt: skip
    path = session.keys.vault.save(f"{number}.key", sealed)
    change = {
        "action": "add", "algorithm": "ed25519", "epoch": 0, "id": identifier,
        "public": public.hex(), "purpose": "writer", "role": role,
    }  # fmt: skip
    person = Person(id=number, name=name, role=role, writer=identifier)  # type: ignore[arg-type]

    def decide(_: LedgerState) -> Sequence[Draft]:
        if number in register.persons(session):
            raise UsageError("another person was registered at the same moment; run the command again")
        return [clear_draft("keys", {"changes": [change]}), draft_of(person)]

    session.ledger.append(session.writer("owner"), decide)
    return person, str(path)
