"""Of which kind a source was, as its runs tell: beleg.toml may name it no more, or lie on another host."""

from collections.abc import Iterable

from schemas.capture import RunReport

_KIND = "kind"


def kind_asked(kind: str) -> tuple[str, str]:
    """Give what the report of a run over a live source says of its kind."""
    return _KIND, kind


def kind_told(reports: Iterable[RunReport]) -> str | None:
    """Give the kind that the newest of these reports tells; None: files, or runs of before kinds were told."""
    told: str | None = None
    for report in reports:
        told = dict(report.asked).get(_KIND, told)
    return told
