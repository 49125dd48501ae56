"""German verbs: which forms and nouns belong together although they do not begin alike.

A stemmer takes endings off and leaves *ausgeliefert* apart from *ausliefern*, *angenommen* from *Annahme*. Here a
word is read as prefix, ``ge`` or ``zu``, stem and ending; each way to read it is a ``Root``. Two words belong together
when they have a root in common. What changes inside a stem stands in ``verbs.txt``, for people to read.

* Endings are those of verbs (*en, t, te, et* …), of participles (*geliefertes*), and *ung*. A noun without ending, or
  with *e*, is read so only behind a prefix: *Zusage, Anruf, Verkauf*, and not *Marke*.
* *ieren* goes with *ation, atur, age*: *reparieren, Reparatur*; *eln* with *lung*: *verhandeln, Verhandlung*.
  *Rück…* is *zurück…*: *Rückgabe, zurückgegeben*.
* Of a stem of six letters or more, what ends with it belongs as well: *liefern, ausgeliefert, Teillieferung*.

Words are folded. An umlaut tells verbs apart (*fordern, fördern*), except in those whose stem changes: *fällt, fallen*.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

LONG = 6
"""Letters of a stem that is sought at the end of others."""

PREFIXES = (
    "auseinander", "zusammen", "entgegen", "zurueck", "zurecht", "bereit", "heraus", "hinaus", "herein", "hinein",
    "hinzu", "weiter", "wieder", "nieder", "voraus", "vorbei", "durch", "statt", "unter", "ueber", "nach", "fest",
    "frei", "fort", "gut", "auf", "aus", "bei", "ein", "her", "hin", "los", "mit", "vor", "weg", "ab", "an", "um", "zu",
)  # fmt: skip
"""What may stand apart from its verb, folded; longer ones first."""

_INSEPARABLE = (
    "hinter",
    "wider",
    "unter",
    "ueber",
    "durch",
    "miss",
    "emp",
    "ent",
    "ver",
    "zer",
    "be",
    "er",
    "um",
)

_FORM = re.compile(
    r"en|n|t|st|et|est|te|ten|tet|test|ete|eten|etet|end|ung|ungen|(?:t|et|en|end)(?:e|en|er|es|em)"
)
_PARTICIPLE = re.compile(r"(?:t|et|en|n)(?:e|en|er|es|em)?")
_ADJECTIVE = re.compile(r"|e|en|er|es|em")
_WITH_ZU = re.compile(r"(?:en|n)(?:d(?:e|en|er|es|em))?")
_NOUN = re.compile(r"|e|en|es|s")
_FOREIGN = re.compile(r"ier(?:en|t|te|ten|end|ung|ungen|t(?:e|en|er|es|em))?|(?:ation|ition|atur)(?:en)?|age")


_LUNG = re.compile("[^aeioulr]l$")
_UE = re.compile("(?<![aeq])ue")


class Root(NamedTuple):
    """One way to read a word: the prefix that may stand apart, or nothing, and the stem of the infinitive."""

    prefix: str
    stem: str


class _Stems(NamedTuple):
    """``verbs.txt``: a changed stem → that of the infinitive, by where it may stand; and the other way round."""

    verbs: dict[str, str]
    nouns: dict[str, str]
    participles: dict[str, str]
    changed: dict[str, tuple[str, ...]]
    none: frozenset[str]


def bare(word: str) -> str:
    """Give a folded word with the bare letters of its umlauts: *pruefung* is *prufung*, and *bauen* stays."""
    word = word.replace("ae", "a").replace("oe", "o")
    return _UE.sub("u", word) if "ue" in word else word


_WRITTEN = {written: prefix for prefix in (*PREFIXES, "rueck") for written in (prefix, bare(prefix))}
"""How a prefix is written, with its umlaut or without → the prefix."""
_HEADS = (*_WRITTEN, *_INSEPARABLE, *map(bare, _INSEPARABLE))


@lru_cache(maxsize=1 << 16)
def roots(word: str) -> frozenset[Root]:
    """Give every way to read a folded word as a form of a verb, or as a noun of one."""
    if not word.isalpha() or not word.isascii() or word in _stems().none:
        return frozenset()
    found = {Root("", stem) for stem in _read(word, behind=word.startswith(_INSEPARABLE), apart=False)}
    for written, prefix in _WRITTEN.items():
        if word.startswith(written):
            whole = "zurueck" if prefix == "rueck" else prefix
            found |= {Root(whole, stem) for stem in _read(word[len(written) :], behind=True, apart=True)}
            break
    return frozenset(found)


def related(own: frozenset[Root], other: frozenset[Root]) -> bool:
    """Say whether a word with the roots ``own`` finds one with the roots ``other``."""
    if own & other:
        return True
    return any(_ends_with(stem, long) for long in _long(own) for _, stem in other)


def beginnings(own: frozenset[Root]) -> Iterator[str]:
    """Give, for words with these roots, how whatever is related to them begins, in bare letters."""
    for prefix, stem in own:
        shorts = ("zuruck", "ruck") if prefix == "zurueck" else (bare(prefix),)
        for changed in _written(stem):
            yield from (f"{short}{mark}{bare(changed)}" for short in shorts for mark in ("", "ge", "zu"))


def parts(own: frozenset[Root]) -> Iterator[str]:
    """Give what else, in bare letters, those contain that end with a long stem."""
    for stem in _long(own):
        yield from map(bare, _written(stem))


def _long(own: frozenset[Root]) -> Iterator[str]:
    for prefix, stem in own:
        if not prefix and len(bare(stem).removesuffix("ier")) >= LONG and not stem.startswith("zu"):
            yield stem


def _ends_with(stem: str, long: str) -> bool:
    """Say whether one is the other, or a word stands before it: *teil-liefer*, and not *ueb-ersetz*."""
    before = len(stem) - len(long)
    return (before == 0 or before > 3) and stem.endswith(long)


def infinitive(word: str) -> tuple[str, str] | None:
    """Give verb and prefix, folded, of a word whose prefix may stand apart: *zugesagt* is ``("sagen", "zu")``.

    None for any other. The shortest stem is taken: *gesag* is one of *zugesagt*, too, by its ending.
    """
    split = sorted((len(stem), stem, prefix) for prefix, stem in roots(word) if prefix)
    if not split:
        return None
    _, stem, prefix = split[0]
    return stem + ("n" if stem.endswith(("el", "er")) else "en"), prefix


def _read(text: str, *, behind: bool, apart: bool) -> Iterator[str]:
    """Give the stems of a word, or of what follows a prefix. ``behind``: nouns count; ``apart``: so does ``zu``."""
    stems = _stems()
    if text.startswith("ge"):
        yield from _read_participle(text[2:])
        if apart and text[2:] in stems.nouns:  # Angebot
            yield stems.nouns[text[2:]]
    if apart and text.startswith("zu") and (found := [stem for stem, _ in _cut(text[2:], _WITH_ZU)]):
        yield from map(_whole, found)
        return
    for stem, ending in _cut(text, _FORM):
        if behind or len(stem) > 3 or ending[0] in "eu":
            yield from _inflected(stem, ending)
        if ending.startswith("ung") and _LUNG.search(stem):
            yield stem[:-1] + "el"
    for stem, _ in _cut(text, _NOUN):
        whole = _whole(stem, stems.nouns)
        if behind or (whole != stem and stem not in stems.nouns):  # Kostenübernahme
            yield whole
    if (whole := _whole(text)) != text:  # nahm, versandt
        yield whole
    for stem, _ in _cut(text, _FOREIGN):
        yield stem[:-1] + "kier" if stem[-1] == "z" else stem + "ier"


def _read_participle(text: str) -> Iterator[str]:
    stems = _stems()
    for stem, ending in _cut(text, _PARTICIPLE):
        if ending[0] == "e" and stem in stems.participles:
            yield stems.participles[stem]
        elif ending[0] == "e" or bare(stem) not in stems.verbs:
            yield _whole(stem)
    yield from (
        stems.verbs[stem] for stem, _ in _cut(text, _ADJECTIVE) if stem in stems.verbs and stem[-1] == "t"
    )


def _inflected(stem: str, ending: str) -> Iterator[str]:
    whole = _whole(stem)
    if whole == stem or "i" in stem or ending[0] not in "ts":  # nimmt, gibt; nahm has no such forms
        yield whole


def _whole(stem: str, known: dict[str, str] | None = None) -> str:
    """Give the stem of the infinitive for a changed one, also behind further prefixes: *übernomm* is *übernehm*.

    An umlaut is a change like others in verbs that change; elsewhere it tells verbs apart: *fördern, fordern*.
    """
    known = _stems().verbs if known is None else known
    for size in range(len(stem), 2, -1):
        head, tail = stem[:-size], stem[-size:]
        if not head or (head.endswith(_HEADS) and len(head) > 1):
            plain = bare(tail)
            if plain in known:
                return head + known[plain]
            if plain in _stems().changed:
                return head + plain
    return stem


def _written(stem: str) -> Iterator[str]:
    """Give a stem and all that it changes to."""
    yield stem
    if stem.endswith("ier"):
        yield stem[:-3]
        yield stem[:-4] + "z"
    if stem.endswith("el"):
        yield stem[:-2] + "l"
    for size in range(len(stem), 2, -1):
        yield from (stem[:-size] + other for other in _stems().changed.get(stem[-size:], ()))


def _cut(text: str, ending: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Give (stem, ending) for each ending that fits; a stem has three letters or more.

    *n* alone stands behind *el* and *er*, *et* and *est* behind *d, t, m, n*, no other ending behind *e*.
    """
    for place in range(max(3, len(text) - 7), len(text) + 1):
        stem, rest = text[:place], text[place:]
        if ending.fullmatch(rest) and (
            stem.endswith(("el", "er")) if rest[:1] == "n"
            else stem[-1] in "dtmn" if rest.startswith(("et", "est"))
            else not rest or stem[-1] != "e"
        ):  # fmt: skip
            yield stem, rest


@cache
def _stems() -> _Stems:
    found = _Stems({}, {}, {}, {}, frozenset())
    none: list[str] = []
    for line in files("archive.query").joinpath("verbs.txt").read_text("utf-8").splitlines():
        first, *others = line.split("#")[0].split() or [""]
        if first == "!":
            none += others
            continue
        for other in others:
            kind = (
                found.nouns if other[0].isupper() else found.participles if other[0] == "-" else found.verbs
            )
            kind[other.strip("-").lower()] = first
        if first:
            found.changed[first] = tuple(other.strip("-").lower() for other in others)
    return found._replace(none=frozenset(none))
