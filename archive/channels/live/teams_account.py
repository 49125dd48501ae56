"""Whose chats an application reads: it may read those of everybody, so the directory is asked who the account is.

Only where a policy names accounts: then a rule counts under every name that the directory has for a person. Channels
belong to teams, and are judged by the rules for these.
"""

from collections.abc import Iterator
from urllib.parse import quote

from archive.channels.live.graph import Graph, Missing
from archive.errors import Refused
from archive.reading.tree import printable
from archive.sources import Right, SourceSettings

_NAMES = ("id", "userPrincipalName", "mail")


def check_account(graph: Graph, settings: SourceSettings) -> None:
    """Check that no other rule is meant for the account by another of its names.

    Raises:
        Refused: one is, or the directory does not tell its names.
        Unreachable: Graph gives no answer.
    """
    if settings.is_ruled and (names := _names(graph, settings.account or "")):
        settings.check_login(settings.account or "", *names)


def try_account(graph: Graph, settings: SourceSettings) -> Iterator[Right]:
    """Say whether the account may be read by all its names; as ``check_account``, without raising."""
    try:
        check_account(graph, settings)
    except Refused as error:
        yield Right(f"account {printable(settings.account or '')}", given="no", why=str(error))


def _names(graph: Graph, account: str) -> tuple[str, ...]:
    """Give all names of a person; none of what is no person: then there are no chats either."""
    try:
        told = graph.get(f"/users/{quote(account, safe='@:.-_')}?$select={','.join(_NAMES)}").object()
    except Missing as error:
        if str(error).startswith("HTTP 404"):
            return ()
        raise Refused(
            "the policy names accounts, and Graph does not tell under which names this one is known "
            f"({error}): the application needs User.ReadBasic.All"
        ) from None
    return tuple(name for one in _NAMES if isinstance(name := told.get(one), str))
