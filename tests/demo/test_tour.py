"""The five minutes of the README are typed as they stand there, and give what stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
VARIES = re.compile(r"[0-9a-f]{16}|\d{4}-\d\d-\d\dT")
"""Digests and ids differ from archive to archive, and times of today from day to day."""


def tour() -> tuple[str, list[str]]:
    """The commands as a script, and the lines that they are said to print."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("## Five minutes", 1)[1].split("```")[1]
    commands, printed = [], []
    for line in text.strip().splitlines():
        if line.startswith("$ "):
            commands.append(re.sub(r"\s{3,}#.*", "", line[2:]))
        elif line.strip() and "…" not in line and not VARIES.search(line):
            printed.append(line.strip())
    return "\n".join(commands), printed


def test_the_tour(tmp_path: Path) -> None:
    script, printed = tour()
    assert len(printed) > 15
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "archive").symlink_to(ROOT / "archive")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BELEG_")}
    done = subprocess.run(
        ["sh", "-e"], input=script, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = [line.strip() for line in done.stdout.splitlines()]
    assert [line for line in printed if line not in said] == []
