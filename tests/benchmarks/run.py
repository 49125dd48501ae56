"""Measures Beleg on generated exports and prints what is beside what was to be reached. Judges nothing.

``make bench`` measures at 10,000 and 100,000 items; ``make bench SIZES="10000 100000 1000000"`` takes hours. Every
step runs in a process of its own. Small steps are repeated, and the median counts. ``--history FILE`` appends all
figures as one line of JSON.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.benchmarks import beside, on_s3

ROOT = Path(__file__).resolve().parents[2]
Figures = dict[str, float]
SMALL = 20_000
"""Up to so many items a step is run three times."""

TARGETS = {
    "append · records/s": 12_000, "take mbox · items/s": 4_000, "take whatsapp · items/s": 4_000,
    "take slack · items/s": 4_000, "verify L0 · records/s": 200_000, "verify L1 · records/s": 120_000,
    "verify L2 · records/s": 30_000, "help · one, s": 0.3, "proof · p95 ms": 20,
    "hand out full · writing, s": 60, "hand out court-de · writing, s": 60,
}  # fmt: skip


class Bench:
    """The steps, run and remembered."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.figures = folder, {}
        self.figures: dict[str, Figures]

    def step(self, name: str, step: str, repeat: int = 1, **given: Any) -> Figures:
        """Run a step in a process of its own, and print its figures."""
        runs = [self._once(step, given) for _ in range(repeat)]
        found = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        self.figures[name] = found
        for key, figure in found.items():
            _line(name, key, figure)
        return found

    def _once(self, step: str, given: dict[str, Any]) -> Figures:
        command = [sys.executable, "-m", "tests.benchmarks.steps", step, str(self.folder), json.dumps(given)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        found: Figures = json.loads(done.stdout.strip().splitlines()[-1])
        return found

    def sizes(self, kind: str, count: int) -> None:
        """Measure an archive of one export of this size, from taking it to finding in it."""
        repeat, many = (3 if count <= SMALL else 1), f"{kind} {count:,}"
        self._once("generate", {"kind": kind, "count": count})
        self.step(f"take {many}", "take", repeat, kind=kind, count=count)
        if count <= SMALL:
            self.step(f"take alone {many}", "take", repeat, kind=kind, count=count, beside=0)
            self.step(f"stages {many}", "stages", 1, kind=kind, count=count)
        for level in (0, 1, 2):
            self.step(f"verify L{level} {many}", "check", repeat, kind=kind, count=count, level=level)
        self.step(f"verify L2 by 2 {many}", "check", 1, kind=kind, count=count, level=2, processes=2)
        for processes in (1, 2):
            self.step(
                f"rebuild by {processes} {many}", "rebuild", 1, kind=kind, count=count, processes=processes
            )
        self.step(f"find {many}", "find", 1, kind=kind, count=count)
        self.step(f"proof {many}", "proof", 1, kind=kind, count=count)
        if count <= SMALL:
            for profile in ("full", "court-de"):
                self.step(
                    f"hand out {profile} {many}", "hand_out", 1, kind=kind, count=count, profile=profile
                )


def _line(name: str, key: str, figure: float) -> None:
    target = next((goal for what, goal in TARGETS.items() if _meant(what, name, key)), None)
    told = f"   to reach {target:,}" if target else ""
    print(f"{name:<32} {key:<28} {figure:>14,.2f}{told}", flush=True)


def _meant(what: str, name: str, key: str) -> bool:
    wanted, _, figure = what.partition(" · ")
    return (name == wanted or name.startswith(f"{wanted} ")) and key == figure and "alone" not in name


def _ratios(figures: dict[str, Figures]) -> Iterator[tuple[str, float]]:
    """How many times the floor a thing costs: 1 is the libraries alone."""
    floor = figures["floor"]
    yield "append costs, times its floor", floor["append"] / figures["append"]["records/s"]
    for name, found in figures.items():
        if name.startswith("verify L1 "):
            yield f"{name} costs, times its floor", floor["verify L1"] / found["records/s"]


def _growth(
    figures: dict[str, Figures], kinds: Iterable[str], sizes: list[int]
) -> Iterator[tuple[str, float]]:
    """How time and memory grow from one size to the next: 1 is flat for each item, or for memory at all."""
    for kind in kinds:
        for small, large in pairwise(sizes):
            before, after = figures[f"take {kind} {small:,}"], figures[f"take {kind} {large:,}"]
            yield f"take {kind}, time an item, {small:,} to {large:,}", before["items/s"] / after["items/s"]
            yield f"take {kind}, peak memory, {small:,} to {large:,}", after["peak_mb"] / before["peak_mb"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--kinds", nargs="+", default=["whatsapp", "slack", "mbox"])
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--history", type=Path, default=ROOT / "build" / "bench" / "history.jsonl")
    parser.add_argument("--without", nargs="*", default=[], choices=["s3", "beside"])
    given = parser.parse_args()
    bench = Bench(given.folder)
    bench.step("floor", "floor", 3)
    bench.step("append", "append", 3)
    bench.step("help", "helps")
    for kind in given.kinds:
        for size in given.sizes:
            bench.sizes(kind, size)
    if "s3" not in given.without:
        bench.figures["on S3"] = on_s3.measure(given.folder, _line)
    if "beside" not in given.without:
        bench.figures["beside"] = beside.measure(given.folder, _line)
    for what, ratio in (*_ratios(bench.figures), *_growth(bench.figures, given.kinds, given.sizes)):
        print(f"{what:<62} {ratio:>13,.2f}")
    row = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "python": platform.python_version(),
           "machine": platform.machine(), "figures": bench.figures}  # fmt: skip
    given.history.parent.mkdir(parents=True, exist_ok=True)
    with given.history.open("a", encoding="utf-8") as out:
        out.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
