"""What ``beleg export`` answers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.production import Cut
    from archive.services.export import Exported
    from archive.services.redact import Withholding
    from schemas.matter import Production


def export_answer(done: "Exported", out: Path) -> dict[str, object]:
    """Give what was handed out, for a machine."""
    made, result, sealed = done.production, done.result, done.result.sealed
    told = (
        {"subject": sealed.subject, "stamped_by": sealed.stamped_by, "problems": sealed.problems}
        if sealed
        else None
    )
    return {
        "production": made.id,
        "matter": made.matter,
        "folder": str(out),
        "start": str(out / "START_verify.html"),
        "size": made.size,
        "data_sha256": result.data_sha256,
        "same_as_before": done.same,
        "rerendered": list(done.rerendered),
        "erased": list(done.erased),
        "redacted": list(done.redacted),
        "doubtful": list(done.doubtful),
        "unseen": list(done.unseen),
        "fallen": [list(pair) for pair in done.fallen],
        "too_large": result.too_large,
        "sealed": told,
        **result.counts,
    }


def _ranges(items: Sequence[int]) -> str:
    """Write numbers, those in a row as a range: a person is to look at each, so none is left out."""
    runs: list[list[int]] = []
    for one in sorted(items):
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def export_lines(done: "Exported", out: Path) -> Iterator[str]:
    """Say what was handed out, and what a person has to look at."""
    made, result, sealed = done.production, done.result, done.result.sealed
    yield f"{made.id} of {made.matter}: {len(made.selection)} items, proofs up to record {made.size}"
    yield f"bag/data has the SHA-256 {result.data_sha256}"
    if done.same is not None:
        yield "the same bytes as the first time" if done.same else "NOT the bytes of the first time"
    if done.rerendered and done.same is False:
        names = ", ".join(done.rerendered)
        yield f"written by another version than the first time: {names}; records and proofs do not depend on it"
    if done.redacted:
        yield f"of {len(done.redacted)} items something is withheld; bag/data/metadata/redaction_log.xlsx says what"
    yield from _to_look_at(done.doubtful, done.unseen)
    yield from _no_longer_released(done.fallen)
    if result.too_large:
        yield (
            f"{result.too_large} documents are larger with their files than a volume was to be: nothing is parted, so "
            "each fills a volume of its own that is larger"
        )
    if done.erased:
        yield f"{len(done.erased)} items have no key any more: only their proof is in"
    if sealed is not None:
        stamp = f"time stamp by {sealed.stamped_by}" if sealed.stamped_by else "WITHOUT A TIME STAMP"
        yield f"sealed by {sealed.subject}, {stamp}"
        yield from (f"no time stamp by {problem}" for problem in sealed.problems)
    yield f"Open {out / 'START_verify.html'}, or run: python verify.py . (in that folder)"


def preview_answer(planned: "Production", withheld: "Withholding") -> dict[str, object]:
    """Give what would go out and what would be withheld, for a machine."""
    return {
        "matter": planned.matter,
        "items": len(planned.selection),
        "chosen": sum(why == "hit" for _, why in planned.selection),
        "size": planned.size,
        "withheld": [
            {
                "item": item, "facets": sorted(cut.facets), "spans": [list(span) for span in cut.spans],
                "reason": cut.reason, "follows": cut.follows, "unopened": cut.unopened,
            }
            for item, cut in sorted(withheld.cuts.items())
        ],
        "lost": list(withheld.lost),
        "doubtful": list(withheld.doubtful),
        "unseen": list(withheld.unseen),
        "fallen": [list(pair) for pair in withheld.fallen],
    }  # fmt: skip


def preview_lines(planned: "Production", withheld: "Withholding") -> Iterator[str]:
    """Say what would go out, what would be withheld and why, and what a person has to look at."""
    chosen = sum(why == "hit" for _, why in planned.selection)
    yield f"{planned.matter} would hand out {len(planned.selection)} items, {chosen} chosen; nothing was written"
    for item, cut in sorted(withheld.cuts.items()):
        parts = [*sorted(cut.facets), *([f"{len(cut.spans)} places of the text"] if cut.spans else [])]
        yield f"  {item:>8}  {'; '.join(_because(cut))}: {', '.join(parts)}; {cut.reason}"
    yield from _to_look_at(withheld.doubtful, withheld.unseen)
    yield from _no_longer_released(withheld.fallen)


def _because(cut: "Cut") -> Iterator[str]:
    if cut.follows is not None:
        yield f"tells again what {cut.follows} withholds"
    elif cut.reason or not cut.unopened:
        yield "decided"
    if cut.unopened:
        yield "files that could not be looked into"


def _no_longer_released(fallen: Sequence[tuple[int, int]]) -> Iterator[str]:
    for item, source in fallen:
        why = "something else is withheld now" if source == item else f"{source} was decided on since"
        yield f"the release of {item} ended, {why}; look at it again: `beleg matter release`"


def _to_look_at(doubtful: Sequence[int], unseen: Sequence[int]) -> Iterator[str]:
    if doubtful:
        yield (
            "short words, figures, parts or phrases of what is withheld also stand in "
            f"{len(doubtful)} items: {_ranges(doubtful)}"
        )
        yield f"look at them (`beleg show {doubtful[0]}`), and redact there too if the same is meant"
    if unseen:
        yield (
            "pictures, sound and what is encrypted, damaged or of a kind that is not read cannot be searched through "
            f"for what is withheld; such files go out with {len(unseen)} items: {_ranges(unseen)}"
        )
