"""Live sources: one file a kind. What they fetch is read by the readers of exports."""

from collections.abc import Callable

from archive.channels.live.feed import FeedSource
from archive.channels.live.imap import ImapSource
from archive.channels.live.mastodon import MastodonSource
from archive.channels.live.matrix import MatrixSource
from archive.channels.live.web import Web
from archive.sources import LiveSource, SourceSettings

__all__ = ["KINDS", "open_source"]

Factory = Callable[[SourceSettings, str | None], LiveSource]


def _feed(settings: SourceSettings, secret: str | None) -> LiveSource:
    return FeedSource(settings, Web(timeout=settings.timeout, bearer=secret))


def _matrix(settings: SourceSettings, secret: str | None) -> LiveSource:
    return MatrixSource(settings, Web(timeout=settings.timeout, bearer=secret))


def _mastodon(settings: SourceSettings, secret: str | None) -> LiveSource:
    return MastodonSource(settings, Web(timeout=settings.timeout, bearer=secret))


def _imap(settings: SourceSettings, secret: str | None) -> LiveSource:
    return ImapSource(settings, secret or "")


KINDS: dict[str, Factory] = {"feed": _feed, "imap": _imap, "mastodon": _mastodon, "matrix": _matrix}


def open_source(settings: SourceSettings, secret: str | None) -> LiveSource:
    """Open a source of the settings; ``secret`` is what its reference names."""
    return KINDS[settings.kind](settings, secret)
