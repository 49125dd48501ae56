"""X, formerly Twitter: the archive that an account downloads, 2010 to today.

Authority: ``data/README.txt`` in the archive and the structure of real ones. The files are scripts that assign
JSON; they are cut at the first ``=`` and never run. ``manifest.js`` states how many entries each file has.
"""

from archive.channels.x_archive.channel import XArchive

__all__ = ["XArchive"]
