"""Bluesky: the repository of an account (CAR), and records and posts as the interface gives them.

Authority: atproto.com, Repository and Data Model; lexicons ``app.bsky.*``. A CAR may hold blocks that are no longer
part of the repository: the tree is walked from its commit, and only what it names counts. Pictures and direct
messages are not in it; deleted records leave nothing.
"""

from archive.channels.bluesky.channel import BlueskyRepository

__all__ = ["BlueskyRepository"]
