"""phpBB: pages of topics (prosilver, 3.2 and later) as a browser or crawler saved them.

Authority: the markup of the style prosilver. Pages of before 3.2 write their times in words only. The feed of a
board is read by the channel of feeds.
"""

from archive.channels.phpbb.channel import PhpbbTopics

__all__ = ["PhpbbTopics"]
