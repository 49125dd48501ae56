"""The two signed statements of a bundle: about what is handed out, and about every file."""

import base64
from hashlib import sha256

from archive.core.canonical import b64u, encode
from archive.core.signed_note import Checkpoint
from archive.exporters.brackets import stamps
from archive.exporters.bundle.files import Folder
from archive.exporters.bundle.lines import escaped
from archive.production import BundleInput, Sealed

SIGNATURES = "signatures"


def note_text(origin: str, statement: bytes) -> str:
    """Give the text that is signed for a statement: three lines that a person can check with sha256sum."""
    return f"beleg/statement/v1\n{origin}\n{sha256(statement).hexdigest()}\n"


def sign(folder: Folder, given: BundleInput, name: str, statement: bytes) -> None:
    """Write a statement and the note that signs it."""
    folder.add(f"{SIGNATURES}/{name}.json", statement)
    note = given.signer.sign_note(note_text(given.origin, statement))
    folder.add(f"{SIGNATURES}/{name}.sig", note)


def seal(folder: Folder, given: BundleInput, statement: bytes) -> Sealed | None:
    """Write the seal with a certificate over the statement about every file, if one was asked for."""
    if given.seal is None:
        return None
    sealed = given.seal(statement)
    folder.add(f"{SIGNATURES}/statement.p7s", sealed.data)
    return sealed


def production(given: BundleInput, checkpoint: Checkpoint, data_sha256: str, counts: dict[str, int]) -> bytes:
    """Give the statement about what is handed out; the page carries it, and takes from it what the tokens say."""
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
            "stamps": [[one.index, one.size, one.earliest, one.latest] for one in stamps(given.tokens)],
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
            "sealed": given.seal is not None,
            "writer": given.signer.writer,
        }
    )


def write_tokens(folder: Folder, given: BundleInput) -> None:
    """Write the time-stamp tokens, each with its note, its request and its certificates, as openssl reads them."""
    rows = []
    for number, token in enumerate(given.tokens, 1):
        name = f"{number:04d}"
        place = f"{SIGNATURES}/tokens/{name}"
        folder.add(f"{place}.tst", token.token)
        folder.add(f"{place}.note", token.note)
        if token.request is not None:
            folder.add(f"{place}.tsq", token.request)
        folder.add(f"{place}.pem", b"".join(map(_pem, token.certificates)))
        rows.append(
            {
                "consistency": [b64u(node) for node in token.consistency], "frame": b64u(token.frame),
                "index": token.index, "leaf": token.leaf.decode("ascii"), "name": name,
                "path": [b64u(node) for node in token.path],
            }
        )  # fmt: skip
    if rows:
        folder.add(f"{SIGNATURES}/tokens.json", escaped({"format": "beleg/tokens/v1", "tokens": rows}))


def _pem(certificate: bytes) -> bytes:
    text = base64.encodebytes(certificate)
    return b"-----BEGIN CERTIFICATE-----\n" + text + b"-----END CERTIFICATE-----\n"
