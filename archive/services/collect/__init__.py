"""Collecting from live sources: hauls into the ledger, cursors behind them, and what is told of it."""

from archive.services.collect.cursors import newest_cursors
from archive.services.collect.memory import remembered
from archive.services.collect.metrics import write_metrics
from archive.services.collect.run import Collected
from archive.services.collect.trial import trial
from archive.services.collect.watch import collect_all, tell_untold

__all__ = [
    "Collected",
    "collect_all",
    "newest_cursors",
    "remembered",
    "tell_untold",
    "trial",
    "write_metrics",
]
