"""JSON as it stands in a bundle: canonical, and with ``<`` written as an escape.

So the bytes of a file can stand inside the page unchanged: the browser hashes what it shows, and no content
can end the block in which it lies.
"""

from typing import Any

from archive.core import facets, leaf, merkle
from archive.core.canonical import b64u, decode, encode
from archive.core.signed_note import Checkpoint
from archive.errors import FormatError
from archive.production import BundleRecord, Cut, Facet, Shown, Told
from schemas.item import Key


def escaped(value: Any) -> bytes:
    """Encode to canonical JSON with every ``<`` as ``\\u003c`` (it occurs in strings only)."""
    return encode(value).replace(b"<", b"\\u003c")


def record_line(record: BundleRecord, segment: int) -> bytes:
    """Give the line of a record in ``records_NNNN.jsonl``."""
    shown = None if record.facets is None else [_facet(facet) for facet in record.facets]
    value = {
        "facets": shown,
        "frame": None if record.frame is None else b64u(record.frame),
        "index": record.index,
        "leaf": record.leaf.decode("ascii"),
        "path": [b64u(node) for node in record.path],
        "segment": segment,
        "why": record.why,
    }
    return escaped(value) + b"\n"


def redaction_line(one: Told) -> bytes:
    """Give the line of an item in ``redactions.jsonl``: what is withheld, and the text as a derived copy.

    The derived copy is the maker's word under the signature of the bundle; the proof covers the commitment of
    the whole text only.
    """
    cut = one.cut or Cut()
    derived = one.item.text if "text" in cut.facets and cut.spans else None
    value: dict[str, Any] = {
        "facets": sorted(cut.facets),
        "follows": cut.follows,
        "index": one.index,
        "leaf": one.leaf,
        "reason": cut.reason,
        "spans": len(cut.spans),
        "text": derived,
    }
    if cut.unopened:
        value["unopened"] = True
    if "what" in cut.facets:
        item = one.item
        value["what"] = {
            "body": "item", "event": item.event, "form": item.form,
            "key": key_value(item.key), "thread": key_value(item.thread),
        }  # fmt: skip
    return escaped(value) + b"\n"


def key_value(key: Key) -> dict[str, str]:
    """Give a key as it stands in a bundle."""
    return {"channel": key.channel, "id": key.id, "scope": key.scope}


def _facet(facet: Facet) -> Any:
    if isinstance(facet, Shown):
        return [b64u(facet.salt), facet.line.decode()]
    return b64u(facet.commitment)


def check_record(record: BundleRecord, checkpoint: Checkpoint) -> leaf.Leaf:
    """Refuse to hand out what does not prove itself; give the leaf.

    Raises:
        FormatError: leaf, facets or path do not lead to the checkpoint's root.
    """
    decoded = leaf.decode_leaf(record.leaf)
    if decoded.index != record.index:
        raise FormatError(f"record {record.index}: its leaf says {decoded.index}")
    root = merkle.root_from_inclusion(
        merkle.leaf_hash(record.leaf), record.index, checkpoint.size, record.path
    )
    if root != checkpoint.root:
        raise FormatError(f"record {record.index}: its proof does not lead to the checkpoint's root")
    if (record.frame is None) != (decoded.record_class != "clear"):
        raise FormatError(f"record {record.index}: a frame belongs to clear records, and to no other")
    if record.facets is not None:
        parts = [
            facets.facet_commitments([facet.salt], [facet.line])[0]
            if isinstance(facet, Shown)
            else facet.commitment
            for facet in record.facets
        ]
        fits = len(parts) == len(facets.FACETS)
        if not fits or facets.commitment(parts) != leaf.commitment_of(decoded):
            raise FormatError(f"record {record.index}: its facets are not what the leaf commits to")
    return decoded


def shown_values(record: BundleRecord) -> dict[str, Any]:
    """Give the values of the facets that are shown and not null."""
    values: dict[str, Any] = {}
    for name, facet in zip(facets.FACETS, record.facets or (), strict=False):
        if isinstance(facet, Shown):
            absent = b'["%s",null]' % name.encode()
            if facet.line != absent:
                pair = decode(facet.line)
                if not isinstance(pair, list) or len(pair) != 2 or pair[0] != name:
                    raise FormatError(f"record {record.index}: a facet line that is not {name}")
                values[name] = pair[1]
    return values
