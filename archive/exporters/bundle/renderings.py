"""What stands beside the records of a bundle: the items as tables, report, volume, logs. Proofs need none of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache

from archive.core.signed_note import Checkpoint
from archive.exporters import coverage_page, custody, logs, searches, table
from archive.exporters.bundle import page, statements, texts
from archive.exporters.bundle.files import Folder
from archive.exporters.bundle.lines import escaped, key_value, redaction_line
from archive.exporters.review import VolumeOptions, write_volumes
from archive.exporters.visible import visible
from archive.production import BundleInput
from archive.redaction import LABELS
from schemas.item import Key

DATA = "bag/data/"
METADATA = DATA + "metadata/"
PREFIX = "BELEG"


@dataclass(frozen=True, slots=True)
class Known:
    """What the records have told by now."""

    checkpoint: Checkpoint
    titles: Mapping[Key, str | None]
    """The conversations that are shown, with their names."""
    stated: Callable[[], Sequence[statements.Stated]]
    """Gives the statements of the items that are shown; they are dear to find, so it is done once, if at all."""


def write_renderings(
    folder: Folder, given: BundleInput, checkpoint: Checkpoint, titles: Mapping[Key, str | None]
) -> None:
    """Write each rendering that the production names, and what is redacted, where something is."""
    wanted = dict(given.renderers)
    stated = cache(
        lambda: tuple(
            statements.stated(given.told(), given.decisions, LABELS[given.options.language], given.find_all)
        )
    )
    known = Known(checkpoint, titles, stated)
    for name, write in _RENDERINGS.items():
        if name in wanted:
            write(folder, given, known)
    if given.redacted:
        _write_redactions(folder, given)


def _write_statements(folder: Folder, _: BundleInput, known: Known) -> None:
    """Write what the page marks: the statements of the items that are shown."""
    with folder.create(page.STATEMENTS) as lines:
        for one in known.stated():
            lines.write(statements.line(one))


def _write_review(folder: Folder, given: BundleInput, _: Known) -> None:
    """Write the volume for review platforms."""
    from archive.exporters.report.sheets import Sheets  # the typesetter is large

    place, options = f"{DATA}review/", given.options
    rule, zone = options.slices or "day", options.timezone
    sheets = Sheets(zone, options.language, given.picture) if options.images else None
    how = VolumeOptions(
        prefix=options.prefix or PREFIX, zone=zone, rule=rule, headers={"SliceRule": rule, "Origin": given.origin},
        redacted=given.redacted, language=options.language,
        size=options.volume_size, mails=bool(options.mails), sheets=sheets,
    )  # fmt: skip
    done = write_volumes(given.told(), folder.root / place, how)
    folder.adopt(place, done.paths)
    folder.too_large = done.too_large
    counts = {field.name: getattr(done, field.name) for field in fields(done) if field.name != "paths"}
    folder.add(f"{DATA}review/counts.json", escaped(counts) + b"\n")


def _write_table(folder: Folder, given: BundleInput, known: Known) -> None:
    """Write the items as tables."""
    place, zone = f"{DATA}table/", given.options.timezone
    (folder.root / place).mkdir()
    more = None
    if "statements" in dict(given.renderers):
        more = (statements.SHEET, statements.HEAD, statements.rows(known.stated()))
    table.write_tables(folder.root / place, given.told(), zone, redacted=given.redacted, more=more)
    folder.adopt(place, (table.CSV, table.XLSX))


def _write_report(folder: Folder, given: BundleInput, known: Known) -> None:
    """Write the items as PDF/A-2a."""
    from archive.exporters.report import write_report  # the typesetter is needed nowhere else, and large

    place = f"{DATA}report/"
    (folder.root / place).mkdir()
    done = write_report(given, known.checkpoint, folder.root / place, texts.limits().decode())
    folder.adopt(place, done.paths)


def _write_privilege(folder: Folder, given: BundleInput, _: Known) -> None:
    """Write what stays inside, and why, without a word of it."""
    logs.write_privilege_log(
        folder.root / METADATA / logs.PRIVILEGE, given.kept_back(), given.options.timezone
    )
    folder.adopt(METADATA, (logs.PRIVILEGE,))


def _write_custody(folder: Folder, given: BundleInput, _: Known) -> None:
    """Write how each item came in, and what was done with the matter; a court's copy goes to the other side too."""
    way = () if given.options.profile == "court-de" else given.way
    hidden = {one.item.via for one in given.told() if one.cut is not None} if given.redacted else set()
    hidden |= {one.told.item.via for one in given.kept_back()}
    custody.write_custody(folder.root / METADATA / custody.CUSTODY, given.told(), way, hidden)
    folder.adopt(METADATA, (custody.CUSTODY,))


def _write_conversations(folder: Folder, _: BundleInput, known: Known) -> None:
    """Write [key, name] of each conversation that has a name. No proof covers it, but the signed manifest does."""
    named = [[key_value(key), visible(title)] for key, title in known.titles.items() if title]
    folder.add(page.CONVERSATIONS, escaped(named) + b"\n")


def _write_coverage(folder: Folder, given: BundleInput, known: Known) -> None:
    """Write of which time the conversations are covered, and what is known to be missing."""
    found = given.covered(known.titles.keys())
    if found is not None:
        folder.add(
            METADATA + "coverage.json", escaped(found.model_dump(mode="json", exclude_none=True)) + b"\n"
        )
        told = coverage_page.page(found, given.origin, f"from the records below {known.checkpoint.size}")
        folder.add(METADATA + "coverage.html", told.encode())


def _write_searches(folder: Folder, given: BundleInput, _: Known) -> None:
    """Write which searches were made for the matter."""
    if given.searches:
        whole = [one.model_dump(mode="json", exclude_none=True) for one in given.searches]
        folder.add(METADATA + "searches.json", escaped(whole) + b"\n")
        searches.write_searches(folder.root / METADATA / searches.SEARCHES, given.searches)
        folder.adopt(METADATA, (searches.SEARCHES,))


def _write_redactions(folder: Folder, given: BundleInput) -> None:
    """Write the derived copies of redacted texts, and the log of what was redacted."""
    with folder.create(page.REDACTIONS) as lines:
        for one in given.told():
            if one.cut is not None:
                lines.write(redaction_line(one))
    path, options = folder.root / METADATA / logs.REDACTIONS, given.options
    logs.write_redaction_log(path, given.told(), options.timezone, options.language)
    folder.adopt(METADATA, (logs.REDACTIONS,))


_RENDERINGS: dict[str, Callable[[Folder, BundleInput, Known], None]] = {
    "review": _write_review,
    "table": _write_table,
    "statements": _write_statements,
    "privilege": _write_privilege,
    "conversations": _write_conversations,
    "custody": _write_custody,
    "searches": _write_searches,
    "coverage": _write_coverage,
    "report": _write_report,
}
