"""Of which kind a source was, as its runs tell: beleg.toml may name it no more, or lie on another host."""

from collections.abc import Iterable

from archive.sources import FIREHOSE, SourceSettings
from schemas.capture import RunReport

_KIND = "kind"
_TELLS_LATER = ("pauses", "told later")


def asked_of(settings: SourceSettings) -> tuple[tuple[str, str], ...]:
    """Give what the report of a run over a live source says of its kind, and whether nothing is lost by a pause."""
    tells_later = settings.kind == "bluesky" and settings.wants(FIREHOSE)
    return ((_KIND, settings.kind), *((_TELLS_LATER,) if tells_later else ()))


def is_told_later(report: RunReport) -> bool:
    """Say whether a look was told what had happened since the one before, or put on record from where on it was not."""
    return _TELLS_LATER in report.asked


def kind_told(reports: Iterable[RunReport]) -> str | None:
    """Give the kind that the newest of these reports tells; None: files, or runs of before kinds were told."""
    told: str | None = None
    for report in reports:
        told = dict(report.asked).get(_KIND, told)
    return told
