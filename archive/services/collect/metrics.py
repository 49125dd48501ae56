"""Figures for Prometheus, as a text file that its node exporter picks up (text format 0.0.4)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from archive.errors import Unreachable
from archive.services.collect.memory import SourceMemory, remembered
from archive.services.session import Session
from archive.services.whole_file import write_whole

_HELP = {
    "beleg_source_up": ("gauge", "1: the last collection came to its end; 0: it did not"),
    "beleg_source_last_answer_seconds": ("gauge", "when it last came to its end, as Unix time"),
    "beleg_source_items_total": ("counter", "items that this host sealed from it"),
    "beleg_source_gaps_total": ("counter", "gaps that opened in it"),
    "beleg_source_waited_seconds_total": ("counter", "how long it made this host wait"),
    "beleg_source_last_asked_seconds": ("gauge", "when it was last asked, as Unix time"),
    "beleg_ledger_records": ("gauge", "records of the ledger"),
}


def write_metrics(session: Session) -> None:
    """Write the file that the settings name, whole or not at all; nothing where they name none.

    Raises:
        Unreachable: it could not be written.
    """
    if session.settings.metrics is None:
        return
    path = session.folder / session.settings.metrics
    sources = {name: remembered(session, name) for name in session.settings.sources}
    try:
        write_whole(path, "\n".join(_lines(sources, session.ledger.state.size)) + "\n")
    except OSError as error:
        raise Unreachable(f"{path}: the figures could not be written: {error.strerror}") from error


def _lines(sources: Mapping[str, SourceMemory], records: int) -> Iterable[str]:
    values: dict[str, list[str]] = {name: [] for name in _HELP}
    for name, one in sorted(sources.items()):
        label = f'{{source="{name}"}}'  # names of sources need no escaping: letters, digits, hyphens
        if one.asked:  # of one that nobody asked yet nothing is known
            values["beleg_source_up"].append(f"{label} {int(one.failing_since is None)}")
        if one.answered:
            at = int(datetime.fromisoformat(one.answered).timestamp())
            values["beleg_source_last_answer_seconds"].append(f"{label} {at}")
        if one.asked:
            at = int(datetime.fromisoformat(one.asked).timestamp())
            values["beleg_source_last_asked_seconds"].append(f"{label} {at}")
        values["beleg_source_waited_seconds_total"].append(f"{label} {one.waited}")
        values["beleg_source_items_total"].append(f"{label} {one.items}")
        values["beleg_source_gaps_total"].append(f"{label} {one.gaps}")
    values["beleg_ledger_records"].append(f" {records}")
    for name, (kind, meaning) in _HELP.items():
        yield f"# HELP {name} {meaning}"
        yield f"# TYPE {name} {kind}"
        yield from (f"{name}{value}" for value in values[name])
