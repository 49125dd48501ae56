"""How tests are spread over the workers of one run, and how their tables of servers and tools come together.

A server is started once: every test that asks for it is in the group of that server, and a group stays on one
worker. Tests that share what a module builds stay together too; all others go wherever a worker is free.
The groups of servers wait most and run longest, so they begin first.
"""

from dataclasses import asdict
from typing import Any

import pytest

from tests.tools import Outcome, Tools

SERVERS = ("ceph", "postgresql", "dovecot", "synapse", "pds", "backlot", "mastodon_mock")
_BY_PARAMETER = {"test_s3_": "ceph", "test_catalogue": "postgresql", "test_projection_kill": "postgresql"}
"""How the names of modules begin whose tests ask for a server only when they run."""


def spread(items: list[pytest.Item]) -> None:
    """Mark and order the tests."""
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_rank)


def _group(item: pytest.Item) -> str | None:
    known: dict[str, Any] = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    for server in SERVERS:
        if server in known:
            return server
    for start, server in _BY_PARAMETER.items():
        if item.path.name.startswith(start):
            return server
    scopes = {definition.scope for definitions in known.values() for definition in definitions}
    return str(item.path) if scopes & {"module", "package"} else None


def _rank(item: pytest.Item) -> int:
    mark = item.get_closest_marker("xdist_group")
    group = mark.args[0] if mark else None
    return SERVERS.index(group) if group in SERVERS else len(SERVERS)


def hand_over(tools: Tools, output: dict[str, Any]) -> None:
    """Give the table of a worker to the run that it belongs to."""
    output["tools"] = [asdict(outcome) for outcome in tools.outcomes.values()]


def take_over(tools: Tools, output: dict[str, Any]) -> None:
    """Take the table of a worker: what ran anywhere ran."""
    for row in output.get("tools", []):
        outcome = Outcome(**row)
        if outcome.ran or outcome.name not in tools.outcomes:
            tools.outcomes[outcome.name] = outcome
