"""Run a bundle's verify.py in this process: exit code and what it printed."""

import contextlib
import io
import runpy
import sys
from pathlib import Path

CHECKER = Path("archive/exporters/bundle/parts/verify.py").resolve()


class _Out(io.StringIO):
    def reconfigure(self, **_: str) -> None:
        pass


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Give (exit code, output). An exception that escapes verify.py escapes here too."""
    out, before = _Out(), sys.argv
    sys.argv = ["verify.py", str(folder), *arguments]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            runpy.run_path(str(CHECKER), run_name="__main__")
    except SystemExit as ended:
        return (ended.code if isinstance(ended.code, int) else 1), out.getvalue()
    finally:
        sys.argv = before
    raise AssertionError("verify.py ended without an exit code")
