"""START_verify.html: one file with the records inside, which shows and checks them.

Records lie in it packed (zlib, base64), some hundred lines a block: a browser that holds a hundred thousand of them
as text would need gigabytes.
"""

import base64
import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from string import Template

from archive.core.canonical import encode
from archive.exporters.bundle.files import Folder
from archive.exporters.bundle.lines import escaped
from archive.exporters.bundle.originals import CHUNK, Range, small_image
from archive.exporters.bundle.texts import part
from archive.production import BundleInput

NAME = "START_verify.html"
SCRIPTS = ("words.js", "bytes.js", "keys.js", "check.js", "folder.js", "text.js", "view.js", "start.js")
REDACTIONS = "bag/data/redactions.jsonl"
"""The derived copies of redacted texts; there only where something is redacted."""
STATEMENTS = "bag/data/statements.jsonl"
"""What the page marks in texts; there only where the production has it."""
CONVERSATIONS = "bag/data/metadata/conversations.json"
"""Names of conversations, as the archive knew them at the checkpoint."""
BLOCK = 2 * 1024 * 1024
"""Bytes of lines that are packed together."""
IMAGE = 32 * 1024
IMAGES = 4 * 1024 * 1024
"""A raster image up to this size is shown on the page, all together up to that."""


def write(
    folder: Folder,
    given: BundleInput,
    records: Sequence[str],
    images: Sequence[Range],
) -> None:
    """Write the page; memory stays bounded."""
    style, script = part("page.css").decode(), b"".join(map(part, SCRIPTS)).decode()
    values = {
        "language": given.options.language,
        "script_hash": csp(script),
        "style_hash": csp(style),
        "script": script,
        "style": style,
    }
    head, tail = Template(part("template.html").decode()).substitute(values).split("<!--DATA-->")
    with folder.create(NAME) as file:
        file.write(head.encode())
        for name, pieces in _blocks(folder, given, images):
            file.write(b'<script type="application/json" data-file="%s">' % name.encode("ascii"))
            for piece in pieces:
                file.write(piece)
            file.write(b"</script>\n")
        for name in records:
            for lines in _lines(folder, name):
                file.write(b'<script type="application/octet-stream" data-part="%s">' % name.encode("ascii"))
                file.write(base64.b64encode(zlib.compress(lines)) + b"</script>\n")
        file.write(tail.encode())


def csp(text: str) -> str:
    """Give the source expression by which a content security policy allows exactly this text."""
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()


def _blocks(
    folder: Folder,
    given: BundleInput,
    images: Sequence[Range],
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Give the data blocks. Files of ``bag/data`` stand as they are; the others as one JSON string."""
    view = {"language": given.options.language, "timezone": given.options.timezone}
    yield "view", iter([escaped(view)])
    for name in (
        "bag/manifest-sha256.txt", "signatures/checkpoint.txt",
        "signatures/production.json", "signatures/production.sig",
    ):  # fmt: skip
        yield name, iter([escaped((folder.root / name).read_bytes().decode())])
    whole = ("segments.jsonl", "metadata/matter.json", "metadata/rule.json", "metadata/exceptions.jsonl")
    told = [name for name in (REDACTIONS, STATEMENTS, CONVERSATIONS) if name in folder.digests]
    for name in (*(f"bag/data/{name}" for name in whole), *told):
        yield name, _stream(folder, name)
    room = IMAGES
    for image in images:
        if image.length <= min(IMAGE, room):
            data = (folder.root / image.path).read_bytes()
            kind = small_image(image, data)
            if kind is not None:
                room -= image.length
                value = {"data": base64.b64encode(data).decode(), "type": kind}
                yield f"image/{image.sha256}", iter([encode(value)])


def _lines(folder: Folder, name: str) -> Iterator[bytes]:
    """Give a file in pieces of whole lines."""
    with (folder.root / name).open("rb") as stream:
        while lines := stream.readlines(BLOCK):
            yield b"".join(lines)


def _stream(folder: Folder, name: str) -> Iterator[bytes]:
    with (folder.root / name).open("rb") as stream:
        while piece := stream.read(CHUNK):
            yield piece
