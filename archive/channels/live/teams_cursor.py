"""How far channels and chats of Teams were read: the cursor of a source."""

import json
from dataclasses import dataclass, field

from archive.errors import FormatError


@dataclass(slots=True)
class TeamsCursor:
    """A link for each channel, a time for each chat; and what was refused, and is on record."""

    links: dict[str, str] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    account: str | None = None
    """Whose view it is; None: a cursor of before this was told."""
    empty: dict[str, bool] = field(default_factory=dict)
    """Where nothing was found since the first reading, and whether that is on record; of before this was told: none."""

    @classmethod
    def of(cls, text: str | None) -> "TeamsCursor":
        """Read a cursor; raises FormatError if it is none."""
        if text is None:
            return cls()
        try:
            told = json.loads(text)
            links, times, refused = (
                {str(k): str(v) for k, v in told[name].items()} for name in ("links", "times", "refused")
            )
            return cls(links, times, refused, told.get("account"), dict(told.get("empty", {})))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise FormatError("the cursor of Teams cannot be read") from error

    def begins(self, ident: str) -> None:
        """Note that a place is read; from the beginning, if it never was."""
        if ident not in self.links and ident not in self.times:
            self.empty.setdefault(ident, False)

    def found_empty(self) -> list[str]:
        """Give where nothing was ever found, each once: what is not on record so."""
        new = [ident for ident, told in self.empty.items() if not told and ident not in self.refused]
        self.empty |= dict.fromkeys(new, True)
        return new

    def text(self) -> str:
        """Write it."""
        names = ("links", "times", "refused", "account", "empty")
        told = {name: getattr(self, name) for name in names}
        return json.dumps(told, separators=(",", ":"))
