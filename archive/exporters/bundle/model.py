"""What decides the bytes of a bundle besides what it is given."""

from archive.production import (
    BundleInput,
    BundleRecord,
    BundleResult,
    Facet,
    Objects,
    Shown,
    Signer,
    Why,
    Withheld,
)

RENDERERS: tuple[tuple[str, str], ...] = (("bundle", "1"),)
"""(name, version) of everything that decides bytes of ``bag/data``; goes into the production entry."""

__all__ = [
    "RENDERERS",
    "BundleInput",
    "BundleRecord",
    "BundleResult",
    "Facet",
    "Objects",
    "Shown",
    "Signer",
    "Why",
    "Withheld",
]
