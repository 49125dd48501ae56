"""The journal of reads as the data protection officer sees it: every line once, and what is wrong with their chains."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from archive.core.journal import START, chain_of, to_sign
from archive.services.session import Session
from schemas.matter import Read, Signature


@dataclass(frozen=True, slots=True)
class Access:
    """The journal as the data protection officer sees it."""

    reads: tuple[Read, ...]
    """Each once, in order of time."""
    unsealed: int
    journals: int
    erased: int
    """Sealed lines whose key was destroyed with what they looked for; that somebody read, and when, remains."""
    findings: tuple[str, ...]


def access(session: Session) -> Access:
    """Give every read that the ledger and this host's journal hold, and what is wrong with their chains.

    Raises:
        Refused: this account does not open oversight.
    """
    sealed = [body for _, body in session.bodies("read", "oversight") if isinstance(body, Read)]
    waiting = session.journal.unsealed()
    chains: dict[str, dict[int, Read]] = {}
    findings: list[str] = []
    alone: list[Read] = []
    for read in (*sealed, *waiting):
        if read.journal is None or read.line is None:
            alone.append(read)
            continue
        lines = chains.setdefault(read.journal, {})
        if read.line in lines and lines[read.line] != read:
            findings.append(f"journal {read.journal}: two different lines {read.line}")
        lines.setdefault(read.line, read)
    state = session.ledger.state
    erased = sum(state.erasure_of(index) is not None for index in state.special.get("read", ()))
    missing = sum(max(lines) + 1 - len(lines) for lines in chains.values())
    for journal, lines in chains.items():
        # An erased line cannot say which it was: as many as are missing must have been erased, and no fewer.
        findings += _judge(session, journal, lines, holes=missing <= erased)
    reads = sorted(
        (*alone, *(read for lines in chains.values() for read in lines.values())), key=lambda r: r.time
    )
    return Access(tuple(reads), len(waiting), len(chains), erased, tuple(findings))


def _judge(session: Session, journal: str, lines: dict[int, Read], *, holes: bool) -> list[str]:
    findings: list[str] = []
    before: str | None = START
    for expected, (number, read) in enumerate(sorted(lines.items())):
        if number != expected and number - 1 not in lines:
            if not holes:
                findings.append(f"journal {journal}: lines before {number} are missing")
            before = read.previous
        if read.previous != before or read.chain != chain_of(read):
            findings.append(f"journal {journal}: line {number} does not follow the one before it")
        before = read.chain
        for who, signature in (("first", read.signed), ("second", read.second)):
            if signature is not None and not _good(session, read, signature):
                findings.append(
                    f"journal {journal}: line {number}: the signature of the {who} person is not good"
                )
    return findings


def _good(session: Session, read: Read, signature: Signature) -> bool:
    state = session.ledger.state
    key = state.keys.writer(signature.writer, min(read.known or 0, state.size))
    if key is None:
        return False
    try:
        message = to_sign(read, session.settings.origin)
        Ed25519PublicKey.from_public_bytes(key.public).verify(bytes.fromhex(signature.signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True
