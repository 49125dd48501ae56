"""Bad input and wrong commands: one clear line, the right exit code, nothing harmed, never a traceback."""

import zipfile
from pathlib import Path

import pytest

from tests.commandline.conftest import CHAT, Beleg


def _png(file: Path) -> None:
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


def _cut_zip(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as whole:
        whole.writestr("_chat.txt", CHAT)
    file.write_bytes(file.read_bytes()[:60])


def _bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("_chat.txt", b" " * (64 << 20))


BAD = {
    "picture.txt": (_png, "not recognised"),
    "empty.txt": (lambda file: file.write_bytes(b""), "empty"),
    "cut.zip": (_cut_zip, "cut off"),
    "bomb.zip": (_bomb, "ratio"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, name: str) -> None:
    make, word = BAD[name]
    make(tmp_path / name)
    done = beleg("ingest", tmp_path / name, chat)
    assert done.code == 3
    assert word in done.err
    assert name in done.err, "which of the inputs it was"
    assert len(done.err.strip().splitlines()) == 1
    assert "Traceback" not in done.err
    assert beleg("search", "garantie", "--json").json["total"] == 1, "the other file of the run is in"
    [run, _] = beleg("ingest", tmp_path / name, chat, "--json").json
    assert run["units"] == run["read"] + run["failed"] + run["excluded"] == 1
    assert run["files"][0]["capture"], "the bytes are kept"
    assert beleg("verify", "--level", "2").code == 0


def test_a_traversal_name_leads_nowhere(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as file:
        file.writestr("../../../evil.txt", "x")
        file.writestr("_chat.txt", CHAT)
    done = beleg("ingest", tmp_path / "x.zip", "--json")
    assert done.code == 3
    assert done.json[0]["items"] == 3
    assert not list(tmp_path.parent.rglob("evil.txt"))


def test_invalid_utf8_is_read_and_kept(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "chat.txt"
    file.write_bytes(CHAT.encode() + b"[03.02.25, 09:17:00] Anna: kaputt \xff\xfe \xc3 ende\n")
    done = beleg("ingest", file, "--json")
    assert (done.code, done.json[0]["items"]) == (0, 4)
    number = beleg("search", "kaputt", "--json").json["hits"][0]["number"]
    assert beleg("show", number, "--raw").code == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("ingest", "nowhere.txt"), "nothing at"),
        (("ingest", "{chat}", "--channel", "telegraf"), "no channel"),
        (("ingest", "{chat}", "--timezone", "Mond/Mare"), "not a time zone"),
        (("search", "a OR b c"), "bracket"),
        (("search", 'x AND "offen'), "quot"),
        (("show", "99999"), "no item"),
        (("show", "0"), "no item"),
        (("matter", "show", "M-9"), "no matter"),
        (("matter", "add", "M-9", "6"), "M-9"),
        (("hold", "place", "M-1", "--reason", "x", "--review", "morgen"), "not a date"),
        (("hold", "release", "H-1", "--reason", "x"), "no hold"),
        (("export", "M-1"), "--out"),
        (("export", "--again", "E-7", "--out", "{tmp}/x"), "no production"),
        (("rebuild", "everything"), "cannot be rebuilt"),
        (("party", "add", "X", "--account", "nur-eins"), "CHANNEL:ID"),
        (("person", "add", "X", "--role", "king"), "not a role"),
        (("verify", "--key", "nonsense"), "verifier key"),
    ],
)
def test_wrong_commands_exit_2(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path, arguments: tuple[str, ...], word: str
) -> None:
    done = beleg(*(argument.format(chat=chat, tmp=tmp_path) for argument in arguments))
    assert done.code == 2, (done.out, done.err)
    assert word in done.err
    assert "Traceback" not in done.err


def test_no_archive_exits_2(beleg: Beleg, tmp_path: Path) -> None:
    done = beleg("status", "--archive", tmp_path)
    assert done.code == 2
    assert "beleg init" in done.err


def test_init_twice_changes_nothing(beleg: Beleg, archive: Path) -> None:
    before = {f: f.read_bytes() for f in archive.rglob("*") if f.is_file()}
    assert beleg("init", archive).code == 2
    assert {f: f.read_bytes() for f in archive.rglob("*") if f.is_file()} == before


def test_unknown_settings_are_refused(beleg: Beleg, archive: Path) -> None:
    toml = archive / "beleg.toml"
    toml.write_text('pasphrase = "env:X"\n' + toml.read_text())
    done = beleg("status")
    assert done.code == 2
    assert "pasphrase" in done.err


def test_a_passphrase_is_never_written_into_settings(beleg: Beleg, archive: Path) -> None:
    toml = archive / "beleg.toml"
    toml.write_text('passphrase = "geheim"\n' + toml.read_text())
    done = beleg("status")
    assert done.code == 2
    assert "geheim" not in done.err


def test_a_wrong_passphrase_exits_5(beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEG_PASSPHRASE", "wrong")
    done = beleg("search", "x")
    assert done.code == 5
    assert "wrong" not in done.err
    monkeypatch.delenv("BELEG_PASSPHRASE")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert beleg("search", "x").code == 2


def test_verify_exits_3_on_a_changed_byte_and_names_the_record(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    beleg("ingest", chat)
    segment = sorted((archive / "places" / "archive" / "segments").iterdir())[-1]
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.chmod(0o600)
    segment.write_bytes(data)
    done = beleg("verify")
    assert done.code == 3
    assert "NOT INTACT" in done.out
    assert str(int(segment.name[:20])) in done.out


def test_verify_exits_4_when_a_place_is_gone(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    (archive / "places" / "control").rename(archive / "places" / "elsewhere")
    done = beleg("verify")
    assert done.code == 4
    assert "INTACT:" not in done.out


def test_an_outside_head_shows_what_was_cut_off(
    beleg: Beleg, archive: Path, chat: Path, tmp_path: Path
) -> None:
    """A ledger cut back to an older checkpoint of its own passes every check but this one."""
    places = archive / "places"
    before = {f: f.read_bytes() for f in places.rglob("*") if f.is_file()}
    beleg("ingest", chat)
    head = tmp_path / "head.note"
    head.write_bytes(sorted((places / "archive" / "checkpoints").iterdir())[-1].read_bytes())
    assert beleg("verify", "--head", head).code == 0
    for file in [f for f in places.rglob("*") if f.is_file()]:
        if file not in before:
            file.unlink()
    assert beleg("verify").code == 0, "the cut itself cannot be seen from inside"
    done = beleg("verify", "--head", head)
    assert done.code == 3
    assert "rolled back" in done.out


@pytest.mark.parametrize("name", ["catalogue.sqlite", "seen.sqlite"])
def test_a_damaged_projection_is_told_and_rebuilt(beleg: Beleg, archive: Path, chat: Path, name: str) -> None:
    beleg("ingest", chat)
    for file in (archive / "workspace").glob(f"{name}*"):
        file.unlink()
    (archive / "workspace" / name).write_bytes(b"this is no database" * 100)
    done = beleg("search", "garantie", "--json")
    if name == "catalogue.sqlite":
        assert done.code == 4
        assert "beleg rebuild catalogue" in done.err
        assert beleg("rebuild", "catalogue").code == 0
    assert beleg("search", "garantie", "--json").json["total"] == 1
    [run] = beleg("ingest", chat, "--json").json
    assert (run["items"], run["seen_again"]) == (0, 3)


def test_one_damaged_record_does_not_hide_the_others(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """The object of an attachment is gone: the item is damaged, all others are found."""
    picture = tmp_path / "scan.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    file.write_text(CHAT + "[03.02.25, 09:18:00] Anna: lang " + "wort " * 70_000 + "\n", encoding="utf-8")
    assert beleg("ingest", file).code == 0
    for stored in (archive / "places" / "archive" / "objects").rglob("*"):
        if stored.is_file():
            stored.unlink()
    done = beleg("search", "garantie", "--json")
    assert done.json["total"] == 1
    beleg("rebuild")
    assert beleg("search", "garantie", "--json").json["total"] == 1
    assert beleg("verify").code == 3


def test_projections_ahead_of_the_ledger_are_refused(beleg: Beleg, archive: Path, chat: Path) -> None:
    places = archive / "places"
    before = {f for f in places.rglob("*") if f.is_file()}
    beleg("ingest", chat)
    for file in [f for f in places.rglob("*") if f.is_file()]:
        if file not in before:
            file.unlink()
    done = beleg("search", "garantie")
    assert done.code == 5, "this host has seen more than the control place shows"
    (archive / "workspace" / "state.json").unlink()
    done = beleg("search", "garantie")
    assert done.code == 4
    assert "beleg rebuild" in done.err


@pytest.mark.parametrize(
    "line",
    ["serch x", "search --lmit 3", "show abc", "search a b c", "matter opn", "hold place", "export --out"],
)
def test_a_wrong_command_line_is_told_in_one_line(beleg: Beleg, line: str) -> None:
    done = beleg(*line.split())
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert done.err.startswith("beleg: ")
    assert "--help`" in done.err


def test_a_command_that_is_stopped_says_so(
    beleg: Beleg, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("archive.services.status.status", stop)
    done = beleg("status")
    assert (done.code, done.err) == (4, "beleg: stopped; what was committed stays\n")


def test_an_empty_passphrase_file_is_not_passed_over(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """Whoever names a file means it: the environment must not stand in for it unseen."""
    (tmp_path / "empty").write_text("\n")
    done = beleg("status", "--passphrase-file", tmp_path / "empty")
    assert (done.code, "is empty" in done.err) == (2, True)


def test_rebuilding_answers_a_machine_with_names(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat)
    answer = beleg("rebuild", "--json").json
    assert (
        set(answer) == {"catalogue", "index", "seen", "texts"} & set(answer) >= {"catalogue", "index", "seen"}
    )
    assert "catalogue, records replayed: " in beleg("rebuild").out


@pytest.mark.parametrize("place", ["places/archive", "places/vault-copy", "keys", "workspace"])
def test_nothing_is_written_into_the_places(beleg: Beleg, archive: Path, chat: Path, place: str) -> None:
    """What no record names there would be a finding for ever."""
    beleg("ingest", chat)
    beleg("matter", "open", "Pumpe", "--reason", "Klage")
    beleg("matter", "add", "M-1", "--search", "garantie")
    size, out = beleg("status", "--json").json["size"], archive / place / "new"
    for command in (
        ("export", "M-1", "--out", out),
        ("review", "out", "M-1", "--out", out),
        ("proof", "item", "7", "--out", out),
        ("proof", "tiles", "--out", out),
        ("proof", "head", "--out", out),
        ("search", "garantie", "--csv", out),
    ):
        done = beleg(*command)
        assert (done.code, "archive's own" in done.err) == (2, True), (command, done.err)
        assert not out.exists()
    assert beleg("status", "--json").json["size"] == size
    assert beleg("verify").code == 0
    assert beleg("export", "M-1", "--out", archive / "bundles" / "M-1").code == 0, "beside them there is room"


@pytest.mark.parametrize("damage", [b"garbage", b"", b'{"format":"beleg/key-file/v1"}'])
def test_a_key_file_that_is_none_is_named(beleg: Beleg, archive: Path, damage: bytes) -> None:
    file = archive / "keys" / "legal.key"
    file.chmod(0o600)
    file.write_bytes(damage)
    done = beleg("search", "garantie")
    assert (done.code, str(file) in done.err) == (2, True)
