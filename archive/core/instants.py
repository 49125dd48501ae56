"""Instants as models write them: whole seconds in UTC."""

from datetime import UTC, datetime


def instant(moment: datetime) -> str:
    """Give a moment in UTC, cut to its second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def from_seconds(seconds: float) -> str:
    """Give Unix seconds."""
    return instant(datetime.fromtimestamp(seconds, UTC))
