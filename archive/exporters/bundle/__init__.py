"""The evidence bundle: a folder that a hostile expert can check without us.

``export_bundle(BundleInput, folder)`` writes it. ``parts/`` holds what is copied into it: the checker
``verify.py``, the page, the texts. VERIFY.txt there describes every byte of a bundle.
"""

from archive.exporters.bundle.export import export_bundle
from archive.exporters.bundle.renderers import RENDERERS
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
    "export_bundle",
]
