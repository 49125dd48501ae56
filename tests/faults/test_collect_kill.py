"""A collection that dies between any two steps: the next one loses nothing, doubles nothing, and tells each change."""

import shutil
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.conftest import _cheap_passphrases as _cheap_passphrases
from tests.commandline.conftest import _no_pauses as _no_pauses
from tests.commandline.conftest import archive as archive
from tests.commandline.conftest import beleg as beleg
from tests.commandline.test_collect_mastodon import Server
from tests.commandline.test_collect_mastodon import server as server
from tests.kills import SEALING, WRITING, every_death


def table(
    beleg: Beleg,
    archive: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    steps: object,
) -> int:
    assert beleg(
        "source", "add", "werk", "mastodon", "--url", "https://social.example", "--account", "werk",
        "--secret", "env:TOKEN", "--only", "statuses",
    ).code == 0  # fmt: skip
    for number in range(1, 4):
        server.post(number, f"Nummer {number}")
    assert beleg("collect", "werk").code == 0
    server.edit(1, "Nummer 1, besser")
    del server.posts["2"]
    server.post(4, "Nummer 4")
    before = tmp_path / "before"
    shutil.copytree(archive, before)

    def begin() -> None:
        shutil.rmtree(archive)
        shutil.copytree(before, archive)

    def told() -> list[tuple[str, str, bool]]:
        hits = beleg("search", "channel:mastodon", "--json").json["hits"]
        return sorted((hit["event"], hit["text"], hit["deleted"]) for hit in hits)

    begin()
    assert beleg("collect", "werk").code == 0
    truth = told()
    words = {(event, said) for event, said, _ in truth}
    assert {("posted", f"Nummer {number}") for number in range(1, 5)} <= words
    assert ("edited", "Nummer 1, besser") in words
    assert [said for event, said, gone in truth if gone and event == "posted"] == ["Nummer 2"]
    assert [event for event, *_ in truth].count("deleted") == 1

    def check(where: str) -> None:
        assert told() == truth, where
        if steps is WRITING or where == "nobody died":
            assert beleg("verify", "--level", "1").code == 0, where
            assert beleg("collect", "werk", "--json").json[0]["items"] == 0, where

    return every_death(monkeypatch, steps, begin, lambda: beleg("collect", "werk"), check)  # type: ignore[arg-type]


def test_between_any_two_steps(
    beleg: Beleg, archive: Path, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert table(beleg, archive, server, monkeypatch, tmp_path, SEALING) > 20


@pytest.mark.long
def test_between_any_two_writes(
    beleg: Beleg, archive: Path, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert table(beleg, archive, server, monkeypatch, tmp_path, WRITING) > 60
