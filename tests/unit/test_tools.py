"""The registry of servers and tools: what an absent one does to a test."""

import pytest
from _pytest.outcomes import Failed, Skipped

from tests import tools as registry
from tests.tools import Outcome, Tool, Tools


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> Tools:
    monkeypatch.setitem(registry.TOOLS, "nosuch", Tool("nosuch", ("no-such-program",)))
    monkeypatch.delenv("CI", raising=False)
    return Tools()


def test_an_absent_tool_skips_here_and_fails_in_ci(absent: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Skipped):
        absent.need("nosuch")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Failed):
        absent.need("nosuch")
    absent.outcomes["nosuch"] = Outcome("nosuch", False, "Could not resolve host", unreachable=True)
    with pytest.raises(Skipped):
        absent.need("nosuch")
    assert absent.table() == ["nosuch       absent  Could not resolve host"]


def test_a_server_reports_its_version_or_its_reason(absent: Tools) -> None:
    absent.note("server", lambda: "server 1.2")
    assert absent.table() == ["server       ran     server 1.2"]

    def refuse() -> str:
        raise RuntimeError("port taken")

    with pytest.raises(Skipped):
        absent.note("other", refuse)
    assert "other        absent  port taken" in absent.table()
