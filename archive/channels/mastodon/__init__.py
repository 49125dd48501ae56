"""Mastodon and its kin: the archive of an account (ActivityPub), and statuses as the interface gives them.

Authority: docs.joinmastodon.org (entities, archive takeout); ActivityPub. Direct messages stand among the posts;
whom a post was for is told by ``to`` and ``cc``. Deleted posts are absent.
"""

from archive.channels.mastodon.channel import MastodonArchive

__all__ = ["MastodonArchive"]
