"""The steps that are measured, each in a process of its own, so that peak memory is its own: ``python -m`` this.

A step gives figures by name; ``seconds`` and ``peak_mb`` are added by whoever runs it.
"""

import contextlib
import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from archive import wiring
from archive.ledger.checks import Question
from archive.services.export import export
from archive.services.ingest import IngestOptions, ingest
from archive.services.init import new_origin
from archive.services.matter import add_items, open_matter
from archive.services.proof import prove
from archive.services.search import search
from archive.services.verify import verify
from archive.settings import Settings, load
from archive.wiring import founding
from archive.wiring.alongside import alongside
from schemas.matter import ExportOptions
from tests.benchmarks import floors
from tests.benchmarks.corpus import made, texts
from tests.benchmarks.stages import stages
from tests.ledger_kit import Kit, item_draft

QUERIES = {
    "term": "garantie", "rare term": '"A-48213/24"', "AND": "garantie jahre", "phrase": '"jahre garantie"',
    "near": "garantie w/5 jahre", "pattern": "liefer*",
    "date and channel": "{channel} garantie on:2021-{month:02}-{day:02}",
}  # fmt: skip
Figures = dict[str, float]


def timed(work: Callable[[], object]) -> float:
    """Give the seconds that ``work`` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def floor(folder: Path) -> Figures:
    """Measure the libraries alone."""
    words = list(texts(20_000))
    found = floors.libraries([text.encode() for text in words[:500]])
    return {**found, **floors.projections(words, folder / "floor"), "append": floors.append_floor(found),
            "verify L1": floors.verify_floor(found)}  # fmt: skip


def append(folder: Path, count: int = 6000) -> Figures:
    """Seal and append in memory: records a second on one core."""
    kit = Kit()
    ledger = kit.found()
    drafts = [item_draft((text * 8)[:600]) for text in texts(count)]
    kit.append(ledger, "ingest", *drafts[:500])
    begun = time.process_time()
    for at in range(0, count, 2000):
        kit.append(ledger, "ingest", *drafts[at : at + 2000])
    return {"records/s": count / (time.process_time() - begun)}


def generate(folder: Path, kind: str, count: int) -> Figures:
    """Make an export, in a process whose memory is not that of who reads it."""
    made(kind, count, folder)
    return {}


def take(folder: Path, kind: str, count: int, place: str = "", beside: int = 1) -> Figures:
    """Ingest an export into a fresh archive, catalogue, index and statements included, as the command does."""
    file, archive = made(kind, count, folder), folder / "archives" / f"{kind}-{count}"
    shutil.rmtree(archive, ignore_errors=True)
    settings = Settings(origin=new_origin("beleg.bench"), timezone="Europe/Berlin")
    founding.found(archive, settings, lambda _: "bench", kem="x25519", scrypt_n=2**10)
    with wiring.open_session(archive, settings, lambda _: "bench") as session:
        session.ledger.follow()

        def work() -> None:
            with alongside(session) if beside else contextlib.nullcontext():
                reports.extend(ingest(session, file, IngestOptions()))
                figures["sealing, items/s"] = count / (time.perf_counter() - begun)
            session.catch_up()

        reports: list[Any] = []
        figures: Figures = {}
        begun = time.perf_counter()
        spent = timed(work)
        assert sum(row.items for report in reports for row in report.files) == count
        state = session.ledger.state.size
    return {**figures, "items/s": count / spent, "records": state}


def check(folder: Path, kind: str, count: int, level: int, processes: int = 1) -> Figures:
    """Verify an archive that was taken before: records a second."""
    with _opened(folder, kind, count) as session:
        session.ledger.follow()
        private = tuple(session.keys.recipient(name) for name in ("content", "oversight", "state"))
        question = Question(level=level, private=private if level == 2 else ())  # type: ignore[arg-type]
        workers = None
        if processes > 1:
            from archive.adapters.scan_processes import Processes

            workers = Processes(partial(wiring.open_read_places, session.folder, session.settings), processes)
        run = partial(verify, session.ledger.places, question, **({"workers": workers} if workers else {}))
        spent = timed(run)
        return {"records/s": session.ledger.state.size / spent}


def rebuild(folder: Path, kind: str, count: int, processes: int = 1) -> Figures:
    """Replay the ledger, into catalogue and index, and into the index alone: items a second."""
    from archive.services.rebuild import rebuild as replay

    with _opened(folder, kind, count, processes) as session:
        both = count / timed(partial(replay, session, ("catalogue", "index")))
        return {"items/s": both, "index alone, items/s": count / timed(partial(replay, session, ("index",)))}


def find(folder: Path, kind: str, count: int, runs: int = 60) -> Figures:
    """Search, as the command does from the query to the page: milliseconds."""
    chance, figures = random.Random(5), {}
    channel = {"mbox": "channel:email", "slack": "channel:slack"}.get(kind, "channel:whatsapp")
    with _opened(folder, kind, count) as session:
        session.read()
        search(session, "garantie")
        for name, pattern in QUERIES.items():
            spent = []
            for _ in range(runs):
                query = pattern.format(
                    channel=channel, month=chance.randint(1, 12), day=chance.randint(1, 28)
                )
                spent.append(1000 * timed(partial(search, session, query)))
            figures[f"{name}, p50 ms"] = statistics.median(spent)
            figures[f"{name}, p95 ms"] = statistics.quantiles(spent, n=20)[-1]
    return figures


def proof(folder: Path, kind: str, count: int, runs: int = 40) -> Figures:
    """Prove one record under the newest checkpoint: milliseconds."""
    chance = random.Random(6)
    with _opened(folder, kind, count) as session:
        session.ledger.follow()
        size = session.ledger.state.size
        opener = session.opener("content", "matter", "oversight", "state")
        first = timed(partial(prove, session.ledger, 2, opener))
        numbers = [chance.randrange(size) for _ in range(runs)]
        spent = [1000 * timed(partial(prove, session.ledger, number, opener)) for number in numbers]
    worst = statistics.quantiles(spent, n=20)[-1]
    return {"first, s": first, "p50 ms": statistics.median(spent), "p95 ms": worst}


def hand_out(folder: Path, kind: str, count: int, profile: str) -> Figures:
    """Write a bundle of every item of an archive that was taken before, with its context: seconds."""
    with _opened(folder, kind, count) as session:
        session.read()
        state = session.ledger.follow()
        items = [index for index in range(state.size) if session.ledger.leaf(index).kind == "item"]
        matter = open_matter(session, "all of it", "benchmark").id
        add_items(session, matter, items)
        options = ExportOptions(profile=profile, timezone="Europe/Berlin")  # type: ignore[arg-type]
        out = folder / "bundles" / f"{kind}-{count}-{profile}"
        shutil.rmtree(out, ignore_errors=True)
        spent = timed(partial(export, session, matter, out, options))
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    shutil.rmtree(out)
    return {"writing, s": spent, "items": len(items), "MB": size / 1e6}


def helps(folder: Path) -> Figures:
    """Ask for help, from nothing to the prompt."""
    command = [sys.executable, "-c", "from cli.main import main; main(['--help'])"]
    spent = [timed(partial(subprocess.run, command, capture_output=True, check=True)) for _ in range(7)]
    return {"one, s": statistics.median(spent)}


def _opened(folder: Path, kind: str, count: int, processes: int | None = None) -> Any:
    archive = folder / "archives" / f"{kind}-{count}"
    return wiring.open_session(archive, load(archive), lambda _: "bench", processes=processes)


STEPS = {
    one.__name__: one
    for one in (floor, append, generate, take, check, rebuild, find, proof, hand_out, helps, stages)
}


def main() -> None:
    """Run one step: its name, the folder, and its arguments as JSON."""
    name, folder, given = sys.argv[1:]
    begun = time.perf_counter()
    figures = STEPS[name](Path(folder), **json.loads(given))  # type: ignore[operator]
    figures["seconds"] = time.perf_counter() - begun
    used = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    figures["peak_mb"] = max(used) / 1024
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
