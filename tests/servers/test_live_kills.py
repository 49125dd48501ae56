"""Real servers, and a collection that dies between any two steps: nothing lost, nothing doubled, each change told."""

import imaplib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.conftest import _cheap_passphrases as _cheap_passphrases
from tests.commandline.conftest import _no_pauses as _no_pauses
from tests.commandline.conftest import archive as archive
from tests.commandline.conftest import beleg as beleg
from tests.kills import SEALING, every_death
from tests.servers.dovecot import ACCOUNT, SECRET, Dovecot
from tests.servers.pds import Pds
from tests.servers.synapse import Synapse
from tests.servers.test_live_imap import box as box
from tests.servers.test_live_imap import put, remove
from tests.servers.test_live_matrix import text

pytestmark = pytest.mark.long


@pytest.fixture
def table(
    beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[Callable[[], None], int], list[tuple[str, str]]]:
    """Collect, let something happen, and die everywhere in the collection of that."""

    def told() -> list[tuple[str, str]]:
        kinds = "channel:email OR channel:matrix OR channel:bluesky"
        hits = beleg("search", kinds, "--json", "--limit", "1000").json["hits"]
        return sorted((hit["event"], hit["text"].strip()) for hit in hits)

    def run(happens: Callable[[], None], least: int) -> list[tuple[str, str]]:
        assert beleg("collect", "werk").code == 0
        happens()
        before = tmp_path / "before"
        shutil.copytree(archive, before)

        def begin() -> None:
            shutil.rmtree(archive)
            shutil.copytree(before, archive)

        begin()
        assert beleg("collect", "werk").code == 0
        truth = told()

        def check(where: str) -> None:
            assert told() == truth, where
            assert beleg("verify", "--level", "1").code == 0, where

        assert every_death(monkeypatch, SEALING, begin, lambda: beleg("collect", "werk"), check) > least
        return truth

    return run


def test_dovecot(
    box: imaplib.IMAP4,
    dovecot: Dovecot,
    beleg: Beleg,
    table: object,
    monkeypatch: pytest.MonkeyPatch,
    archive: Path,
) -> None:
    monkeypatch.setenv("IMAP_SECRET", SECRET)
    assert beleg(
        "source", "add", "werk", "imap", "--url", dovecot.url, "--account", ACCOUNT, "--secret", "env:IMAP_SECRET",
        "--only", "*",
    ).code == 0  # fmt: skip
    draft, wrong, moved = (put(box, "INBOX", n, f"Nummer {n}") for n in (1, 2, 3))

    def happens() -> None:
        remove(box, "INBOX", draft)
        put(box, "INBOX", 1, "Nummer 1, besser")
        remove(box, "INBOX", wrong)
        box.select("INBOX")
        box.uid("MOVE", moved, "Archiv")

    truth = table(happens, 15)  # type: ignore[operator]
    said = {words for event, words in truth if event == "posted"}
    assert said == {"Nummer 1", "Nummer 1, besser", "Nummer 2", "Nummer 3"}
    assert [event for event, _ in truth].count("deleted") == 2, "the moved one is not gone"


def test_synapse(
    synapse: Synapse, beleg: Beleg, table: object, monkeypatch: pytest.MonkeyPatch, archive: Path
) -> None:
    mine, theirs = synapse.user("kills-einkauf"), synapse.user("kills-lieferant")
    room = synapse.ask(theirs, "POST", "createRoom", {"invite": ["@kills-einkauf:localhost"]})["room_id"]
    synapse.ask(mine, "POST", f"join/{room}", {})
    monkeypatch.setenv("MATRIX_TOKEN", mine)
    assert beleg(
        "source", "add", "werk", "matrix", "--url", synapse.url, "--account", "@kills-einkauf:localhost",
        "--secret", "env:MATRIX_TOKEN", "--only", room,
    ).code == 0  # fmt: skip
    price, wrong, _ = (synapse.send(theirs, room, text(f"Nummer {n}")) for n in (1, 2, 3))

    def happens() -> None:
        newer = {
            "m.relates_to": {"rel_type": "m.replace", "event_id": price},
            "m.new_content": text("Besser"),
        }
        synapse.send(theirs, room, text("* Besser", **newer))
        synapse.redact(theirs, room, wrong)
        synapse.send(theirs, room, text("Nummer 4"))

    truth = table(happens, 7)  # type: ignore[operator]
    assert {("posted", f"Nummer {n}") for n in (1, 2, 3, 4)} | {("edited", "Besser")} <= set(truth)
    assert len([event for event, _ in truth if event == "deleted"]) == 1


def test_bluesky(pds: Pds, beleg: Beleg, table: object, archive: Path) -> None:
    account = pds.account("kills")
    assert beleg(
        "source", "add", "werk", "bluesky", "--url", pds.url, "--account", account[0], "--only", "*"
    ).code == 0  # fmt: skip
    price, wrong, _ = (pds.post(account, f"Nummer {n}") for n in (1, 2, 3))

    def happens() -> None:
        pds.edit(account, price, "Besser")
        pds.delete(account, wrong)
        pds.post(account, "Nummer 4")

    truth = table(happens, 8)  # type: ignore[operator]
    assert {("posted", f"Nummer {n}") for n in (1, 2, 3, 4)} | {("edited", "Besser")} <= set(truth)
    assert len([event for event, _ in truth if event == "deleted"]) == 1
