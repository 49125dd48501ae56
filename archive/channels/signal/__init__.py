"""Signal: the plaintext export of the apps (``main.jsonl`` with ``files/``).

Authority: ``backup.proto`` of libsignal as proto3 JSON. Disappearing messages are left out by the app and
view-once media are emptied, so nothing can be claimed about completeness. The export holds keys in clear; they
are masked before anything is read.
"""

from archive.channels.signal.channel import SignalExport

__all__ = ["SignalExport"]
