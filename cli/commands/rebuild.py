"""``beleg rebuild``: make anew what can be made anew, from the ledger alone or from a mirror."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.moved import tell_moved
from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    common,
    find_archive,
    named_place,
    opened,
    passphrases,
    wants_json,
)
from cli.output import Progress, answer, note, safe, say

PARTS = ("catalogue", "index", "seen", "texts")
NAMES = {
    **{part: f"{part}, records replayed" for part in PARTS},
    "unopened": "records that could not be opened; `beleg verify --level 2` names them",
    "markers": "markers written",
    "records": "records",
    "sealed": "records under a signed checkpoint",
    "objects": "objects copied",
    "left": "objects that were not taken from the mirror",
    "lost_from": "the first record that the mirror does not hold",
    "agreed": "records that the newest outside head signs",
}
"""What the numbers of the answer are called, for a machine and for people."""


_ALLOWED = {
    "catalogue": {"--processes"},
    "all": {"--processes"},
    "markers": {"--into", "--adopt", "--disown"},
    "archive": {"--into", "--control", "--from", "--head", "--adopt", "--give-up-newer"},
}
"""The options that say something to a part."""


def rebuild(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            help="catalogue, index, seen, texts or all; markers or archive after the loss of a place."
        ),
    ] = "all",
    into: Annotated[
        str | None, typer.Option(help="markers, archive: the new, empty place (a folder or s3://…).")
    ] = None,
    control: Annotated[
        str | None,
        typer.Option(help="archive: a new, empty control place, where that is lost as well."),
    ] = None,
    adopt: Annotated[
        list[str] | None,
        typer.Option(help="markers, archive: the segment that a person decided for; may be repeated."),
    ] = None,
    disown: Annotated[
        list[str] | None,
        typer.Option(
            help="markers: the digest of a false checkpoint that stands in the way; may be repeated."
        ),
    ] = None,
    mirror: Annotated[str | None, typer.Option("--from", help="archive: the mirror to take it from.")] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Processes to find statements in; by default one a core."),
    ] = None,
    head: Annotated[
        list[Path] | None, typer.Option(help="archive: a checkpoint kept by an outsider; may be repeated.")
    ] = None,
    give_up_newer: Annotated[
        bool,
        typer.Option(
            "--give-up-newer",
            help="archive: go on without what no mirror holds; it is lost, and no head of it agrees any more.",
        ),
    ] = False,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Throw projections away and replay the ledger into them; or make a lost place anew.

    Example: beleg rebuild index

    Example: beleg rebuild markers --into /srv/beleg/control-2

    Example: beleg rebuild archive --from /mnt/second/beleg --head head-of-the-notary.note
    """
    from archive.errors import UsageError

    given = {
        "--into": into, "--control": control, "--adopt": adopt, "--disown": disown, "--from": mirror,
        "--head": head,
        "--give-up-newer": give_up_newer, "--processes": processes,
    }  # fmt: skip
    allowed = _ALLOWED.get(what, set())
    for name, value in given.items():
        if value and name not in allowed:
            raise UsageError(f"{name} says nothing to `beleg rebuild {what}`")
    if what == "markers":
        done = _markers(context, archive, passphrase_file, into, adopt or [], disown or [])
    elif what == "archive":
        places = (mirror, into, control)
        done = _archive(context, archive, passphrase_file, places, adopt or [], head or [], give_up_newer)
    else:
        done = _projections(context, archive, passphrase_file, what, processes)
    if wants_json(context, as_json):
        answer(done)
    else:
        for name, number in done.items():
            say(f"{NAMES[name]}: {number}")
    return 3 if done.get("unopened") or done.get("left") or "lost_from" in done else 0


def _projections(
    context: typer.Context,
    archive: Path | None,
    passphrase_file: Path | None,
    what: str,
    processes: int | None,
) -> dict[str, int]:
    from archive.errors import UsageError
    from archive.services.rebuild import rebuild as replay

    if what not in (*PARTS, "all"):
        raise UsageError(f"{what!r} cannot be rebuilt; name one of {', '.join(PARTS)}, all, markers, archive")
    chosen = PARTS if what == "all" else (what,)
    with opened(context, archive, passphrase_file, anew=chosen, processes=processes) as session:
        done, closed = replay(session, chosen)  # type: ignore[arg-type]
    return {**done, **({"unopened": closed} if closed else {})}


def _markers(
    context: typer.Context, archive: Path | None, passphrase_file: Path | None, into: str | None,
    adopt: list[str], disown: list[str],
) -> dict[str, int]:  # fmt: skip
    from archive.errors import UsageError
    from archive.wiring.recovery import rebuild_markers

    if into is None:
        raise UsageError("a control place is made anew in a new, empty place only: name it with --into")
    folder, settings = find_archive(context, archive)
    ask = passphrases(passphrase_file or common(context).passphrase_file, settings.passphrase)
    progress = Progress()
    try:
        place = named_place(folder, into)
        done = rebuild_markers(folder, settings, ask, place, adopt, note, progress, disowned=disown)
    finally:
        progress.end()
    tell_moved(folder, settings)
    return {
        "markers": done.segments,
        "records": done.size,
        "sealed": done.confirmed,
    }


@contextmanager
def _naming_new_places(control: str | None) -> Iterator[None]:
    """Say how to go on where a place that is needed beside the mirror is lost as well."""
    from archive.errors import Unreachable

    try:
        yield
    except Unreachable as error:
        if control is None and not getattr(error, "__notes__", ()):  # of a new place it is told what to do
            error.add_note(
                "where the control place is lost as well, name new, empty places: --into NEW --control NEW"
            )
        raise


def _archive(
    context: typer.Context, archive: Path | None, passphrase_file: Path | None,
    places: tuple[str | None, str | None, str | None], adopt: list[str], heads: list[Path], without_newer: bool,
) -> dict[str, int]:  # fmt: skip
    from archive.errors import UsageError
    from archive.wiring.recovery import restore_archive, vouch

    mirror = places[0]
    folder, settings = find_archive(context, archive)
    into, control = (place and named_place(folder, place) for place in places[1:])
    if mirror is None and not (heads and settings.read_only):
        raise UsageError("name the mirror with --from, or vouch for what came from one with --head")
    if mirror is None and (into or control or adopt):
        raise UsageError(
            "--into, --control and --adopt are for what comes from a mirror: name it with --from"
        )
    ask = passphrases(passphrase_file or common(context).passphrase_file, settings.passphrase)
    done: dict[str, int] = {}
    before, progress = settings, Progress()
    try:
        if mirror is not None:
            with _naming_new_places(control):
                settings, taken = restore_archive(
                    folder, settings, mirror, into, control, adopt, progress, without_newer=without_newer
                )
            done["objects"] = taken.copied
            for name in taken.left:
                note(safe(f"{mirror}: {name} does not bear out its name, or is not this ledger's: not taken"))
            done |= {"left": len(taken.left)} if taken.left else {}
            if taken.lost_from is not None:
                note(
                    f"{mirror}: it ends before record {taken.lost_from}, and the control place names more, or this "
                    "host has seen more: take it from a newer mirror too, for without those records no writer is let "
                    "in again. Where no mirror holds them, --give-up-newer goes on without them, with --control "
                    "NEW if the control place is still there"
                )
                done["lost_from"] = taken.lost_from
        if heads:
            kept = [(path.name, path.read_bytes()) for path in heads]
            vouched = vouch(folder, settings, ask, kept, None, note, progress, without_newer=without_newer)
            done |= {"records": vouched.size, "agreed": vouched.agreed}
            if vouched.agreed < vouched.size:
                note(
                    f"of {vouched.size} records the head kept outside signs the first {vouched.agreed}; that none is "
                    "lacking after the last, the mirror and what this host remembers say alone"
                )
    finally:
        progress.end()
        tell_moved(folder, before)
    if heads and without_newer:
        note("what is searched was made from what is given up: `beleg rebuild` makes it anew")
        note(
            "every other host that has seen what is given up stops: move state.json of its workspace away, then "
            "`beleg rebuild` there"
        )
    if not heads:
        note("the archive is read-only until an outside head agrees: `beleg rebuild archive --head FILE`")
    return done
