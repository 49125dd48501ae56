"""What a message holds, by its kind: words, a file, an order, an answer to a form."""

from collections.abc import Iterator

from archive.channels.export import Made, Run
from archive.reading.json_fields import Fields, as_text
from archive.reading.media_types import endings_of
from archive.reading.tree import Member
from schemas.item import Attachment, AttachmentRole

_MEDIA: dict[str, AttachmentRole] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "voice": "voice",
    "document": "file",
    "sticker": "sticker",
}
_WORDS = ("body", "text", "name", "address", "title", "description")
_KNOWN = frozenset(_MEDIA) | frozenset(
    [
        "text",
        "contacts",
        "location",
        "interactive",
        "button",
        "order",
        "template",
        "reaction",
        "edit",
        "revoke",
        "system",
        "unsupported",
        "errors",
        "media_placeholder",
        "request_welcome",
    ]
)


def content_of(
    run: Run, said: Fields, kind: str, member: Member, made: Made
) -> tuple[str | None, tuple[Attachment, ...], list[tuple[str, str]]]:
    """Words, files, and what has no place. A kind that is not known is noted as an unknown field."""
    if kind not in _KNOWN:
        made.unknown.add(kind or "type")
    content = said.get(kind) if kind else None
    if kind == "contacts" or isinstance(content, list):
        words = [
            as_text((entry.get("name") or {}).get("formatted_name") or "")
            for entry in content or []
            if isinstance(entry, dict)
        ]
        return "\n".join(filter(None, words)) or None, (), [(kind, as_text(content))]
    inner = Fields(content) if isinstance(content, dict) else Fields({})
    if kind in _MEDIA:
        media, mime = inner.id("id"), inner.text("mime_type")
        role: AttachmentRole = "voice" if inner.flag("voice") else _MEDIA[kind]
        url = (inner.text("url") or "").partition("?")[0] or None
        names = [f"{media}.{ending}" for ending in endings_of(mime)] if media else []
        name = next((one for one in names if run.beside.find(one, member)), media)
        caption = inner.text("caption")
        attachment = run.beside.attach(
            made.contents, name, member, name=inner.text("filename"), media_type=mime, role=role, url=url
        )
        shown = (
            attachment
            if inner.data.get("filename") or attachment.state == "present"
            else attachment.model_copy(update={"name": None})
        )
        inner.known("sha256", "animated")
        return caption, (shown,), [("media_id", media or ""), *inner.rest()]
    words = [*(inner.text(name) or "" for name in _WORDS), *_chosen(inner), *_ordered(inner)]
    inner.known("emoji", "message_id", "original_message_id", "type")
    told = [*inner.tell("product_items", "nfm_reply"), *inner.rest()]
    return "\n".join(word for word in words if word) or None, (), told


def _chosen(inner: Fields) -> Iterator[str]:
    """What somebody chose of a list, a button, or wrote into a form."""
    for name in ("button_reply", "list_reply", "nfm_reply"):
        reply = inner.object(name)
        for field in ("title", "description", "response_json") if reply else ():
            yield (reply.text(field) if reply else None) or ""


def _ordered(inner: Fields) -> Iterator[str]:
    """The lines of an order: how many of what, at which price a piece."""
    for one in inner.objects("product_items"):
        price, currency = one.first("item_price"), one.text("currency") or ""
        amount = f": {price} {currency}".rstrip() if price is not None else ""
        yield f"{one.first('quantity') or '?'} × {one.text('product_retailer_id') or '?'}{amount}"
