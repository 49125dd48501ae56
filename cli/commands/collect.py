"""``beleg collect``: from the live sources into the archive."""

import json
import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, PassphraseOption, find_archive, opened, wants_json
from cli.output import answer, log_as_json, note, plain, safe, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.services.collect import Collected
    from archive.services.session import Session

LONG = 300.0
"""Seconds of a round after which is told what is known so far; shorter ones tell all in one message."""


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

    if bool(names) == everything:
        raise UsageError("name sources, or say --all; `beleg source add` makes one")
    asked = Asked(context, archive, passphrase_file, tuple(names or ()), due=due)
    minutes, machine, stop = asked.minutes(), wants_json(context, as_json), _stopped_by_signal()
    if loop:
        if machine:
            log_as_json()
        _go_on(asked, stop, machine=machine)
        return 0
    round_ = asked.round(tuple(minutes), stop, (lambda _: None) if machine else _tell)
    for problem in round_.problems:
        note(problem)
    if machine:
        answer([_members(told) for told in round_.found])
    unfinished = 4 if stop.is_set() else 0
    if unfinished and not any(told.stopped for told in round_.found):
        note("stopped; sources that are not named here were not asked")
    return max((told.exit_code for told in round_.found), default=0) or unfinished


@dataclass(frozen=True)
class Round:
    """What became of the sources that were asked, and what else did not work."""

    found: "list[Collected]"
    problems: list[str]


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line: every source of beleg.toml, or ``names``."""

    context: typer.Context
    archive: Path | None
    passphrase_file: Path | None
    names: tuple[str, ...]
    due: bool

    def minutes(self) -> dict[str, int]:
        """Give the interval of each source that is asked for, as beleg.toml says now.

        Raises:
            UsageError: there are none, or one that is named is not there.
        """
        from archive.errors import UsageError

        _, settings = find_archive(self.context, self.archive)
        if not settings.sources:
            raise UsageError("there are no sources; `beleg source add` makes one")
        for name in self.names:
            if name not in settings.sources:
                raise UsageError(f"there is no source {name!r}; known are: {', '.join(settings.sources)}")
        return {name: settings.sources[name].minutes for name in self.names or settings.sources}

    def round(self, names: tuple[str, ...], stop: Event, hear: "Callable[[Collected], None]") -> Round:
        """Collect from some sources; one that fails does not stop the others. Each is said when it has ended.

        What fails as a whole is told to whom the settings name.

        Raises:
            ArchiveError, OSError: the archive could not be opened, read or written.
        """
        from archive.errors import ArchiveError
        from archive.services.collect.outage import is_out, is_over

        try:
            round_ = self._round(names, stop, hear)
        except (ArchiveError, OSError) as error:
            for problem in self._cry(is_out, str(error)):
                note(problem)
            raise
        round_.problems.extend(self._cry(is_over))
        return round_

    def _round(self, names: tuple[str, ...], stop: Event, hear: "Callable[[Collected], None]") -> Round:
        from archive.services.collect import collect_all
        from archive.wiring.proof import after_run

        round_ = Round([], [])
        with opened(self.context, self.archive, self.passphrase_file) as session:
            told_at = monotonic()
            for told in collect_all(session, names, stop, due=self.due):
                round_.found.append(told)
                hear(told)
                if monotonic() - told_at > LONG:
                    _make_known(session, names, round_.problems)
                    told_at = monotonic()
            _make_known(session, names, round_.problems)
            if round_.found:
                round_.problems.extend(after_run(session, came=any(one.hauls for one in round_.found)))
        return round_

    def _cry(self, what: "Callable[..., None]", *why: str) -> list[str]:
        """Tell whom the settings name how it stands with collection as a whole; give what did not work."""
        from archive.errors import SettingsError
        from archive.wiring.alerts import tell

        problems: list[str] = []
        try:
            folder, settings = find_archive(self.context, self.archive)
            what(folder, settings, *why, lambda alerts: tell(settings, alerts, problems))
        except SettingsError:
            return []  # whom to tell stands where nothing can be read; the error itself says so
        except OSError as error:
            problems.append(f"what was told cannot be remembered, and is told again: {error.strerror}")
        return problems


def _go_on(asked: Asked, stop: Event, *, machine: bool) -> None:
    """Collect again and again, as beleg.toml says then, until ``stop``.

    What fails as a whole the first time ends it: a wrong passphrase, an archive that is not there. Later it goes on:
    places come back.
    """
    from archive.errors import ArchiveError
    from archive.services.collect.loop import Timetable

    def told_as(told: "Collected") -> None:
        say(_line(_members(told))) if machine else _tell(told)

    timetable = Timetable(asked.minutes())
    begun, broken = False, ""
    while True:
        now: tuple[str, ...] = ()
        try:
            timetable.follow(asked.minutes())
            now = timetable.due()
            round_, begun, broken = asked.round(now, stop, told_as), True, ""
        except (ArchiveError, OSError) as error:
            if not begun:
                raise
            round_, broken, now = Round([], [str(error)]), str(error), now or timetable.due()
        failed: dict[str, bool] = dict.fromkeys(now, bool(broken))
        rest: dict[str, float] = {}
        for told in round_.found:
            failed[told.source] = told.stopped is not None
            rest[told.source] = told.wants_rest or 0.0
        for problem in round_.problems:
            say(_line({"problem": problem})) if machine else note(problem)
        for name in now:
            timetable.ran(name, failed=failed[name], rest=rest.get(name, 0.0))
        if stop.wait(timetable.pause()):
            return


def _make_known(session: "Session", names: tuple[str, ...], problems: list[str]) -> None:
    """Tell whom the settings name, write the figures, and let what was collected be found."""
    from archive.errors import Unreachable
    from archive.services.collect import tell_untold, write_metrics
    from archive.wiring.alerts import tell

    tell_untold(session, names, lambda alerts: tell(session.settings, alerts, problems))
    try:
        write_metrics(session)
    except Unreachable as error:
        problems.append(str(error))
    if session.settings.mode == "one_account" and session.keys.opens("content"):
        session.catch_up()


def _stopped_by_signal() -> Event:
    """Give what SIGTERM sets: the haul in hand is sealed before anything ends."""
    stop = Event()

    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    return stop


def _tell(told: "Collected") -> None:
    left = f"; {told.left_out} left out by the rule for the account" if told.left_out else ""
    say(
        f"{told.source}: {told.items} new items ({told.changed} changed), {told.seen_again} seen again, "
        f"{told.failed} units failed, {told.gaps} gaps{left}"
    )
    if told.stopped:
        note(safe(f"{told.source}: {told.stopped}"))


def _members(told: "Collected") -> dict[str, object]:
    """Give what a log may hold: no names of folders and channels."""
    from dataclasses import asdict

    members = asdict(told)
    del members["unmet"]
    return {"at": _now(), **members}


def _line(members: dict[str, object]) -> str:
    return json.dumps(plain({"at": _now(), **members}), ensure_ascii=False)


def _now() -> str:
    from archive.core.instants import instant

    return instant(datetime.now(UTC))
