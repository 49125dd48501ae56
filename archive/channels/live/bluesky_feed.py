"""The public feed of a Bluesky account by an AppView (``app.bsky.feed.getAuthorFeed``): newest first, without a login.

The feed goes back page by page and never tells what was edited or deleted: its newest posts are listed again each
time, by their version, and of those that are missing the AppView is asked one by one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from archive.channels.live.atproto import Atproto
from archive.channels.live.web import Response, Web
from archive.errors import FormatError, Refused, Unreachable
from archive.sources import ANOTHER_ACCOUNT, Answer, Gone, Haul, LiveFacts, Right, SourceSettings
from schemas.capture import Claim, Wait

WINDOW = 200
"""Posts that are compared each time."""
_PAGE = "100"
_AT_ONCE = 25
"""Posts that getPosts gives at once."""


@dataclass(slots=True)
class _Cursor:
    """The newest posts, newest first: URI → (version, answer it came in); and whether the feed was read to its end."""

    did: str | None = None
    """Whose feed it is, by the name that no handle takes along; None: of before that was told."""
    whole: bool = False
    posts: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str | None) -> "_Cursor":
        if text is None:
            return cls()
        try:
            told = json.loads(text)
            posts = {str(uri): [str(row[0]), str(row[1])] for uri, row in told["posts"].items()}
            return cls(told.get("did"), told["whole"], posts)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise FormatError("the cursor of a Bluesky feed cannot be read") from error

    def text(self) -> str:
        newest = sorted(self.posts, key=lambda uri: uri.rpartition("/")[2], reverse=True)[:WINDOW]
        self.posts = {uri: self.posts[uri] for uri in newest}
        told = {"did": self.did, "whole": self.whole, "posts": self.posts}
        return json.dumps(told, separators=(",", ":"))


class BlueskyFeedSource:
    """What everybody may see of one account."""

    kind: ClassVar[str] = "bluesky-feed"
    facts: ClassVar[LiveFacts] = LiveFacts(
        reads="what everybody may see of one account: posts, answers, reposts",
        goes_on="the newest posts that are known",
        edits="of the newest 200 posts; the last state",
        deletions="of the newest 200 posts: the AppView gives them no more",
        tested="replayed answers; no real AppView",
        unseen="posts that came and went, and words between two edits",
        never=(
            "direct messages and likes",
            "what was posted and deleted between two looks",
            "pictures and films: posts name them",
        ),
    )

    def __init__(self, settings: SourceSettings, web: Web) -> None:
        self.settings, self.view = settings, Atproto(settings.url, web)

    def close(self) -> None:
        """End its connections."""
        self.view.web.close()

    def taken_waits(self) -> tuple[Wait, ...]:
        """Give what it had to wait for since the last haul."""
        return self.view.web.taken_waits()

    def test(self) -> Iterator[Right]:
        """Say whose feed it is, and how much of it the AppView counts."""
        told = self._profile()
        what = f"{told.get('postsCount')} posts of {told.get('did')} by the AppView's count"
        yield self.settings.may_read(what, *self._names(told))
        yield Right("edits and deletions", given="yes", why=f"of the newest {WINDOW} posts")
        for what in self.facts.never:
            yield Right(what, given="never")

    def collect(self, cursor: str | None) -> Iterator[Haul]:
        """Give the pages that hold something new or changed, then what is gone."""
        at, profile = _Cursor.of(cursor), self._profile()
        if at.did not in (None, profile["did"]):
            raise Refused(ANOTHER_ACCOUNT)
        self.settings.check_login(*self._names(profile))
        at.did = str(profile["did"])
        known, was_whole, at.whole = dict(at.posts), at.whole, False
        listed: set[str] = set()
        for page, posts in self._pages():
            fresh = [uri for uri, cid in posts.items() if at.posts.get(uri, [""])[0] != cid]
            listed |= posts.keys()
            if fresh:
                place = f"feed/{self.view.digest(page)}.json"
                at.posts |= {uri: [cid, place] for uri, cid in posts.items()}
                answer = Answer(place, page.body, "getAuthorFeed", "bluesky")
                yield Haul(at.text(), (answer,), waits=self.view.web.taken_waits())
            if was_whole and not fresh and listed >= known.keys():
                break
        gone = tuple(self._gone(at, [uri for uri in known if uri not in listed]))
        at.whole = True
        yield Haul(
            at.text(), gone=gone, waits=self.view.web.taken_waits(), counts=self._counts(listed, was_whole)
        )

    def _counts(self, listed: set[str], was_whole: bool) -> tuple[Claim, ...]:
        """Compare the AppView's own count with a feed that was listed from end to end."""
        profile = self._profile()
        expected, did = profile.get("postsCount"), str(profile.get("did"))
        if was_whole or not isinstance(expected, int):
            return ()
        own = sum(uri.startswith(f"at://{did}/") for uri in listed)
        return (Claim(scope="posts", kind="exact", expected=expected, found=own),)

    def _gone(self, at: _Cursor, missing: list[str]) -> Iterator[Gone]:
        for first in range(0, len(missing), _AT_ONCE):
            some = missing[first : first + _AT_ONCE]
            response = self.view.web.get(
                f"{self.settings.url.rstrip('/')}/xrpc/app.bsky.feed.getPosts?"
                + "&".join(f"uris={uri}" for uri in some)
            )
            posts = response.object().get("posts")
            if not isinstance(posts, list):
                raise Unreachable("an answer of getPosts without posts")
            alive = {one.get("uri") for one in posts if isinstance(one, dict)}
            for uri in some:
                if uri not in alive:
                    place = at.posts.pop(uri)[1]
                    yield Gone(place, "the AppView gives it no more", ident=uri)

    def _pages(self) -> Iterator[tuple[Response, dict[str, str]]]:
        params = {"actor": self.settings.account or "", "limit": _PAGE, "filter": "posts_with_replies"}
        cursors: set[str] = set()
        while True:
            page = self.view.ask("app.bsky.feed.getAuthorFeed", params)
            told = page.object()
            feed = told.get("feed")
            if not isinstance(feed, list):
                raise Unreachable("an answer of getAuthorFeed without a feed")
            if feed:
                yield page, dict(map(_post, feed))
            cursor = told.get("cursor")
            if not isinstance(cursor, str):
                return
            if cursor in cursors:
                raise Unreachable("the AppView gives the same page again and again")
            cursors.add(cursor)
            params["cursor"] = cursor

    def _profile(self) -> dict[str, Any]:
        told = self.view.ask("app.bsky.actor.getProfile", {"actor": self.settings.account or ""}).object()
        if not isinstance(told.get("did"), str):
            raise Unreachable("an answer of getProfile without an account")
        return told

    def _names(self, profile: dict[str, Any]) -> tuple[str, ...]:
        return (self.settings.account or "", str(profile["did"]), str(profile.get("handle")))


def _post(one: Any) -> tuple[str, str]:
    post = one.get("post") if isinstance(one, dict) else None
    if (
        not isinstance(post, dict)
        or not isinstance(post.get("uri"), str)
        or not isinstance(post.get("cid"), str)
    ):
        raise Unreachable("a feed with something that is no post")
    return post["uri"], post["cid"]
