"""Collecting from live sources: hauls into the ledger, cursors behind them, and what is told of it."""

from archive.services.collect.cursors import newest_cursors
from archive.services.collect.run import Collected, collect

__all__ = ["Collected", "collect", "newest_cursors"]
