"""A small archive made by hand from the core alone, as the export service would hand it to the exporter."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import facets, keys, leaf, merkle, payloads, segment, signed_note
from archive.core.canonical import b64u
from archive.core.signed_note import Checkpoint
from archive.exporters.bundle import BundleInput, BundleRecord, Objects, Shown, Signer, Why, Withheld
from schemas.capture import Capture
from schemas.entry import EntryBody
from schemas.item import Actor, Attachment, Item, Key, Raw, Reaction, Target, TimeStamp
from schemas.item import Deleted as DeletedState
from schemas.matter import ExportOptions, Matter

ORIGIN = "example.test/beleg/0123456789abcdef"
CREATED = "2026-03-02T09:00:00Z"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73"
    "0000001049444154789c63f8cfc0000440c4c0000011f801fffe4a9f6c0000000049454e44ae426082"
)
HOSTILE = (
    "</script><script>alert(1)</script> <!-- \u2028 \u202eabc\u2066 \u0007 \x7f \ufeff "
    "<svg onload=alert(1)> \\u003c & ]]>"
)


def private(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


def public(name: str) -> bytes:
    return private(name).public_key().public_bytes_raw()


def writer_id(name: str) -> str:
    return keys.key_id("writer", "ed25519", public(name))


def change(
    action: str, purpose: str, role: str, name: str, algorithm: str = "ed25519", epoch: int = 0
) -> Any:
    raw = public(name)
    identifier = keys.key_id(purpose, algorithm, raw)
    return {
        "action": action, "algorithm": algorithm, "epoch": epoch, "id": identifier,
        "public": raw.hex(), "purpose": purpose, "role": role,
    }  # fmt: skip


def founding_keys() -> Any:
    writers = [
        change("add", "writer", role, role) for role in ("owner", "ingest", "legal", "privacy", "recovery")
    ]
    recipients = [
        change("add", "recipient", role, f"box {role}", "x25519")
        for role in ("ingest", "content", "oversight", "auditor", "recovery")
    ]
    return {"changes": [*writers, change("add", "log", "log", "log"), *recipients]}


@dataclass
class Draft:
    kind: str
    record_class: str = "content"
    why: Why = "hit"
    body: Any = None
    stream: str = "thread"
    content: bytes = b""
    withheld: frozenset[str] = frozenset()
    show: bool = True
    lost_key: bool = False


@dataclass
class Made:
    draft: Draft
    raw: bytes
    header: bytes
    frame: bytes | None
    shown: tuple[Shown | Withheld, ...] | None
    string: bytes


@dataclass
class Material:
    """Records appended segment by segment; ``given`` makes the exporter's input of them."""

    origin: str = ORIGIN
    made: list[Made] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    streams: dict[str, int] = field(default_factory=dict)
    time: int = 1_700_000_000

    def found(self, writer: str = "owner") -> "Material":
        self.append(
            writer,
            [
                Draft("genesis", "clear", "keys", {"format": 1, "origin": self.origin}),
                Draft("keys", "clear", "keys", founding_keys()),
            ],
        )
        return self

    def append(self, writer: str, drafts: Sequence[Draft], as_writer: str | None = None) -> None:
        first, identifier = len(self.made), writer_id(writer)
        encrypted = sum(draft.record_class != "clear" for draft in drafts)
        batch = sha256(b"batch %d" % first).digest()[:16] if encrypted else None
        page = sha256(b"page %d" % first).digest() if encrypted else None
        slots = [sha256(b"slot %d %d" % (first, at)).digest() for at in range(encrypted)]
        digest = leaf.segment_digest(
            writer=identifier, batch=batch, page=page,
            slots=sha256(b"".join(slots)).digest() if slots else None, first=first, count=len(drafts),
        )  # fmt: skip
        start = self.hashes[-1] if self.hashes else leaf.NO_PREVIOUS
        rows = [self._record(draft, digest) for draft in drafts]
        ordinals = iter(range(encrypted))
        sealed = segment.Sealed(
            batch, page, slots, first, self.time, start, self.hashes[-1],
            [raw for raw, *_ in rows], [frame for _, frame, *_ in rows],
            [None if draft.record_class == "clear" else next(ordinals) for draft in drafts],
        )  # fmt: skip
        data = segment.build(self.origin, sealed, identifier, private(as_writer or writer))
        header = data[12 : 12 + int.from_bytes(data[8:12], "big")]
        for draft, (raw, frame, shown, string) in zip(drafts, rows, strict=True):
            clear = draft.record_class == "clear"
            self.made.append(Made(draft, raw, header, frame if clear else None, shown, string))
        self.time += 60

    def _record(self, draft: Draft, digest: str) -> tuple[bytes, bytes, Any, bytes]:
        index = len(self.hashes)
        committed, shown, string = None, None, draft.content
        if draft.record_class == "clear":
            frame = facets.clear_frame(draft.body)
        else:
            key = facets.RecordKey(sha256(b"record %d" % index).digest())
            payload = (
                draft.body if isinstance(draft.body, payloads.Payload) else payloads.to_payload(draft.body)
            )
            string += b"".join(payload.overflow)
            lines = facets.facet_lines(payload.values)
            parts = facets.facet_commitments(key.salts, lines)
            committed = facets.commitment(parts)
            frame = sha256(b"frame %d" % index).digest() * 8
            shown = tuple(
                Withheld(part) if name in draft.withheld else Shown(salt, line)
                for name, part, salt, line in zip(facets.FACETS, parts, key.salts, lines, strict=True)
            )
        stream = b64u(sha256(f"{draft.record_class} {draft.stream}".encode()).digest()[:16])
        position = self.streams.get(stream, 0)
        self.streams[stream] = position + 1
        raw = leaf.encode_leaf(
            leaf.Leaf(
                record_class=draft.record_class,
                commitment=b64u(committed) if committed else None,
                frame_length=len(frame),
                frame_sha256=b64u(sha256(frame).digest()),
                index=index,
                kind=draft.kind,
                previous=b64u(self.hashes[-1] if self.hashes else leaf.NO_PREVIOUS),
                segment=digest,
                stream=stream,
                stream_position=position,
                time=self.time,
                version=leaf.VERSION,
            )
        )
        self.hashes.append(merkle.leaf_hash(raw))
        return raw, frame, shown, string

    def checkpoint(self, size: int | None = None, log: str = "log") -> bytes:
        size = len(self.made) if size is None else size
        root = merkle.HashTree(self.hashes).root(size)
        return signed_note.sign(Checkpoint(self.origin, size, root).text(), self.origin, private(log))

    def records(self) -> Iterator[BundleRecord]:
        tree = merkle.HashTree(self.hashes)
        for index, made in enumerate(self.made):
            draft = made.draft
            if not draft.show:
                continue
            objects = Objects(len(made.string), opener(made.string)) if made.string else None
            yield BundleRecord(
                index=index,
                leaf=made.raw,
                path=tuple(tree.inclusion(index, len(self.made))),
                header=made.header,
                why=draft.why,
                facets=None if draft.lost_key else made.shown,
                frame=made.frame,
                objects=objects,
            )

    def given(self, language: Any = "de", writer: str = "legal", log: str = "log") -> BundleInput:
        def sign(text: str) -> bytes:
            return signed_note.sign(
                text, segment.writer_name(self.origin, writer_id(writer)), private(writer)
            )

        return BundleInput(
            origin=self.origin,
            checkpoint=self.checkpoint(log=log),
            log_key=signed_note.verifier_key(self.origin, public(log)),
            production="E-1",
            matter=Matter(id="M-1", title="Pumpe 7 <b>", reason="vertraulich", reference="4 O 12/26"),
            options=ExportOptions(timezone="Europe/Berlin", language=language),
            records=self.records(),
            created=CREATED,
            signer=Signer(writer_id(writer), sign, public(writer)),
        )


def opener(data: bytes) -> Callable[[], Any]:
    @contextmanager
    def open_string() -> Iterator[BinaryIO]:
        yield io.BytesIO(data)

    return open_string


def chat(channel: str = "whatsapp", identifier: str = "chat-7") -> Key:
    return Key(channel=channel, scope="", id=identifier, derived=True)


def item(number: int, text: str | None, *, author: str = "Jürgen Müller", **fields: Any) -> Item:
    written = f"02.03.2026, 10:{number % 60:02d} - {author}: {text}"
    base: dict[str, Any] = {
        "key": chat(identifier=f"m{number}"),
        "event": "posted",
        "form": "message",
        "via": chat(identifier="phone"),
        "thread": chat(),
        "parser": "whatsapp-text/1",
        "author": Actor(account=chat(identifier="+49 170 1234567"), written=author),
        "time": TimeStamp(
            written=f"02.03.2026, 10:{number % 60:02d}", utc=f"2026-03-02T09:{number % 60:02d}:00Z",
            precision="minute", zone="Europe/Berlin", zone_source="assumed",
        ),
        "text": text,
        "raw": Raw(member="chat.txt", start=0, end=9, slice=written.encode()),
    }  # fmt: skip
    return Item(**{**base, **fields})


def capture(content: bytes, media_type: str, name: str, inside: str = "c1") -> Capture:
    return Capture(
        id=sha256(content).hexdigest()[:16], source="import", method="attachment", origin=name,
        received=CREATED, media_type=media_type, length=len(content), sha256=sha256(content).hexdigest(),
        kept="whole", inside=inside, member=name, tool="test/1",
    )  # fmt: skip


def attachment(content: bytes, name: str, media_type: str = "image/png") -> Attachment:
    return Attachment(
        name=name, media_type=media_type, state="present", role="image", length=len(content),
        sha256=sha256(content).hexdigest(), capture=sha256(content).hexdigest()[:16],
    )  # fmt: skip


def draft(body: EntryBody, **fields: Any) -> Draft:
    return Draft(payloads.to_payload(body).kind, body=body, **fields)


def small_archive() -> Material:
    """Founding; a chat with attachment, edit, deletion, reaction; a withheld text; a gap; a lost key."""
    material = Material().found()
    missing = Attachment(name="Vertrag.pdf", state="missing", reason="not in export")
    words = "Grüße! Sie haben fünf Jahre Garantie auf die Pumpe 😀"
    hostile = item(
        4, HOSTILE, author="Böse\u2069\u202eeman", attachments=(missing,),
        reactions=(Reaction(value="👍", count=2),), targets=concerns("reply", 1),
    )  # fmt: skip
    material.append(
        "ingest",
        [
            draft(capture(PNG, "image/png", "Foto.png"), why="capture", stream="captures", content=PNG),
            draft(item(1, words, attachments=(attachment(PNG, "Foto.png"),))),
            draft(item(2, "Danke, das ist gut zu wissen.", author="Anna Weiß"), why="context"),
            draft(item(3, "Etwas anderes"), show=False),
            draft(hostile),
        ],
    )
    added = {"changes": [change("add", "writer", "ingest", "ingest 2")]}
    material.append("owner", [Draft("keys", "clear", "keys", added)])
    gone = item(6, None, event="deleted", deleted=DeletedState(by="author"), targets=concerns("of", 2))
    material.append(
        "ingest 2",
        [
            draft(item(5, "Nur drei Jahre Garantie.", event="edited", targets=concerns("of", 1))),
            draft(gone),
            draft(item(7, "geheim " + "x" * 20), withheld=frozenset({"text", "raw", "body"})),
            draft(item(8, "lang " + "ä" * 200_000), why="parent"),
            draft(item(9, "vergessen"), lost_key=True),
        ],
    )
    note = draft(Matter(id="M-1", title="t", reason="r"))
    material.append("legal", [replace(note, record_class="matter", show=False)])
    return material


def concerns(relation: Any, number: int) -> tuple[Target, ...]:
    return (Target(relation=relation, key=chat(identifier=f"m{number}")),)


def copy_tree(source: Path, target: Path) -> Path:
    for path in sorted(source.rglob("*")):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    return target


def many(count: int) -> Material:
    """An archive of ``count`` items of about 1 KB in segments of 4,000."""
    material = Material().found()
    for start in range(0, count, 4000):
        numbers = range(start, min(start + 4000, count))
        material.append(
            "ingest", [draft(item(n, f"Nachricht {n}: " + "Lieferung der Pumpe " * 20)) for n in numbers]
        )
    return material
