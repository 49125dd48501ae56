"""A volume for review platforms: conversations as RSMF, mails as they came, texts, files, and a load file.

``write_volume`` writes it from items as they may be shown (``archive.production.Told``); nothing else is asked,
so what is withheld from an item is in no file of the volume.
"""

from archive.exporters.review.volume import PREFIX, VOLUME, VolumeResult, write_volume

__all__ = ["PREFIX", "VOLUME", "VolumeResult", "write_volume"]
