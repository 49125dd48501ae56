"""Posts, comments, reactions and media of both networks: entries with a time, whatever list they stand in."""

from collections.abc import Iterator

from archive.channels.export import Made, Run, Scene
from archive.channels.meta.threads import attached
from archive.reading.json_fields import Fields, NotUnderstood
from archive.reading.times import from_count, from_iso
from archive.reading.tree import Member
from schemas.item import Attachment, Edited, Raw, Reaction, Target, Thread, TimeStamp

_TOLD = ("tags", "place", "name", "group", "fbid", "cross_post_source", "event")


def wall(run: Run, name: str) -> tuple[Scene, Thread]:
    """The account's own wall, comments or media as a thread."""
    scene = run.scene(f"{run.via.id}/{name}", derived=True)
    scene.scope = scene.thread.id
    raw = Raw(member="", pointer="the kind of file", slice=name.encode())
    return scene, Thread(key=scene.thread, via=run.via, kind="wall", title=name, raw=raw)


def entry(run: Run, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made) -> None:
    """A post, comment or reaction of Facebook: ``timestamp``, ``data``, ``attachments``, ``title``."""
    time = _seconds(f, "timestamp", "creation_timestamp")
    if time is None:
        raise NotUnderstood("an entry without a time")
    data, title = f.objects("data"), f.text("title")
    comment = next((c for d in data if (c := d.object("comment"))), None)
    reaction = next((r for d in data if (r := d.object("reaction"))), None)
    edited = next((t for d in data if (t := _seconds(d, "update_timestamp"))), None)
    words = [part for d in data if (part := d.text("post"))]
    for one in data:
        one.known("backdated_timestamp")
    attachments: list[Attachment] = []
    extra: list[tuple[str, str]] = []
    for one in (d for group in f.objects("attachments") for d in group.objects("data")):
        _linked(run, member, one, made, words, attachments, extra)
    attachments += [_media(run, member, one, made, words) for one in f.objects("media")]
    if comment is not None:
        words = [comment.text("comment") or "", *words]
        extra += comment.tell("author", "group")
    author = scene.person((comment or reaction or Fields({})).text("author", "actor") or run.options.mine)
    value = reaction.text("reaction") if reaction else None
    item = scene.item(
        raw,
        scene.derived(time.written, title, *words, value),
        event="reacted" if reaction else "posted",
        form="comment" if comment else "post",
        author=author,
        time=time,
        title=title,
        text="\n".join(part for part in words if part) or None,
        attachments=tuple(attachments),
        reactions=(Reaction(value=value, actors=(author,) if author else ()),) if value else (),
        targets=(Target(relation="of", present="no"),) if reaction or comment else (),
        edited=Edited(time=edited) if edited else None,
        extra=(*extra, *made.told(f, *_TOLD)),
    )
    made.items.append(item)


def _linked(
    run: Run,
    member: Member,
    one: Fields,
    made: Made,
    words: list[str],
    attachments: list[Attachment],
    extra: list[tuple[str, str]],
) -> None:
    media, link = one.object("media"), one.object("external_context")
    if media is not None:
        attachments.append(_media(run, member, media, made, words))
    if link is not None:
        words.extend(part for part in (link.text("name"), link.text("url")) if part and part not in words)
    if text := one.text("text"):
        words.append(text)
    extra += [*one.tell("place", "poll", "event", "for_sale_item", "life_event", "name"), *one.rest()]
    made.unknown |= one.unknown()


def _media(run: Run, member: Member, media: Fields, made: Made, words: list[str]) -> Attachment:
    """A picture or film with the words that stand at it."""
    words.extend(
        t for t in (media.text("title"), media.text("description", "caption")) if t and t not in words
    )
    return attached(run, member, media, made, None)


def picture(run: Run, scene: Scene, member: Member, f: Fields, raw: Raw, made: Made) -> None:
    """A medium of an album, a story, or the flat list of 2020: one item, and one for each comment at it."""
    time = _seconds(f, "creation_timestamp") or _iso(f, "taken_at")
    uri = f.text("uri", "path")
    if time is None or uri is None:
        raise NotUnderstood("a medium without time or file")
    words: list[str] = []
    shown = _media(run, member, f, made, words)
    post = scene.item(
        raw,
        scene.derived(time.written, uri),
        form="post",
        author=scene.person(run.options.mine),
        time=time,
        text="\n".join(words) or None,
        attachments=(shown,),
    )
    made.items.append(post)
    for comment in f.objects("comments"):
        said, when = comment.text("comment"), _seconds(comment, "timestamp")
        who = comment.text("author")
        made.items.append(
            scene.item(
                raw,
                scene.derived(when.written if when else None, who, said, "comment"),
                form="comment",
                author=scene.person(who),
                time=when,
                text=said,
                targets=(Target(relation="reply", key=post.key, present="yes"),),
            )
        )
    f.known("media_metadata")
    extra = made.told(f, "cross_post_source", "location", "dubbing_info", "media_variants")
    made.items[0] = post.model_copy(update={"extra": extra})


def _seconds(f: Fields, *names: str) -> TimeStamp | None:
    return next((from_count(n, 1) for name in names if (n := f.number(name)) is not None), None)


def _iso(f: Fields, name: str) -> TimeStamp | None:
    written = f.text(name)
    return from_iso(written) if written else None


def words_of(fields: list[Fields]) -> Iterator[str]:
    """The values of labelled entries in their order; labels follow the language of the account."""
    for one in fields:
        if value := one.text("value"):
            yield value
