"""Parts of messages, and the outlines of the files that hold them."""

from collections.abc import Iterator

from archive.channels.export import Scene
from archive.reading.json_fields import Fields
from archive.reading.shape import Shape
from archive.reading.times import from_iso
from schemas.item import (
    Actor,
    Reaction,
    TimeStamp,
)

_PACKAGE = {"id", "timestamp", "contents"}


def time_of(f: Fields, name: str) -> TimeStamp | None:
    """The instant of a field; the exporter writes its own offset."""
    written = f.text(name)
    return from_iso(written) if written else None


def actor_of(scene: Scene, who: Fields | None) -> Actor | None:
    """Somebody, by the name that was shown and the account's own."""
    if who is None:
        return None
    name = who.text("nickname", "name")
    actor = scene.actor(
        who.id("id"), name, "deleted" if who.data.get("name") == "Deleted User" else "unknown"
    )
    return actor and actor.model_copy(update={"handle": who.text("name")})


def words_of(f: Fields) -> list[str]:
    """What a message, or one that it passes on, says: its words and those of its embeds."""
    said = [f.text("content")]
    for embed in f.objects("embeds"):
        about = (embed.text("title"), embed.text("description"), embed.text("url"))
        said += [part for part in about if part not in said]
        said += [field.text(name) for field in embed.objects("fields") for name in ("name", "value")]
        author, footer = embed.object("author"), embed.object("footer")
        said += [author.text("name") if author else None, footer.text("text") if footer else None]
    return [part for part in said if part]


def poll_words(poll: Fields) -> Iterator[str]:
    """The question and the answers of a poll."""
    question = poll.object("question")
    yield (question.text("text") if question else poll.text("question")) or ""
    for answer in poll.objects("answers"):
        yield "- " + (answer.text("text") or (answer.object("media") or Fields({})).text("text") or "")


def reactions_of(scene: Scene, f: Fields) -> tuple[Reaction, ...]:
    """Reactions with who gave them, where the exporter was asked to say so."""
    found = []
    for one in f.objects("reactions"):
        value = (one.object("emoji") or Fields({})).text("name", "code", "id")
        who = tuple(actor for user in one.objects("users") if (actor := actor_of(scene, user)))
        if value:
            found.append(Reaction(value=value, count=one.number("count"), actors=who))
    return tuple(found)


def is_channel_file(shape: Shape) -> bool:
    """A channel as DiscordChatExporter writes it."""
    return (
        shape.kind == "json"
        and shape.has("/channel/id", "/channel/type", "/messages")
        and shape.has("/guild")
    )


def is_package_json(shape: Shape) -> bool:
    """Messages of a data package since 2023."""
    names = {path.removeprefix("/*/").lower() for path in shape.paths if path.startswith("/*/")}
    return shape.kind == "json" and names >= _PACKAGE


def is_package_csv(shape: Shape) -> bool:
    """Messages of a data package before 2023."""
    return shape.kind == "text" and {name.lower() for name in shape.header} >= _PACKAGE
