"""What comes back from the desk: ``decisions.json``. It was in foreign hands, and is read as such."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Model, Sha256


class Reviewed(Model):
    """What was decided on one item; what is not given stays as it was."""

    item: int = Field(ge=0)
    leaf: Sha256
    """Leaf hash of the record that was read: a decision is about these bytes and no others."""
    decision: Literal["hit", "context", "privileged", "withheld", "removed"] | None = None
    spans: tuple[tuple[int, int], ...] | None = Field(default=None, max_length=10_000)
    """Character ranges to blacken; none: nothing any more."""
    facets: tuple[str, ...] = ()
    """Withheld as a whole, as decided before."""
    reason: Annotated[str, Field(max_length=10_000)] = ""
    note: Annotated[str, Field(max_length=100_000)] | None = None


class Decisions(Model):
    """Everything that was decided at a desk."""

    format: Literal["beleg/review/v1"]
    origin: str
    matter: str
    known: int = Field(ge=0)
    """Decisions below this record were known."""
    decisions: tuple[Reviewed, ...] = Field(max_length=1_000_000)
