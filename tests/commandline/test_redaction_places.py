"""Withheld words in where something lay, in addresses, and in codes of letters within a text."""

import base64
import binascii
import json
import zipfile
from pathlib import Path

from tests.commandline.conftest import Beleg
from tests.commandline.test_redaction import found, mail, tells
from tests.commandline.test_redaction_units import chosen, withheld

WORD = "Bernsteinkonzern"


def slack(folder: Path) -> None:
    """A workspace in which a channel, and with it a folder, is called by the word."""
    users = [{"id": "U0000001", "name": "anna", "profile": {"real_name": "Anna"}}]
    channels = [
        {"id": f"C{n}", "name": name, "created": 1, "members": ["U0000001"]}
        for n, name in enumerate(("allgemein", "bernsteinkonzern"))
    ]
    with zipfile.ZipFile(folder / "Slack.zip", "w") as out:
        out.writestr("users.json", json.dumps(users))
        out.writestr("channels.json", json.dumps(channels))
        for n, (name, text) in enumerate(
            (("allgemein", f"Deckname {WORD}"), ("bernsteinkonzern", "Mahlzeit"))
        ):
            said = {"type": "message", "user": "U0000001", "text": text, "ts": f"170954{n}800.000100"}
            out.writestr(f"{name}/2024-03-04.json", json.dumps([said]))


def listed(out: Path) -> set[int]:
    return {
        json.loads(line)["index"] for line in (out / "bag/data/redactions.jsonl").read_text().splitlines()
    }


def test_the_folder_of_a_conversation_goes_with_its_name(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    slack(folder)
    chosen(beleg, folder)
    withheld(beleg, "deckname", "--words", WORD)
    assert beleg("export", "M-1", "--out", tmp_path / "E").code == 0
    assert tells(tmp_path / "E", WORD) == tells(tmp_path / "E", WORD.lower()) == []
    assert listed(tmp_path / "E") == {found(beleg, "deckname"), found(beleg, "mahlzeit")}


def test_the_folder_in_which_a_file_lay_is_told_by_no_record_of_it(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "Akten.zip", "w") as out:
        out.writestr(f"{WORD}/eins.txt", "harmlos")
        out.writestr("Rest/zwei.txt", "harmlos, auch")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.eml").write_bytes(mail(1, "Post", f"Deckname {WORD}"))
    chosen(beleg, tmp_path / "in")
    assert beleg("ingest", tmp_path / "Akten.zip", "--channel", "loose").code == 0
    loose = [str(hit["number"]) for hit in beleg("search", "kind:loose", "--json").json["hits"]]
    assert beleg("matter", "add", "M-1", *loose).code == 0
    withheld(beleg, "deckname", "--words", WORD)
    assert beleg("export", "M-1", "--out", tmp_path / "E").code == 0
    assert tells(tmp_path / "E", WORD) == []
    assert len(list((tmp_path / "E/bag/data/originals").rglob("*.txt"))) == 1, "the other file goes out"


def test_words_in_codes_of_letters_stay_inside(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """An address whose words are parted by +, a file as old mail programs wrote it, base64 that somebody pasted."""
    folder, said = tmp_path / "in", f"Alles zum {WORD}, auch intern"
    folder.mkdir()
    lines = [said.encode()[at : at + 45] for at in range(0, len(said), 45)]
    old = b"begin 644 a.txt\n" + b"".join(map(binascii.b2a_uu, lines)) + b"`\nend\n"
    pasted = base64.b64encode(said.encode()).decode()
    (folder / "1.eml").write_bytes(mail(1, "eins", "Deckname Alles zum Bernstein"))
    (folder / "2.eml").write_bytes(mail(2, "zwei", "Suche https://x.example/s?q=Alles+zum+Bernstein&l=de"))
    (folder / "3.eml").write_bytes(mail(3, "drei", old.decode()))
    (folder / "4.eml").write_bytes(mail(4, "vier", f"Siehe {pasted}"))
    (folder / "5.eml").write_bytes(mail(5, "fünf", "Nichts davon, 1+1, https://x.example/?q=Rest+und+mehr"))
    chosen(beleg, folder)
    withheld(beleg, "deckname", "--words", "Alles zum Bernstein")
    assert beleg("export", "M-1", "--out", tmp_path / "E").code == 0
    assert listed(tmp_path / "E") == {found(beleg, name) for name in ("eins", "zwei", "drei", "vier")}
    for words in ("Alles+zum", pasted, old.decode().splitlines()[1]):
        assert tells(tmp_path / "E", words) == []
    assert tells(tmp_path / "E", "Rest+und+mehr"), "what tells nothing goes out"


def test_umlauts_written_with_an_e_are_told(beleg: Beleg, archive: Path, tmp_path: Path) -> None:
    """Names of files are written so. Who types it says it anew, so a person decides."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.eml").write_bytes(mail(1, "eins", "Deckname Zwetschgenknödel, vertraulich"))
    (folder / "2.eml").write_bytes(mail(2, "zwei", "Siehe Zwetschgenknoedel.pdf"))
    (folder / "3.eml").write_bytes(mail(3, "drei", "Knödel, neue Steuer, zwei Zwetschgen"))
    chosen(beleg, folder)
    withheld(beleg, "deckname", "--words", "Zwetschgenknödel")
    told = beleg("export", "M-1", "--out", tmp_path / "E", "--json").json
    assert told["redacted"] == [found(beleg, "deckname")]
    assert told["doubtful"] == [found(beleg, "siehe")]
