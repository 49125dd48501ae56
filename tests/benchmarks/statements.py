"""Measures the finder of statements alone: items a second on one core, on everyday chat and on chat full of business.

Run by hand: ``PYTHONPATH=. .venv/bin/python tests/benchmarks/statements.py``; asserts nothing.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from archive.statements.finder import Finder
from archive.statements.model import Message
from tests.benchmarks.corpus import Corpus

SENT = datetime(2024, 5, 14, 9, 0, tzinfo=UTC)
OPENINGS = (
    "moin",
    "hey",
    "hi",
    "servus zusammen",
    "guten morgen",
    "ja genau",
    "ok",
    "super",
    "danke dir",
    "hm",
    "",
)
SAID = (
    "bin gleich da, steh noch im stau", "hast du die bilder gesehen", "das war ja mal wieder was", "ich ruf dich an",
    "wer macht heute abend zu", "der drucker geht schon wieder nicht", "schick mir mal den link",
    "morgen bin ich nicht im büro", "haha genau so", "can you send me the link", "running late, sorry",
    "did you see the photos", "thanks, got it", "let me check and get back to you", "what a game yesterday",
    "sitzen gerade noch in der besprechung", "alles klar bis später", "na dann schönes wochenende",
    "der kunde hat sich noch nicht gemeldet", "im lager ist das licht ausgefallen", "ich bring kuchen mit",
    "wo habt ihr geparkt", "die kaffeemaschine ist wieder heil", "nice work everybody", "see you at three",
)  # fmt: skip
CLOSINGS = ("", "", "👍", "lg", "bis dann", "😂", "cheers", "!!", "oder?")


def everyday(count: int, seed: int = 5) -> list[str]:
    """Give everyday messages; one in thirty says something that binds, as the corpus of the other benchmarks does."""
    chance, corpus = random.Random(seed), Corpus(seed)
    found = []
    for _ in range(count):
        if chance.random() < 1 / 30:
            found.append(corpus.sentence())
            continue
        words = [
            chance.choice(OPENINGS),
            *chance.choices(SAID, k=chance.choice((1, 1, 2, 3))),
            chance.choice(CLOSINGS),
        ]
        found.append(" ".join(word for word in words if word))
    return found


def rate(texts: Sequence[str]) -> tuple[float, float]:
    """Give items a second of processor time, and the share of items with a statement."""
    finder = Finder()
    for text in texts[:500]:
        finder.find(Message(text, "a", SENT))
    begun, hits = time.process_time(), 0
    for text in texts:
        hits += bool(finder.find(Message(text, "a", SENT)))
    return len(texts) / (time.process_time() - begun), hits / len(texts)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=30_000)
    count = parser.parse_args().items
    corpus = Corpus(7)
    figures = {}
    for name, texts in (
        ("everyday chat", everyday(count)),
        ("business chat of the other benchmarks", [corpus.text(2) for _ in range(count // 5)]),
    ):
        speed, share = rate(texts)
        figures[name] = {
            "items/s": round(speed), "characters an item": round(sum(map(len, texts)) / len(texts)),
            "with a statement": round(share, 3),
        }  # fmt: skip
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
