"""The policy for hosts that may not read oversight: a file that the owner signs, bound to the newest policy entry.

A host that collects holds the ingest key alone, and policies are encrypted to oversight. It sees that there is one,
and under which number: so a file for an older one is refused, and without a file nothing is taken in.
"""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from archive.core.canonical import label
from archive.errors import Refused, SettingsError
from archive.services.agreed import policies
from archive.services.allow_list import Rule, parse_rule
from archive.services.session import Session
from schemas.keeping import HandedPolicy, Policy

_LABEL = "beleg/handed-policy/v1"
_LIMIT = 4 << 20


def hand_out(session: Session) -> HandedPolicy:
    """Sign the policy in force for hosts that cannot read it; needs the owner's key.

    Raises:
        Refused: no policy is in force, or this account has no owner key.
    """
    counting = policies.counting(session)
    if not counting:
        raise Refused("no policy that two people signed is in force")
    writer = session.writer("owner")
    index, entry = counting[-1]
    newest = session.ledger.state.special["policy"][-1]
    text = entry.policy.model_dump_json(exclude_none=True)  # as the ledger has it
    signed = writer.private.sign(_message(session, newest, text)).hex()
    return HandedPolicy(index=index, newest=newest, policy=text, key=writer.id, signature=signed)


def in_force(session: Session) -> Policy | None:
    """Give the policy that collections and ingestion obey.

    Raises:
        Refused: there is one, this account cannot read it, and was handed none, or an older one.
        SettingsError: the file that beleg.toml names is none.
    """
    entries = session.ledger.state.special.get("policy")
    if not entries:
        return None
    if session.keys.opens("oversight"):
        return policies.current(session)
    if session.settings.policy is None:
        raise Refused(
            "a policy is in force, and this account cannot read it: `beleg policy hand-out FILE` at the owner's, and "
            "`policy` in beleg.toml names that file"
        )
    return _read(session, session.folder / session.settings.policy, entries[-1])


def _read(session: Session, path: Path, newest: int) -> Policy:
    try:
        with path.open("rb") as file:
            handed = HandedPolicy.model_validate_json(file.read(_LIMIT))
    except (OSError, ValidationError) as error:
        raise SettingsError(f"{path}: no policy that was handed out") from error
    state = session.ledger.state
    key = state.keys.writer(handed.key, state.size)
    try:
        if key is None or key.role != "owner":
            raise InvalidSignature
        Ed25519PublicKey.from_public_bytes(key.public).verify(
            bytes.fromhex(handed.signature), _message(session, handed.newest, handed.policy)
        )
    except (InvalidSignature, ValueError) as error:
        raise Refused(f"{path}: not signed by an owner key of this archive that counts") from error
    if handed.newest != newest:
        raise Refused(
            f"{path}: another policy came into force since; `beleg policy hand-out` writes the newest"
        )
    return Policy.model_validate_json(handed.policy)


def _message(session: Session, newest: int, text: str) -> bytes:
    leaf = session.ledger.leaf_hash(newest)
    return label(_LABEL) + label(session.settings.origin) + leaf + text.encode()


def allowed(session: Session) -> tuple[Rule, ...]:
    """Give what the policy in force lets in, as rules for what is read; raises as ``in_force``."""
    policy = in_force(session)
    return tuple(map(parse_rule, policy.allow)) if policy else ()
