"""The one base of all models, and the small types that several of them share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Model(BaseModel):
    """A frozen, strict model. An unknown field is an error; ``None`` means unknown or not given, never ""."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest, lower-case hex."""

Date = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
"""A calendar date, ISO 8601."""

UtcTime = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$")]
"""An instant in UTC, ISO 8601 with a Z; as many fraction digits as are known."""
