"""How well finds meet labels: precision, recall and F1 with confidence intervals. The mathematics, and no files.

A find counts for a label when kind and modality agree and intersection over union of their characters is at least a
half; each label is met by one find at most, the best overlaps first.
"""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from archive.statements.labels import Label, Labelled
from archive.statements.model import KINDS, MODALITIES, Find, Message

ENOUGH = 0.5
"""Intersection over union from which a find meets a label."""

RESAMPLED = 1000
"""Times that messages are drawn again for the interval of F1; the seed is fixed."""

_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one message, or of many: labels met, finds without a label, labels without a find."""

    hits: int = 0
    extra: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.extra + other.extra, self.missed + other.missed)


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of one group. ``n`` is the number of labels; a figure without anything to count is None."""

    precision: float | None
    recall: float | None
    f1: float | None
    n: int
    found: int
    precision_interval: tuple[float, float] | None
    recall_interval: tuple[float, float] | None
    f1_interval: tuple[float, float] | None


@dataclass(slots=True)
class Evaluation:
    """The figures of a file."""

    messages: int
    by_modality: dict[str, dict[str, Score]] = field(default_factory=dict)
    """modality → kind → score; ``all`` stands for all kinds."""
    kind_only: dict[str, Score] = field(default_factory=dict)
    """kind → score, whatever the modality."""
    modality_only: dict[str, Score] = field(default_factory=dict)
    """modality → score over all kinds."""
    overall: Score | None = None
    values_right: int = 0
    values_labelled: int = 0
    """Of the labels that were met: values (key by key) that agree, and values in the labels."""
    wrong: list[tuple[Labelled, tuple[Label, ...], tuple[Find, ...]]] = field(default_factory=list)
    """Messages with labels that no find meets, or finds that meet none."""


def overlap(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Give intersection over union of two ranges of characters."""
    inside = min(first[1], second[1]) - max(first[0], second[0])
    if inside <= 0:
        return 0.0
    return inside / (max(first[1], second[1]) - min(first[0], second[0]))


def pairs(labels: Sequence[Label], finds: Sequence[Find], *, modality: bool = True) -> list[tuple[int, int]]:
    """Pair labels with finds, best overlaps first; each stands in one pair at most."""
    possible = sorted(
        (
            (-share, m, n)
            for m, label in enumerate(labels)
            for n, find in enumerate(finds)
            if label.kind == find.kind
            and (not modality or label.modality == find.modality)
            and (share := overlap((label.start, label.end), (find.start, find.end))) >= ENOUGH
        ),
    )
    taken_labels: set[int] = set()
    taken_finds: set[int] = set()
    found: list[tuple[int, int]] = []
    for _, m, n in possible:
        if m not in taken_labels and n not in taken_finds:
            taken_labels.add(m)
            taken_finds.add(n)
            found.append((m, n))
    return found


def evaluate(messages: Iterable[Labelled], finder: Callable[[Message], Sequence[Find]]) -> Evaluation:
    """Run a finder over labelled messages and count."""
    strict: list[dict[tuple[str, str], Counts]] = []
    loose: list[dict[tuple[str, str], Counts]] = []
    result = Evaluation(0)
    for one in messages:
        result.messages += 1
        finds = list(finder(one.message))
        met = pairs(one.labels, finds)
        strict.append(_counted(one.labels, finds, met))
        loose.append(_counted(one.labels, finds, pairs(one.labels, finds, modality=False)))
        for m, n in met:
            labelled = one.labels[m].values
            result.values_labelled += len(labelled)
            result.values_right += sum(finds[n].values.get(key) == value for key, value in labelled.items())
        missed = tuple(label for m, label in enumerate(one.labels) if m not in {a for a, _ in met})
        extra = tuple(find for n, find in enumerate(finds) if n not in {b for _, b in met})
        if missed or extra:
            result.wrong.append((one, missed, extra))
    for name in MODALITIES:
        result.by_modality[name] = {kind: score(strict, kind, name) for kind in KINDS}
        result.modality_only[name] = score(strict, None, name)
    for kind in KINDS:
        result.kind_only[kind] = score(loose, kind, None)
    result.overall = score(strict, None, None)
    return result


def _counted(
    labels: Sequence[Label], finds: Sequence[Find], met: Sequence[tuple[int, int]]
) -> dict[tuple[str, str], Counts]:
    found: dict[tuple[str, str], Counts] = {}

    def add(kind: str, modality: str, counts: Counts) -> None:
        found[kind, modality] = found.get((kind, modality), Counts()) + counts

    taken = {m for m, _ in met}
    used = {n for _, n in met}
    for m, label in enumerate(labels):
        add(label.kind, label.modality, Counts(hits=1) if m in taken else Counts(missed=1))
    for n, find in enumerate(finds):
        if n not in used:
            add(find.kind, find.modality, Counts(extra=1))
    return found


def score(counted: Sequence[dict[tuple[str, str], Counts]], kind: str | None, modality: str | None) -> Score:
    """Give the figures of a kind and a modality over messages; None: of every one."""
    each = [
        counts
        for message in counted
        if (counts := sum((c for key, c in message.items() if _counts(key, kind, modality)), Counts()))
        != Counts()
    ]
    total = sum(each, Counts())
    found, labelled = total.hits + total.extra, total.hits + total.missed
    return Score(
        precision=total.hits / found if found else None,
        recall=total.hits / labelled if labelled else None,
        f1=f1(total),
        n=labelled,
        found=found,
        precision_interval=wilson(total.hits, found),
        recall_interval=wilson(total.hits, labelled),
        f1_interval=_bootstrap(each),
    )


def _counts(key: tuple[str, str], kind: str | None, modality: str | None) -> bool:
    return kind in (None, key[0]) and modality in (None, key[1])


def f1(counts: Counts) -> float | None:
    """Give F1, the harmonic mean of precision and recall; None when there was nothing to find and nothing found."""
    below = 2 * counts.hits + counts.extra + counts.missed
    return 2 * counts.hits / below if below else None


def wilson(hits: int, total: int) -> tuple[float, float] | None:
    """Give the Wilson score interval of a share at 95 %; None of nothing."""
    if not total:
        return None
    share, z2 = hits / total, _Z * _Z
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = _Z * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def _bootstrap(each: Sequence[Counts]) -> tuple[float, float] | None:
    """Give the 95 % interval of F1 over messages drawn again, with a fixed seed: the same file, the same interval."""
    if not each:
        return None
    chance = random.Random(1)  # noqa: S311  (no secret: a repeatable draw)
    drawn = sorted(
        value
        for _ in range(RESAMPLED)
        if (value := f1(sum(chance.choices(each, k=len(each)), Counts()))) is not None
    )
    return drawn[int(0.025 * len(drawn))], drawn[min(len(drawn) - 1, int(0.975 * len(drawn)))]
