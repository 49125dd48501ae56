"""The words of a slice as plain text: what review platforms index and search."""

from collections.abc import Iterator

from archive.exporters.events import Message, messages, words_of
from archive.exporters.slices import Slice, local_time
from archive.exporters.table import rated
from archive.exporters.visible import one_line, visible
from archive.production import WITHHELD, Told, file_state
from schemas.item import Attachment


def transcript(cut: Slice, zone: str) -> str:
    """Give the transcript: times in ``zone``, a star at each hit, earlier versions and deletions told."""
    first = cut.items[0]
    head = [
        f"{one_line(first.thread_title or first.item.thread.id)} ({first.item.key.channel}), {cut.label}",
        f"Times in {zone}; * = chosen, the others are context",
        "",
    ]
    lines = [line for message in messages(cut.items) for line in _told(message, zone)]
    return "\n".join(head + lines) + "\n"


def _told(message: Message, zone: str) -> Iterator[str]:
    item, last = message.first.item, message.last.item
    mark = "*" if message.first.why == "hit" else " "
    what = "" if item.event == "posted" else f" [{item.event}]"
    text = visible(last.text or ("" if message.filed.item.attachments else "(no text)"))
    yield f"{mark} {message.first.index} [{_time(message.first, zone)}] {who(message.first)}{what}: {_indented(text)}"
    for version in (message.first, *message.versions[:-1]) if message.versions else ():
        yield f"      before the edit: {_indented(visible(version.item.text or '(no text)'))}"
    if last.edited is not None and not message.versions and item.event != "edited":
        yield "      edited before it was exported; the earlier words are not here"
    if last.rating is not None:
        yield f"      rating {one_line(rated(last.rating))}"
    for reaction in message.reactions:
        names = ", ".join(one_line(actor.name or "-") for actor in reaction.actors)
        count = reaction.count if reaction.count is not None else len(reaction.actors)
        yield f"      reaction {one_line(reaction.value)} {count} {names}".rstrip()
    for attachment in message.filed.item.attachments:
        yield f"      file: {one_line(attachment.name or attachment.role)}{_state(attachment)}"
    if message.deletion is not None and message.deletion is not message.first:
        yield _happened(message.deletion, zone)
    for one in message.around:
        yield _happened(one, zone)


def _happened(one: Told, zone: str) -> str:
    """Give an event that is told at the message that it is about: what, when, by whom, in which words."""
    return (
        f"      {one.item.event} {_time(one, zone)} {who(one)} {_indented(visible(words_of(one)))}".rstrip()
    )


def who(told: Told) -> str:
    """Give an author: the name, and the id of the account beside it, for names can be alike."""
    author = told.item.author
    if author is None:
        return "-"
    account = author.account.id if author.account else None
    name = one_line(author.name or "-")
    return f"{name} ({one_line(account)})" if account and account != name else name


def _time(told: Told, zone: str) -> str:
    moment = local_time(told, zone)
    if moment is None:
        return one_line(told.item.time.written) if told.item.time else "no time"
    return moment.date().isoformat() + moment.strftime(" %H:%M:%S %z")


def _state(one: Attachment) -> str:
    state = file_state(one)
    if state == "missing":
        return f" (missing: {one_line(one.reason or 'unknown')})"
    return f" ({state})" if state == WITHHELD else ""


def _indented(text: str) -> str:
    return text.replace("\n", "\n      ")
