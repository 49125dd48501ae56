"""Counts the points of words over the labelled files, and writes ``lexicon/points/<kind>.toml``.

Run by hand when labels were added: ``PYTHONPATH=. .venv/bin/python tests/statements/count_points.py``. The same files
give the same points. Of each sentence is known which kinds are labelled in it; a kind's points are the weights of a
logistic regression over what is seen in its sentences, with the penalty (L1) that leaves most words without any, halved
into whole numbers. A lawyer may change a number afterwards: what is in the files counts.
"""

import argparse
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from textwrap import wrap

from archive.query.analysis import tokens
from archive.statements.before import Before, Looked
from archive.statements.countries import country_of
from archive.statements.entities import find_entities
from archive.statements.evidence import seen
from archive.statements.finder import Finder
from archive.statements.labels import Labelled, read_labels
from archive.statements.lexicon import POINTS, lexicon
from archive.statements.model import KINDS, Message
from archive.statements.proposals import Proposals
from archive.statements.scanning import Scanner
from archive.statements.sentences import Sentence, Unit, sentences

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "archive" / "statements" / "lexicon" / POINTS
PENALTY = 0.7
"""Of the logistic regression: more leaves fewer words with points."""
SELDOM = 4
"""A word that stands in fewer sentences gets no points."""
A_POINT = 0.5
"""Weight, in the logarithm of the odds, that makes a point."""
DROP_BELOW = -8
"""Points below which the match of a rule is none: odds of one to fifty."""
FIND_FROM = 4
"""Points from which they find without a rule: odds of seven to one."""
BRIEF = 3
"""Words of a sentence up to which it might answer a proposal; a longer one about other things does not."""
PROPOSED = frozenset(("proposal", "offer", "price"))
"""What was said before, where a price was offered."""
OPENINGS = ("ok", "ja", "yes", "super", "danke", "yeah", "gut", "alles")
"""What people begin with who then speak of other things."""
ROUNDS = 12
STEP = 1.5
"""By so much a weight moves at once."""

Row = tuple[frozenset[str], frozenset[str]]
"""What is seen in a sentence, and the kinds that are labelled in it."""


class Reader:
    """Reads labelled messages as the finder does, by its rules alone."""

    def __init__(self) -> None:
        """Take the packaged rules without points."""
        self._lexicon = replace(lexicon(), points=())
        self._scanner = Scanner(self._lexicon)
        self._openings = cycle(OPENINGS)
        self._looked = Looked(Finder(self._lexicon).find, Proposals(self._lexicon.lists))

    def rows(self, one: Labelled) -> Iterator[Row]:
        """Give the sentences of a message.

        Of one that states nothing, also as it would stand behind a proposal, with and without an ``ok`` before it: the
        labelled answers are nearly all answers to what was asked, and in a chat most of what follows is none.
        """
        told = Before(self._looked, one.message).kinds if one.message.context else frozenset[str]()
        for sentence in self._sentences(one.message):
            start, end = sentence.units[0].start, sentence.units[-1].end
            kinds = {label.kind for label in one.labels if label.start < end and start < label.end}
            yield frozenset(seen(sentence, told)), frozenset(kinds)
            if not one.labels and not one.message.context and len(sentence.units) > BRIEF:
                yield frozenset(seen(sentence, PROPOSED)), frozenset()
                opened = replace(sentence, units=[Unit(next(self._openings), 0, 0), *sentence.units])
                yield frozenset(seen(opened, PROPOSED)), frozenset()

    def _sentences(self, message: Message) -> Sequence[Sentence]:
        text = message.text
        sorts = self._scanner.scanned(text).sorts
        entities = find_entities(
            text, message.sent.date() if message.sent else None, country_of(message), sorts
        )
        return sentences(text, tokens(text), entities, self._lexicon.spelling.corrected)


def labelled_files() -> list[Path]:
    """Give the labelled files that the finder is tuned on."""
    return sorted(path for path in HERE.glob("*.jsonl") if not path.name.startswith("measured"))


def rows_of(files: Iterable[Path]) -> list[Row]:
    """Read files of labels."""
    reader = Reader()
    return [
        row
        for path in files
        for one in read_labels(path.read_text("utf-8"), path.name)
        for row in reader.rows(one)
    ]


def weights(rows: Sequence[Collection[str]], wanted: Sequence[bool]) -> tuple[float, dict[str, float]]:
    """Fit a logistic regression with an L1 penalty by coordinate descent.

    Args:
        rows: what is seen in each sentence.
        wanted: whether the kind is labelled in it.

    Returns:
        The weight of nothing, and of each word that has one.
    """
    columns: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        for one in row:
            columns[one].append(number)
    words = sorted(one for one, column in columns.items() if len(column) >= SELDOM)
    hits = sum(wanted)
    bias = math.log((hits + 0.5) / (len(rows) - hits + 0.5))
    margins, found = [bias] * len(rows), dict.fromkeys(words, 0.0)
    chances = [_chance(bias)] * len(rows)
    for turn in range(ROUNDS):
        bent = sum(chance * (1 - chance) for chance in chances) + 1e-6
        moved = (hits - sum(chances)) / bent
        bias += moved
        margins = [margin + moved for margin in margins]
        chances = [_chance(margin) for margin in margins]
        for word in words if turn % 4 == 0 else [word for word in words if found[word]]:
            column, old = columns[word], found[word]
            slope = sum(chances[n] - wanted[n] for n in column)
            if not old and abs(slope) <= PENALTY:
                continue
            bent = max(0.25, sum(chances[n] * (1 - chances[n]) for n in column))
            aim = _shrunk(old - slope / bent, PENALTY / bent)
            moved = max(-STEP, min(STEP, aim - old))
            if moved:
                found[word] = old + moved
                for n in column:
                    margins[n] += moved
                    chances[n] = _chance(margins[n])
    return bias, {word: weight for word, weight in found.items() if weight}


def _chance(margin: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, margin))))


def _shrunk(value: float, by: float) -> float:
    """Give a value moved towards 0."""
    return math.copysign(max(0.0, abs(value) - by), value)


def written(kind: str, bias: float, of: Mapping[str, float]) -> str:
    """Give the file of a kind."""
    groups: dict[int, list[str]] = defaultdict(list)
    for word, weight in of.items():
        if points := round(weight / A_POINT):
            groups[points].append(word)
    lines = [
        f'kind = "{kind}"',
        f"base = {round(bias / A_POINT)}",
        f"drop_below = {DROP_BELOW}",
        f"find_from = {FIND_FROM}",
        "[points]",
    ]
    for points in sorted(groups, reverse=True):
        text = " ".join(sorted(groups[points]))
        listed = wrap(text, 116, break_long_words=False, break_on_hyphens=False)
        lines += [f'"{points:+}" = """', *listed, '"""']
    return "\n".join(lines) + "\n"


def main() -> None:
    """Count, and write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=labelled_files())
    rows = rows_of(parser.parse_args().files)
    sights = [row[0] for row in rows]
    FOLDER.mkdir(exist_ok=True)
    for kind in KINDS:
        bias, of = weights(sights, [kind in row[1] for row in rows])
        text = written(kind, bias, of)
        (FOLDER / f"{kind}.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
