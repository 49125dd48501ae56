"""RSS, Atom and JSON feeds of blogs and news, as files.

Authority: RFC 4287, RSS 2.0 and 1.0, jsonfeed.org. Feeds are often not well formed, and XML is a way to attack:
entries are cut out as text and their elements read one by one, without any XML parser. A feed is a window; what
fell out of it is not there.
"""

from archive.channels.feeds.channel import FeedFiles

__all__ = ["FeedFiles"]
