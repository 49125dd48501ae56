"""``beleg collect``: from the live sources into the archive."""

import json
import signal
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, find_archive, opened, wants_json
from cli.output import answer, note, plain, safe, say

if TYPE_CHECKING:
    from archive.services.collect import Collected
    from archive.services.session import Session


def collect(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="The sources to collect from.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every source of beleg.toml.")] = False,
    loop: Annotated[
        bool, typer.Option("--loop", help="Go on, each source at its own interval, until SIGTERM.")
    ] = False,
    due: Annotated[
        bool, typer.Option("--due", help="Only sources whose interval has passed: for cron and its like.")
    ] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Read what is new in live sources and seal it, each haul with the cursor behind it.

    SIGTERM finishes the haul in hand. With --loop and --json: one line of JSON a collection, without content.
    Exit 3: units could not be read, or a gap opened; 4: a source gave no answer, or it was stopped; 5: a login
    was refused, the policy forbids it, or another process collects from the source.
    Example: beleg collect --all
    """
    from archive.errors import UsageError
    from archive.services.collect.loop import Timetable

    _, settings = find_archive(context, archive)
    wanted = tuple(settings.sources) if everything else tuple(names or ())
    if bool(names) == everything or not wanted:
        raise UsageError("name sources, or say --all; `beleg source add` makes one")
    if unknown := [name for name in wanted if name not in settings.sources]:
        raise UsageError(
            f"there is no source {unknown[0]!r}; known are: {', '.join(settings.sources) or 'none yet'}"
        )
    stop = _stopped_by_signal()
    machine, done = wants_json(context, as_json), []
    timetable = Timetable({name: settings.sources[name].minutes for name in wanted})
    while True:
        now = timetable.due()
        if now:
            round_ = _round(context, archive, passphrase_file, now, stop, due=due)
            done += round_ if not loop else []
            for told in round_:
                timetable.ran(told.source, failed=told.stopped is not None)
                _tell(told, lines=loop and machine, quiet=machine and not loop)
        if not loop or stop.wait(timetable.pause()):
            break
    if machine and not loop:
        answer([_members(told) for told in done])
    if loop:
        return 0
    unfinished = 4 if stop.is_set() else 0
    return max((told.exit_code for told in done), default=0) or unfinished


def _round(
    context: typer.Context,
    archive: Path | None,
    passphrase_file: Path | None,
    names: tuple[str, ...],
    stop: Event,
    *,
    due: bool,
) -> "list[Collected]":
    """Collect from some sources; one that fails does not stop the others."""
    from archive.services.collect import collect_all
    from archive.wiring.alerts import tell
    from archive.wiring.proof import after_run

    with opened(context, archive, passphrase_file) as session:
        found, alerts = collect_all(session, names, stop, due=due)
        _project(session)
        problems = after_run(session) if any(one.hauls for one in found) else []
        problems += tell(session.settings, alerts) if alerts else []
    for problem in problems:
        note(problem)
    return found


def _project(session: "Session") -> None:
    if session.settings.mode == "one_account" and session.keys.opens("content"):
        session.catch_up()


def _stopped_by_signal() -> Event:
    """Give what SIGTERM sets: the haul in hand is sealed before anything ends."""
    stop = Event()

    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    return stop


def _tell(told: "Collected", *, lines: bool, quiet: bool) -> None:
    if lines:
        say(json.dumps(plain(_members(told)), ensure_ascii=False))
        return
    if quiet:
        return
    left = f"; {told.left_out} left out by the rule for the account" if told.left_out else ""
    say(
        f"{told.source}: {told.items} new items ({told.changed} changed), {told.seen_again} seen again, "
        f"{told.failed} units failed, {told.gaps} gaps{left}"
    )
    if told.stopped:
        note(safe(f"{told.source}: {told.stopped}"))


def _members(told: "Collected") -> dict[str, object]:
    from dataclasses import asdict

    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"at": at, **asdict(told)}
