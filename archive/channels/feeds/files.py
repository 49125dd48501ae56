"""Files of an entry: enclosures, media, and content that lies elsewhere or stands in base64."""

import base64
import binascii
import io
from collections.abc import Iterator
from functools import partial

from archive.channels.export import Made
from archive.channels.feeds.markup import Element
from archive.reading.units import Content
from schemas.item import Attachment, Raw


def packed(words: Element) -> str | None:
    """The media type of what is no text and stands in base64 (RFC 4287 §4.1.3.3)."""
    kind = words.attributes.get("type", "").lower()
    text = not kind or "/" not in kind or kind.startswith("text/") or kind.endswith(("xml", "html"))
    return None if text else kind


def files_of(
    listed: list[Element], media: list[Element], words: Element | None, raw: Raw, made: Made
) -> Iterator[Attachment]:
    """The files, each address once."""
    told = [one.attributes for one in listed if _name(one) == "enclosure"]
    told += [
        {"url": one.attributes.get("href", ""), **one.attributes}
        for one in listed
        if _name(one) == "link" and one.attributes.get("rel") == "enclosure"
    ]
    told += [one.attributes for one in media if one.name == "media:content"]
    told += [{"url": one.text()} for one in listed if one.name == "wp:attachment_url"]
    words = words or next((one for one in listed if _name(one) == "content"), None)
    if words is not None and words.attributes.get("src"):
        told.append({"url": words.attributes["src"], "type": words.attributes.get("type", "")})
    seen = set[str]()
    for attributes in told:
        if (url := attributes.get("url")) and url not in seen:
            seen.add(url)
            yield file_of({"length": attributes.get("filesize", ""), **attributes})
    if words is not None and (kind := packed(words)) and words.text():
        yield from _unpacked(words.text(), kind, raw, made)


def _name(one: Element) -> str:
    return one.name.rpartition(":")[2]


def _unpacked(source: str, kind: str, raw: Raw, made: Made) -> Iterator[Attachment]:
    try:
        data = base64.b64decode("".join(source.split()), validate=True)
    except (binascii.Error, ValueError):
        yield Attachment(media_type=kind, state="missing", reason="not readable as base64")
        return
    locator = f"{raw.member}#{raw.pointer}/content"
    made.contents.append(Content(locator=locator, open=partial(io.BytesIO, data)))
    yield Attachment(media_type=kind, state="present", locator=locator, length=len(data))


def file_of(attributes: dict[str, str]) -> Attachment:
    """A file that lies elsewhere."""
    length, url = attributes.get("length", ""), attributes["url"]
    return Attachment(
        name=attributes.get("title") or url.partition("?")[0].rpartition("/")[2] or None,
        media_type=attributes.get("type") or None,
        state="missing",
        reason="not in export",
        url=url,
        length=int(length) if length.isdigit() and len(length) < 16 else None,
    )
