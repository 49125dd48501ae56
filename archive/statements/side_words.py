"""Words by which ``sides`` tells what a value in an order, offer or assent is for. Folded, in both languages."""

PRICE_LEADS = frozenset(
    ("zu", "zum", "von", "je", "at", "a", "pauschal", "monatlich", "ueber", "of", "for", "fuer")
)
PRICE_NOUNS = ("preis", "satz", "rate", "price", "pauschale", "fee")
PRICE_TAILS = frozenset(
    (
        "netto", "brutto", "a", "an", "plus", "zzgl", "mwst", "vat", "each", "pro", "per", "je", "stueck",
        "das", "der", "den", "inkl", "including", "monat", "im", "apiece", "all", "in", "fix", "bar", "cash", "net",
    )
)  # fmt: skip
TAIL_STARTS = frozenset(
    (
        "a", "an", "das", "der", "den", "im", "in", "all", "plus", "zzgl", "inkl", "including", "pro", "per", "je",
    )
)  # fmt: skip
"""Words that want another behind them: ``the amount`` does not end with one."""
OF_UNITS = frozenset(("a", "an", "pro", "per", "je", "plus", "zzgl", "inkl", "including"))
PRICE_BEHIND = frozenset(("fuer", "zu", "for", "at", "je", "a", "bei", "um", "auf"))
"""Behind these a bare number is a price."""
NO_PRICE_BEHIND = frozenset(("ueber", "von", "fuer", "mit", "of"))
"""Behind these a bare number in an offer is none."""
NO_QUANTITY_BEHIND = frozenset(
    ("nr", "zwischen", "und", "ab", "am", "no", "nummer", "number", "seite", "page")
)
"""Behind these a bare number in an order counts no goods."""
MEASURES = frozenset(
    (
        "m3", "m³", "kubik", "kw", "kwh", "watt", "volt", "v", "ampere", "hz", "khz", "mm", "cm", "km", "db", "grad",
        "psi",
        "rpm", "ps", "nm", "kn", "mpa", "lm", "lumen", "dpi", "gb", "mb", "tb", "ghz",
    )
)  # fmt: skip
"""Behind a number: what a thing does or is, neither its price nor how many of it."""
AGREED = frozenset(("acceptance", "offer", "confirmation_letter"))
"""Declarations in which a bare sum is what is asked or paid."""
PLACES = frozenset(
    ("raum", "zimmer", "room", "los", "lot", "halle", "hall", "nr", "no", "platz", "position", "pos")
)
LEADS = 3
"""Units before a value that may belong to it."""
SEVERAL = 2
COUNTED_IN = 50
"""Behind ``for`` a smaller number in an order counts goods."""
MANY = 10_000
"""From here on a number without a unit is rather an amount."""
YEARS = (2015, 2039)
SHORT = 4
"""Letters of a word that is too short for the name of goods."""
NO_GOODS = frozenset(
    (
        "davon", "bitte", "gern", "gerne", "noch", "dann", "from", "please", "more", "nach", "fuer", "oder", "with",
        "each", "also", "fertig", "netto", "inkl", "plus", "pro", "zum", "wieder", "those", "that", "these",
        "nimmst", "nehmt", "nehmen", "anbieten", "waeren", "waere", "cash", "sind", "geht", "gehen", "passt", "machen",
        "klingt", "would", "were", "haben", "mehr", "extra", "statt", "instead", "works", "fine", "euro", "gibt",
        "kommen", "einigen", "treffen", "deal", "dabei", "danach", "komplett", "okay", "when", "then", "total", "flat",
        "brutto", "zusammen", "pauschal", "entscheiden", "entschieden", "kaufen", "bestellen", "zahlen", "lassen",
        "letztes", "mitschicken", "reicht", "until", "heute", "morgen", "today", "tomorrow",
    )
)  # fmt: skip
"""Words behind a number that are not what is counted."""
FRAMES = frozenset(
    (
        "bis", "am", "zum", "zu", "in", "innerhalb", "within", "by", "on", "for", "until", "ab", "from", "fuer",
        "next", "kw", "spaetestens", "vor", "before", "mit",
    )
)  # fmt: skip
"""Words between what is done and its date."""
OF_DELIVERY = (
    "liefer", "deliver", "ship", "versand", "abhol", "montag", "einbau", "install", "collect", "pick", "anlieferung",
    "termin", "wunschtermin", "kommen", "kommt", "arriv", "start", "beginn", "fitting", "uebergabe", "handover",
)  # fmt: skip
"""Beginnings of words beside which a date is one of performance."""
OF_OTHERS = (
    "garantie", "gewaehr", "warrant", "guarantee", "skonto", "netto", "net", "zahl", "pay", "freibleibend", "gueltig",
    "valid", "rate", "instal", "gebunden", "vertrag", "laufzeit", "invoice", "rechnung", "vorkasse", "frist",
)  # fmt: skip
"""Beginnings of words beside which it is the date of something else."""
