"""Decisions that come in while a bundle is written."""

from pathlib import Path
from typing import Any

import pytest

from archive.exporters.bundle import export as bundle
from tests.commandline.conftest import Answer, Beleg
from tests.commandline.test_redaction import found, mail


@pytest.fixture
def matters(beleg: Beleg, archive: Path, tmp_path: Path) -> tuple[str, str]:
    """Two matters with an item each."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.eml").write_bytes(mail(1, "Angebot", "Garantie auf die Pumpe"))
    (folder / "2.eml").write_bytes(mail(2, "Rechnung", "Zahlung für die Turbine"))
    assert beleg("ingest", folder).code == 0
    items = str(found(beleg, "pumpe")), str(found(beleg, "turbine"))
    for number, item in enumerate(items, 1):
        beleg("matter", "open", f"Fall {number}", "--reason", "Streit")
        assert beleg("matter", "add", f"M-{number}", item).code == 0
    return items


def exported(beleg: Beleg, out: Path, monkeypatch: pytest.MonkeyPatch, *meanwhile: str) -> Answer:
    right = bundle._write_bag

    def interrupted(*given: Any) -> str:
        assert beleg(*meanwhile).code == 0
        return right(*given)

    monkeypatch.setattr(bundle, "_write_bag", interrupted)
    return beleg("export", "M-1", "--out", out)


def test_a_decision_in_another_matter_ends_no_export(
    beleg: Beleg, matters: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ("matter", "redact", "M-2", matters[1], "--words", "Turbine", "--reason", "x")
    done = exported(beleg, tmp_path / "E", monkeypatch, *other)
    assert done.code == 0, done.err


@pytest.mark.parametrize("decision", ["redact", "remove"])
def test_one_in_its_own_matter_does(
    beleg: Beleg, matters: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decision: str
) -> None:
    more = ("--words", "Pumpe", "--reason", "x") if decision == "redact" else ()
    done = exported(beleg, tmp_path / "E", monkeypatch, "matter", decision, "M-1", matters[0], *more)
    assert done.code == 2
    assert "decisions came in while it was written" in done.err
    assert not any((tmp_path / "E").iterdir()), "what must not go out leaves nothing behind"


def test_two_exports_at_once_get_a_number_each(
    beleg: Beleg, matters: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, others = bundle._write_metadata, [tmp_path / "second"]

    def interrupted(*given: Any) -> None:
        while others:
            second = beleg("export", "M-2", "--out", others.pop())
            assert second.out.startswith("E-1 of M-2"), second.err
        right(*given)

    monkeypatch.setattr(bundle, "_write_metadata", interrupted)
    done = beleg("export", "M-1", "--out", tmp_path / "first")
    assert done.out.startswith("E-2 of M-1"), done.err
    assert '"production":"E-2"' in (tmp_path / "first/signatures/statement.json").read_text()
    again = beleg("export", "--again", "E-2", "--out", tmp_path / "again")
    assert again.out.startswith("E-2 of M-1"), again.err
    assert "NOT the bytes" not in again.out
