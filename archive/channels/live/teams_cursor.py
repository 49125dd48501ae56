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
            return cls(links, times, refused, told.get("account"))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise FormatError("the cursor of Teams cannot be read") from error

    def text(self) -> str:
        """Write it."""
        told = {"links": self.links, "times": self.times, "refused": self.refused, "account": self.account}
        return json.dumps(told, separators=(",", ":"))
