"""Discourse: topics and posts as the interface of a forum gives them, and the archive that a member downloads.

Authority: docs.discourse.org. A topic gives its first twenty posts and the ids of all; ``raw`` is what was typed,
``cooked`` what was shown: the latter counts, for most answers have no other. Small actions of moderators are posts of
a type of their own. A list of what somebody did names posts in excerpts: it is no version of them.
"""

from archive.channels.discourse.channel import DiscourseForum

__all__ = ["DiscourseForum"]
