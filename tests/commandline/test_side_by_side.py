"""Two sessions on one archive at once: what one seals and indexes is no fault in the eyes of the other."""

from pathlib import Path

from archive import wiring
from archive.settings import load
from tests.commandline.conftest import Beleg


def test_another_process_indexed_more_than_this_one_knows_of(beleg: Beleg, archive: Path, chat: Path) -> None:
    with wiring.open_session(archive, load(archive), lambda _: "a passphrase for tests") as session:
        session.ledger.follow()
        session.catch_up()
        before = session.ledger.state.size
        assert beleg("ingest", chat).code == 0
        assert session.catalogue.position > before == session.ledger.state.size
        session.catch_up()
        assert session.ledger.state.size == session.catalogue.position == session.index.position
