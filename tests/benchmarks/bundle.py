"""Figures for the bundle: python tests/benchmarks/bundle.py [RECORDS]. Judges nothing."""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from archive.exporters.bundle import export_bundle
from tests.browser.chromium import Chromium
from tests.bundle_material import many
from tests.tools import TOOLS, find


def _memory(who: int) -> int:
    return resource.getrusage(who).ru_maxrss // 1024


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "E-1"
        material = many(count)
        list(material.records())
        given = material.given()
        before = _memory(resource.RUSAGE_SELF)
        start = time.perf_counter()
        export_bundle(given, out)
        print(f"export     {time.perf_counter() - start:6.1f} s")
        added = _memory(resource.RUSAGE_SELF) - before
        print(f"           {added} MB more than the {before} MB of the material and its tree")
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        page = (out / "START_verify.html").stat().st_size
        print(f"bundle     {size / 1e6:6.1f} MB, page {page / 1e6:.1f} MB")
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, str(out / "verify.py")], capture_output=True, text=True, check=False
        )
        print(f"verify.py  {time.perf_counter() - start:6.1f} s, exit {done.returncode}")
        tool = find(TOOLS["chromium"])
        if tool.ran:
            browser = Chromium(tool.path, Path(folder) / "profile")
            start = time.perf_counter()
            opened = browser.open(out / "START_verify.html")
            while not opened.ask("document.querySelectorAll('article').length"):
                time.sleep(0.05)
            print(f"page       {time.perf_counter() - start:6.1f} s to the first conversation")
            verdict = opened.wait("verdict", 600)
            print(f"           {time.perf_counter() - start:6.1f} s to the verdict: {verdict}")
            browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
