"""Volumes for review platforms: conversations as RSMF, mails as they came, texts, files, pages, and load files.

``write_volumes`` writes them from items as they may be shown (``archive.production.Told``); nothing else is asked,
so what is withheld from an item is in no file of a volume.
"""

from archive.exporters.review.volume import PREFIX, VolumeOptions, VolumeResult, write_volumes

__all__ = ["PREFIX", "VolumeOptions", "VolumeResult", "write_volumes"]
