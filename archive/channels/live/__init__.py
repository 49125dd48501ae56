"""Live sources: one file a kind. What they fetch is read by the readers of exports."""

import time
from collections.abc import Callable

from archive.channels.live.bluesky import BlueskySource
from archive.channels.live.bluesky_feed import BlueskyFeedSource
from archive.channels.live.feed import FeedSource
from archive.channels.live.graph import Graph, client_credentials
from archive.channels.live.imap import ImapSource
from archive.channels.live.mastodon import MastodonSource
from archive.channels.live.matrix import MatrixSource
from archive.channels.live.slack import SlackSource
from archive.channels.live.teams import TeamsSource
from archive.channels.live.web import Web
from archive.errors import SettingsError
from archive.sources import LiveFacts, LiveSource, SourceSettings

__all__ = ["KINDS", "live_facts", "open_source"]

_Class = type[
    BlueskySource
    | BlueskyFeedSource
    | FeedSource
    | ImapSource
    | MastodonSource
    | MatrixSource
    | SlackSource
    | TeamsSource
]
KINDS: tuple[_Class, ...] = (
    ImapSource,
    MatrixSource,
    MastodonSource,
    BlueskySource,
    BlueskyFeedSource,
    FeedSource,
    SlackSource,
    TeamsSource,
)


def live_facts() -> dict[str, LiveFacts]:
    """Give what each kind of source says of itself."""
    return {kind.kind: kind.facts for kind in KINDS}


def open_source(
    settings: SourceSettings, secret: str | None, sleep: Callable[[float], None] = time.sleep
) -> LiveSource:
    """Open a source of the settings; ``secret`` is what its reference names, ``sleep`` how it waits.

    Raises:
        SettingsError: what the reference names cannot be a token.
    """
    if settings.kind == "imap":
        return ImapSource(settings, secret or "")
    if secret is not None and not (secret and secret.isascii() and secret.isprintable()):
        raise SettingsError(
            f"{settings.secret}: this is no token: it is empty, or holds characters that none has"
        )
    web = Web(timeout=settings.timeout, bearer=secret, sleep=sleep)
    if settings.kind == "teams":
        web.bearer = None  # the secret is the application's, and goes to whoever gives tokens alone
        token = client_credentials(
            web, settings.login, settings.tenant or "", settings.client or "", secret or ""
        )
        return TeamsSource(settings, Graph(settings.url, web, token))
    kind = next(kind for kind in KINDS if kind.kind == settings.kind)
    return kind(settings, web)  # type: ignore[arg-type]  # all that are left take the web client
