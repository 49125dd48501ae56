"""Keys for things to which a platform gives no id."""

import hashlib

_HEX = 40


def derived_id(*parts: str | bytes) -> str:
    """160 bits of SHA-256 over the parts, each after its length, so that no two lists run together."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:_HEX]
