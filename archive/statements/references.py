"""Numbers of orders, quotations, invoices, contracts and products that a message names."""

import re

from archive.statements.entity_forms import Entity, forms


def find_references(text: str) -> list[Entity]:
    """Give the numbers that are marked as such, or look like one: ``Auftrag 4711``, ``Art. X-4410``."""
    found = []
    for match in forms()["order"].finditer(text):
        if len(match["what"]) < 3 and not re.search(r"[-/#]|\d{4}", match[0]):
            continue
        number = match["number"]
        if not _is_reference(match, number):
            continue
        found.append(Entity("order", match.start("number"), match.end(), {"order_number": number}))
    for match in forms()["product"].finditer(text):
        number = match["number"] or match["code"]
        if match["code"] and (len(number) < 3 or forms()["no_product"].fullmatch(number)):  # fmt: skip
            continue
        if match["code"] and " " in number and not number.split()[0].isupper():
            continue
        if match["code"] is None and not re.search(
            r"[#:.]|nr|no\b|\d{3}|\d-|[a-z]-?\d|\d[a-z]", match[0], re.IGNORECASE
        ):
            continue
        found.append(Entity("product", match.start(), match.end(), {"product_number": number}))
    return found


def _is_reference(match: re.Match[str], number: str) -> bool:
    """Tell ``order 4711`` from ``order 20`` and ``Angebot 12.500``."""
    marked = bool(
        re.search(
            r"#|\b(?:nr|no|nummer|number|id)\b",
            match[0][: match.start("number") - match.start()],
            re.IGNORECASE,
        )
    )
    digits = sum(c.isdigit() for c in number)
    if re.search(r"[a-z]", number, re.IGNORECASE):
        return digits >= 2 and not re.fullmatch(r"(?i)\d+(?:st|nd|rd|th|k|kg|x|m|t|h|stk|pcs|er)", number)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+|\d{1,2}\.\d{1,2}(?:\.\d{2,4})?", number):
        return False
    return marked or digits >= 4
