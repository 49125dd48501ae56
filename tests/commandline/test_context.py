"""What surrounds a chosen item in a bundle."""

from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg

CHAT = """[01.02.25, 08:00:00] Anna: erster
[02.02.25, 23:30:00] Bernd: zweiter
[03.02.25, 09:00:00] Anna: Garantie fünf Jahre
[03.02.25, 10:30:00] Bernd: vierter
[04.02.25, 10:30:00] Anna: fünfter
[06.02.25, 10:31:00] Bernd: sechster
"""


def mail(number: int, body: str, head: str = "") -> bytes:
    text = f"Message-ID: <{number}@x.example>\nFrom: a@x.example\nSubject: x\n{head}"
    return f"{text}Date: Mon, {number} Sep 2025 09:00:00 +0100\n\n{body}\n".encode()


@pytest.fixture
def matter(beleg: Beleg, archive: Path, tmp_path: Path) -> Beleg:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "WhatsApp Chat mit Anna.txt").write_text(CHAT, encoding="utf-8")
    assert beleg("ingest", folder).code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    beleg("search", "garantie", "--matter", "M-1")
    return beleg


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("none", ["Garantie fünf Jahre"]),
        ("±1", ["zweiter", "Garantie fünf Jahre", "vierter"]),
        ("+-1", ["zweiter", "Garantie fünf Jahre", "vierter"]),
        ("±2h", ["Garantie fünf Jahre", "vierter"]),
        ("±10h", ["zweiter", "Garantie fünf Jahre", "vierter"]),
        ("day", ["Garantie fünf Jahre", "vierter"]),
        ("gap", ["zweiter", "Garantie fünf Jahre", "vierter", "fünfter"]),
        ("whole", ["erster", "zweiter", "Garantie fünf Jahre", "vierter", "fünfter", "sechster"]),
        ("thread", ["erster", "zweiter", "Garantie fünf Jahre", "vierter", "fünfter", "sechster"]),
    ],
)
def test_each_rule_takes_what_it_says(matter: Beleg, tmp_path: Path, rule: str, said: list[str]) -> None:
    out = tmp_path / "out"
    done = matter("export", "M-1", "--out", out, "--context", rule)
    assert done.code == 0, done.err
    table = (out / "bag/data/table/messages_raw.csv").read_text(encoding="utf-8")
    assert [
        words
        for words in [line.split(" ", 3)[3].split(": ", 1)[-1] for line in CHAT.splitlines()]
        if words in table
    ] == said


@pytest.mark.parametrize("rule", ["week", "±", "±1d", "+1", "± 1"])
def test_another_rule_is_refused(matter: Beleg, tmp_path: Path, rule: str) -> None:
    done = matter("export", "M-1", "--out", tmp_path / "out", "--context", rule)
    assert done.code == 2
    assert "context rule" in done.err


def test_a_mail_brings_what_it_answers_from_whatever_mailbox(
    beleg: Beleg, archive: Path, tmp_path: Path
) -> None:
    for name, data in (
        ("eins", mail(1, "Angebot")),
        ("zwei", mail(8, "Garantie ja", "In-Reply-To: <1@x.example>\n")),
        ("drei", mail(15, "anderes")),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.eml").write_bytes(data)
        assert beleg("ingest", tmp_path / name).code == 0
    beleg("matter", "open", "Pumpe", "--reason", "Streit")
    beleg("search", "garantie", "--matter", "M-1")
    out = tmp_path / "out"
    assert beleg("export", "M-1", "--out", out, "--context", "none").code == 0
    table = (out / "bag/data/table/messages_raw.csv").read_text(encoding="utf-8")
    assert ",parent," in table
    assert ("Angebot" in table, "anderes" in table) == (True, False)
