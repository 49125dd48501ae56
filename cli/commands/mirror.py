"""``beleg mirror``: a second home for archive and control place."""

from typing import Annotated

import typer

from cli.opening import ArchiveOption, JsonOption, find_archive, wants_json
from cli.output import Progress, answer, note, safe, say


def mirror(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="A folder, or a place on S3 like s3://firm-mirror/beleg.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Copy archive and control place, only what the copy lacks, and verify the copy by itself.

    The vault is not copied: it has its own second copy (`beleg keys copy`), and a mirror would keep destroyed
    keys alive. Needs no passphrase.

    Example: beleg mirror /mnt/second/beleg
    """
    from archive.wiring.recovery import mirror as copy

    folder, settings = find_archive(context, archive)
    progress = Progress()
    try:
        done = copy(folder, settings, target, None, progress)
    finally:
        progress.end()
    if wants_json(context, as_json):
        answer({"objects": done.objects, "copied": done.copied, "left": done.left, "report": done.report})
    else:
        say(f"{done.copied} objects copied, {done.objects} in both now")
        say(f"The copy holds {done.report.size} records, root {done.report.root or 'unknown'}")
        for finding in done.report.findings:
            if finding.severity != "note":
                text = f"{finding.severity.upper()} {finding.kind}: {finding.text} [{finding.name or ''}]"
                say(safe(text))
        say("The copy is intact." if done.report.exit_code == 0 else "THE COPY IS NOT INTACT.")
    for name in done.left:
        note(safe(f"{name}: format 1 has no such objects; it was not copied (`beleg verify`)"))
    return done.report.exit_code or (3 if done.left else 0)
