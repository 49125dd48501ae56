"""The privacy half of the door: destroy what ``erase`` records name, and say so. Needs no key that opens content."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from archive.core import layout
from archive.core.keypage import MAX_PAGE, ZERO_SLOT, parse_page
from archive.errors import FormatError, NotFound, Unfinished
from archive.ledger.drafts import Draft, clear_draft
from archive.ledger.erasing import PageEraser, Zeroing, doomed
from archive.ledger.state import Erasure, LedgerState
from archive.ports import ObjectStore
from archive.services.session import Session
from archive.services.whole_file import write_whole

PAGES_A_RECORD = 4096
MEMO = "erasures.json"
GENERATION = 10
"""Digits at the end of a page's name."""


@dataclass(slots=True)
class Destroyed:
    """What the privacy half did."""

    zeroed: int = 0
    """Live key slots that are zero now, counted in each copy."""
    returned: int = 0
    """Of them: those that had been destroyed before, and came back with an old copy of the vault."""
    erases: list[int] = field(default_factory=list)
    """``erase`` records that are complete now."""
    problems: list[str] = field(default_factory=list)


class Memo:
    """What this host knows to be complete, so that not every command reads every page. Losing it costs time."""

    def __init__(self, folder: Path, origin: str) -> None:
        self.path, self.origin = folder / MEMO, origin

    def load(self) -> tuple[int, int]:
        """Give (the last ``erase`` record, the last ``orphan`` record) up to which all is done; -1 for none."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            if found["origin"] == self.origin:
                return int(found["erase"]), int(found["orphan"])
        except (OSError, ValueError, LookupError, TypeError):
            return -1, -1
        return -1, -1

    def save(self, erase: int, orphan: int) -> None:
        """Remember."""
        write_whole(self.path, json.dumps({"origin": self.origin, "erase": erase, "orphan": orphan}))


def destroy(session: Session, *, sweep: bool = False) -> Destroyed:
    """Zero what is open, and what came back; append the receipts. May be repeated at will.

    ``sweep``: everything anew, whatever this host remembers, and the pages that no segment names and that were left
    thirty days ago.

    Raises:
        Refused: this account has no privacy key.
        StoreError: a place did not answer; the next start goes on.
    """
    done = Destroyed()
    writer = session.writer("privacy")
    memo = Memo(session.folder / session.settings.workspace, session.settings.origin)
    ledger = session.ledger
    with ledger.lock():
        # Under the lock of this host: two that write a page from what each read would bring a key back.
        while True:
            state = ledger.refresh()
            complete, swept = (-1, -1) if sweep else memo.load()
            known = len(state.erasures)
            eraser = PageEraser(ledger, session.vaults)
            done.zeroed += eraser.sweep_orphans(i for i in state.special.get("orphan", ()) if i > swept)
            if sweep:
                done.zeroed += eraser.sweep_unnamed(session.clock())
            returned = came_back(session, state)
            wanted = sorted({*(e.erase for e in state.erasures if e.erase > complete), *returned})
            found: dict[int, Zeroing] = {}
            for erase in wanted:
                found[erase] = eraser.run([e for e in state.erasures if e.erase == erase])
                done.zeroed += found[erase].zeroed
                done.problems += found[erase].problems
                if erase in returned:
                    done.returned += found[erase].zeroed
            # Somebody on another host may have ordered more meanwhile, of the same pages.
            ledger.follow()
            if len(ledger.state.erasures) == known:
                break
        whole = {erase: zeroing.digests for erase, zeroing in found.items() if not zeroing.problems}

        def decide(head: LedgerState) -> list[Draft]:
            if len(head.erasures) != known:
                raise Unfinished("another erasure was ordered at the same moment; run it again")
            return [
                clear_draft("erased", {"erase": erase, "pages": [list(pair) for pair in part]})
                for erase, pages in whole.items()
                for part in _parts(_new(head, erase, pages, found[erase]))
            ]

        ledger.append(writer, decide)
        done.erases = sorted(whole)
        if not done.problems:
            state = ledger.state
            memo.save(
                max((e.erase for e in state.erasures), default=-1),
                max(state.special.get("orphan", ()), default=-1),
            )
    return done


def _new(state: LedgerState, erase: int, pages: dict[str, str], zeroing: Zeroing) -> list[tuple[str, str]]:
    """Give the pages that a receipt must name: those that no newer receipt gives, and all if a key had come back."""
    return [
        (name, digest)
        for name, digest in sorted(pages.items())
        if zeroing.zeroed
        or state.erased_pages.get(name, -1) < erase
        or state.page_digests.get(name) != digest
    ]


def _parts(pages: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    return [pages[at : at + PAGES_A_RECORD] for at in range(0, len(pages), PAGES_A_RECORD)]


def came_back(session: Session, state: LedgerState) -> set[int]:
    """Give the erasures of pages that are not, in some copy, as they were left: an old copy may be back."""
    strange = {
        name[:-GENERATION]
        for name in {name[:-GENERATION]: name for name in state.page_digests}.values()
        if any(_is_strange(state, vault, name) for vault in session.vaults)
    }
    if not strange:
        return set()
    return {
        erasure.erase
        for erasure in state.erasures
        if any(page.prefix in strange for page in doomed(session.ledger, [erasure]))
    }


def _is_strange(state: LedgerState, vault: ObjectStore, name: str) -> bool:
    """Say whether a receipted page, or an older generation of it, is other than the erasures left it."""
    batch, record_class, _ = layout.parse_page_name(name)
    known = state.generations.get((batch.hex(), record_class))
    present = layout.page(batch, record_class, known[0] if known else 0)
    older = [one for one in vault.names(name[:-GENERATION]) if one < present] if known else []
    try:
        if any(
            slot != ZERO_SLOT for one in older for slot in parse_page(vault.get(one, limit=MAX_PAGE)).slots
        ):
            return True
        digest = state.page_digests.get(present)
        return digest is not None and sha256(vault.get(present, limit=MAX_PAGE)).hexdigest() != digest
    except (NotFound, FormatError):
        return False  # gone or spoilt is not back; `verify` names it


def is_open(session: Session) -> bool:
    """Say whether there may be something to do: an erasure that this host did not see done, or a key that came back.

    Reads every page that a receipt names.
    """
    state = session.ledger.state
    complete, swept = Memo(session.folder / session.settings.workspace, session.settings.origin).load()
    if any(e.erase > complete for e in state.erasures) or any(
        i > swept for i in state.special.get("orphan", ())
    ):
        return True
    return bool(came_back(session, state))


__all__ = ["Destroyed", "Erasure", "Memo", "came_back", "destroy", "is_open"]
