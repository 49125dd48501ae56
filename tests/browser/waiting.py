"""Waiting for a page that says on its body how far it is."""

import time
from collections.abc import Callable
from typing import Any

PAUSE = 0.02


def wait(ask: Callable[[str], Any], attribute: str, seconds: float = 60) -> str | None:
    """Wait until ``document.body.dataset.<attribute>`` says something other than pending; give the last it said."""
    end = time.monotonic() + seconds
    value = None
    while time.monotonic() < end:
        value = ask(f"document.body && document.body.dataset.{attribute}")
        if value not in (None, "pending"):
            return str(value)
        time.sleep(PAUSE)
    return value
