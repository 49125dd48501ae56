"""``beleg demo``: the whole way once, on exports that Beleg ships, in plain words."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.commands.search import line
from cli.opening import JsonOption, wants_json
from cli.output import answer, note, safe, say

if TYPE_CHECKING:
    from archive.services.session import Session
    from archive.settings import Settings

EXPORTS = (
    ("WhatsApp Chat - Pumpen Halle 3.zip", "a WhatsApp chat with a supplier"),
    ("Slack-Export Werk.zip", "the export of a Slack workspace"),
    ("Kundendienst.mbox", "a mailbox of customer service"),
)
QUERY = "garantie OR gewährleistung"


def demo(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Option(help="A new folder; else beleg-demo here.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Found an archive, ingest three exports, search, hold, hand out a bundle, verify. Needs nothing.

    Example: beleg demo --folder /tmp/demo
    """
    from archive.errors import UsageError

    quiet = wants_json(context, as_json)
    place = folder or _free(Path("beleg-demo"))
    if place.exists() and any(place.iterdir()):
        raise UsageError(f"{place} is not empty; name a new folder with --folder")
    place.mkdir(parents=True, exist_ok=True)
    tell = (lambda _="": None) if quiet else say
    result = _Demo(place.resolve(), tell).run()
    if quiet:
        answer(result)
    return 0 if result["archive_exit"] == 0 and result["bundle_exit"] == 0 else 3


def _free(wanted: Path) -> Path:
    """Give a folder name that is not taken: an earlier demo is never touched."""
    number, place = 1, wanted
    while place.exists():
        number += 1
        place = wanted.with_name(f"{wanted.name}-{number}")
    return place


class _Demo:
    def __init__(self, folder: Path, tell: object) -> None:
        self.folder, self.tell = folder, tell
        self.result: dict[str, object] = {"folder": str(folder)}

    def say(self, text: str = "") -> None:
        """Tell the person who watches."""
        self.tell(text)  # type: ignore[operator]

    def run(self) -> dict[str, object]:
        """Do everything once."""
        from archive.wiring import open_session

        settings = self._found()
        with open_session(self.folder, settings, lambda _: self.passphrase, waiting=note) as session:
            self._ingest(session)
            self._search(session)
            self._matter(session)
            self._export(session)
        self._verify()
        return self.result

    def _found(self) -> "Settings":
        from archive.services.init import new_origin
        from archive.settings import Settings
        from archive.wiring.founding import found

        self.passphrase = secrets.token_urlsafe(16)
        file = self.folder / "passphrase.txt"
        file.touch(mode=0o600)
        file.write_text(self.passphrase + "\n", encoding="utf-8")
        settings = Settings(
            origin=new_origin("beleg.demo"), timezone="Europe/Berlin", passphrase=f"file:{file}"
        )
        slip = found(self.folder, settings, lambda _: self.passphrase, kem="x25519")
        self.log_key = slip.log_key
        (self.folder / "founding-slip.txt").write_text(slip.text(), encoding="utf-8")
        self.say(f"1. Founded an archive in {self.folder}")
        self.say(f"   Its name is {slip.origin}. Its log key, which goes on paper:\n   {slip.log_key}")
        return settings

    def _ingest(self, session: "Session") -> None:
        from importlib.resources import as_file, files

        from archive.ports import ReadOptions
        from archive.services.ingest import IngestOptions, ingest

        self.say("\n2. Ingested what Beleg ships as demo exports:")
        options = IngestOptions(read=ReadOptions(mine="Einkauf"))
        session.ledger.follow()
        runs = []
        for name, what in EXPORTS:
            with as_file(files("archive.demo") / name) as path:
                for report in ingest(session, path, options):
                    runs.append(report)
                    units, items = (sum(getattr(c, n) for c in report.files) for n in ("units", "items"))
                    failed = sum(count.failed for count in report.files)
                    self.say(f"   {what}: {units} units, {items} items sealed, {failed} failed")
        session.catch_up()
        self.result["runs"] = len(runs)
        self.result["items"] = sum(count.items for report in runs for count in report.files)

    def _search(self, session: "Session") -> None:
        from archive.services.search import Wishes, search

        found = search(session, QUERY, Wishes(limit=8))
        self.result["found"] = found.total
        self.say(f"\n3. Searched for: {QUERY}")
        for hit in found.hits:
            self.say(f"   {line(hit).strip()}")
        for word, forms in found.searched:
            self.say(f"   ({word} was searched as: {', '.join(forms)})")
        shown = len(found.hits)
        self.say(
            f"   {found.total} items found"
            + ("." if shown == found.total else f"; the first {shown} are shown.")
        )

    def _matter(self, session: "Session") -> None:
        from archive.services import hold
        from archive.services.matter import add_items, open_matter
        from archive.services.search import all_indexes
        from schemas.matter import Scope

        matter = open_matter(session, "Pumpe Halle 3", "Streit über eine Garantiezusage")
        session.catch_up()
        added = add_items(session, matter.id, list(all_indexes(session, QUERY)), search=QUERY)
        placed = hold.place(
            session,
            matter.id,
            Scope(channels=("whatsapp",)),
            reason="Chat mit dem Lieferanten",
            review=f"{session.clock().year + 1}-06-30",
        )
        covered = hold.coverage(session, placed)
        self.say(
            f"\n4. Opened matter {matter.id} “{safe(matter.title)}” and selected {added.count} items for it."
        )
        self.say(f"   Placed hold {placed.id}: {covered.covered} items of the chat may not be lost.")
        self.result.update(matter=matter.id, hold=placed.id, held=covered.covered)
        self.matter = matter.id

    def _export(self, session: "Session") -> None:
        from archive.services.export import export
        from schemas.matter import ExportOptions

        self.bundle = self.folder / "bundle"
        done = export(session, self.matter, self.bundle, ExportOptions(timezone="Europe/Berlin"))
        start = self.bundle / "START_verify.html"
        self.say(
            f"\n5. Handed out {done.production.id}: {len(done.production.selection)} items, context included."
        )
        self.say(f"   Open this page in a browser, it verifies itself and needs no network:\n   {start}")
        self.result.update(production=done.production.id, start=str(start))

    def _verify(self) -> None:
        from archive.core.signed_note import parse_verifier_key
        from archive.ledger.checks import Question
        from archive.services.verify import verify
        from archive.settings import load
        from archive.wiring import check_bundle, open_read_places

        places = open_read_places(self.folder, load(self.folder))
        report = verify(places, Question(level=1, log_key=parse_verifier_key(self.log_key)))
        code, text = check_bundle(self.bundle, self.log_key, [])
        verdict = {0: "intact", 3: "NOT intact"}
        seen = verdict.get(report.exit_code, "could not tell")
        self.say(f"\n6. Verified the archive without any passphrase: {seen}")
        self.say(f"   ({report.size} records, {report.objects} objects, {report.checkpoints} checkpoints).")
        self.say(f"   Verified the bundle with verify.py: {verdict.get(code, 'could not tell')}.")
        if report.exit_code or code:
            self.say("\n".join(finding.text for finding in report.findings) + "\n" + text)
        self.say(
            "\nNot shown by any of this: that a platform sent it, that it is true, and NO TIME PROOF yet."
        )
        self.say(
            f"\nLook around in it: beleg --archive {self.folder} search garantie\n"
            f"(its passphrase lies in {self.folder / 'passphrase.txt'}, and is found there by itself)"
        )
        self.result.update(archive_exit=report.exit_code, bundle_exit=code, size=report.size)
