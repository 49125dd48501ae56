"""Amounts of money: found in a text, and asked for by value.

An amount is a number with a currency directly before or behind it: ``1.250,50 €``, ``EUR 1250.50``,
``$1,250.5``, ``EUR: 5``, ``5 Tsd. Euro``, ``TEUR 5``, ``2 Mio. CHF``, ``300,- €``. German, English and Swiss ways of
writing count alike:

* a separator that occurs once before one or two digits at the end is the decimal sign; any other separates
  thousands (``1.250 €`` is one thousand two hundred and fifty);
* no group of thousands follows a zero: ``0,125 €`` is a price of twelve cents, what is less is cut off;
* a group of thousands behind a plain space could also be a number of its own (``Pumpe 7 500 €``), and two figures
  behind the currency cents (``12 Euro 50``): both readings are amounts of the text;
* of a range (``300-350 €``, ``€300 bis 350``, ``300 oder 350 €``) both ends are; a lower end without a
  factor of its own is meant with and without that of the upper one (``3-4 Tsd. €``), and the upper end as the lower
  one where the currency says so (``TEUR 300-350``);
* cents count too: ``50 ct``, ``50-60 ct``, ``99 Cent`` (of euros and of dollars), ``80p``, ``50 Rappen``; what is less
  than one is cut off.

Values are hundredths, as whole numbers. The term of an amount is ``currency=hundredths``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

CURRENCIES: dict[str, str] = {
    "€": "eur", "eur": "eur", "euro": "eur", "euros": "eur",
    "$": "usd", "us$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd", "us-dollar": "usd",
    "£": "gbp", "gbp": "gbp", "pfund": "gbp",
    "chf": "chf", "sfr": "chf", "fr.": "chf", "franken": "chf",
    "¥": "jpy", "jpy": "jpy", "pln": "pln", "zł": "pln", "czk": "czk", "kč": "czk",
    "sek": "sek", "dkk": "dkk", "nok": "nok",
}  # fmt: skip
"""How a currency is written → its code, lower case."""

_TIMES = {
    "tsd": 10**3, "tausend": 10**3, "k": 10**3, "t": 10**3,
    "mio": 10**6, "million": 10**6, "millionen": 10**6, "mill": 10**6, "m": 10**6,
    "mrd": 10**9, "milliarde": 10**9, "milliarden": 10**9, "billion": 10**9, "bn": 10**9,
}  # fmt: skip

_NAMES = "|".join(re.escape(name) for name in sorted(CURRENCIES, key=len, reverse=True))
_NUMBER = (
    r"[1-9]\d{0,2}(?:[.,'’\u00a0\u2009\u202f ]\d{3})+(?:[.,]\d{1,2})?(?!\d)"
    r"|0+[.,]\d{3,6}(?!\d)"
    r"|\d{1,15}(?:[.,]\d{1,2})?(?!\d)"
)
_GAP = "[ \u00a0\u2009\u202f]?"
_FACTOR = "|".join(sorted(_TIMES, key=len, reverse=True))
_START = r"(?<!\w)(?<!(?<!\w)\w[.,])(?<!\d[.,])"
"""No number begins in the midst of a word or of another number: *ca.500 €* is one, *x.5* and *1.500* are none."""
_AMOUNT = re.compile(
    rf"{_START}(?P<times>t|k)?(?P<before>{_NAMES}):?{_GAP}(?:[-–−]{_GAP})?(?P<number>{_NUMBER})(?:{_GAP}(?P<factor>{_FACTOR})\b)?"
    rf"|{_START}(?P<number2>{_NUMBER})(?:[.,][-–—]+)?(?:{_GAP}(?P<factor2>{_FACTOR})\.?)?"
    rf"{_GAP}(?P<behind>{_NAMES})(?![^\W\d_])",
    re.IGNORECASE,
)
_BETWEEN = r"\s?(?:[-–—−/]|bis(?:\s+zu)?|to|or|oder)\s?"
_LOWER = re.compile(
    rf"{_START}(?P<number>{_NUMBER})(?:[.,][-–—]+)?(?:{_GAP}(?P<factor>{_FACTOR})\.?)?{_BETWEEN}$",
    re.IGNORECASE,
)
_LOWER_OF_BOTH = re.compile(
    rf"(?:zwischen|between)\s+(?P<number>{_NUMBER})(?:{_GAP}(?P<factor>{_FACTOR})\.?)?\s(?:und|and)\s$",
    re.IGNORECASE,
)
_UPPER = re.compile(
    rf"{_BETWEEN}(?P<number>{_NUMBER})(?:{_GAP}(?P<factor>{_FACTOR})\b)?(?!{_GAP}(?:{_NAMES}|%|uhr\b)|[^\W\d_]|[.:]\d)",
    re.IGNORECASE,
)
_SMALL = re.compile(rf"{_GAP}(?P<small>\d\d)(?![\d.,]\d|\d|\s?%)")
_CENTS: dict[str, tuple[str, ...]] = {
    "cent": ("eur", "usd"), "cents": ("eur", "usd"), "ct": ("eur",), "rappen": ("chf",), "rp": ("chf",),
    "pence": ("gbp",), "p": ("gbp",),
}  # fmt: skip
_CENT = re.compile(
    rf"{_START}(?P<number>\d{{1,4}}(?:[.,]\d{{1,2}})?)(?:{_GAP}(?P<unit>cents?|ct|rappen|rp|pence)|(?P<pence>p(?!\.m)))(?![^\W_])",
    re.IGNORECASE,
)
_LOWER_CENTS = re.compile(rf"{_START}(?P<number>\d{{1,4}}(?:[.,]\d{{1,2}})?){_BETWEEN}$", re.IGNORECASE)
_AROUND = 40
"""Characters before and behind an amount in which the other end of its range stands."""
_DIGIT = re.compile(r"\d")
_SIGNS = tuple(name for name in CURRENCIES if not any(o != name and o in name for o in CURRENCIES))
"""Names of which every other one is made."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Asks for amounts from ``low`` to ``high`` hundredths, both included; None is open."""

    low: int | None
    high: int | None
    currency: str | None
    """A code of ``CURRENCIES``; None is any."""


@dataclass(frozen=True, slots=True)
class Found:
    """An amount at its place in a text."""

    currency: str
    hundredths: int
    start: int
    end: int

    @property
    def term(self) -> str:
        """Give the term by which engines know it."""
        return f"{self.currency}={self.hundredths}"


def amounts(text: str) -> Iterator[Found]:
    """Give the amounts of a text in order."""
    if not _DIGIT.search(text):
        return
    yield from _cents(text)
    small = text.lower()
    if any(sign in small for sign in _SIGNS):  # ten times as fast as asking the pattern
        for match in _AMOUNT.finditer(text):
            yield from _of(text, match)


def _cents(text: str) -> Iterator[Found]:
    for match in _CENT.finditer(text):
        unit = (match["unit"] or match["pence"]).lower()
        for currency in _CENTS[unit]:
            yield Found(currency, hundredths(match["number"]) // 100, *match.span())
        before = text[max(0, match.start() - _AROUND) : match.start()]
        if lower := _LOWER_CENTS.search(before):
            start = match.start() - len(before) + lower.start("number")
            for currency in _CENTS[unit]:
                yield Found(currency, hundredths(lower["number"]) // 100, start, match.end())


def _of(text: str, match: re.Match[str]) -> Iterator[Found]:
    """Give an amount, in each way in which it may be read, and the other end of its range."""
    currency = CURRENCIES[(match["before"] or match["behind"]).lower()]
    factor = _TIMES.get((match["times"] or match["factor"] or match["factor2"] or "").lower(), 1)
    number = match["number"] or match["number2"]
    if match["behind"]:
        yield from _lower(text, match, currency, factor)
    yield Found(currency, hundredths(number, factor), *match.span())
    if " " in number and match["behind"]:
        yield Found(currency, hundredths(number.rpartition(" ")[2], factor), *match.span())
    if match["behind"] and number.isdecimal() and (small := _SMALL.match(text, match.end())):
        yield Found(currency, hundredths(f"{number},{small['small']}"), match.start(), small.end())
    if match["before"] and (upper := _UPPER.match(text, match.end(), match.end() + _AROUND)):
        own = _TIMES.get((upper["factor"] or "").lower(), 1)
        if own > 1 and factor == 1:
            yield Found(currency, hundredths(number, own), match.start(), upper.end())
        # *TEUR 300-350* counts both in thousands.
        times = own if upper["factor"] or not match["times"] else factor
        yield Found(currency, hundredths(upper["number"], times), upper.start("number"), upper.end())


def _lower(text: str, match: re.Match[str], currency: str, factor: int) -> Iterator[Found]:
    before = text[max(0, match.start() - _AROUND) : match.start()]
    lower = _LOWER.search(before) or _LOWER_OF_BOTH.search(before)
    if lower is None:
        return
    at = match.start() - len(before)
    own = _TIMES.get((lower["factor"] or "").lower())
    for times in dict.fromkeys((own,) if own else (factor, 1)):
        yield Found(currency, hundredths(lower["number"], times), at + lower.start("number"), match.end())


def hundredths(number: str, times: int = 1) -> int:
    """Give the value of a written number, so many times; see the rules of the module."""
    whole, decimals = number, ""
    match = re.fullmatch(r"(.*)[.,](\d{1,2})", number) or re.fullmatch(r"(0+)[.,](\d{3,})", number)
    if match:
        whole, decimals = match[1], match[2]
    value = int(re.sub(r"\D", "", whole)) * 100 * times
    return value + int(int(decimals or 0) * 100 * times // 10 ** len(decimals))


class AmountTest:
    """The test of an asked amount against the terms of the stream ``amounts``."""

    def __init__(self, asked: Amount) -> None:
        self._asked = asked

    def accepts(self, term: str) -> bool:
        """Say whether a term lies in the asked range."""
        currency, _, value = term.partition("=")
        asked = self._asked
        if asked.currency not in (None, currency) or not value.isdigit():
            return False
        return (asked.low is None or asked.low <= int(value)) and (
            asked.high is None or int(value) <= asked.high
        )


_ASKED = re.compile(
    rf"(?P<sign>[<>]=?)?\s*(?P<first>{_NAMES})?\s*(?P<low>{_NUMBER})\s*(?:\.\.\s*(?P<high>{_NUMBER}))?"
    rf"\s*(?:(?P<factor>{_FACTOR})\.?)?\s*(?P<last>{_NAMES})?",
    re.IGNORECASE,
)


_UNIT = re.compile(rf"(?:(?:{_FACTOR})\.?)?(?:{_NAMES})|(?:{_FACTOR})\.?", re.IGNORECASE)


def is_unit(word: str) -> bool:
    """Say whether a word is the rest of an amount that was cut off: ``EUR``, ``TEUR``, ``Mio.``."""
    return _UNIT.fullmatch(word) is not None


def asked(value: str) -> Amount | None:
    """Read what stands behind ``amount:``; None when it cannot be read.

    ``1250``, ``1.250,50€``, ``>1000``, ``<=5000EUR``, ``1000..2000`` (both ends included), ``12TEUR``, ``1..2Mio.€``.
    """
    match = _ASKED.fullmatch(value.strip())
    if match is None or (match["sign"] and match["high"]) or (match["first"] and match["last"]):
        return None
    name = match["first"] or match["last"]
    currency = CURRENCIES[name.lower()] if name else None
    times = _TIMES.get((match["factor"] or "").lower(), 1)
    low = hundredths(match["low"], times)
    if match["high"]:
        high = hundredths(match["high"], times)
        return Amount(low, high, currency) if low <= high else None
    match match["sign"]:
        case ">":
            return Amount(low + 1, None, currency)
        case ">=":
            return Amount(low, None, currency)
        case "<":
            return Amount(None, low - 1, currency)
        case "<=":
            return Amount(None, low, currency)
        case _:
            return Amount(low, low, currency)
