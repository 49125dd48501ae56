"""Facebook with Messenger, and Instagram: the downloads of Meta's Accounts Center, JSON flavour.

Authority: none by Meta; the structure of real downloads of 2019 to 2026. Texts are UTF-8 whose bytes were
written as ``\\u00xx`` escapes, in most files but not in all: each string is judged for itself.
"""

from archive.channels.meta.facebook import FacebookExport
from archive.channels.meta.instagram import InstagramExport

__all__ = ["FacebookExport", "InstagramExport"]
