"""What is withheld from a production, and what must go along so that it is not told elsewhere. Pure functions.

A redaction names facets of an item, or spans of its text. The platform's own form (``body``), what lies beside
the model (``extra``) and the bytes as received (``raw``) would tell the same again: they always go along. So do
the other versions of the item, what quotes it, and files in which its words stand.
"""

from archive.redaction.cuts import (
    ALONG,
    BODY_SCOPE,
    LABELS,
    applied,
    beside,
    blackened,
    both,
    carried,
    closed,
    following,
    labelled,
    reason_of,
    remaining,
    tells_content,
    texts_of,
    unblackened,
)
from archive.redaction.folding import folded, merged, occurrences, occurs, stand_alone, transcribed
from archive.redaction.needles import SHORTEST, Needles, betrays, needles, withheld
from archive.redaction.phrases import Phrases

__all__ = [
    "ALONG",
    "BODY_SCOPE",
    "LABELS",
    "SHORTEST",
    "Needles",
    "Phrases",
    "applied",
    "beside",
    "betrays",
    "blackened",
    "both",
    "carried",
    "closed",
    "folded",
    "following",
    "labelled",
    "merged",
    "needles",
    "occurrences",
    "occurs",
    "reason_of",
    "remaining",
    "stand_alone",
    "tells_content",
    "texts_of",
    "transcribed",
    "unblackened",
    "withheld",
]
