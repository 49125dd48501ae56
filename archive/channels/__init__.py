"""One file (or folder) a platform. ``CHANNELS`` names them; recognition asks each in this order."""

from archive.ports import Channel

CHANNELS: tuple[Channel, ...] = ()
