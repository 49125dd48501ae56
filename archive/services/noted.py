"""What this host notes of those outside, by their names: a memory of when to ask, and no proof of anything."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from archive.services.whole_file import write_whole

log = logging.getLogger(__name__)

Rows = dict[str, dict[str, str]]


def recall(file: Path, what: str) -> Rows:
    """Give what was noted of each; nothing where the file is lost or damaged: ``what`` is learnt anew."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        value = None
    if not isinstance(value, dict) or not all(map(_is_row, value.values())):
        log.warning("%s cannot be read; %s is learnt anew", file, what)
        return {}
    return value


def _is_row(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def is_due(row: Mapping[str, str], *, lacking: bool, failed_before: str) -> bool:
    """Say whether somebody is to be asked: who lacks something, or gave no answer, if that was before a time (UTC)."""
    return ("failed" in row or lacking) and row.get("failed", "") < failed_before


def note(file: Path, rows: Mapping[str, Mapping[str, str]]) -> None:
    """Write it whole, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(rows, ensure_ascii=False, sort_keys=True))
