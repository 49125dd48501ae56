"""Every command has help with an example, knows --json, and stands in the README."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from cli.main import app
from tests.commandline.conftest import Beleg

ROOT = get_command(app)
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def commands() -> list[tuple[str, ...]]:
    found = []
    for name, command in ROOT.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [(name, sub) for sub in inner] if inner else [(name,)]
    return found


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_help(beleg: Beleg, path: tuple[str, ...]) -> None:
    done = beleg(*path, "--help")
    assert done.code == 0
    assert "Example:" in done.out
    assert "--json" in done.out
    assert path[0] in README


def test_help_shows_the_exit_codes(beleg: Beleg) -> None:
    assert "Exit codes: 0 done" in beleg("--help").out


def test_help_loads_nothing_heavy() -> None:
    """What costs time is imported when a command needs it: the promise behind a fast help."""
    heavy = {"pydantic", "sqlalchemy", "tantivy", "whoosh", "cryptography", "boto3", "msgspec", "rich"}
    code = f"import sys, cli.main; print(sorted({heavy!r} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    allowed = {"pydantic"}  # cli.output tells models apart
    assert set(eval(done.stdout)) <= allowed, done.stdout
