"""What the sender's country decides: the currency of a bare number, and whether months come first."""

from archive.query.languages import languages
from archive.statements.entities import Country
from archive.statements.model import Message

_ISLANDS = frozenset((0, 60))
"""Minutes from UTC of British clocks; German ones too in winter: the language decides first."""


def country_of(message: Message) -> Country:
    """Give the country by language and zone: EUR in German messages; else by how far the zone lies from UTC."""
    language = message.language or ("de" if "de" in languages(message.text) else "en")
    if language == "de" or message.sent is None:
        return Country()
    zone = getattr(message.sent.tzinfo, "key", "")
    offset = message.sent.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    if zone.startswith(("Australia/", "Antarctica/")) or 480 <= minutes <= 660:
        return Country("AUD")
    if zone.startswith("America/") or -600 <= minutes <= -180:
        return Country("USD", month_first=True)
    if zone.startswith("Europe/") and zone not in ("Europe/London", "Europe/Jersey", "Europe/Guernsey"):
        return Country("EUR")
    return Country("GBP") if minutes in _ISLANDS else Country("EUR")
