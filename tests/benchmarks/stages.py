"""Where the processor time of an ingestion goes: each stage by itself, on one core, in microseconds an item.

What the stages cost together says how many items a second two cores can take at best, however their work is shared.
"""

import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from archive import wiring
from archive.adapters.catalogue_sql import SqlCatalogue
from archive.ports import ReadOptions
from archive.reading.tree import Tree
from archive.services.ingest import IngestOptions, ingest
from archive.services.init import new_origin
from archive.services.rebuild import rebuild
from archive.services.session import Session
from archive.settings import Settings
from archive.statements.finder import one_by_one
from archive.statements.model import Find, Message
from archive.statements.ports import FindAll
from archive.wiring.founding import found
from tests.benchmarks.corpus import made

CORES = 2


def stages(folder: Path, kind: str, count: int) -> dict[str, float]:
    """Take an export into a fresh archive, one stage after the other."""
    file, archive = made(kind, count, folder), folder / "archives" / f"{kind}-{count}-stages"
    shutil.rmtree(archive, ignore_errors=True)
    settings = Settings(origin=new_origin("beleg.bench"), timezone="Europe/Berlin")
    found(archive, settings, lambda _: "bench", kem="x25519", scrypt_n=2**10)
    with wiring.open_session(archive, settings, lambda _: "bench", processes=1) as session:
        session.readers = None
        session.ledger.follow()
        reading = _seconds(partial(_read, session, kind, file))
        sealing = _seconds(lambda: deque(ingest(session, file, IngestOptions()), maxlen=0)) - reading
        opening = _seconds(partial(_open, session))
        _describe(session, archive / "first.sqlite", one_by_one)  # compiles the patterns, once a process
        described = _seconds(partial(_describe, session, archive / "described.sqlite", _nothing))
        stated = _seconds(partial(_describe, session, archive / "found.sqlite", one_by_one))
        session.catch_up()  # else a rebuilt index would take the catalogue along
        indexed = _seconds(partial(rebuild, session, ("index",)))
    shutil.rmtree(archive)
    parts = {
        "reading": reading, "sealing and writing": sealing, "opening what was sealed": opening,
        "catalogue": described - opening, "statements": stated - described, "index": indexed - opening,
    }  # fmt: skip
    total = sum(parts.values())
    costs = {f"{name}, us": 1e6 * spent / count for name, spent in parts.items()}
    return {**costs, "all, us": 1e6 * total / count, "two cores at best, items/s": CORES * count / total}


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _read(session: Session, kind: str, file: Path) -> None:
    with Tree.open(file) as tree:
        channel = max(session.channels, key=lambda one: one.detect(tree).percent)
        deque(channel.read(tree, ReadOptions(timezone="Europe/Berlin")), maxlen=0)


def _open(session: Session) -> None:
    deque(session.entries(0, session.ledger.state.size), maxlen=0)


def _describe(session: Session, place: Path, find_all: FindAll) -> None:
    catalogue = SqlCatalogue(place, find_all)
    try:
        catalogue.apply(session.entries(0, session.ledger.state.size))
    finally:
        catalogue.close()


def _nothing(messages: Iterable[Message]) -> Iterator[list[Find]]:
    """Find nothing in any message."""
    return ([] for _ in messages)
