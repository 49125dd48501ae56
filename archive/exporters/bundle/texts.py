"""README.txt, VERIFY.txt, verify.py, the limits: files of ``parts/``, some with values filled in."""

import base64
from collections.abc import Mapping
from importlib import resources
from string import Template

from archive.core.signed_note import Checkpoint, parse_verifier_key
from archive.exporters.bundle.files import Folder
from archive.production import BundleInput

_SPKI = bytes.fromhex("302a300506032b6570032100")


def part(name: str) -> bytes:
    """Give a file of ``parts/``."""
    return resources.files("archive.exporters.bundle").joinpath("parts", name).read_bytes()


def limits() -> bytes:
    """Give what a bundle shows and what it does not, in German and English."""
    return part("limits.txt")


def pem(public: bytes) -> str:
    """Give an Ed25519 public key as openssl reads it."""
    body = base64.b64encode(_SPKI + public).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----"


def _time(tokens: int) -> dict[str, str]:
    """Say what bounds the time of sealing."""
    if not tokens:
        return {
            "time_de": "KEIN ZEITBEWEIS: kein Zeitstempel begrenzt, wann dies versiegelt wurde.",
            "time_en": "NO TIME PROOF: no time stamp bounds when this was sealed.",
        }
    return {
        "time_de": f"{tokens} Zeitstempel in signatures/tokens; verify.py nennt die Zeiten und den openssl-Befehl.",
        "time_en": f"{tokens} time stamps in signatures/tokens; verify.py names the times and the openssl command.",
    }


def _stamps(tokens: int) -> dict[str, str]:
    """Say how to check the time stamps by hand, where there are any."""
    if not tokens:
        return {"stamp_files": "", "stamps": ""}
    return {
        "stamp_files": " signatures/tokens.json signatures/tokens/*",
        "stamps": part("VERIFY_stamps.txt").decode(),
    }


def write_certificates(
    folder: Folder, given: BundleInput, checkpoint: Checkpoint, data_sha256: str, counts: Mapping[str, int]
) -> None:
    """Write the drafts of certificates, filled in with what is known; a person completes and signs them."""
    time = _time(len(given.tokens))
    values = {
        "origin": given.origin, "production": given.production, "matter": given.matter.id, "created": given.created,
        "context": given.options.context, "zone": given.options.timezone, "log_key": given.log_key,
        "size": str(checkpoint.size), "root": checkpoint.root.hex(), "data_sha256": data_sha256,
        **{name: str(counts[name]) for name in ("chosen", "records", "no_key", "withheld")},
    }  # fmt: skip
    for language, none, some in (
        ("de", "keine", "siehe redaction_log.xlsx"),
        ("en", "none", "see redaction_log.xlsx"),
    ):
        told = {"time": time[f"time_{language}"], "redactions": some if given.redacted else none}
        text = Template(part(f"certificate_{language}.txt").decode()).substitute(values | told)
        folder.add(f"certificates/draft_{language}.txt", text.encode())


def write(folder: Folder, given: BundleInput, checkpoint: Checkpoint) -> None:
    """Write the texts and the checker."""
    values = {
        "origin": given.origin,
        "production": given.production,
        "matter": given.matter.id,
        "log_key": given.log_key,
        "log_pem": pem(parse_verifier_key(given.log_key)[1]),
        "writer": given.signer.writer,
        "writer_pem": pem(given.signer.public),
        "size": str(checkpoint.size),
        **_time(len(given.tokens)),
        **_stamps(len(given.tokens)),
    }
    for name in ("README.txt", "VERIFY.txt"):
        text = Template(part(name).decode()).substitute(values)
        folder.add(name, text.encode())
    folder.add("verify.py", part("verify.py"))
