"""Measures the main path on generated chats: medians of three runs, in this process, archive warm.

Run by ``make bench``; asserts nothing. Figures to compare with stand in the design; this prints what is.
"""

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from archive import wiring
from archive.ledger.checks import Question
from archive.services.ingest import IngestOptions, ingest
from archive.services.init import new_origin
from archive.services.search import search
from archive.services.verify import verify
from archive.settings import Settings
from tests.ledger_kit import Kit, item_draft

WORDS = (
    "garantie", "liefern", "termin", "angebot", "pumpe", "dichtung", "bestellung", "preis", "rabatt", "woche",
    "morgen", "danke", "bitte", "passt", "rechnung", "muster", "laufrad", "halle", "montage", "frist", "zusage",
    "vertrag", "lager", "warranty", "delivery", "offer", "price",
)  # fmt: skip

QUERIES = ("garantie", "garantie liefern", '"preis rabatt"', "channel:whatsapp garantie")


def chat(file: Path, count: int) -> None:
    """Write a WhatsApp chat of ``count`` messages of about 160 characters."""
    chance = random.Random(7)
    with file.open("w", encoding="utf-8") as out:
        for n in range(count):
            day, minute = n // 1440, n % 1440
            text = " ".join(chance.choices(WORDS, k=22))
            date = f"{1 + day % 28:02}.{1 + day // 28 % 12:02}.{20 + day // 336:02}"
            stamp = f"{date}, {minute // 60:02}:{minute % 60:02}:00"
            out.write(f"[{stamp}] {'Anna' if n % 2 else 'Lieferant'}: {text} {n}\n")


def median(work: Callable[[], float], runs: int = 3) -> float:
    """Give the median of what ``work`` returns."""
    return statistics.median(work() for _ in range(runs))


def timed(work: Callable[[], object]) -> float:
    """Give the seconds that ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def append_rate(count: int = 4000) -> float:
    """Records a second that one core seals and appends, in memory."""
    kit = Kit()
    ledger = kit.found()
    drafts = [item_draft(" ".join(random.Random(n).choices(WORDS, k=60))) for n in range(count)]
    return count / timed(lambda: kit.append(ledger, "ingest", *drafts))


def way(folder: Path, items: int) -> dict[str, float]:
    """Measure ingestion, search and verification of an archive on folders."""
    file = folder / "WhatsApp Chat mit Lieferant.txt"
    chat(file, items)
    settings = Settings(origin=new_origin("beleg.bench"), timezone="Europe/Berlin")
    wiring.found(folder / "archive", settings, lambda _: "bench", kem="x25519", scrypt_n=2**10)
    with wiring.open_session(folder / "archive", settings, lambda _: "bench") as session:
        session.ledger.follow()
        sealing = timed(lambda: list(ingest(session, file, IngestOptions())))
        projecting = timed(session.catch_up)
        figures = {
            "ingest, sealing alone, items/s": items / sealing,
            "ingest with catalogue and index, items/s": items / (sealing + projecting),
        }
        for query in QUERIES:
            figures[f"search {query}, ms"] = 1000 * median(partial(timed, partial(search, session, query)), 9)
        private = tuple(session.keys.recipient(kind) for kind in ("content", "oversight", "state"))
        for level in (0, 1, 2):
            walk = partial(verify, session.ledger.places, Question(level=level, private=private))  # type: ignore[arg-type]
            figures[f"verify L{level}, records/s"] = session.ledger.state.size / median(partial(timed, walk))
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = {"seal and append, records/s": median(append_rate)}
    with tempfile.TemporaryDirectory() as name:
        figures.update(way(Path(name), given.items))
    figures["peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if given.json:
        print(json.dumps(figures, indent=2, ensure_ascii=False))
        return
    for what, figure in figures.items():
        print(f"{what:<45} {figure:>12,.1f}")


if __name__ == "__main__":
    main()
