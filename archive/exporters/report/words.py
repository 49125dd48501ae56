"""The words of a report, German and English."""

from typing import Literal

_WORDS: dict[str, tuple[str, str]] = {
    "report": ("Bericht", "Report"), "matter": ("Sache", "Matter"), "reference": ("Aktenzeichen", "Reference"),
    "archive": ("Archiv", "Archive"), "rule": ("Auswahl", "Selection"), "zone": ("Zeitzone", "Time zone"),
    "period": ("Zeitraum", "Period"), "messages": ("Nachrichten", "Messages"), "volume": ("Band", "Volume"),
    "head": ("Unterschriebener Stand", "Signed checkpoint"), "log_key": ("Schlüssel des Protokolls", "Log key"),
    "replaced": ("Zeichen ohne Schrift", "Characters without a font"), "of": ("von", "of"), "page": ("Seite", "page"),
    "nobody": ("unbekannt", "unknown"), "undated": ("ohne Zeit", "undated"), "missing": ("fehlt", "missing"),
    "pictures": ("Bilder, verkleinert", "Pictures, reduced"), "not_drawn": ("nicht darstellbar", "not drawn"),
    "natively": ("Als Datei übergeben", "Produced as a file"), "ending": ("Endung", "Ending"),
    "length": ("Bytes", "Bytes"), "sha256": ("SHA-256", "SHA-256"),
    "deleted": ("gelöscht", "deleted"), "assumed": ("Zeitzone angenommen", "time zone assumed"),
    "before": ("vor der Bearbeitung", "before the edit"), "file": ("Datei", "File"), "item": ("Nr.", "No."),
    "withheld": ("zurückgehalten", "withheld"), "seen_by": ("aus Sicht von", "as seen by"),
    "marked": ("bearbeitet vor der Erfassung", "edited before it was captured"), "rating": ("Bewertung", "rating"),
    "by": ("von", "by"), "author": ("Verfasser", "author"), "admin": ("Verwalter", "admin"),
    "platform": ("Plattform", "platform"),
    "hit": ("Treffer", "chosen"), "context": ("Umfeld", "context"), "parent": ("Bezug", "parent"),
    "files": ("Dateien", "Files"), "of_them": ("davon fehlend", "of them missing"), "edited": ("bearbeitet", "edited"),
    "checked": ("Prüfung", "Check"), "sealed": ("Versiegelt zwischen", "Sealed between"),
    "checked_text": (
        "Jeder Datensatz wurde beim Schreiben gegen den unterschriebenen Stand geprüft; sonst gäbe es dies nicht. "
        "Das Bündel ist unterschrieben (signatures/).",
        "Each record was checked against the signed checkpoint when this was written; else it would not exist. "
        "The bundle is signed (signatures/).",
    ),
    "no_time": ("KEIN ZEITBEWEIS: kein Zeitstempel begrenzt es", "NO TIME PROOF: no time stamp bounds it"),
    "mixed": ("Name aus mehreren Schriften", "name of several scripts"),
    "check": (
        "Dieser Bericht ist eine Darstellung. Beweis sind die Datensätze des Bündels: START_verify.html öffnen oder "
        "„python verify.py .“ ausführen und den Schlüssel mit dem Gründungsblatt vergleichen.",
        "This report is a rendering. The evidence is the records of the bundle: open START_verify.html or run "
        "“python verify.py .”, and compare the log key with the founding slip.",
    ),
    "limits": ("Was dies zeigt und was nicht", "What this shows and what it does not"),
}  # fmt: skip
_EVENTS: dict[str, str] = {
    "edited": "bearbeitet", "deleted": "gelöscht", "restored": "wiederhergestellt", "reacted": "Reaktion",
    "unreacted": "Reaktion entfernt", "delivered": "zugestellt", "read": "gelesen", "joined": "beigetreten",
    "left": "ausgetreten", "renamed": "umbenannt", "pinned": "angeheftet", "voted": "abgestimmt", "called": "Anruf",
    "notice": "Hinweis",
}  # fmt: skip
_ROLES: dict[str, tuple[str, str]] = {
    "to": ("an", "to"), "cc": ("cc", "cc"), "bcc": ("bcc", "bcc"), "reply_to": ("Antwort an", "reply to"),
    "member": ("Mitglied", "member"), "mentioned": ("erwähnt", "mentions"),
}  # fmt: skip
_RELATIONS: dict[str, tuple[str, str]] = {
    "reply": ("antwortet auf", "replies to"), "root": ("gehört zu", "belongs to"), "quote": ("zitiert", "quotes"),
    "share": ("teilt", "shares"), "forward": ("leitet weiter", "forwards"),
}  # fmt: skip


class Words:
    """The words in one language."""

    def __init__(self, language: Literal["de", "en"]) -> None:
        self.language = language
        self._at = ("de", "en").index(language)

    def __getitem__(self, name: str) -> str:
        return _WORDS[name][self._at]

    def event(self, name: str) -> str:
        """Give what happened, in a word."""
        return _EVENTS.get(name, name) if self.language == "de" else name

    def relation(self, name: str) -> str:
        """Give how an item refers to another."""
        return _RELATIONS[name][self._at]

    def role(self, name: str) -> str:
        """Give as what somebody was addressed."""
        return _ROLES[name][self._at]

    def all(self) -> dict[str, str]:
        """Give every word by its name, for the template."""
        return {name: words[self._at] for name, words in _WORDS.items()}
