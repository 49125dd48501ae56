"""Replacing, retiring and recovering keys; setting false checkpoints aside. All of it stands in the ledger, clear.

A new private key is durable in its file, beside the old one, before the ledger names it. A run that stopped is
finished by the same command.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import signed_note
from archive.core.keys import WRITER_ROLES, RegisteredKey, key_id
from archive.core.signed_note import PrivateKey, Signer
from archive.errors import Refused, UsageError
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.state import LedgerState
from archive.ledger.walk import advance, checkpoints
from archive.ledger.writer import Writer
from archive.services.keychain import NEXT, SEALERS
from archive.services.recover import writer as logger
from archive.services.session import Session

SIGNERS = ("owner", "recovery")


@dataclass(frozen=True, slots=True)
class Change:
    """A key that was replaced."""

    purpose: str
    role: str
    old: tuple[str, ...]
    """Ids of the keys that were retired."""
    new: str
    file: str
    """The key file that holds the new one."""
    verifier_key: str | None
    """Of a log key: what goes onto a new founding slip."""


def rotate(session: Session, purpose: str, role: str, *, by: str = "owner") -> Change:
    """Replace the log key, or the writer key of a role.

    Args:
        session: an opened archive.
        purpose: ``log`` or ``writer``.
        role: ``log``, or the role of the writer.
        by: who registers it: ``owner``, or ``recovery`` where the owner's or the old key is lost.

    Raises:
        Refused: the key file of ``by`` is not here; or that of the role is not, and it is not a recovery.
    """
    if purpose == "writer" and role not in WRITER_ROLES:
        raise UsageError(f"{role!r} is no role of a writer; roles are {', '.join(sorted(WRITER_ROLES))}")
    with session.ledger.lock():  # two that replace one key at a time would each replace the first
        return _rotate(session, purpose, role, by)


def _rotate(session: Session, purpose: str, role: str, by: str) -> Change:
    file = _file(session, purpose, role, by)
    session.keys.forget(file)
    name = "log" if purpose == "log" else "writer"
    private = _prepare(session, file, name)
    public = private.public_key().public_bytes_raw()
    new, old = key_id(purpose, "ed25519", public), list[RegisteredKey]()

    def decide(head: LedgerState) -> Sequence[Draft]:
        known = head.keys.all()
        if any(key.id == new for key in known):
            return []
        old[:] = [
            key
            for key in known
            if (key.purpose, key.role) == (purpose, role) and _replaced(session, file, key)
        ]
        added = RegisteredKey(purpose, role, "ed25519", public, 0, 0, 0)
        return [clear_draft("keys", {"changes": [*(change("retire", k) for k in old), change("add", added)]})]

    signer = _writer(session, by)
    if purpose == "log":
        _sign_anew(session, private)
    session.ledger.append(signer, decide)
    secrets = {n: key for n, key in session.keys.secrets(file).items() if n != name + NEXT}
    session.keys.replace(file, {**secrets, name: private.private_bytes_raw()})
    if purpose == "log":
        session.ledger.log_key, session.ledger.log_next = private, None
        session.ledger.refresh()
    verifier = signed_note.verifier_key(session.settings.origin, public) if purpose == "log" else None
    return Change(purpose, role, tuple(key.id for key in old), new, file, verifier)


def hand_over(session: Session, signer: Signer) -> Change:
    """Register a log key that lies in a device, and retire the one before; it signs from this record on."""
    public = signer.public
    algorithm = "ecdsa_p256" if len(public) == signed_note.P256_LENGTH else "ed25519"
    new, old = key_id("log", algorithm, public), list[RegisteredKey]()

    def decide(head: LedgerState) -> Sequence[Draft]:
        known = head.keys.all()
        if any(key.id == new and key.retired is not None for key in known):
            raise UsageError("this key was retired before; a key is registered once")
        if any(key.id == new for key in known):
            return []
        old[:] = [key for key in known if key.purpose == "log" and key.retired is None]
        added = RegisteredKey("log", "log", algorithm, public, 0, 0, 0)
        return [clear_draft("keys", {"changes": [*(change("retire", k) for k in old), change("add", added)]})]

    writer = session.writer("owner")
    _sign_anew(session, signer)
    session.ledger.append(writer, decide)
    session.ledger.refresh()
    verifier = signed_note.verifier_key(session.settings.origin, public)
    return Change("log", "log", tuple(key.id for key in old), new, "kms", verifier)


def _sign_anew(session: Session, key: PrivateKey) -> None:
    """Let this key alone sign, once it counts: the one before may be lost, or in a device that answers no more.

    Its first checkpoint covers what the other left unsealed.
    """
    session.ledger.log_key, session.ledger.log_next = None, key


def _replaced(session: Session, file: str, key: RegisteredKey) -> bool:
    """Say whether a key that counts is the one in the role's own file, and not that of a person.

    Of log keys there is one. Where the file is lost, all keys of the role that belong to no person are replaced.
    """
    if key.retired is not None or key.purpose == "log":
        return key.retired is None
    held = session.keys.secrets(file).get("writer")
    if held is None:
        return not session.is_of_a_person(key.id)
    return Ed25519PrivateKey.from_private_bytes(held).public_key().public_bytes_raw() == key.public


def _file(session: Session, purpose: str, role: str, by: str) -> str:
    """Give the key file that takes the new key; a recovery makes one where it is lost."""
    names = SEALERS if purpose == "log" else (role,)
    for name in names:
        if session.keys.has(name) and (purpose != "log" or "log" in session.keys.secrets(name)):
            return name
    if by != "recovery":
        raise Refused(
            f"the key file that holds this key ({' or '.join(names)}) is not here; `keys recover` without it"
        )
    session.keys.create(names[0], {})
    return names[0]


def _prepare(session: Session, file: str, name: str) -> Ed25519PrivateKey:
    """Put the new private key beside the old one, or take the one that a stopped run left there."""
    secrets = dict(session.keys.secrets(file))
    if name + NEXT not in secrets:
        secrets[name + NEXT] = Ed25519PrivateKey.generate().private_bytes_raw()
        session.keys.replace(file, secrets)
    return Ed25519PrivateKey.from_private_bytes(secrets[name + NEXT])


def _writer(session: Session, by: str) -> Writer:
    if by not in SIGNERS:
        raise UsageError(f"{by!r} registers no keys")
    return session.writer(by)


def change(action: str, key: RegisteredKey) -> dict[str, object]:
    """Give a change of a key that is registered, as a ``keys`` record lists it."""
    return {
        "action": action, "algorithm": key.algorithm, "epoch": key.epoch, "id": key.id,
        "public": key.public.hex(), "purpose": key.purpose, "role": key.role,
    }  # fmt: skip


def retire(session: Session, identifier: str) -> RegisteredKey:
    """Retire a key: it counts up to the segment that says so, and no further.

    Raises:
        UsageError: there is no such key that counts.
        Refused: it is the only one of its kind, and without it nothing could be signed or received.
    """
    session.ledger.follow()
    found = [key for key in session.ledger.state.keys.all() if key.id.startswith(identifier)]
    if len(found) != 1 or len(identifier) < 8:
        raise UsageError(
            f"{identifier}: name one key by 8 digits of its id or more; `beleg keys list` shows them"
        )
    if found[0].retired is not None:
        raise UsageError(f"{found[0].id}: this key was retired by record {found[0].retired}")

    def decide(head: LedgerState) -> Sequence[Draft]:
        if any(key.id == found[0].id and key.retired is not None for key in head.keys.all()):
            return []
        _check_replaceable(head, found[0])
        return [clear_draft("keys", {"changes": [change("retire", found[0])]})]

    session.ledger.append(session.writer("owner"), decide)
    return found[0]


def _check_replaceable(head: LedgerState, key: RegisteredKey) -> None:
    """Refuse to end the last key of a kind that the ledger cannot be without (FORMAT.md §6)."""
    left = {(one.purpose, one.role) for one in head.keys.all() if one.retired is None and one.id != key.id}
    if (key.purpose, key.role) in left or (
        key.purpose == "recipient" and key.role in ("auditor", "recovery")
    ):
        return
    if key.purpose == "writer" and left & {("writer", one) for one in SIGNERS}:
        return
    what = {"log": "--log", "writer": f"--writer {key.role}"}.get(key.purpose, "--epoch")
    instead = f": `beleg keys rotate {what}` puts another in its place" if key.role != "ingest" else ""
    raise Refused(f"{key.id} is the only {key.role} key that counts, and cannot end without another{instead}")


def missing(session: Session, key: RegisteredKey) -> str | None:
    """Give the role that nobody can write in any more, after its last key was retired."""
    counting = {(one.purpose, one.role) for one in session.ledger.state.keys.all() if one.retired is None}
    return key.role if key.purpose == "writer" and ("writer", key.role) not in counting else None


# ---- checkpoints that are no prefix


@dataclass(frozen=True, slots=True)
class Stray:
    """A stored checkpoint with a good signature that is no prefix of this ledger."""

    size: int
    sha256: str


def strays(session: Session) -> list[Stray]:
    """Find what stops every writer: checkpoints that somebody with a log key signed over another history."""
    ledger = session.ledger
    ledger.blank()
    roots = advance(ledger)
    found = []
    for stored in checkpoints(ledger.places.archive):
        strange = stored.is_of(ledger.state) and roots.get(stored.size) != stored.checkpoint.root
        if strange and stored.digest not in ledger.state.disowned:
            found.append(Stray(stored.size, stored.digest))
    return found


def disown(session: Session, chosen: Collection[str]) -> list[Stray]:
    """Set such checkpoints aside, so that writers go on. Verification names them first for ever.

    An outside head is never set aside by this.

    Raises:
        UsageError: one of those named is none of them, or one of them was not named.
        Refused: this account is neither owner nor recovery.
    """
    found = strays(session)
    digests = {one.sha256 for one in found}
    if not chosen or digests != set(chosen):
        listed = ", ".join(sorted(digests)) or "none"
        raise UsageError(f"name exactly the checkpoints that stand in the way: {listed}")
    session.ledger.tolerated = frozenset(digests)  # before a key is opened: with that the ledger is read anew
    writer = session.writer(logger(session.keys, session.ledger.state).role)

    def decide(head: LedgerState) -> Sequence[Draft]:
        left = sorted(digests - head.disowned)
        return [clear_draft("disowned", {"checkpoints": left})] if left else []

    session.ledger.append(writer, decide)
    return found
