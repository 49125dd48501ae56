"""What was collected and is read again lies where it lay: same account, same conversation, and nobody looked anew."""

from pathlib import Path

import pytest

from archive.channels import CHANNELS
from tests.commandline.conftest import Beleg
from tests.commandline.test_collect_slack import Workspace
from tests.commandline.test_collect_slack import workspace as workspace


@pytest.fixture
def collected(beleg: Beleg, archive: Path, workspace: Workspace) -> Path:
    beleg("source", "add", "werk", "slack", "--account", "Werk", "--secret", "env:SLACK", "--only", "*")
    root = workspace.post("Angebot mit Garantie")
    workspace.post("Antwort", root=root)
    workspace.post("Speiseplan", channel="C0000002")
    assert beleg("collect", "werk").code == 0
    return archive


def read_again(
    beleg: Beleg, monkeypatch: pytest.MonkeyPatch, version: int = 99
) -> list[tuple[str, int, int]]:
    for channel in CHANNELS:
        monkeypatch.setattr(type(channel), "parser", f"{channel.parser.partition('/')[0]}/{version}")
    done = beleg("ingest", "--reparse", "--json")
    assert done.code == 0, (done.out, done.err)
    return [(run["channel"], run["items"], run["seen_again"]) for run in done.json]


def shown(beleg: Beleg) -> list[object]:
    found = beleg("coverage", "--json").json
    names = ("state", "because", "seen", "items", "stretches")
    return [[one[name] for name in names] for one in (*found["threads"], *found["sources"])]


def test_it_stands_once_and_coverage_says_what_it_said(
    beleg: Beleg, collected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, total = shown(beleg), beleg("search", "kind:message", "--json").json["total"]
    assert total == 3
    again = read_again(beleg, monkeypatch)
    assert sum(items for _, items, _ in again) == 0
    assert sum(seen for *_, seen in again) >= 3
    assert beleg("search", "kind:message", "--json").json["total"] == total
    assert shown(beleg) == before
    assert "by the reader of today" in beleg("ingest", "--reparse").out
    assert sum(items for _, items, _ in read_again(beleg, monkeypatch, 100)) == 0, "and a second time"


def test_its_account_is_known_when_its_source_is_there_no_more(
    beleg: Beleg, collected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beleg("source", "remove", "werk")
    assert sum(items for _, items, _ in read_again(beleg, monkeypatch)) == 0
    assert beleg("search", "kind:message", "--json").json["total"] == 3
