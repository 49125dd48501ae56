"""The words of a message: its text, and what polls, lists, places, contacts and invoices say."""

from collections.abc import Iterator
from typing import Any

from archive.channels.export import plain_json
from archive.reading.json_fields import Fields, NotUnderstood
from schemas.item import Body

TOLD = (
    "poll",
    "todo_list",
    "place_name",
    "address",
    "contact_information",
    "invoice_information",
    "game_title",
)
"""Fields that are read here and stay in ``extra`` as they are."""


def words_of(f: Fields) -> tuple[str, Body | None]:
    """The words with the addresses of links; the entities as the body where there is more than plain text."""
    written, entities = f.get("text"), f.array("text_entities")
    parts = entities or (written if isinstance(written, list) else [written])
    return joined(parts), Body(type="application/x-telegram-text+json", content=plain_json(parts)) if any(
        isinstance(part, dict) and part.get("type") != "plain" for part in parts
    ) else None


def joined(written: Any) -> str:
    """A text of Telegram, which is a string or parts of one, with the addresses of its links."""
    texts = []
    for part in written if isinstance(written, list) else [written]:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(part["text"])
            if isinstance(part.get("href"), str) and part["href"] != part["text"]:
                texts.append(f" ({part['href']})")
        elif part is not None:
            raise NotUnderstood("a text that is none")
    return "".join(texts)


def more_words(f: Fields) -> Iterator[str]:
    """What else than its text a message says; amounts of invoices are in the smallest coin, and no words."""
    poll, todo = f.object("poll"), f.object("todo_list")
    if poll is not None:
        yield from _poll(poll)
    if todo is not None:
        yield joined(todo.get("title"))
        yield from (f"- {joined(task.get('text'))}" for task in todo.objects("answers"))
    contact, invoice = f.object("contact_information"), f.object("invoice_information")
    if contact is not None:
        yield " ".join(
            part for name in ("first_name", "last_name", "phone_number") if (part := contact.text(name))
        )
    for part in (f.text("place_name"), f.text("address"), f.text("game_title")):
        yield part or ""
    if invoice is not None:
        yield from (invoice.text(name) or "" for name in ("title", "description"))


def _poll(poll: Fields) -> Iterator[str]:
    """The question and the answers; how many chose each is no word of the author, and changes without one."""
    yield poll.text("question") or ""
    yield from (f"- {one.text('text') or ''}" for one in (*poll.objects("answers"), *poll.objects("options")))
