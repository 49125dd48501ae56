"""Measures catalogue and index alone on generated items: building, then queries, p50 and p95.

Run by hand: ``PYTHONPATH=. .venv/bin/python tests/benchmarks/search.py --items 1000000``; asserts only
that the counts of two ways agree. The ledger is left out, so a million items take minutes.
"""

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from archive.adapters.catalogue_sql import SqlCatalogue
from archive.adapters.index_tantivy import TantivyIndex
from archive.query.grammar import parse
from archive.query.match import spans
from schemas.entry import Entry
from tests.entries import entry, item

BATCH = 5000
WORDS = (
    "garantie", "liefern", "termin", "angebot", "pumpe", "dichtung", "bestellung", "preis", "rabatt", "woche",
    "morgen", "danke", "bitte", "passt", "rechnung", "muster", "laufrad", "halle", "montage", "frist", "zusage",
    "vertrag", "lager", "warranty", "delivery", "offer", "price",
)  # fmt: skip
QUERIES = {
    "rare word": "%d",
    "word": "garantie",
    "two words": "garantie liefern",
    "phrase": '"preis rabatt"',
    "day and channel": "garantie channel:email on:2021-%02d-%02d",
    "near": "garantie w/5 jahre",
    "pattern": "garant*",
    "nearly": "%%garantei",
    "not": "garantie NOT rabatt",
    "from": "garantie from:anna",
    "amount": "amount:>9000",
}
LONG = tuple(f"{word}{suffix}" for word in WORDS for suffix in ("", "s", "en", "frist", "karte"))


def made(count: int) -> Iterator[Entry]:
    """Items of about 160 characters on three channels over ten years; a vocabulary that grows with them."""
    chance = random.Random(3)
    for n in range(count):
        words = [*chance.choices(LONG, k=16), f"nr{n}", f"teil{chance.randrange(200_000)}"]
        if n % 50 == 0:
            words.append(f"{chance.randrange(10_000)} €")
        day = f"{2015 + n % 10}-{1 + n // 10 % 12:02}-{1 + n // 120 % 28:02}"
        at = f"{day}T{n % 24:02}:{n % 60:02}:{n // 60 % 60:02}Z"
        yield entry(
            n,
            item(
                " ".join(words), id=f"m{n}", at=at, channel=("whatsapp", "email", "slack")[n // 11 % 3],
                author=("Anna Weber", "Lieferant", "Bob Miller")[n % 7 % 3], chat=f"chat-{n % 500}",
            ),
        )  # fmt: skip


def filled(pattern: str, chance: random.Random, count: int) -> str:
    """Give a query with other values each time."""
    if pattern == "%d":
        return f"nr{chance.randrange(count)}"
    if "%02d" in pattern:
        return pattern % (chance.randint(1, 12), chance.randint(1, 28))
    return pattern.replace("%%", "%")


def measured(
    index: TantivyIndex, catalogue: SqlCatalogue, count: int, runs: int
) -> Iterator[tuple[str, float, float, int]]:
    """Give (what, p50 ms, p95 ms, hits of the last): search, items of the page, fates, marks, as an answer needs."""
    chance = random.Random(4)
    for name, pattern in QUERIES.items():
        times, total = [], 0
        for _ in range(runs):
            query = parse(filled(pattern, chance, count))
            started = time.perf_counter()
            page = index.search(query, limit=20)
            for listed in catalogue.items(page.indexes):
                spans(query, listed.item.text or "")
            catalogue.fates(page.indexes)
            times.append(1000 * (time.perf_counter() - started))
            total = page.total
        yield name, statistics.median(times), statistics.quantiles(times, n=20)[-1], total


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        index, catalogue = TantivyIndex(Path(name) / "index"), SqlCatalogue(Path(name) / "catalogue.db")
        source, spent = made(given.items), {"index": 0.0, "catalogue": 0.0}
        while batch := list(islice(source, BATCH)):
            for what, projection in (("index", index), ("catalogue", catalogue)):
                started = time.perf_counter()
                projection.apply(batch)  # type: ignore[attr-defined]
                spent[what] += time.perf_counter() - started
        index.close()
        for what, seconds in spent.items():
            figures[f"{what}, items/s"] = given.items / seconds
        started = time.perf_counter()
        assert index.search(parse("NOT nirgends"), limit=0).total == given.items
        list(index.vocabulary())
        figures["first search, with reading the vocabulary, s"] = time.perf_counter() - started
        for what, half, most, total in measured(index, catalogue, given.items, given.runs):
            figures[f"{what}, p50 ms"], figures[f"{what}, p95 ms"] = half, most
            figures[f"{what}, hits"] = total
        started = time.perf_counter()
        every = index.search(parse("garantie"), limit=given.items).indexes
        counted = sum(1 for _ in catalogue.outlines(every))
        assert counted == len(every) == index.search(parse("garantie"), limit=0).total
        figures[f"counts of {counted} hits, s"] = time.perf_counter() - started
        figures["on disk, MB"] = sum(f.stat().st_size for f in Path(name).rglob("*") if f.is_file()) / 1e6
        catalogue.close()
    figures["peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    for what, figure in figures.items():
        print(f"{what:<50} {figure:>12,.2f}")


if __name__ == "__main__":
    main()
