"""What all tests share: the registry of servers and tools, its table at the end, and the servers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.ceph import PACKAGES, Ceph
from tests.servers.dovecot import PACKAGES as DOVECOT_PACKAGES
from tests.servers.dovecot import PROGRAM, Dovecot
from tests.servers.emulation import Backlot, MastodonMock
from tests.servers.newer_ceph import NewerCeph
from tests.servers.pds import Pds
from tests.servers.postgresql import PACKAGES as POSTGRESQL_PACKAGES
from tests.servers.postgresql import PostgreSQL, programs
from tests.servers.synapse import Synapse
from tests.spread import hand_over, spread, take_over
from tests.tools import Tools, install

_TOOLS = Tools()


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The registry of servers and tools of this run."""
    return _TOOLS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ceph", choices=["stable", "newer"], default="stable", help="which S3 server is asked")


@pytest.fixture(scope="session")
def ceph(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ceph]:
    """A real S3 server of Debian's packages, on 127.0.0.1, for the whole run."""
    folder = tmp_path_factory.mktemp("ceph")
    newer = NewerCeph(folder / "cluster", folder / "system")
    moves = request.config.getoption("--ceph") == "newer"
    server = newer if moves else Ceph(folder / "cluster")

    def start() -> str:
        if moves:
            newer.build()
            return newer.start()
        if Ceph.missing():
            answer = install(PACKAGES)
            if missing := Ceph.missing():
                raise RuntimeError(f"{', '.join(missing)} not there; the installer says: {answer}")
        try:
            return server.start()
        except RuntimeError as error:  # no skipping: what the project promises of S3 would go untested
            raise AssertionError(f"Ceph is installed, and does not start: {error}") from error

    try:
        _TOOLS.note("newer ceph" if moves else "ceph", start, right=moves)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A real PostgreSQL of Debian's packages, for the whole run."""
    server = PostgreSQL()

    def start() -> str:
        answer = "" if programs() else install(POSTGRESQL_PACKAGES)
        if programs() is None:
            raise RuntimeError(f"the server is not there; the installer says: {answer}")
        return server.start()

    try:
        _TOOLS.note("postgresql", start)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real IMAP server of Debian's packages, for the whole run."""
    server = Dovecot()

    def start() -> str:
        answer = "" if Path(PROGRAM).exists() else install(DOVECOT_PACKAGES)
        if not Path(PROGRAM).exists():
            raise RuntimeError(f"the server is not there; the installer says: {answer}")
        return server.start()

    try:
        _TOOLS.note("dovecot", start)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def synapse() -> Iterator[Synapse]:
    """A real Matrix home server, for the whole run."""
    server = Synapse()
    try:
        _TOOLS.note("synapse", server.start)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    """A real Bluesky server, for the whole run."""
    server = Pds()
    try:
        _TOOLS.note("bluesky", server.start)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def backlot() -> Iterator[Backlot]:
    """An emulation of Slack, for the whole run."""
    server = Backlot()
    try:
        _TOOLS.note("backlot", server.start)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def mastodon_mock() -> Iterator[MastodonMock]:
    """An emulation of Mastodon, for the whole run."""
    server = MastodonMock()
    try:
        _TOOLS.note("mastodon-mock", server.start)
        yield server
    finally:
        server.stop()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark the tests before anybody else looks at the marks."""
    spread(items)
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        hand_over(_TOOLS, session.config.workeroutput)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    take_over(_TOOLS, getattr(node, "workeroutput", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = _TOOLS.table()
    if lines:
        terminalreporter.section("servers and tools")
        for line in lines:
            terminalreporter.write_line(line)
