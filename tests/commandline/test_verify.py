"""The auditor's walk by the command line: several processes, going on, challenges, reports, roles."""

import shutil
from pathlib import Path

import pytest

from tests.commandline.conftest import CHAT, Beleg

FACTS = ("size", "root", "segments", "objects", "opened", "checkpoints", "sealed_size", "findings")


def _more(chat: Path, count: int) -> None:
    lines = [f"[03.02.25, 10:{n // 60:02}:{n % 60:02}] Anna: Zeile {n}\n" for n in range(count)]
    chat.write_text(CHAT + "".join(lines), encoding="utf-8")


@pytest.mark.parametrize("level", [0, 1, 2])
def test_several_processes_say_what_one_says(beleg: Beleg, archive: Path, chat: Path, level: int) -> None:
    for count in (1, 40, 90):
        _more(chat, count)
        beleg("ingest", chat)
    alone = beleg("verify", "--level", level, "--processes", "1", "--json")
    several = beleg("verify", "--level", level, "--processes", "2", "--json")
    assert (alone.code, several.code) == (0, 0), several.out
    assert {name: alone.json[name] for name in FACTS} == {name: several.json[name] for name in FACTS}
    victim = max(
        (archive / "places" / "archive" / "segments").iterdir(), key=lambda file: file.stat().st_size
    )
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.chmod(0o600)
    victim.write_bytes(bytes(data))
    alone = beleg("verify", "--level", level, "--processes", "1", "--json")
    several = beleg("verify", "--level", level, "--processes", "2", "--json")
    assert (alone.code, several.code) == (3, 3)
    assert {name: alone.json[name] for name in FACTS} == {name: several.json[name] for name in FACTS}


def test_going_on_from_an_earlier_verification(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    state = tmp_path / "auditor.state"
    beleg("ingest", chat)
    first = beleg("verify", "--since", state, "--json").json
    assert (first["since"], first["findings"]) == (0, [])
    yesterday = tmp_path / "yesterday"
    shutil.copytree(archive, yesterday)
    _more(chat, 20)
    beleg("ingest", chat)
    kept = state.read_bytes()
    second = beleg("verify", "--since", state, "--json")
    assert second.code == 0, second.out
    assert second.json["since"] == first["size"]
    assert second.json["root"] == beleg("verify", "--json").json["root"]
    assert "not read again" in beleg("verify", "--since", state).out

    cut = beleg("verify", yesterday, "--since", state, "--json")
    assert cut.code == 3
    assert {f["kind"] for f in cut.json["findings"]} >= {"rolled_back"}
    chat.write_text(CHAT + "[03.02.25, 11:00:00] Anna: anders\n", encoding="utf-8")
    beleg("ingest", chat, "--archive", yesterday)
    state.write_bytes(kept)
    assert beleg("verify", yesterday, "--since", state).code == 0, "both grew from the same beginning"
    state.write_text("rubbish")
    assert beleg("verify", "--since", state).code == 2


def test_a_forked_beginning_is_seen_from_the_kept_state(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    shutil.copytree(archive, empty)
    beleg("ingest", chat)
    beleg("verify", "--since", tmp_path / "state")
    chat.write_text(CHAT.replace("fünf", "zwei"), encoding="utf-8")
    beleg("ingest", chat, "--archive", empty)
    forked = beleg("verify", empty, "--since", tmp_path / "state", "--json")
    assert forked.code == 3
    assert "fork" in {f["kind"] for f in forked.json["findings"]}


def _draws(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("Challenge")]


def test_a_challenge_draws_the_same_for_both_and_only_one_can_open(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    _more(chat, 30)
    beleg("ingest", chat)
    legal = beleg("verify", "--challenge", "5", "--seed", "Würfel 4711", "--json")
    assert legal.code == 0, legal.out
    assert [opened for _, opened in legal.json["challenged"]] == [True] * 5
    assert "Zeile" not in legal.out
    auditor = tmp_path / "auditor"
    shutil.copytree(archive, auditor)
    for file in (auditor / "keys").iterdir():
        if file.name != "auditor.key":
            file.unlink()
    drawn = beleg("verify", auditor, "--challenge", "5", "--seed", "Würfel 4711", "--json")
    assert [index for index, _ in drawn.json["challenged"]] == [
        index for index, _ in legal.json["challenged"]
    ]
    assert None in [opened for _, opened in drawn.json["challenged"]]
    assert drawn.code == 4
    beleg("proof", "head", "--out", tmp_path / "known.note")
    before = beleg("verify", "--challenge", "5", "--seed", "W", "--head", tmp_path / "known.note")
    chat.write_text(
        chat.read_text(encoding="utf-8") + "[03.02.25, 23:20:00] Lieferant: noch eins\n", encoding="utf-8"
    )
    beleg("ingest", chat)
    after = beleg("verify", "--challenge", "5", "--seed", "W", "--head", tmp_path / "known.note")
    assert _draws(before.out) == _draws(after.out) != []
    assert "of the newest outside head" in after.out
    assert _draws(after.out) != _draws(beleg("verify", "--challenge", "5", "--seed", "W").out)
    other = beleg("verify", "--challenge", "5", "--seed", "Würfel 4712", "--json").json["challenged"]
    assert other != legal.json["challenged"]


def test_the_auditors_role_is_enough(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> None:
    beleg("ingest", chat)
    shutil.rmtree(archive / "keys")
    (archive / "keys").mkdir()
    shutil.rmtree(archive / "workspace")
    assert beleg("verify", "--report", tmp_path / "r.html", "--since", tmp_path / "s").code == 0
    assert beleg("proof", "head", "--out", tmp_path / "h.note").code == 0
    assert beleg("verify", "--head", tmp_path / "h.note").code == 0
    assert beleg("proof", "tiles", "--out", tmp_path / "tiles").code == 0
    refused = beleg("proof", "item", "3", "--out", tmp_path / "3.proof")
    assert (refused.code, "--bare" in refused.err) == (5, True), "who has no key is told what goes without"
    assert beleg("proof", "item", "3", "--bare", "--out", tmp_path / "3.proof").code == 0


def test_the_page_is_whole_and_harmless(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path) -> None:
    beleg("ingest", chat)
    hostile = archive / "places" / "archive" / "<script>alert(1)<"
    hostile.mkdir()
    (hostile / "x").write_text("x")
    assert beleg("verify", "--report", tmp_path / "r.html").code == 3
    page = (tmp_path / "r.html").read_text()
    assert "NOT INTACT" in page
    assert "NO TIME PROOF" in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http://" not in page
    assert "https://" not in page


FILES = {
    "report": ("verify", "--report"),
    "state": ("verify", "--since"),
    "coverage": ("coverage", "--page"),
    "proof": ("proof", "item", "3", "--bare", "--out"),
    "policy": ("policy", "hand-out"),
}
"""Commands that write the file that is named last."""


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("place", ["archive", "control", "vault", "vault-copy"])
def test_no_command_writes_into_the_places(beleg: Beleg, archive: Path, what: str, place: str) -> None:
    file = archive / "places" / place / "paper"
    done = beleg(*FILES[what], file)
    assert (done.code, "the archive's own" in done.err, file.exists()) == (2, True, False)


@pytest.mark.parametrize("what", FILES)
def test_no_command_writes_over_another_file_or_into_no_folder(
    beleg: Beleg, archive: Path, tmp_path: Path, what: str
) -> None:
    head = tmp_path / "head.note"
    assert beleg("proof", "head", "--out", head).code == 0
    kept = head.read_bytes()
    assert beleg(*FILES[what], head).code == 2
    assert head.read_bytes() == kept
    missing = beleg(*FILES[what], tmp_path / "nowhere" / "file")
    assert (missing.code, "is no folder" in missing.err) == (2, True)


def test_the_proof_for_foreign_tools_is_not_written_over_another_file(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    (tmp_path / "3.proof.tlog-proof").write_text("of somebody")
    assert beleg("proof", "item", "1", "--bare", "--out", tmp_path / "3.proof").code == 2
    assert not (tmp_path / "3.proof").exists()
    assert beleg("proof", "tiles", "--out", tmp_path / "3.proof.tlog-proof").code == 2
    assert (tmp_path / "3.proof.tlog-proof").read_text() == "of somebody"


def test_a_full_disk_does_not_swallow_the_answer(
    beleg: Beleg, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("archive.ledger.resume.Resume.to_bytes", full)
    done = beleg("verify", "--since", tmp_path / "state", "--report", tmp_path / "r.html")
    assert (done.code, "INTACT" in done.out, "No space left" in done.err) == (2, True, True)
    assert "INTACT" in (tmp_path / "r.html").read_text()


def test_the_state_of_another_archive_than_the_settings_mean_is_not_kept(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    beleg("init", tmp_path / "other")
    shutil.rmtree(archive / "places")
    shutil.copytree(tmp_path / "other" / "places", archive / "places")
    done = beleg("verify", "--since", tmp_path / "state")
    assert (done.code, "the settings of this host name" in done.out) == (3, True)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    "option", [("--level", "2"), ("--challenge", "3"), ("--since", "x"), ("--report", "y")]
)
def test_what_a_proof_cannot_be_asked_is_refused(
    beleg: Beleg, archive: Path, tmp_path: Path, option: tuple[str, str]
) -> None:
    assert beleg("proof", "item", "1", "--bare", "--out", tmp_path / "1.proof").code == 0
    assert beleg("verify", tmp_path / "1.proof").code == 0
    done = beleg("verify", tmp_path / "1.proof", *option)
    assert (done.code, option[0] in done.err) == (2, True)


def test_a_later_verification_that_goes_deeper_begins_anew(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    beleg("ingest", chat)
    assert beleg("verify", "--level", "0", "--since", tmp_path / "state").code == 0
    deeper = beleg("verify", "--level", "2", "--since", tmp_path / "state")
    assert (deeper.code, "level 0" in deeper.err) == (2, True)


def test_the_page_says_the_window_and_what_was_drawn(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    beleg("ingest", chat)
    beleg("proof", "head", "--out", tmp_path / "head.note")
    state = tmp_path / "state"
    assert beleg("verify", "--since", state).code == 0
    given = ("--since", state, "--head", tmp_path / "head.note", "--challenge", "3", "--seed", "x")
    assert beleg("verify", *given, "--report", tmp_path / "r.html").code == 0
    page = (tmp_path / "r.html").read_text()
    assert "could have been cut off unseen" in page
    assert "unknown" not in page
    assert "records were drawn by the seed &#x27;x&#x27;: 3 open to what was committed (" in page


def test_names_from_outside_turn_nothing_round_on_the_page(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    head = tmp_path / "a\u202eb\x1bc<b>.note"
    head.write_bytes(b"no head")
    assert beleg("verify", "--head", head, "--report", tmp_path / "r.html").code == 4
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "a⟨U+202E⟩b⟨U+001B⟩c&lt;b&gt;.note" in page
    assert not set(page) & {"\u202e", "\x1b"}
    assert beleg("verify", "--seed", "x").code == 2, "a seed draws nothing by itself"
