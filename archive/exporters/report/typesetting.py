"""Setting values on pages by typst.

A template is ours; every word from outside reaches it as a value of JSON, so nothing in a message is ever markup.
Equal values give equal bytes.
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from archive.exporters.report import fonts
from archive.exporters.report.typesetter import TYPESETTER
from archive.production import Picture

LAYOUT = "layout.typ"
_NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)


def set_pages(
    template: str, values: Mapping[str, Any], pictures: Mapping[str, Picture], moment: datetime | None
) -> tuple[bytes, int]:
    """Give a PDF/A-2a, and the number of its pages.

    Args:
        template: its file name in this package.
        values: what the template asks for, besides date and fonts.
        pictures: by the names that the values use.
        moment: what the document gives as its date; None: none is known.

    Raises:
        FormatError: it cannot be set.
        Unfinished: the process that sets it was ended.
    """
    date = moment.astimezone(UTC) if moment else _NO_DATE
    whole = {
        **values,
        "families": list(fonts.FAMILIES),
        "date": {name: getattr(date, name) for name in ("year", "month", "day", "hour", "minute", "second")},
    }
    told = json.dumps(whole, ensure_ascii=False).encode()
    files = {"main.typ": _part(template), LAYOUT: _part(LAYOUT), "values.json": told}
    files |= {name: _wrapped(picture) for name, picture in pictures.items()}
    return TYPESETTER.set(files, len(told))


def _part(name: str) -> bytes:
    return resources.files("archive.exporters.report").joinpath(name).read_bytes()


def _wrapped(picture: Picture) -> bytes:
    """Give a picture as SVG: the typesetter takes files of text only, and sets the JPEG in it as it is."""
    size = f'width="{picture.width}" height="{picture.height}"'
    data = base64.b64encode(picture.data).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
        f'<image {size} href="data:image/jpeg;base64,{data}"/></svg>'
    ).encode()
