"""Reddit: the data request of an account (CSV), and things as the interface gives them (JSON).

Authority: the headers of real data requests; reddit.com/dev/api. A data request holds one's own words only;
whose removed texts are, no export tells.
"""

from archive.channels.reddit.channel import RedditExport

__all__ = ["RedditExport"]
