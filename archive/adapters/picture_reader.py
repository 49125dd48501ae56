"""Makes pictures fit for a page in a process that can do no harm (``confined_child``)."""

import base64

from pydantic import BaseModel, ValidationError

from archive.adapters.confined import ConfinedChild
from archive.production import Opening, Picture

LONGEST = 64 * 1024 * 1024
MOST_SIDE = 1000
"""Pixels: some 280 a inch on half a page."""


class _Answer(BaseModel):
    jpeg: str
    width: int
    height: int


class PictureReader:
    """Draws pictures anew, smaller; one confined process for all of a command."""

    def __init__(self) -> None:
        self._child = ConfinedChild()

    def __call__(self, opening: Opening) -> Picture | None:
        """Give a picture; None of what is none, is damaged, or is too large."""
        with opening() as stream:
            data = stream.read(LONGEST + 1)
        if len(data) > LONGEST:
            return None
        try:
            found = _Answer.model_validate(self._child.ask(data, what="picture", most=MOST_SIDE))
        except ValidationError:
            return None
        return Picture(base64.b64decode(found.jpeg), found.width, found.height)

    def close(self) -> None:
        """End the process."""
        self._child.close()
