"""What all tests share: the registry of servers and tools, and its table at the end."""

import pytest

from tests.tools import Tools

_TOOLS = Tools()


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The registry of servers and tools of this run."""
    return _TOOLS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = _TOOLS.table()
    if lines:
        terminalreporter.section("servers and tools")
        for line in lines:
            terminalreporter.write_line(line)
