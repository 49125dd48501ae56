"""The one base of all models, and the small types that several of them share."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Model(BaseModel):
    """A frozen, strict model. An unknown field is an error; ``None`` means unknown or not given, never ""."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, lower-case hex."""


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _is_instant(text: str) -> str:
    datetime.fromisoformat(text[:19])
    return text


Date = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_is_day)]
"""A calendar date, ISO 8601. No 31 February: whoever counts with it must not stumble."""

UtcTime = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$"),
    AfterValidator(_is_instant),
]
"""An instant in UTC, ISO 8601 with a Z; as many fraction digits as are known. An instant that never was is none."""
