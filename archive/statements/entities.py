"""What a message names: money, percentages, dates, periods, quantities and numbers of orders and products."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Literal

from archive.query.analysis import fold
from archive.statements.dates import find_dates, identifies
from archive.statements.numbers import NUMBER, alternatives, number_pattern, plain, value_of, vocabulary

Sort = Literal["money", "percent", "date", "period", "qty", "order", "product", "num", "time"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A value at its place; ``values`` has the keys of the labels, already normalised."""

    sort: Sort
    start: int
    end: int
    values: dict[str, Any] = field(default_factory=dict)


_RANK: dict[str, int] = {
    "order": 0, "product": 1, "date": 2, "money": 3, "percent": 4, "period": 5, "qty": 6, "time": 7, "num": 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Country:
    """What the sender's country decides."""

    currency: str = "EUR"
    month_first: bool = False


def find_entities(text: str, sent: date | None, country: Country) -> list[Entity]:
    """Give the entities of a text in order, without overlaps; the surer sort wins, then the longer one."""
    found = [
        Entity("date", one.start, one.end, {"date": one.value} if one.value else {})
        for one in find_dates(text, sent, month_first=country.month_first)
    ]
    found = [
        Entity("date", one.start, one.end) if identifies(text, one.start, one.end) else one for one in found
    ]
    found += _references(text)
    found += _money(text)
    found += _percents(text)
    found += _periods(text)
    found += _quantities(text)
    found += [Entity("time", m.start(), m.end()) for m in _forms().clock.finditer(text)]
    found += _numbers(text)
    return _apart(found)


def _apart(found: list[Entity]) -> list[Entity]:
    chosen: list[Entity] = []
    for entity in sorted(found, key=lambda one: (_RANK[one.sort], one.start - one.end, one.start)):
        if all(entity.end <= other.start or other.end <= entity.start for other in chosen):
            chosen.append(entity)
    return sorted(chosen, key=lambda one: one.start)


@dataclass(frozen=True, slots=True)
class _Forms:
    money: re.Pattern[str]
    cents: re.Pattern[str]
    percent: re.Pattern[str]
    period: re.Pattern[str]
    adjective: re.Pattern[str]
    half: re.Pattern[str]
    quantity: re.Pattern[str]
    clock: re.Pattern[str]
    number: re.Pattern[str]
    order: re.Pattern[str]
    product: re.Pattern[str]
    per: re.Pattern[str]


_RANGE = r"(?:\s*(?:-|–|bis(?:\s+zu)?|to|or|oder|und|and|,)\s*)"
_BETWEEN = r"(?:\s*(?:-|–|bis(?:\s+zu)?|to|or|oder|und|and)\s*)"


@cache
def _forms() -> _Forms:
    words = vocabulary()
    number, currency = number_pattern(), alternatives(words.currencies)
    factor = r"(?:\s?(?P<{0}>k|tsd\.?|tausend|thousand|grand|mio\.?|million(?:en)?)(?!\w))?"
    per = (
        r"(?P<per>\s*(?:/|per|pro|je)\s*(?:user|seat|nutzer|lizenz|licence|license)\s*(?:/|per|a|pro|und|im)\s*(?:month|monat)(?!\w)"
        r"|\s*(?:/|pro|per|je|a|an|the|each|every|das|die|jede[nrs]?|im|p\.?)\s*(?P<unit>" + alternatives(words.per) + r")(?!\w)"
        r"|\s*(?P<alone>monatlich|monthly|jährlich|jaehrlich|each|stück|stueck|stk|p\.?\s?m\.?|p\.?\s?a\.?)(?!\w))?"
    )
    unit = alternatives(words.periods)
    return _Forms(
        money=re.compile(
            rf"(?<![\w.,])(?:(?P<sign>{currency})\s?(?P<a>{NUMBER}){factor.format('fa')}(?:{_BETWEEN}(?:(?:{currency})\s?)?(?P<b>{NUMBER}){factor.format('fb')})?"
            rf"|(?:(?P<c>{number}){factor.format('fc')}(?:\s?(?:{currency}))?{_BETWEEN})?(?P<d>{number}){factor.format('fd')}(?:,[-–—]+)?\s?(?P<behind>{currency})(?![^\W\d_])"
            rf"|(?P<e>{NUMBER})(?:,[-–—]+|\.-)(?!\d)"
            rf"|(?P<h>{NUMBER})(?=\s*(?:/|pro|per|je|a|an|die|das|each)\s*(?:{alternatives(['stunde', 'std', 'stueck', 'stk', 'hour', 'hr', 'unit', 'piece', 'each', 'tag', 'day', 'monat', 'month', 'kilo', 'kg', 'meter', 'qm', 'tonne', 'lizenz', 'user', 'person', 'head', 'litre', 'sqm', 'week', 'pop'])})(?!\w)|\s(?:each|apiece)(?!\w))"
            rf"|(?P<g>{number})\s?(?P<fg>k|tsd|grand)(?!\w)(?!\s*(?:units|pcs|pieces|stk|stück)))" + per,
            re.IGNORECASE,
        ),
        cents=re.compile(
            rf"(?<![\w.,])(?P<a>{number})\s?(?P<unit>{alternatives(words.cents)})(?!\w)", re.IGNORECASE
        ),
        percent=re.compile(
            rf"(?<![\w.,])(?:(?P<a>{number}){_RANGE})?(?P<b>{number})\s?(?:%|prozent|proz\.?|percent|per\s+cent|pct)(?!\w)(?:ig\w*)?",
            re.IGNORECASE,
        ),
        period=re.compile(
            rf"(?<![\w.,])(?:(?P<a>{number})(?:{_RANGE}|\s+))?(?P<b>{number})[\s-]?(?:volle\s+|ganze\s+|full\s+|weitere\s+|more\s+)?(?P<unit>{unit})\b\.?(?![\w-]?\w)",
            re.IGNORECASE,
        ),
        adjective=re.compile(
            rf"(?<![\w.,])(?P<b>\d{{1,3}}|{alternatives(words.numbers)})[\s-]?(?P<unit>{alternatives(words.adjectives)})(?=[\s-]|\w|$|[.,!?])",
            re.IGNORECASE,
        ),
        half=re.compile(
            r"(?<!\w)(?:(?P<hy>(?:ein\s+)?halbes\s+jahr|half\s+a\s+year)|(?P<yh>anderthalb\s+jahre?|eineinhalb\s+jahre?|1[.,]5\s+jahre?|a\s+year\s+and\s+a\s+half)"
            r"|(?P<fn>(?:a\s+)?fortnight)|(?P<y1>a\s+year|(?:ein|'n|n|nem|einem)\s+jahr)|(?P<q1>(?:ein\s+)?vierteljahr)"
            r"|(?P<w1>a\s+week|(?:'n|n|ne|ner|einer)\s+woche)|(?P<m1>a\s+month)|(?P<wx>(?:ein\s+paar|paar|some|a\s+few|a\s+couple\s+of|couple\s+of|mehrere|einige)\s+(?:tage|tagen|wochen|monate|days|weeks|months))"
            r"|(?P<ll>lebenslang\w*|lifetime|life\s?time|life-time))(?!\w)",
            re.IGNORECASE,
        ),
        quantity=re.compile(
            rf"(?<![\w.,/-])(?:(?P<a>{number}){_RANGE})?(?P<b>{number})\s?(?:(?P<unit>{alternatives(words.quantities)})(?![^\W_])\.?|(?P<times>x)(?=[\s,]|$))",
            re.IGNORECASE,
        ),
        clock=re.compile(
            r"(?<![\w.,])(?:(?:um|ab|at|gegen|bis|by|from|zwischen|between|von)\s+)?(?:\d{1,2}:\d{2}(?:\s?uhr|\s?[ap]m)?|\d{1,2}(?:\s?-\s?\d{1,2})?\s?(?:uhr|[ap]m|o'?clock))(?!\w)",
            re.IGNORECASE,
        ),
        number=re.compile(rf"(?<![\w.,#])(?:{NUMBER}(?![\w]|[.,]\d)|(?:{alternatives(words.numbers)})(?![^\W_]))", re.IGNORECASE),
        order=re.compile(
            r"(?<!\w)(?:(?P<what>auftrags?(?:bestätigung|bestaetigung)?|bestellung|bestell|order|purchase\s+order|po|angebots?|ang|quote|quotation|offer|rechnungs?|re|rg|invoice|inv|vertrags?|contract|ticket|case|vorgang|lieferschein|projekt|ab|ref|reference|kundennummer|so|agreement)"
            r"[\s.-]*(?:(?:nr|no|nummer|number|num|id)\b[.:]?)?\s*[#:]?\s*)(?P<number>(?=[\w/.-]*\d)[a-z0-9][a-z0-9]*(?:[-/._][a-z0-9]+)*)(?!\w)",
            re.IGNORECASE,
        ),
        product=re.compile(
            r"(?<!\w)(?:(?:artikel|art|item|model|modell|type|typ|sku|part|teile?|charge|batch|lot|chargen|serie|sn|s/n|product|serial)[\s.-]*(?:(?:nr|no|nummer|number|num)\b[.:]?)?\s*[#:]?\s*)"
            r"(?P<number>(?=[\w/.-]*\d)[a-z0-9][a-z0-9]*(?:[-/._][a-z0-9]+)*)(?!\w)"
            r"|(?<![\w.#/-])(?P<code>(?-i:[A-Z]{1,5}[A-Za-z]{0,2})[- ]?\d{1,6}(?:[-/]?[A-Za-z0-9]{1,6}){0,2})(?![\w%€])",
            re.IGNORECASE,
        ),
        per=re.compile(per, re.IGNORECASE),
    )  # fmt: skip


_FACTORS = {"k": 1000, "t": 1000, "g": 1000, "m": 1_000_000}


def _factor(text: str | None) -> int:
    return _FACTORS[fold(text)[0]] if text else 1


def _money(text: str) -> list[Entity]:
    found = []
    names = vocabulary().currencies
    for match in _forms().money.finditer(text):
        groups = match.groupdict()
        number = next((n for n in "adehg" if groups[n]), None)
        amount = value_of(groups[number]) if number else None
        if number is None or amount is None:
            continue
        amount *= _factor(groups.get(f"f{number}"))
        other = value_of(groups["b"] or groups["c"] or "")
        if other is not None:
            other *= _factor(groups["fb"] or groups["fc"])
            if not groups["fc"] and groups["fd"] and other < 1000:
                other *= _factor(groups["fd"])
        sign = groups["sign"] or groups["behind"]
        values: dict[str, Any] = {}
        if other is not None and other != amount:
            values["amount_min"], values["amount_max"] = plain(min(amount, other)), plain(max(amount, other))
        else:
            values["amount"] = plain(amount)
        if sign:
            values["currency"] = names[fold(sign) if fold(sign) in names else sign.lower()]
        if per := _per(match):
            values["per"] = per
        found.append(Entity("money", match.start(), match.end(), values))
    for match in _forms().cents.finditer(text):
        amount = value_of(match["a"])
        if amount is not None:
            values = {"amount": plain(amount / 100), "currency": vocabulary().cents[fold(match["unit"])]}
            end = match.end()
            behind = _forms().per.match(text, end)
            if behind and behind[0] and (per := _per(behind)):
                values["per"], end = per, behind.end()
            found.append(Entity("money", match.start(), end, values))
    return found


def _per(match: re.Match[str]) -> str | None:
    if not match["per"]:
        return None
    if re.search(r"user|seat|nutzer", match["per"], re.IGNORECASE) and re.search(
        r"mon", match["per"], re.IGNORECASE
    ):
        return "user/month"
    word = fold(match["unit"] or match["alone"] or "").replace(".", "").replace(" ", "")
    return vocabulary().per.get(word)


def _percents(text: str) -> list[Entity]:
    found = []
    for match in _forms().percent.finditer(text):
        values = [value for name in "ab" if match[name] and (value := value_of(match[name])) is not None]
        if values:
            found.append(Entity("percent", match.start(), match.end(), {"percent": plain(max(values))}))
    return found


def _periods(text: str) -> list[Entity]:
    words = vocabulary()
    found = []
    for match in _forms().period.finditer(text):
        unit = words.periods.get(" ".join(fold(match["unit"]).split()))
        values = [value for name in "ba" if match[name] and (value := value_of(match[name])) is not None]
        if not unit or not values or any(value != int(value) or value > 999 for value in values):
            continue
        if len(fold(match["unit"])) == 1 and not match["b"].isdigit():
            continue
        first = int(values[0])
        start = match.start() if len(values) == 1 or _is_range(match) else match.start("b")
        given: dict[str, Any] = {"period": _duration(unit, first)}
        if len(values) == 2 and start == match.start() and int(values[1]) < first:
            given["period_min"] = _duration(unit, int(values[1]))
        if unit == "B":
            given["business_days"] = True
        found.append(Entity("period", start, match.end(), given))
    for match in _forms().adjective.finditer(text):
        value = value_of(match["b"])
        if value is not None:
            unit = words.adjectives[fold(match["unit"])]
            found.append(
                Entity("period", match.start(), match.end(), {"period": _duration(unit, int(value))})
            )
    known = {"hy": "P6M", "yh": "P18M", "fn": "P2W", "y1": "P1Y", "q1": "P3M", "w1": "P1W", "m1": "P1M"}
    for match in _forms().half.finditer(text):
        name = match.lastgroup or ""
        found.append(
            Entity("period", match.start(), match.end(), {"period": known[name]} if name in known else {})
        )
    return found


def _is_range(match: re.Match[str]) -> bool:
    between = match.string[match.end("a") : match.start("b")].strip()
    return bool(between)


def _duration(unit: str, count: int) -> str:
    return f"PT{count}H" if unit == "TH" else f"P{count}{'D' if unit == 'B' else unit}"


def _quantities(text: str) -> list[Entity]:
    words = vocabulary()
    found = []
    for match in _forms().quantity.finditer(text):
        values = [value for name in "ab" if match[name] and (value := value_of(match[name])) is not None]
        if not values:
            continue
        unit = "piece" if match["times"] else words.quantities.get(fold(match["unit"]), "piece")
        if match["unit"] and len(match["unit"]) == 1 and not match["b"][-1].isdigit():
            continue
        given: dict[str, Any] = {"quantity": plain(values[-1]), "unit": unit}
        if len(values) == 2:
            given["quantity_min"] = plain(values[0])
        found.append(Entity("qty", match.start(), match.end(), given))
    return found


def _numbers(text: str) -> list[Entity]:
    found = []
    for match in _forms().number.finditer(text):
        value = value_of(match[0])
        if value is not None and fold(match[0]) not in _ARTICLES:
            found.append(Entity("num", match.start(), match.end(), {"number": plain(value)}))
    return found


_ARTICLES = frozenset(("ein", "eine", "einen", "einem", "einer", "eines", "one"))


def _references(text: str) -> list[Entity]:
    found = []
    for match in _forms().order.finditer(text):
        if len(match["what"]) < 3 and not re.search(r"[-/#]|\d{4}", match[0]):
            continue
        number = match["number"]
        if not _is_reference(match, number):
            continue
        found.append(Entity("order", match.start(), match.end(), {"order_number": number}))
    for match in _forms().product.finditer(text):
        number = match["number"] or match["code"]
        if match["code"] and (len(number) < 3 or re.fullmatch(r"(?i)(?:kw|cw|q|ip|din|iso|en|ral|v|f|b|t|ce|a|cr|gbp|eur|usd|chf|aud|ab|am|um|bis|im|in|by|at|on|for|mo|di|mi|do|fr|sa|so|wk|week|ca|je|a|i)\W?\d+\D{0,5}", number)):  # fmt: skip
            continue
        if match["code"] and " " in number and not number.split()[0].isupper():
            continue
        if match["code"] is None and not re.search(r"[#:.]|nr|no\b|\d{3}|\d-|[a-z]\d|\d[a-z]", match[0], re.IGNORECASE):
            continue
        found.append(Entity("product", match.start(), match.end(), {"product_number": number}))
    return found


def _is_reference(match: re.Match[str], number: str) -> bool:
    """Tell ``order 4711`` from ``order 20`` and ``Angebot 12.500``."""
    marked = bool(re.search(r"#|\b(?:nr|no|nummer|number|id)\b", match[0][: match.start("number") - match.start()], re.IGNORECASE))
    digits = sum(c.isdigit() for c in number)
    if re.search(r"[a-z]", number, re.IGNORECASE):
        return digits >= 2 and not re.fullmatch(r"(?i)\d+(?:st|nd|rd|th|k|kg|x|m|t|h|stk|pcs|er)", number)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+|\d{1,2}\.\d{1,2}(?:\.\d{2,4})?", number):
        return False
    return marked or digits >= 4
