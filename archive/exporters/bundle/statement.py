"""The two signed statements of a bundle: about what is handed out, and about every file."""

from hashlib import sha256

from archive.core.canonical import encode
from archive.core.signed_note import Checkpoint
from archive.exporters.bundle.files import Folder
from archive.exporters.bundle.lines import escaped
from archive.production import BundleInput

SIGNATURES = "signatures"


def note_text(origin: str, statement: bytes) -> str:
    """Give the text that is signed for a statement: three lines that a person can check with sha256sum."""
    return f"beleg/statement/v1\n{origin}\n{sha256(statement).hexdigest()}\n"


def sign(folder: Folder, given: BundleInput, name: str, statement: bytes) -> None:
    """Write a statement and the note that signs it."""
    folder.add(f"{SIGNATURES}/{name}.json", statement)
    note = given.signer.sign_note(note_text(given.origin, statement))
    folder.add(f"{SIGNATURES}/{name}.sig", note)


def production(given: BundleInput, checkpoint: Checkpoint, data_sha256: str, counts: dict[str, int]) -> bytes:
    """Give the statement about what is handed out; the page carries it."""
    return escaped(
        {
            "checkpoint_sha256": sha256(given.checkpoint).hexdigest(),
            "counts": counts,
            "created": given.created,
            "data_sha256": data_sha256,
            "format": "beleg/production/v1",
            "log_key": given.log_key,
            "matter": given.matter.id,
            "origin": given.origin,
            "production": given.production,
            "root": checkpoint.root.hex(),
            "size": checkpoint.size,
            "writer": given.signer.writer,
        }
    )


def bundle(given: BundleInput, folder: Folder) -> bytes:
    """Give the statement about every file outside ``bag/data``, the page and the manifests among them."""
    outside = [[path, folder.digests[path]] for path in sorted(folder.digests) if "bag/data/" not in path]
    return encode(
        {
            "files": outside,
            "format": "beleg/bundle/v1",
            "origin": given.origin,
            "production": given.production,
            "writer": given.signer.writer,
        }
    )
