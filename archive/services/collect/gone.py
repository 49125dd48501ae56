"""What a live source shows no more: told as deleted only where nothing else of it is left, and all was looked into."""

import json
from dataclasses import dataclass
from hashlib import sha256

from archive.ports import Mark
from archive.services.ingest.seen import Seen
from archive.services.session import Session
from archive.sources import Answer, Gone, Haul, SourceSettings
from schemas.capture import Gap
from schemas.item import Key

MARKED = ("bluesky", "bluesky-feed", "imap", "mastodon", "slack")
"""Kinds that tell of deletions by a number or page: what was read there is remembered in the workspace."""
LINES = "gone.jsonl"


@dataclass(frozen=True, slots=True)
class Source:
    """A source as a run needs it."""

    name: str
    settings: SourceSettings
    owed: bool = False
    """What is on record of it ends with a look that broke off: the end of the next one is told in any case."""


def observed(session: Session, source: Source, haul: Haul) -> tuple[tuple[Answer, ...], tuple[Gap, ...]]:
    """Give what is gone for good as lines for the ledger, and what cannot be told as gaps.

    A deletion is named by where the thing came in, for nothing comes there twice. So a collection that died before its
    cursor was sealed does not tell it again.
    """
    seen = Seen(session)
    seen.catch_up()
    here = {one.path for one in haul.gone}
    lines: list[str] = []
    unknown: dict[str, int] = {}
    for one in haul.gone:
        known = marks_of(session, source.name, one)
        if not known:
            folder = one.path.rpartition("/")[0]
            unknown[folder] = unknown.get(folder, 0) + 1
        for mark in known:
            # Of a thing with an id the platform itself says that it is gone; a mail may lie in another folder.
            if one.ident is not None or set(session.seen.places(source.name, mark.identity)) <= here:
                name = f"gone {sha256(f'{source.name}/{one.path}'.encode()).hexdigest()[:16]} {mark.key.id}"
                gone = Key(channel=mark.key.channel, scope=mark.key.scope, id=name, derived=True)
                if seen.find(seen.secret.identity("item", [mark.via.model_dump(), gone.model_dump()])):
                    continue
                keys = {part: getattr(mark, part).model_dump() for part in ("via", "thread", "key")}
                lines.append(_line(session, one, {**keys, "id": name}))
    gaps = tuple(
        Gap(
            reason=f"{count} of one place are gone that this workspace did not read: moved or deleted, nobody knows"
        )
        for count in unknown.values()
    )
    body = "".join(f"{line}\n" for line in dict.fromkeys(lines)).encode()
    answer = Answer(LINES, body, "seen by the collection", session.observed.name)
    return ((answer,) if lines else ()), gaps


def marks_of(session: Session, source: str, one: Gone) -> list[Mark]:
    """Give what is remembered of something that is gone."""
    found = session.seen.marked(source, one.path)
    return [mark for mark in found if one.ident is None or mark.key.id == one.ident]


def _line(session: Session, one: Gone, keys: dict[str, object]) -> str:
    told = {
        "form": "beleg-observed/1",
        **keys,
        "was": one.path,
        "because": one.because,
        "event": "deleted" if one.is_deleted else "notice",
        "seen": session.now(),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True)
