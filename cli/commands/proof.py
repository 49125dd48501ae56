"""``beleg proof``: what can be given to outsiders so that they need not believe the operator."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.opening import (
    ArchiveOption,
    JsonOption,
    PassphraseOption,
    PersonOption,
    PurposeOption,
    SecondOption,
    asking,
    check_new,
    check_outside,
    find_archive,
    opened,
    wants_json,
    write_new,
)
from cli.output import answer, note, say

app = typer.Typer(
    help="Proofs for outsiders: heads, time stamps, items.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def anchor(
    context: typer.Context,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> int:
    """Let every time-stamp authority of the settings stamp the newest checkpoint; log the tokens.

    The tokens bound the time of sealing of every record from both sides. It happens after runs too, when the
    last token is older than time.after_minutes. Exit 4: an authority gave none; it is asked again after the
    next run.

    Example: beleg proof anchor
    """
    from archive.errors import UsageError
    from archive.services.anchor import anchor as stamp
    from archive.wiring.proof import open_authorities

    with opened(context, archive, passphrase_file) as session:
        authorities = open_authorities(session.folder, session.settings)
        if not authorities:
            raise UsageError(
                "NO TIME PROOF: no authority is configured; see [[time.authorities]] in the README"
            )
        answers = stamp(session, authorities)
    if wants_json(context, as_json):
        answer([
            {"authority": one.authority, "size": one.size, "time": one.time, "problem": one.problem}
            for one in answers
        ])  # fmt: skip
    else:
        for one in answers:
            came = (
                f"{one.size} records stamped at {one.time}"
                if one.time
                else f"NO TOKEN, queued: {one.problem}"
            )
            say(f"{one.authority}: {came}")
    return 4 if any(one.problem for one in answers) else 0


@app.command()
def head(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="A new file, or a folder.")] = None,
    mail: Annotated[list[str] | None, typer.Option(help="An address; may be repeated.")] = None,
    copy_to: Annotated[
        list[str] | None, typer.Option("--copy-to", help="A folder or s3:// place of an outsider.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Give the newest checkpoint to somebody outside: only that shows later if the end was cut off.

    Needs no passphrase. Without an option the settings [heads] say who gets it. Exit 4: somebody did not.

    Example: beleg proof head --out /media/stick

    Example: beleg proof head --mail revision@firm.example --copy-to s3://notary-heads/beleg
    """
    from archive.core.instants import instant
    from archive.errors import UsageError
    from archive.services.heads import newest, write
    from archive.settings import check_address
    from archive.wiring import open_ledger
    from archive.wiring.proof import hand_on, hand_out

    folder, settings = find_archive(context, archive)
    places = tuple(one if "://" in one else str(Path(one).absolute()) for one in copy_to or ())
    addresses = tuple(mail or ())
    by_settings = out is None and not places and not addresses
    if by_settings and not settings.heads.copy_to and not settings.heads.mail:
        raise UsageError("say where the head goes: --out, --mail, --copy-to, or [heads] in beleg.toml")
    for address in addresses:
        try:
            check_address(address)
        except ValueError as error:
            raise UsageError(f"--mail: {error}") from error
    ledger = open_ledger(folder, settings, note)
    ledger.follow()
    found = newest(ledger)
    check_outside(context, archive, out)
    written = write(found, out) if out is not None else None
    if by_settings:
        handed = hand_on(folder, settings, found, instant(datetime.now(UTC)))
    else:
        handed = hand_out(folder, settings, found, places, addresses)
    failed = [one for one in handed if one.problem]
    if wants_json(context, as_json):
        answer({
            "origin": found.origin, "size": found.size, "root": found.root.hex(), "sha256": found.sha256,
            "file": str(written) if written else None,
            "handed": [{"to": one.to, "problem": one.problem} for one in handed],
        })  # fmt: skip
    else:
        say(f"Head of {found.size} records, root {found.root.hex()}")
        if written:
            say(f"Written to {written}")
        for one in handed:
            say(f"NOT given to {one.to}: {one.problem}" if one.problem else f"Given to {one.to}")
    return 4 if failed else 0


@app.command()
def item(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The item's number in the ledger, or that of any record.")],
    out: Annotated[Path, typer.Option(help="A new file; beside it FILE.tlog-proof for foreign tools.")],
    bare: Annotated[
        bool, typer.Option("--bare", help="Without its content: shows that it is there. Needs no passphrase.")
    ] = False,
    purpose: PurposeOption = None,
    person: PersonOption = None,
    second: SecondOption = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Write a proof of one record that stands by itself: `beleg verify FILE`, or `python verify.py FILE`.

    FILE.tlog-proof says the same of the bare record in the form of C2SP tlog-proof.

    Example: beleg proof item 48213 --out 48213.proof
    """
    from archive.errors import Refused
    from archive.exporters.record_proof import proof_file
    from archive.services.proof import prove
    from archive.wiring import open_ledger

    foreign = out.with_name(out.name + ".tlog-proof")
    check_new(context, archive, out, foreign)
    if bare:
        folder, settings = find_archive(context, archive)
        ledger = open_ledger(folder, settings, note)
        ledger.follow()
        proof, stamped = prove(ledger, number, None), "anchor" in ledger.state.special
        withheld: list[str] = []
    else:
        from archive.core.leaf import decode_leaf
        from archive.services.kept_back import withholding
        from archive.services.show import picked

        with opened(context, archive, passphrase_file, asking=asking(purpose, person, second)) as session:
            try:
                session.read()
                opener = session.opener("content", "matter", "oversight")
            except Refused as error:
                error.add_note(
                    "--bare proves that the record is there, without its content, and needs no key"
                )
                raise
            proof = prove(session.ledger, number, opener)
            stamped = "anchor" in session.ledger.state.special
            is_content = decode_leaf(session.ledger.raw_leaf(number)).record_class == "content"
            withheld = withholding(session, number) if is_content else []
            picked(session, [number], "export")
    write_new(out, proof_file(proof.head.note, proof.records))
    write_new(foreign, proof.foreign())
    if withheld:
        note(
            f"{out} holds item {number} whole, and {', '.join(withheld)} withholds it or words of it: --bare proves it "
            "without its content, a bundle without what is withheld"
        )
    if wants_json(context, as_json):
        answer({"index": number, "size": proof.head.size, "file": str(out), "tlog_proof": str(foreign)})
    else:
        say(f"Record {number} is in the tree of {proof.head.size} records: {out}, {foreign}")
        if stamped:
            say("The time stamps are not in it: the bundle of a matter holds them (`beleg export`).")


@app.command()
def tiles(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="A new folder.")],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the whole tree as C2SP tlog-tiles, with the leaves, for tools of others. Needs no passphrase.

    Example: beleg proof tiles --out tiles
    """
    from archive.services.proof import write_tiles
    from archive.wiring import open_ledger

    folder, settings = find_archive(context, archive)
    ledger = open_ledger(folder, settings, note)
    ledger.follow()
    check_outside(context, archive, out)
    done = write_tiles(ledger, out)
    if wants_json(context, as_json):
        answer({"size": done.size, "tiles": done.tiles, "entry_bundles": done.bundles})
    else:
        say(f"{done.tiles} tiles and {done.bundles} entry bundles of {done.size} records in {out}")
