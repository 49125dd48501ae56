"""Looking at an archive that somebody writes to: what is signed meanwhile is no roll-back."""

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.core import layout
from archive.errors import RolledBack
from archive.ledger.checks import Question, Verification
from archive.ports import ReadPlaces
from tests.attacks import filled, names, old_log_key
from tests.ledger_kit import Kit, item_draft


def meanwhile(kit: Kit) -> None:
    kit.append(kit.ledger(), "ingest", item_draft("meanwhile"))


def test_a_verification_is_of_what_was_signed_when_it_began() -> None:
    kit = filled()

    class Watched(Verification):
        def _walk(self, markers: list[int], segments: dict[int, list[str]]) -> None:
            super()._walk(markers, segments)
            meanwhile(kit)

    report = Watched(ReadPlaces(kit.archive, kit.control, kit.vaults), Question(level=1)).run()
    assert [finding for finding in report.findings if finding.severity != "note"] == []
    assert kit.verify(1).sealed_size == report.sealed_size + 1


def test_who_only_reads_follows_what_is_signed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    kit = filled()
    reading, real, told = kit.ledger(), kit.archive.names, []

    def listing(prefix: str = "") -> Iterator[str]:
        if prefix == layout.CHECKPOINTS and not told:
            told.append(prefix)
            meanwhile(kit)
        return real(prefix)

    monkeypatch.setattr(kit.archive, "names", listing)
    before = len(names(kit.control, layout.COMMITS))
    assert reading.follow().size == kit.verify(0).size
    assert len(names(kit.control, layout.COMMITS)) == before + 1


def test_that_a_log_key_counts_no_more_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    kit, _ = old_log_key()
    kit.log_key = Ed25519PrivateKey.generate()
    ledger = kit.ledger()
    for number in range(3):
        kit.append(ledger, "ingest", item_draft(f"unsealed {number}"))
    assert caplog.text.count("does not count any more") == 1


def test_a_real_roll_back_still_stops_a_reader() -> None:
    kit = filled()
    del kit.control.objects[names(kit.control, layout.COMMITS)[-1]]
    with pytest.raises(RolledBack):
        kit.ledger().follow()
