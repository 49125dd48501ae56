"""How far a span of a kind goes beyond its clause: the words and kinds by which ``clauses`` widens it."""

import re

POINTS_BACK = frozenset(
    (
        "das", "dies", "diese", "dieses", "dafuer", "that", "this", "thats", "which", "muss", "war", "unser", "kannst",
        "du", "i", "ich", "wir", "we", "geb",
    )
)  # fmt: skip
"""What a short clause begins with that only says how the words before it are meant: ``das reklamieren wir``."""
SHORT_REMARK = 7
"""Units of such a clause at most, less one."""
SPOKEN_OF = frozenset(("objection", "defect_admission", "property_assurance"))
"""Kinds whose words often stand before such a clause."""

BRIEF = 7
"""Units of a sentence up to which all of it is the answer."""
BRIEF_KINDS = frozenset(("acceptance", "refusal"))
"""Kinds that answer, in a sentence that holds no figure and no date."""

CASE = frozenset(
    (
        "wenn", "wenns", "wennst", "wann", "falls", "fallst", "sollte", "sollten", "sollts", "sollt", "if", "should",
        "sobald",
    )
)  # fmt: skip
"""What begins the case in which something is made good."""
REASON = frozenset(("as", "since", "because", "da", "weil", "nachdem"))
"""What begins a reason, which stays out of a span."""
CASE_BEFORE = 16
"""Units before a span in which its case may begin."""
ELSE = frozenset(("sonst", "ansonsten", "otherwise"))
"""What begins a clause of which the one before it is the case."""
CASED = frozenset(("warranty", "return_refund"))
"""Kinds that take in their case: ``if the seam opens, we mend it``."""

TO_DO = frozenset(("refusal",))
"""Kinds whose clause may leave to the next one what it speaks of."""
INFINITIVE = re.compile(
    r"(?:ab|an|auf|aus|bei|durch|ein|fort|frei|her|hin|mit|nach|vor|weiter|zu|zurueck)zu\w{2,}n"
)
"""``anzunehmen``, ``auszufuehren``."""

GOES_ON: dict[str, frozenset[str]] = {
    "order": frozenset(),
    "order_confirmation": frozenset(),
    "offer": frozenset(("und", "and", "inkl", "including")),
    "reservation": frozenset(
        ("solange", "bis", "wenn", "sofern", "falls", "bevor", "until", "unless", "till", "before")
    ),
    "deadline": frozenset(
        ("sonst", "ansonsten", "andernfalls", "danach", "dann", "otherwise", "or", "after", "failing", "then")
    ),
}
"""Kind → what begins a clause that still belongs to it."""
