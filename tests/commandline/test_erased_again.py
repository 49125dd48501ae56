"""What was erased does not come back: with the next export, for another account, from another mailbox."""

from pathlib import Path

import pytest

from tests.commandline.conftest import Beleg
from tests.commandline.erasing import CHAT, SECRET, erased, mail, number_of, stored_words


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    file = tmp_path / "WhatsApp Chat mit Lieferant.txt"
    file.write_text(CHAT, encoding="utf-8")
    return file


def test_the_next_export_does_not_bring_it_back(beleg: Beleg, archive: Path, chat: Path) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    erased(beleg, number_of(beleg, SECRET))
    more = chat.with_name("later") / chat.name
    more.parent.mkdir()
    more.write_text(CHAT + "[04.02.25, 10:00:00] Anna: Noch eine Frage\n", encoding="utf-8")
    done = beleg("ingest", more, "--mine", "Anna", "--json")
    assert done.code == 0, done.err
    (report,) = done.json
    assert (report["items"], report["excluded"]) == (1, 1)
    assert report["units"] == report["read"] + report["failed"] + report["excluded"]
    assert "erased before" in str(report["files"][0]["exclusions"])
    assert stored_words(archive) == []
    beleg("rebuild")
    assert stored_words(archive) == []
    assert beleg("search", SECRET, "--json").json["total"] == 0
    assert beleg("verify", "--level", "2").code == 0
    opened = beleg("verify", "--level", "2", "--json").json
    assert opened["unopened"] == 0


def test_the_same_bytes_read_for_another_account_do_not_bring_it_back(
    beleg: Beleg, archive: Path, chat: Path
) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    erased(beleg, number_of(beleg, SECRET))
    (report,) = beleg("ingest", chat, "--mine", "Lieferant", "--json").json
    assert (report["items"], report["excluded"]) == (0, 4)
    assert stored_words(archive) == []
    assert beleg("search", SECRET, "--json").json["total"] == 0
    (again,) = beleg("ingest", chat, "--mine", "Anna", "--json").json
    assert (again["seen_again"], again["excluded"]) == (3, 1), "what was not erased is known as before"


@pytest.mark.parametrize("mine", [["--mine", "anna@firm.example"], []], ids=["named", "unnamed"])
def test_the_mailbox_of_another_who_took_part_does_not_bring_it_back(
    beleg: Beleg, archive: Path, tmp_path: Path, mine: list[str]
) -> None:
    """The same mail lies in the mailbox of the sender and in that of the recipient, in different files."""
    sent, received = tmp_path / "sent.mbox", tmp_path / "received.mbox"
    sent.write_text(mail(1, "anna@firm.example", f"das {SECRET}", "x"), encoding="utf-8")
    received.write_text(
        mail(1, "anna@firm.example", f"das {SECRET}", "x") + mail(2, "bernd@firm.example", "zweite", "y"),
        encoding="utf-8",
    )
    beleg("ingest", sent, *mine)
    erased(beleg, number_of(beleg, SECRET))
    (report,) = beleg("ingest", received, "--mine", "einkauf@firm.example", "--json").json
    assert (report["items"], report["excluded"]) == (1, 1)
    assert stored_words(archive) == []


def test_kept_bytes_that_were_erased_are_not_read_again(
    beleg: Beleg, archive: Path, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beleg("ingest", chat, "--mine", "Anna")
    erased(beleg, number_of(beleg, SECRET))
    from archive.channels import CHANNELS

    (reader,) = (channel for channel in CHANNELS if channel.name == "whatsapp")
    monkeypatch.setattr(type(reader), "parser", "whatsapp-text/999")
    done = beleg("ingest", "--reparse")
    assert "its bytes were erased" in done.err
    assert stored_words(archive) == []
