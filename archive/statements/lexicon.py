"""The lexicon: data files of rules and cues, read once and compiled for one pass over the words of a text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from tomllib import TOMLDecodeError, loads
from typing import Any

from archive.errors import SettingsError
from archive.statements.evidence import Points, read_points
from archive.statements.model import KINDS, MODALITIES
from archive.statements.number_words import german_value
from archive.statements.numbers import vocabulary
from archive.statements.patterns import SORTS, Compiler, Pattern, fold_pattern
from archive.statements.spelling import Spelling
from archive.statements.triggers import Triggers
from archive.statements.version import version_of

SCOPES = ("clause", "near", "sentence", "message")
LANGUAGES = ("de", "en")
POINTS = "points"
"""The folder of the points of words."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the lexicon: what makes a statement of a kind."""

    name: str
    kind: str
    find: tuple[Pattern, ...]
    beside: tuple[Pattern, ...] = ()
    """One of these must stand in the same sentence (``with`` in the files)."""
    without: tuple[Pattern, ...] = ()
    """None of these may stand in the same sentence."""
    needs: tuple[Pattern, ...] = ()
    """One of these must stand in the clauses of the match; the span does not reach to it."""
    modality: str | None = None
    """What it is if no cue says otherwise; None: promised."""
    fixed: bool = False
    """No cue but a quotation changes the modality."""
    asked: bool = False
    """Only in a question."""
    tight: bool = False
    """The span is what matched, and not the clause around it."""
    after: tuple[str, ...] = ()
    """Only after a message of another sender that holds one of these kinds, or a ``proposal``."""
    score: int = 60
    weigh: tuple[tuple[int, Pattern], ...] = ()
    """Points for and against it, each given once where its pattern stands in the clauses of the match."""
    least: int = 0
    """Points that are needed."""
    whole: bool = False
    """The points, and what must not stand beside it, are looked for in the whole sentence."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that decide how a statement is meant."""

    modality: str
    """One of the modalities; ``drop``: no statement at all; ``told``: none where it would be promised; ``keep``: hides
    the cues that it covers; ``firm``: adds to the strength."""
    find: tuple[Pattern, ...]
    scope: str = "clause"
    """``clause``: within the clauses of the span; ``near``: those beside them too; ``sentence``; ``message``."""
    kinds: frozenset[str] | None = None
    """Only for these kinds."""
    hides: frozenset[str] | None = None
    """Of ``keep``: which modalities it hides; None: all."""
    without: tuple[Pattern, ...] = ()
    """None of these may stand in the clauses that it touches."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that was read, compiled."""

    version: str
    """The version of its files and of the rules in Python that read them."""
    rules: tuple[Rule, ...]
    cues: tuple[Cue, ...]
    lists: dict[str, tuple[str, ...]]
    patterns: tuple[tuple[int, Pattern], ...]
    """(rule, pattern) of every pattern under ``find``, in the order of the bits of ``triggers``."""
    triggers: Triggers
    cue_patterns: tuple[tuple[int, Pattern], ...]
    cue_triggers: Triggers
    spelling: Spelling
    points: tuple[Points, ...] = ()
    """The points of words, kind by kind."""


@cache
def lexicon_version() -> str:
    """Give the version of the packaged lexicon and of what reads it, without reading its rules."""
    return version_of(dict(_packaged()))


@cache
def lexicon() -> Lexicon:
    """Read and compile the packaged lexicon. Raises SettingsError that names the file and the rule."""
    return compile_lexicon(dict(_packaged()))


def _packaged() -> Iterator[tuple[str, str]]:
    root = files("archive.statements").joinpath("lexicon")
    for folder in (root, *(root.joinpath(name) for name in (*LANGUAGES, POINTS))):
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if file.name.endswith(".toml"):
                yield f"{'' if folder is root else folder.name + '/'}{file.name}", file.read_text("utf-8")


def compile_lexicon(texts: dict[str, str]) -> Lexicon:
    """Compile the texts of a lexicon by file name."""
    data: dict[str, dict[str, Any]] = {}
    for name, text in sorted(texts.items()):
        try:
            data[name] = loads(text)
        except TOMLDecodeError as error:
            raise SettingsError(f"lexicon/{name}: {error}") from error
    lists: dict[str, list[str]] = {}
    for content in data.values():
        for name, words in content.get("lists", {}).items():
            lists.setdefault(name, []).extend(words.split() if isinstance(words, str) else words)
    common = frozenset(fold_pattern(word) for word in lists.get("common", ()))
    compiler = Compiler(lists, common)
    rules: list[Rule] = []
    named: set[str] = set()
    cues: list[Cue] = []
    for name, content in data.items():
        for number, given in enumerate(content.get("rule", ()), 1):
            rules.append(_rule(name, content, number, given, compiler))
            if (said := rules[-1].name) in named:
                raise SettingsError(f"lexicon/{name}, rule {number}: there is another rule {said!r}")
            named.add(said)
        for number, given in enumerate(content.get("cue", ()), 1):
            cues.append(_cue(name, number, given, compiler))
    patterns = [
        (number, compiler.compile(text, rule.name, short=not rule.after))
        for number, rule in enumerate(rules)
        for pattern in rule.find
        for text in compiler.expanded(pattern.text, rule.name)
    ]
    cue_patterns = [(number, pattern) for number, cue in enumerate(cues) for pattern in cue.find]
    known = {word for name in lists for word in map(fold_pattern, lists[name])}
    known |= {word for _, pattern in patterns for words in pattern.anchors for word in words}
    spelling = Spelling(data.get("spelling.toml", {}), known)
    return Lexicon(
        version_of(texts), tuple(rules), tuple(cues),
        {name: tuple(map(fold_pattern, words)) for name, words in lists.items()},
        tuple(patterns),
        Triggers([(pattern, rules[number].beside or rules[number].needs) for number, pattern in patterns]),
        tuple(cue_patterns), Triggers([(pattern, ()) for _, pattern in cue_patterns]), spelling,
        tuple(read_points(name, content) for name, content in data.items() if name.startswith(f"{POINTS}/")),
    )  # fmt: skip


def _patterns(given: dict[str, Any], key: str, where: str, compiler: Compiler) -> tuple[Pattern, ...]:
    return tuple(compiler.compile(text, where) for text in given.get(key, ()))


def _rule(file: str, content: dict[str, Any], number: int, given: dict[str, Any], compiler: Compiler) -> Rule:
    where = f"lexicon/{file}, rule {number}"
    kind, modality = given.get("kind", content.get("kind")), given.get("modality")
    unknown = given.keys() - {
        "name", "kind", "find", "with", "without", "modality", "fixed", "asked", "tight", "after", "score", "weigh",
        "least", "needs", "whole",
    }  # fmt: skip
    if unknown:
        raise SettingsError(f"{where}: there is no {', '.join(sorted(unknown))}")
    if kind not in KINDS or (modality is not None and modality not in MODALITIES) or not given.get("find"):
        raise SettingsError(f"{where}: needs a kind, patterns under find, and a modality that there is")
    shared = content.get("without", [])
    return Rule(
        name=f"{file.removesuffix('.toml')}: {given.get('name', number)}",
        kind=kind,
        find=_patterns(given, "find", where, compiler),
        beside=_patterns(given, "with", where, compiler),
        without=tuple(compiler.compile(text, where) for text in [*given.get("without", []), *shared]),
        modality=modality,
        fixed=given.get("fixed", False),
        asked=given.get("asked", False),
        tight=given.get("tight", False),
        after=tuple(given.get("after", ())),
        score=given.get("score", 60),
        needs=_patterns(given, "needs", where, compiler),
        weigh=tuple(
            sorted((_weight(text, where, compiler) for text in given.get("weigh", ())), key=_quickest)
        ),
        least=given.get("least", 0),
        whole=given.get("whole", False),
    )


def _quickest(weighed: tuple[int, Pattern]) -> tuple[bool, int]:
    """Order points: a look-up before a search, and what speaks against it first."""
    points, pattern = weighed
    return pattern.plain is None, points


def _weight(text: str, where: str, compiler: Compiler) -> tuple[int, Pattern]:
    """Read ``+2 pattern``."""
    points, _, pattern = text.partition(" ")
    if not re.fullmatch(r"[+-]\d", points) or not pattern:
        raise SettingsError(f"{where}: {text!r} must begin with its points, as in '+2 dir|euch'")
    return int(points), compiler.compile(pattern, where)


def _cue(file: str, number: int, given: dict[str, Any], compiler: Compiler) -> Cue:
    where = f"lexicon/{file}, cue {number}"
    modality, scope = given.get("modality"), given.get("scope", "clause")
    if modality not in (*MODALITIES, "drop", "told", "keep", "firm") or scope not in SCOPES:
        raise SettingsError(f"{where}: needs a modality, drop, told, keep or firm, and a scope that there is")
    kinds = given.get("kinds")
    if kinds and not set(kinds) <= set(KINDS):
        raise SettingsError(f"{where}: there is no kind {', '.join(sorted(set(kinds) - set(KINDS)))}")
    hides = frozenset(given["hides"]) if "hides" in given else None
    find = tuple(compiler.compile(text, where, wide=modality == "keep") for text in given.get("find", ()))
    without = _patterns(given, "without", where, compiler)
    return Cue(modality, find, scope, frozenset(kinds) if kinds else None, hides, without)


@cache
def value_words() -> dict[str, tuple[str, ...]]:
    """Give words → the sorts of entities that they may be a part of. Digits alone make others: see ``sorts_of``."""
    words = vocabulary()
    found: dict[str, tuple[str, ...]] = {}

    def add(names: Iterable[str], *sorts: str) -> None:
        for name in names:
            found[name] = (*found.get(name, ()), *sorts)

    counts = {word: n for word, n in words.numbers.items() if len(word) > 2 and word not in _ARTICLES}
    add((word for word, n in counts.items() if n < _TEN), "num", "count")
    add((word for word, n in counts.items() if n >= _TEN), "num", "sum", "count")
    add(_ARTICLES, "count")
    add((name.rstrip(".") for name in words.currencies), "money", "rate")
    add(("teur", "keur", "tchf", "kchf"), "money", "rate")
    add(words.cents, "money", "rate")
    add((word for word in words.periods if len(word) > _SHORT_UNIT), "period", "date")
    add((word for word in words.periods if len(word) <= _SHORT_UNIT), "unit")
    add(words.adjectives, "period")
    add(words.quantities, "qty")
    add(words.per, "rate")
    add(
        (word for phrase in loads(_text("entities.toml"))["words"]["GOODS"] for word in phrase.split()),
        "money",
        "rate",
    )
    add(("grand", "riesen", "mille"), "money", "count")
    add((word for word in words.factors if len(word) > _SHORT_UNIT), "money", "rate")
    add(("prozent", "proz", "percent", "pct", "cent"), "percent")
    days = {**words.weekdays, **words.short_weekdays, **words.months}
    days.pop("do")  # a verb; the finder looks for ``am Do`` itself
    add((*days, *loads(_text("dates.toml"))["words"]["alone"]), "date")
    add(
        ("lifetime", "lebenslang", "lebenslange", "fortnight", "halbes", "anderthalb", "eineinhalb"), "period"
    )
    return found


_TEN = 10
"""What is less is no amount, nor is a single figure, whatever stands beside it."""
_SHORT_UNIT = 2
"""Letters of a unit of time that is none without a number beside it: ``wo``, ``mo``, ``j``."""
_ARTICLES = frozenset(("ein", "eine", "einen", "einem", "einer", "eines", "one"))
_MIXED = re.compile(r"\d+[a-z]+")
_LONG_PERIOD = re.compile(r".{3,}(?:jaehrig|monatig|woechig|taegig)\w{0,2}")


def sorts_of(term: str) -> tuple[str, ...]:
    """Give the sorts of entities that a word may be a part of."""
    if term.isdecimal() and len(term) == 1:
        return ("num", "date", "order", "product", "time", "count")
    if _MIXED.fullmatch(term):
        return (*SORTS, "count")
    if any(c.isdecimal() for c in term):
        return ("num", "sum", "date", "order", "product", "time", "count")
    if _LONG_PERIOD.fullmatch(term):
        return ("period",)
    known = value_words().get(term)
    if known is None:
        return ("num", "sum", "count") if len(term) > 6 and german_value(term) is not None else ()
    return known


def _text(name: str) -> str:
    return files("archive.statements").joinpath("lexicon", name).read_text("utf-8")
