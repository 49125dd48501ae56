"""Makes small repositories: CAR files with a commit, one node of the tree, and records."""

import hashlib


def cid(data: bytes) -> bytes:
    return b"\x01\x71\x12\x20" + hashlib.sha256(data).digest()


class Link(bytes):
    """The CID of a block."""


def cbor(value: object) -> bytes:
    match value:
        case bool():
            return b"\xf5" if value else b"\xf4"
        case None:
            return b"\xf6"
        case int():
            return _head(0, value)
        case Link():
            return b"\xd8\x2a" + _head(2, len(value) + 1) + b"\0" + value
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case list():
            return _head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            return _head(5, len(value)) + b"".join(cbor(key) + cbor(child) for key, child in value.items())
    raise TypeError(value)


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    width = 1 if number < 256 else 2 if number < 65536 else 4
    return bytes([kind << 5 | {1: 24, 2: 25, 4: 26}[width]]) + number.to_bytes(width)


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def block(data: bytes) -> bytes:
    return varint(36 + len(data)) + cid(data) + data


def commit(node: bytes, **told: object) -> bytes:
    return cbor({"version": 3, "data": Link(cid(node)), "rev": "1", "prev": None, "sig": b"x", **told})


def car(roots: list[bytes], *blocks: bytes) -> bytes:
    """A CAR whose header names these blocks as roots."""
    header = cbor({"roots": [Link(cid(root)) for root in roots], "version": 1})
    return varint(len(header)) + header + b"".join(map(block, blocks))


def tree_node(records: dict[bytes, bytes]) -> bytes:
    """A node that names these blocks by path."""
    entries = [{"p": 0, "k": path, "v": Link(cid(data)), "t": None} for path, data in records.items()]
    return cbor({"l": None, "e": entries})


def repository(
    records: dict[str, dict[str, object]], *, stale: tuple[dict[str, object], ...] = (), leave: str = ""
) -> bytes:
    """A CAR with these records by path; ``stale`` blocks are in no tree, ``leave`` is named and not there."""
    blocks = {path: cbor(value) for path, value in sorted(records.items())}
    node = tree_node({path.encode(): data for path, data in blocks.items()})
    root = commit(node, did="did:plc:werk")
    kept = [data for path, data in blocks.items() if path != leave]
    return car([root], root, node, *kept, *map(cbor, stale))
