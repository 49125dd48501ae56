"""Rewriting START_verify.html as somebody would who tampers with it: packed lines stand as text meanwhile."""

import base64
import re
import zlib
from collections.abc import Callable
from pathlib import Path

_PACKED = re.compile(
    r'(<script type="application/octet-stream" data-part="[^"]*">)([A-Za-z0-9+/=]*)(</script>)'
)
_OPENED = re.compile(
    r'(<script type="application/octet-stream" data-part="[^"]*">)(.*?)(</script>)', re.DOTALL
)


def unpacked(page: str) -> str:
    """Give the source of a page with its packed lines as text."""
    return _PACKED.sub(lambda m: m[1] + zlib.decompress(base64.b64decode(m[2])).decode() + m[3], page)


def rewrite(page: Path, change: Callable[[str], str]) -> None:
    """Change the source of a page with its packed lines as text."""
    text = change(unpacked(page.read_text(encoding="utf-8")))
    packed = _OPENED.sub(
        lambda m: m[1] + base64.b64encode(zlib.compress(m[2].encode())).decode() + m[3], text
    )
    page.write_text(packed, encoding="utf-8")


def replaced(old: str, new: str, times: int = -1) -> Callable[[str], str]:
    """Give a change of some words into others, everywhere or the first times; they must be there."""

    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, times)

    return change
