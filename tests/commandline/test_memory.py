"""The state file of a host saves time; it can cost time, and never hides anything."""

import json
import shutil
from hashlib import sha256
from pathlib import Path

from tests.commandline.conftest import CHAT, Beleg


def forge(file: Path, change: object) -> None:
    """Rewrite the state file as somebody would who can write it and has no key: digest and all."""
    head, _, data = file.read_bytes().partition(b"\n")
    state = json.loads(data)
    change(state)  # type: ignore[operator]
    data = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    seal = {**json.loads(head), "sha256": sha256(data).hexdigest()}
    file.write_bytes(json.dumps(seal, sort_keys=True, separators=(",", ":")).encode() + b"\n" + data)


def test_a_forged_state_file_hides_no_hold(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("hold", "place", "M-1", "--channel", "whatsapp", "--reason", "Klage", "--review", "2099-06-30")
    forge(archive / "workspace" / "state.json", lambda state: state["special"].pop("hold"))
    assert [hold["id"] for hold in beleg("hold", "list", "--json").json] == ["H-1"]


def test_a_forged_position_is_not_written_on(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)

    def later(state: dict[str, list[list[object]]]) -> None:
        for row in state["positions"]:
            row[1] = int(str(row[1])) + 1

    forge(archive / "workspace" / "state.json", later)
    chat.write_text(CHAT + "[03.02.25, 09:20:00] Lieferant: Bis Freitag\n", encoding="utf-8")
    assert beleg("ingest", chat).code == 0
    assert beleg("verify", "--level", "2").code == 0


def test_a_state_file_of_earlier_is_walked_on_from(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    file = archive / "workspace" / "state.json"
    earlier = file.read_bytes()
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    file.write_bytes(earlier)
    assert beleg("matter", "open", "Zweite", "--reason", "Klage", "--json").json["id"] == "M-2"
    assert beleg("verify", "--level", "2").code == 0


def test_a_ledger_that_was_cut_is_not_appended_to_where_the_memory_is_lost(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    """The catalogue knew more records; it was told after others stood in their place."""
    beleg("ingest", chat)
    places = archive / "places"
    shutil.copytree(places, tmp_path / "earlier")
    chat.write_text(CHAT + "[03.02.25, 09:20:00] Lieferant: Bis Freitag\n", encoding="utf-8")
    beleg("ingest", chat)
    shutil.rmtree(places)
    (tmp_path / "earlier").rename(places)
    (archive / "workspace" / "state.json").unlink()
    before = sorted(file for file in places.rglob("*") if file.is_file())
    done = beleg("ingest", chat)
    assert (done.code, "belong to another ledger or to a later state" in done.err) == (4, True), done.err
    assert sorted(file for file in places.rglob("*") if file.is_file()) == before


def test_nor_where_it_has_grown_to_the_same_size_again(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    """As long as what the catalogue knows, and another history: it was told after the append."""
    beleg("ingest", chat)
    shutil.copytree(archive, tmp_path / "earlier")
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("search", "garantie")
    assert beleg("--archive", tmp_path / "earlier", "ingest", _more(chat)).code == 0
    shutil.rmtree(archive / "places")
    (tmp_path / "earlier" / "places").rename(archive / "places")
    (archive / "workspace" / "state.json").unlink()
    before = sorted(file for file in (archive / "places").rglob("*") if file.is_file())
    done = beleg("ingest", chat)
    assert (done.code, "another history of this one" in done.err) == (4, True), done.err
    assert sorted(file for file in (archive / "places").rglob("*") if file.is_file()) == before


def _more(chat: Path) -> Path:
    chat.write_text(
        CHAT + "".join(f"[04.02.25, 09:{n}:00] Lieferant: Ja {n}\n" for n in range(10, 40)), encoding="utf-8"
    )
    return chat
